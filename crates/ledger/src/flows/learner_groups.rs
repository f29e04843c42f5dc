//! Accounts that are shown as one: what conversions and postings have to see together.
//!
//! Nothing moves when accounts are merged. So whoever asks what a learner has, was granted or was
//! credited for asks for the whole group, and whoever locks locks the whole group.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use creditbank_domain::amount::Unit;
use creditbank_domain::conversion::{History, Programme, RuleSet};
use creditbank_domain::grade::Grade;
use creditbank_domain::grading::best_of;
use creditbank_domain::ids::{EntryId, LearnerId, LotId};
use creditbank_domain::reason::ReasonCode;
use diesel::pg::PgConnection;

use crate::error::LedgerError;
use crate::flows::conversion_inputs::histories;
use crate::flows::resolve_learners::People;
use crate::flows::twins::{Twins, group_of};
use crate::store::Tx;
use crate::tables::lots::{self, ConvertibleLot};
use crate::tables::outcomes::{self, PlannedOutcome};
use crate::tables::{joint_lots, learner_merges};

/// Which accounts are shown as which, among some learners.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Groups {
    survivors: HashMap<LearnerId, LearnerId>,
    absorbed: HashMap<LearnerId, Vec<LearnerId>>,
}

impl Groups {
    /// The groups that these learners belong to, as they are now.
    pub(super) fn of(conn: &mut PgConnection, learners: &[LearnerId]) -> Result<Self, LedgerError> {
        let mut groups = Self::default();
        for (survivor, absorbed) in learner_merges::list_aliases(conn, learners)? {
            groups.survivors.insert(absorbed, survivor);
            groups.absorbed.entry(survivor).or_default().push(absorbed);
        }
        Ok(groups)
    }

    /// The account that an account is shown as: itself, mostly.
    pub(super) fn survivor(&self, learner: LearnerId) -> LearnerId {
        self.survivors.get(&learner).copied().unwrap_or(learner)
    }

    /// These learners with everybody who is shown with them, each once, in key order.
    pub(super) fn members(&self, learners: &[LearnerId]) -> Vec<LearnerId> {
        let mut members: Vec<LearnerId> = learners
            .iter()
            .flat_map(|learner| {
                let survivor = self.survivor(*learner);
                let absorbed = self.absorbed.get(&survivor).into_iter().flatten().copied();
                absorbed.chain([survivor])
            })
            .collect();
        members.sort_unstable();
        members.dedup();
        members
    }
}

/// Locks all lots of these learners and of everybody who is shown with them, in key order, and
/// gives them, each with the best result that any of its learner's accounts has.
///
/// A merge takes the same locks: what the groups are after that, they stay until the end.
pub(super) fn lock_joint_lots(
    tx: &mut Tx<'_>,
    learners: &[LearnerId],
) -> Result<(Groups, Vec<ConvertibleLot>), LedgerError> {
    let groups = Groups::of(tx.conn(), learners)?;
    let mut lots = lots::lock_lots(tx, &groups.members(learners))?;
    if Groups::of(tx.conn(), learners)? != groups {
        return Err(LedgerError::Contended);
    }
    take_best_results(tx.conn(), &groups, &mut lots)?;
    Ok((groups, lots))
}

/// Gives each lot the best result that any of its learner's accounts has in its entry.
fn take_best_results(
    conn: &mut PgConnection,
    groups: &Groups,
    lots: &mut [ConvertibleLot],
) -> Result<(), LedgerError> {
    if groups.absorbed.is_empty() {
        return Ok(());
    }
    let survivors: Vec<LearnerId> = groups.absorbed.keys().copied().collect();
    let members = groups.members(&survivors);
    let mut results: HashMap<(LearnerId, EntryId, Option<String>), Vec<Grade>> = HashMap::new();
    for one in joint_lots::list_standing_grades(conn, &members)? {
        let key = (groups.survivor(one.learner_id), one.entry_id, one.scheme);
        results.entry(key).or_default().push(one.grade);
    }
    for lot in lots {
        let scheme = lot.grading.as_ref();
        let code = scheme.map(|scheme| scheme.code.clone());
        let key = (groups.survivor(lot.learner_id), lot.entry_id, code);
        let others = results.get(&key).into_iter().flatten().copied();
        let all = std::iter::once(lot.grade).chain(others);
        lot.grade = best_of(all, scheme).unwrap_or(lot.grade);
    }
    Ok(())
}

/// The lots of learners and of everybody who is shown with them, as they are, without a lock.
pub(super) fn joint_lots(
    conn: &mut PgConnection,
    groups: &Groups,
    learners: &[LearnerId],
) -> Result<Vec<ConvertibleLot>, LedgerError> {
    let mut lots = lots::list_convertible(conn, &groups.members(learners))?;
    take_best_results(conn, groups, &mut lots)?;
    Ok(lots)
}

