//! What a human says to a candidate pair or a collision.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, MergeLearners};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{CandidateId, CollisionId, LearnerId, MergeId};
use serde_json::json;

use crate::error::LedgerError;
use crate::reads::{MergeView, merge_view};
use crate::store::Ledger;
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::{audit_events, duplicate_candidates, merge_collisions};

/// Says that a pair is two people, once for an idempotency key.
///
/// # Errors
/// [`LedgerError::NotFound`] for an unknown pair, [`LedgerError::Conflict`] where it was merged or
/// dismissed before.
pub fn dismiss_candidate_once(
    ledger: &Ledger,
    grant: &Grant<MergeLearners>,
    candidate: CandidateId,
    document_number: &str,
    request: &Once<'_, CandidateId>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        let row = duplicate_candidates::lock(tx, candidate)?.ok_or(LedgerError::NotFound)?;
        if row.state != "open" {
            return Err(LedgerError::Conflict(settled_before()));
        }
        let id = LearnerId::from_uuid;
        let pair = (id(row.learner_id), id(row.other_id));
        let client = grant.actor().client;
        duplicate_candidates::settle_pair(tx, pair, "open", "dismissed", client, now)?;
        let subject = ("duplicate_candidate", Some(candidate.as_uuid()));
        let figures = json!({ "document_number": document_number });
        audit_events::insert(tx, grant, subject, &figures, now)?;
        Ok(candidate)
    })
}

/// Says that somebody has seen to a collision, once for an idempotency key.
///
/// # Errors
/// [`LedgerError::NotFound`] for an unknown collision, [`LedgerError::Conflict`] where it was
/// settled before.
pub fn settle_collision_once(
    ledger: &Ledger,
    grant: &Grant<MergeLearners>,
    collision: CollisionId,
    document_number: &str,
    request: &Once<'_, MergeView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        let row = merge_collisions::lock(tx, collision)?.ok_or(LedgerError::NotFound)?;
        if row.state != "open" {
            return Err(LedgerError::Conflict(settled_before()));
        }
        merge_collisions::settle(tx, collision, grant.actor().client, now)?;
        let subject = ("merge_collision", Some(collision.as_uuid()));
        let figures = json!({ "document_number": document_number });
        audit_events::insert(tx, grant, subject, &figures, now)?;
        merge_view(tx.conn(), MergeId::from_uuid(row.merge_id))
    })
}

fn settled_before() -> Fault {
    Fault::new(
        "ALREADY_SETTLED",
        "已有处理结果,不能再次处理;请读取最新状态",
        "somebody has settled it before; read its present state",
    )
}
