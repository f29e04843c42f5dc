//! `GET /v1/imports/{import_id}`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadImport;
use creditbank_domain::ids::ImportId;
use creditbank_ledger::{LedgerError, reads};

use crate::answer;
use crate::auth::Permit;
use crate::dto::import::ImportView;
use crate::extract::PathId;
use crate::problem::{ApiError, CallerProblems, ReadProblems};
use crate::state::ApiState;

/// See how far an import has come.
///
/// The counts always add up: every line that was read is posted, already posted or rejected. The
/// summary says by which mapping the lines were read, why lines were rejected and what they earned.
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
    let work = move |ledger: &_| {
        let import = reads::import(ledger, &permit.grant, id.0)?;
        let summary = reads::import_summary(ledger, &permit.grant, id.0)?;
        Ok::<_, LedgerError>(ImportView::summed(&import, &summary))
    };
    Ok(answer::ok(&state.ledger.run(work).await?))
}
