//! What an activity is worth by a table, with the arithmetic.

use chrono::NaiveDate;

use super::{ActivityFacts, Condition, EarlierHours, Gives, HourCap, HourRow, HourTable, Rounding};
use crate::amount::{Amount, AmountError, Hundredths};
use crate::reason::ReasonCode;

/// What an activity gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourDecision {
    /// The row that fits.
    pub row: String,
    /// What the row gives.
    pub by_row: Hundredths,
    /// What is given: less than that where a cap is straddled.
    pub given: Amount,
    /// The cap that cut it.
    pub cut_by: Option<String>,
    /// The arithmetic in Chinese.
    pub zh: String,
    /// The arithmetic in English.
    pub en: String,
}

/// Why an activity gives nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {en}")]
pub struct HourRefusal {
    /// The coded reason.
    pub code: ReasonCode,
    /// The figures in Chinese.
    pub zh: String,
    /// The figures in English.
    pub en: String,
}

/// Decides what an activity is worth by a table, beside what was given for other activities.
///
/// The table must be in force on `facts.done_on` ([`super::in_force`]). A cap counts what was given
/// in the year of the activity, whenever it was given: so what is claimed first is given first.
///
/// # Errors
/// `NOT_IN_TABLE` where no row fits, `CAP_PERIOD` where a cap leaves nothing, `AMOUNT_MISMATCH`
/// where the figures leave what the bank can count.
pub fn hours(
    table: &HourTable,
    facts: &ActivityFacts,
    earlier: &[EarlierHours],
) -> Result<HourDecision, HourRefusal> {
    let row = table.rows.iter().find(|row| row.condition.fits(facts));
    let row = row.ok_or_else(|| not_in_table(table, facts))?;
    let worth = row.worth(facts).map_err(|_| beyond_counting(row))?;
    let mut given = worth.amount;
    let mut cut_by = None;
    let name = format!("{} v{} {}", table.code, table.version, row.code);
    let mut zh = format!("{name}:{}", worth.zh);
    let mut en = format!("{name}: {}", worth.en);
    for cap in &table.caps {
        if !cap.activities.contains(&facts.activity) {
            continue;
        }
        let (first, last) = cap.year_starts.year_of(facts.done_on);
        let used = cap
            .used(earlier, first, last)
            .map_err(|_| beyond_counting(row))?;
        let left = cap.most.minus(used).unwrap_or_default();
        let (code, most) = (&cap.code, cap.most);
        zh.push_str(&format!(
            ";{first}—{last} 上限 {code} {most},已计 {used},余 {left}"
        ));
        en.push_str(&format!(
            "; {first} to {last} cap {code} {most}, used {used}, left {left}"
        ));
        if left < given {
            given = left;
            cut_by = Some(code.clone());
        }
    }
    zh.push_str(&format!(";计 {given}"));
    en.push_str(&format!("; given {given} of {}", worth.amount));
    match Amount::new(table.unit, given) {
        Ok(given) => Ok(HourDecision {
            row: row.code.clone(),
            by_row: worth.amount,
            given,
            cut_by,
            zh,
            en,
        }),
        Err(_) => Err(HourRefusal {
            code: if cut_by.is_some() {
                ReasonCode::CapPeriod
            } else {
                ReasonCode::NotInTable
            },
            zh,
            en,
        }),
    }
}

impl Condition {
    fn fits(&self, facts: &ActivityFacts) -> bool {
        fn within(span: Option<super::Span>, number: Option<u32>) -> bool {
            span.is_none_or(|span| number.is_some_and(|number| span.holds(number)))
        }
        self.activity == facts.activity
            && self
                .profession
                .as_ref()
                .is_none_or(|it| *it == facts.profession)
            && (self.class.is_none() || self.class == facts.class)
            && within(self.rank, facts.rank)
            && within(self.of, facts.of)
            && self.size.is_none_or(|size| {
                let same = facts.size.filter(|(unit, _)| *unit == size.unit);
                same.is_some_and(|(_, number)| size.span.holds(number))
            })
    }
}

struct Worth {
    amount: Hundredths,
    zh: String,
    en: String,
}

impl HourRow {
    fn worth(&self, facts: &ActivityFacts) -> Result<Worth, AmountError> {
        match self.gives {
            Gives::Fixed(amount) => Ok(Worth {
                amount,
                zh: amount.to_string(),
                en: amount.to_string(),
            }),
            Gives::PerSize {
                every,
                amount,
                step,
                rounding,
            } => {
                let (unit, size) = facts.size.ok_or(AmountError::Empty)?;
                let worth = scaled(size, every, amount, step, rounding)?;
                Ok(Worth {
                    amount: worth,
                    zh: format!(
                        "{size} {} ÷ {every} × {amount},按 {step} {} = {worth}",
                        unit.zh(),
                        rounding.zh()
                    ),
                    en: format!(
                        "{size} {unit} / {every} × {amount}, {rounding} to {step} = {worth}"
                    ),
                })
            }
        }
    }
}

/// `size / every × amount` as a multiple of `step`, in whole numbers throughout.
fn scaled(
    size: u32,
    every: u32,
    amount: Hundredths,
    step: Hundredths,
    rounding: Rounding,
) -> Result<Hundredths, AmountError> {
    let above = i128::from(size) * i128::from(amount.get());
    let below = i128::from(every) * i128::from(step.get());
    let (above, below) = match rounding {
        Rounding::Down => (above, below),
        Rounding::Nearest => (2 * above + below, 2 * below),
        Rounding::Up => (above + below - 1, below),
    };
    let steps = above.checked_div(below).ok_or(AmountError::Overflow)?;
    let worth = steps * i128::from(step.get());
    let worth = i64::try_from(worth).map_err(|_| AmountError::Overflow)?;
    Hundredths::new(worth).and_then(|worth| {
        if worth > Hundredths::MAX {
            Err(AmountError::TooLarge)
        } else {
            Ok(worth)
        }
    })
}

impl HourCap {
    fn used(
        &self,
        earlier: &[EarlierHours],
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Hundredths, AmountError> {
        let counted = earlier.iter().filter(|one| {
            self.activities.contains(&one.activity) && (first..=last).contains(&one.done_on)
        });
        Hundredths::sum(counted.map(|one| one.given))
    }
}

fn not_in_table(table: &HourTable, facts: &ActivityFacts) -> HourRefusal {
    let name = format!("{} v{}", table.code, table.version);
    let said = |number: Option<u32>| number.map_or_else(|| "–".to_owned(), |it| it.to_string());
    let size = facts.size.map(|(unit, size)| format!("{size} {unit}"));
    let figures = format!(
        "{} {} {} {}/{} {}",
        facts.profession,
        facts.activity,
        facts.class.as_deref().unwrap_or("–"),
        said(facts.rank),
        said(facts.of),
        size.as_deref().unwrap_or("–"),
    );
    HourRefusal {
        code: ReasonCode::NotInTable,
        zh: format!("{name};{figures}"),
        en: format!("{name}; {figures}"),
    }
}

fn beyond_counting(row: &HourRow) -> HourRefusal {
    HourRefusal {
        code: ReasonCode::AmountMismatch,
        zh: format!("{}:数值超出范围", row.code),
        en: format!("{}: out of range", row.code),
    }
}
