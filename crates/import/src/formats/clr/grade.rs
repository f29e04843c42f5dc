//! Which of the results of an achievement is its grade.

use serde_json::Value;

use super::super::one_roster::is_hundred;
use super::{shown, text_at};

/// The types of result that are a grade, the best first.
const GRADES: [&str; 4] = ["LetterGrade", "Percent", "ScaledScore", "RawScore"];
/// The types that say something beside the grade.
const BESIDE_GRADES: [&str; 7] = [
    "GradePointAverage",
    "RubricCriterion",
    "RubricCriterionLevel",
    "RubricScore",
    "PredictedScore",
    "Status",
    "Result",
];

/// The value among the results that is the grade, by what the achievement says of its results; one
/// on a scale that does not end at 100 is told with its scale, which is no grade of ours.
pub(super) fn grade_of(achievement: &Value, results: &[Value]) -> Option<String> {
    let described = |result: &Value| {
        let id = text_at(result, &["resultDescription"])?;
        let all = achievement.get("resultDescription")?;
        let all = all
            .as_array()
            .map_or(std::slice::from_ref(all), Vec::as_slice);
        let mut all = all.iter();
        all.find(|it| text_at(it, &["id"]).is_some_and(|known| known == id))
    };
    let valued: Vec<_> = { results.iter() }
        .filter_map(|it| {
            let value = shown(it.get("value")?).filter(|text| !text.trim().is_empty())?;
            let description = described(it);
            let kind = description.and_then(|it| text_at(it, &["resultType"]));
            Some((value, description, kind.unwrap_or_default()))
        })
        .collect();
    let of_kind = |wanted: &str| valued.iter().find(|(_, _, kind)| kind == wanted);
    let best = GRADES.into_iter().find_map(of_kind);
    let unnamed = || {
        let mut all = valued.iter();
        all.find(|(_, _, kind)| !BESIDE_GRADES.contains(&kind.as_str()))
    };
    let (value, description, kind) = best.or_else(unnamed).or_else(|| of_kind("Result"))?;
    let most = description.and_then(|it| text_at(it, &["valueMax"]));
    match most {
        Some(most) if kind != "LetterGrade" && !is_hundred(most.trim()) => {
            Some(format!("{value}/{most}"))
        }
        _ => Some(value.clone()),
    }
}
