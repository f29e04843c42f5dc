//! What a report states beside its grade, as one text: `credit=3.50;hour=48.00|exam=60.00;lectures=26`.
//!
//! Amounts stand before the bar, how far the learner came behind it; without progress there is no
//! bar. The text is kept with the outcome, so that two reports can be compared.

use std::collections::BTreeMap;

use creditbank_domain::amount::Unit;
use creditbank_domain::catalogue::{AmountRule, CatalogueVersion};
use creditbank_domain::completion::{Attendance, Progress};
use creditbank_domain::outcome::{ReportedOutcome, StatedAmount};

use crate::error::LedgerError;
use crate::tables::parsed;

const CORRUPT: LedgerError = LedgerError::Corrupt("outcomes.stated");

/// The text of a report.
pub(super) fn stated(report: &ReportedOutcome) -> String {
    let amounts = report.stated.iter();
    let amounts =
        joined(amounts.map(|amount| (amount.unit.as_str(), amount.hundredths.to_string())));
    if report.progress.is_empty() {
        return amounts;
    }
    format!("{amounts}|{}", progress_text(&report.progress))
}

/// Its two parts: amounts and progress.
pub(super) fn parts(stated: &str) -> (&str, &str) {
    stated.split_once('|').unwrap_or((stated, ""))
}

/// The amounts with those that the catalogue fixes: a layout without a column for the credits says
/// the same as one that states what the catalogue gives.
pub(super) fn amounts_in_full(stated: &str, version: Option<&CatalogueVersion>) -> String {
    let fixed = version.into_iter().flat_map(|version| &version.amounts);
    let fixed = fixed.filter_map(|rule| match rule {
        AmountRule::Fixed(amount) => {
            Some((amount.unit().as_str(), amount.hundredths().to_string()))
        }
        AmountRule::StatedUpTo(_) => None,
    });
    let (amounts, _) = parts(stated);
    let stated = amounts.split(';').filter_map(|part| part.split_once('='));
    let stated = stated.map(|(unit, amount)| (unit, amount.to_owned()));
    joined(fixed.chain(stated))
}

/// The later amount of a unit counts; zero says nothing.
fn joined<'a>(amounts: impl Iterator<Item = (&'a str, String)>) -> String {
    let by_unit: BTreeMap<&str, String> = amounts.filter(|(_, amount)| amount != "0.00").collect();
    let parts: Vec<String> = by_unit
        .iter()
        .map(|(unit, amount)| format!("{unit}={amount}"))
        .collect();
    parts.join(";")
}

fn progress_text(progress: &Progress) -> String {
    let Progress {
        lectures_done,
        exam,
        attendance,
    } = progress;
    let attended = attendance.map(|it| format!("attended={}", it.attended()));
    let held = attendance.map(|it| format!("held={}", it.held()));
    let exam = exam.map(|score| format!("exam={score}"));
    let lectures = lectures_done.map(|done| format!("lectures={done}"));
    let said: Vec<String> = [attended, exam, held, lectures]
        .into_iter()
        .flatten()
        .collect();
    said.join(";")
}

/// Reads the amounts back.
pub(super) fn stated_amounts(stated: &str) -> Result<Vec<StatedAmount>, LedgerError> {
    let (amounts, _) = parts(stated);
    amounts
        .split(';')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (unit, amount) = part.split_once('=').ok_or(CORRUPT)?;
            let unit: Unit = parsed(unit, "outcomes.stated")?;
            Ok(StatedAmount {
                unit,
                hundredths: parsed(amount, "outcomes.stated")?,
            })
        })
        .collect()
}

/// Reads the progress back.
pub(super) fn stated_progress(stated: &str) -> Result<Progress, LedgerError> {
    let (_, progress) = parts(stated);
    let said: BTreeMap<&str, &str> = progress
        .split(';')
        .filter_map(|part| part.split_once('='))
        .collect();
    let minutes = |name| said.get(name).map(|text| parsed(text, "outcomes.stated"));
    let exam = said.get("exam");
    let attendance = match (
        minutes("attended").transpose()?,
        minutes("held").transpose()?,
    ) {
        (Some(attended), Some(held)) => Some(Attendance::new(attended, held).map_err(|_| CORRUPT)?),
        _ => None,
    };
    Ok(Progress {
        lectures_done: minutes("lectures").transpose()?,
        exam: exam
            .map(|score| parsed(score, "outcomes.stated"))
            .transpose()?,
        attendance,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read_back_as_it_was_written() {
        let check = |lectures_done, exam: Option<&str>, minutes: Option<(u32, u32)>, text: &str| {
            let progress = Progress {
                lectures_done,
                exam: exam.map(|score| score.parse().unwrap()),
                attendance: minutes.map(|(a, held)| Attendance::new(a, held).unwrap()),
            };
            assert_eq!(progress_text(&progress), text);
            let stated = format!("credit=3.00|{text}");
            assert_eq!(stated_progress(&stated).unwrap(), progress);
            assert_eq!(stated_amounts(&stated).unwrap().len(), 1);
            assert_eq!(amounts_in_full(&stated, None), "credit=3.00");
        };
        check(Some(26), Some("60"), None, "exam=60.00;lectures=26");
        check(Some(0), Some("0"), None, "exam=0.00;lectures=0");
        check(None, None, Some((52, 60)), "attended=52;held=60");
        assert!(stated_progress("credit=3.00").unwrap().is_empty());
        assert!(stated_progress("").unwrap().is_empty());
        assert_eq!(
            stated_amounts("|exam=60.00").unwrap(),
            Vec::<StatedAmount>::new()
        );
    }
}
