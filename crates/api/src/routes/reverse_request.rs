//! `POST /v1/conversion-requests/{request_id}/reversal`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::ReverseEntries;
use creditbank_domain::ids::RequestId;
use creditbank_ledger::{Once, flows, reads};

use crate::answer;
use crate::auth::Permit;
use crate::dto::conversion_view::RequestView;
use crate::dto::correction::ReversalBody;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/conversion-requests/{request_id}/reversal";

/// Take a conversion back.
///
/// Its grants are withdrawn, and with them whatever rested on them; the lots that it used are given
/// back to the learner. Once: a second time answers 409.
#[utoipa::path(
    operation_id = "reverseConversionRequest", tag = "conversions", security(("bearer" = [])),
    params(("request_id" = uuid::Uuid, Path, description = "The request."), IdempotencyHeader),
    request_body = ReversalBody,
    responses(
        (status = 200, description = "The request as it stands.", body = RequestView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/conversion-requests/{request_id}/reversal")]
pub(crate) async fn reverse_request(
    permit: Permit<ReverseEntries>,
    id: PathId<RequestId>,
    key: IdempotencyKey,
    body: JsonBody<ReversalBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let now = state.now();
    let claim = key.claim(&permit.grant, ROUTE, &body.raw)?;
    let order = body.body.read().map_err(ApiError::Meaning)?;
    let work = move |ledger: &_| {
        let render =
            |done: &reads::RequestView| answer::rendered(StatusCode::OK, &RequestView::from(done));
        let once = Once {
            claim,
            render: &render,
        };
        flows::reverse_conversion_once(ledger, &permit.grant, id.0, &order, &once, now)
    };
    answer::send(state.ledger.run(work).await?, answer::nowhere)
}
