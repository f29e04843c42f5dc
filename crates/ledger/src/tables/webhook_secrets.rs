//! `webhook_secrets`: what deliveries are signed with, sealed.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use creditbank_domain::ids::WebhookEndpointId;
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Nullable, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;

const PREFIX: &str = "whsec_";

/// A secret as Standard Webhooks writes it: `whsec_` and 32 bytes in base64.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(String);

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

impl AsRef<str> for WebhookSecret {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl WebhookSecret {
    /// Makes a new one from the operating system's randomness.
    pub(crate) fn generate() -> Self {
        Self(format!(
            "{PREFIX}{}",
            STANDARD.encode(rand::random::<[u8; 32]>())
        ))
    }

    /// To be shown once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What signatures are made with.
    #[must_use]
    pub fn key(&self) -> Vec<u8> {
        let encoded = self.0.strip_prefix(PREFIX).unwrap_or_default();
        STANDARD.decode(encoded).unwrap_or_default()
    }
}

/// A secret without itself.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct SecretRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) endpoint_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) ends_at: Option<DateTime<Utc>>,
}

/// Adds a secret to an endpoint.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    endpoint: WebhookEndpointId,
    secret: &WebhookSecret,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let secret_id = new_id();
    let sealed = tx
        .keys()
        .seal_to(&owner(secret_id), secret.reveal().as_bytes())?;
    diesel::sql_query(
        "insert into webhook_secrets (secret_id, endpoint_id, sealed, created_at) \
         values ($1, $2, $3, $4)",
    )
    .bind::<SqlUuid, _>(secret_id)
    .bind::<SqlUuid, _>(endpoint.as_uuid())
    .bind::<Binary, _>(sealed)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// Ends an endpoint's secrets at a moment, unless they end before.
pub(crate) fn end_all(
    tx: &mut Tx<'_>,
    endpoint: WebhookEndpointId,
    ends_at: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update webhook_secrets set ends_at = $2 \
         where endpoint_id = $1 and (ends_at is null or ends_at > $2)",
    )
    .bind::<SqlUuid, _>(endpoint.as_uuid())
    .bind::<Timestamptz, _>(ends_at)
    .execute(tx.conn())?;
    Ok(())
}

/// The secrets of some endpoints that sign now, newest first.
pub(crate) fn list_live(
    conn: &mut PgConnection,
    endpoints: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<SecretRow>, LedgerError> {
    Ok(diesel::sql_query(
        "select endpoint_id, created_at, ends_at from webhook_secrets \
         where endpoint_id = any($1) and (ends_at is null or ends_at > $2) \
         order by endpoint_id, secret_id desc",
    )
    .bind::<Array<SqlUuid>, _>(endpoints)
    .bind::<Timestamptz, _>(now)
    .load(conn)?)
}

/// The secrets of an endpoint that sign now, newest first, opened.
pub(crate) fn open_live(
    tx: &mut Tx<'_>,
    endpoint: WebhookEndpointId,
    now: DateTime<Utc>,
) -> Result<Vec<WebhookSecret>, LedgerError> {
    #[derive(QueryableByName)]
    struct SealedRow {
        #[diesel(sql_type = SqlUuid)]
        secret_id: Uuid,
        #[diesel(sql_type = Binary)]
        sealed: Vec<u8>,
    }
    let rows: Vec<SealedRow> = diesel::sql_query(
        "select secret_id, sealed from webhook_secrets \
         where endpoint_id = $1 and (ends_at is null or ends_at > $2) order by secret_id desc",
    )
    .bind::<SqlUuid, _>(endpoint.as_uuid())
    .bind::<Timestamptz, _>(now)
    .load(tx.conn())?;
    let keys = tx.keys();
    rows.into_iter()
        .map(|row| {
            let opened = keys.open_of(&owner(row.secret_id), &row.sealed)?;
            let text = String::from_utf8(opened);
            text.map(WebhookSecret)
                .map_err(|_| LedgerError::Corrupt("webhook_secrets.sealed"))
        })
        .collect()
}

/// What a secret is sealed to: its row, and never what another kind of thing is sealed to.
fn owner(secret_id: Uuid) -> Vec<u8> {
    [b"webhook secret".as_slice(), secret_id.as_bytes()].concat()
}
