//! How one institution's columns and words are to be read, where the dictionary does not know.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use creditbank_domain::calendar::in_range;
use creditbank_domain::completion::Percent;
use creditbank_domain::fault::Fault;
use creditbank_domain::grade::{Grade, GradeError, GradeReading, read_grade};
use creditbank_domain::text::CourseCode;
use serde::{Deserialize, Serialize};

use crate::dictionary::{self, Field};
use crate::faults;
use crate::fold;
use crate::line_level::level_of;

mod joined;

pub(crate) use joined::with_whole_columns;

/// Columns that together are one value: `["code_module", "code_presentation"]` joined by `-`.
///
/// No column at all means that the field is not to be taken from this layout. A heading alone, or a
/// list of them, says the same and is kept in this form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JoinedColumns {
    /// Headings as they stand in the file; width, spaces and case do not matter.
    pub columns: Vec<String>,
    /// What is put between their cells; a hyphen where nothing is said.
    pub separator: String,
}

/// What an institution says about its layout. What it does not say, the dictionary does.
///
/// The learner's kind of identifier is the field under which the column is named:
/// `student_number`, `national_id`, `passport` or `learner_no`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ColumnMapping {
    /// Which columns hold which field.
    pub columns: BTreeMap<Field, JoinedColumns>,
    /// Their words for results: `{"A*": "优秀", "Pass": "passed"}`.
    pub grade_words: BTreeMap<String, String>,
    /// Their words for levels: `{"三级": "SKILL8:4", "本科": "CN10:7"}`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub level_words: BTreeMap<String, String>,
    /// The day on which the results of a term count as achieved.
    pub term_dates: BTreeMap<String, NaiveDate>,
    /// The day for every line that names none.
    pub awarded_on: Option<NaiveDate>,
    /// Their course codes that are called otherwise in the catalogue.
    pub courses: BTreeMap<String, String>,
    /// The sheet of a workbook, where several have a header; `*` for all that have one.
    pub sheet: Option<String>,
    /// The course of every line that names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub course: Option<String>,
    /// How an attendance list becomes results.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attendance: Option<AttendanceMapping>,
}

/// What an attendance list does not say itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AttendanceMapping {
    /// The minutes that were held, where neither a column nor the list's head says so.
    pub held_minutes: Option<u32>,
    /// The least share of them with which a participant passes; 80 where nothing is said.
    pub percent_min: Option<String>,
}

impl ColumnMapping {
    /// Every heading that the mapping names, folded.
    pub(crate) fn headings(&self) -> impl Iterator<Item = (Field, String)> {
        self.columns.iter().flat_map(|(field, joined)| {
            joined
                .columns
                .iter()
                .map(|heading| (*field, fold::key(heading)))
        })
    }

    /// The same with words, terms and codes folded, for looking them up.
    pub(crate) fn folded(&self) -> Self {
        fn keys<V: Clone>(map: &BTreeMap<String, V>) -> BTreeMap<String, V> {
            map.iter()
                .map(|(key, value)| (fold::key(key), value.clone()))
                .collect()
        }
        let courses = &self.courses;
        Self {
            grade_words: keys(&self.grade_words),
            level_words: keys(&self.level_words),
            term_dates: keys(&self.term_dates),
            // A school may tell its codes apart by case.
            courses: courses
                .iter()
                .map(|(k, v)| (fold::half_width(k), v.clone()))
                .collect(),
            ..self.clone()
        }
    }

    /// Refuses a mapping that could not be applied to any line.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        for (field, heading) in self.headings() {
            let zh = dictionary::zh(field);
            if heading.is_empty() || field == Field::Ignored {
                return Err(faults::mapping_invalid(
                    &format!("「{zh}」的列名无效"),
                    &format!("a column named for {zh} cannot be used"),
                ));
            }
        }
        for (word, grade) in &self.grade_words {
            if read_mapped_grade(grade, &[]).is_err() {
                return Err(faults::mapping_invalid(
                    &format!("成绩「{word}」对应的「{grade}」不是成绩"),
                    &format!("{grade}, given for the word {word}, is not a grade"),
                ));
            }
        }
        for (word, level) in &self.level_words {
            if level_of(level).is_none() {
                return Err(faults::mapping_invalid(
                    &format!("等级「{word}」对应的「{level}」不是等级;请写作 CN10:5 或 高级工"),
                    &format!("{level}, given for the word {word}, is no level; write CN10:5"),
                ));
            }
        }
        for day in self.term_dates.values().chain(&self.awarded_on) {
            in_range(*day).map_err(|wrong| {
                let fault = Fault::from(wrong);
                faults::mapping_invalid(&fault.zh, &fault.en)
            })?;
        }
        let whole_file = self.course.iter().map(|code| ("*", code));
        let courses = self.courses.iter().map(|(k, v)| (k.as_str(), v));
        for (theirs, ours) in courses.chain(whole_file) {
            if CourseCode::new(ours).is_err() {
                return Err(faults::mapping_invalid(
                    &format!("课程「{theirs}」对应的代码无效"),
                    &format!("the code given for the course {theirs} cannot be used"),
                ));
            }
        }
        let percent = self
            .attendance
            .as_ref()
            .and_then(|a| a.percent_min.as_ref());
        if percent.is_some_and(|share| share.parse::<Percent>().is_err()) {
            return Err(faults::mapping_invalid(
                "attendance.percent_min 应为 0 至 100 的百分数",
                "attendance.percent_min has to be a share from 0 to 100",
            ));
        }
        Ok(())
    }
}

