//! What waits for somebody: open requests, for a side's work list.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, ReadConversion};
use creditbank_domain::ids::RequestId;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::process::Party;

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::parsed;
use crate::tables::request_queue::{self, QueueRow};

/// Which open requests are asked for; what is absent does not matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueFilter {
    /// Whose stage they are at.
    pub party: Option<Party>,
    /// Whether the applicant has to answer first.
    pub awaiting_answer: Option<bool>,
    /// Whether a person has to look at something.
    pub marked: Option<bool>,
    /// Only those whose last day in time lies before this one.
    pub due_before: Option<NaiveDate>,
}

/// An open request in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedRequest {
    /// The request.
    pub request_id: RequestId,
    /// The requests that were sent together.
    pub cohort_id: uuid::Uuid,
    /// Whose it is.
    pub learner_no: LearnerNo,
    /// The school's code; none where the learner asks.
    pub requesting: Option<String>,
    /// The receiving institution's code.
    pub receiving: String,
    /// The programme's code.
    pub programme_code: String,
    /// Which stage it is at, from 1.
    pub stage_no: i16,
    /// Whose stage it is.
    pub party: String,
    /// Who has to do something.
    pub turn: String,
    /// The last day in time.
    pub due_on: Option<NaiveDate>,
    /// Whether a person has to look at something.
    pub marked: bool,
    /// Which version stands.
    pub version: i32,
    /// When it was sent.
    pub requested_at: DateTime<Utc>,
}

/// The open requests that the grant lets one see, after one, in the order in which they were sent.
///
/// # Errors
/// [`LedgerError::Unavailable`]
pub fn request_queue(
    ledger: &Ledger,
    grant: &Grant<ReadConversion>,
    filter: &QueueFilter,
    after: Option<RequestId>,
    limit: u32,
) -> Result<Vec<QueuedRequest>, LedgerError> {
    let rows = ledger.read(grant, |conn| {
        request_queue::list(conn, grant.view(), filter, after, limit)
    })?;
    rows.into_iter().map(QueuedRequest::try_from).collect()
}

impl TryFrom<QueueRow> for QueuedRequest {
    type Error = LedgerError;

    fn try_from(row: QueueRow) -> Result<Self, LedgerError> {
        Ok(Self {
            request_id: RequestId::from_uuid(row.request_id),
            cohort_id: row.cohort_id,
            learner_no: parsed(&row.learner_no, "learners.learner_no")?,
            requesting: row.requesting_code,
            receiving: row.receiving_code,
            programme_code: row.programme_code,
            stage_no: row.stage_no,
            party: row.party,
            turn: row.turn,
            due_on: row.due_on,
            marked: row.marked,
            version: row.steps,
            requested_at: row.requested_at,
        })
    }
}
