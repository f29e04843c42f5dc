//! A bank with the small world of the kit, its clients, and the program that serves it.

use std::path::Path;
use std::process::Command;

use chrono::Utc;
use creditbank_api::NewClientSecret;
use creditbank_domain::authz::Role;
use creditbank_domain::ids::ClientId;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::flows::{NewClient, NewSecret, add_client_secret, register_client};
use creditbank_ledger::{IdentityKey, Ledger, LedgerSettings, reads};
use kit::tokens::{AUDIENCE, ISSUER, claims, signed};
use kit::{Database, IDENTITY_KEY, keeper, register_world};
use tempfile::TempDir;

/// See the module.
pub(crate) struct Bank {
    database: Database,
    home: TempDir,
    ledger: Ledger,
}

impl Bank {
    pub(crate) fn start() -> Self {
        let database = Database::create();
        let ledger = Ledger::connect(&LedgerSettings {
            database_url: database.url(),
            pool_size: 2,
            identity_key: IdentityKey::from_hex(IDENTITY_KEY).unwrap(),
        })
        .unwrap();
        register_world(&ledger, Utc::now());
        let home = tempfile::tempdir().unwrap();
        Self {
            database,
            home,
            ledger,
        }
    }

    /// The ledger that the program serves.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// A folder that goes with the bank.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// What a query gives, trimmed.
    pub(crate) fn sql(&self, query: &str) -> String {
        self.database.sql(query).unwrap().trim().to_owned()
    }

    /// The program with everything that it needs to know.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_creditbank"));
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
        command
            .env("DATABASE_URL", self.database.url())
            .env("CREDITBANK_IDENTITY_KEY", IDENTITY_KEY)
            .env(
                "CREDITBANK_TOKEN_PUBLIC_KEY_FILE",
                fixtures.join("token_public.pem"),
            )
            .env("CREDITBANK_TOKEN_ISSUER", ISSUER)
            .env("CREDITBANK_TOKEN_AUDIENCE", AUDIENCE)
            .env("CREDITBANK_STORAGE_DIR", self.home().join("storage"))
            .env("CREDITBANK_LOG", "error,r2d2=off");
        command
    }

    /// The books add up.
    pub(crate) fn audit(&self) {
        let audit = self.command().arg("audit").output().unwrap();
        let said = String::from_utf8_lossy(&audit.stdout);
        assert!(audit.status.success(), "{said}");
    }

    fn client(
        &self,
        institution: Option<&str>,
        learner_no: Option<LearnerNo>,
        roles: &[Role],
    ) -> (ClientId, String) {
        let name = format!("{roles:?} {institution:?} {learner_no:?}");
        let new = NewClient {
            name: name.clone(),
            institution: institution.map(|it| InstitutionCode::new(it).unwrap()),
            learner_no,
            roles: roles.to_vec(),
        };
        let id = register_client(self.ledger(), &keeper(), &new, Utc::now()).unwrap();
        (id, name)
    }

    /// A client's id and secret, with a colon between.
    pub(crate) fn secret(&self, institution: &str, role: Role) -> String {
        let (id, name) = self.client(Some(institution), None, &[role]);
        let made = NewClientSecret::generate().unwrap();
        let secret = NewSecret {
            id: made.id,
            hash: &made.hash,
            expires_at: None,
        };
        add_client_secret(self.ledger(), &keeper(), &name, &secret, Utc::now()).unwrap();
        format!("{id}:{}", made.secret)
    }

    /// The access token of a client.
    pub(crate) fn token(&self, institution: Option<&str>, roles: &[Role]) -> String {
        let (client, _) = self.client(institution, None, roles);
        let id = institution.map(|it| {
            let code = InstitutionCode::new(it).unwrap();
            let found = reads::institution_by_code(self.ledger(), &code).unwrap();
            found.unwrap().id
        });
        signed(&claims(client, id, None, roles, Utc::now()))
    }

    /// That of somebody who acts for an account.
    pub(crate) fn token_of(&self, account: LearnerNo, role: Role) -> String {
        let roles = [role];
        let (client, _) = self.client(None, Some(account), &roles);
        signed(&claims(client, None, Some(account), &roles, Utc::now()))
    }
}
