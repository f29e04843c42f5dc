//! A misfit in words: how far the lot got, what it has and what it needs, and what would change that.

use super::failing::Stage;
use super::fit::Misfit;
use super::inputs::Lot;
use crate::amount::{Hundredths, Unit};
use crate::catalogue::Level;
use crate::conversion::candidate::Candidate;
use crate::conversion::explain::Explanation;
use crate::conversion::rule::GradeFloor;
use crate::grading::Incomparable;

impl Misfit {
    pub(super) const fn stage(&self) -> Stage {
        match self {
            Self::Level { .. } => Stage::Level,
            Self::Incomparable { .. } => Stage::Comparable,
            Self::Grade { .. } => Stage::Grade,
            Self::Age { .. } => Stage::Age,
            Self::Amount { .. } => Stage::Amount,
        }
    }

    pub(super) fn figures(&self, lot: &Lot<'_>) -> Explanation {
        let candidate = lot.candidate;
        let (has, needs) = match self {
            Self::Level { needs } => {
                let said =
                    |l: &Level| Explanation::same(format_args!("{} {}", l.framework, l.value));
                let comparable = candidate.levels_on(&needs.framework);
                let level = comparable.first().copied().or(candidate.level.as_ref());
                (
                    level.map_or_else(|| Explanation::same("–"), said),
                    said(needs),
                )
            }
            Self::Incomparable { why } => {
                let day = candidate.awarded_on;
                return Explanation::new(format!("{day}:{}", why.zh()), format!("on {day}: {why}"));
            }
            Self::Grade { needs } => grades(candidate, needs),
            Self::Age { months, .. } => (
                Explanation::same(candidate.awarded_on),
                Explanation::new(format!("{months} 个月"), format!("{months} months")),
            ),
            Self::Amount { needs } => (Explanation::same(lot.amount()), Explanation::same(needs)),
        };
        Explanation::has_and_needs(&has, &needs)
    }

    pub(super) fn remedy(&self, lot: &Lot<'_>) -> Explanation {
        let candidate = lot.candidate;
        match self {
            Self::Level { needs } => {
                let Level { framework, value } = needs;
                match candidate.levels_on(framework).first() {
                    Some(has) => Explanation::new(
                        format!("{framework} 等级 {value} 而不是 {}", has.value),
                        format!("level {value} on {framework} instead of {}", has.value),
                    ),
                    None => Explanation::new(
                        format!("{framework} 等级 {value}"),
                        format!("level {value} on {framework}"),
                    ),
                }
            }
            Self::Incomparable { why } => stated(why, candidate),
            Self::Grade { needs } => {
                let (has, needs) = grades(candidate, needs);
                // The minimum for a pass is told as the score that it is.
                let en = if needs.en == "pass" {
                    &needs.zh
                } else {
                    &needs.en
                };
                Explanation::new(
                    format!("成绩 {} 而不是 {}", needs.zh, has.zh),
                    format!("grade {en} instead of {}", has.en),
                )
            }
            Self::Age { since, .. } => Explanation::new(
                format!("{since} 或之后取得"),
                format!("achieved on or after {since}"),
            ),
            Self::Amount { needs } => more_of(
                needs.minus(lot.amount()).unwrap_or_default(),
                candidate.unit,
            ),
        }
    }
}

/// The grade that a lot has and the one that it needs, each with its scheme where it is of one, and
/// the table by which the one became comparable with the other.
fn grades(candidate: &Candidate, needs: &GradeFloor) -> (Explanation, Explanation) {
    let own = Explanation::new(candidate.grade.zh(), candidate.grade.to_string());
    let (scheme, grade) = match needs {
        GradeFloor::Plain(needs) => {
            let needs = Explanation::new(needs.score().to_string(), needs.to_string());
            return (own, needs);
        }
        GradeFloor::InScheme(floor) => (&floor.scheme.code, &floor.grade),
    };
    let graded = candidate.graded.as_ref();
    let counted = graded.and_then(|graded| Some((graded, graded.counts_as(scheme).ok()?)));
    let has = match counted {
        Some((graded, (equals, Some(by)))) => Explanation::new(
            format!(
                "{} {}(按 {} 对照表 {} 为 {equals})",
                graded.scheme, graded.grade, by.document_number, by.table
            ),
            format!(
                "{} {} ({equals} by table {} of {})",
                graded.scheme, graded.grade, by.table, by.document_number
            ),
        ),
        Some((graded, (_, None))) => {
            Explanation::same(format_args!("{} {}", graded.scheme, graded.grade))
        }
        None => own,
    };
    (has, Explanation::same(format_args!("{scheme} {grade}")))
}

/// What has to be stated before the grade can be compared.
fn stated(why: &Incomparable, candidate: &Candidate) -> Explanation {
    let day = candidate.awarded_on;
    match why {
        Incomparable::NoTable { from, to } => Explanation::new(
            format!("登记在 {day} 有效的 {from} 至 {to} 成绩对照表"),
            format!("a table from {from} to {to} in force on {day}"),
        ),
        Incomparable::NoRow { table, grade } => Explanation::new(
            format!("对照表 {table} 说明 {grade}"),
            format!("a table that speaks of {grade}, which {table} does not"),
        ),
        Incomparable::SeveralTables(one, two) => Explanation::new(
            format!("对照表 {one} 与 {two} 只留其一"),
            format!("one of the tables {one} and {two}, not both"),
        ),
        Incomparable::NoScheme { to } => Explanation::new(
            format!("目录版本写明成绩制,并有至 {to} 的对照表"),
            format!("a catalogue version that names its grading scheme, and a table to {to}"),
        ),
        Incomparable::NoSchemeAsked { from } => Explanation::new(
            format!("规则写明最低成绩的成绩制,并有 {from} 至该方案的对照表"),
            format!("a rule that names the scheme of its minimum, and a table from {from} to it"),
        ),
        Incomparable::Grade(_) => Explanation::new("属于该成绩制的成绩", "a grade of the scheme"),
    }
}

/// So much more of a unit.
fn more_of(missing: Hundredths, unit: Unit) -> Explanation {
    let en = match unit {
        Unit::Credit => "credits",
        Unit::Hour => "hours",
        Unit::Point => "points",
        Unit::Ceu => "CEU",
    };
    Explanation::new(
        format!("再多 {missing} {}", unit.zh()),
        format!("{missing} {en} more"),
    )
}
