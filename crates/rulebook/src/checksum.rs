//! The checksum of a document: the same for the same content, however it is laid out.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::document::RuleDocument;
use crate::written::canonical_json;

/// SHA-256 over [`canonical_json`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checksum([u8; 32]);

impl Checksum {
    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Checksum {
    /// 64 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl RuleDocument {
    /// What this document is known by, beside its code and version.
    #[must_use]
    pub fn checksum(&self) -> Checksum {
        Checksum(Sha256::digest(canonical_json(self)).into())
    }
}
