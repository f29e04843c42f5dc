//! `POST /v1/documents`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepRegister;
use creditbank_ledger::{flows, reads};

use crate::answer::{self, Reply, nowhere};
use crate::auth::Permit;
use crate::dto::governing::{DocumentBody, DocumentView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/documents";

/// Register a document, or say more of one.
///
/// Number and title never change. What is said later is a further `revision`, and the last counts; one
/// document stands in the place of another by `supersedes`.
#[utoipa::path(
    operation_id = "postDocument", tag = "governance", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = DocumentBody,
    responses(
        (status = 201, description = "The document.", body = DocumentView),
        CallerProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/documents")]
pub(crate) async fn post_document(
    permit: Permit<KeepRegister>,
    key: IdempotencyKey,
    body: JsonBody<DocumentBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read().map_err(ApiError::Meaning)?;
    let reply = Reply {
        status: StatusCode::CREATED,
        location: nowhere,
    };
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, reads::DocumentView, DocumentView>(
        &state,
        permit,
        asked,
        reply,
        move |ledger, grant, once, now| {
            flows::register_document_once(ledger, grant, &order, once, now)
        },
    )
    .await
}
