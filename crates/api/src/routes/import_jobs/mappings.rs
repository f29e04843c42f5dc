//! `GET` and `POST /v1/import-mappings`

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use creditbank_domain::authz::{ReadImport, RunImport};
use creditbank_ledger::reads::{self, MappingView as Kept};
use creditbank_ledger::{LedgerError, flows};
use serde_json::Value;

use crate::answer::{self, DONE};
use crate::auth::Permit;
use crate::dto::import_mapping::{MappingBody, MappingView, MappingsView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems};
use crate::state::ApiState;

/// More than any institution has layouts.
const LISTED_MAX: u32 = 1_000;

/// See how your institution's files are read.
///
/// Every layout and name for which something was said, by its last version.
#[utoipa::path(
    operation_id = "getImportMappings", tag = "imports", security(("bearer" = [])),
    responses(
        (status = 200, description = "The mappings.", body = MappingsView),
        CallerProblems,
    ),
)]
#[get("/v1/import-mappings")]
pub(crate) async fn get_import_mappings(
    permit: Permit<ReadImport>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let work = move |ledger: &_| reads::mappings(ledger, &permit.grant, "", LISTED_MAX);
    let kept = state.ledger.run(work).await?;
    let mappings = kept.iter().map(MappingView::from).collect();
    Ok(answer::ok(&MappingsView { mappings }))
}

/// Say how your institution's files are read.
///
/// The next version of what is kept under this name; the same again is the version that there is.
/// Imports that have begun keep to the one by which their first line was read.
#[utoipa::path(
    operation_id = "postImportMapping", tag = "imports", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = MappingBody,
    responses(
        (status = 200, description = "The mapping.", body = MappingView),
        CallerProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/import-mappings")]
pub(crate) async fn post_import_mapping(
    permit: Permit<RunImport>,
    key: IdempotencyKey,
    body: JsonBody<MappingBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let mapping = Value::Object(body.body.mapping.into_iter().collect());
    let name = body.body.name;
    let checked = state.imports.check_mapping(&mapping);
    let request = (key, "POST /v1/import-mappings", &body.raw);
    answer::once::<_, Kept, MappingView>(
        &state,
        permit,
        request,
        DONE,
        move |ledger, grant, once, now| {
            let mapping = checked.map_err(LedgerError::Refused)?;
            flows::save_mapping_once(ledger, grant, (&name, &mapping), once, now)
        },
    )
    .await
}
