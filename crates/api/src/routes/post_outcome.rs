//! `POST /v1/outcomes`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::PostOutcomes;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::fault::Fault;
use creditbank_domain::reason::ReasonCode;
use creditbank_ledger::StoredAnswer;
use creditbank_ledger::flows::{PostAnswer, SinglePost};

use crate::answer;
use crate::auth::Permit;
use crate::dto::outcome::OutcomeBody;
use crate::dto::outcome_view::OutcomeView;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{
    ApiError, BodyProblems, CallerProblems, IdempotencyProblems, Place, PlacedFault, Problem, Words,
};
use crate::state::ApiState;

/// Post one outcome.
///
/// A new outcome answers 201; the same content under the same `source_ref` answers 200 with what
/// stands in the ledger; other content under it answers 409 `SOURCE_REF_CONFLICT`. An outcome
/// that earns nothing is recorded with its reason and no lot; a course that is not over is no
/// outcome, 422 `COMPLETION_IN_PROGRESS`. Whoever is not among the entry's owners is answered 403
/// `ENTRY_NOT_OWNED`. Identifiers of different accounts
/// answer 409 `IDENTITY_MISMATCH`, another name than the one known 409 `NAME_MISMATCH`.
#[utoipa::path(
    operation_id = "postOutcome", tag = "outcomes", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = OutcomeBody,
    responses(
        (status = 201, description = "Written.", body = OutcomeView),
        (status = 200, description = "Written before, with the same content.", body = OutcomeView),
        CallerProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/outcomes")]
pub(crate) async fn post_outcome(
    permit: Permit<PostOutcomes>,
    key: IdempotencyKey,
    body: JsonBody<OutcomeBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let now = state.now();
    // Not by `answer::once`: single posts go into one transaction with others, which claims the keys
    // of all of them.
    let claim = key.claim(&permit.grant, "POST /v1/outcomes", &body.raw)?;
    let outcome = body
        .body
        .read(&Place::root(), bank_day(now))
        .map_err(ApiError::Meaning)?;
    let post = SinglePost {
        grant: permit.grant,
        report: outcome,
        claim,
        render,
    };
    let answered = state.posting.post(post, &state.ledger).await?;
    answer::send(answered, answer::nowhere)
}

fn render(answer: &PostAnswer) -> StoredAnswer {
    match answer {
        PostAnswer::Posted(posted) => {
            answer::rendered(StatusCode::CREATED, &OutcomeView::from(posted))
        }
        PostAnswer::AlreadyPosted(posted) => {
            answer::rendered(StatusCode::OK, &OutcomeView::from(posted))
        }
        PostAnswer::Rejected(fault) => answer::refused(&rejection(fault)),
    }
}

fn rejection(fault: &Fault) -> Problem {
    let problem = if contradicts(fault.code) {
        let title = Words::fixed("与已有记录冲突", "it contradicts what is there");
        Problem::of_fault(409, title, fault)
    } else if fault.code == ReasonCode::EntryNotOwned.as_str() {
        let title = Words::fixed("无权登记该条目", "only its owners may post this entry");
        Problem::of_fault(403, title, fault)
    } else {
        let title = Words::fixed("按规则不予受理", "a rule refuses it");
        Problem::of_fault(422, title, fault)
    };
    let at = member(fault.code).map(|name| Place::root().child(name));
    let placed = at.map(|place| PlacedFault::at(&place, fault.clone()));
    problem.errors(placed.as_slice())
}

/// True where a report contradicts what the bank has, rather than a rule.
pub(super) fn contradicts(code: &str) -> bool {
    ["SOURCE_REF_CONFLICT", "IDENTITY_MISMATCH", "NAME_MISMATCH"].contains(&code)
}

/// The member that a refusal is about; `None` where it is about the institution.
fn member(code: &str) -> Option<&'static str> {
    match code {
        "SOURCE_REF_CONFLICT" => Some("source_ref"),
        "LEARNER_UNKNOWN" | "IDENTITY_MISMATCH" | "NAME_MISMATCH" => Some("learner"),
        "OUTCOME_UNKNOWN" | "ENTRY_NOT_OWNED" => Some("entry"),
        "OUTCOME_VERSION_NOT_VALID_THEN" | "NOT_YET_EARNED" | "BASE_TERM" => Some("awarded_on"),
        "AMOUNT_MISMATCH" => Some("stated"),
        "COMPLETION_IN_PROGRESS" | "COMPLETION_UNSTATED" | "PROGRESS_IMPOSSIBLE" => {
            Some("progress")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use creditbank_domain::ids::OutcomeId;
    use creditbank_ledger::flows::PostedOutcome;
    use uuid::Uuid;

    use super::*;
    use crate::auth::fixture::learner_no;

    #[test]
    fn the_same_outcome_again_answers_200_with_the_same_body() {
        let posted = |account_opened| PostedOutcome {
            outcome_id: OutcomeId::from_uuid(Uuid::from_u128(1)),
            learner_no: learner_no(),
            account_opened,
            lots: Vec::new(),
            earned_nothing: None,
            twin: None,
            warnings: Vec::new(),
        };
        let first = render(&PostAnswer::Posted(posted(true)));
        let again = render(&PostAnswer::AlreadyPosted(posted(false)));
        assert_eq!((first.status, again.status), (201, 200));
        assert_eq!(first.body, again.body);
    }

    #[test]
    fn a_conflict_is_409_no_owner_403_and_any_other_rejection_422() {
        let status = |code| {
            let fault = Fault::new(code, "中", "en");
            render(&PostAnswer::Rejected(fault)).status
        };
        assert_eq!(status("SOURCE_REF_CONFLICT"), 409);
        assert_eq!(status("IDENTITY_MISMATCH"), 409);
        assert_eq!(status("NAME_MISMATCH"), 409);
        assert_eq!(status("ENTRY_NOT_OWNED"), 403);
        assert_eq!(status("BASE_TERM"), 422);
    }
}
