//! How conversion goes, institution by institution and month by month: open to every member, and
//! published. Sums only; whoever is not shown the whole bank sees nothing of fewer than five.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{Grant, ReadTotals, View};
use creditbank_domain::calendar::{WorkCalendar, first_moment};
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::text::InstitutionCode;
use diesel::pg::PgConnection;

use crate::error::LedgerError;
use crate::reads::RequestState;
use crate::reads::remits::supervised;
use crate::store::Ledger;
use crate::tables::conversion_figures::{self, LineFigureRow, RequestFigureRow};
use crate::tables::{count, hundredths, institutions, parsed, work_calendar};

/// Fewer than these are not told of somebody else (rules of the field, 9.9).
const FEWEST_TOLD: u64 = 5;

/// A receiving institution's requests of a month, by the day in China on which they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversionFigures {
    /// How many by what became of them.
    pub requests: BTreeMap<&'static str, u64>,
    /// Credits asked for: always what was granted, cut and refused and what is open.
    pub requested: Hundredths,
    /// Credits given.
    pub granted: Hundredths,
    /// Credits cut from lines that were granted in part.
    pub cut: Hundredths,
    /// Credits of lines that were refused.
    pub refused: Hundredths,
    /// Credits of lines that nobody has decided about.
    pub open: Hundredths,
    /// Lines that were cut or refused, by the coded reason.
    pub reasons: BTreeMap<ReasonCode, u64>,
    /// Working days from sent to decided without those in which the applicant had the turn: how
    /// many requests took how many.
    pub working_days: BTreeMap<u32, u64>,
}

impl ConversionFigures {
    /// The working days within which so many of a hundred were decided, by the nearest rank.
    #[must_use]
    pub fn within(&self, percent: u64) -> Option<u32> {
        let all: u64 = self.working_days.values().sum();
        let rank = all.saturating_mul(percent).div_ceil(100).max(1);
        let mut seen = 0_u64;
        self.working_days.iter().find_map(|(days, requests)| {
            seen = seen.saturating_add(*requests);
            (seen >= rank).then_some(*days)
        })
    }

    /// Of ten thousand lines that were cut or refused, how many for a reason outside the list: a
    /// figure of the reviewer's quality (rules of the field, 9.6).
    #[must_use]
    pub fn other_of_ten_thousand(&self) -> Option<u64> {
        let all: u64 = self.reasons.values().sum();
        let other = self.reasons.get(&ReasonCode::Other).copied().unwrap_or(0);
        other.saturating_mul(10_000).checked_div(all)
    }

    /// All requests.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.requests.values().sum()
    }
}

/// The figures of one institution and month; none where they are of too few to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthFigures {
    /// The receiving institution.
    pub institution: InstitutionCode,
    /// The first day of the month.
    pub month: NaiveDate,
    /// What there is to say.
    pub figures: Option<ConversionFigures>,
}

