//! Personal data outside the ledger tables: a keyed digest to find it, a sealed text to show it.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use chrono::NaiveDate;
use creditbank_domain::identifier::{Identifier, IdentifierKind};
use creditbank_domain::ids::{ClientId, InstitutionId, LearnerId};
use creditbank_domain::person::{ClaimCode, Login};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::error::LedgerError;

const NONCE_BYTES: usize = 24;

/// The bank's secret, from which the keys for looking up and for sealing are derived.
#[derive(Clone)]
pub struct IdentityKey([u8; 32]);

impl std::fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentityKey(…)")
    }
}

impl IdentityKey {
    /// Reads 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`LedgerError::MalformedIdentityKey`].
    pub fn from_hex(text: &str) -> Result<Self, LedgerError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim(), &mut bytes)
            .map_err(|_| LedgerError::MalformedIdentityKey)?;
        Ok(Self(bytes))
    }

    /// Makes a new one from the operating system's randomness.
    #[must_use]
    pub fn generate() -> Self {
        Self(rand::random())
    }

    /// As 64 hexadecimal digits, to be kept where secrets are kept.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    pub(crate) fn derive(&self) -> IdentityKeys {
        IdentityKeys {
            lookup: digest(&self.0, &[b"lookup"]),
            seal: digest(&self.0, &[b"seal"]),
            wall: digest(&self.0, &[b"wall"]),
        }
    }
}

/// The derived keys.
pub(crate) struct IdentityKeys {
    lookup: [u8; 32],
    seal: [u8; 32],
    wall: [u8; 32],
}

/// The length of a block of SHA-256.
const BLOCK: usize = 64;

