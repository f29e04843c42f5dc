//! `GET /v1/rule-sets/{rule_set_id}`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadRegister;
use creditbank_domain::ids::RuleSetId;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::rule_set::RuleSetDetailView;
use crate::extract::PathId;
use crate::problem::{ApiError, CallerProblems, PathProblems};
use crate::state::ApiState;

/// See a rule set, who voted on it and what resolved it.
///
/// The document is given as YAML, as `POST /v1/rule-sets` takes it. `resolutions` are those of meetings
/// about this version; its `document_number` leads to `GET /v1/documents/{document_number}`.
#[utoipa::path(
    operation_id = "getRuleSet", tag = "rules", security(("bearer" = [])),
    params(("rule_set_id" = uuid::Uuid, Path, description = "The rule set.")),
    responses(
        (status = 200, description = "The rule set.", body = RuleSetDetailView),
        CallerProblems, PathProblems,
    ),
)]
#[get("/v1/rule-sets/{rule_set_id}")]
pub(crate) async fn get_rule_set(
    permit: Permit<ReadRegister>,
    id: PathId<RuleSetId>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let work = move |ledger: &_| reads::rule_set(ledger, &permit.grant, id.0);
    let detail = state.ledger.run(work).await?;
    Ok(answer::ok(&RuleSetDetailView::from(&detail)))
}
