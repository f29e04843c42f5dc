//! `POST /v1/conversion-requests/{request_id}/evidence/{evidence_id}/withdrawal`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::AttachEvidence;
use creditbank_domain::ids::{EvidenceId, RequestId};
use creditbank_ledger::{flows, reads};

use crate::answer;
use crate::auth::Permit;
use crate::dto::evidence::EvidenceView;
use crate::dto::request_way::SayingBody;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/conversion-requests/{request_id}/evidence/{evidence_id}/withdrawal";

/// Take a file back from an open conversion request of one's own.
///
/// Nobody is shown it from then on, and within a minute or so it is destroyed. That it was there,
/// and why it went, stays.
#[utoipa::path(
    operation_id = "withdrawEvidence", tag = "conversions", security(("bearer" = [])),
    params(("request_id" = uuid::Uuid, Path, description = "The request."),
        ("evidence_id" = uuid::Uuid, Path, description = "The piece of evidence."),
        IdempotencyHeader),
    request_body = SayingBody,
    responses(
        (status = 200, description = "Taken back.", body = EvidenceView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/conversion-requests/{request_id}/evidence/{evidence_id}/withdrawal")]
pub(crate) async fn withdraw_evidence(
    permit: Permit<AttachEvidence>,
    request: PathId<RequestId>,
    evidence: PathId<EvidenceId>,
    key: IdempotencyKey,
    body: JsonBody<SayingBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let because = body.body.read().map_err(ApiError::Meaning)?;
    let which = (request.0, evidence.0);
    answer::once::<_, reads::EvidenceView, EvidenceView>(
        &state,
        permit,
        (key, ROUTE, &body.raw),
        answer::DONE,
        move |ledger, grant, once, now| {
            flows::withdraw_evidence_once(ledger, grant, which, &because, once, now)
        },
    )
    .await
}
