//! The level that an institution writes beside an outcome: 高级工, 三级/高级工, `CN10:5`.
//!
//! Only names that mean one level are known. A bare 三级 may be a skill, an examination in English
//! or a level of the national framework; 专科 and 本科 stand on different frameworks at different
//! places: what such a word means, a mapping says.

use creditbank_domain::fault::Fault;
use creditbank_domain::level::Level;
use creditbank_domain::outcome::StatedLevel;

use crate::dictionary::Field;
use crate::fold;
use crate::line_cells::LineCells;
use crate::mapping::ColumnMapping;

/// The framework of the skill levels in packs/frameworks/skill8.json.
const SKILLS: &str = "SKILL8";
/// Its levels from the least demanding on, each with the older number that official forms put
/// beside it, which counts downwards.
const SKILL_LEVELS: [(i16, &str, &str); 8] = [
    (1, "学徒工", ""),
    (2, "初级工", "五级"),
    (3, "中级工", "四级"),
    (4, "高级工", "三级"),
    (5, "技师", "二级"),
    (6, "高级技师", "一级"),
    (7, "特级技师", ""),
    (8, "首席技师", ""),
];

/// Reads the column, where there is one and it is filled.
pub(crate) fn read_level(
    cells: LineCells<'_>,
    mapping: &ColumnMapping,
) -> Result<Option<StatedLevel>, Fault> {
    cells.refuse_errors(Field::Level)?;
    let said = cells.text(Field::Level).map(|text| {
        let mapped = mapping.level_words.get(&fold::key(&text));
        let level = level_of(mapped.unwrap_or(&text));
        level.map_or(StatedLevel::Unknown, StatedLevel::Known)
    });
    Ok(said)
}

/// `CN10:5`, or a skill level by its name, with or without its older number.
pub(crate) fn level_of(text: &str) -> Option<Level> {
    if let Ok(level) = fold::half_width(text).parse() {
        return Some(level);
    }
    let key = fold::key(text);
    let mut parts: Vec<_> = key.split(['/', '(', ')']).collect();
    parts.retain(|part| !part.is_empty());
    let found = SKILL_LEVELS.into_iter().find(|(_, name, number)| {
        let all = [*name, *number];
        parts.contains(name) && parts.len() <= 2 && parts.iter().all(|part| all.contains(part))
    });
    found.map(|(value, _, _)| Level {
        framework: SKILLS.to_owned(),
        value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_means_one_level_is_one() {
        let level = |text: &str| level_of(text).map(|level| level.to_string());
        for (text, expected) in [
            ("高级工", "SKILL8:4"),
            (" 高 级 工 ", "SKILL8:4"),
            ("三级/高级工", "SKILL8:4"),
            ("高级工(三级)", "SKILL8:4"),
            ("五级/初级工", "SKILL8:2"),
            ("技师", "SKILL8:5"),
            ("高级技师/一级", "SKILL8:6"),
            ("首席技师", "SKILL8:8"),
            ("CN10:5", "CN10:5"),
            ("CN10:5", "CN10:5"),
        ] {
            assert_eq!(level(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "三级",
            "3",
            "5级",
            "高级",
            "本科",
            "四级/高级工",
            "高级工/技师",
            "高级工/",
            "CN10",
            "CN10:",
            "CN10:五",
            ":5",
            "CN10:5:5",
            "高级工/三级/三级",
            "",
        ] {
            let expected = (text == "高级工/").then_some("SKILL8:4");
            assert_eq!(level(text).as_deref(), expected, "{text}");
        }
    }
}
