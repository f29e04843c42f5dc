//! `GET /v1/conversion-requests/{request_id}/evidence`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadEvidence;
use creditbank_domain::ids::RequestId;
use creditbank_domain::reading::ReadKind;
use creditbank_ledger::flows::Reading;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::evidence::{EvidenceListView, EvidenceView};
use crate::extract::PathId;
use crate::problem::{ApiError, CallerProblems, ReadProblems, RuleProblems};
use crate::state::ApiState;

/// See what is attached to a conversion request.
///
/// For the learner, the institution that asked, the one that decides, and the secretariat. Also
/// what was taken back, without its file.
#[utoipa::path(
    operation_id = "getEvidence", tag = "conversions", security(("bearer" = [])),
    params(("request_id" = uuid::Uuid, Path, description = "The request.")),
    responses(
        (status = 200, description = "What is attached.", body = EvidenceListView),
        CallerProblems, ReadProblems, RuleProblems,
    ),
)]
#[get("/v1/conversion-requests/{request_id}/evidence")]
pub(crate) async fn get_evidence(
    permit: Permit<ReadEvidence>,
    id: PathId<RequestId>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let Permit { grant, purpose } = permit;
    let asked = grant.clone();
    let now = state.now();
    let inquiry = reads::Inquiry { purpose, now };
    let work = move |ledger: &_| reads::evidence(ledger, &asked, id.0, inquiry);
    let (disclosure, evidence) = state.ledger.run(work).await?;
    let what = (ReadKind::Evidence, purpose);
    let reading = Reading::of_request(&grant, &disclosure, what, now);
    state.readings.note(reading).await?;
    let evidence = evidence.iter().map(EvidenceView::from).collect();
    Ok(answer::ok(&EvidenceListView { evidence }))
}
