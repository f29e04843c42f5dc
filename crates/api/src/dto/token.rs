//! Tokens as clients ask for and get them: the forms of RFC 6749 and RFC 7517.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a client sends to the token endpoint. What is not known is passed over, as RFC 6749 says.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::token_form()))]
pub(crate) struct TokenForm {
    /// `client_credentials`.
    #[schema(
        example = "client_credentials",
        extensions(("x-words" = json!(["client_credentials"]))),
    )]
    pub(crate) grant_type: Option<String>,
    /// To what the token is narrowed, words with spaces between; everything where it is left out.
    #[schema(example = "outcomes:write learners:read")]
    pub(crate) scope: Option<String>,
    /// The client's id, where it is not in the `Authorization` header.
    pub(crate) client_id: Option<String>,
    /// The client's secret, where it is not in the `Authorization` header.
    pub(crate) client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, with `client_assertion`.
    #[schema(
        extensions(("x-words" = json!(["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]))),
    )]
    pub(crate) client_assertion_type: Option<String>,
    /// A JWT that the client signed with a registered key: `iss` and `sub` are its id, `aud` is the
    /// bank's issuer or token endpoint, `exp` is at most five minutes away, `jti` is used once.
    pub(crate) client_assertion: Option<String>,
}

/// An access token.
#[derive(Serialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::token_view()))]
pub(crate) struct TokenView {
    /// The token.
    pub(crate) access_token: String,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    pub(crate) token_type: String,
    /// Seconds until it ends.
    #[schema(example = 900)]
    pub(crate) expires_in: i64,
    /// To what it is narrowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "outcomes:write learners:read")]
    pub(crate) scope: Option<String>,
}

/// Why there is no token.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"error": "invalid_client", "error_description": "the secret is not the client's"}))]
pub(crate) struct TokenErrorView {
    /// `invalid_request`, `invalid_client`, `unsupported_grant_type`, `invalid_scope`,
    /// `temporarily_unavailable` or `server_error`.
    #[schema(
        example = "invalid_client",
        extensions(("x-words" = json!([
            "invalid_request", "invalid_client", "unsupported_grant_type", "invalid_scope",
            "temporarily_unavailable", "server_error"
        ]))),
    )]
    pub(crate) error: String,
    /// For people.
    pub(crate) error_description: String,
}

/// Public keys.
#[derive(Serialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::key_set()))]
pub(crate) struct KeySetView {
    /// One JWK each.
    keys: Vec<KeyView>,
}

/// A public key.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeyView {
    /// `OKP`.
    kty: String,
    /// `Ed25519`.
    crv: String,
    /// `EdDSA`.
    alg: String,
    /// `sig`.
    r#use: String,
    /// Its name in the header of tokens.
    kid: String,
    /// The key.
    x: String,
}
