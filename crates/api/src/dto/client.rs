//! Programs of institutions, as those who keep them send and see them.

use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::authz::{Role, Scope, Scopes};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::PersonId;
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::flows::ClientOrder;
use creditbank_ledger::reads::{KEPT_ROLES, KeptClient, KeptKey, KeptSecret};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::auth::{ReadJwk, read_jwk};
use crate::extract::cut;
use crate::problem::{Place, Placed, PlacedFault};

/// For how long the old secrets count beside the new one, where nothing is said.
const OVERLAP_HOURS: u16 = 24;

/// A program that is to act for an institution.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::client()))]
pub(crate) struct ClientBody {
    /// What it is called; no other client of the bank has the name.
    #[schema(min_length = 1, max_length = 120)]
    pub(crate) name: String,
    /// The code of the institution for which it acts.
    #[schema(example = "90002")]
    pub(crate) institution: String,
    /// As what.
    #[validate(length(min = 1, max = 5))]
    #[schema(
        min_items = 1, max_items = 5,
        extensions(("x-words" = json!(KEPT_ROLES.map(Role::as_str)))),
    )]
    pub(crate) roles: Vec<String>,
    /// To what of that all its tokens are narrowed; to nothing in particular where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 40))]
    #[schema(min_items = 1, max_items = 40, extensions(("x-words" = json!(Scope::WORDS))))]
    pub(crate) scopes: Option<Vec<String>>,
}

impl ClientBody {
    pub(crate) fn read(&self) -> Result<ClientOrder, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let institution = placed.take("institution", InstitutionCode::new(&self.institution));
        let roles: Result<Vec<Role>, _> = self.roles.iter().map(|role| role.parse()).collect();
        let roles = placed.take("roles", roles);
        let words = self.scopes.as_ref().map(|words| words.iter());
        let scopes = words.map(|words| words.map(|word| word.parse()).collect());
        let scopes: Option<Result<Vec<Scope>, _>> = scopes;
        let scopes = placed.take("scopes", scopes.transpose());
        match (institution, roles, scopes) {
            (Some(institution), Some(roles), Some(scopes)) => Ok(ClientOrder {
                name: self.name.clone(),
                institution,
                roles,
                scopes: scopes.map_or(Scopes::All, Scopes::Only),
            }),
            _ => Err(placed.into_faults()),
        }
    }
}

/// Asks for a new secret.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"overlap_hours": 24}))]
pub(crate) struct ClientRotationBody {
    /// For how many hours the old secrets count beside the new one: 24 where absent, 0 where one
    /// became known to others.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(range(max = 720))]
    #[schema(maximum = 720, default = 24)]
    pub(crate) overlap_hours: Option<u16>,
}

impl ClientRotationBody {
    pub(crate) fn overlap(&self) -> TimeDelta {
        TimeDelta::hours(self.overlap_hours.unwrap_or(OVERLAP_HOURS).into())
    }
}

/// Gives a public key.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::client_key()))]
pub(crate) struct ClientKeyBody {
    /// The public key as RFC 7517 writes it, with a `kid`: Ed25519, P-256, or RSA of 2,048 bits and
    /// more. Never the private one.
    #[schema(value_type = Object)]
    pub(crate) jwk: Value,
}

impl ClientKeyBody {
    pub(crate) fn read(&self) -> Result<ReadJwk, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let read = read_jwk(&self.jwk.to_string()).map_err(|why| {
            Fault::new(
                "CLIENT_KEY_MALFORMED",
                format!(
                    "公钥无法使用({why});请提供带 kid 的 Ed25519、P-256 或 2048 位以上 RSA 公钥"
                ),
                format!("the key cannot be used: {why}"),
            )
        });
        let read = placed.take("jwk", read);
        read.ok_or_else(|| placed.into_faults())
    }
}

