//! `GET /v1/rule-sets/{rule_set_id}`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use creditbank_domain::authz::ReadRegister;
use creditbank_domain::ids::RuleSetId;
use creditbank_ledger::reads;

use crate::auth::Permit;
use crate::conditional::{IfNoneMatchHeader, OWN_ASK_AGAIN, json_unless_seen};
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
    params(("rule_set_id" = uuid::Uuid, Path, description = "The rule set."), IfNoneMatchHeader),
    responses(
        (status = 200, description = "The rule set.", body = RuleSetDetailView),
        (status = 304, description = "It is what `If-None-Match` names."),
        CallerProblems, PathProblems,
    ),
)]
#[get("/v1/rule-sets/{rule_set_id}")]
pub(crate) async fn get_rule_set(
    permit: Permit<ReadRegister>,
    id: PathId<RuleSetId>,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let work = move |ledger: &_| reads::rule_set(ledger, &permit.grant, id.0);
    let detail = state.ledger.run(work).await?;
    let detail = RuleSetDetailView::from(&detail);
    json_unless_seen(&request, OWN_ASK_AGAIN, &detail)
}
