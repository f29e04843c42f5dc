//! The change feed as clients see it.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::Unit;
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::extract::feed_cursor_after;

/// A page of the change feed, in the order of the bank's commits.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::events_view()))]
pub(crate) struct EventsView {
    /// The events.
    pub(crate) events: Vec<EventView>,
    /// Where the next page begins, where one is there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
    /// Where reading goes on, now or at any later time. Always there; keep it with what was read.
    pub(crate) resume_cursor: String,
}

/// Something that happened.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct EventView {
    /// Its number: from 1 without a gap over the whole bank. Whoever sees only their own events
    /// sees gaps.
    pub(crate) seq: u64,
    /// `lot.issued`, `lot.held`, `lot.released`, `lot.settled`, `lot.expired`, `lot.withdrawn`,
    /// `lot.given_back`, `outcome.recorded` (one without a lot), or the kind of a notice, such as
    /// `lot_expires_soon` or `outcome_corrected`. More may come.
    #[schema(example = "lot.issued")]
    pub(crate) kind: String,
    /// The transfer, outcome or notice that it tells of: the same however often it is read.
    pub(crate) subject_id: Uuid,
    /// Whose it is.
    #[schema(example = "7KQ4M2XW9PDJ")]
    pub(crate) learner_no: String,
    /// The lot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lot_id: Option<Uuid>,
    /// The outcome behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outcome_id: Option<Uuid>,
    /// The conversion request behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<Uuid>,
    /// The direct hold behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hold_id: Option<Uuid>,
    /// The correction behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) correction_id: Option<Uuid>,
    /// What is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "credit", extensions(("x-words" = json!(Unit::ALL.map(Unit::as_str)))))]
    pub(crate) unit: Option<String>,
    /// How much moved, as a decimal text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "3.50")]
    pub(crate) amount: Option<String>,
    /// Who posted the outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "10358")]
    pub(crate) institution_code: Option<String>,
    /// When the bank wrote it.
    pub(crate) recorded_at: DateTime<Utc>,
    /// The day it counts for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) effective_on: Option<NaiveDate>,
    /// Amounts, days and codes of a notice; `earned_nothing` of an outcome that earned nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub(crate) figures: Option<Value>,
}

impl EventsView {
    /// A page of at most `limit` behind `after`, from rows of which one more was fetched, to know
    /// whether any follows.
    pub(crate) fn page(rows: &[reads::EventView], after: u64, limit: u32) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let page = rows.get(..limit).unwrap_or(rows);
        let more = rows.len() > page.len();
        let cursor = feed_cursor_after(page.last().map_or(after, |row| row.seq));
        Self {
            events: page.iter().map(EventView::from).collect(),
            next_cursor: more.then(|| cursor.clone()),
            resume_cursor: cursor,
        }
    }
}

impl From<&reads::EventView> for EventView {
    fn from(row: &reads::EventView) -> Self {
        Self {
            seq: row.seq,
            kind: row.kind.clone(),
            subject_id: row.subject_id,
            learner_no: row.learner_no.to_string(),
            lot_id: row.lot_id.map(|id| id.as_uuid()),
            outcome_id: row.outcome_id.map(|id| id.as_uuid()),
            request_id: row.request_id.map(|id| id.as_uuid()),
            hold_id: row.hold_id,
            correction_id: row.correction_id,
            unit: row.unit.map(|unit| unit.to_string()),
            amount: row.amount.map(|amount| amount.to_string()),
            institution_code: row.institution_code.clone(),
            recorded_at: row.recorded_at,
            effective_on: row.effective_on,
            figures: row.figures.clone(),
        }
    }
}
