//! `GET /v1/conversion-requests/{request_id}`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadConversion;
use creditbank_domain::ids::RequestId;
use creditbank_domain::reading::ReadKind;
use creditbank_ledger::flows::Reading;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::conversion_view::RequestView;
use crate::extract::PathId;
use crate::problem::{ApiError, CallerProblems, ReadProblems, RuleProblems};
use crate::state::ApiState;

/// See a conversion request and why each line was granted, cut or refused.
///
/// For the learner, the institution that asked, the one that decides, and the secretariat. The one
/// that decides sees it while what `basis` names stands, and for conversion only.
#[utoipa::path(
    operation_id = "getConversionRequest", tag = "conversions", security(("bearer" = [])),
    params(("request_id" = uuid::Uuid, Path, description = "The request.")),
    responses(
        (status = 200, description = "The request.", body = RequestView,
            headers(("ETag" = String, description = "Its version, for `If-Match`."))),
        CallerProblems, ReadProblems, RuleProblems,
    ),
)]
#[get("/v1/conversion-requests/{request_id}")]
pub(crate) async fn get_conversion_request(
    permit: Permit<ReadConversion>,
    id: PathId<RequestId>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let Permit { grant, purpose } = permit;
    let asked = grant.clone();
    let now = state.now();
    let inquiry = reads::Inquiry { purpose, now };
    let work = move |ledger: &_| reads::conversion_request(ledger, &asked, id.0, inquiry);
    let request = state.ledger.run(work).await?;
    let what = (ReadKind::ConversionRequest, purpose);
    let reading = Reading::of_request(&grant, &request.disclosure(), what, now);
    state.readings.note(reading).await?;
    Ok(answer::tagged(
        &RequestView::from(&request),
        request.way.version,
    ))
}
