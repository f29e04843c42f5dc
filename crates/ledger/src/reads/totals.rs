//! Totals by institution, unit and category: what there was before a period, what each of its days
//! changed, and what there was at its end.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::{SignedHundredths, Unit};
use creditbank_domain::authz::{Grant, ReadTotals, Subject, View};
use creditbank_domain::catalogue::Category;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::error::LedgerError;
use crate::reads::remits::supervised;
use crate::store::Ledger;
use crate::tables::{count, parsed};

/// The sums over lots, or by how much they changed. `issued` is always the five others together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TotalFigures {
    /// Recognised.
    pub issued: SignedHundredths,
    /// Can be used.
    pub available: SignedHundredths,
    /// Reserved.
    pub held: SignedHundredths,
    /// Used.
    pub used: SignedHundredths,
    /// Lapsed.
    pub expired: SignedHundredths,
    /// Taken back.
    pub withdrawn: SignedHundredths,
    /// How many lots were issued.
    pub lots_issued: u64,
}

impl TotalFigures {
    fn plus(self, other: Self) -> Result<Self, LedgerError> {
        let sum = |a: SignedHundredths, b: SignedHundredths| {
            let sum = a.get().checked_add(b.get()).map(SignedHundredths::new);
            sum.ok_or(LedgerError::Corrupt("a total"))
        };
        let lots_issued = self.lots_issued.checked_add(other.lots_issued);
        Ok(Self {
            issued: sum(self.issued, other.issued)?,
            available: sum(self.available, other.available)?,
            held: sum(self.held, other.held)?,
            used: sum(self.used, other.used)?,
            expired: sum(self.expired, other.expired)?,
            withdrawn: sum(self.withdrawn, other.withdrawn)?,
            lots_issued: lots_issued.ok_or(LedgerError::Corrupt("a total"))?,
        })
    }
}

/// What the lots of an institution's outcomes of one category come to, in one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalView {
    /// Who posted the outcomes.
    pub institution_code: String,
    /// What is counted.
    pub unit: Unit,
    /// What was achieved.
    pub category: Category,
    /// The sums before the first day.
    pub opening: TotalFigures,
    /// What each day changed; days on which nothing happened are left out.
    pub days: Vec<(NaiveDate, TotalFigures)>,
    /// The sums at the end of the last day: opening and days together.
    pub closing: TotalFigures,
}

/// Totals as far as they are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalsView {
    /// The newest event that they count.
    pub up_to_seq: u64,
    /// The latest moment among the events that they count; none where nothing is counted yet.
    pub up_to: Option<DateTime<Utc>>,
    /// By institution, unit and category.
    pub totals: Vec<TotalView>,
}

#[derive(QueryableByName)]
struct ProgressRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    recorded_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct TotalRow {
    #[diesel(sql_type = Text)]
    institution_code: String,
    #[diesel(sql_type = Text)]
    unit: String,
    #[diesel(sql_type = Text)]
    category: String,
    #[diesel(sql_type = Nullable<Date>)]
    day: Option<NaiveDate>,
    #[diesel(sql_type = BigInt)]
    issued: i64,
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
    #[diesel(sql_type = BigInt)]
    lots_issued: i64,
}

impl TotalRow {
    fn figures(&self) -> Result<TotalFigures, LedgerError> {
        Ok(TotalFigures {
            issued: SignedHundredths::new(self.issued),
            available: SignedHundredths::new(self.available),
            held: SignedHundredths::new(self.held),
            used: SignedHundredths::new(self.used),
            expired: SignedHundredths::new(self.expired),
            withdrawn: SignedHundredths::new(self.withdrawn),
            lots_issued: count(self.lots_issued, "totals.lots_issued")?,
        })
    }
}

/// Totals for the days from `from` to `to`, in China's calendar, by when transfers were recorded.
/// An institution's own, or the whole bank's; a regulator's are those of the institutions that it
/// supervises on the last day.
///
/// # Errors
/// [`LedgerError::NotFound`] where the grant is for neither.
pub fn totals(
    ledger: &Ledger,
    grant: &Grant<ReadTotals>,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<TotalsView, LedgerError> {
    let only = match (grant.subject(), grant.view()) {
        (Subject::Bank, View::Whole) => None,
        (Subject::Institution(institution), _) => Some(institution.as_uuid()),
        (Subject::Bank | Subject::Learner(_), _) => return Err(LedgerError::NotFound),
    };
    ledger.read_snapshot(|conn| {
        let progress: ProgressRow =
            diesel::sql_query("select seq, recorded_at from totals_progress").get_result(conn)?;
        let mut rows: Vec<TotalRow> = diesel::sql_query(include_str!("../sql/totals.sql"))
            .bind::<Nullable<SqlUuid>, _>(only)
            .bind::<Date, _>(from)
            .bind::<Date, _>(to)
            .load(conn)?;
        if let Some(supervised) = supervised(conn, grant, to)? {
            rows.retain(|row| supervised.contains(&row.institution_code));
        }
        Ok(TotalsView {
            up_to_seq: count(progress.seq, "totals_progress.seq")?,
            up_to: progress.recorded_at,
            totals: gathered(rows)?,
        })
    })
}

/// Puts each day to the opening row before it.
fn gathered(rows: Vec<TotalRow>) -> Result<Vec<TotalView>, LedgerError> {
    let mut totals: Vec<TotalView> = Vec::new();
    for row in rows {
        let figures = row.figures()?;
        let Some(day) = row.day else {
            totals.push(TotalView {
                institution_code: row.institution_code,
                unit: parsed(&row.unit, "totals.unit")?,
                category: parsed(&row.category, "totals.category")?,
                opening: figures,
                days: Vec::new(),
                closing: figures,
            });
            continue;
        };
        let total = totals.last_mut().ok_or(LedgerError::Corrupt("totals"))?;
        total.closing = total.closing.plus(figures)?;
        total.days.push((day, figures));
    }
    Ok(totals)
}
