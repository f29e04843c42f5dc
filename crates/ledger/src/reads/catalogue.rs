//! The catalogue as everybody who is signed in sees it.

use chrono::NaiveDate;
use creditbank_domain::amount::{Amount, Hundredths, Unit};
use creditbank_domain::authz::{Grant, ReadCatalogue};
use creditbank_domain::catalogue::{AmountRule, Category};
use creditbank_domain::ids::{EntryId, VersionId};
use creditbank_domain::text::{CourseCode, InstitutionCode};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::{catalogue_list, hundredths, parsed};

/// Which entries are asked for.
#[derive(Debug, Clone)]
pub struct CatalogueFilter {
    /// The day on which a version has to be in force.
    pub on: NaiveDate,
    /// Of this owner only.
    pub owner: Option<InstitutionCode>,
    /// With this code of the owner's only.
    pub code: Option<CourseCode>,
    /// Of this category only.
    pub category: Option<Category>,
}

/// An entry in one of its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryView {
    /// Its id.
    pub entry_id: EntryId,
    /// The owner's code.
    pub owner: String,
    /// The owner's code of it.
    pub code: String,
    /// What it says.
    pub version: VersionView,
}

/// A version of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionView {
    /// Its id.
    pub version_id: VersionId,
    /// What people call it.
    pub title: String,
    /// What it is.
    pub category: Category,
    /// What it is more exactly.
    pub subcategory: Option<String>,
    /// The framework and the level in it.
    pub level: Option<(String, i16)>,
    /// What a learner has to reach.
    pub minimum_grade: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day, open where there is none.
    pub valid_to: Option<NaiveDate>,
    /// For how many months what it gives can be used; for ever where there is none.
    pub usable_months: Option<i32>,
    /// Whether a learner can be credited for it more than once.
    pub repeatable: bool,
    /// The codes of the institutions that may post it.
    pub posted_by: Vec<String>,
    /// What it gives, at most one a unit.
    pub gives: Vec<GivenView>,
}

/// What a version gives of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GivenView(pub AmountRule);

impl GivenView {
    pub(crate) fn new(unit: &str, basis: &str, amount: i64) -> Result<Self, LedgerError> {
        let unit: Unit = parsed(unit, "catalogue_amounts.unit")?;
        let most: Hundredths = hundredths(amount, "catalogue_amounts.hundredths")?;
        let amount = Amount::new(unit, most)
            .map_err(|_| LedgerError::Corrupt("catalogue_amounts.hundredths"))?;
        Ok(Self(match basis {
            "fixed" => AmountRule::Fixed(amount),
            _ => AmountRule::StatedUpTo(amount),
        }))
    }
}

/// A page of the entries in force on a day.
///
/// # Errors
/// [`LedgerError::Unavailable`] without a database.
pub fn catalogue_entries(
    ledger: &Ledger,
    _grant: &Grant<ReadCatalogue>,
    filter: &CatalogueFilter,
    page: (Option<Uuid>, u32),
) -> Result<Vec<EntryView>, LedgerError> {
    ledger.read(|conn| catalogue_list::list_page(conn, filter, page))
}

/// An entry in all its versions, the newest first.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is no such entry.
pub fn catalogue_entry(
    ledger: &Ledger,
    _grant: &Grant<ReadCatalogue>,
    id: EntryId,
) -> Result<Vec<EntryView>, LedgerError> {
    let versions = ledger.read(|conn| catalogue_list::list_versions(conn, id))?;
    if versions.is_empty() {
        return Err(LedgerError::NotFound);
    }
    Ok(versions)
}
