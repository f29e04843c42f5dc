//! A merge of two accounts and what it left for a human.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, MergeLearners};
use creditbank_domain::ids::{CollisionId, MergeId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::merging::{CollisionKind, CollisionState, MergeReason, UnmergeReason};
use diesel::pg::PgConnection;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::learner_merges::{self, MergeRow};
use crate::tables::merge_collisions::{self, CollisionRow};
use crate::tables::parsed;

/// How a merge was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmergeView {
    /// Why.
    pub reason: UnmergeReason,
    /// The document it rests on.
    pub document_number: String,
    /// When.
    pub unmerged_at: DateTime<Utc>,
}

/// Something that two accounts have together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollisionView {
    /// The collision.
    pub collision_id: CollisionId,
    /// What it is.
    pub kind: CollisionKind,
    /// A lot, an outcome, a request, a programme or an account, by the kind.
    pub first_id: Uuid,
    /// The other one, where it takes two.
    pub second_id: Option<Uuid>,
    /// Amounts in hundredths, and codes.
    pub figures: serde_json::Value,
    /// Whether somebody has seen to it.
    pub state: CollisionState,
    /// When it was found.
    pub found_at: DateTime<Utc>,
    /// When it was settled.
    pub settled_at: Option<DateTime<Utc>>,
}

/// A merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeView {
    /// The merge.
    pub merge_id: MergeId,
    /// The number under which both are shown.
    pub survivor_no: LearnerNo,
    /// The number that leads to it.
    pub absorbed_no: LearnerNo,
    /// Why.
    pub reason: MergeReason,
    /// The document it rests on.
    pub document_number: String,
    /// When.
    pub merged_at: DateTime<Utc>,
    /// How it was taken back, where it was.
    pub unmerged: Option<UnmergeView>,
    /// What is there twice, too much, or shared.
    pub collisions: Vec<CollisionView>,
}

/// A merge with its collisions.
///
/// # Errors
/// [`LedgerError::NotFound`].
pub fn learner_merge(
    ledger: &Ledger,
    grant: &Grant<MergeLearners>,
    merge: MergeId,
) -> Result<MergeView, LedgerError> {
    ledger.read_snapshot(grant, |conn| merge_view(conn, merge))
}

pub(crate) fn merge_view(
    conn: &mut PgConnection,
    merge: MergeId,
) -> Result<MergeView, LedgerError> {
    let row = learner_merges::find(conn, merge)?.ok_or(LedgerError::NotFound)?;
    let collisions = merge_collisions::list(conn, merge)?;
    let collisions = collisions.into_iter().map(CollisionView::try_from);
    Ok(MergeView {
        merge_id: MergeId::from_uuid(row.merge_id),
        survivor_no: parsed(&row.survivor_no, "learners.learner_no")?,
        absorbed_no: parsed(&row.absorbed_no, "learners.learner_no")?,
        reason: parsed(&row.reason, "learner_merges.reason")?,
        document_number: row.document_number.clone(),
        merged_at: row.merged_at,
        unmerged: unmerge_view(row)?,
        collisions: collisions.collect::<Result<_, _>>()?,
    })
}

fn unmerge_view(row: MergeRow) -> Result<Option<UnmergeView>, LedgerError> {
    let (Some(reason), Some(document_number), Some(unmerged_at)) = (
        row.unmerge_reason,
        row.unmerge_document_number,
        row.unmerged_at,
    ) else {
        return Ok(None);
    };
    Ok(Some(UnmergeView {
        reason: parsed(&reason, "learner_unmerges.reason")?,
        document_number,
        unmerged_at,
    }))
}

impl TryFrom<CollisionRow> for CollisionView {
    type Error = LedgerError;

    fn try_from(row: CollisionRow) -> Result<Self, LedgerError> {
        Ok(Self {
            collision_id: CollisionId::from_uuid(row.collision_id),
            kind: parsed(&row.kind, "merge_collisions.kind")?,
            first_id: row.first_id,
            second_id: row.second_id,
            figures: row.figures,
            state: parsed(&row.state, "merge_collisions.state")?,
            found_at: row.found_at,
            settled_at: row.settled_at,
        })
    }
}
