//! `POST /v1/learners/{learner_no}/helpers`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepHelpers;
use creditbank_ledger::{flows, reads};

use crate::answer::{self, Reply, nowhere};
use crate::auth::Permit;
use crate::dto::helping::{HelperBody, HelperView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathLearner};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/learners/{learner_no}/helpers";

/// Authorise somebody to act for you.
///
/// For some things and at most a year. They sign in as themselves and name your learner number in
/// `Creditbank-Acting-For`; each of their looks is in `GET /v1/learners/{learner_no}/readings`.
#[utoipa::path(
    operation_id = "postHelper", tag = "people", security(("bearer" = [])),
    params(("learner_no" = String, Path, description = "The learner's number."), IdempotencyHeader),
    request_body = HelperBody,
    responses(
        (status = 201, description = "The authorisation.", body = HelperView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/learners/{learner_no}/helpers")]
pub(crate) async fn post_helper(
    permit: Permit<KeepHelpers>,
    _learner: PathLearner,
    key: IdempotencyKey,
    body: JsonBody<HelperBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read().map_err(ApiError::Meaning)?;
    let reply = Reply {
        status: StatusCode::CREATED,
        location: nowhere,
    };
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, reads::HelperView, HelperView>(
        &state,
        permit,
        asked,
        reply,
        move |ledger, grant, once, now| {
            flows::authorise_helper_once(ledger, grant, &order, once, now)
        },
    )
    .await
}
