//! Two accounts of one person become one.
//!
//! A merge is an alias: nothing that was posted moves. Both numbers and all identifiers lead to
//! the survivor from then on, and what it has is what both have. What the two have together that
//! one learner may have once is listed for a human; the merge goes through all the same.

use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::authz::{Grant, KeepRegister, MergeLearners};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{LearnerId, MergeId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::merging::MergeReason;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::learner_groups::Groups;
use crate::flows::merge_notices::{Part, tell};
use crate::new_id::new_id;
use crate::reads::{MergeView, merge_view};
use crate::store::{Ledger, Tx};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::learner_merges::{self, NewMerge};
use crate::tables::learners::{self, Account};
use crate::tables::{audit_events, duplicate_candidates, lots, merge_collisions};

/// Which accounts are to be one, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeOrder {
    /// The number under which both are shown.
    pub survivor: LearnerNo,
    /// The number that leads to it from now on.
    pub absorbed: LearnerNo,
    /// Why.
    pub reason: MergeReason,
    /// The document it rests on.
    pub document_number: String,
}

/// Merges two accounts, once for an idempotency key, and lists what collides.
///
/// # Errors
/// [`LedgerError::Refused`] for an unknown number or one and the same account,
/// [`LedgerError::Conflict`] where they are merged already, or one of them with a third.
pub fn merge_learners_once(
    ledger: &Ledger,
    grant: &Grant<MergeLearners>,
    order: &MergeOrder,
    request: &Once<'_, MergeView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        merge(tx, grant, order, now)
    })
}

fn merge(
    tx: &mut Tx<'_>,
    grant: &Grant<MergeLearners>,
    order: &MergeOrder,
    now: DateTime<Utc>,
) -> Result<MergeView, LedgerError> {
    learner_merges::take_turn(tx)?;
    let survivor = account(tx, order.survivor, "survivor")?.learner_id;
    let absorbed = account(tx, order.absorbed, "absorbed")?.learner_id;
    if survivor == absorbed {
        return Err(LedgerError::Refused(same_account()));
    }
    let groups = Groups::of(tx.conn(), &[survivor, absorbed])?;
    refuse_unless_flat(&groups, survivor, absorbed)?;
    let others = groups.members(&[survivor]);
    let all = groups.members(&[survivor, absorbed]);
    // Whoever converts for either of them takes turns with this.
    lots::lock_lots(tx, &all)?;
    let client = grant.actor().client;
    let merge = NewMerge {
        merge_id: MergeId::from_uuid(new_id()),
        survivor,
        absorbed,
        reason: order.reason,
        document_number: &order.document_number,
        client,
    };
    learner_merges::insert(tx, &merge, now)?;
    for other in &others {
        let pair = (*other, absorbed);
        duplicate_candidates::settle_pair(tx, pair, "open", "merged", client, now)?;
    }
    let found = merge_collisions::find_of_merge(tx.conn(), &others, absorbed)?;
    let collisions = merge_collisions::insert_all(tx, merge.merge_id, &found, now)?;
    let parts = [(survivor, Part::Survivor), (absorbed, Part::Absorbed)];
    tell(tx, "learners_merged", merge.merge_id, parts, now)?;
    let subject = ("merge", Some(merge.merge_id.as_uuid()));
    audit_events::insert(
        tx,
        grant,
        subject,
        &json!({ "collisions": collisions }),
        now,
    )?;
    merge_view(tx.conn(), merge.merge_id)
}

/// The account of a number itself, whatever it is shown as.
fn account(
    tx: &mut Tx<'_>,
    number: LearnerNo,
    member: &'static str,
) -> Result<Account, LedgerError> {
    let found = learners::find_by_number(tx.conn(), number)?;
    found.map(|found| found.asked).ok_or_else(|| {
        LedgerError::Refused(Fault::new(
            "LEARNER_UNKNOWN",
            format!("{member} 所指的账户不存在,请核对学习者编号"),
            format!("there is no account of the number given as {member}; check it"),
        ))
    })
}

/// Only flat stars: whoever is absorbed absorbs nobody, whoever absorbs is not absorbed.
fn refuse_unless_flat(
    groups: &Groups,
    survivor: LearnerId,
    absorbed: LearnerId,
) -> Result<(), LedgerError> {
    let conflict = |code, zh: &str, en: &str| Err(LedgerError::Conflict(Fault::new(code, zh, en)));
    if groups.survivor(survivor) == groups.survivor(absorbed) {
        return conflict(
            "ALREADY_MERGED",
            "两个账户已经合并",
            "the two accounts are merged already",
        );
    }
    if groups.survivor(absorbed) != absorbed {
        return conflict(
            "ABSORBED_BEFORE",
            "被合并的账户已并入另一账户,请先撤销该合并或改用该账户",
            "the account to be absorbed is merged into a third one; separate them first, or merge \
             that one",
        );
    }
    if groups.survivor(survivor) != survivor {
        return conflict(
            "SURVIVOR_ABSORBED",
            "保留的账户已并入另一账户,请改用该账户",
            "the account to be kept is merged into a third one; merge into that one",
        );
    }
    if groups.members(&[absorbed]).len() > 1 {
        return conflict(
            "ABSORBED_HAS_OTHERS",
            "被合并的账户已合并其他账户,请交换两个账户或先撤销那些合并",
            "other accounts are merged into the one to be absorbed; turn the two round, or \
             separate those first",
        );
    }
    Ok(())
}

fn same_account() -> Fault {
    Fault::new(
        "SAME_ACCOUNT",
        "两个编号是同一账户",
        "both numbers are one and the same account",
    )
}

/// How far back housekeeping looks again: far longer than any posting lasts.
const LOOKED_AT_AGAIN: TimeDelta = TimeDelta::hours(1);

/// Looks once more for collisions of the latest merges. A posting that was under way when two
/// accounts were merged did not see the merge, nor the merge the posting; no lock makes every
/// posting wait for the rare merge, so this finds what they left. Says how many it found.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn find_late_collisions(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    now: DateTime<Utc>,
) -> Result<usize, LedgerError> {
    let since = now.checked_sub_signed(LOOKED_AT_AGAIN).unwrap_or(now);
    ledger.write(grant, |tx| {
        let mut late: usize = 0;
        for (merge, survivor, absorbed) in learner_merges::list_standing_since(tx.conn(), since)? {
            let groups = Groups::of(tx.conn(), &[survivor])?;
            let mut others = groups.members(&[survivor]);
            others.retain(|other| *other != absorbed);
            let found = merge_collisions::find_of_merge(tx.conn(), &others, absorbed)?;
            let added = merge_collisions::insert_all(tx, merge, &found, now)?;
            late = late.saturating_add(added);
        }
        Ok(late)
    })
}
