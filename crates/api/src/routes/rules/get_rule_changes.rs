//! `GET /v1/rule-sets/{rule_set_id}/changes`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadRegister;
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::RuleSetId;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::rule_set::RuleChangesView;
use crate::extract::{PathId, RegisterQuery, SinceParameters};
use crate::problem::{ApiError, CallerProblems, PathProblems, PlacedFault};
use crate::state::ApiState;

/// See what changed from another rule set to this one.
///
/// By rule, cap, part, course and test; things are compared by their codes, so their order does not
/// matter.
#[utoipa::path(
    operation_id = "getRuleChanges", tag = "rules", security(("bearer" = [])),
    params(("rule_set_id" = uuid::Uuid, Path, description = "The rule set."), SinceParameters),
    responses(
        (status = 200, description = "What changed.", body = RuleChangesView),
        CallerProblems, PathProblems,
    ),
)]
#[get("/v1/rule-sets/{rule_set_id}/changes")]
pub(crate) async fn get_rule_changes(
    permit: Permit<ReadRegister>,
    id: PathId<RuleSetId>,
    asked: RegisterQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let since = asked.since.ok_or_else(|| {
        let fault = Fault::new(
            "PARAMETER_MISSING",
            "缺少参数 since",
            "the parameter since is missing",
        );
        ApiError::Query(PlacedFault::of_parameter("since", fault))
    })?;
    let work = move |ledger: &_| reads::rule_set_changes(ledger, &permit.grant, (since, id.0));
    let changes = state.ledger.run(work).await?;
    Ok(answer::ok(&RuleChangesView::from(&changes)))
}
