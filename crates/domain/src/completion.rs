//! When a course is completed: lectures done, an exam, attendance.

use std::fmt;
use std::str::FromStr;

use crate::amount::{AmountError, Hundredths};
use crate::fault::Fault;
use crate::grade::Score;
use crate::reason::ReasonCode;

/// A share of a whole from 0.00 to 100.00 percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u16);

impl Percent {
    const WHOLE: u16 = 10_000;

    /// Takes a share in hundredths of a percent.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] above 100.00.
    pub fn new(hundredths: Hundredths) -> Result<Self, AmountError> {
        u16::try_from(hundredths.get())
            .ok()
            .filter(|share| *share <= Self::WHOLE)
            .map(Self)
            .ok_or(AmountError::TooLarge)
    }

    /// The share in hundredths of a percent: 8000 for 80 %.
    #[must_use]
    pub const fn hundredths(self) -> u16 {
        self.0
    }
}

impl FromStr for Percent {
    type Err = AmountError;

    /// Reads `80`, `80.5` or `80.50`.
    fn from_str(text: &str) -> Result<Self, AmountError> {
        text.parse().and_then(Self::new)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// Minutes that a learner attended of those that were held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Attendance {
    attended: u32,
    held: u32,
}

/// Why minutes are no attendance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttendanceError {
    /// Nothing was held, so that there is no share of it.
    #[error("no minutes were held")]
    NothingHeld,
    /// More than all.
    #[error("more minutes were attended than were held")]
    MoreThanHeld,
}

impl Attendance {
    /// Takes the minutes.
    ///
    /// # Errors
    /// [`AttendanceError`]
    pub const fn new(attended: u32, held: u32) -> Result<Self, AttendanceError> {
        if held == 0 {
            return Err(AttendanceError::NothingHeld);
        }
        if attended > held {
            return Err(AttendanceError::MoreThanHeld);
        }
        Ok(Self { attended, held })
    }

    /// Minutes that the learner was there.
    #[must_use]
    pub const fn attended(self) -> u32 {
        self.attended
    }

    /// Minutes that were held.
    #[must_use]
    pub const fn held(self) -> u32 {
        self.held
    }

    /// The share, rounded half up: for people, never for a decision.
    #[must_use]
    pub fn percent(self) -> Percent {
        let (attended, held) = (u64::from(self.attended), u64::from(self.held));
        let doubled = attended.saturating_mul(2 * u64::from(Percent::WHOLE));
        let rounded = doubled.saturating_add(held).checked_div(held * 2);
        let rounded = rounded.and_then(|share| u16::try_from(share).ok());
        Percent(rounded.unwrap_or(Percent::WHOLE).min(Percent::WHOLE))
    }

    /// Whether the exact share reaches the threshold: nothing is rounded.
    #[must_use]
    pub fn reaches(self, least: Percent) -> bool {
        let attended = u64::from(self.attended).saturating_mul(u64::from(Percent::WHOLE));
        attended >= u64::from(self.held).saturating_mul(u64::from(least.0))
    }
}

impl From<CompletionRuleError> for Fault {
    fn from(wrong: CompletionRuleError) -> Self {
        let zh = match wrong {
            CompletionRuleError::Empty => "修完条件应包括讲数、考试成绩或出勤率之一".to_owned(),
            CompletionRuleError::LecturesOutOfRange { of } => {
                format!("应修讲数应在 1 至各模块讲数之和 {of} 之间")
            }
        };
        Self::new("COMPLETION_RULE", zh, wrong.to_string())
    }
}

impl From<AttendanceError> for Fault {
    fn from(wrong: AttendanceError) -> Self {
        let zh = match wrong {
            AttendanceError::NothingHeld => "应到分钟数应大于零",
            AttendanceError::MoreThanHeld => "出勤分钟数多于应到分钟数,请核对",
        };
        Self::new("ATTENDANCE_IMPOSSIBLE", zh, wrong.to_string())
    }
}

/// How many of a course's lectures have to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LecturesNeeded {
    least: u32,
    of: u32,
}

/// What a course asks for; what is absent is not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Thresholds {
    /// Lectures to be done.
    pub lectures: Option<u32>,
    /// The least score of the exam.
    pub exam: Option<Score>,
    /// The least share of the minutes held.
    pub attendance: Option<Percent>,
}

