//! `POST /v1/rule-sets/{rule_set_id}/retirement`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepRegister;
use creditbank_domain::ids::RuleSetId;
use creditbank_ledger::{flows, reads};

use crate::answer::{self, DONE};
use crate::auth::Permit;
use crate::dto::rule_set::RuleSetDetailView;
use crate::dto::webhook::StepBody;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/rule-sets/{rule_set_id}/retirement";

/// End an approved rule set.
///
/// No request is made out under it any more; those that were are still decided by it.
#[utoipa::path(
    operation_id = "retireRuleSet", tag = "rules", security(("bearer" = [])),
    params(("rule_set_id" = uuid::Uuid, Path, description = "The rule set."), IdempotencyHeader),
    request_body = StepBody,
    responses(
        (status = 200, description = "The rule set, retired.", body = RuleSetDetailView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/rule-sets/{rule_set_id}/retirement")]
pub(crate) async fn retire_rule_set(
    permit: Permit<KeepRegister>,
    id: PathId<RuleSetId>,
    key: IdempotencyKey,
    body: JsonBody<StepBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, reads::RuleSetDetail, RuleSetDetailView>(
        &state,
        permit,
        asked,
        DONE,
        move |ledger, grant, once, now| flows::retire_rule_set_once(ledger, grant, id.0, once, now),
    )
    .await
}
