//! How clients prove who they are at the token endpoint: a secret or a signed assertion.
//!
//! A secret is 48 random bytes; the first 16 name it, so that only one hash is ever tried. Hashing
//! costs a tenth of a second of a core on purpose: few run at once, away from the threads that
//! serve. How often anybody may try is `login_turn`'s.

use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::ids::ClientId;
use creditbank_ledger::{flows, reads};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use uuid::Uuid;

use crate::handle::{GateLimits, LedgerHandle};
use crate::problem::ApiError;

const PREFIX: &str = "cbs_";
const ID_BYTES: usize = 16;
/// How many secrets are hashed at once.
const HASHING_MAX: usize = 2;
/// How many may wait for that.
const WAITING_MAX: usize = 64;
/// How far clocks may differ.
const SKEW: TimeDelta = TimeDelta::seconds(30);
/// An assertion is made for one use, not for keeping.
const ASSERTION_LIFE_MAX: TimeDelta = TimeDelta::minutes(5);

/// A secret that was just made: what is told to the client once, and what is kept.
#[derive(Clone)]
pub struct NewClientSecret {
    /// Its name.
    pub id: Uuid,
    /// The secret itself.
    pub secret: String,
    /// Argon2id with salt and cost.
    pub hash: String,
}

impl std::fmt::Debug for NewClientSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewClientSecret({}, …)", self.id)
    }
}

impl NewClientSecret {
    /// Makes one from the operating system's randomness.
    ///
    /// # Errors
    /// Where it cannot be hashed.
    pub fn generate() -> Result<Self, argon2::password_hash::Error> {
        let bytes: [u8; 48] = rand::random();
        let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
        let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>())?;
        let hash = Argon2::default().hash_password(secret.as_bytes(), &salt)?;
        let id = secret_id(&secret).ok_or(argon2::password_hash::Error::Password)?;
        Ok(Self {
            id,
            hash: hash.to_string(),
            secret,
        })
    }
}

fn secret_id(secret: &str) -> Option<Uuid> {
    let bytes = URL_SAFE_NO_PAD.decode(secret.strip_prefix(PREFIX)?).ok()?;
    let (id, rest) = bytes.split_first_chunk::<ID_BYTES>()?;
    (rest.len() == 32).then_some(Uuid::from_bytes(*id))
}

/// A client's public key that was read from what somebody handed in.
#[derive(Debug)]
pub struct ReadJwk {
    /// Its name.
    pub kid: String,
    /// The one algorithm that it is for.
    pub algorithm: &'static str,
    /// The public key, and nothing else of what was handed in.
    pub jwk: serde_json::Value,
}

/// Reads a public key as RFC 7517 writes it.
///
/// # Errors
/// What is wrong with it, for whoever handed it in.
pub fn read_jwk(text: &str) -> Result<ReadJwk, &'static str> {
    let given: serde_json::Value = serde_json::from_str(text).map_err(|_| "this is not JSON")?;
    if given.get("d").is_some() || given.get("k").is_some() {
        return Err("this is a private key: hand in the public one, and make a new pair");
    }
    let jwk: Jwk = serde_json::from_value(given).map_err(|_| "this is no JWK")?;
    let algorithm = algorithm_of(&jwk).ok_or("a key is for EdDSA (Ed25519), ES256 or RS256")?;
    let kid = jwk.common.key_id.clone().filter(|kid| kid.len() <= 255);
    DecodingKey::from_jwk(&jwk).map_err(|_| "the key cannot be read")?;
    Ok(ReadJwk {
        kid: kid.ok_or("a key has a kid of at most 255 bytes")?,
        algorithm,
        jwk: serde_json::to_value(&jwk).map_err(|_| "the key cannot be written")?,
    })
}

fn algorithm_of(jwk: &Jwk) -> Option<&'static str> {
    use jsonwebtoken::jwk::EllipticCurve::{Ed25519, P256};
    match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(key) if key.curve == Ed25519 => Some("EdDSA"),
        AlgorithmParameters::EllipticCurve(key) if key.curve == P256 => Some("ES256"),
        AlgorithmParameters::RSA(key) if rsa_bits(&key.n) >= 2_048 => Some("RS256"),
        _ => None,
    }
}