/// What completes a course: at least one threshold, none beyond what there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompletionRule {
    lectures: Option<LecturesNeeded>,
    exam_least: Option<Score>,
    attendance_least: Option<Percent>,
}

/// Why thresholds are no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CompletionRuleError {
    /// It asks for nothing.
    #[error("a completion rule asks for lectures, an exam or attendance")]
    Empty,
    /// It asks for none of the lectures, or for more than there are.
    #[error("a completion rule asks for at least one lecture and at most the {of} that there are")]
    LecturesOutOfRange {
        /// All lectures of the modules.
        of: u32,
    },
}

impl CompletionRule {
    /// Takes the thresholds; `of` are all lectures that the course's modules have.
    ///
    /// # Errors
    /// [`CompletionRuleError`]
    pub fn new(thresholds: Thresholds, of: u32) -> Result<Self, CompletionRuleError> {
        if thresholds == Thresholds::default() {
            return Err(CompletionRuleError::Empty);
        }
        let Thresholds {
            lectures,
            exam,
            attendance,
        } = thresholds;
        if lectures.is_some_and(|least| least == 0 || least > of) {
            return Err(CompletionRuleError::LecturesOutOfRange { of });
        }
        Ok(Self {
            lectures: lectures.map(|least| LecturesNeeded { least, of }),
            exam_least: exam,
            attendance_least: attendance,
        })
    }

    /// The lectures that have to be done.
    #[must_use]
    pub fn lectures_least(&self) -> Option<u32> {
        self.lectures.map(|needed| needed.least)
    }

    /// The score that the exam has to reach.
    #[must_use]
    pub const fn exam_least(&self) -> Option<Score> {
        self.exam_least
    }

    /// The share of the minutes that has to be attended.
    #[must_use]
    pub const fn attendance_least(&self) -> Option<Percent> {
        self.attendance_least
    }
}

/// How far a learner came, as the institution states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Progress {
    /// Lectures that are done.
    pub lectures_done: Option<u32>,
    /// The score of the exam.
    pub exam: Option<Score>,
    /// The minutes attended.
    pub attendance: Option<Attendance>,
}

impl Progress {
    /// True where nothing is stated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What progress comes to under a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completion {
    /// Everything that the rule asks for.
    Completed,
    /// Lectures are still to be done: there is no result yet.
    InProgress {
        /// Done.
        done: u32,
        /// To be done in all.
        of: u32,
    },
    /// It is over and does not suffice, with the figures.
    Failed(ReasonCode, String),
    /// The rule asks for something that was not stated; the member's name on the wire.
    Unstated(&'static str),
    /// More lectures are said to be done than there are.
    Impossible {
        /// What was stated.
        done: u32,
        /// What there is.
        of: u32,
    },
}

/// Judges progress. Lectures that are missing come first: while they are, nothing has failed.
#[must_use]
pub fn judge(rule: &CompletionRule, progress: &Progress) -> Completion {
    if let Some(LecturesNeeded { least, of }) = rule.lectures {
        match progress.lectures_done {
            None => return Completion::Unstated("lectures_done"),
            Some(done) if done > of => return Completion::Impossible { done, of },
            Some(done) if done < least => return Completion::InProgress { done, of: least },
            Some(_) => {}
        }
    }
    let mut failed = None;
    if let Some(least) = rule.attendance_least {
        let Some(stated) = progress.attendance else {
            return Completion::Unstated("attended_minutes");
        };
        if !stated.reaches(least) {
            let Attendance { attended, held } = stated;
            let figures = format!("{attended} / {held} = {} % < {least} %", stated.percent());
            failed = Some((ReasonCode::AttendanceTooLow, figures));
        }
    }
    if let Some(least) = rule.exam_least {
        let Some(score) = progress.exam else {
            return Completion::Unstated("exam_score");
        };
        if score < least {
            failed.get_or_insert((ReasonCode::ExamTooLow, format!("{score} < {least}")));
        }
    }
    match failed {
        Some((reason, figures)) => Completion::Failed(reason, figures),
        None => Completion::Completed,
    }
}

#[cfg(test)]
mod tests;
