//! An institution's programs, as those who keep them see them: never a secret, never a hash.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, KeepClients, Role, View};
use creditbank_domain::ids::{ClientId, ClientSecretId, InstitutionId};
use diesel::prelude::*;
use uuid::Uuid;

use super::register::ClientView;
use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::api_clients::{self, ClientRow};
use crate::tables::client_secrets::{self, KeyNameRow, SecretRow};

/// What a program of an institution may be that is kept over HTTP: what reaches no further than the
/// institution. Others are the command line's.
pub const KEPT_ROLES: [Role; 5] = [
    Role::Registrar,
    Role::Checker,
    Role::SchoolOfficer,
    Role::Reviewer,
    Role::InstitutionAdmin,
];

pub(crate) fn role_names() -> Vec<&'static str> {
    KEPT_ROLES.iter().map(|role| role.as_str()).collect()
}

/// A secret without itself.
#[derive(Debug, Clone)]
pub struct KeptSecret {
    /// Its name.
    pub id: ClientSecretId,
    /// Since when it counts.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
    /// When a token was last given for it.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// A public key without itself.
#[derive(Debug, Clone)]
pub struct KeptKey {
    /// Its name.
    pub kid: String,
    /// What it is for.
    pub algorithm: String,
    /// Since when it counts.
    pub created_at: DateTime<Utc>,
    /// When a token was last given for it.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// A program with what it proves itself by.
#[derive(Debug, Clone)]
pub struct KeptClient {
    /// Who.
    pub client: ClientView,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Its secrets that count, the oldest first.
    pub secrets: Vec<KeptSecret>,
    /// Its keys that count, the oldest first.
    pub keys: Vec<KeptKey>,
}

/// Whose programs somebody keeps: their institution's, or every member's.
pub(crate) fn kept_of(grant: &Grant<KeepClients>) -> Result<Option<InstitutionId>, LedgerError> {
    match grant.view() {
        View::Whole => Ok(None),
        View::OnlyOf(own) => Ok(Some(own)),
        View::OnlyOwn(_) => Err(LedgerError::NotFound),
    }
}

/// A page of programs in the order in which they were made, those switched off too.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn kept_clients(
    ledger: &Ledger,
    grant: &Grant<KeepClients>,
    page: (Option<Uuid>, u32),
    now: DateTime<Utc>,
) -> Result<Vec<KeptClient>, LedgerError> {
    let only = kept_of(grant)?;
    ledger.read(grant, |conn| {
        let rows = api_clients::list_kept(conn, (only, &role_names()), page)?;
        views(conn, rows, now)
    })
}

/// One of them.
///
/// # Errors
/// [`LedgerError::NotFound`], also for another institution's.
pub fn kept_client(
    ledger: &Ledger,
    grant: &Grant<KeepClients>,
    client: ClientId,
    now: DateTime<Utc>,
) -> Result<KeptClient, LedgerError> {
    let only = kept_of(grant)?;
    ledger.read(grant, |conn| client_kept(conn, only, client, now))
}

pub(crate) fn client_kept(
    conn: &mut PgConnection,
    only: Option<InstitutionId>,
    client: ClientId,
    now: DateTime<Utc>,
) -> Result<KeptClient, LedgerError> {
    let row = api_clients::find_kept(conn, (only, &role_names()), client)?;
    let found = row.ok_or(LedgerError::NotFound)?;
    let mut views = views(conn, vec![found], now)?;
    views.pop().ok_or(LedgerError::NotFound)
}

fn views(
    conn: &mut PgConnection,
    rows: Vec<ClientRow>,
    now: DateTime<Utc>,
) -> Result<Vec<KeptClient>, LedgerError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.client_id).collect();
    let secrets = client_secrets::list_standing(conn, &ids, now)?;
    let keys = client_secrets::list_keys(conn, &ids)?;
    let view = |row: ClientRow| {
        let id = row.client_id;
        let secrets = secrets.iter().filter(|it| it.client_id == id);
        let keys = keys.iter().filter(|it| it.client_id == id);
        Ok(KeptClient {
            created_at: row.created_at,
            client: row.try_into()?,
            secrets: secrets.map(secret_view).collect(),
            keys: keys.map(key_view).collect(),
        })
    };
    rows.into_iter().map(view).collect()
}

fn secret_view(row: &SecretRow) -> KeptSecret {
    KeptSecret {
        id: ClientSecretId::from_uuid(row.secret_id),
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    }
}

fn key_view(row: &KeyNameRow) -> KeptKey {
    KeptKey {
        kid: row.kid.clone(),
        algorithm: row.algorithm.clone(),
        created_at: row.created_at,
        last_used_at: row.last_used_at,
    }
}