/// The length of an RSA modulus, leading zeros aside.
pub(super) fn rsa_bits(modulus: &str) -> usize {
    let bytes = URL_SAFE_NO_PAD.decode(modulus).unwrap_or_default();
    let whole = bytes.iter().skip_while(|byte| **byte == 0).count();
    whole.saturating_mul(8)
}

/// What a client offers as proof.
pub(crate) enum Proof {
    /// `client_secret_basic` or `client_secret_post`.
    Secret {
        /// Whose.
        client: ClientId,
        /// The secret.
        secret: String,
    },
    /// `private_key_jwt`.
    Assertion {
        /// Whose, as the assertion itself says.
        client: ClientId,
        /// The signed text.
        assertion: String,
    },
}

impl Proof {
    pub(crate) const fn client(&self) -> ClientId {
        match self {
            Self::Secret { client, .. } | Self::Assertion { client, .. } => *client,
        }
    }
}

/// Why a client gets no token.
pub(crate) enum LoginRefusal {
    /// It proved nothing.
    Unproved,
    /// It asks too often.
    TooOften {
        /// After so many seconds it may again.
        retry_after_seconds: u64,
    },
    /// The bank could not look.
    Failed(Box<ApiError>),
}

impl From<ApiError> for LoginRefusal {
    fn from(error: ApiError) -> Self {
        Self::Failed(Box::new(error))
    }
}

#[derive(Deserialize)]
struct Assertion {
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
    jti: String,
}

/// Checks proofs.
pub(super) struct ClientLogins {
    hashing: LedgerHandle,
    /// For whom assertions have to be: the issuer, or the token endpoint below it.
    audiences: [String; 2],
}

impl ClientLogins {
    pub(super) fn new(issuer: &str) -> Self {
        let limits = GateLimits {
            waiting_max: WAITING_MAX,
            wait_max: Duration::from_secs(5),
            ..GateLimits::default()
        };
        let endpoint = format!("{}/oauth/token", issuer.trim_end_matches('/'));
        Self {
            hashing: LedgerHandle::gate(HASHING_MAX, limits),
            audiences: [issuer.to_owned(), endpoint],
        }
    }

    /// Holds that a client is who it says.
    pub(super) async fn check(
        &self,
        proof: Proof,
        ledger: &LedgerHandle,
        now: DateTime<Utc>,
    ) -> Result<(), LoginRefusal> {
        let proved = match proof {
            Proof::Secret { client, secret } => {
                self.check_secret(client, secret, ledger, now).await?
            }
            Proof::Assertion { client, assertion } => {
                self.check_assertion(client, assertion, ledger, now).await?
            }
        };
        proved.then_some(()).ok_or(LoginRefusal::Unproved)
    }

    async fn check_secret(
        &self,
        client: ClientId,
        secret: String,
        ledger: &LedgerHandle,
        now: DateTime<Utc>,
    ) -> Result<bool, ApiError> {
        let Some(id) = secret_id(&secret) else {
            return Ok(false);
        };
        let hash = ledger
            .run(move |ledger| reads::client_secret_hash(ledger, client, id, now))
            .await?;
        let Some(hash) = hash else {
            return Ok(false);
        };
        let compare = move || {
            let hash =
                PasswordHash::new(&hash).map_err(|_| ApiError::Internal("client_secrets.hash"))?;
            let same = Argon2::default().verify_password(secret.as_bytes(), &hash);
            Ok::<_, ApiError>(same.is_ok())
        };
        let same = self.hashing.take_turn(compare).await?;
        if same {
            let note = move |ledger: &_| flows::note_secret_use(ledger, client, id, now);
            ledger.run(note).await?;
        }
        Ok(same)
    }

