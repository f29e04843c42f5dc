//! `GET` and `POST /v1/import-mappings`

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use creditbank_domain::authz::{ReadImport, RunImport};
use creditbank_ledger::flows;
use creditbank_ledger::reads::{self, MappingView as Kept};

use crate::answer::{self, DONE};
use crate::auth::Permit;
use crate::dto::import_mapping::{MappingBody, MappingView, MappingsView};
use crate::extract::{
    IdempotencyHeader, IdempotencyKey, JsonBody, LargeNamePageParameters, NamePage,
};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, RuleProblems};
use crate::state::ApiState;

/// How many were answered before anybody could ask for a page.
const LISTED_MAX: u32 = 1_000;

/// See how your institution's files are read.
///
/// Every layout and name for which something was said, by its last version; in pages, by name.
#[utoipa::path(
    operation_id = "getImportMappings", tag = "imports", security(("bearer" = [])),
    params(LargeNamePageParameters),
    responses(
        (status = 200, description = "A page of mappings.", body = MappingsView),
        CallerProblems, RuleProblems,
    ),
)]
#[get("/v1/import-mappings")]
pub(crate) async fn get_import_mappings(
    permit: Permit<ReadImport>,
    page: NamePage,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let NamePage { after, limit, .. } = page.of_most(LISTED_MAX);
    let after = after.unwrap_or_default();
    // One more than asked tells whether another page follows.
    let fetched = limit.saturating_add(1);
    let work = move |ledger: &_| reads::mappings(ledger, &permit.grant, &after, fetched);
    let kept = state.ledger.run(work).await?;
    Ok(answer::ok(&MappingsView::page(&kept, limit)))
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
    let mapping = body.body.read(&*state.imports);
    let mapping = mapping.map_err(ApiError::Meaning)?;
    let name = body.body.name;
    let request = (key, "POST /v1/import-mappings", &body.raw);
    answer::once::<_, Kept, MappingView>(
        &state,
        permit,
        request,
        DONE,
        move |ledger, grant, once, now| {
            flows::save_mapping_once(ledger, grant, (&name, &mapping), once, now)
        },
    )
    .await
}
