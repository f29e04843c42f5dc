//! Candidate duplicates as the secretariat sees them: enough to tell whether two accounts are one
//! person's, and no more. Every look is written down.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, MergeLearners};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::identifier::IdentifierKind;
use creditbank_domain::ids::{CandidateId, LearnerId};
use creditbank_domain::learner_no::LearnerNo;
use serde_json::json;

use crate::error::LedgerError;
use crate::reads::identity::{masked, name};
use crate::store::{Ledger, Tx};
use crate::tables::{audit_events, duplicate_candidates, identifiers, learners, parsed};

/// One of two accounts that may be one person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateAccount {
    /// Its number.
    pub learner_no: LearnerNo,
    /// The first character of the name.
    pub masked_name: Option<String>,
    /// What kind of identifiers it has, and their ends.
    pub identifiers: Vec<(IdentifierKind, String)>,
    /// Who opened it.
    pub opened_by: String,
    /// On which day.
    pub opened_on: NaiveDate,
    /// How many outcomes it has.
    pub outcomes: u64,
}

/// Two accounts whose name and birth date are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateView {
    /// The pair.
    pub candidate_id: CandidateId,
    /// When it was found.
    pub found_at: DateTime<Utc>,
    /// The older account first.
    pub accounts: [CandidateAccount; 2],
}

/// The open pairs behind `after`, oldest first. Leaves an audit event.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn duplicate_candidates(
    ledger: &Ledger,
    grant: &Grant<MergeLearners>,
    after: Option<CandidateId>,
    limit: u32,
    now: DateTime<Utc>,
) -> Result<Vec<CandidateView>, LedgerError> {
    ledger.write(grant, |tx| {
        let rows = duplicate_candidates::list_open(tx.conn(), after, limit)?;
        let ids = rows.iter().flat_map(|row| [row.learner_id, row.other_id]);
        let mut ids: Vec<LearnerId> = ids.map(LearnerId::from_uuid).collect();
        ids.sort_unstable();
        ids.dedup();
        let accounts = accounts(tx, &ids, bank_day(now))?;
        let account = |id| {
            let found = accounts.get(&LearnerId::from_uuid(id)).cloned();
            found.ok_or(LedgerError::Corrupt("duplicate_candidates.learner_id"))
        };
        let mut views = Vec::with_capacity(rows.len());
        for row in &rows {
            views.push(CandidateView {
                candidate_id: CandidateId::from_uuid(row.candidate_id),
                found_at: row.found_at,
                accounts: [account(row.learner_id)?, account(row.other_id)?],
            });
        }
        let figures = json!({ "shown": views.len() });
        audit_events::insert(tx, grant, ("duplicate_candidates", None), &figures, now)?;
        Ok(views)
    })
}

fn accounts(
    tx: &mut Tx<'_>,
    ids: &[LearnerId],
    today: NaiveDate,
) -> Result<HashMap<LearnerId, CandidateAccount>, LedgerError> {
    let keys = tx.keys();
    let mut shown: HashMap<LearnerId, Vec<_>> = HashMap::new();
    for row in identifiers::list_of(tx.conn(), ids)? {
        let learner = LearnerId::from_uuid(row.learner_id);
        shown
            .entry(learner)
            .or_default()
            .push(masked(keys, &row, today)?);
    }
    let mut names = HashMap::new();
    for (learner, sealed) in identifiers::list_names(tx.conn(), ids)? {
        names.insert(learner, name(keys, learner, &sealed)?.masked());
    }
    let mut accounts = HashMap::new();
    for opened in learners::list_opened(tx.conn(), ids)? {
        let id = LearnerId::from_uuid(opened.learner_id);
        let account = CandidateAccount {
            learner_no: parsed(&opened.learner_no, "learners.learner_no")?,
            masked_name: names.remove(&id),
            identifiers: shown.remove(&id).unwrap_or_default(),
            opened_by: opened.opened_by,
            opened_on: bank_day(opened.opened_at),
            outcomes: crate::tables::count(opened.outcomes, "a count of outcomes")?,
        };
        accounts.insert(id, account);
    }
    Ok(accounts)
}