/// A program with what it proves itself by, never a secret itself.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::client_view()))]
pub(crate) struct ClientView {
    /// The `client_id` of its token requests.
    pub(crate) client_id: Uuid,
    /// What it is called.
    pub(crate) name: String,
    /// The code of the institution for which it acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) institution: Option<String>,
    /// As what.
    #[schema(extensions(("x-words" = json!(Role::WORDS))))]
    pub(crate) roles: Vec<String>,
    /// To what of that it is narrowed; to nothing in particular where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(extensions(("x-words" = json!(Scope::WORDS))))]
    pub(crate) scopes: Option<Vec<String>>,
    /// Whether it gets tokens.
    pub(crate) active: bool,
    /// When it was made.
    pub(crate) created_at: DateTime<Utc>,
    /// The person who last got a secret or gave a key of it: where four eyes are wanted, the two are
    /// one. Absent where that was the command line or a program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kept_by: Option<Uuid>,
    /// Its secrets that count, the oldest first.
    pub(crate) secrets: Vec<ClientSecretView>,
    /// Its public keys that count, the oldest first.
    pub(crate) keys: Vec<ClientKeyView>,
    /// The new secret. Only in the first answer to the request that made it: keep it. A replay does
    /// not have it; who lost it asks for another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<String>,
}

/// A secret without itself.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ClientSecretView {
    /// Its name.
    pub(crate) secret_id: Uuid,
    /// When it was made.
    pub(crate) created_at: DateTime<Utc>,
    /// From when it counts no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ends_at: Option<DateTime<Utc>>,
    /// When a token was last given for it, to the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_used_at: Option<DateTime<Utc>>,
}

impl From<&KeptSecret> for ClientSecretView {
    fn from(row: &KeptSecret) -> Self {
        Self {
            secret_id: row.id.as_uuid(),
            created_at: row.created_at,
            ends_at: row.expires_at,
            last_used_at: row.last_used_at,
        }
    }
}

/// A public key by its name.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ClientKeyView {
    /// Its name.
    pub(crate) kid: String,
    /// The one algorithm that it is for.
    #[schema(example = "EdDSA")]
    pub(crate) algorithm: String,
    /// When it was given.
    pub(crate) created_at: DateTime<Utc>,
    /// When a token was last given for it, to the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_used_at: Option<DateTime<Utc>>,
}

impl From<&KeptKey> for ClientKeyView {
    fn from(row: &KeptKey) -> Self {
        Self {
            kid: row.kid.clone(),
            algorithm: row.algorithm.clone(),
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        }
    }
}

impl From<&KeptClient> for ClientView {
    fn from(row: &KeptClient) -> Self {
        let client = &row.client;
        let scopes = match &client.scopes {
            Scopes::All => None,
            Scopes::Only(scopes) => Some(scopes.iter().map(ToString::to_string).collect()),
        };
        Self {
            client_id: client.client_id.as_uuid(),
            name: client.name.clone(),
            institution: client.institution_code.clone(),
            roles: client.roles.iter().map(ToString::to_string).collect(),
            scopes,
            active: client.active,
            created_at: row.created_at,
            kept_by: client.keeper.map(PersonId::as_uuid),
            secrets: row.secrets.iter().map(ClientSecretView::from).collect(),
            keys: row.keys.iter().map(ClientKeyView::from).collect(),
            secret: None,
        }
    }
}

/// A page of programs.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::clients_view()))]
pub(crate) struct ClientsView {
    /// In the order in which they were made, those switched off too.
    pub(crate) clients: Vec<ClientView>,
    /// Where the next page begins, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

impl ClientsView {
    /// A page of at most `limit`, from rows of which one more was fetched.
    pub(crate) fn page(rows: &[KeptClient], limit: u32) -> Self {
        let (page, next_cursor) = cut(rows, limit, |row| row.client.client_id.as_uuid());
        Self {
            clients: page.iter().map(ClientView::from).collect(),
            next_cursor,
        }
    }
}
