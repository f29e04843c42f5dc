//! `POST /v1/review-chains`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::ArrangeReviews;
use creditbank_ledger::{flows, reads};

use crate::answer::{self, Reply, nowhere};
use crate::auth::Permit;
use crate::dto::arranging::{ChainBody, ChainView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/review-chains";

/// Arrange through whose hands requests go.
///
/// From a day on; requests on their way keep their chain. An institution's admin arranges its own, the
/// secretariat anybody's.
#[utoipa::path(
    operation_id = "postReviewChain", tag = "conversions", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = ChainBody,
    responses(
        (status = 201, description = "The chain.", body = ChainView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/review-chains")]
pub(crate) async fn post_review_chain(
    permit: Permit<ArrangeReviews>,
    key: IdempotencyKey,
    body: JsonBody<ChainBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read().map_err(ApiError::Meaning)?;
    let reply = Reply {
        status: StatusCode::CREATED,
        location: nowhere,
    };
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, reads::ChainView, ChainView>(
        &state,
        permit,
        asked,
        reply,
        move |ledger, grant, once, now| {
            flows::register_chain_once(ledger, grant, &order, once, now)
        },
    )
    .await
}
