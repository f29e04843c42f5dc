//! Frameworks of levels and what documents state between them, as JSON documents.

use chrono::NaiveDate;
use creditbank_domain::level::{Level, LevelFramework, LevelMapping};
use creditbank_domain::text::bounded;
use serde::Deserialize;

use crate::problem::Problem;

/// What one or several files say, ready to be registered.
#[derive(Debug, Default)]
pub(crate) struct FrameworkPack {
    pub(crate) frameworks: Vec<LevelFramework>,
    pub(crate) mappings: Vec<LevelMapping>,
}

impl FrameworkPack {
    /// Adds what another file says.
    pub(crate) fn add(&mut self, other: Self) {
        self.frameworks.extend(other.frameworks);
        self.mappings.extend(other.mappings);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackFile {
    frameworks: Vec<FrameworkFile>,
    #[serde(default)]
    mappings: Vec<MappingFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrameworkFile {
    code: String,
    name_zh: String,
    name_en: String,
    lowest: i16,
    highest: i16,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MappingFile {
    from: LevelFile,
    to: LevelFile,
    source: String,
    /// Said aloud in every file: whoever reads it knows what was confirmed.
    example: bool,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LevelFile {
    framework: String,
    value: i16,
}

/// Reads one file; the ledger checks that the levels exist.
pub(crate) fn read_frameworks(bytes: &[u8]) -> Result<FrameworkPack, Problem> {
    let file: PackFile = serde_json::from_slice(bytes).map_err(|error| {
        Problem::new(
            "FRAMEWORKS_FILE",
            format!("等级框架文件格式有误({error})"),
            format!("the frameworks file is malformed ({error})"),
        )
    })?;
    let mut pack = FrameworkPack::default();
    for (position, read) in file.frameworks.into_iter().enumerate() {
        let text = |field: &'static str, text: &str, most| {
            at(
                &format!("/frameworks/{position}/{field}"),
                bounded(field, text, most),
            )
        };
        if read.lowest > read.highest {
            let place = format!("/frameworks/{position}/highest");
            return at(&place, Err("the highest level lies below the lowest"));
        }
        pack.frameworks.push(LevelFramework {
            code: text("code", &read.code, 40)?,
            name_zh: text("name_zh", &read.name_zh, 200)?,
            name_en: text("name_en", &read.name_en, 200)?,
            lowest: read.lowest,
            highest: read.highest,
            source: text("source", &read.source, 500)?,
        });
    }
    for (position, read) in file.mappings.into_iter().enumerate() {
        let place = |field: &str| format!("/mappings/{position}/{field}");
        if read.valid_to.is_some_and(|to| to < read.valid_from) {
            return at(&place("valid_to"), Err("it ends before it begins"));
        }
        if read.from.framework == read.to.framework {
            return at(&place("to"), Err("a mapping leads to another framework"));
        }
        pack.mappings.push(LevelMapping {
            from: read.from.into(),
            to: read.to.into(),
            source: at(&place("source"), bounded("source", &read.source, 500))?,
            example: read.example,
            valid_from: read.valid_from,
            valid_to: read.valid_to,
        });
    }
    Ok(pack)
}

impl From<LevelFile> for Level {
    fn from(read: LevelFile) -> Self {
        Self {
            framework: read.framework,
            value: read.value,
        }
    }
}

fn at<T, E: std::fmt::Display>(pointer: &str, read: Result<T, E>) -> Result<T, Problem> {
    read.map_err(|wrong| {
        Problem::new(
            "FRAMEWORKS_FILE",
            format!("等级框架文件 {pointer} 有误"),
            format!("the frameworks file at {pointer}: {wrong}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::files;

    #[test]
    fn the_packs_have_five_frameworks_and_mark_every_mapping_as_an_example() {
        let mut pack = FrameworkPack::default();
        for bytes in files::FRAMEWORKS {
            pack.add(read_frameworks(bytes).unwrap());
        }
        let levels: Vec<(&str, i16, i16)> = { pack.frameworks.iter() }
            .map(|it| (it.code.as_str(), it.lowest, it.highest))
            .collect();
        let expected = [
            ("CN10", 1, 10),
            ("GD7", 1, 7),
            ("HK7", 1, 7),
            ("EQF8", 1, 8),
            ("SCQF12", 1, 12),
        ];
        assert_eq!(levels, expected);
        assert!(pack.mappings.iter().all(|mapping| mapping.example));
        assert!(!pack.mappings.is_empty());
    }

    #[test]
    fn a_wrong_value_is_named_by_its_place() {
        let check = |change: (&str, &str), place: &str| {
            let text = r#"{"frameworks": [{"code": "A", "name_zh": "甲", "name_en": "a", "lowest": 1,
                "highest": 7, "source": "s"}], "mappings": [{"from": {"framework": "A", "value": 1},
                "to": {"framework": "B", "value": 1}, "source": "s", "example": true,
                "valid_from": "2020-01-01", "valid_to": "2020-12-31"}]}"#;
            let changed = text.replacen(change.0, change.1, 1);
            assert_ne!(text, changed);
            let refusal = read_frameworks(changed.as_bytes()).unwrap_err().to_string();
            assert!(refusal.contains(place), "{refusal}");
        };
        check(("\"code\": \"A\"", "\"code\": \" \""), "/frameworks/0/code");
        check(
            ("\"highest\": 7", "\"highest\": 0"),
            "/frameworks/0/highest",
        );
        check(("2020-12-31", "2019-12-31"), "/mappings/0/valid_to");
        check(
            ("\"framework\": \"B\"", "\"framework\": \"A\""),
            "/mappings/0/to",
        );
        check(("\"example\": true,", ""), "example");
    }
}
