//! A learner's balance: today the sums over their lots, on an earlier day or at an earlier moment the
//! sums over their transfers. Either is one index range of the learner, whatever the bank's size.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::{Hundredths, Unit};
use creditbank_domain::authz::{Grant, ReadLearner};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::catalogue::Category;
use creditbank_domain::learner_no::LearnerNo;
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::cached_sql::{cached, telling};
use crate::error::LedgerError;
use crate::reads::{account_of, asked_by, has_part};
use crate::store::Ledger;
use crate::tables::{hundredths, parsed};

/// What a learner has of one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitBalance {
    /// The unit.
    pub unit: Unit,
    /// Can be used.
    pub available: Hundredths,
    /// Reserved by requests.
    pub held: Hundredths,
    /// Given for conversions.
    pub used: Hundredths,
    /// Lapsed.
    pub expired: Hundredths,
    /// Taken back by corrections.
    pub withdrawn: Hundredths,
}

/// What a learner has of one unit, category, level, year and institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceRow {
    /// The unit.
    pub unit: Unit,
    /// The category of what was learned.
    pub category: Category,
    /// Its level, for example `CN10 5`.
    pub level: Option<String>,
    /// The year in which it was learned.
    pub year: i32,
    /// Who posted the outcomes.
    pub institution_code: String,
    /// What that institution is called.
    pub institution_name: String,
    /// Can be used.
    pub available: Hundredths,
    /// Reserved by requests.
    pub held: Hundredths,
    /// Given for conversions.
    pub used: Hundredths,
    /// Lapsed.
    pub expired: Hundredths,
    /// Taken back by corrections.
    pub withdrawn: Hundredths,
}

/// A learner's balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceView {
    /// Whose it is.
    pub learner_no: LearnerNo,
    /// By unit.
    pub by_unit: Vec<UnitBalance>,
    /// By unit, category, level, year and institution; adds up to `by_unit`.
    pub rows: Vec<BalanceRow>,
}

/// Which balance of the past is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// What counted on a day, whenever the bank learned of it.
    Learned(NaiveDate),
    /// What the books said at a moment.
    Recorded(DateTime<Utc>),
}

impl AsOf {
    /// The day on which lots count as expired or not.
    #[must_use]
    pub fn day(self) -> NaiveDate {
        match self {
            Self::Learned(day) => day,
            Self::Recorded(moment) => bank_day(moment),
        }
    }
}

#[derive(QueryableByName)]
struct SumRow {
    #[diesel(sql_type = Text)]
    unit: String,
    #[diesel(sql_type = Text)]
    category: String,
    #[diesel(sql_type = Nullable<Text>)]
    level: Option<String>,
    #[diesel(sql_type = Integer)]
    year: i32,
    #[diesel(sql_type = Text)]
    institution_code: String,
    #[diesel(sql_type = Text)]
    institution_name: String,
    #[diesel(sql_type = BigInt)]
    available: i64,
    #[diesel(sql_type = BigInt)]
    held: i64,
    #[diesel(sql_type = BigInt)]
    used: i64,
    #[diesel(sql_type = BigInt)]
    expired: i64,
    #[diesel(sql_type = BigInt)]
    withdrawn: i64,
}

impl TryFrom<SumRow> for BalanceRow {
    type Error = LedgerError;

    fn try_from(row: SumRow) -> Result<Self, LedgerError> {
        Ok(Self {
            unit: parsed(&row.unit, "lots.unit")?,
            category: parsed(&row.category, "catalogue_versions.category")?,
            level: row.level,
            year: row.year,
            institution_code: row.institution_code,
            institution_name: row.institution_name,
            available: hundredths(row.available, "lots.available")?,
            held: hundredths(row.held, "lots.held")?,
            used: hundredths(row.used, "lots.used")?,
            expired: hundredths(row.expired, "lots.expired")?,
            withdrawn: hundredths(row.withdrawn, "lots.withdrawn")?,
        })
    }
}

/// The balance of the learner that the grant is for, on a day: what can be used no longer then
/// counts as expired.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is no such learner for this grant.
pub fn balance(
    ledger: &Ledger,
    grant: &Grant<ReadLearner>,
    today: NaiveDate,
) -> Result<BalanceView, LedgerError> {
    let (number, only) = asked_by(grant)?;
    let sums = ledger.ask(grant, |conn, told| {
        sums_of_single(conn, told, number, only, today)
    })?;
    if !sums.is_empty() {
        return view(number, sums);
    }
    ledger.read(grant, |conn| {
        let (account, only) = account_of(conn, grant)?;
        let sums = sums_of(conn, &account.member_ids(), only, today)?;
        if only.is_some() && sums.is_empty() {
            return Err(LedgerError::NotFound);
        }
        view(account.learner_no, sums)
    })
}

