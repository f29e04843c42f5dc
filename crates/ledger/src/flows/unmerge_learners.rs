//! A merge is taken back: the accounts are two again, each with what was recorded under it.
//!
//! What came about in between is not torn apart: what was posted to the survivor may be the other
//! one's, and a request may have used lots of both. That is listed for a human, who corrects it.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, MergeLearners};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{LearnerId, MergeId};
use creditbank_domain::merging::UnmergeReason;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::learner_groups::Groups;
use crate::flows::merge_notices::{Part, tell};
use crate::reads::{MergeView, merge_view};
use crate::store::{Ledger, Tx};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::{audit_events, duplicate_candidates, learner_merges, lots, merge_collisions};

/// Why a merge is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmergeOrder {
    /// Why.
    pub reason: UnmergeReason,
    /// The document it rests on.
    pub document_number: String,
}

/// Separates the accounts of a merge, once for an idempotency key, and lists what they shared.
///
/// # Errors
/// [`LedgerError::NotFound`] for an unknown merge, [`LedgerError::Conflict`] where it was taken
/// back before.
pub fn unmerge_learners_once(
    ledger: &Ledger,
    grant: &Grant<MergeLearners>,
    merge: MergeId,
    order: &UnmergeOrder,
    request: &Once<'_, MergeView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        unmerge(tx, grant, merge, order, now)
    })
}

fn unmerge(
    tx: &mut Tx<'_>,
    grant: &Grant<MergeLearners>,
    merge: MergeId,
    order: &UnmergeOrder,
    now: DateTime<Utc>,
) -> Result<MergeView, LedgerError> {
    learner_merges::take_turn(tx)?;
    let row = learner_merges::find(tx.conn(), merge)?.ok_or(LedgerError::NotFound)?;
    if row.unmerged_at.is_some() {
        return Err(LedgerError::Conflict(already_separated()));
    }
    let survivor = LearnerId::from_uuid(row.survivor_id);
    let absorbed = LearnerId::from_uuid(row.absorbed_id);
    let all = Groups::of(tx.conn(), &[survivor])?.members(&[survivor]);
    lots::lock_lots(tx, &all)?;
    let others: Vec<LearnerId> = all.into_iter().filter(|id| *id != absorbed).collect();
    merge_collisions::settle_of_merge(tx, merge, now)?;
    let since = row.merged_at;
    let found = merge_collisions::find_of_unmerge(tx.conn(), survivor, &others, absorbed, since)?;
    let collisions = merge_collisions::insert_all(tx, merge, &found, now)?;
    let client = grant.actor().client;
    let UnmergeOrder {
        reason,
        document_number,
    } = order;
    learner_merges::insert_unmerge(tx, merge, *reason, document_number, client, now)?;
    for other in &others {
        // Somebody has looked at the pair and found two people.
        let pair = (*other, absorbed);
        duplicate_candidates::settle_pair(tx, pair, "merged", "dismissed", client, now)?;
    }
    let parts = [(survivor, Part::Survivor), (absorbed, Part::Absorbed)];
    tell(tx, "learners_unmerged", merge, parts, now)?;
    let subject = ("merge", Some(merge.as_uuid()));
    audit_events::insert(
        tx,
        grant,
        subject,
        &json!({ "collisions": collisions }),
        now,
    )?;
    merge_view(tx.conn(), merge)
}

fn already_separated() -> Fault {
    Fault::new(
        "ALREADY_UNMERGED",
        "该合并已撤销,不能再次撤销",
        "the merge was taken back before and cannot be again",
    )
}
