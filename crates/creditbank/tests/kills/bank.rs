//! A bank on a private Postgres that writes everything through to disk, and its books.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use chrono::Utc;
use creditbank_domain::authz::{Actor, Grant, KeepRegister, Role, Subject, authorize};
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::flows::{NewClient, register_client};
use creditbank_ledger::{IdentityKey, Ledger, LedgerSettings, migrate, reads};
use creditbank_localpg::LocalPg;
use kit::tokens::{AUDIENCE, ISSUER, claims, signed};
use kit::{RECEIVING, SCHOOL, UNIVERSITY, register_world};
use tempfile::TempDir;

use crate::clients::Done;

const NAME: &str = "bank";
pub(crate) const IDENTITY_KEY: &str =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// See the module.
pub(crate) struct Bank {
    postgres: LocalPg,
    home: TempDir,
    tokens: BTreeMap<&'static str, String>,
}

impl Bank {
    pub(crate) fn start() -> Self {
        let home = tempfile::Builder::new()
            .prefix("creditbank-kills")
            .tempdir_in("/tmp")
            .unwrap();
        // The account that runs Postgres for root has to get in.
        fs::set_permissions(home.path(), Permissions::from_mode(0o755)).unwrap();
        let postgres = LocalPg::builder()
            .data_dir(home.path().join("postgres"))
            .setting("shared_buffers", "64MB")
            .start()
            .unwrap();
        postgres.create_database_if_missing(NAME).unwrap();
        assert_eq!(postgres.psql(NAME, "show fsync").unwrap(), "on\n");
        let url = postgres.url(NAME);
        migrate(&url).unwrap();
        let ledger = Ledger::connect(&LedgerSettings {
            database_url: url,
            pool_size: 2,
            identity_key: IdentityKey::from_hex(IDENTITY_KEY).unwrap(),
        })
        .unwrap();
        register_world(&ledger, Utc::now());
        let clients = [
            ("university", UNIVERSITY, Role::Registrar),
            ("school", SCHOOL, Role::Registrar),
            ("officer", SCHOOL, Role::SchoolOfficer),
            ("reviewer", RECEIVING, Role::Reviewer),
            ("receiving", RECEIVING, Role::Registrar),
        ];
        let tokens = clients
            .map(|(name, institution, role)| (name, token(&ledger, name, institution, role)));
        Self {
            postgres,
            home,
            tokens: BTreeMap::from(tokens),
        }
    }

