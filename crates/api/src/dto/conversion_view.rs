//! Conversion requests as clients see them.

use chrono::{DateTime, Utc};
use creditbank_domain::fault::Fault;
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::consent::BasisView;
use super::request_way::WayView;
use crate::problem::{FaultView, PlacedFault, Words};

/// The requests that were sent together.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::cohort_view()))]
pub(crate) struct CohortView {
    /// Its id.
    pub(crate) cohort_id: Uuid,
    /// How many stand how.
    pub(crate) counts: CohortCounts,
    /// One request a learner.
    pub(crate) requests: Vec<RequestView>,
    /// Learners for whom no request was made; only in the answer to the order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) rejected: Vec<RejectedLearnerView>,
    /// Where the next page begins, where pages are asked for and there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) next_cursor: Option<String>,
}

/// The address of a cohort that was made.
pub(crate) fn cohort_location(body: &Value) -> Option<String> {
    let id = body.get("cohort_id").and_then(Value::as_str)?;
    Some(format!("/v1/conversion-cohorts/{id}"))
}

/// How many requests stand how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CohortCounts {
    /// Granted in full.
    pub(crate) granted: u32,
    /// Granted in part.
    pub(crate) partly: u32,
    /// Refused.
    pub(crate) refused: u32,
    /// Taken back by whoever sent them.
    #[serde(default)]
    pub(crate) withdrawn: u32,
    /// Not decided yet.
    pub(crate) open: u32,
}

/// A learner for whom no request was made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct RejectedLearnerView {
    /// The place in the order, from 0.
    pub(crate) index: u32,
    /// Why.
    pub(crate) fault: FaultView,
    /// Every place that could not be read; `fault` is the first of them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) errors: Vec<PlacedFault>,
}

/// One learner's request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::request_view()))]
pub(crate) struct RequestView {
    /// Its id.
    pub(crate) request_id: Uuid,
    /// The order it came with.
    pub(crate) cohort_id: Uuid,
    /// Whose outcomes.
    #[schema(example = "7KQ4M2XW9PDJ")]
    pub(crate) learner_no: String,
    /// The code of the institution that asked; absent where the learner asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) requesting_institution: Option<String>,
    /// The code of the institution that decides.
    pub(crate) receiving_institution: String,
    /// The programme.
    pub(crate) programme: ProgrammeView,
    /// The rules by which it is decided.
    pub(crate) rule_set: RuleSetView,
    /// Its version: how many steps it has taken. Also its `ETag`.
    #[serde(default)]
    pub(crate) version: u32,
    /// How far it has come.
    pub(crate) progress: WayView,
    /// By what right the receiving institution sees it.
    pub(crate) basis: BasisView,
    /// Where it stands.
    #[schema(
        example = "requested",
        extensions(("x-words" = json!(reads::RequestState::WORDS))),
    )]
    pub(crate) state: String,
    /// When it was made.
    pub(crate) requested_at: DateTime<Utc>,
    /// Until when its lots are held.
    pub(crate) hold_expires_at: DateTime<Utc>,
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decided_at: Option<DateTime<Utc>>,
    /// What is asked and what is given, line by line.
    pub(crate) lines: Vec<LineView>,
}

/// A programme of a receiving institution.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ProgrammeView {
    /// The institution's code of it.
    pub(crate) code: String,
    /// What it is called.
    pub(crate) title: String,
}

/// A version of a rule set and the document behind it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct RuleSetView {
    /// Its code.
    pub(crate) code: String,
    /// Which version.
    pub(crate) version: i32,
    /// The number of the document it cites.
    #[schema(example = "〔2021〕12号")]
    pub(crate) document_number: String,
}

/// One line of a request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct LineView {
    /// Its number, from 1.
    pub(crate) line_no: i32,
    /// The outcome.
    pub(crate) outcome_id: Uuid,
    /// The lot of it.
    pub(crate) lot_id: Uuid,
    /// What was achieved.
    pub(crate) entry_title: String,
    /// The rule that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule_code: Option<String>,
    /// What it becomes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target_title: Option<String>,
    /// Credits asked for.
    #[schema(example = "6.00")]
    pub(crate) requested: String,
    /// Credits given.
    #[schema(example = "3.70")]
    pub(crate) granted: String,
    /// True while nobody has decided yet.
    pub(crate) proposal_only: bool,
    /// What comes of it.
    #[schema(example = "cut", extensions(("x-words" = json!(["granted", "cut", "refused"]))))]
    pub(crate) verdict: String,
    /// Why it was cut or refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<FaultView>,
    /// Rule, document and arithmetic.
    pub(crate) explanation: Words,
    /// What would change the answer, where something would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remedy: Option<Words>,
    /// What is used of the lot, in its own unit.
    #[schema(example = "3.70")]
    pub(crate) used: String,
    /// The outcome that was granted for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) grant_outcome_id: Option<Uuid>,
}

