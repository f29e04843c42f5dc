//! What became of posted outcomes.

use chrono::NaiveDate;
use creditbank_domain::amount::Unit;
use creditbank_ledger::flows::{PostAnswer, PostedLot, PostedOutcome};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::{FaultView, PlacedFault};

/// An outcome that stands in the ledger: the same text whenever it is posted again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::outcome_view()))]
pub(crate) struct OutcomeView {
    /// Its id.
    pub(crate) outcome_id: Uuid,
    /// Whose it is.
    #[schema(example = "7KQ4M2XW9PDJ")]
    pub(crate) learner_no: String,
    /// What was recognised, one lot a unit; empty where it earned nothing.
    pub(crate) lots: Vec<LotView>,
    /// Why it earned nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) earned_nothing: Option<FaultView>,
    /// What has to be seen to, though it counts, such as an entry that is overdue for review.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) warnings: Vec<FaultView>,
}

/// The amount of one unit recognised from one outcome.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct LotView {
    /// Its id.
    pub(crate) lot_id: Uuid,
    /// What is counted.
    #[schema(example = "credit", extensions(("x-words" = json!(Unit::ALL.map(Unit::as_str)))))]
    pub(crate) unit: String,
    /// How much, as a decimal text.
    #[schema(example = "3.50")]
    pub(crate) amount: String,
    /// The last day on which it can be used; open where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_on: Option<NaiveDate>,
}

impl From<&PostedOutcome> for OutcomeView {
    fn from(posted: &PostedOutcome) -> Self {
        Self {
            outcome_id: posted.outcome_id.as_uuid(),
            learner_no: posted.learner_no.to_string(),
            lots: posted.lots.iter().map(LotView::from).collect(),
            earned_nothing: posted.why_nothing().map(FaultView::from),
            warnings: posted.warnings.iter().map(FaultView::from).collect(),
        }
    }
}

impl From<&PostedLot> for LotView {
    fn from(lot: &PostedLot) -> Self {
        Self {
            lot_id: lot.lot_id.as_uuid(),
            unit: lot.amount.unit().to_string(),
            amount: lot.amount.hundredths().to_string(),
            expires_on: lot.expires_on,
        }
    }
}

/// What became of each outcome of a batch.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::batch_view()))]
pub(crate) struct BatchView {
    /// How many of each; they add up to the batch.
    pub(crate) counts: BatchCounts,
    /// One answer for each outcome, in their order.
    pub(crate) results: Vec<BatchResult>,
}

/// How many of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct BatchCounts {
    /// Written now.
    pub(crate) posted: u32,
    /// Written before, with the same content.
    pub(crate) already_posted: u32,
    /// Not written.
    pub(crate) rejected: u32,
}

/// What became of one outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ResultStatus {
    /// Written now.
    Posted,
    /// Written before, with the same content.
    AlreadyPosted,
    /// Not written; `fault` says why.
    Rejected,
}

/// The answer for one outcome of a batch.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct BatchResult {
    /// Its place in the batch, from 0.
    pub(crate) index: u32,
    /// What became of it.
    pub(crate) status: ResultStatus,
    /// Whether an account was opened for it.
    pub(crate) account_opened: bool,
    /// The outcome, unless it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<OutcomeView>,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<FaultView>,
    /// Every place of a line that could not be read; `fault` is the first of them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) errors: Vec<PlacedFault>,
}

impl BatchResult {
    fn of(index: u32, answer: &PostAnswer) -> Self {
        let (status, outcome, fault) = match answer {
            PostAnswer::Posted(posted) => (ResultStatus::Posted, Some(posted.into()), None),
            PostAnswer::AlreadyPosted(posted) => {
                (ResultStatus::AlreadyPosted, Some(posted.into()), None)
            }
            PostAnswer::Rejected(fault) => (ResultStatus::Rejected, None, Some(fault.into())),
        };
        let account_opened = matches!(answer, PostAnswer::Posted(posted) if posted.account_opened);
        Self {
            index,
            status,
            account_opened,
            outcome,
            fault,
            errors: Vec::new(),
        }
    }

    fn unreadable(index: u32, errors: &[PlacedFault]) -> Self {
        let fault = errors.first().map(|error| error.fault.clone());
        let errors = errors.to_vec();
        Self {
            index,
            status: ResultStatus::Rejected,
            account_opened: false,
            outcome: None,
            fault,
            errors,
        }
    }
}

impl BatchView {
    /// Merges the ledger's answers, which are those of the readable lines in their order, with
    /// the lines that could not be read.
    ///
    /// `unreadable` has one element for each line of the batch.
    pub(crate) fn merge(unreadable: &[Option<Vec<PlacedFault>>], answers: &[PostAnswer]) -> Self {
        let mut answers = answers.iter();
        let mut view = Self {
            counts: BatchCounts::default(),
            results: Vec::new(),
        };
        for (index, line) in (0u32..).zip(unreadable) {
            let result = match line {
                Some(errors) => BatchResult::unreadable(index, errors),
                None => match answers.next() {
                    Some(answer) => BatchResult::of(index, answer),
                    None => break,
                },
            };
            view.counts.count(result.status);
            view.results.push(result);
        }
        view
    }
}

impl BatchCounts {
    fn count(&mut self, status: ResultStatus) {
        let count = match status {
            ResultStatus::Posted => &mut self.posted,
            ResultStatus::AlreadyPosted => &mut self.already_posted,
            ResultStatus::Rejected => &mut self.rejected,
        };
        *count = count.saturating_add(1);
    }
}
