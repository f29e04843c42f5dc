//! `GET /v1/imports/{import_id}`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadImport;
use creditbank_domain::ids::ImportId;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::import::ImportView;
use crate::extract::PathId;
use crate::problem::{ApiError, CallerProblems, ReadProblems};
use crate::state::ApiState;

/// See how far an import has come.
///
/// The counts always add up: every line that was read is posted, already posted or rejected.
#[utoipa::path(
    operation_id = "getImport", tag = "imports", security(("bearer" = [])),
    params(("import_id" = uuid::Uuid, Path, description = "The import.")),
    responses(
        (status = 200, description = "The import.", body = ImportView),
        CallerProblems, ReadProblems,
    ),
)]
#[get("/v1/imports/{import_id}")]
pub(crate) async fn get_import(
    permit: Permit<ReadImport>,
    id: PathId<ImportId>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let work = move |ledger: &_| reads::import(ledger, &permit.grant, id.0);
    let import = state.ledger.run(work).await?;
    Ok(answer::ok(&ImportView::from(&import)))
}
