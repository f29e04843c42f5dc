//! Closed lists: the five words, the letters and the kinds of attempt.

use std::fmt;
use std::str::FromStr;

use super::{GradeError, Score};

/// 五级制: the five words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GradeWord {
    /// 优秀
    Excellent,
    /// 良好
    Good,
    /// 中等
    Medium,
    /// 及格
    Pass,
    /// 不及格
    Fail,
}

impl GradeWord {
    /// Every word, best first.
    pub const ALL: [Self; 5] = [
        Self::Excellent,
        Self::Good,
        Self::Medium,
        Self::Pass,
        Self::Fail,
    ];

    /// The name used in tables and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Excellent => "excellent",
            Self::Good => "good",
            Self::Medium => "medium",
            Self::Pass => "pass",
            Self::Fail => "fail",
        }
    }

    /// The word as transcripts print it.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Excellent => "优秀",
            Self::Good => "良好",
            Self::Medium => "中等",
            Self::Pass => "及格",
            Self::Fail => "不及格",
        }
    }

    pub(super) const fn lower_bound(self) -> Option<Score> {
        match self {
            Self::Excellent => Some(Score::NINETY),
            Self::Good => Some(Score::EIGHTY),
            Self::Medium => Some(Score::SEVENTY),
            Self::Pass => Some(Score::SIXTY),
            Self::Fail => None,
        }
    }
}

impl FromStr for GradeWord {
    type Err = GradeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|word| word.as_str() == text)
            .ok_or(GradeError::UnknownWord)
    }
}

impl fmt::Display for GradeWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Letter grades.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Letter {
    /// A+
    APlus,
    /// A
    A,
    /// A-
    AMinus,
    /// B+
    BPlus,
    /// B
    B,
    /// B-
    BMinus,
    /// C+
    CPlus,
    /// C
    C,
    /// C-
    CMinus,
    /// D+
    DPlus,
    /// D
    D,
    /// D-
    DMinus,
    /// F
    F,
}

impl Letter {
    /// Every letter, best first.
    pub const ALL: [Self; 13] = [
        Self::APlus,
        Self::A,
        Self::AMinus,
        Self::BPlus,
        Self::B,
        Self::BMinus,
        Self::CPlus,
        Self::C,
        Self::CMinus,
        Self::DPlus,
        Self::D,
        Self::DMinus,
        Self::F,
    ];

    /// The letter as everyone writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::APlus => "A+",
            Self::A => "A",
            Self::AMinus => "A-",
            Self::BPlus => "B+",
            Self::B => "B",
            Self::BMinus => "B-",
            Self::CPlus => "C+",
            Self::C => "C",
            Self::CMinus => "C-",
            Self::DPlus => "D+",
            Self::D => "D",
            Self::DMinus => "D-",
            Self::F => "F",
        }
    }

    pub(super) const fn lower_bound(self) -> Option<Score> {
        match self {
            Self::APlus | Self::A | Self::AMinus => Some(Score::NINETY),
            Self::BPlus | Self::B | Self::BMinus => Some(Score::EIGHTY),
            Self::CPlus | Self::C | Self::CMinus => Some(Score::SEVENTY),
            Self::DPlus | Self::D | Self::DMinus => Some(Score::SIXTY),
            Self::F => None,
        }
    }
}

impl FromStr for Letter {
    type Err = GradeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|it| it.as_str() == text)
            .ok_or(GradeError::UnknownWord)
    }
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which try at the same course a result is from. Credit is earned once over all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attempt {
    /// 正常考试
    First,
    /// 补考: the examination again.
    Resit,
    /// 重修: the whole course again.
    Retake,
}

impl Attempt {
    /// Every attempt, in the order in which they come.
    pub const ALL: [Self; 3] = [Self::First, Self::Resit, Self::Retake];

    /// The name used in tables and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Resit => "resit",
            Self::Retake => "retake",
        }
    }

    /// The name for people who read Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::First => "正常考试",
            Self::Resit => "补考",
            Self::Retake => "重修",
        }
    }
}

impl FromStr for Attempt {
    type Err = GradeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|it| it.as_str() == text)
            .ok_or(GradeError::UnknownAttempt)
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