/// HMAC-SHA256 over parts, each preceded by its length so that no two lists of parts collide.
fn digest(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("any key length");
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

impl IdentityKeys {
    /// What an identifier is found by. A student number belongs to its institution.
    pub(crate) fn identifier_digest(
        &self,
        identifier: &Identifier,
        institution: InstitutionId,
    ) -> [u8; 32] {
        let kind = identifier.kind();
        let issuer = issuer(kind, institution);
        let issuer_bytes = issuer
            .map(|id| *id.as_uuid().as_bytes())
            .unwrap_or_default();
        digest(
            &self.lookup,
            &[
                kind.as_str().as_bytes(),
                &issuer_bytes,
                identifier.canonical().as_bytes(),
            ],
        )
    }

    /// What two accounts of one person under different numbers have in common.
    pub(crate) fn person_digest(&self, folded_name: &str, born_on: NaiveDate) -> [u8; 32] {
        let born_on = born_on.to_string();
        digest(
            &self.lookup,
            &[b"person", folded_name.as_bytes(), born_on.as_bytes()],
        )
    }

    pub(crate) fn pseudonym(&self, text: &str) -> String {
        let full = hex::encode(digest(&self.lookup, &[b"pseudonym", text.as_bytes()]));
        full.chars().take(32).collect()
    }

    /// What a login at an identity provider is found by.
    pub(crate) fn login_digest(&self, login: &Login) -> [u8; 32] {
        let parts = [login.issuer().as_bytes(), login.subject().as_bytes()];
        digest(&self.lookup, &[b"login", parts[0], parts[1]])
    }

    /// What a claim code is found by.
    pub(crate) fn claim_code_digest(&self, code: &ClaimCode) -> [u8; 32] {
        digest(&self.lookup, &[b"claim code", code.reveal().as_bytes()])
    }

    /// What a learner is recognised by whom an institution said beside a file.
    pub(crate) fn learner_beside_digest(
        &self,
        institution: InstitutionId,
        words: &str,
    ) -> [u8; 32] {
        let institution = institution.as_uuid();
        let parts = [institution.as_bytes().as_slice(), words.as_bytes()];
        digest(&self.lookup, &[b"learner beside", parts[0], parts[1]])
    }

    /// What an assertion of a client is known by once it was taken.
    pub(crate) fn assertion_digest(&self, client: ClientId, jti: &str) -> [u8; 32] {
        let client = client.as_uuid();
        digest(
            &self.lookup,
            &[b"assertion", client.as_bytes(), jti.as_bytes()],
        )
    }

    /// What those who try to log in are told apart by: an address, and an account from it.
    pub(crate) fn attempt_digest(&self, address: &str, account: Option<Uuid>) -> [u8; 32] {
        let account = account.unwrap_or_default();
        digest(
            &self.lookup,
            &[b"attempt", address.as_bytes(), account.as_bytes()],
        )
    }

    pub(crate) fn key_check(&self) -> [u8; 32] {
        digest(&self.lookup, &[b"key check"])
    }

    /// The two blocks under which the database checks what a connection is told: RFC 2104 with
    /// nothing but SHA-256, which it has.
    pub(crate) fn wall_pads(&self) -> [[u8; BLOCK]; 2] {
        let mut padded = [0; BLOCK];
        for (place, byte) in padded.iter_mut().zip(self.wall) {
            *place = byte;
        }
        [0x36, 0x5c].map(|pad| padded.map(|byte| byte ^ pad))
    }

    /// Signs what one connection, by the number of its process at the database, may see.
    pub(crate) fn sign_sight(&self, sight: &str, process: i32) -> String {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac =
            <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.wall).expect("any key length");
        mac.update(format!("{sight}|{process}").as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }

    /// Seals a text to its learner: a row moved to another learner does not open.
    pub(crate) fn seal(&self, learner: LearnerId, text: &str) -> Result<Vec<u8>, LedgerError> {
        self.seal_to(learner.as_uuid().as_bytes(), text.as_bytes())
    }

    /// Opens what [`Self::seal`] sealed.
    pub(crate) fn open(&self, learner: LearnerId, sealed: &[u8]) -> Result<String, LedgerError> {
        let opened = self.open_of(learner.as_uuid().as_bytes(), sealed)?;
        String::from_utf8(opened)
            .map_err(|_| LedgerError::Corrupt("identity: a sealed text is no text"))
    }

    /// Seals bytes to whatever owns them, by its name.
    pub(crate) fn seal_to(&self, owner: &[u8], bytes: &[u8]) -> Result<Vec<u8>, LedgerError> {
        seal_with(&self.seal, owner, bytes)
    }

    /// Opens what [`Self::seal_to`] sealed.
    pub(crate) fn open_of(&self, owner: &[u8], sealed: &[u8]) -> Result<Vec<u8>, LedgerError> {
        open_with(&self.seal, owner, sealed)
    }
}

/// Seals bytes under a key to whatever owns them.
pub(crate) fn seal_with(
    key: &[u8; 32],
    owner: &[u8],
    bytes: &[u8],
) -> Result<Vec<u8>, LedgerError> {
    let nonce = XNonce::from(rand::random::<[u8; NONCE_BYTES]>());
    let payload = Payload {
        msg: bytes,
        aad: owner,
    };
    let sealed = XChaCha20Poly1305::new(key.into())
        .encrypt(&nonce, payload)
        .map_err(|_| LedgerError::Corrupt("identity: a text could not be sealed"))?;
    Ok([nonce.as_slice(), sealed.as_slice()].concat())
}

/// Opens what [`seal_with`] sealed.
pub(crate) fn open_with(
    key: &[u8; 32],
    owner: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, LedgerError> {
    let wrong = || LedgerError::Corrupt("identity: a sealed text does not open");
    let (nonce, text) = sealed.split_at_checked(NONCE_BYTES).ok_or_else(wrong)?;
    let nonce = XNonce::try_from(nonce).map_err(|_| wrong())?;
    let payload = Payload {
        msg: text,
        aad: owner,
    };
    XChaCha20Poly1305::new(key.into())
        .decrypt(&nonce, payload)
        .map_err(|_| wrong())
}

/// Whose identifier it is: only a student number depends on the institution.
pub(crate) fn issuer(kind: IdentifierKind, institution: InstitutionId) -> Option<InstitutionId> {
    (kind == IdentifierKind::StudentNumber).then_some(institution)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> IdentityKeys {
        IdentityKey([7; 32]).derive()
    }

    fn learner(n: u128) -> LearnerId {
        LearnerId::from_uuid(Uuid::from_u128(n))
    }

    #[test]
    fn what_is_sealed_opens_for_its_learner_only() {
        let sealed = keys().seal(learner(1), "张三").unwrap();
        assert!(!sealed.windows(6).any(|window| window == "张三".as_bytes()));
        assert_eq!(keys().open(learner(1), &sealed).unwrap(), "张三");
        assert!(keys().open(learner(2), &sealed).is_err());
        assert!(
            IdentityKey([8; 32])
                .derive()
                .open(learner(1), &sealed)
                .is_err()
        );
        assert!(keys().open(learner(1), &sealed[..10]).is_err());
        let mut tampered = sealed;
        *tampered.last_mut().unwrap() ^= 1;
        assert!(keys().open(learner(1), &tampered).is_err());
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(
            digest(&[1; 32], &[b"ab", b"c"]),
            digest(&[1; 32], &[b"a", b"bc"])
        );
    }
}
