//! `GET` and `POST /v1/import-settings`

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use creditbank_domain::authz::{KeepImportSettings, ReadImport};
use creditbank_ledger::flows;
use creditbank_ledger::reads::{self, ImportSettingsView};

use crate::answer::{self, DONE};
use crate::auth::Permit;
use crate::dto::import_job::SettingsView;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems};
use crate::state::ApiState;

/// See what your institution wants of its imports.
///
/// Whether a second person has to approve what files post.
#[utoipa::path(
    operation_id = "getImportSettings", tag = "imports", security(("bearer" = [])),
    responses(
        (status = 200, description = "The settings.", body = SettingsView),
        CallerProblems,
    ),
)]
#[get("/v1/import-settings")]
pub(crate) async fn get_import_settings(
    permit: Permit<ReadImport>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let work = move |ledger: &_| reads::import_settings(ledger, &permit.grant);
    let settings = state.ledger.run(work).await?;
    Ok(answer::ok(&SettingsView::from(&settings)))
}

/// Say what your institution wants of its imports.
///
/// With `approval_required` files that are to be posted are handed in as jobs, tried first, and
/// posted when a second person approves; `POST /v1/imports` then only tries. Jobs that were handed
/// in before keep to what was wanted then.
#[utoipa::path(
    operation_id = "postImportSettings", tag = "imports", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = SettingsView,
    responses(
        (status = 200, description = "The settings.", body = SettingsView),
        CallerProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/import-settings")]
pub(crate) async fn post_import_settings(
    permit: Permit<KeepImportSettings>,
    key: IdempotencyKey,
    body: JsonBody<SettingsView>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let required = body.body.approval_required;
    let request = (key, "POST /v1/import-settings", &body.raw);
    answer::once::<_, ImportSettingsView, SettingsView>(
        &state,
        permit,
        request,
        DONE,
        move |ledger, grant, once, now| {
            flows::keep_import_settings_once(ledger, grant, required, once, now)
        },
    )
    .await
}
