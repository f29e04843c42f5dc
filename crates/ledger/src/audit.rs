//! The audit: recomputes the books, or a part of them, and names what is wrong. It believes no sum
//! that it can make.

mod checks;

use creditbank_domain::authz::{AuditBooks, Grant};
use creditbank_domain::ids::InstitutionId;
use creditbank_domain::learner_no::LearnerNo;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::{count, learners};

use checks::CHECKS;

/// What is to be audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditScope {
    /// Everything.
    Bank,
    /// What belongs to one account.
    Learner(LearnerNo),
    /// What rests on the outcomes of one institution, its requests, programmes and imports.
    Institution(InstitutionId),
}

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFault {
    /// The check that found it.
    pub check: &'static str,
    /// How often.
    pub count: u64,
    /// The first few, by their ids.
    pub examples: Vec<String>,
    /// What the check demands.
    pub explanation: &'static str,
}

/// A check: a query for what breaks it.
struct Check {
    name: &'static str,
    explanation: &'static str,
    /// Which columns the query has beside `id`.
    slices: Slices,
    /// Gives `id` (text) and the columns that `slices` promises. Something that concerns two
    /// institutions stands there twice. The columns are filtered from outside: where they are plain
    /// columns, keys of a grouping or of a window, Postgres reads one learner's rows only.
    offenders: &'static str,
}

/// By what a check can be narrowed down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slices {
    /// It makes sense for the whole bank only.
    None,
    /// `learner_id`
    Learner,
    /// `institution_id`
    Institution,
    /// `learner_id` and `institution_id`
    Both,
}

const EXAMPLES_MAX: i64 = 10;

/// A scope with its key in the tables, and the column of that key.
enum Slice {
    Bank,
    Of(&'static str, Uuid),
}

impl Slices {
    const fn has(self, scope: AuditScope) -> bool {
        matches!(
            (self, scope),
            (_, AuditScope::Bank)
                | (Self::Learner | Self::Both, AuditScope::Learner(_))
                | (Self::Institution | Self::Both, AuditScope::Institution(_))
        )
    }
}

/// The names of all checks.
pub fn audit_checks() -> impl Iterator<Item = &'static str> {
    CHECKS.iter().map(|check| check.name)
}

/// Recomputes the scope in one snapshot; a check that makes no sense for a part of the bank is left
/// out of it. An empty list means that these books are right.
///
/// # Errors
/// [`LedgerError::NotFound`] where nobody has that number, [`LedgerError::Unavailable`] where the
/// database does not answer.
pub fn audit_books(
    ledger: &Ledger,
    grant: &Grant<AuditBooks>,
    scope: AuditScope,
) -> Result<Vec<AuditFault>, LedgerError> {
    ledger.read_snapshot(grant, |conn| {
        let slice = match scope {
            AuditScope::Bank => Slice::Bank,
            AuditScope::Institution(id) => Slice::Of("institution_id", id.as_uuid()),
            AuditScope::Learner(number) => {
                let learner = learners::find_id_anywhere(conn, number)?;
                let learner = learner.ok_or(LedgerError::NotFound)?;
                Slice::Of("learner_id", learner.as_uuid())
            }
        };
        let mut faults = Vec::new();
        for check in CHECKS.iter().filter(|check| check.slices.has(scope)) {
            faults.extend(run(conn, check, &slice)?);
        }
        Ok(faults)
    })
}

#[derive(QueryableByName)]
struct OffendersRow {
    #[diesel(sql_type = BigInt)]
    offenders: i64,
    #[diesel(sql_type = Array<Text>)]
    examples: Vec<String>,
}

fn run(
    conn: &mut PgConnection,
    check: &Check,
    slice: &Slice,
) -> Result<Option<AuditFault>, LedgerError> {
    let (part, key) = match slice {
        Slice::Bank => (String::new(), None),
        Slice::Of(column, key) => (format!("where {column} = $1"), Some(*key)),
    };
    let query = format!(
        "with offender as (select distinct id from ({}) found {part}) \
         select count(*) as offenders, \
         array(select id from offender order by id limit {EXAMPLES_MAX}) as examples \
         from offender",
        check.offenders
    );
    let row: OffendersRow = match key {
        Some(key) => diesel::sql_query(query)
            .bind::<SqlUuid, _>(key)
            .get_result(conn)?,
        None => diesel::sql_query(query).get_result(conn)?,
    };
    Ok((row.offenders > 0).then_some(AuditFault {
        check: check.name,
        count: count(row.offenders, "a count of offenders")?,
        examples: row.examples,
        explanation: check.explanation,
    }))
}
