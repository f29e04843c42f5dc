//! Rule sets as those who keep them see them.

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::rule_sets::{self, RuleSetState};
use crate::tables::{rule_set_list, rule_set_programmes};
use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::ids::RuleSetId;
use creditbank_rulebook::{Rival, RuleDocument};

/// A rule set in the list of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSetView {
    /// Its id.
    pub rule_set_id: RuleSetId,
    /// The receiving institution's code.
    pub receiving: String,
    /// Its code, the same over all versions.
    pub code: String,
    /// Counts up from 1.
    pub version: i32,
    /// Where it stands.
    pub state: RuleSetState,
    /// The codes of the programmes that it is for; every one where none is named.
    pub programmes: Vec<String>,
    /// The document it rests on.
    pub document_number: String,
    /// First day it may be used.
    pub valid_from: NaiveDate,
    /// Last day, open where there is none.
    pub valid_to: Option<NaiveDate>,
    /// Who drafted and proposed it.
    pub proposed_by: String,
    /// How many approve it.
    pub approvals: i64,
    /// When it was approved.
    pub approved_at: Option<DateTime<Utc>>,
}

/// Every version of every rule set, by institution, code and version.
///
/// # Errors
/// [`LedgerError::Unavailable`] without a database.
pub fn list_rule_sets(
    ledger: &Ledger,
    _grant: &Grant<KeepRegister>,
) -> Result<Vec<RuleSetView>, LedgerError> {
    ledger.read(rule_set_list::list_all)
}

/// A rule set's document, and the approved sets that stand in its way.
#[derive(Debug, Clone)]
pub struct RuleDocumentView {
    /// What it says.
    pub document: RuleDocument,
    /// The approved sets of other codes for the same programmes.
    pub rivals: Vec<Rival>,
}

/// What a rule set says, and what stands in its way.
///
/// # Errors
/// [`LedgerError::NotFound`], also for a set from before there were documents.
pub fn rule_document(
    ledger: &Ledger,
    _grant: &Grant<KeepRegister>,
    id: RuleSetId,
) -> Result<RuleDocumentView, LedgerError> {
    ledger.read_snapshot(|conn| {
        let stored = rule_sets::find(conn, id)?.ok_or(LedgerError::NotFound)?;
        let document = stored.document.ok_or(LedgerError::NotFound)?;
        Ok(RuleDocumentView {
            document,
            rivals: rule_set_programmes::list_rivals(conn, &stored.rule_set)?,
        })
    })
}
