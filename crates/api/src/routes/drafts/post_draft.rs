//! `POST /v1/conversion-drafts`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::RequestConversion;
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::flows;
use serde_json::Value;

use crate::answer::{self, Reply};
use crate::auth::Permit;
use crate::dto::conversion::ConversionBody;
use crate::dto::draft::{DraftView, readable};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, ReadProblems};
use crate::state::ApiState;

const DRAFTED: Reply = Reply {
    status: StatusCode::CREATED,
    location,
};

/// Draft conversion requests.
///
/// Nothing is held. The answer says what the rules of today would give, by the function that
/// decides; so does each later look at the draft.
#[utoipa::path(
    operation_id = "postConversionDraft", tag = "conversions", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = ConversionBody,
    responses(
        (status = 201, description = "The draft.", body = DraftView,
            headers(("Location" = String, description = "Where to see the draft."))),
        CallerProblems, BodyProblems, IdempotencyProblems, ReadProblems,
    ),
)]
#[post("/v1/conversion-drafts")]
pub(crate) async fn post_conversion_draft(
    permit: Permit<RequestConversion>,
    key: IdempotencyKey,
    body: JsonBody<ConversionBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = readable(&body.body, bank_day(state.now())).map_err(ApiError::Meaning)?;
    let once = (key, "POST /v1/conversion-drafts", &body.raw);
    answer::once::<_, flows::DraftView, DraftView>(
        &state,
        permit,
        once,
        DRAFTED,
        move |ledger, grant, once, now| {
            flows::draft_conversion_once(ledger, grant, &order, once, now)
        },
    )
    .await
}

fn location(body: &Value) -> Option<String> {
    let id = body.get("draft_id").and_then(Value::as_str)?;
    Some(format!("/v1/conversion-drafts/{id}"))
}
