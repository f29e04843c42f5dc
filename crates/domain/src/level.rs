//! Levels on frameworks of qualifications, and the one way in which two levels are compared.
//!
//! Frameworks and mappings are data that a bank loads. What no mapping states is not comparable:
//! nothing is inferred from the order of levels, from the other direction of a mapping or over a
//! third framework.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

use crate::fault::Fault;

/// A level on a named framework.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level {
    /// The framework's code, for example `CN10` for the national ten levels.
    pub framework: String,
    /// Higher is more demanding.
    pub value: i16,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.framework, self.value)
    }
}

/// A text is no level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a level is written as CN10:5")]
pub struct NoLevel;

impl FromStr for Level {
    type Err = NoLevel;

    /// `CN10:5`
    fn from_str(text: &str) -> Result<Self, NoLevel> {
        let (framework, value) = text.split_once(':').ok_or(NoLevel)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if framework.is_empty() || !framework.chars().all(plain) {
            return Err(NoLevel);
        }
        Ok(Self {
            framework: framework.to_owned(),
            value: value.parse().map_err(|_| NoLevel)?,
        })
    }
}

/// A framework of levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelFramework {
    /// By which levels name it.
    pub code: String,
    /// Its name in Chinese.
    pub name_zh: String,
    /// Its name in English.
    pub name_en: String,
    /// The least demanding level.
    pub lowest: i16,
    /// The most demanding level.
    pub highest: i16,
    /// Where its figures come from.
    pub source: String,
}

/// A document states that a level of one framework counts as one of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelMapping {
    /// What somebody has.
    pub from: Level,
    /// As what it counts.
    pub to: Level,
    /// The document, or where the statement was read.
    pub source: String,
    /// True where it was read second-hand and is there as an example only.
    pub example: bool,
    /// First day on which it holds.
    pub valid_from: NaiveDate,
    /// Last day; open where there is none.
    pub valid_to: Option<NaiveDate>,
}

impl LevelMapping {
    /// True where it holds on the day, both ends included.
    #[must_use]
    pub fn in_force_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|to| day <= to)
    }
}

/// Why a level is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LevelError {
    /// No framework of that code is loaded.
    #[error("no framework of levels {code} is loaded; load it first")]
    UnknownFramework {
        /// The code.
        code: String,
    },
    /// The framework has no such level.
    #[error("{code} has the levels {lowest} to {highest}, not {value}")]
    OutsideFramework {
        /// The framework.
        code: String,
        /// Its least demanding level.
        lowest: i16,
        /// Its most demanding level.
        highest: i16,
        /// What was named.
        value: i16,
    },
}

impl From<LevelError> for Fault {
    fn from(wrong: LevelError) -> Self {
        let (code, zh) = match &wrong {
            LevelError::UnknownFramework { code } => (
                "LEVEL_FRAMEWORK_UNKNOWN",
                format!("等级框架 {code} 未登记,请先登记"),
            ),
            LevelError::OutsideFramework {
                code,
                lowest,
                highest,
                value,
            } => (
                "LEVEL_OUTSIDE_FRAMEWORK",
                format!("等级框架 {code} 只有 {lowest} 至 {highest} 级,没有 {value} 级"),
            ),
        };
        Self::new(code, zh, wrong.to_string())
    }
}

/// How a level stands to a floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// At the floor or above it.
    Reached,
    /// Below the floor.
    TooLow,
    /// Neither of one framework nor joined by a mapping that settles it.
    NotComparable,
}

/// The frameworks of a bank, and the mappings between them that hold on one day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frameworks {
    ranges: BTreeMap<String, (i16, i16)>,
    /// As what a level counts, by the level itself.
    stated: BTreeMap<Level, Vec<Level>>,
}

impl Frameworks {
    /// The frameworks, with those of the mappings that are in force on a day.
    #[must_use]
    pub fn on(
        day: NaiveDate,
        frameworks: impl IntoIterator<Item = LevelFramework>,
        mappings: impl IntoIterator<Item = LevelMapping>,
    ) -> Self {
        let frameworks = frameworks.into_iter();
        let ranges = frameworks.map(|it| (it.code, (it.lowest, it.highest)));
        let mut stated: BTreeMap<Level, Vec<Level>> = BTreeMap::new();
        for mapping in mappings.into_iter().filter(|it| it.in_force_on(day)) {
            stated.entry(mapping.from).or_default().push(mapping.to);
        }
        Self {
            ranges: ranges.collect(),
            stated,
        }
    }

    /// Whether a level is one of its framework's.
    ///
    /// # Errors
    /// [`LevelError`]
    pub fn check(&self, level: &Level) -> Result<(), LevelError> {
        let code = level.framework.clone();
        match self.ranges.get(&level.framework) {
            None => Err(LevelError::UnknownFramework { code }),
            Some((lowest, highest)) if (*lowest..=*highest).contains(&level.value) => Ok(()),
            Some((lowest, highest)) => Err(LevelError::OutsideFramework {
                code,
                lowest: *lowest,
                highest: *highest,
                value: level.value,
            }),
        }
    }
}

impl Frameworks {
    /// As what a level counts on other frameworks, in the order of the mappings.
    #[must_use]
    pub fn counts_as(&self, level: &Level) -> &[Level] {
        self.stated.get(level).map_or(&[], Vec::as_slice)
    }
}

/// Compares a level with a floor: on the framework that both name, else by what the level counts as
/// on other frameworks, which is [`Frameworks::counts_as`] on the day that matters.
///
/// Where several mappings lead into the floor's framework they have to agree.
#[must_use]
pub fn compare(level: Option<&Level>, counts_as: &[Level], floor: &Level) -> Comparison {
    let of_floor = |level: &&Level| level.framework == floor.framework;
    let against = |level: &Level| match level.value >= floor.value {
        true => Comparison::Reached,
        false => Comparison::TooLow,
    };
    if let Some(own) = level.filter(of_floor) {
        return against(own);
    }
    let mut found = counts_as.iter().filter(of_floor).map(against);
    match found.next() {
        Some(first) if found.all(|other| other == first) => first,
        _ => Comparison::NotComparable,
    }
}

#[cfg(test)]
mod tests;
