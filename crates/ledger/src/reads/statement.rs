//! A learner's statement for a period: what there was, what moved, what there is.
//!
//! A period is of days of the bank, by the moments at which its movements were recorded. So what a
//! past period says never changes, and one period begins with what the one before ended with.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::Unit;
use creditbank_domain::authz::{Grant, ReadLearner};
use creditbank_domain::calendar::{first_moment, last_moment};
use creditbank_domain::fault::Fault;
use creditbank_domain::learner_no::LearnerNo;
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::movement_rows::SumsRow;
use super::movements::{self, MovementView, Stretch, Sums};
use crate::error::LedgerError;
use crate::reads::account_of;
use crate::store::Ledger;
use crate::tables::parsed;

/// The most movements of one statement.
pub const STATEMENT_MOVEMENTS_MAX: u32 = 2_000;

/// What there was and is of one unit, as the transfers say: what is over its last day counts as
/// available until it is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementUnit {
    /// The unit.
    pub unit: Unit,
    /// When the first day began.
    pub opening: Sums,
    /// When the last day was over.
    pub closing: Sums,
}

/// A learner's statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementView {
    /// Whose it is.
    pub learner_no: LearnerNo,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// Opening and closing sums, a row a unit.
    pub units: Vec<StatementUnit>,
    /// Every movement of the period, in the order of the books.
    pub movements: Vec<MovementView>,
}

/// The statement of the learner that the grant is for, from the beginning of one day to the end of
/// another.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is no such learner for this grant; refused with
/// `PERIOD_REVERSED` or, where more than [`STATEMENT_MOVEMENTS_MAX`] moved, `STATEMENT_TOO_LONG`.
pub fn statement(
    ledger: &Ledger,
    grant: &Grant<ReadLearner>,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<StatementView, LedgerError> {
    if to < from {
        return Err(LedgerError::Refused(period_reversed(from, to)));
    }
    let (begin, end) = (first_moment(from), after(to));
    ledger.read_snapshot(grant, |conn| {
        let (account, only) = account_of(conn, grant)?;
        let learner = account.member_ids();
        let learner = learner.as_slice();
        if !movements::is_shown(conn, learner, only)? {
            return Err(LedgerError::NotFound);
        }
        // No id is nil, so behind it is everything of the first moment.
        let stretch = Stretch {
            behind: Some((begin, Uuid::nil())),
            before: Some(end),
            limit: STATEMENT_MOVEMENTS_MAX.saturating_add(1),
        };
        let moved = movements::list(conn, learner, only, stretch)?;
        if u32::try_from(moved.len()).unwrap_or(u32::MAX) > STATEMENT_MOVEMENTS_MAX {
            return Err(LedgerError::Refused(too_long()));
        }
        let opening = sums_before(conn, learner, only, begin)?;
        let closing = sums_before(conn, learner, only, end)?;
        let units = closing.into_iter().map(|(unit, closing)| StatementUnit {
            unit,
            opening: opening.get(&unit).copied().unwrap_or_default(),
            closing,
        });
        Ok(StatementView {
            learner_no: account.learner_no,
            from,
            to,
            units: units.collect(),
            movements: moved,
        })
    })
}

/// The moment that no longer belongs to a day.
fn after(day: NaiveDate) -> DateTime<Utc> {
    day.succ_opt()
        .map_or_else(|| last_moment(day), first_moment)
}

fn sums_before(
    conn: &mut PgConnection,
    learner: &[Uuid],
    only: Option<Uuid>,
    moment: DateTime<Utc>,
) -> Result<BTreeMap<Unit, Sums>, LedgerError> {
    #[derive(QueryableByName)]
    struct UnitRow {
        #[diesel(sql_type = Text)]
        unit: String,
        #[diesel(embed)]
        sums: SumsRow,
    }
    let rows: Vec<UnitRow> = diesel::sql_query(include_str!("../sql/sums_before.sql"))
        .bind::<Array<SqlUuid>, _>(learner)
        .bind::<Nullable<SqlUuid>, _>(only)
        .bind::<Timestamptz, _>(moment)
        .load(conn)?;
    rows.into_iter()
        .map(|row| Ok((parsed(&row.unit, "lots.unit")?, row.sums.try_into()?)))
        .collect()
}

fn period_reversed(from: NaiveDate, to: NaiveDate) -> Fault {
    Fault::new(
        "PERIOD_REVERSED",
        format!("期间的最后一天({to})早于第一天({from})"),
        format!("the last day of the period ({to}) is before its first ({from})"),
    )
}

fn too_long() -> Fault {
    let most = STATEMENT_MOVEMENTS_MAX;
    Fault::new(
        "STATEMENT_TOO_LONG",
        format!("期间内流水超过 {most} 笔,请缩短期间"),
        format!("more than {most} movements lie in the period; ask for a shorter one"),
    )
}
