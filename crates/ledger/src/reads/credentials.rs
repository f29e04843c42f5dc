//! What the token endpoint and the key set need. Without a grant: whoever asks for a token is
//! nobody yet.

use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::ids::ClientId;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::sight::Sight;
use crate::store::Ledger;
use crate::tables::{api_clients, client_secrets, signing_keys};

/// How long a retired key still confirms what it signed: longer than any token lives.
const RETIRED_KEPT: TimeDelta = TimeDelta::days(1);

/// A secret as the register shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretView {
    /// Its name.
    pub id: Uuid,
    /// Since when it counts.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
}

/// The hash of a client's secret, while client and secret count.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn client_secret_hash(
    ledger: &Ledger,
    client: ClientId,
    secret: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<String>, LedgerError> {
    ledger.read(Sight::GATE, |conn| {
        client_secrets::find_hash(conn, client, secret, now)
    })
}

/// A client's public key and the algorithm that it is for, while client and key count.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn client_key(
    ledger: &Ledger,
    client: ClientId,
    kid: &str,
) -> Result<Option<(String, serde_json::Value)>, LedgerError> {
    let found = ledger.read(Sight::GATE, |conn| {
        client_secrets::find_key(conn, client, kid)
    })?;
    Ok(found.map(|row| (row.algorithm, row.jwk)))
}

/// A client's secrets that count.
///
/// # Errors
/// [`LedgerError::NotFound`] for an unknown client.
pub fn client_secrets_of(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    name: &str,
    now: DateTime<Utc>,
) -> Result<Vec<SecretView>, LedgerError> {
    ledger.read(grant, |conn| {
        let client = api_clients::find_by_name(conn, name)?.ok_or(LedgerError::NotFound)?;
        let rows = client_secrets::list_standing(conn, &[client.client_id], now)?;
        let view = |row: client_secrets::SecretRow| SecretView {
            id: row.secret_id,
            created_at: row.created_at,
            expires_at: row.expires_at,
        };
        Ok(rows.into_iter().map(view).collect())
    })
}

/// What a key of the bank does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningKeyState {
    /// Announced; signs nothing yet.
    Next,
    /// Signs.
    Current,
    /// Confirms what it signed.
    Retired,
}

/// A key of the bank.
#[derive(Clone)]
pub struct SigningKeyView {
    /// Its name in the header of tokens.
    pub kid: String,
    /// What it does.
    pub state: SigningKeyState,
    /// Its public key.
    pub public_key: [u8; 32],
    /// The private one, where it signs.
    pub seed: Option<[u8; 32]>,
    /// When it was announced.
    pub created_at: DateTime<Utc>,
}

impl std::fmt::Debug for SigningKeyView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKeyView({} {:?})", self.kid, self.state)
    }
}

/// The bank's keys that sign, will sign, or still confirm.
///
/// # Errors
/// [`LedgerError::Corrupt`] where one does not open.
pub fn signing_keys(
    ledger: &Ledger,
    now: DateTime<Utc>,
) -> Result<Vec<SigningKeyView>, LedgerError> {
    let rows = ledger.read(Sight::GATE, |conn| {
        signing_keys::list(conn, now - RETIRED_KEPT)
    })?;
    rows.into_iter().map(|row| view(ledger, row)).collect()
}

fn view(ledger: &Ledger, row: signing_keys::SigningKeyRow) -> Result<SigningKeyView, LedgerError> {
    let bytes = |bytes: Vec<u8>, place| {
        <[u8; 32]>::try_from(bytes).map_err(|_| LedgerError::Corrupt(place))
    };
    let (state, seed) = match row.state.as_str() {
        "next" => (SigningKeyState::Next, None),
        "current" => {
            let opened = ledger.keys().open_of(row.kid.as_bytes(), &row.sealed)?;
            (
                SigningKeyState::Current,
                Some(bytes(opened, "signing_keys.sealed")?),
            )
        }
        "retired" => (SigningKeyState::Retired, None),
        _ => return Err(LedgerError::Corrupt("signing_keys.state")),
    };
    Ok(SigningKeyView {
        kid: row.kid,
        state,
        public_key: bytes(row.public_key, "signing_keys.public_key")?,
        seed,
        created_at: row.created_at,
    })
}
