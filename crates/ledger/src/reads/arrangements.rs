//! Through whose hands requests go, who stands in for whom, and which days are worked.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{DelegateReviews, Grant, ReadRegister, View};
use creditbank_domain::process::{Hand, Stage};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::arrangements;

/// A chain of stages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainView {
    /// Its id.
    pub chain_id: Uuid,
    /// The receiving institution's code.
    pub institution: String,
    /// Requests sent from that day on walk it, until the next chain's day.
    pub valid_from: NaiveDate,
    /// What it rests on.
    pub document_number: String,
    /// Working days that an applicant has for an answer.
    pub answer_days: u32,
    /// Its stages with those whose they are; nobody for everybody of the role.
    pub stages: Vec<(Stage, Vec<Hand>)>,
}

/// Who stands in for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegationView {
    /// Its id.
    pub delegation_id: Uuid,
    /// Whose reviewers they are; the bank's where there is none.
    pub institution: Option<String>,
    /// Who is away.
    pub absent: Uuid,
    /// Who stands in.
    pub delegate: Uuid,
    /// From.
    pub valid_from: NaiveDate,
    /// To, that day included.
    pub valid_to: NaiveDate,
    /// When it was noted.
    pub recorded_at: DateTime<Utc>,
}

/// A year whose holidays are loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarYearView {
    /// The year.
    pub year: i16,
    /// Whose arrangement it is.
    pub source: String,
    /// Whether a person has still to confirm it.
    pub example: bool,
    /// Day, `holiday` or `made_up`, and what is celebrated.
    pub days: Vec<(NaiveDate, String, String)>,
}

/// The chains of an institution by its code, or of all.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn review_chains(
    ledger: &Ledger,
    _grant: &Grant<ReadRegister>,
    institution: Option<&str>,
) -> Result<Vec<ChainView>, LedgerError> {
    ledger.read_snapshot(|conn| arrangements::list_chains(conn, institution))
}

/// A page of delegations: an institution's own, or all.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn review_delegations(
    ledger: &Ledger,
    grant: &Grant<DelegateReviews>,
    page: (Option<Uuid>, u32),
) -> Result<Vec<DelegationView>, LedgerError> {
    let only = match grant.view() {
        View::Whole => None,
        View::OnlyOf(own) => Some(own),
        View::OnlyOwn(_) => return Err(LedgerError::NotFound),
    };
    ledger.read(|conn| arrangements::list_delegations(conn, only, page))
}

/// The years whose holidays are loaded.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn work_calendars(
    ledger: &Ledger,
    _grant: &Grant<ReadRegister>,
) -> Result<Vec<CalendarYearView>, LedgerError> {
    ledger.read_snapshot(|conn| arrangements::list_calendars(conn, None))
}
