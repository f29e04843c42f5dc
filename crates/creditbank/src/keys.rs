//! Making keys and signing access tokens.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, Utc};
use creditbank_api::TokenClaims;
use creditbank_ledger::IdentityKey;
use creditbank_ledger::reads::ClientView;
use ed25519_dalek::SigningKey;
use jsonwebtoken::{Algorithm, EncodingKey, Header};

use crate::problem::Problem;

/// RFC 8410: what stands before the 32 bytes of an Ed25519 private key in PKCS #8.
const PRIVATE_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
/// RFC 8410: what stands before the 32 bytes of an Ed25519 public key.
const PUBLIC_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// Everything secret that a bank needs.
pub(crate) struct NewKeys {
    pub(crate) identity_key: String,
    pub(crate) private_pem: String,
    pub(crate) public_pem: String,
}

impl NewKeys {
    /// Makes them from the operating system's randomness.
    pub(crate) fn generate() -> Self {
        let seed: [u8; 32] = rand::random();
        let public = SigningKey::from_bytes(&seed).verifying_key();
        let private = [PRIVATE_PREFIX.as_slice(), &seed].concat();
        let public = [PUBLIC_PREFIX.as_slice(), public.as_bytes()].concat();
        Self {
            identity_key: IdentityKey::generate().to_hex(),
            private_pem: pem("PRIVATE KEY", &private),
            public_pem: pem("PUBLIC KEY", &public),
        }
    }

    /// Writes them into a directory, readable by their owner only; never over others.
    pub(crate) fn write_to(&self, directory: &Path) -> io::Result<()> {
        fs::create_dir_all(directory)?;
        write_secret(&directory.join(IDENTITY_KEY_FILE), &self.identity_key)?;
        write_secret(&directory.join(PRIVATE_KEY_FILE), &self.private_pem)?;
        write_secret(&directory.join(PUBLIC_KEY_FILE), &self.public_pem)
    }
}

/// The file names that [`NewKeys::write_to`] uses.
pub(crate) const IDENTITY_KEY_FILE: &str = "identity.key";
pub(crate) const PRIVATE_KEY_FILE: &str = "token_private.pem";
pub(crate) const PUBLIC_KEY_FILE: &str = "token_public.pem";

fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn pem(label: &str, der: &[u8]) -> String {
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        STANDARD.encode(der)
    )
}

/// Signs access tokens with Ed25519.
pub(crate) struct TokenSigner {
    key: EncodingKey,
    issuer: String,
    audience: String,
}

impl TokenSigner {
    /// Takes a private key in PEM.
    pub(crate) fn from_pem(pem: &[u8], issuer: &str, audience: &str) -> Result<Self, Problem> {
        let key = EncodingKey::from_ed_pem(pem).map_err(|_| {
            Problem::new(
                "TOKEN_PRIVATE_KEY",
                "令牌私钥不是 PEM 格式的 Ed25519 私钥",
                "the token key is not an Ed25519 private key in PEM form",
            )
            .todo(
                "可用 creditbank keys generate 生成",
                "make one with creditbank keys generate",
            )
        })?;
        Ok(Self {
            key,
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
        })
    }

    /// A token by which a registered client acts for its institution, or for one learner.
    pub(crate) fn sign(
        &self,
        client: &ClientView,
        learner_no: Option<String>,
        now: DateTime<Utc>,
        valid_for: Duration,
    ) -> Result<String, Problem> {
        let claims = TokenClaims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: client.client_id.as_uuid(),
            exp: now.timestamp().saturating_add(valid_for.num_seconds()),
            iat: now.timestamp(),
            nbf: None,
            institution: client.institution.map(|id| id.as_uuid()),
            learner_no,
            roles: client
                .roles
                .iter()
                .map(|role| role.as_str().to_owned())
                .collect(),
            ..TokenClaims::default()
        };
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.key)
            .map_err(|error| Problem::internal(&error))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use jsonwebtoken::{DecodingKey, Validation};
    use serde_json::Value;

    use super::*;

    #[test]
    fn what_the_private_key_signs_the_public_key_confirms() {
        let keys = NewKeys::generate();
        let key = EncodingKey::from_ed_pem(keys.private_pem.as_bytes()).unwrap();
        let claims = serde_json::json!({"exp": 4_102_444_800_i64, "sub": "x"});
        let token = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &key).unwrap();
        let check = |pem: &str| {
            let key = DecodingKey::from_ed_pem(pem.as_bytes()).unwrap();
            jsonwebtoken::decode::<Value>(&token, &key, &Validation::new(Algorithm::EdDSA))
        };
        assert_eq!(check(&keys.public_pem).unwrap().claims["sub"], "x");
        assert!(check(&NewKeys::generate().public_pem).is_err());
    }

    #[test]
    fn keys_are_for_their_owner_only_and_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let keys = NewKeys::generate();
        keys.write_to(directory.path()).unwrap();
        for name in [IDENTITY_KEY_FILE, PRIVATE_KEY_FILE, PUBLIC_KEY_FILE] {
            let mode = fs::metadata(directory.path().join(name))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        assert!(NewKeys::generate().write_to(directory.path()).is_err());
        let kept = fs::read_to_string(directory.path().join(IDENTITY_KEY_FILE)).unwrap();
        assert_eq!(kept, keys.identity_key);
    }
}