    /// A folder that goes with the bank.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn postgres(&self) -> &LocalPg {
        &self.postgres
    }

    /// The access token of one of the bank's clients.
    pub(crate) fn token(&self, client: &str) -> String {
        self.tokens[client].clone()
    }

    /// The program with everything that it needs to know.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_creditbank"));
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
        command
            .env("DATABASE_URL", self.postgres.url(NAME))
            .env("CREDITBANK_IDENTITY_KEY", IDENTITY_KEY)
            .env(
                "CREDITBANK_TOKEN_PUBLIC_KEY_FILE",
                fixtures.join("token_public.pem"),
            )
            .env("CREDITBANK_TOKEN_ISSUER", ISSUER)
            .env("CREDITBANK_TOKEN_AUDIENCE", AUDIENCE)
            .env("CREDITBANK_STORAGE_DIR", self.home.path().join("storage"))
            .env("CREDITBANK_WEBHOOKS_ALLOW_PRIVATE", "true")
            .env("CREDITBANK_RATE_READS", "off")
            .env("CREDITBANK_RATE_WRITES", "off")
            .env("CREDITBANK_LOG", "error,r2d2=off");
        command
    }

    /// Holds the books against what the clients were told in a round.
    pub(crate) fn check(&self, done: &Done, round: u32) {
        let posted = self.pairs(&format!(
            "select source_ref || ' ' || outcome_id from outcomes \
             where source_ref like 'r{round}-%' order by source_ref"
        ));
        assert_eq!(posted, done.posted, "round {round}: outcomes");
        let granted = self.pairs(&format!(
            "select r.request_id || ' ' || count(o.outcome_id) from conversion_requests r \
             join outcomes s on s.learner_id = r.learner_id and s.source_ref like 'r{round}-%' \
             left join outcomes o on o.learner_id = r.learner_id and o.request_id = r.request_id \
             where r.state = 'granted' group by r.request_id order by 1"
        ));
        let expected = done.decided.iter().map(|id| (id.clone(), "1".to_owned()));
        assert_eq!(
            granted,
            expected.collect::<Vec<_>>(),
            "round {round}: requests"
        );
        let open = self.pairs(
            "select request_id || ' ' || state from conversion_requests where state <> 'granted'",
        );
        assert_eq!(open, [], "round {round}: every request was decided");
        self.audit(&format!("round {round}"));
    }

    /// Holds that the audit finds nothing.
    pub(crate) fn audit(&self, when: &str) {
        let audit = self.command().arg("audit").output().unwrap();
        let found = String::from_utf8_lossy(&audit.stdout);
        assert!(audit.status.success(), "{when}: {found}");
    }

    /// Registers a client that has a secret, and gives its id and the secret.
    pub(crate) fn client_with_secret(&self) -> (String, String) {
        let mut said = String::new();
        for arguments in [
            [
                "client",
                "add",
                "--name",
                "guessed-at",
                "--institution",
                UNIVERSITY,
                "--role",
                "registrar",
            ]
            .as_slice(),
            ["client", "secret", "add", "--name", "guessed-at"].as_slice(),
        ] {
            let done = self.command().args(arguments).output().unwrap();
            let printed = String::from_utf8_lossy(&done.stdout).into_owned();
            let errors = String::from_utf8_lossy(&done.stderr);
            assert!(done.status.success(), "{printed}{errors}");
            said = printed;
        }
        let word = |is: fn(&str) -> bool| {
            let mut words = said.split_whitespace();
            words
                .find(|word| is(word))
                .unwrap_or_else(|| panic!("{said}"))
                .to_owned()
        };
        let secret = word(|word| word.starts_with("cbs_"));
        let id = self.text("select client_id from api_clients where name = 'guessed-at'");
        (id, secret)
    }

    /// What a query of one value gives.
    pub(crate) fn text(&self, query: &str) -> String {
        let printed = self.postgres.psql(NAME, query).unwrap();
        printed.trim().to_owned()
    }

    /// How many rows a table has.
    pub(crate) fn count(&self, table: &str) -> usize {
        self.text(&format!("select count(*) from {table}"))
            .parse()
            .unwrap()
    }

    /// The lines of two words that a query gives.
    pub(crate) fn pairs(&self, query: &str) -> Vec<(String, String)> {
        let printed = self.postgres.psql(NAME, query).unwrap();
        let lines = printed.lines();
        let pair = |line: &str| {
            let (one, two) = line.split_once(' ').unwrap();
            (one.to_owned(), two.to_owned())
        };
        let mut pairs: Vec<_> = lines.map(pair).collect();
        pairs.sort();
        pairs
    }
}

/// Registers a client and signs in for it.
fn token(ledger: &Ledger, name: &str, institution: &str, role: Role) -> String {
    let keeper: Grant<KeepRegister> = authorize(&Actor::operator(), Subject::Bank).unwrap();
    let code = InstitutionCode::new(institution).unwrap();
    let id = reads::institution_by_code(ledger, &code)
        .unwrap()
        .unwrap()
        .id;
    let new = NewClient {
        name: name.to_owned(),
        institution: Some(code),
        learner_no: None,
        roles: vec![role],
    };
    let client = register_client(ledger, &keeper, &new, Utc::now()).unwrap();
    signed(&claims(client, Some(id), None, &[role], Utc::now()))
}
