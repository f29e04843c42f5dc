//! `GET /v1/review-chains`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadRegister;
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::arranging::{ChainView, ChainsView};
use crate::extract::{ChainParameters, RegisterQuery};
use crate::problem::{ApiError, CallerProblems, RuleProblems};
use crate::state::ApiState;

/// See through whose hands requests go.
///
/// The stages of institutions by the day from which they count. An institution without any has one stage:
/// one reviewer, 15 working days.
#[utoipa::path(
    operation_id = "getReviewChains", tag = "conversions", security(("bearer" = [])),
    params(ChainParameters),
    responses(
        (status = 200, description = "The chains.", body = ChainsView),
        CallerProblems, RuleProblems,
    ),
)]
#[get("/v1/review-chains")]
pub(crate) async fn get_review_chains(
    permit: Permit<ReadRegister>,
    asked: RegisterQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let work = move |ledger: &_| {
        let code = asked.institution.as_ref().map(InstitutionCode::as_str);
        reads::review_chains(ledger, &permit.grant, code)
    };
    let rows = state.ledger.run(work).await?;
    let chains = rows.iter().map(ChainView::from).collect();
    Ok(answer::ok(&ChainsView { chains }))
}
