//! Access tokens: JWTs of one issuer, one audience and one algorithm.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Actor, Role};
use creditbank_domain::ids::{ClientId, InstitutionId};
use creditbank_domain::learner_no::LearnerNo;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::verified::{Verified, VerifiedTokens};
use crate::problem::Words;

/// The algorithm that tokens are signed with. Pinned: the token's own header is never believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenAlgorithm {
    /// Ed25519.
    EdDsa,
    /// RSA with SHA-256.
    Rs256,
}

impl FromStr for TokenAlgorithm {
    type Err = TokenKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "EdDSA" => Ok(Self::EdDsa),
            "RS256" => Ok(Self::Rs256),
            _ => Err(TokenKeyError::UnknownAlgorithm),
        }
    }
}

/// Why a verifier cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TokenKeyError {
    /// Neither EdDSA nor RS256.
    #[error("a token algorithm is one of EdDSA, RS256")]
    UnknownAlgorithm,
    /// The key is not a public key of the algorithm in PEM form.
    #[error("the token key is not a public key of the algorithm in PEM form")]
    Key(#[source] jsonwebtoken::errors::Error),
}

/// What a token says; for whoever signs tokens.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TokenClaims {
    /// Who signed it.
    pub iss: String,
    /// For which bank it is.
    pub aud: String,
    /// The client's id.
    pub sub: Uuid,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// When it was signed.
    pub iat: i64,
    /// Before when it is not valid, where that is later.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nbf: Option<i64>,
    /// The institution for which the client acts.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub institution: Option<Uuid>,
    /// The number of the learner who is signed in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub learner_no: Option<String>,
    /// What the client is: `registrar`, `school_officer`, `reviewer` and so on.
    pub roles: Vec<String>,
    /// To what the token is narrowed, for tokens that the bank itself issued.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scope: Option<String>,
    /// The token's own name, likewise.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub jti: Option<String>,
}

/// The claims that we read ourselves; issuer and audience are checked with the signature.
#[derive(Deserialize)]
pub(super) struct ReadClaims {
    pub(super) sub: Uuid,
    pub(super) exp: i64,
    pub(super) iat: i64,
    pub(super) nbf: Option<i64>,
    pub(super) institution: Option<Uuid>,
    pub(super) learner_no: Option<String>,
    #[serde(default)]
    pub(super) roles: Vec<String>,
    /// Read of the bank's own tokens only: another issuer's scopes mean something else.
    pub(super) scope: Option<String>,
}

/// Why a token is not honoured: 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenRefusal {
    #[error("no bearer token")]
    Missing,
    #[error("the authorization header is not a bearer token")]
    Malformed,
    #[error("the token's signature, issuer, audience or claims are not ours")]
    Invalid,
    #[error("the token has ended")]
    Expired,
    #[error("the token is not valid yet")]
    NotYetValid,
    #[error("the client is unknown, inactive or of another institution")]
    UnknownClient,
}

impl TokenRefusal {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Missing => "TOKEN_MISSING",
            Self::Malformed => "TOKEN_MALFORMED",
            Self::Invalid => "TOKEN_INVALID",
            Self::Expired => "TOKEN_EXPIRED",
            Self::NotYetValid => "TOKEN_NOT_YET_VALID",
            Self::UnknownClient => "CLIENT_NOT_HONOURED",
        }
    }

    pub(crate) const fn words(self) -> Words {
        match self {
            Self::Missing => Words::fixed(
                "请在 Authorization 请求头中提供 Bearer 令牌",
                "send a bearer token in the Authorization header",
            ),
            Self::Malformed => Words::fixed(
                "Authorization 请求头不是 Bearer 令牌",
                "the Authorization header is not a bearer token",
            ),
            Self::Invalid => Words::fixed("令牌无效", "the token is not honoured here"),
            Self::Expired => Words::fixed("令牌已过期", "the token has ended"),
            Self::NotYetValid => Words::fixed("令牌尚未生效", "the token is not valid yet"),
            Self::UnknownClient => {
                Words::fixed("客户端未登记或已停用", "the client is unknown or inactive")
            }
        }
    }
}

/// Checks tokens.
pub struct TokenVerifier {
    key: DecodingKey,
    validation: Validation,
    verified: VerifiedTokens<Actor>,
}

impl fmt::Debug for TokenVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenVerifier").finish_non_exhaustive()
    }
}

impl TokenVerifier {
    /// Believes tokens of `issuer` for `audience`, signed by the owner of this public key.
    ///
    /// # Errors
    /// [`TokenKeyError::Key`] where the text is not such a key.
    pub fn from_pem(
        algorithm: TokenAlgorithm,
        pem: &[u8],
        issuer: &str,
        audience: &str,
    ) -> Result<Self, TokenKeyError> {
        let (key, algorithm) = match algorithm {
            TokenAlgorithm::EdDsa => (DecodingKey::from_ed_pem(pem), Algorithm::EdDSA),
            TokenAlgorithm::Rs256 => (DecodingKey::from_rsa_pem(pem), Algorithm::RS256),
        };
        let validation = validation(&[algorithm], issuer, audience);
        Ok(Self {
            key: key.map_err(TokenKeyError::Key)?,
            validation,
            verified: VerifiedTokens::default(),
        })
    }

    /// Whether a token was verified before.
    pub(crate) fn knows(&self, token: &str) -> bool {
        self.verified.recall(token).is_some()
    }

    /// The actor that a token names.
    pub(crate) fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Actor, TokenRefusal> {
        self.verified
            .recall_or(token, now, || self.check(token))?
            .at(now)
    }

    /// Signature, issuer, audience and shape; everything that time cannot change.
    fn check(&self, token: &str) -> Result<Verified<Actor>, TokenRefusal> {
        let claims = jsonwebtoken::decode::<ReadClaims>(token, &self.key, &self.validation)
            .map_err(|_| TokenRefusal::Invalid)?
            .claims;
        Ok(Verified {
            from: claims.nbf.unwrap_or(claims.iat).max(claims.iat),
            until: claims.exp,
            who: actor(claims)?,
        })
    }
}

/// What is checked with a signature: the algorithms are ours, never the token's choice.
pub(super) fn validation(algorithms: &[Algorithm], issuer: &str, audience: &str) -> Validation {
    let mut validation = Validation {
        algorithms: algorithms.to_vec(),
        ..Validation::default()
    };
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // Times are checked with every use, against the server's one clock.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

/// Roles that we do not know are another service's; the operator's is never taken from a token.
pub(super) fn actor(claims: ReadClaims) -> Result<Actor, TokenRefusal> {
    let learner = claims
        .learner_no
        .map(|text| text.parse::<LearnerNo>().map_err(|_| TokenRefusal::Invalid))
        .transpose()?;
    let roles = claims
        .roles
        .iter()
        .filter_map(|role| role.parse::<Role>().ok());
    Ok(Actor {
        client: Some(ClientId::from_uuid(claims.sub)),
        institution: claims.institution.map(InstitutionId::from_uuid),
        learner,
        roles: roles.filter(|role| *role != Role::Operator).collect(),
        ..Actor::default()
    })
}
