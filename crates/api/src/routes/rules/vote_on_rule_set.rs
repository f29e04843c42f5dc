//! `POST /v1/rule-sets/{rule_set_id}/votes`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::VoteOnRules;
use creditbank_domain::ids::RuleSetId;
use creditbank_ledger::flows;

use super::once_fit;
use crate::auth::Permit;
use crate::dto::rule_set::{VoteBody, VotedView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/rule-sets/{rule_set_id}/votes";

/// Vote on a proposed rule set.
///
/// As the person who is signed in, once: `approve`, `reject`, or `recuse` to stand back. Nobody votes on
/// their own proposal; where the document asks for a committee, its members only, and nobody who belongs
/// to the concerned college. The approval that completes the number approves the rule set.
#[utoipa::path(
    operation_id = "voteOnRuleSet", tag = "rules", security(("bearer" = [])),
    params(("rule_set_id" = uuid::Uuid, Path, description = "The rule set."), IdempotencyHeader),
    request_body = VoteBody,
    responses(
        (status = 201, description = "How the vote stands.", body = VotedView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/rule-sets/{rule_set_id}/votes")]
pub(crate) async fn vote_on_rule_set(
    permit: Permit<VoteOnRules>,
    id: PathId<RuleSetId>,
    key: IdempotencyKey,
    body: JsonBody<VoteBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let vote = body.body.read().map_err(ApiError::Meaning)?;
    let asked = (key, ROUTE, &body.raw);
    once_fit::<_, flows::VotedRules, VotedView>(
        &state,
        permit,
        asked,
        StatusCode::CREATED,
        move |ledger, grant, once, now| {
            flows::vote_on_rule_set_once(ledger, grant, (id.0, vote), once, now)
        },
    )
    .await
}
