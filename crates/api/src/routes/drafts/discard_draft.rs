//! `POST /v1/conversion-drafts/{draft_id}/discard`

use actix_web::{HttpResponse, post};
use creditbank_ledger::flows;

use super::Change;
use crate::answer;
use crate::dto::draft::{DraftStepBody, DraftView};
use crate::extract::{IdempotencyHeader, IfMatchHeader, JsonBody};
use crate::problem::{
    ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems, VersionProblems,
};

const ROUTE: &str = "POST /v1/conversion-drafts/{draft_id}/discard";

/// Give an open draft up.
///
/// It stays to be looked at and can be neither changed nor submitted any more.
#[utoipa::path(
    operation_id = "discardConversionDraft", tag = "conversions", security(("bearer" = [])),
    params(("draft_id" = uuid::Uuid, Path, description = "The draft."), IdempotencyHeader,
        IfMatchHeader),
    request_body = DraftStepBody,
    responses(
        (status = 200, description = "The draft as it stands.", body = DraftView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems, VersionProblems,
    ),
)]
#[post("/v1/conversion-drafts/{draft_id}/discard")]
pub(crate) async fn discard_conversion_draft(
    (permit, id, key, seen, state): Change,
    body: JsonBody<DraftStepBody>,
) -> Result<HttpResponse, ApiError> {
    let which = (id.0, seen.0);
    answer::once::<_, flows::DraftView, DraftView>(
        &state,
        permit,
        (key, ROUTE, &body.raw),
        answer::DONE,
        move |ledger, grant, once, now| flows::discard_draft_once(ledger, grant, which, once, now),
    )
    .await
}
