//! Secrets and public keys by which clients get tokens, and the bank's own keys that sign them.

use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::ClientId;
use serde_json::json;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::sight::Sight;
use crate::store::{Ledger, Tx};
use crate::tables::client_secrets::Named;
use crate::tables::signing_keys::SigningKeyRow;
use crate::tables::{api_clients, audit_events, client_secrets, signing_keys};

/// Secrets of one client that count at the same moment: enough to let one follow another.
const SECRETS_MAX: usize = 5;

/// A key that others cannot have seen yet must not sign: caches of the key set last five minutes.
const SEEN_AFTER: TimeDelta = TimeDelta::minutes(10);

/// A secret whose hash is to be kept; the secret itself never comes here.
#[derive(Debug)]
pub struct NewSecret<'a> {
    /// Its name, a part of the secret.
    pub id: Uuid,
    /// Argon2id with salt and cost.
    pub hash: &'a str,
    /// Until when it counts.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Keeps one more secret of a client. Earlier ones go on: the new one is rolled out, then the old
/// one is revoked or ends.
///
/// # Errors
/// [`LedgerError::NotFound`] for an unknown client, [`LedgerError::Refused`] where it has too many
/// or this one has ended already.
pub fn add_client_secret(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    name: &str,
    secret: &NewSecret<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    if secret.expires_at.is_some_and(|end| end <= now) {
        return Err(LedgerError::Refused(Fault::new(
            "SECRET_ENDED",
            "密钥的失效时间须晚于现在",
            "a secret ends later than now",
        )));
    }
    ledger.write(grant, |tx| {
        let client = client_id(tx, name)?;
        keep_secret(tx, client, secret, now)?;
        let figures = json!({ "secret_added": secret.id });
        audit_events::insert(tx, grant, ("client", Some(client)), &figures, now)
    })
}

pub(super) fn keep_secret(
    tx: &mut Tx<'_>,
    client: Uuid,
    secret: &NewSecret<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let standing = client_secrets::list_standing(tx.conn(), &[client], now)?;
    if standing.len() >= SECRETS_MAX {
        return Err(LedgerError::Refused(Fault::new(
            "SECRETS_TOO_MANY",
            format!("该客户端已有 {SECRETS_MAX} 个有效密钥,请先吊销旧的"),
            format!("the client has {SECRETS_MAX} secrets that count; revoke an old one first"),
        )));
    }
    let new = (secret.id, secret.hash);
    client_secrets::insert(tx, client, new, secret.expires_at, now)
}

/// Takes a secret away at once.
///
/// # Errors
/// [`LedgerError::NotFound`] where the client has none such.
pub fn revoke_client_secret(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    name: &str,
    secret: Uuid,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    ledger.write(grant, |tx| {
        let client = client_id(tx, name)?;
        if !client_secrets::revoke(tx, client, secret, now)? {
            return Err(LedgerError::NotFound);
        }
        let figures = json!({ "secret_revoked": secret });
        audit_events::insert(tx, grant, ("client", Some(client)), &figures, now)
    })
}

/// A client's public key for `private_key_jwt`.
#[derive(Debug)]
pub struct NewClientKey<'a> {
    /// The client's name for it.
    pub kid: &'a str,
    /// The one algorithm that it is for.
    pub algorithm: &'a str,
    /// The key as RFC 7517 writes it, checked by whoever read it.
    pub jwk: &'a serde_json::Value,
}

/// Keeps a client's public key.
///
/// # Errors
/// [`LedgerError::NotFound`] for an unknown client, [`LedgerError::Conflict`] where it had a key of
/// that name.
pub fn add_client_key(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    name: &str,
    key: &NewClientKey<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    ledger.write(grant, |tx| {
        let client = client_id(tx, name)?;
        keep_key(tx, client, key, now)?;
        let figures = json!({ "key_added": key.kid });
        audit_events::insert(tx, grant, ("client", Some(client)), &figures, now)
    })
}

pub(super) fn keep_key(
    tx: &mut Tx<'_>,
    client: Uuid,
    key: &NewClientKey<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    if client_secrets::insert_key(tx, client, (key.kid, key.algorithm), key.jwk, now)? {
        return Ok(());
    }
    Err(LedgerError::Conflict(Fault::new(
        "KEY_NAME_TAKEN",
        "该客户端已有同名公钥,请换一个 kid",
        "the client had a key of that name; choose another kid",
    )))
}

/// Takes a public key away at once.
///
/// # Errors
/// [`LedgerError::NotFound`] where the client has none such.
pub fn revoke_client_key(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    name: &str,
    kid: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    ledger.write(grant, |tx| {
        let client = client_id(tx, name)?;
        if !client_secrets::revoke_key(tx, client, kid, now)? {
            return Err(LedgerError::NotFound);
        }
        let figures = json!({ "key_revoked": kid });
        audit_events::insert(tx, grant, ("client", Some(client)), &figures, now)
    })
}

