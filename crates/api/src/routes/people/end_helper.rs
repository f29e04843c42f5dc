//! `POST /v1/learners/{learner_no}/helpers/{helper_id}/end`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepHelpers;
use creditbank_domain::ids::HelperConsentId;
use creditbank_ledger::{flows, reads};

use crate::answer::{self, DONE};
use crate::auth::Permit;
use crate::dto::helping::HelperView;
use crate::dto::webhook::StepBody;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId, PathLearner};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/learners/{learner_no}/helpers/{helper_id}/end";

/// End an authorisation from now on.
///
/// It stays in the list and says when. Servers that know the helper look again within seconds.
#[utoipa::path(
    operation_id = "endHelper", tag = "people", security(("bearer" = [])),
    params(("learner_no" = String, Path, description = "The learner's number."), ("helper_id" = uuid::Uuid, Path, description = "The authorisation."), IdempotencyHeader),
    request_body = StepBody,
    responses(
        (status = 200, description = "The authorisation.", body = HelperView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/learners/{learner_no}/helpers/{helper_id}/end")]
pub(crate) async fn end_helper(
    permit: Permit<KeepHelpers>,
    _learner: PathLearner,
    id: PathId<HelperConsentId>,
    key: IdempotencyKey,
    body: JsonBody<StepBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, reads::HelperView, HelperView>(
        &state,
        permit,
        asked,
        DONE,
        move |ledger, grant, once, now| flows::end_helper_once(ledger, grant, id.0, once, now),
    )
    .await
}