    /// Makes a secret, in the same turns.
    pub(super) async fn generate(&self) -> Result<NewClientSecret, ApiError> {
        let make = || {
            NewClientSecret::generate()
                .map_err(|_| ApiError::Internal("a secret could not be hashed"))
        };
        self.hashing.take_turn(make).await
    }

    async fn check_assertion(
        &self,
        client: ClientId,
        assertion: String,
        ledger: &LedgerHandle,
        now: DateTime<Utc>,
    ) -> Result<bool, ApiError> {
        let Ok(header) = jsonwebtoken::decode_header(&assertion) else {
            return Ok(false);
        };
        let Some(kid) = header.kid.filter(|_| header.crit.is_none()) else {
            return Ok(false);
        };
        let found = ledger
            .run({
                let kid = kid.clone();
                move |ledger| reads::client_key(ledger, client, &kid)
            })
            .await?;
        let Some((algorithm, jwk)) = found else {
            return Ok(false);
        };
        let Some(claims) = self.read_assertion(client, &assertion, &algorithm, jwk)? else {
            return Ok(false);
        };
        let at = |seconds| DateTime::from_timestamp(seconds, 0);
        let Some(until) = at(claims.exp).map(|until| until + SKEW) else {
            return Ok(false);
        };
        let begun = [claims.iat, claims.nbf].into_iter().flatten();
        let begun = begun.filter_map(at).all(|from| from <= now + SKEW);
        let timely = now < until && until <= now + ASSERTION_LIFE_MAX + SKEW + SKEW;
        if !begun || !timely || claims.jti.is_empty() || claims.jti.len() > 255 {
            return Ok(false);
        }
        let take = move |ledger: &_| {
            flows::take_assertion(ledger, client, (&kid, &claims.jti), until, now)
        };
        ledger.run(take).await
    }

    /// The claims of an assertion that the client signed for this bank.
    fn read_assertion(
        &self,
        client: ClientId,
        assertion: &str,
        algorithm: &str,
        jwk: serde_json::Value,
    ) -> Result<Option<Assertion>, ApiError> {
        let corrupt = || ApiError::Internal("client_keys.jwk");
        let jwk: Jwk = serde_json::from_value(jwk).map_err(|_| corrupt())?;
        let key = DecodingKey::from_jwk(&jwk).map_err(|_| corrupt())?;
        let algorithm = match algorithm {
            "EdDSA" => Algorithm::EdDSA,
            "ES256" => Algorithm::ES256,
            "RS256" => Algorithm::RS256,
            _ => return Err(corrupt()),
        };
        let client = client.to_string();
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&client]);
        validation.set_audience(&self.audiences);
        validation.sub = Some(client);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_exp = false;
        let decoded = jsonwebtoken::decode::<Assertion>(assertion, &key, &validation);
        Ok(decoded.ok().map(|decoded| decoded.claims))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_names_its_hash_and_is_kept_as_argon2id_only() {
        let made = NewClientSecret::generate().unwrap();
        assert_eq!(secret_id(&made.secret), Some(made.id));
        assert!(
            made.hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            made.hash
        );
        assert!(!format!("{made:?}").contains(&made.secret));
        let cut = &made.secret[..made.secret.len() - 2];
        for text in ["", "cbs_", "secret", cut] {
            assert_eq!(secret_id(text), None, "{text}");
        }
    }

    #[test]
    fn only_public_keys_of_three_kinds_are_taken() {
        let ed = r#"{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let read = read_jwk(ed).unwrap();
        assert_eq!((read.kid.as_str(), read.algorithm), ("a", "EdDSA"));
        let private = ed.replace("\"kid\"", "\"d\":\"AA\",\"kid\"");
        let short = r#"{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}"#;
        let shared = r#"{"kty":"oct","kid":"a","k":"AQAB"}"#;
        let nameless = ed.replace("\"kid\":\"a\",", "");
        for text in ["", "{}", short, shared, &private, &nameless] {
            assert!(read_jwk(text).is_err(), "{text}");
        }
    }
}
