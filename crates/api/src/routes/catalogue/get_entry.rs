//! `GET /v1/catalogue-entries/{entry_id}`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use creditbank_domain::authz::ReadCatalogue;
use creditbank_domain::ids::EntryId;
use creditbank_ledger::{LedgerError, reads};

use crate::auth::Permit;
use crate::conditional::{IfNoneMatchHeader, OWN_ASK_AGAIN, json_unless_seen};
use crate::dto::catalogue::EntryDetailView;
use crate::extract::PathId;
use crate::problem::{ApiError, CallerProblems, PathProblems};
use crate::state::ApiState;

/// See an entry in all its versions.
///
/// A version never changes: what was recognised under it is explained by it for ever.
#[utoipa::path(
    operation_id = "getCatalogueEntry", tag = "catalogue", security(("bearer" = [])),
    params(("entry_id" = uuid::Uuid, Path, description = "The entry."), IfNoneMatchHeader),
    responses(
        (status = 200, description = "The entry.", body = EntryDetailView),
        (status = 304, description = "It is what `If-None-Match` names."),
        CallerProblems, PathProblems,
    ),
)]
#[get("/v1/catalogue-entries/{entry_id}")]
pub(crate) async fn get_entry(
    permit: Permit<ReadCatalogue>,
    id: PathId<EntryId>,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let work = move |ledger: &_| reads::catalogue_entry(ledger, &permit.grant, id.0);
    let versions = state.ledger.run(work).await?;
    let entry = EntryDetailView::of(&versions).ok_or(ApiError::Ledger(LedgerError::NotFound))?;
    json_unless_seen(&request, OWN_ASK_AGAIN, &entry)
}
