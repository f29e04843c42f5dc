//! Publishes dated versions of catalogue entries.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::catalogue::{
    AmountRule, CatalogueVersion, Category, Level, Module, Subcategory,
};
use creditbank_domain::completion::{CompletionRule, Thresholds};
use creditbank_domain::fault::Fault;
use creditbank_domain::grade::MinimumGrade;
use creditbank_domain::grading::GradingScheme;
use creditbank_domain::ids::{InstitutionId, VersionId};
use creditbank_domain::level::Frameworks;
use creditbank_domain::review::ReviewClock;
use creditbank_domain::text::{CourseCode, InstitutionCode, SubcategoryCode};

use crate::error::LedgerError;
use crate::flows::gradings::scheme_unknown;
use crate::flows::register::{RegisterCounts, institution_id, registered_otherwise};
use crate::new_id::new_id;
use crate::store::{Ledger, Tx};
use crate::tables::{audit_events, catalogue, catalogue_subcategories, gradings, level_frameworks};

/// What most entries do not say of themselves.
#[derive(Debug, Clone, Default)]
pub struct VersionDetails {
    /// A registered category below that of the version.
    pub subcategory: Option<SubcategoryCode>,
    /// The parts of a course, in their order.
    pub modules: Vec<Module>,
    /// What completes it beside the grade.
    pub completion: Option<Thresholds>,
    /// How often it has to be reviewed.
    pub review: Option<ReviewClock>,
    /// The code of the scheme of its grades; the owner's on its first day where none is named.
    pub grading: Option<String>,
}

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
    /// What else it says.
    pub details: VersionDetails,
}

/// Publishes versions; a version of the same entry and first day that says the same is there
/// already.
///
/// # Errors
/// [`LedgerError::Conflict`] where a version of that first day says something else,
/// [`LedgerError::Refused`] where an institution or a subcategory is unknown, a unit stands twice,
/// a level is not one of its framework's, or a completion rule asks for what is not there. Nothing
/// is published then.
pub fn publish_catalogue(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    new: &[NewCatalogueVersion],
    now: DateTime<Utc>,
) -> Result<RegisterCounts, LedgerError> {
    ledger.write(grant, |tx| {
        let mut counts = RegisterCounts::default();
        let known = Known {
            frameworks: level_frameworks::on(tx.conn(), bank_day(now))?,
            schemes: gradings::list_schemes(tx.conn())?,
        };
        for wanted in new {
            counts.add(publish(tx, wanted, &known, now)?);
        }
        audit_events::insert(tx, grant, ("catalogue", None), &counts.figures(), now)?;
        Ok(counts)
    })
}

/// What versions may name.
struct Known {
    frameworks: Frameworks,
    schemes: Vec<GradingScheme>,
}

