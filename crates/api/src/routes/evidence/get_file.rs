//! `GET /v1/conversion-requests/{request_id}/evidence/{evidence_id}`

use actix_web::http::header::X_CONTENT_TYPE_OPTIONS;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadEvidence;
use creditbank_domain::ids::{EvidenceId, RequestId};
use creditbank_domain::reading::ReadKind;
use creditbank_ledger::flows::Reading;
use creditbank_ledger::reads;

use crate::auth::Permit;
use crate::extract::PathId;
use crate::file_body::attachment;
use crate::problem::{ApiError, CallerProblems, ReadProblems, RuleProblems, StateProblems};
use crate::routes::get_import_result::FileContent;
use crate::state::ApiState;

/// Get a file that is attached to a conversion request.
///
/// For whoever sees the request. As it was handed in: it is held against its SHA-256 before it is
/// sent. 409 where it was taken back.
#[utoipa::path(
    operation_id = "getEvidenceFile", tag = "conversions", security(("bearer" = [])),
    params(("request_id" = uuid::Uuid, Path, description = "The request."),
        ("evidence_id" = uuid::Uuid, Path, description = "The piece of evidence.")),
    responses(
        (status = 200, description = "The file.", content(
            (inline(FileContent) = "application/pdf"),
            (inline(FileContent) = "application/ofd"),
            (inline(FileContent) = "image/jpeg"),
            (inline(FileContent) = "image/png"),
        )),
        CallerProblems, ReadProblems, RuleProblems, StateProblems,
    ),
)]
#[get("/v1/conversion-requests/{request_id}/evidence/{evidence_id}")]
pub(crate) async fn get_evidence_file(
    permit: Permit<ReadEvidence>,
    request: PathId<RequestId>,
    evidence: PathId<EvidenceId>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let Permit { grant, purpose } = permit;
    let (asked, which) = (grant.clone(), (request.0, evidence.0));
    let now = state.now();
    let inquiry = reads::Inquiry { purpose, now };
    let work = move |ledger: &_| reads::one_evidence(ledger, &asked, which, inquiry);
    let opened = state.ledger.run(work).await?;
    let what = (ReadKind::Evidence, purpose);
    let reading = Reading::of_request(&grant, &opened.disclosure, what, now);
    state.readings.note(reading).await?;
    let media_type = opened.evidence.media_type;
    let unnamed = || format!("{}.{}", evidence.0, media_type.extension());
    let file_name = opened.evidence.file_name.clone().unwrap_or_else(unnamed);
    let turn = state.evidence.turn().await?;
    let file = state.evidence.show(opened).await?;
    drop(turn);
    Ok(HttpResponse::Ok()
        .content_type(media_type.as_str())
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header(attachment(file_name))
        .body(file))
}
