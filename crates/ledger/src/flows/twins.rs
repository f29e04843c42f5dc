//! Courses that a list names as one: of each unit a learner is credited for one of them.
//!
//! What is known is refused here, with the name of the twin. What two writers do at one moment is
//! refused by the unique index `lots_same_course_key`; whoever comes second runs again and knows.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use creditbank_domain::amount::Unit;
use creditbank_domain::ids::{EntryId, LearnerId, LotId, OutcomeId, SameCourseGroupId};
use creditbank_domain::reason::ReasonCode;

use crate::error::LedgerError;
use crate::flows::learner_groups::Groups;
use crate::flows::post_outcomes::{PostAnswer, PostedOutcome};
use crate::store::Tx;
use crate::tables::catalogue;
use crate::tables::outcomes::PlannedOutcome;
use crate::tables::same_courses::{self, SameCourseRefusal};

/// The course that an outcome's course is the same as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    /// The code of the institution whose entry it is.
    pub owner: String,
    /// That institution's code of it.
    pub code: String,
    /// What people call it.
    pub title: String,
}

/// What is known of twins before outcomes are posted.
#[derive(Debug, Default)]
pub(super) struct Twins {
    refusals: Vec<SameCourseRefusal>,
    /// Lots that only another writer can still refuse.
    unrivalled: HashSet<LotId>,
}

struct Credited {
    entry: EntryId,
    outcome: (LearnerId, OutcomeId),
}

type Key = (LearnerId, SameCourseGroupId, Unit);

impl Twins {
    /// Takes the lots away from outcomes whose twin is credited, to an account shown as the same
    /// learner too. Of twins in one batch the first one stays. Asks nothing where no outcome is of
    /// a group.
    pub(super) fn refuse(
        tx: &mut Tx<'_>,
        planned: &mut [&mut PlannedOutcome],
        merged: bool,
    ) -> Result<Self, LedgerError> {
        let mut twins = Self::default();
        if !planned.iter().any(|one| counts(one)) {
            return Ok(twins);
        }
        let mut concerned: Vec<&mut PlannedOutcome> = planned
            .iter_mut()
            .map(|one| &mut **one)
            .filter(|one| counts(one))
            .collect();
        // As they came: ids are made in the order of the batch.
        concerned.sort_by_key(|outcome| outcome.outcome_id);
        let mut learners: Vec<LearnerId> = concerned.iter().map(|one| one.learner_id).collect();
        let groups = if merged {
            Groups::of(tx.conn(), &learners)?
        } else {
            Groups::default()
        };
        learners = groups.members(&learners);
        let mut lists: Vec<SameCourseGroupId> = concerned
            .iter()
            .filter_map(|one| one.same_course_group)
            .collect();
        lists.sort_unstable();
        lists.dedup();
        let mut credited: HashMap<Key, Vec<Credited>> = HashMap::new();
        for lot in same_courses::list_credited(tx.conn(), &learners, &lists)? {
            let key = (groups.survivor(lot.learner_id), lot.group_id, lot.unit);
            credited.entry(key).or_default().push(Credited {
                entry: lot.entry_id,
                outcome: (lot.learner_id, lot.outcome_id),
            });
        }
        for outcome in concerned {
            twins.look_at(outcome, groups.survivor(outcome.learner_id), &mut credited);
        }
        Ok(twins)
    }

    fn look_at(
        &mut self,
        outcome: &mut PlannedOutcome,
        learner: LearnerId,
        credited: &mut HashMap<Key, Vec<Credited>>,
    ) {
        let Some(group_id) = outcome.same_course_group else {
            return;
        };
        let mut twin = None;
        let (entry, own) = (outcome.entry_id, (outcome.learner_id, outcome.outcome_id));
        outcome.lots.retain(|(lot_id, lot)| {
            let there = credited
                .entry((learner, group_id, lot.amount.unit()))
                .or_default();
            // Another attempt at the same course: the statement that posts says so.
            if there.iter().any(|one| one.entry == entry) {
                return true;
            }
            if let Some(first) = there.first() {
                twin = Some(first.outcome);
                return false;
            }
            there.push(Credited {
                entry,
                outcome: own,
            });
            self.unrivalled.insert(*lot_id);
            true
        });
        if let Some(twin) = twin.filter(|_| outcome.lots.is_empty()) {
            outcome.earned_nothing = Some(ReasonCode::DuplicateName);
            self.refusals.push(SameCourseRefusal {
                learner_id: outcome.learner_id,
                outcome_id: outcome.outcome_id,
                group_id,
                twin,
            });
        }
    }

    /// Keeps what was refused, once the outcomes are posted.
    ///
    /// # Errors
    /// [`LedgerError::Contended`] where another writer credited a twin a moment ago: run again, and
    /// it is known.
    pub(super) fn keep(
        &self,
        tx: &mut Tx<'_>,
        issued: &HashSet<LotId>,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        if !self.unrivalled.is_subset(issued) {
            return Err(LedgerError::Contended);
        }
        same_courses::insert_refusals(tx, &self.refusals, now)
    }
}

const fn counts(outcome: &PlannedOutcome) -> bool {
    outcome.same_course_group.is_some() && !outcome.repeatable && !outcome.lots.is_empty()
}

/// The group in which an outcome that is posted beside the ordinary way is counted.
pub(super) fn group_of(
    tx: &mut Tx<'_>,
    outcome: &PlannedOutcome,
) -> Result<Option<SameCourseGroupId>, LedgerError> {
    let versions = catalogue::list_by_entries(tx.conn(), &[outcome.entry_id])?;
    let owned = versions.first();
    Ok(owned.and_then(|owned| owned.group_on(outcome.awarded_on)))
}

/// Writes into the answers which twin is credited, whether they are new or of long ago.
pub(super) fn name_twins(
    tx: &mut Tx<'_>,
    answers: &mut [Option<PostAnswer>],
) -> Result<(), LedgerError> {
    let mut refused: HashMap<OutcomeId, &mut PostedOutcome> = HashMap::new();
    for answer in answers.iter_mut().flatten() {
        if let PostAnswer::Posted(outcome) | PostAnswer::AlreadyPosted(outcome) = answer
            && outcome.earned_nothing == Some(ReasonCode::DuplicateName)
        {
            refused.insert(outcome.outcome_id, outcome);
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    for (id, twin) in list(tx, &refused.keys().copied().collect::<Vec<_>>())? {
        if let Some(outcome) = refused.get_mut(&id) {
            outcome.twin = Some(twin);
        }
    }
    Ok(())
}

/// The twins beside which these outcomes earned nothing.
pub(super) fn list(
    tx: &mut Tx<'_>,
    outcomes: &[OutcomeId],
) -> Result<Vec<(OutcomeId, Twin)>, LedgerError> {
    let rows = same_courses::list_twins(tx.conn(), outcomes)?;
    let twins = rows.into_iter().map(|row| {
        let twin = Twin {
            owner: row.owner_code,
            code: row.code,
            title: row.title,
        };
        (OutcomeId::from_uuid(row.outcome_id), twin)
    });
    Ok(twins.collect())
}
