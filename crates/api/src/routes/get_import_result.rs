//! `GET /v1/imports/{import_id}/result`

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadImport;
use creditbank_domain::ids::ImportId;

use utoipa::ToSchema;

use crate::auth::Permit;
use crate::extract::PathId;
use crate::file_body::download;
use crate::problem::{ApiError, CallerProblems, ReadProblems, RuleProblems, StateProblems};
use crate::state::ApiState;

/// A file, for the document.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "describes what FileBody sends")]
pub(crate) struct FileContent(Vec<u8>);

/// Get the file back, with what became of each line.
///
/// The institution's own file with three more columns: 行状态, 错误代码, 说明. 409 while the import
/// is still running.
#[utoipa::path(
    operation_id = "getImportResult", tag = "imports", security(("bearer" = [])),
    params(("import_id" = uuid::Uuid, Path, description = "The import.")),
    responses(
        (status = 200, description = "The file.", content_type = "application/octet-stream",
            body = inline(FileContent)),
        CallerProblems, ReadProblems, StateProblems, RuleProblems,
    ),
)]
#[get("/v1/imports/{import_id}/result")]
pub(crate) async fn get_import_result(
    permit: Permit<ReadImport>,
    id: PathId<ImportId>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let desk = Arc::clone(&state.imports);
    download(&state, move || desk.result_file(&permit.grant, id.0)).await
}