fn client_id(tx: &mut Tx<'_>, name: &str) -> Result<Uuid, LedgerError> {
    let found = api_clients::find_by_name(tx.conn(), name)?;
    found.map(|row| row.client_id).ok_or(LedgerError::NotFound)
}

/// Notes that a client got a token for a secret. No grant: as there.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn note_secret_use(
    ledger: &Ledger,
    client: ClientId,
    secret: Uuid,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    ledger.write(Sight::GATE, |tx| {
        client_secrets::note_use(tx, client.as_uuid(), Named::Secret(secret), now)
    })
}

/// Takes a client's assertion; false where it was taken before, here or at another server. No
/// grant: whoever asks for a token has none yet.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn take_assertion(
    ledger: &Ledger,
    client: ClientId,
    (kid, jti): (&str, &str),
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    ledger.write(Sight::GATE, |tx| {
        let digest = tx.keys().assertion_digest(client, jti);
        // A minute more than clocks may differ.
        client_secrets::forget_assertions(tx, now - TimeDelta::seconds(90))?;
        let taken = client_secrets::take_assertion(tx, &digest, expires_at)?;
        if taken {
            client_secrets::note_use(tx, client.as_uuid(), Named::Key(kid), now)?;
        }
        Ok(taken)
    })
}

/// A key pair that the bank may come to sign with.
#[derive(Clone)]
pub struct NewSigningKey {
    /// Its name in the header of tokens.
    pub kid: String,
    /// The 32 bytes of an Ed25519 private key.
    pub seed: [u8; 32],
    /// Its public key.
    pub public_key: [u8; 32],
}

impl std::fmt::Debug for NewSigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewSigningKey({}, …)", self.kid)
    }
}

/// When to rotate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// Only where everybody can have seen the next key.
    WhenSeen,
    /// At once; what the present key signed goes on.
    AtOnce,
    /// At once, and nothing that the present key signed counts any more: it was lost.
    Lost,
}

/// Makes sure that the bank has a key that signs and one that is announced: `fresh` makes pairs.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn ensure_signing_keys(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    fresh: &[NewSigningKey; 2],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    ledger.write(grant, |tx| {
        signing_keys::take_turn(tx)?;
        let there = signing_keys::list(tx.conn(), now)?;
        if there.iter().any(|key| key.state == "current") {
            return Ok(());
        }
        let [current, next] = fresh;
        if !there.iter().any(|key| key.state == "next") {
            announce(tx, current, now)?;
        }
        signing_keys::advance(tx, "retired", now)?;
        announce(tx, next, now)?;
        let figures = json!({ "signing": current.kid, "announced": next.kid });
        audit_events::insert(tx, grant, ("signing_key", None), &figures, now)
    })
}

fn announce(tx: &mut Tx<'_>, key: &NewSigningKey, now: DateTime<Utc>) -> Result<(), LedgerError> {
    let sealed = tx.keys().seal_to(key.kid.as_bytes(), &key.seed)?;
    signing_keys::insert_next(tx, &key.kid, &key.public_key, &sealed, now)
}

/// The next key begins to sign, the current one only confirms what it signed, and `fresh` is
/// announced.
///
/// # Errors
/// [`LedgerError::Refused`] where the next key was announced too short a time ago, or there is none.
pub fn rotate_signing_keys(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    fresh: &NewSigningKey,
    rotation: Rotation,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    ledger.write(grant, |tx| {
        signing_keys::take_turn(tx)?;
        let there = signing_keys::list(tx.conn(), now)?;
        let next: Option<&SigningKeyRow> = there.iter().find(|key| key.state == "next");
        let next = next.ok_or_else(no_keys)?;
        if rotation == Rotation::WhenSeen && next.created_at + SEEN_AFTER > now {
            return Err(too_early());
        }
        let left = match rotation {
            Rotation::WhenSeen | Rotation::AtOnce => "retired",
            Rotation::Lost => "revoked",
        };
        signing_keys::advance(tx, left, now)?;
        announce(tx, fresh, now)?;
        let figures = json!({ "signing": next.kid, "announced": fresh.kid });
        audit_events::insert(tx, grant, ("signing_key", None), &figures, now)
    })
}

fn no_keys() -> LedgerError {
    LedgerError::Refused(Fault::new(
        "SIGNING_KEYS_MISSING",
        "尚无签名密钥;服务首次启动时会生成",
        "there are no signing keys yet; a server makes them when it first starts",
    ))
}

fn too_early() -> LedgerError {
    let minutes = SEEN_AFTER.num_minutes();
    LedgerError::Refused(Fault::new(
        "KEY_NOT_SEEN_YET",
        format!("下一密钥公布不足 {minutes} 分钟,他处可能尚未取得;如密钥已泄露,请用 --lost"),
        format!(
            "the next key was announced less than {minutes} minutes ago, so others may not have \
             fetched it; where the present key was lost, say --lost"
        ),
    ))
}
