//! `POST /v1/rule-sets`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::DraftRules;
use creditbank_ledger::{flows, reads};

use super::once_fit;
use crate::auth::Permit;
use crate::dto::rule_set::{RuleDocumentBody, RuleSetDetailView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/rule-sets";

/// Draft a rule set.
///
/// The next version of its code at its receiving institution; the same content as the latest version is
/// that one. An institution's admin drafts its own institution's rules, the secretariat anybody's. Faults
/// of the document are told together, each with `line` and `column`.
#[utoipa::path(
    operation_id = "postRuleSet", tag = "rules", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = RuleDocumentBody,
    responses(
        (status = 201, description = "The draft.", body = RuleSetDetailView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/rule-sets")]
pub(crate) async fn post_rule_set(
    permit: Permit<DraftRules>,
    key: IdempotencyKey,
    body: JsonBody<RuleDocumentBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let document = body.body.read().map_err(ApiError::Meaning)?;
    let asked = (key, ROUTE, &body.raw);
    once_fit::<_, reads::RuleSetDetail, RuleSetDetailView>(
        &state,
        permit,
        asked,
        StatusCode::CREATED,
        move |ledger, grant, once, now| {
            flows::draft_rule_set_once(ledger, grant, &document, once, now)
        },
    )
    .await
}
