//! Which of the results of an achievement is its grade.

use std::collections::BTreeMap;

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
    let described = achievement.get("resultDescription");
    let described = described.map_or(&[][..], |it| match it {
        Value::Array(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    });
    let by_id: BTreeMap<_, _> = { described.iter() }
        .filter_map(|it| Some((text_at(it, &["id"])?, it)))
        .collect();
    let valued: Vec<_> = { results.iter() }
        .filter_map(|it| {
            let value = shown(it.get("value")?).filter(|text| !text.trim().is_empty())?;
            let id = text_at(it, &["resultDescription"]);
            let description = id.and_then(|id| by_id.get(&id).copied());
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
