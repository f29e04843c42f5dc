//! How far requests have come, and what is done about them besides deciding.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::fault::Fault;
use creditbank_domain::process::Party;
use creditbank_ledger::flows::CheckOrder;
use creditbank_ledger::reads::{self, QueuedRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use creditbank_domain::text::bounded;

use crate::extract::cut;
use crate::problem::{FaultView, Place, Placed, PlacedFault, Words};

const TEXT_CHARACTERS_MAX: usize = 500;

/// How far a request has come.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct WayView {
    /// Which stage it is at, from 1.
    pub(crate) stage_no: u16,
    /// How many stages there are.
    pub(crate) stages: u16,
    /// What the stage is called.
    pub(crate) stage: Words,
    /// Whose stage it is.
    #[schema(example = "receiving", extensions(("x-words" = json!(Party::WORDS))))]
    pub(crate) party: String,
    /// Who has to do something.
    #[schema(
        example = "nobody",
        extensions(("x-words" = json!(["reviewers", "applicant", "nobody"]))),
    )]
    pub(crate) turn: String,
    /// The last day in time, in working days of the bank; while reviewers have the turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) due_on: Option<NaiveDate>,
    /// What the first check could not be certain of: a person has to look.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) marks: Vec<FaultView>,
    /// What was done about it, in order.
    pub(crate) steps: Vec<StepView>,
    /// The request that it appeals against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) appeals: Option<Uuid>,
    /// The request that was taken back, or not answered in time, and is asked again by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resubmits: Option<Uuid>,
}

/// Something that was done about a request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct StepView {
    /// 0 as it was sent, then up by one.
    pub(crate) step_no: u32,
    /// What was done.
    #[schema(
        example = "asked",
        extensions(("x-words" = json!([
            "sent", "approved", "refused", "asked", "answered", "withdrawn", "lapsed"
        ]))),
    )]
    pub(crate) kind: String,
    /// For whom.
    #[schema(
        example = "receiving",
        extensions(("x-words" = json!(["applicant", "bank", "receiving"]))),
    )]
    pub(crate) party: String,
    /// What was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    /// The outcomes that were not accepted.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) not_accepted: Vec<NotAcceptedView>,
    /// When.
    pub(crate) taken_at: DateTime<Utc>,
}

/// An outcome that a reviewer did not accept, or not in full.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct NotAcceptedView {
    /// The outcome.
    pub(crate) outcome_id: Uuid,
    /// The coded reason.
    pub(crate) reason: FaultView,
    /// In the reviewer's words.
    pub(crate) text: String,
    /// The most credits that may be granted on it all the same.
    #[schema(example = "0.00")]
    pub(crate) accepted: String,
}

/// A page of open requests.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::queue_view()))]
pub(crate) struct QueueView {
    /// The requests, in the order in which they were sent.
    pub(crate) requests: Vec<QueuedView>,
    /// Where the next page begins; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

/// An open request in a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct QueuedView {
    /// The request.
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
    /// The receiving institution's code of the programme.
    pub(crate) programme: String,
    /// Which stage it is at, from 1.
    pub(crate) stage_no: i16,
    /// Whose stage it is.
    #[schema(extensions(("x-words" = json!(Party::WORDS))))]
    pub(crate) party: String,
    /// Who has to do something.
    #[schema(extensions(("x-words" = json!(["reviewers", "applicant"]))))]
    pub(crate) turn: String,
    /// The last day in time, while reviewers have the turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) due_on: Option<NaiveDate>,
    /// Whether a person has to look at something.
    pub(crate) marked: bool,
    /// Its version.
    pub(crate) version: i32,
    /// When it was sent.
    pub(crate) requested_at: DateTime<Utc>,
}

/// What the bank finds at its own stage.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::check()))]
pub(crate) struct CheckBody {
    /// What is found.
    pub(crate) decision: CheckWord,
    /// What is missing, for the applicant to read; required with `ask`, and with nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub(crate) text: Option<String>,
}

/// What can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CheckWord {
    /// It is complete.
    Pass,
    /// Something is missing.
    Ask,
}

/// What somebody says, for the other side to read.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::saying()))]
pub(crate) struct SayingBody {
    /// The text, without personal data.
    #[schema(min_length = 1, max_length = 500)]
    pub(crate) text: String,
}

impl SayingBody {
    /// The text, or what is wrong with it.
    pub(crate) fn read(&self) -> Result<String, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let text = placed.take("text", bounded("text", &self.text, TEXT_CHARACTERS_MAX));
        text.ok_or_else(|| placed.into_faults())
    }
}

impl CheckBody {
    /// What it means.
    pub(crate) fn read(&self) -> Result<CheckOrder, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let order = match (self.decision, self.text.as_deref()) {
            (CheckWord::Pass, None) => Some(CheckOrder::Pass),
            (CheckWord::Pass, Some(_)) => {
                placed.refuse("text", text_without_question());
                None
            }
            (CheckWord::Ask, text) => {
                let text = bounded("text", text.unwrap_or_default(), TEXT_CHARACTERS_MAX);
                placed
                    .take("text", text)
                    .map(|text| CheckOrder::Ask { text })
            }
        };
        order.ok_or_else(|| placed.into_faults())
    }
}

fn text_without_question() -> Fault {
    Fault::new(
        "TEXT_WITHOUT_QUESTION",
        "只有要求补充时才填写说明",
        "a text comes with a question only",
    )
}

impl QueueView {
    /// A page of rows of which one more was fetched.
    pub(crate) fn page(rows: &[QueuedRequest], limit: u32) -> Self {
        let (page, next_cursor) = cut(rows, limit, |row| row.request_id.as_uuid());
        Self {
            requests: page.iter().map(QueuedView::from).collect(),
            next_cursor,
        }
    }
}

impl From<&QueuedRequest> for QueuedView {
    fn from(row: &QueuedRequest) -> Self {
        Self {
            request_id: row.request_id.as_uuid(),
            cohort_id: row.cohort_id,
            learner_no: row.learner_no.to_string(),
            requesting_institution: row.requesting.clone(),
            receiving_institution: row.receiving.clone(),
            programme: row.programme_code.clone(),
            stage_no: row.stage_no,
            party: row.party.clone(),
            turn: row.turn.clone(),
            due_on: row.due_on,
            marked: row.marked,
            version: row.version,
            requested_at: row.requested_at,
        }
    }
}

impl From<&reads::WayView> for WayView {
    fn from(way: &reads::WayView) -> Self {
        Self {
            stage_no: way.stage_no,
            stages: way.stages,
            stage: Words::new(way.stage_zh.clone(), way.stage_en.clone()),
            party: way.party.clone(),
            turn: way.turn.clone(),
            due_on: way.due_on,
            marks: way
                .marks
                .iter()
                .map(|mark| Fault::from(*mark).into())
                .collect(),
            steps: way.steps.iter().map(StepView::from).collect(),
            appeals: way.appeals.map(|id| id.as_uuid()),
            resubmits: way.resubmits.map(|id| id.as_uuid()),
        }
    }
}

impl From<&reads::StepView> for StepView {
    fn from(step: &reads::StepView) -> Self {
        let not_accepted = step.not_accepted.iter().map(|it| NotAcceptedView {
            outcome_id: it.outcome_id.as_uuid(),
            reason: Fault::of_reason(it.reason, "").into(),
            text: it.text.clone(),
            accepted: it.accepted.to_string(),
        });
        Self {
            step_no: step.step_no,
            kind: step.kind.clone(),
            party: step.party.clone(),
            text: step.text.clone(),
            not_accepted: not_accepted.collect(),
            taken_at: step.taken_at,
        }
    }
}
