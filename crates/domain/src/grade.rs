//! What a learner achieved, in the vocabulary in which institutions report it.
//!
//! The one text form of a [`Grade`] for rows and the wire is here; what stands in the cells of
//! institutions' files is read in [`read_grade`] and [`read_attempt`].

use std::fmt;
use std::str::FromStr;

mod reading;
mod scale;
mod score;

pub use reading::{read_attempt, read_grade};
pub use scale::{Attempt, GradeWord, Letter};
pub use score::{MinimumGrade, Score};

/// Why a text is not a grade. Never says what the text was: a wrong column may hold a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GradeError {
    /// No grade, and no mark that says why there is none.
    #[error("the grade is missing and no mark says why")]
    Missing,
    /// Not in the vocabulary; what it means is for a person to say.
    #[error("the grade is neither a score from 0 to 100 nor a known word or letter")]
    UnknownWord,
    /// A mark such as 缓考 or 作弊 together with other words, which may turn its meaning around.
    #[error("a mark that decides the grade stands beside words that are not known")]
    UnknownMark,
    /// Below 0 or above 100.
    #[error("a score is at least 0 and at most 100")]
    OutOfRange,
    /// A third decimal would have to be guessed away.
    #[error("a score has at most two decimals")]
    TooPrecise,
    /// Not one of [`Attempt::ALL`].
    #[error("an attempt is one of first, resit, retake")]
    UnknownAttempt,
}

impl GradeError {
    /// The stable name of the refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "GRADE_MISSING",
            Self::UnknownWord | Self::UnknownMark => "GRADE_UNKNOWN",
            Self::OutOfRange => "GRADE_OUT_OF_RANGE",
            Self::TooPrecise => "GRADE_TOO_PRECISE",
            Self::UnknownAttempt => "ATTEMPT_UNKNOWN",
        }
    }
}

/// A result that is there, be it good or bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grade {
    /// 0 to 100.
    Score(Score),
    /// 五级制
    Word(GradeWord),
    /// A+ to F.
    Letter(Letter),
    /// 通过, 合格, P
    Passed,
    /// 不通过, 不合格, NP
    NotPassed,
    /// Passed with distinction, where nothing finer is reported.
    Distinction,
    /// 免修, 免考, 认定: credit without a score.
    Exempted,
    /// 缺考, 旷考
    Absent,
    /// 作弊, 舞弊
    Cheated,
    /// 取消
    Cancelled,
    /// Left the course before its end.
    Withdrawn,
}

impl Grade {
    /// The grades that are a single word in every form: grade, name on the wire, 中文.
    const NAMED: [(Self, &'static str, &'static str); 8] = [
        (Self::Passed, "passed", "通过"),
        (Self::NotPassed, "not_passed", "不通过"),
        (Self::Distinction, "distinction", "优异通过"),
        (Self::Exempted, "exempted", "免修"),
        (Self::Absent, "absent", "缺考"),
        (Self::Cheated, "cheated", "作弊"),
        (Self::Cancelled, "cancelled", "取消"),
        (Self::Withdrawn, "withdrawn", "退修"),
    ];

    /// The least score the grade stands for, `None` where it never passes.
    ///
    /// This is the one table by which grades without a score meet a minimum that is one:
    ///
    /// | grade | at least |
    /// |---|---|
    /// | a score | itself |
    /// | 优秀; A+ A A- | 90 |
    /// | 良好; B+ B B- | 80 |
    /// | 中等; C+ C C- | 70 |
    /// | 及格; D+ D D- | 60 |
    /// | passed, distinction, exempted | 60 |
    /// | 不及格, F, not passed, absent, cheated, cancelled, withdrawn | never |
    ///
    /// Plus and minus stay in their letter's band, since schools draw those lines differently. A
    /// distinction says no score, so it counts as no more than a pass.
    #[must_use]
    pub const fn lower_bound(self) -> Option<Score> {
        match self {
            Self::Score(score) => Some(score),
            Self::Word(word) => word.lower_bound(),
            Self::Letter(letter) => letter.lower_bound(),
            Self::Passed | Self::Distinction | Self::Exempted => Some(Score::SIXTY),
            Self::NotPassed | Self::Absent | Self::Cheated | Self::Cancelled | Self::Withdrawn => {
                None
            }
        }
    }

    /// Whether the grade reaches the minimum, by [`Self::lower_bound`].
    #[must_use]
    pub fn passes(self, minimum: MinimumGrade) -> bool {
        self.lower_bound()
            .is_some_and(|bound| bound >= minimum.score())
    }

    /// The grade for people who read Chinese.
    #[must_use]
    pub fn zh(self) -> String {
        match self {
            Self::Word(word) => word.zh().to_owned(),
            other => other
                .named()
                .map_or_else(|| other.to_string(), |(_, zh)| zh.to_owned()),
        }
    }

    fn named(self) -> Option<(&'static str, &'static str)> {
        Self::NAMED
            .into_iter()
            .find(|(grade, ..)| *grade == self)
            .map(|(_, name, zh)| (name, zh))
    }
}

impl FromStr for Grade {
    type Err = GradeError;

    /// Reads the form for rows and the wire, exactly: `87.00` (or `87`), `excellent`, `A-`,
    /// `passed`. Cells of files are read by [`read_grade`].
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::NAMED.into_iter().find(|(_, name, _)| *name == text);
        if let Some((grade, ..)) = named {
            return Ok(grade);
        }
        if let Ok(word) = text.parse() {
            return Ok(Self::Word(word));
        }
        if let Ok(letter) = text.parse() {
            return Ok(Self::Letter(letter));
        }
        text.parse().map(Self::Score)
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Score(score) => score.fmt(f),
            Self::Word(word) => word.fmt(f),
            Self::Letter(letter) => letter.fmt(f),
            other => f.write_str(other.named().map_or("", |(name, _)| name)),
        }
    }
}

/// What the cells of one line say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GradeReading {
    /// There is a result, so there is an outcome.
    Achieved(Grade),
    /// 缓考, 缓补: no result yet, which is not a fail and not an outcome.
    NotYet,
}

#[cfg(test)]
mod tests;