impl From<&reads::CohortView> for CohortView {
    fn from(cohort: &reads::CohortView) -> Self {
        let rejected = cohort.rejected.iter().map(RejectedLearnerView::from);
        Self {
            cohort_id: cohort.cohort_id.as_uuid(),
            counts: CohortCounts {
                granted: cohort.granted,
                partly: cohort.partly,
                refused: cohort.refused,
                withdrawn: cohort.withdrawn,
                open: cohort.open,
            },
            requests: cohort.requests.iter().map(RequestView::from).collect(),
            rejected: rejected.collect(),
            next_cursor: None,
        }
    }
}

impl From<&reads::RejectedLearner> for RejectedLearnerView {
    fn from(rejected: &reads::RejectedLearner) -> Self {
        Self {
            index: rejected.position,
            fault: FaultView::from(&rejected.fault),
            errors: Vec::new(),
        }
    }
}

impl CohortView {
    /// The answer to an order of which some learners could not be read.
    ///
    /// The ledger counts the readable ones from 0; the client counts all it sent.
    pub(crate) fn with_unreadable(mut self, unreadable: &[Option<Vec<PlacedFault>>]) -> Self {
        let sent = || (0u32..).zip(unreadable);
        let readable: Vec<u32> = sent()
            .filter(|(_, faults)| faults.is_none())
            .map(|(index, _)| index)
            .collect();
        for rejected in &mut self.rejected {
            let position = usize::try_from(rejected.index).unwrap_or(usize::MAX);
            rejected.index = readable.get(position).copied().unwrap_or(rejected.index);
        }
        for (index, faults) in sent() {
            let Some(errors) = faults else { continue };
            let Some(first) = errors.first() else {
                continue;
            };
            let fault = first.fault.clone();
            self.rejected.push(RejectedLearnerView {
                index,
                fault,
                errors: errors.clone(),
            });
        }
        self.rejected.sort_by_key(|rejected| rejected.index);
        self
    }
}

impl From<&reads::RequestView> for RequestView {
    fn from(request: &reads::RequestView) -> Self {
        Self {
            request_id: request.request_id.as_uuid(),
            cohort_id: request.cohort_id.as_uuid(),
            learner_no: request.learner_no.to_string(),
            requesting_institution: request.requesting.clone(),
            receiving_institution: request.receiving.clone(),
            programme: ProgrammeView {
                code: request.programme_code.clone(),
                title: request.programme_title.clone(),
            },
            rule_set: RuleSetView {
                code: request.rule_set_code.clone(),
                version: request.rule_set_version,
                document_number: request.document_number.clone(),
            },
            version: request.way.version,
            progress: WayView::from(&request.way),
            basis: BasisView::from(&request.basis),
            state: request.state.as_str().to_owned(),
            requested_at: request.requested_at,
            hold_expires_at: request.hold_expires_at,
            decided_at: request.decided_at,
            lines: request.lines.iter().map(LineView::from).collect(),
        }
    }
}

impl From<&reads::LineView> for LineView {
    fn from(line: &reads::LineView) -> Self {
        Self {
            line_no: line.line_no,
            outcome_id: line.outcome_id.as_uuid(),
            lot_id: line.lot_id.as_uuid(),
            entry_title: line.entry_title.clone(),
            rule_code: line.rule_code.clone(),
            target_title: line.target_title.clone(),
            requested: line.requested.to_string(),
            granted: line.granted.to_string(),
            proposal_only: line.proposal_only,
            verdict: line.verdict.clone(),
            reason: line.reason.map(|code| Fault::of_reason(code, "").into()),
            explanation: Words::new(line.explanation_zh.clone(), line.explanation_en.clone()),
            remedy: line.remedy.as_ref().map(Words::from),
            used: line.used.to_string(),
            grant_outcome_id: line.grant_outcome_id.map(|id| id.as_uuid()),
        }
    }
}
