//! Who is told that accounts were merged or separated.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{LearnerId, MergeId};
use serde_json::json;

use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::learner_merges;
use crate::tables::notices::{self, Notice};

/// What an account was in a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Survivor,
    Absorbed,
}

impl Part {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Survivor => "survivor",
            Self::Absorbed => "absorbed",
        }
    }
}

/// A notice for each of the two, to the institutions that have to do with that one: who has to do
/// with the other is nobody's business.
pub(super) fn tell(
    tx: &mut Tx<'_>,
    kind: &'static str,
    merge: MergeId,
    parts: [(LearnerId, Part); 2],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let mut told = Vec::new();
    for (learner_id, part) in parts {
        told.push(Notice {
            learner_id,
            kind,
            institutions: learner_merges::list_concerned(tx.conn(), learner_id)?,
            lot: None,
            outcome: None,
            request: None,
            correction: None,
            figures: json!({ "merge_id": merge.as_uuid(), "part": part.as_str() }),
        });
    }
    notices::insert_all(tx, &told, now)
}
