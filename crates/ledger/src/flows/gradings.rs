//! Registers grading schemes, what documents state between them, and whose versions grade by which.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::conversion::Document;
use creditbank_domain::fault::Fault;
use creditbank_domain::grading::{ComparisonTable, GradingScheme};
use creditbank_domain::text::InstitutionCode;

use crate::error::LedgerError;
use crate::flows::register::{RegisterCounts, add_document, institution_id, registered_otherwise};
use crate::store::{Ledger, Tx};
use crate::tables::{audit_events, gradings};

/// The scheme of an institution's versions that name none.
#[derive(Debug, Clone)]
pub struct NewDefaultScheme {
    /// Whose.
    pub institution: InstitutionCode,
    /// For versions that begin on this day or later.
    pub valid_from: NaiveDate,
    /// The code of the scheme.
    pub scheme: String,
}

/// What a pack says of grades.
#[derive(Debug, Clone)]
pub struct Gradings {
    /// The document that states the tables.
    pub document: Document,
    /// Schemes.
    pub schemes: Vec<GradingScheme>,
    /// Tables between schemes of the pack or of the register.
    pub tables: Vec<ComparisonTable>,
    /// Schemes of institutions.
    pub defaults: Vec<NewDefaultScheme>,
}

/// Registers schemes, then tables, then whose scheme is which; an open table can be ended.
///
/// # Errors
/// [`LedgerError::Conflict`] where a scheme, a table or a default is registered otherwise, or
/// another table leads the same way on the same days; [`LedgerError::Refused`] where a scheme is
/// not registered or a grade is none of its scheme. Nothing is added then.
pub fn register_gradings(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    new: &Gradings,
    now: DateTime<Utc>,
) -> Result<RegisterCounts, LedgerError> {
    ledger.write(grant, |tx| {
        add_document(tx, &new.document, now)?;
        let mut counts = RegisterCounts::default();
        for scheme in &new.schemes {
            let checked = scheme.check();
            checked.map_err(|wrong| LedgerError::Refused(wrong.into()))?;
            counts.add(gradings::insert_scheme(tx, scheme, now)?);
        }
        let known = gradings::list_schemes(tx.conn())?;
        if let Some(other) = new.schemes.iter().find(|scheme| !known.contains(scheme)) {
            return Err(registered_otherwise("成绩制/grading scheme", &other.code));
        }
        for table in &new.tables {
            let (from, to) = (scheme(&known, &table.from)?, scheme(&known, &table.to)?);
            let checked = table.check(from, to);
            checked.map_err(|wrong| LedgerError::Refused(wrong.into()))?;
            counts.add(load_table(tx, table, now)?);
        }
        for default in &new.defaults {
            scheme(&known, &default.scheme)?;
            counts.add(load_default(tx, default, now)?);
        }
        audit_events::insert(tx, grant, ("gradings", None), &counts.figures(), now)?;
        Ok(counts)
    })
}

fn scheme<'k>(known: &'k [GradingScheme], code: &str) -> Result<&'k GradingScheme, LedgerError> {
    let found = known.iter().find(|scheme| scheme.code == code);
    found.ok_or_else(|| LedgerError::Refused(scheme_unknown(code)))
}

/// No scheme has the code.
pub(super) fn scheme_unknown(code: &str) -> Fault {
    Fault::new(
        "GRADING_SCHEME_UNKNOWN",
        format!("成绩制 {code} 未登记,请先登记"),
        format!("no grading scheme has the code {code}; register it first"),
    )
}

fn load_table(
    tx: &mut Tx<'_>,
    table: &ComparisonTable,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let standing = gradings::list_tables(tx.conn())?;
    if let Some(there) = standing.iter().find(|other| other.code == table.code) {
        if there == table {
            return Ok(false);
        }
        let ended = ComparisonTable {
            valid_to: table.valid_to,
            ..there.clone()
        };
        return match (there.valid_to, table.valid_to) {
            (None, Some(last)) if ended == *table => {
                gradings::end_table(tx, &table.code, last)?;
                Ok(true)
            }
            _ => Err(registered_otherwise(
                "成绩对照表/grading table",
                &table.code,
            )),
        };
    }
    if let Some(other) = standing.iter().find(|other| other.rivals(table)) {
        return Err(LedgerError::Conflict(rival(table, other)));
    }
    gradings::insert_table(tx, table, now)?;
    Ok(true)
}

fn rival(table: &ComparisonTable, other: &ComparisonTable) -> Fault {
    let ComparisonTable { code, from, to, .. } = table;
    let there = &other.code;
    Fault::new(
        "GRADING_TABLE_RIVAL",
        format!("对照表 {code} 与 {there} 同日均由 {from} 至 {to},请先结束 {there}"),
        format!(
            "tables {code} and {there} lead from {from} to {to} on the same days; end {there} first"
        ),
    )
}

fn load_default(
    tx: &mut Tx<'_>,
    default: &NewDefaultScheme,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let institution = institution_id(tx, &default.institution)?;
    let said = (default.valid_from, default.scheme.as_str());
    match gradings::insert_default(tx, institution, said, now)? {
        None => Ok(true),
        Some(there) if there == default.scheme => Ok(false),
        Some(_) => Err(registered_otherwise(
            "机构成绩制/institution's grading scheme",
            default.institution.as_str(),
        )),
    }
}
