//! Publishes dated versions of catalogue entries.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::catalogue::{AmountRule, CatalogueVersion, Category, Level};
use creditbank_domain::fault::Fault;
use creditbank_domain::grade::MinimumGrade;
use creditbank_domain::ids::VersionId;
use creditbank_domain::text::{CourseCode, InstitutionCode};

use crate::error::LedgerError;
use crate::flows::register::{RegisterCounts, institution_id, registered_otherwise};
use crate::new_id::new_id;
use crate::store::{Ledger, Tx};
use crate::tables::{audit_events, catalogue};

/// A version to be published.
#[derive(Debug, Clone)]
pub struct NewCatalogueVersion {
    /// Who registers the entry.
    pub owner: InstitutionCode,
    /// The owner's code of it.
    pub code: CourseCode,
    /// Who else may post it.
    pub co_owners: Vec<InstitutionCode>,
    /// What people call it.
    pub title: String,
    /// What it is.
    pub category: Category,
    /// Its level, where it has one.
    pub level: Option<Level>,
    /// What a learner has to reach.
    pub minimum_grade: MinimumGrade,
    /// What it gives, at most one rule a unit.
    pub amounts: Vec<AmountRule>,
    /// First day of an outcome of this version.
    pub valid_from: NaiveDate,
    /// Last day, open where there is none.
    pub valid_to: Option<NaiveDate>,
    /// How long what it gives can be used; for ever where there is none.
    pub usable_months: Option<u32>,
    /// Whether a learner can be credited for it more than once.
    pub repeatable: bool,
}

/// Publishes versions; a version of the same entry and first day that says the same is there
/// already.
///
/// # Errors
/// [`LedgerError::Conflict`] where a version of that first day says something else,
/// [`LedgerError::Refused`] where an institution is unknown or a unit stands twice. Nothing is
/// published then.
pub fn publish_catalogue(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    new: &[NewCatalogueVersion],
    now: DateTime<Utc>,
) -> Result<RegisterCounts, LedgerError> {
    ledger.write(|tx| {
        let mut counts = RegisterCounts::default();
        for wanted in new {
            counts.add(publish(tx, wanted, now)?);
        }
        audit_events::insert(tx, grant, ("catalogue", None), &counts.figures(), now)?;
        Ok(counts)
    })
}

fn publish(
    tx: &mut Tx<'_>,
    wanted: &NewCatalogueVersion,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let units: BTreeSet<_> = wanted.amounts.iter().map(|rule| rule.unit()).collect();
    if units.len() != wanted.amounts.len() {
        return Err(LedgerError::Refused(Fault::new(
            "UNIT_TWICE",
            format!("目录条目 {} 的同一计量单位出现两次", wanted.code),
            format!("entry {} gives one unit twice", wanted.code),
        )));
    }
    let owner = institution_id(tx, &wanted.owner)?;
    let mut owners = vec![owner];
    for code in &wanted.co_owners {
        owners.push(institution_id(tx, code)?);
    }
    owners.sort();
    owners.dedup();
    let entry_id = catalogue::upsert_entry(tx, owner, &wanted.code, now)?;
    let mut amounts = wanted.amounts.clone();
    amounts.sort_by_key(|rule| rule.unit());
    let version = CatalogueVersion {
        entry_id,
        version_id: VersionId::from_uuid(new_id()),
        code: wanted.code.clone(),
        title: wanted.title.clone(),
        owners,
        category: wanted.category,
        level: wanted.level.clone(),
        amounts,
        minimum_grade: wanted.minimum_grade,
        valid_from: wanted.valid_from,
        valid_to: wanted.valid_to,
        usable_months: wanted.usable_months,
        repeatable: wanted.repeatable,
    };
    let there = catalogue::list_by_entries(tx.conn(), &[entry_id])?
        .into_iter()
        .map(|owned| owned.version)
        .find(|there| there.valid_from == version.valid_from);
    let Some(mut there) = there else {
        catalogue::insert_version(tx, &version, now)?;
        return Ok(true);
    };
    there.owners.sort();
    if (CatalogueVersion {
        version_id: there.version_id,
        ..version
    }) == there
    {
        Ok(false)
    } else {
        Err(registered_otherwise(
            "目录版本/catalogue version",
            wanted.code.as_str(),
        ))
    }
}