/// The balance as it was, of the learner that the grant is for.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is no such learner for this grant.
pub fn balance_as_of(
    ledger: &Ledger,
    grant: &Grant<ReadLearner>,
    as_of: AsOf,
) -> Result<BalanceView, LedgerError> {
    let (day, moment) = match as_of {
        AsOf::Learned(day) => (Some(day), None),
        AsOf::Recorded(moment) => (None, Some(moment)),
    };
    ledger.read(grant, |conn| {
        let (account, only) = account_of(conn, grant)?;
        let learner = account.member_ids();
        let sums: Vec<SumRow> = diesel::sql_query(include_str!("../sql/balance_as_of.sql"))
            .bind::<Array<SqlUuid>, _>(&learner)
            .bind::<Nullable<SqlUuid>, _>(only)
            .bind::<Nullable<Date>, _>(day)
            .bind::<Nullable<Timestamptz>, _>(moment)
            .bind::<Date, _>(as_of.day())
            .load(conn)?;
        // Nothing then is an answer, nothing ever is no account.
        if let Some(institution) = only
            && sums.is_empty()
            && !has_part(conn, &learner, institution)?
        {
            return Err(LedgerError::NotFound);
        }
        view(account.learner_no, sums)
    })
}

const SUMS: &str = include_str!("../sql/balance.sql");

fn sums_over(lots: &str) -> String {
    SUMS.replacen("/* whose lots */", lots, 1)
}

/// By the accounts that are shown as one; hardly ever more than one.
static JOINT: LazyLock<String> = LazyLock::new(|| {
    sums_over(
        "select l.*, o.institution_id from lots l \
         join outcomes o on o.learner_id = l.learner_id and o.outcome_id = l.outcome_id \
         where l.learner_id = any($1)",
    )
});

/// By the number of an account that is shown as nothing but itself, which nearly every one is: what
/// may be seen, who it is and what it has in one statement, with a plan that Postgres keeps.
static SINGLE: LazyLock<String> = LazyLock::new(|| {
    telling(
        4,
        &sums_over("select * from account_lots where learner_no = $1 and told.said"),
    )
});

/// Nothing also where the number is not known, has no lots, or is one of several accounts.
fn sums_of_single(
    conn: &mut PgConnection,
    told: &str,
    number: LearnerNo,
    only: Option<Uuid>,
    today: NaiveDate,
) -> Result<Vec<SumRow>, LedgerError> {
    let sums = cached(SINGLE.as_str())
        .bind::<Text, _>(number.as_str())
        .bind::<Nullable<SqlUuid>, _>(only)
        .bind::<Date, _>(today)
        .bind::<Text, _>(told)
        .load(conn)?;
    Ok(sums)
}

fn sums_of(
    conn: &mut PgConnection,
    members: &[Uuid],
    only: Option<Uuid>,
    today: NaiveDate,
) -> Result<Vec<SumRow>, LedgerError> {
    let sums = diesel::sql_query(JOINT.as_str())
        .bind::<Array<SqlUuid>, _>(members)
        .bind::<Nullable<SqlUuid>, _>(only)
        .bind::<Date, _>(today)
        .load(conn)?;
    Ok(sums)
}

fn view(learner_no: LearnerNo, sums: Vec<SumRow>) -> Result<BalanceView, LedgerError> {
    let rows: Vec<BalanceRow> = sums
        .into_iter()
        .map(BalanceRow::try_from)
        .collect::<Result<_, _>>()?;
    let by_unit = by_unit(&rows)?;
    Ok(BalanceView {
        learner_no,
        by_unit,
        rows,
    })
}

fn by_unit(rows: &[BalanceRow]) -> Result<Vec<UnitBalance>, LedgerError> {
    let mut sums: BTreeMap<Unit, UnitBalance> = BTreeMap::new();
    for row in rows {
        let zero = Hundredths::ZERO;
        let sum = sums.entry(row.unit).or_insert(UnitBalance {
            unit: row.unit,
            available: zero,
            held: zero,
            used: zero,
            expired: zero,
            withdrawn: zero,
        });
        for (total, part) in [
            (&mut sum.available, row.available),
            (&mut sum.held, row.held),
            (&mut sum.used, row.used),
            (&mut sum.expired, row.expired),
            (&mut sum.withdrawn, row.withdrawn),
        ] {
            *total = total
                .plus(part)
                .map_err(|_| LedgerError::Corrupt("a balance"))?;
        }
    }
    Ok(sums.into_values().collect())
}
