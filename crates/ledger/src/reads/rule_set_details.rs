//! Rule sets as every member sees them: what they say, who voted, what resolved them.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, ReadRegister};
use creditbank_domain::ids::RuleSetId;
use creditbank_rulebook::{Change, RuleDocument, diff};
use diesel::prelude::*;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::reads::{ResolutionView, RuleSetState, RuleSetView};
use crate::store::Ledger;
use crate::tables::{resolutions, rule_set_documents, rule_set_list};

/// A vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoteView {
    /// The person's id, or an account of the command line.
    pub voter: String,
    /// `approve`, `reject` or `recuse`.
    pub vote: String,
    /// As a member of which committee.
    pub committee: Option<String>,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

/// A rule set with what belongs to it.
#[derive(Debug, Clone)]
pub struct RuleSetDetail {
    /// As in the list.
    pub rule_set: RuleSetView,
    /// What it says; nothing for a set from before there were documents.
    pub document: Option<RuleDocument>,
    /// Who voted.
    pub votes: Vec<VoteView>,
    /// What meetings resolved about it.
    pub resolutions: Vec<ResolutionView>,
}

/// Which rule sets are asked for.
#[derive(Debug, Clone, Default)]
pub struct RuleSetFilter {
    /// Of the institution of this code.
    pub institution: Option<String>,
    /// In this state.
    pub state: Option<RuleSetState>,
}

/// A page of rule sets in the order in which they were drafted.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn rule_sets(
    ledger: &Ledger,
    _grant: &Grant<ReadRegister>,
    filter: &RuleSetFilter,
    (after, limit): (Option<Uuid>, u32),
) -> Result<Vec<RuleSetView>, LedgerError> {
    let state = filter.state.map(RuleSetState::as_str);
    let wanted = (filter.institution.as_deref(), state);
    ledger.read(|conn| rule_set_list::list_page(conn, wanted, (after, limit)))
}

/// A rule set with what belongs to it.
///
/// # Errors
/// [`LedgerError::NotFound`].
pub fn rule_set(
    ledger: &Ledger,
    _grant: &Grant<ReadRegister>,
    id: RuleSetId,
) -> Result<RuleSetDetail, LedgerError> {
    ledger.read_snapshot(|conn| rule_set_detail(conn, id))
}

pub(crate) fn rule_set_detail(
    conn: &mut PgConnection,
    id: RuleSetId,
) -> Result<RuleSetDetail, LedgerError> {
    Ok(RuleSetDetail {
        rule_set: rule_set_list::find(conn, id)?.ok_or(LedgerError::NotFound)?,
        document: rule_set_documents::find(conn, id)?.map(|stored| stored.document),
        votes: rule_set_list::votes(conn, id)?,
        resolutions: resolutions::of_rule_set(conn, id)?,
    })
}

/// What changed from one rule set to another.
///
/// # Errors
/// [`LedgerError::NotFound`], also for a set from before there were documents.
pub fn rule_set_changes(
    ledger: &Ledger,
    _grant: &Grant<ReadRegister>,
    (old, new): (RuleSetId, RuleSetId),
) -> Result<Vec<Change>, LedgerError> {
    ledger.read_snapshot(|conn| {
        let mut document = |id| -> Result<RuleDocument, LedgerError> {
            let found = rule_set_documents::find(conn, id)?;
            Ok(found.ok_or(LedgerError::NotFound)?.document)
        };
        Ok(diff(&document(old)?, &document(new)?))
    })
}