/// Reads a grade that a mapping names, be it a word of the files or of the wire (`not_passed`).
pub(crate) fn read_mapped_grade(grade: &str, marks: &[&str]) -> Result<GradeReading, GradeError> {
    match (read_grade(grade, marks), grade.parse::<Grade>()) {
        (Err(GradeError::UnknownWord), Ok(wire)) => read_grade(&wire.zh(), marks),
        (reading, _) => reading,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(json: &str) -> Result<ColumnMapping, String> {
        let mapping: ColumnMapping = serde_json::from_str(json).map_err(|e| e.to_string())?;
        mapping.check().map_err(|fault| fault.code.to_owned())?;
        Ok(mapping)
    }

    #[test]
    fn a_mapping_is_read_and_written_without_loss() {
        let json = r#"{
            "columns": {"course_code": {"columns": ["code_module", "code_presentation"]},
                        "student_number": {"columns": ["id_student"], "separator": ""}},
            "grade_words": {"Pass": "passed", "A*": "优秀"},
            "term_dates": {"2013J": "2014-06-30"}, "awarded_on": "2014-07-31",
            "courses": {"AAA-2013J": "OU-AAA"}
        }"#;
        let read = mapping(json).unwrap();
        assert_eq!(read.columns[&Field::CourseCode].separator, "-");
        let again: ColumnMapping =
            serde_json::from_value(serde_json::to_value(&read).unwrap()).unwrap();
        assert_eq!(again, read);
    }

    #[test]
    fn what_a_mapping_cannot_mean_is_refused() {
        assert!(mapping(r#"{"colums": {}}"#).is_err());
        assert!(mapping(r#"{"columns": {"shoe_size": {"columns": ["x"]}}}"#).is_err());
        let refused = [
            r#"{"grade_words": {"A*": "superb"}}"#,
            r#"{"courses": {"A": " "}}"#,
            r#"{"awarded_on": "1949-12-31"}"#,
            r#"{"term_dates": {"2013J": "2101-01-01"}}"#,
            r#"{"columns": {"grade": {"columns": [" "]}}}"#,
        ];
        for json in refused {
            assert_eq!(mapping(json).unwrap_err(), "MAPPING_INVALID", "{json}");
        }
    }

    #[test]
    fn a_heading_alone_and_a_list_of_them_say_what_the_whole_form_says() {
        let whole = mapping(
            r#"{"columns": {"grade": {"columns": ["分儿"]},
                            "course_code": {"columns": ["a", "b"], "separator": "-"}}}"#,
        );
        let short = mapping(r#"{"columns": {"grade": "分儿", "course_code": ["a", "b"]}}"#);
        assert_eq!(short, whole);
        assert_eq!(
            serde_json::to_string(&short.unwrap()).unwrap(),
            serde_json::to_string(&whole.unwrap()).unwrap(),
            "what is kept has one form"
        );
        assert_eq!(
            mapping(r#"{"columns": {"grade": []}}"#)
                .unwrap()
                .columns
                .len(),
            1
        );
        for wrong in [
            "7",
            "null",
            "true",
            "[7]",
            "[[\"a\"]]",
            "{}",
            "{\"columns\": \"a\"}",
        ] {
            let json = format!("{{\"columns\": {{\"grade\": {wrong}}}}}");
            assert!(mapping(&json).is_err(), "{wrong}");
        }
        let twice = r#"{"columns": {"grade": {"columns": ["a"], "columns": ["b"]}}}"#;
        assert!(mapping(twice).is_err());
        for blank in ["\" \"", "[\"a\", \"\"]"] {
            let json = format!("{{\"columns\": {{\"grade\": {blank}}}}}");
            assert_eq!(mapping(&json).unwrap_err(), "MAPPING_INVALID", "{blank}");
        }
    }

    #[test]
    fn every_word_of_the_wire_is_a_grade_for_a_mapping() {
        for word in [
            "passed",
            "not_passed",
            "distinction",
            "exempted",
            "absent",
            "cheated",
            "cancelled",
            "withdrawn",
            "excellent",
            "fail",
            "87.5",
            "B+",
        ] {
            assert!(read_mapped_grade(word, &[]).is_ok(), "{word}");
        }
    }
}
