//! Recognition (认定): what an outcome is worth under a catalogue version.

use chrono::NaiveDate;

use crate::amount::{Amount, Hundredths, Unit};
use crate::catalogue::{AmountRule, CatalogueVersion};
use crate::completion::{Completion, judge};
use crate::grade::Grade;
use crate::institution::{Institution, Standing};
use crate::outcome::{ReportedOutcome, StatedLevel};
use crate::reason::ReasonCode;
use crate::review::{Review, ReviewStanding};

/// A lot to be issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewLot {
    /// How much of which unit.
    pub amount: Amount,
    /// Last day on which it can be used; for ever where there is none.
    pub expires_on: Option<NaiveDate>,
}

/// The decision about an outcome that is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recognition {
    /// It earns these lots, one a unit.
    Earns(Vec<NewLot>),
    /// It is a fact about the learner and earns nothing, for this reason.
    EarnsNothing(ReasonCode),
}

/// Why an outcome is not recorded at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Refusal {
    /// The coded reason.
    pub code: ReasonCode,
    /// The figures, in neutral form (dates, amounts, codes), without personal data.
    pub detail: String,
}

impl Refusal {
    fn new(code: ReasonCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }
}

/// Decides whether the institution may post at all and the day is one it can post for.
///
/// # Errors
/// `INSTITUTION_SUSPENDED`, `INSTITUTION_NOT_MEMBER`, `NOT_YET_EARNED` or `BASE_TERM`.
pub fn may_post(
    institution: &Institution,
    awarded_on: NaiveDate,
    today: NaiveDate,
) -> Result<(), Refusal> {
    match institution.standing {
        Standing::Active => {}
        Standing::Suspended => {
            return Err(Refusal::new(
                ReasonCode::InstitutionSuspended,
                institution.code.as_str(),
            ));
        }
        Standing::Left => {
            return Err(Refusal::new(
                ReasonCode::InstitutionNotMember,
                institution.code.as_str(),
            ));
        }
    }
    if awarded_on > today {
        return Err(Refusal::new(
            ReasonCode::NotYetEarned,
            format!("{awarded_on} > {today}"),
        ));
    }
    if !institution.term_covers(awarded_on) {
        let edge = |day: Option<NaiveDate>| day.map_or_else(|| "…".to_owned(), |d| d.to_string());
        return Err(Refusal::new(
            ReasonCode::BaseTerm,
            format!(
                "{awarded_on}; {} – {}",
                edge(institution.term_from),
                edge(institution.term_to)
            ),
        ));
    }
    Ok(())
}

/// What an outcome is worth under the version in force on its day.
///
/// The version must be in force on `reported.awarded_on`: see [`crate::catalogue::in_force`]. The
/// review is the one that was due on the day it was achieved, not when it is posted: what was
/// learned in time keeps its worth however late it is sent or corrected.
///
/// # Errors
/// A [`Refusal`] where nothing may be recorded: the institution may not post it, the grade is none
/// of the version's scheme, another level than the catalogue's is stated, the course is not over for the learner, or an amount is stated that the catalogue does not give.
pub fn recognise(
    reported: &ReportedOutcome,
    version: &CatalogueVersion,
    review: Option<Review>,
    institution: &Institution,
    today: NaiveDate,
) -> Result<Recognition, Refusal> {
    may_post(institution, reported.awarded_on, today)?;
    if !version.owners.contains(&institution.id) {
        return Err(Refusal::new(
            ReasonCode::EntryNotOwned,
            version.code.as_str(),
        ));
    }
    if !version.in_force_on(reported.awarded_on) {
        return Err(Refusal::new(
            ReasonCode::OutcomeVersionNotValidThen,
            reported.awarded_on.to_string(),
        ));
    }
    check_level(reported, version)?;
    if let Some(reason) = earns_nothing(reported, version)? {
        return Ok(Recognition::EarnsNothing(reason));
    }
    let blocked =
        |review: Review| review.standing_on(reported.awarded_on) == ReviewStanding::Blocked;
    if review.is_some_and(blocked) {
        return Ok(Recognition::EarnsNothing(ReasonCode::ReviewOverdue));
    }
    let expires_on = version.usable_until(reported.awarded_on);
    let lots = version
        .amounts
        .iter()
        .map(|rule| granted(reported, *rule).map(|amount| NewLot { amount, expires_on }))
        .collect::<Result<Vec<_>, _>>()?;
    let unlisted = reported.stated.iter().find(|stated| {
        !stated.hundredths.is_zero() && version.amounts.iter().all(|r| r.unit() != stated.unit)
    });
    if let Some(stated) = unlisted {
        return Err(mismatch(stated.hundredths, Hundredths::ZERO, stated.unit));
    }
    Ok(Recognition::Earns(lots))
}

