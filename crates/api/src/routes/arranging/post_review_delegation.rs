//! `POST /v1/review-delegations`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::DelegateReviews;
use creditbank_ledger::{flows, reads};

use crate::answer::{self, Reply, nowhere};
use crate::auth::Permit;
use crate::dto::arranging::{DelegationBody, DelegationView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/review-delegations";

/// Say who stands in for an absent reviewer.
///
/// A reviewer names their own stand-in, an institution's admin anybody's of the institution, the
/// secretariat everybody's. Both have to be reviewers there. Who stands in counts once, for both.
#[utoipa::path(
    operation_id = "postReviewDelegation", tag = "conversions", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = DelegationBody,
    responses(
        (status = 201, description = "The delegation.", body = DelegationView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/review-delegations")]
pub(crate) async fn post_review_delegation(
    permit: Permit<DelegateReviews>,
    key: IdempotencyKey,
    body: JsonBody<DelegationBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let oneself = permit.grant.actor().hand();
    let order = body.body.read(oneself).map_err(ApiError::Meaning)?;
    let reply = Reply {
        status: StatusCode::CREATED,
        location: nowhere,
    };
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, reads::DelegationView, DelegationView>(
        &state,
        permit,
        asked,
        reply,
        move |ledger, grant, once, now| {
            flows::delegate_reviews_once(ledger, grant, &order, once, now)
        },
    )
    .await
}
