//! Which catalogue entries are overdue for review.

use chrono::NaiveDate;
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::ids::EntryId;
use creditbank_domain::review::{Review, ReviewStanding};
use creditbank_domain::text::CourseCode;

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::catalogue::{self, OwnedVersion};
use crate::tables::catalogue_reviews;

/// An entry that was not reviewed in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverdueEntry {
    /// The entry.
    pub entry_id: EntryId,
    /// The code of the institution that registered it.
    pub owner: String,
    /// The owner's code of it.
    pub code: CourseCode,
    /// What people call it.
    pub title: String,
    /// The last review; none where there was none yet.
    pub reviewed_on: Option<NaiveDate>,
    /// When it was due, and from when on it earns nothing.
    pub review: Review,
    /// Whether outcomes of the day asked for earn nothing already.
    pub blocked: bool,
}

/// The entries that are overdue on a day, in the order in which they were registered.
///
/// # Errors
/// [`LedgerError`]
pub fn overdue_entries(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    day: NaiveDate,
    after: Option<EntryId>,
    limit: usize,
) -> Result<Vec<OverdueEntry>, LedgerError> {
    let mut versions = ledger.read_snapshot(grant, |conn| {
        let clocked = catalogue_reviews::list_clocked(conn, day, after)?;
        catalogue::list_by_entries(conn, &clocked)
    })?;
    versions.sort_by_key(|owned| owned.version.entry_id);
    let entries = versions.chunk_by(|a, b| a.version.entry_id == b.version.entry_id);
    let overdue = entries.filter_map(|of_entry| overdue(of_entry, day));
    Ok(overdue.take(limit).collect())
}

/// By the version in force on the day: another one may have another clock, or none.
fn overdue(versions: &[OwnedVersion], day: NaiveDate) -> Option<OverdueEntry> {
    let owned = OwnedVersion::in_force(versions, day)?;
    let review = owned.review()?;
    let standing = review.standing_on(day);
    (standing != ReviewStanding::Current).then(|| OverdueEntry {
        entry_id: owned.version.entry_id,
        owner: owned.owner_code.clone(),
        code: owned.version.code.clone(),
        title: owned.version.title.clone(),
        reviewed_on: owned.last_review(),
        review,
        blocked: standing == ReviewStanding::Blocked,
    })
}
