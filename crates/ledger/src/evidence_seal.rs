//! The key of one file of evidence. Sealing and opening blocks its thread.

use std::fmt;

use creditbank_domain::ids::EvidenceId;

use crate::error::LedgerError;
use crate::identity::{IdentityKeys, open_with, seal_with};

/// Seals one file, to its own id: bytes kept under another id do not open.
#[derive(Clone)]
pub struct EvidenceSeal {
    id: EvidenceId,
    key: [u8; 32],
}

impl fmt::Debug for EvidenceSeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EvidenceSeal(…)")
    }
}

impl EvidenceSeal {
    /// A key from the operating system's randomness.
    pub(crate) fn generate(id: EvidenceId) -> Self {
        let key = rand::random();
        Self { id, key }
    }

    /// The key, sealed under the bank's.
    pub(crate) fn sealed(&self, keys: &IdentityKeys) -> Result<Vec<u8>, LedgerError> {
        keys.seal_to(&owner("key", self.id), &self.key)
    }

    /// The key of a row.
    pub(crate) fn open_key(
        keys: &IdentityKeys,
        id: EvidenceId,
        sealed: &[u8],
    ) -> Result<Self, LedgerError> {
        let opened = keys.open_of(&owner("key", id), sealed)?;
        let key = <[u8; 32]>::try_from(opened);
        let key = key.map_err(|_| LedgerError::Corrupt("evidence_secrets.sealed_key"))?;
        Ok(Self { id, key })
    }

    /// Seals the file.
    ///
    /// # Errors
    /// [`LedgerError::Corrupt`], which is our bug.
    pub fn seal(&self, file: &[u8]) -> Result<Vec<u8>, LedgerError> {
        seal_with(&self.key, &owner("file", self.id), file)
    }

    /// Opens the file.
    ///
    /// # Errors
    /// [`LedgerError::Corrupt`] where it is another one, or was changed.
    pub fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, LedgerError> {
        open_with(&self.key, &owner("file", self.id), sealed)
    }
}

/// What is sealed to a piece of evidence, by what it is: none opens as another.
pub(crate) fn owner(what: &str, id: EvidenceId) -> Vec<u8> {
    [b"evidence ", what.as_bytes(), id.as_uuid().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::identity::IdentityKey;

    #[test]
    fn a_file_opens_by_its_own_key_under_its_own_id_and_unchanged_only() {
        let id = |number| EvidenceId::from_uuid(Uuid::from_u128(number));
        let keys = IdentityKey::generate().derive();
        let seal = EvidenceSeal::generate(id(1));
        let sealed = seal.seal(b"%PDF-1.7 ...").unwrap();
        assert!(!sealed.windows(4).any(|window| window == b"%PDF"));
        let kept = seal.sealed(&keys).unwrap();
        let again = EvidenceSeal::open_key(&keys, id(1), &kept).unwrap();
        assert_eq!(again.open(&sealed).unwrap(), b"%PDF-1.7 ...");
        assert!(EvidenceSeal::open_key(&keys, id(2), &kept).is_err());
        assert!(
            EvidenceSeal {
                id: id(2),
                ..again.clone()
            }
            .open(&sealed)
            .is_err()
        );
        assert!(EvidenceSeal::generate(id(1)).open(&sealed).is_err());
        let mut changed = sealed;
        *changed.last_mut().unwrap() ^= 1;
        assert!(again.open(&changed).is_err());
    }
}
