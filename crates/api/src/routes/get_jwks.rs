//! `GET /.well-known/jwks.json`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use crate::answer;
use crate::dto::token::KeySetView;
use crate::problem::{ApiError, BusyProblems};
use crate::state::ApiState;

/// Get the public keys of the bank's own access tokens.
///
/// As RFC 7517 writes them: the key that signs, the one that will sign next, and those that signed
/// tokens that may still be out. Fetch them again when a token names a key that you do not know.
#[utoipa::path(
    operation_id = "getJwks", tag = "service", security(()),
    responses((status = 200, description = "The keys.", body = KeySetView), BusyProblems),
)]
#[get("/.well-known/jwks.json")]
pub(crate) async fn get_jwks(state: Data<ApiState>) -> Result<HttpResponse, ApiError> {
    let keys = state
        .authentication
        .published_keys(&state.ledger, state.now());
    Ok(answer::ok(&keys.await?))
}