/// A level is compared with the catalogue's on the framework of both; on two of them nothing is
/// inferred, and what has no level in the catalogue is compared with nothing.
fn check_level(reported: &ReportedOutcome, version: &CatalogueVersion) -> Result<(), Refusal> {
    let (Some(stated), Some(level)) = (&reported.stated_level, &version.level) else {
        return Ok(());
    };
    match stated {
        StatedLevel::Unknown => Err(Refusal::new(ReasonCode::LevelUnknown, level.to_string())),
        StatedLevel::Known(stated) if stated.framework == level.framework && stated != level => {
            Err(Refusal::new(
                ReasonCode::LevelMismatch,
                format!("{stated} ≠ {level}"),
            ))
        }
        StatedLevel::Known(_) => Ok(()),
    }
}

/// Why grade and progress earn nothing. Whoever was absent, cheated or left is through with the
/// course; else there is a result when all lectures are done.
fn earns_nothing(
    reported: &ReportedOutcome,
    version: &CatalogueVersion,
) -> Result<Option<ReasonCode>, Refusal> {
    if let Some(scheme) = &version.grading
        && !scheme.admits(reported.grade)
    {
        let detail = format!("{}: {}", scheme.code, scheme.told());
        return Err(Refusal::new(ReasonCode::GradeNotInScheme, detail));
    }
    if let Grade::Absent | Grade::Cheated | Grade::Cancelled | Grade::Withdrawn = reported.grade {
        return Ok(Some(ReasonCode::ResultWithoutCredit));
    }
    let rule = version.completion.as_ref();
    let completion = rule.map_or(Completion::Completed, |rule| {
        judge(rule, &reported.progress)
    });
    let refused = |code, done: u32, of: u32| Err(Refusal::new(code, format!("{done} / {of}")));
    match completion {
        Completion::InProgress { done, of } => refused(ReasonCode::CompletionInProgress, done, of),
        Completion::Impossible { done, of } => refused(ReasonCode::ProgressImpossible, done, of),
        _ if !version.is_earned_by(reported.grade) => Ok(Some(ReasonCode::GradeTooLow)),
        Completion::Unstated(member) => Err(Refusal::new(ReasonCode::CompletionUnstated, member)),
        Completion::Failed(reason, _) => Ok(Some(reason)),
        Completion::Completed => Ok(None),
    }
}

fn granted(reported: &ReportedOutcome, rule: AmountRule) -> Result<Amount, Refusal> {
    let stated = reported
        .stated
        .iter()
        .find(|amount| amount.unit == rule.unit());
    let stated = stated.map(|amount| amount.hundredths);
    let agreed = match (rule, stated) {
        (AmountRule::Fixed(amount), None) => Some(amount.hundredths()),
        (AmountRule::Fixed(amount), Some(stated)) => {
            Some(stated).filter(|stated| *stated == amount.hundredths())
        }
        (AmountRule::StatedUpTo(most), stated) => {
            stated.filter(|stated| *stated <= most.hundredths())
        }
    };
    let wrong = || mismatch(stated.unwrap_or_default(), rule.most(), rule.unit());
    agreed
        .and_then(|hundredths| Amount::new(rule.unit(), hundredths).ok())
        .ok_or_else(wrong)
}

fn mismatch(stated: Hundredths, catalogue: Hundredths, unit: Unit) -> Refusal {
    Refusal::new(
        ReasonCode::AmountMismatch,
        format!("{stated} ≠ {catalogue} {unit}"),
    )
}

#[cfg(test)]
mod tests;