/// Locks the lots of these learners and of everybody who is or ever was shown with them, in key
/// order, and gives them. Corrections take it first: a request that was sent while
/// accounts were one may have used the lots of both.
pub(super) fn lock_kin(
    tx: &mut Tx<'_>,
    learners: &[LearnerId],
) -> Result<Vec<ConvertibleLot>, LedgerError> {
    let mut kin = learner_merges::list_kin(tx.conn(), learners)?;
    kin.sort_unstable();
    let (_, lots) = lock_joint_lots(tx, &kin)?;
    Ok(lots)
}

/// Posts one outcome, without the lots for which another account of its learner, or a twin, is
/// credited. The lots of the whole group are locked.
pub(super) fn post_one(
    tx: &mut Tx<'_>,
    planned: &PlannedOutcome,
    now: DateTime<Utc>,
) -> Result<Vec<LotId>, LedgerError> {
    let groups = Groups::of(tx.conn(), &[planned.learner_id])?;
    let mut others = groups.members(&[planned.learner_id]);
    others.retain(|other| *other != planned.learner_id);
    let mut planned = planned.clone();
    if !others.is_empty() {
        let credited = joint_lots::list_credited_units(tx.conn(), &others)?;
        let credited = credited.into_iter().map(|(_, entry, unit)| (entry, unit));
        drop_credited(&mut planned, &credited.collect());
    }
    planned.same_course_group = group_of(tx, &planned)?;
    let twins = Twins::refuse(tx, &mut [&mut planned], !others.is_empty())?;
    let issued = outcomes::post(tx, &[&planned], now)?;
    twins.keep(tx, &issued.iter().copied().collect(), now)?;
    Ok(issued)
}

/// What was granted in a programme before, by the account that a learner is shown as.
pub(super) fn joint_histories(
    conn: &mut PgConnection,
    groups: &Groups,
    learners: &[LearnerId],
    programme: &Programme,
    rule_set: &RuleSet,
) -> Result<HashMap<LearnerId, History>, LedgerError> {
    let mut joint: HashMap<LearnerId, History> = HashMap::new();
    let members = groups.members(learners);
    for (learner, history) in histories(conn, &members, programme, rule_set)? {
        let whole = joint.entry(groups.survivor(learner)).or_default();
        whole.grants.extend(history.grants);
        whole.courses.extend(history.courses);
    }
    Ok(joint)
}

/// Takes the lots away for which another account of the same learner was credited already. Does
/// nothing, and asks nothing, where nobody in the batch has another account.
///
/// The group's lots are locked first, so that a grant to one account and a posting to the other
/// take turns; two postings to one account have the unique index.
pub(super) fn drop_credited_elsewhere(
    tx: &mut Tx<'_>,
    people: &People<'_>,
    planned: &mut [PlannedOutcome],
) -> Result<(), LedgerError> {
    if people.absorbed.is_empty() {
        return Ok(());
    }
    let learners: HashSet<LearnerId> = planned.iter().map(|one| one.learner_id).collect();
    let mut survivors: Vec<LearnerId> = learners
        .into_iter()
        .filter(|learner| people.absorbed.contains_key(learner))
        .collect();
    if survivors.is_empty() {
        return Ok(());
    }
    survivors.sort_unstable();
    let groups = Groups::of(tx.conn(), &survivors)?;
    lots::lock_lots(tx, &groups.members(&survivors))?;
    if Groups::of(tx.conn(), &survivors)? != groups {
        return Err(LedgerError::Contended);
    }
    let absorbed: Vec<LearnerId> = groups.survivors.keys().copied().collect();
    let credited = joint_lots::list_credited_units(tx.conn(), &absorbed)?;
    let mut credited_of: HashMap<LearnerId, HashSet<(EntryId, Unit)>> = HashMap::new();
    for (learner, entry, unit) in credited {
        let survivor = groups.survivor(learner);
        credited_of
            .entry(survivor)
            .or_default()
            .insert((entry, unit));
    }
    for outcome in planned {
        if let Some(credited) = credited_of.get(&outcome.learner_id) {
            drop_credited(outcome, credited);
        }
    }
    Ok(())
}

/// Takes the lots away whose entry and unit were credited.
fn drop_credited(outcome: &mut PlannedOutcome, credited: &HashSet<(EntryId, Unit)>) {
    let entry = outcome.entry_id;
    if outcome.repeatable || outcome.lots.is_empty() {
        return;
    }
    outcome
        .lots
        .retain(|(_, lot)| !credited.contains(&(entry, lot.amount.unit())));
    if outcome.lots.is_empty() {
        outcome.earned_nothing = Some(ReasonCode::AlreadyCredited);
    }
}
