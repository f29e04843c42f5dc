//! Whether one lot is what one source of a rule asks for.

use chrono::{Months, NaiveDate};

use crate::amount::{Hundredths, Unit};
use crate::catalogue::Level;
use crate::conversion::candidate::Candidate;
use crate::conversion::rule::{GradeFloor, Source};
use crate::grading::Incomparable;
use crate::reason::ReasonCode;

/// The smallest amount that can move.
pub(super) const SMALLEST: Hundredths = match Hundredths::new(1) {
    Ok(hundredth) => hundredth,
    Err(_) => Hundredths::ZERO,
};

/// What a lot lacks of what a source asks for; the later ones are nearer to a fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Misfit {
    Level { needs: Level },
    Incomparable { why: Incomparable },
    Grade { needs: GradeFloor },
    Age { months: u32, since: NaiveDate },
    Amount { needs: Hundredths },
}

impl Misfit {
    pub(super) const fn reason(&self, unit: Unit) -> ReasonCode {
        match self {
            Self::Level { .. } => ReasonCode::LevelTooLow,
            Self::Incomparable { .. } => ReasonCode::GradeNotComparable,
            Self::Grade { .. } => ReasonCode::GradeTooLow,
            Self::Age { .. } => ReasonCode::Expired,
            Self::Amount { .. } => too_few(unit),
        }
    }
}

/// The coded reason where there is too little of a unit.
pub(super) const fn too_few(unit: Unit) -> ReasonCode {
    match unit {
        Unit::Hour => ReasonCode::HoursTooFew,
        Unit::Credit | Unit::Point | Unit::Ceu => ReasonCode::CreditsTooFew,
    }
}

fn listed<T: PartialEq>(list: &[T], value: &T) -> bool {
    list.is_empty() || list.contains(value)
}

impl Source {
    /// Whether it speaks of such a lot at all, good enough or not.
    #[must_use]
    pub fn names(&self, candidate: &Candidate) -> bool {
        self.unit == candidate.unit
            && listed(&self.entries, &candidate.entry_id)
            && listed(&self.categories, &candidate.category)
            && listed(&self.issuers, &candidate.issuer)
    }

    /// What a lot that it names lacks, of which so much is usable.
    pub(super) fn misfit(
        &self,
        candidate: &Candidate,
        usable: Hundredths,
        today: NaiveDate,
    ) -> Option<Misfit> {
        if let Some(needs) = self
            .level_floor
            .as_ref()
            .filter(|it| !candidate.reaches(it))
        {
            return Some(Misfit::Level {
                needs: needs.clone(),
            });
        }
        let needs = &self.minimum_grade;
        match needs.is_reached_by(candidate.grade, candidate.graded.as_ref()) {
            Ok(true) => {}
            Ok(false) => {
                return Some(Misfit::Grade {
                    needs: needs.clone(),
                });
            }
            Err(why) => return Some(Misfit::Incomparable { why }),
        }
        if let Some(months) = self.earned_within_months {
            let since = earliest(today, months);
            if since.is_some_and(|since| candidate.awarded_on < since) {
                let since = since.unwrap_or(today);
                return Some(Misfit::Age { months, since });
            }
        }
        // A lot of which nothing is left is no lot, whatever the source asks for.
        let needs = self.at_least.unwrap_or_default().max(SMALLEST);
        (usable < needs).then_some(Misfit::Amount { needs })
    }
}

/// The first day on which an outcome may have been achieved to be young enough today.
fn earliest(today: NaiveDate, months: u32) -> Option<NaiveDate> {
    let months = Months::new(months);
    let day = today.checked_sub_months(months)?;
    // Going back and forth over a short month may lose days: from 31 March one month back is the
    // end of February, and one month on from there is before 31 March again.
    let lasts = day.checked_add_months(months);
    if lasts.is_some_and(|last| last < today) {
        day.succ_opt()
    } else {
        Some(day)
    }
}
