//! Catalogue entries that are overdue for review.

use chrono::NaiveDate;
use creditbank_ledger::reads::OverdueEntry;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::extract::cut;

/// A page of entries that are overdue.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::overdue_entries_view()))]
pub(crate) struct OverdueEntriesView {
    /// The entries, in the order in which they were registered.
    pub(crate) entries: Vec<OverdueEntryView>,
    /// Where the next page begins; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

/// An entry that was not reviewed in time.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct OverdueEntryView {
    /// The entry.
    pub(crate) entry_id: Uuid,
    /// The code of the institution that registered it.
    #[schema(example = "90001")]
    pub(crate) owner: String,
    /// The owner's code of it.
    #[schema(example = "GL0001")]
    pub(crate) code: String,
    /// What people call it.
    pub(crate) title: String,
    /// The last review; absent where there was none yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reviewed_on: Option<NaiveDate>,
    /// The last day that was in order.
    pub(crate) due_on: NaiveDate,
    /// The first day of which an outcome earns nothing.
    pub(crate) block_from: NaiveDate,
    /// Whether that day has come.
    pub(crate) blocked: bool,
}

impl OverdueEntriesView {
    /// A page of at most `limit` from rows of which one more was fetched, to know what follows.
    pub(crate) fn page(rows: &[OverdueEntry], limit: u32) -> Self {
        let (page, next_cursor) = cut(rows, limit, |row| row.entry_id.as_uuid());
        Self {
            entries: page.iter().map(OverdueEntryView::from).collect(),
            next_cursor,
        }
    }
}

impl From<&OverdueEntry> for OverdueEntryView {
    fn from(entry: &OverdueEntry) -> Self {
        Self {
            entry_id: entry.entry_id.as_uuid(),
            owner: entry.owner.clone(),
            code: entry.code.to_string(),
            title: entry.title.clone(),
            reviewed_on: entry.reviewed_on,
            due_on: entry.review.due_on,
            block_from: entry.review.block_from,
            blocked: entry.blocked,
        }
    }
}
