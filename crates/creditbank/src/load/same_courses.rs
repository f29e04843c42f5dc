//! A list of same courses and of substitutes (同课目录、替代课程) as one JSON pack.

use creditbank_domain::text::{CourseCode, InstitutionCode, bounded};
use creditbank_ledger::flows::{CourseRef, NewDuplicateGroup, NewSubstitute, SameCourses};
use serde::Deserialize;

use super::pack::{DocumentFile, PackKind, at, days, of_kind, read_json};
use crate::problem::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SameCoursesFile {
    kind: PackKind,
    /// Made up, to show the form.
    #[serde(rename = "example", default)]
    _example: bool,
    /// Where it comes from, in words.
    #[serde(rename = "source")]
    _source: String,
    document: DocumentFile,
    duplicates: Vec<GroupFile>,
    substitutes: Vec<SubstituteFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupFile {
    code: String,
    courses: Vec<CourseFile>,
    valid_from: String,
    valid_to: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubstituteFile {
    course: CourseFile,
    stands_for: CourseFile,
    valid_from: String,
    valid_to: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CourseFile {
    owner: String,
    code: String,
}

impl CourseFile {
    fn read(&self, place: &str) -> Result<CourseRef, Problem> {
        Ok(CourseRef {
            owner: at(&format!("{place}/owner"), InstitutionCode::new(&self.owner))?,
            code: at(&format!("{place}/code"), CourseCode::new(&self.code))?,
        })
    }
}

/// Reads and checks the shape of every value; the ledger checks the lists as a whole.
pub(crate) fn read_same_courses(bytes: &[u8]) -> Result<SameCourses, Problem> {
    let file: SameCoursesFile = read_json(bytes)?;
    of_kind(file.kind, PackKind::SameCourses)?;
    let mut duplicates = Vec::with_capacity(file.duplicates.len());
    for (position, group) in file.duplicates.iter().enumerate() {
        let place = format!("/duplicates/{position}");
        let (valid_from, valid_to) = days(&place, &group.valid_from, group.valid_to.as_deref())?;
        let courses = group.courses.iter().enumerate();
        duplicates.push(NewDuplicateGroup {
            code: at(&format!("{place}/code"), bounded("code", &group.code, 80))?,
            courses: courses
                .map(|(course_no, course)| course.read(&format!("{place}/courses/{course_no}")))
                .collect::<Result<_, _>>()?,
            valid_from,
            valid_to,
        });
    }
    let mut substitutes = Vec::with_capacity(file.substitutes.len());
    for (position, one) in file.substitutes.iter().enumerate() {
        let place = format!("/substitutes/{position}");
        let (valid_from, valid_to) = days(&place, &one.valid_from, one.valid_to.as_deref())?;
        substitutes.push(NewSubstitute {
            course: one.course.read(&format!("{place}/course"))?,
            stands_for: one.stands_for.read(&format!("{place}/stands_for"))?,
            valid_from,
            valid_to,
        });
    }
    Ok(SameCourses {
        document: file.document.read()?,
        duplicates,
        substitutes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../../packs/same-courses/example.json");

    #[test]
    fn the_example_is_read() {
        let lists = read_same_courses(EXAMPLE.as_bytes()).unwrap();
        assert_eq!(lists.duplicates[0].courses.len(), 2);
        assert_eq!(lists.substitutes[0].stands_for.code.as_str(), "B0100006");
    }

    #[test]
    fn a_wrong_value_is_named_by_its_place() {
        let check = |from: &str, to: &str, place: &str| {
            let wrong = EXAMPLE.replacen(from, to, 1);
            assert_ne!(wrong, EXAMPLE, "{from}");
            let refusal = read_same_courses(wrong.as_bytes()).err().unwrap();
            assert_eq!(refusal.code(), "PACK_FILE");
            assert!(refusal.to_string().contains(place), "{refusal}");
        };
        check(
            "\"2025-01-01\"",
            "\"2025-02-29\"",
            "/duplicates/0/valid_from",
        );
        check(
            "\"owner\": \"95001\"",
            "\"owner\": \" \"",
            "/duplicates/0/courses/1/owner",
        );
        check("\"same_courses\"", "\"hour_table\"", "/kind");
        check("\"duplicates\"", "\"doubles\"", "unknown field `doubles`");
    }
}
