//! `POST /v1/conversion-cohorts`

use std::sync::Arc;

use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::RequestConversion;

use crate::auth::Permit;
use crate::dto::cohort_file::CohortFileView;
use crate::extract::{CohortForm, CohortUpload};
use crate::problem::{ApiError, CallerProblems, UploadProblems};
use crate::state::ApiState;

/// Hand in a file that asks for the conversion of a cohort.
///
/// One learner a line, at most 10,000. Each line becomes a request of one cohort, or comes back with
/// its reason in the result file. The answer comes before the work is done; `Location` tells where to
/// see it. A line is asked for once, by its 申请编号 or by cohort and learner: the same file twice is
/// harmless, so no idempotency key is needed, and a corrected file asks for what is left.
#[utoipa::path(
    operation_id = "postConversionCohort", tag = "conversions", security(("bearer" = [])),
    request_body(content = CohortForm, content_type = "multipart/form-data",
        description = "The file, and what its lines have in common."),
    responses(
        (status = 202, description = "Taken.", body = CohortFileView,
            headers(("Location" = String, description = "Where to see the file."))),
        CallerProblems, UploadProblems,
    ),
)]
#[post("/v1/conversion-cohorts")]
pub(crate) async fn post_conversion_cohort(
    permit: Permit<RequestConversion>,
    form: CohortUpload,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let now = state.now();
    let desk = Arc::clone(&state.imports);
    let work = move || desk.ask(&permit.grant, form.upload, &form.order, now);
    let file = CohortFileView::from(&state.ledger.work_at_file(work).await?);
    let location = format!("/v1/conversion-cohorts/{}/file", file.cohort_id);
    Ok(HttpResponse::Accepted()
        .insert_header((LOCATION, location))
        .json(file))
}
