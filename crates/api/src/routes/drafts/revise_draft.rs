//! `POST /v1/conversion-drafts/{draft_id}/revision`

use actix_web::{HttpResponse, post};
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::flows;

use super::Change;
use crate::answer;
use crate::dto::conversion::ConversionBody;
use crate::dto::draft::{DraftView, readable};
use crate::extract::{IdempotencyHeader, IfMatchHeader, JsonBody};
use crate::problem::{
    ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems, VersionProblems,
};

const ROUTE: &str = "POST /v1/conversion-drafts/{draft_id}/revision";

/// Say something else in an open draft.
///
/// The body takes the place of what was drafted.
#[utoipa::path(
    operation_id = "reviseConversionDraft", tag = "conversions", security(("bearer" = [])),
    params(("draft_id" = uuid::Uuid, Path, description = "The draft."), IdempotencyHeader,
        IfMatchHeader),
    request_body = ConversionBody,
    responses(
        (status = 200, description = "The draft as it stands.", body = DraftView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems, VersionProblems,
    ),
)]
#[post("/v1/conversion-drafts/{draft_id}/revision")]
pub(crate) async fn revise_conversion_draft(
    (permit, id, key, seen, state): Change,
    body: JsonBody<ConversionBody>,
) -> Result<HttpResponse, ApiError> {
    let order = readable(&body.body, bank_day(state.now())).map_err(ApiError::Meaning)?;
    let which = (id.0, seen.0);
    answer::once::<_, flows::DraftView, DraftView>(
        &state,
        permit,
        (key, ROUTE, &body.raw),
        answer::DONE,
        move |ledger, grant, once, now| {
            flows::revise_draft_once(ledger, grant, which, &order, once, now)
        },
    )
    .await
}
