//! Accounts that may be one person's: their name and birth date are the same.
//!
//! Found when an account is opened or becomes known by name and number, before anything is posted
//! to it, and noted for a human. Two writers that open such accounts at the same moment do not see
//! each other, so housekeeping looks at what is new once more.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::ids::LearnerId;

use crate::error::LedgerError;
use crate::store::{Ledger, Tx};
use crate::tables::{duplicate_candidates, person_digests};

/// What two accounts of one person have in common.
#[derive(Debug)]
pub(super) struct PersonFacts {
    pub(super) learner_id: LearnerId,
    pub(super) folded_name: String,
    pub(super) born_on: NaiveDate,
}

/// Notes who these people are and which other accounts may be theirs, and says who has such.
pub(super) fn note(
    tx: &mut Tx<'_>,
    facts: &[PersonFacts],
    now: DateTime<Utc>,
) -> Result<HashSet<LearnerId>, LedgerError> {
    if facts.is_empty() {
        return Ok(HashSet::new());
    }
    let mut digests: Vec<(LearnerId, [u8; 32])> = facts
        .iter()
        .map(|one| {
            let digest = tx.keys().person_digest(&one.folded_name, one.born_on);
            (one.learner_id, digest)
        })
        .collect();
    digests.sort_unstable();
    person_digests::insert_all(tx, &digests, now)?;
    let learners: Vec<LearnerId> = digests.iter().map(|(learner, _)| *learner).collect();
    let pairs = person_digests::list_alike(tx.conn(), &learners)?;
    if !pairs.is_empty() {
        duplicate_candidates::insert_all(tx, &pairs, now)?;
    }
    Ok(pairs.into_iter().map(|(learner, _)| learner).collect())
}

/// How far back the second look goes: far longer than any transaction lasts.
const LOOKED_AT_AGAIN: TimeDelta = TimeDelta::hours(1);

/// Looks once more at the people who became known lately, and says how many pairs it found that
/// nobody had noted.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn find_late_duplicates(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    now: DateTime<Utc>,
) -> Result<usize, LedgerError> {
    let since = now.checked_sub_signed(LOOKED_AT_AGAIN).unwrap_or(now);
    ledger.write(grant, |tx| {
        let lately = person_digests::list_since(tx.conn(), since)?;
        if lately.is_empty() {
            return Ok(0);
        }
        let pairs = person_digests::list_alike(tx.conn(), &lately)?;
        duplicate_candidates::insert_all(tx, &pairs, now)
    })
}
