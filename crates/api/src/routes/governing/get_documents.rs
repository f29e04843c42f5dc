//! `GET /v1/documents`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadRegister;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::governing::{DocumentView, DocumentsView};
use crate::extract::{NamePage, NamePageParameters, name_cursor};
use crate::problem::{ApiError, CallerProblems, RuleProblems};
use crate::state::ApiState;

/// List the documents of the register.
///
/// In pages, by number. What no source says of a document is absent.
#[utoipa::path(
    operation_id = "getDocuments", tag = "governance", security(("bearer" = [])),
    params(NamePageParameters),
    responses(
        (status = 200, description = "A page of documents.", body = DocumentsView),
        CallerProblems, RuleProblems,
    ),
)]
#[get("/v1/documents")]
pub(crate) async fn get_documents(
    permit: Permit<ReadRegister>,
    page: NamePage,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    // One more than asked tells whether another page follows.
    let limit = page.limit.saturating_add(1);
    let work =
        move |ledger: &_| reads::documents(ledger, &permit.grant, (page.after.as_deref(), limit));
    let rows = state.ledger.run(work).await?;
    let shown = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let documents: Vec<DocumentView> = rows.iter().take(shown).map(DocumentView::from).collect();
    let last = documents.last().filter(|_| rows.len() > shown);
    let next_cursor = last.map(|last| name_cursor(&last.number));
    Ok(answer::ok(&DocumentsView {
        documents,
        next_cursor,
    }))
}