/// The figures of requests sent from a day to a day. Whoever may see the whole bank sees all, an
/// institution its own whole and of others nothing that is of fewer than five; a regulator all of the
/// institutions that it supervises on the last day.
///
/// # Errors
/// [`LedgerError::Unavailable`]
pub fn conversion_figures(
    ledger: &Ledger,
    grant: &Grant<ReadTotals>,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<MonthFigures>, LedgerError> {
    let (own, sums) = ledger.read_snapshot(|conn| {
        let own = match grant.view() {
            View::OnlyOf(id) => institutions::find(conn, id)?.map(|row| row.code),
            View::Whole | View::OnlyOwn(_) => None,
        };
        let mut sums = Sums::of(conn, (from, to))?;
        if let Some(seen) = supervised(conn, grant, to)? {
            sums.requests.retain(|row| seen.contains(&row.institution));
            sums.lines.retain(|row| seen.contains(&row.institution));
        }
        Ok((own, sums))
    })?;
    let whole = grant.view() == View::Whole;
    sums.told(
        |code, figures| match whole || own.as_deref() == Some(code) {
            true => Some(figures),
            false => figures.told_of_others(),
        },
    )
}

/// The figures of requests sent in a month that is over, as they are published: for anybody, so
/// nothing of fewer than five, whatever the figure.
///
/// # Errors
/// [`LedgerError::Unavailable`]
pub fn published_figures(
    ledger: &Ledger,
    period: (NaiveDate, NaiveDate),
) -> Result<Vec<MonthFigures>, LedgerError> {
    let sums = ledger.read_snapshot(|conn| Sums::of(conn, period))?;
    sums.told(|_, figures| figures.published())
}

/// What the ledger counts of a period.
struct Sums {
    calendar: WorkCalendar,
    requests: Vec<RequestFigureRow>,
    lines: Vec<LineFigureRow>,
}

impl Sums {
    fn of(
        conn: &mut PgConnection,
        (from, to): (NaiveDate, NaiveDate),
    ) -> Result<Self, LedgerError> {
        let period = (
            first_moment(from),
            first_moment(to.succ_opt().unwrap_or(to)),
        );
        Ok(Self {
            calendar: work_calendar::load(conn)?,
            requests: conversion_figures::of_requests(conn, period)?,
            lines: conversion_figures::of_lines(conn, period)?,
        })
    }

    /// By institution and month, as far as `show` tells it.
    fn told(
        self,
        show: impl Fn(&str, ConversionFigures) -> Option<ConversionFigures>,
    ) -> Result<Vec<MonthFigures>, LedgerError> {
        let mut months: BTreeMap<(String, NaiveDate), ConversionFigures> = BTreeMap::new();
        for row in self.requests {
            let key = (row.institution.clone(), row.month);
            let month = months.entry(key).or_default();
            month.add_requests(&row, &self.calendar)?;
        }
        for row in self.lines {
            let key = (row.institution.clone(), row.month);
            months.entry(key).or_default().add_lines(&row)?;
        }
        { months.into_iter() }
            .map(|((code, month), figures)| {
                Ok(MonthFigures {
                    institution: InstitutionCode::new(&code)
                        .map_err(|_| LedgerError::Corrupt("institutions.code"))?,
                    month,
                    figures: show(&code, figures),
                })
            })
            .collect()
    }
}

impl ConversionFigures {
    fn add_requests(
        &mut self,
        row: &RequestFigureRow,
        calendar: &WorkCalendar,
    ) -> Result<(), LedgerError> {
        let requests = count(row.requests, "a count of requests")?;
        let state: RequestState = parsed(&row.state, "conversion_requests.state")?;
        let sum = self.requests.entry(state.as_str()).or_default();
        *sum = sum.saturating_add(requests);
        let decided = !matches!(state, RequestState::Requested | RequestState::Withdrawn);
        if let Some(ended_on) = row.ended_on.filter(|_| decided) {
            let all = calendar.between(row.sent_on, ended_on);
            // A question that was never answered waits until the end.
            let answers = row.answered_on.iter().copied();
            let answers = answers.chain(std::iter::repeat(ended_on));
            let waited = row.asked_on.iter().zip(answers);
            let waited = waited.fold(0_u32, |sum, (asked, answered)| {
                sum.saturating_add(calendar.between(*asked, answered))
            });
            let took = self
                .working_days
                .entry(all.saturating_sub(waited))
                .or_default();
            *took = took.saturating_add(requests);
        }
        Ok(())
    }

    fn add_lines(&mut self, row: &LineFigureRow) -> Result<(), LedgerError> {
        let corrupt = |_| LedgerError::Corrupt("a sum of credits");
        let requested = hundredths(row.requested, "a sum of credits")?;
        let granted = hundredths(row.granted, "a sum of credits")?;
        self.requested = self.requested.plus(requested).map_err(corrupt)?;
        if row.verdict == "open" {
            self.open = self.open.plus(requested).map_err(corrupt)?;
            return Ok(());
        }
        self.granted = self.granted.plus(granted).map_err(corrupt)?;
        let missing = requested.minus(granted).map_err(corrupt)?;
        let of_verdict = match row.verdict.as_str() {
            "refused" => &mut self.refused,
            _ => &mut self.cut,
        };
        *of_verdict = of_verdict.plus(missing).map_err(corrupt)?;
        if let Some(reason) = &row.reason {
            let reason: ReasonCode = parsed(reason, "conversion_lines.reason")?;
            let lines = self.reasons.entry(reason).or_default();
            *lines = lines.saturating_add(count(row.lines, "a count of lines")?);
        }
        Ok(())
    }

    /// What others may see: nothing of a month of too few requests, and no reason of too few lines.
    fn told_of_others(mut self) -> Option<Self> {
        self.reasons.retain(|_, lines| *lines >= FEWEST_TOLD);
        Some(self).filter(|figures| figures.count() >= FEWEST_TOLD)
    }

    /// What anybody may see: of others, and no state of too few requests either.
    fn published(self) -> Option<Self> {
        let mut told = self.told_of_others()?;
        told.requests.retain(|_, requests| *requests >= FEWEST_TOLD);
        Some(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taking(days: &[(u32, u64)]) -> ConversionFigures {
        ConversionFigures {
            working_days: days.iter().copied().collect(),
            ..ConversionFigures::default()
        }
    }

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let ten = taking(&[(1, 4), (3, 1), (7, 4), (20, 1)]);
        assert_eq!(
            (ten.within(50), ten.within(90), ten.within(100)),
            (Some(3), Some(7), Some(20))
        );
        assert_eq!(taking(&[(4, 1)]).within(1), Some(4));
        assert_eq!(taking(&[]).within(50), None);
    }

    #[test]
    fn nothing_of_fewer_than_five_is_told_of_others() {
        let of = |requests| ConversionFigures {
            requests: BTreeMap::from([("granted", requests)]),
            reasons: BTreeMap::from([(ReasonCode::Other, 4), (ReasonCode::CapSource, 5)]),
            ..ConversionFigures::default()
        };
        assert_eq!(of(4).told_of_others(), None);
        let told = of(5).told_of_others().unwrap();
        assert_eq!(
            told.reasons.into_keys().collect::<Vec<_>>(),
            [ReasonCode::CapSource]
        );
        let mut of_six = of(6);
        of_six.requests.insert("refused", 1);
        let published = of_six.published().unwrap();
        assert_eq!(published.requests, BTreeMap::from([("granted", 6)]));
        assert_eq!(of(4).published(), None);
        assert_eq!(of(9).other_of_ten_thousand(), Some(4_444));
        assert_eq!(ConversionFigures::default().other_of_ten_thousand(), None);
    }
}
