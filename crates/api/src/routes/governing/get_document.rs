//! `GET /v1/documents/{document_number}`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadRegister;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::governing::DocumentDetailView;
use crate::extract::PathName;
use crate::problem::{ApiError, CallerProblems, PathProblems};
use crate::state::ApiState;

/// See a document and what rests on it.
///
/// Every document that a rule set, a chain or a decision cites is found here.
#[utoipa::path(
    operation_id = "getDocument", tag = "governance", security(("bearer" = [])),
    params(("document_number" = String, Path, description = "As cited, percent-encoded.")),
    responses(
        (status = 200, description = "The document.", body = DocumentDetailView),
        CallerProblems, PathProblems,
    ),
)]
#[get("/v1/documents/{document_number}")]
pub(crate) async fn get_document(
    permit: Permit<ReadRegister>,
    name: PathName,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let work = move |ledger: &_| reads::document(ledger, &permit.grant, &name.0);
    let detail = state.ledger.run(work).await?;
    Ok(answer::ok(&DocumentDetailView::from(&detail)))
}