fn publish(
    tx: &mut Tx<'_>,
    wanted: &NewCatalogueVersion,
    known: &Known,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    if let Some(level) = &wanted.level {
        let checked = known.frameworks.check(level);
        checked.map_err(|wrong| LedgerError::Refused(of_entry(&wanted.code, wrong.into())))?;
    }
    check_subcategory(tx, wanted)?;
    let completion = completion_rule(wanted)?;
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
        subcategory: wanted.details.subcategory.clone(),
        level: wanted.level.clone(),
        modules: wanted.details.modules.clone(),
        completion,
        amounts,
        minimum_grade: wanted.minimum_grade,
        grading: grading(tx, wanted, owner, &known.schemes)?,
        valid_from: wanted.valid_from,
        valid_to: wanted.valid_to,
        usable_months: wanted.usable_months,
        repeatable: wanted.repeatable,
        review: wanted.details.review,
    };
    let there = catalogue::list_by_entries(tx.conn(), &[entry_id])?
        .into_iter()
        .map(|owned| owned.version)
        .find(|there| there.valid_from == version.valid_from);
    let Some(mut there) = there else {
        catalogue::insert_version(tx, &version, now)?;
        return Ok(true);
    };
    // What was the owner's scheme when it was published stays its scheme.
    let grading = match wanted.details.grading {
        Some(_) => version.grading.clone(),
        None => there.grading.clone(),
    };
    there.owners.sort();
    if (CatalogueVersion {
        version_id: there.version_id,
        grading,
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

/// A fault with the entry that has it.
fn of_entry(code: &CourseCode, fault: Fault) -> Fault {
    let Fault { code: name, zh, en } = fault;
    Fault::new(
        name,
        format!("目录条目 {code}:{zh}"),
        format!("entry {code}: {en}"),
    )
}

/// The scheme that the version names, or its owner's, in which its minimum can be reached.
fn grading(
    tx: &mut Tx<'_>,
    wanted: &NewCatalogueVersion,
    owner: InstitutionId,
    schemes: &[GradingScheme],
) -> Result<Option<GradingScheme>, LedgerError> {
    let refused = |fault| LedgerError::Refused(of_entry(&wanted.code, fault));
    let scheme = match &wanted.details.grading {
        None => gradings::find_default(tx.conn(), owner, wanted.valid_from)?,
        Some(code) => {
            let found = schemes.iter().find(|scheme| scheme.code == *code).cloned();
            Some(found.ok_or_else(|| refused(scheme_unknown(code)))?)
        }
    };
    if let Some(scheme) = scheme
        .as_ref()
        .filter(|it| !it.has_minimum(wanted.minimum_grade))
    {
        let (minimum, code, grades) = (wanted.minimum_grade, &scheme.code, scheme.told());
        return Err(refused(Fault::new(
            "MINIMUM_NOT_IN_SCHEME",
            format!("最低成绩 {minimum} 不是成绩制 {code} 的成绩({grades})"),
            format!("the minimum {minimum} is no grade of scheme {code} ({grades})"),
        )));
    }
    Ok(scheme)
}

fn check_subcategory(tx: &mut Tx<'_>, wanted: &NewCatalogueVersion) -> Result<(), LedgerError> {
    let Some(code) = &wanted.details.subcategory else {
        return Ok(());
    };
    let fault = match catalogue_subcategories::find(tx.conn(), code)? {
        Some(there) if there.parent == wanted.category => return Ok(()),
        Some(there) => Fault::new(
            "SUBCATEGORY_ELSEWHERE",
            format!(
                "子类别 {code} 属于 {},不属于 {}",
                there.parent, wanted.category
            ),
            format!(
                "the subcategory {code} is one of {}, not of {}",
                there.parent, wanted.category
            ),
        ),
        None => Fault::new(
            "SUBCATEGORY_UNKNOWN",
            format!("子类别 {code} 未登记,请先登记"),
            format!("no subcategory has the code {code}; register it first"),
        ),
    };
    Err(LedgerError::Refused(of_entry(&wanted.code, fault)))
}

fn completion_rule(wanted: &NewCatalogueVersion) -> Result<Option<CompletionRule>, LedgerError> {
    let details = &wanted.details;
    if details.modules.iter().any(|module| module.lectures == 0) {
        let fault = Fault::new(
            "MODULE_EMPTY",
            "每个模块至少有一讲",
            "a module has at least one lecture",
        );
        return Err(LedgerError::Refused(of_entry(&wanted.code, fault)));
    }
    let lectures = details.modules.iter().map(|module| module.lectures);
    let of = lectures.fold(0, u32::saturating_add);
    let rule = details.completion.map(|it| CompletionRule::new(it, of));
    rule.transpose()
        .map_err(|wrong| LedgerError::Refused(of_entry(&wanted.code, wrong.into())))
}

/// Registers categories of the bank's own.
///
/// # Errors
/// [`LedgerError::Conflict`] where a code is registered with other content; nothing is added then.
pub fn register_subcategories(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    new: &[Subcategory],
    now: DateTime<Utc>,
) -> Result<RegisterCounts, LedgerError> {
    ledger.write(grant, |tx| {
        let mut counts = RegisterCounts::default();
        for wanted in new {
            let inserted = catalogue_subcategories::insert(tx, wanted, now)?;
            let there = catalogue_subcategories::find(tx.conn(), &wanted.code)?;
            if there.as_ref() != Some(wanted) {
                let code = wanted.code.as_str();
                return Err(registered_otherwise("子类别/subcategory", code));
            }
            counts.add(inserted);
        }
        audit_events::insert(tx, grant, ("subcategories", None), &counts.figures(), now)?;
        Ok(counts)
    })
}
