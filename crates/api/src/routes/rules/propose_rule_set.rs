//! `POST /v1/rule-sets/{rule_set_id}/proposal`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::DraftRules;
use creditbank_domain::ids::RuleSetId;
use creditbank_ledger::{flows, reads};

use super::once_fit;
use crate::auth::Permit;
use crate::dto::rule_set::RuleSetDetailView;
use crate::dto::webhook::StepBody;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/rule-sets/{rule_set_id}/proposal";

/// Put a draft to the vote.
///
/// Its lint and its own tests have to pass; what does not is told, each with `line` and `column`.
#[utoipa::path(
    operation_id = "proposeRuleSet", tag = "rules", security(("bearer" = [])),
    params(("rule_set_id" = uuid::Uuid, Path, description = "The rule set."), IdempotencyHeader),
    request_body = StepBody,
    responses(
        (status = 200, description = "The rule set, proposed.", body = RuleSetDetailView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/rule-sets/{rule_set_id}/proposal")]
pub(crate) async fn propose_rule_set(
    permit: Permit<DraftRules>,
    id: PathId<RuleSetId>,
    key: IdempotencyKey,
    body: JsonBody<StepBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let asked = (key, ROUTE, &body.raw);
    once_fit::<_, reads::RuleSetDetail, RuleSetDetailView>(
        &state,
        permit,
        asked,
        StatusCode::OK,
        move |ledger, grant, once, now| {
            flows::propose_rule_set_once(ledger, grant, id.0, once, now)
        },
    )
    .await
}
