//! `POST /v1/conversion-requests/{request_id}/reversal`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::ReverseEntries;
use creditbank_domain::ids::RequestId;
use creditbank_ledger::{flows, reads};

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
    let order = body.body.read().map_err(ApiError::Meaning)?;
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, reads::RequestView, RequestView>(
        &state,
        permit,
        asked,
        answer::DONE,
        move |ledger, grant, once, now| {
            flows::reverse_conversion_once(ledger, grant, id.0, &order, once, now)
        },
    )
    .await
}
