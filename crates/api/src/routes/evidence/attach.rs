//! `POST /v1/conversion-requests/{request_id}/evidence`

use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::AttachEvidence;
use creditbank_domain::ids::RequestId;
use creditbank_ledger::flows::{self, ExpectedEvidence, NewEvidence};

use crate::answer;
use crate::auth::Permit;
use crate::dto::evidence::EvidenceView;
use crate::evidence_desk::examine;
use crate::extract::{EvidenceForm, EvidenceUpload, PathId};
use crate::problem::{ApiError, CallerProblems, PathProblems, StateProblems, UploadProblems};
use crate::state::ApiState;

/// Attach a file to an open conversion request of one's own.
///
/// PDF, JPEG, PNG or OFD by its bytes, 10 MiB at most, 20 files a request. It is kept sealed. The
/// same content again answers as the first time, with 200, so no idempotency key is needed.
#[utoipa::path(
    operation_id = "attachEvidence", tag = "conversions", security(("bearer" = [])),
    params(("request_id" = uuid::Uuid, Path, description = "The request.")),
    request_body(content = EvidenceForm, content_type = "multipart/form-data",
        description = "The file, and what it is to show."),
    responses(
        (status = 201, description = "Attached.", body = EvidenceView,
            headers(("Location" = String, description = "Where to get the file."))),
        (status = 200, description = "The request has this file already.", body = EvidenceView),
        CallerProblems, PathProblems, UploadProblems, StateProblems,
    ),
)]
#[post("/v1/conversion-requests/{request_id}/evidence")]
pub(crate) async fn attach_evidence(
    permit: Permit<AttachEvidence>,
    id: PathId<RequestId>,
    upload: EvidenceUpload,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let (grant, request, path) = (permit.grant, id.0, upload.path);
    // One turn for all of it: what is in memory is bounded by the turns.
    let _turn = state.evidence.turn().await?;
    let work = move || examine(&path).map(|found| (found, path));
    let ((media_type, sha256), path) = state.ledger.take_turn(work).await?;
    let new = NewEvidence {
        kind: upload.kind,
        media_type,
        byte_count: upload.byte_count,
        sha256,
        file_name: upload.file_name,
    };
    let (asked, expected) = (grant.clone(), new.clone());
    let work = move |ledger: &_| flows::expect_evidence(ledger, &asked, request, &expected);
    let place = match state.ledger.run(work).await? {
        ExpectedEvidence::Known(known) => return Ok(answer::ok(&EvidenceView::from(&*known))),
        ExpectedEvidence::Wanted(place) => place,
    };
    let (evidence_id, now) = (place.evidence_id, state.now());
    state
        .evidence
        .keep(evidence_id, path, place.seal.clone())
        .await?;
    let work =
        move |ledger: &_| flows::attach_evidence(ledger, &grant, request, (&new, &place), now);
    let attached = state.ledger.run(work).await?;
    let body = EvidenceView::from(&attached);
    if attached.evidence_id != evidence_id {
        return Ok(answer::ok(&body));
    }
    let location = format!("/v1/conversion-requests/{request}/evidence/{evidence_id}");
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, location))
        .json(body))
}
