//! Access tokens for tests, signed with a key pair that signs nothing else.

use chrono::{DateTime, Utc};
use creditbank_api::{TokenAlgorithm, TokenClaims, TokenVerifier};
use creditbank_domain::authz::Role;
use creditbank_domain::ids::{ClientId, InstitutionId};
use creditbank_domain::learner_no::LearnerNo;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};

/// Whose tokens a test's bank believes.
pub const ISSUER: &str = "https://issuer.test";
/// For whom they have to be.
pub const AUDIENCE: &str = "creditbank";

const PRIVATE: &[u8] = include_bytes!("../fixtures/token_private.pem");
const PUBLIC: &[u8] = include_bytes!("../fixtures/token_public.pem");
const PRIVATE_OF_ANOTHER: &[u8] = include_bytes!("../fixtures/token_private_of_another.pem");

/// What the server believes.
///
/// # Panics
/// Never, unless the fixture is broken.
#[must_use]
pub fn verifier() -> TokenVerifier {
    TokenVerifier::from_pem(TokenAlgorithm::EdDsa, PUBLIC, ISSUER, AUDIENCE).unwrap()
}

/// The claims of an hour from `now`, to be changed by attackers.
#[must_use]
pub fn claims(
    client: ClientId,
    institution: Option<InstitutionId>,
    learner: Option<LearnerNo>,
    roles: &[Role],
    now: DateTime<Utc>,
) -> TokenClaims {
    TokenClaims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: client.as_uuid(),
        exp: now.timestamp() + 3_600,
        iat: now.timestamp(),
        nbf: None,
        institution: institution.map(|id| id.as_uuid()),
        learner_no: learner.map(|number| number.as_str().to_owned()),
        roles: roles.iter().map(|role| role.as_str().to_owned()).collect(),
        ..TokenClaims::default()
    }
}

/// Signs as the issuer does.
///
/// # Panics
/// Never, unless the fixture is broken.
#[must_use]
pub fn signed(claims: &TokenClaims) -> String {
    signed_by(PRIVATE, claims)
}

/// Signs with another key of the same kind.
///
/// # Panics
/// Never, unless the fixture is broken.
#[must_use]
pub fn signed_by_another(claims: &TokenClaims) -> String {
    signed_by(PRIVATE_OF_ANOTHER, claims)
}

/// Signs with the public key as if it were a shared secret: the classic confusion.
///
/// # Panics
/// Never.
#[must_use]
pub fn signed_with_the_public_key(claims: &TokenClaims) -> String {
    let key = EncodingKey::from_secret(PUBLIC);
    encode(&Header::new(Algorithm::HS256), claims, &key).unwrap()
}

fn signed_by(pem: &[u8], claims: &TokenClaims) -> String {
    let key = EncodingKey::from_ed_pem(pem).unwrap();
    encode(&Header::new(Algorithm::EdDSA), claims, &key).unwrap()
}
