//! `GET /v1/rule-sets`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use creditbank_domain::authz::ReadRegister;
use creditbank_ledger::reads::{self, RuleSetFilter};

use crate::auth::Permit;
use crate::conditional::{IfNoneMatchHeader, OWN_ASK_AGAIN, json_unless_seen};
use crate::dto::rule_set::RuleSetsView;
use crate::extract::{PageParameters, PageQuery, RegisterQuery, RuleSetParameters};
use crate::problem::{ApiError, CallerProblems, RuleProblems};
use crate::state::ApiState;

/// List the versions of rule sets.
///
/// In pages, in the order in which they were drafted, in whatever state. Open to every member.
#[utoipa::path(
    operation_id = "getRuleSets", tag = "rules", security(("bearer" = [])),
    params(RuleSetParameters, PageParameters, IfNoneMatchHeader),
    responses(
        (status = 200, description = "A page of rule sets.", body = RuleSetsView),
        (status = 304, description = "It is what `If-None-Match` names."),
        CallerProblems, RuleProblems,
    ),
)]
#[get("/v1/rule-sets")]
pub(crate) async fn get_rule_sets(
    permit: Permit<ReadRegister>,
    asked: RegisterQuery,
    page: PageQuery,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let cut = page.window();
    let filter = RuleSetFilter {
        institution: asked.institution.map(|code| code.as_str().to_owned()),
        state: asked.state,
    };
    let work = move |ledger: &_| reads::rule_sets(ledger, &permit.grant, &filter, cut);
    let rows = state.ledger.run(work).await?;
    let page = RuleSetsView::page(&rows, page.limit);
    json_unless_seen(&request, OWN_ASK_AGAIN, &page)
}
