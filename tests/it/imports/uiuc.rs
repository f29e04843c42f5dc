//! A semester of a real university: how many of each grade a section gave, drawn apart into
//! students who do not exist.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use creditbank_domain::amount::Hundredths;
use creditbank_import::{ColumnMapping, ImportOptions};
use kit::{TestBank, UNIVERSITY, course, posting, samples};

use super::{TestFile, figures};

const FILE: &str = "real-grades/uiuc-gpa-fa2019.csv";
const GRADES: [&str; 14] = [
    "A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F", "W",
];
/// More than any course has, so that nobody takes a course twice.
const STUDENTS: usize = 40_000;
const MAPPING: &str = r#"{
    "columns": {
        "student_number": {"columns": ["student"]},
        "course_code": {"columns": ["course"]},
        "term": {"columns": ["term"]},
        "grade": {"columns": ["grade"]}
    },
    "grade_words": {"W": "withdrawn"},
    "term_dates": {"fa2019": "2019-12-20"}
}"#;

/// How many of each grade a course gave, over all its sections.
fn courses() -> BTreeMap<String, [usize; 14]> {
    let mut reader = csv::Reader::from_path(samples().join(FILE)).unwrap();
    let headings = reader.headers().unwrap().clone();
    let column = |name: &str| headings.iter().position(|it| it.trim() == name).unwrap();
    let (subject, number) = (column("Subject"), column("Course"));
    let columns = GRADES.map(column);
    let mut courses: BTreeMap<String, [usize; 14]> = BTreeMap::new();
    for row in reader.records().map(Result::unwrap) {
        let code = format!("{}-{}", &row[subject], &row[number]);
        let counts = courses.entry(code).or_default();
        for (count, column) in counts.iter_mut().zip(columns) {
            *count += row[column].parse::<usize>().unwrap();
        }
    }
    courses
}

/// The file does not say what a course is worth: one to four credits, by its number.
fn credits(code: &str) -> u8 {
    code.bytes().last().unwrap() % 4 + 1
}

/// A file with a line for each grade that was given, and what each student has earned by it.
fn drawn_apart(courses: &BTreeMap<String, [usize; 14]>) -> (String, Vec<Hundredths>, u64) {
    let mut file = "student,course,term,grade\n".to_owned();
    let mut earned = vec![Hundredths::default(); STUDENTS];
    let (mut seat, mut passed) = (0, 0);
    for (code, counts) in courses {
        assert!(counts.iter().sum::<usize>() < STUDENTS, "{code}");
        let worth = Hundredths::new(i64::from(credits(code)) * 100).unwrap();
        for (grade, count) in GRADES.iter().zip(counts) {
            for _ in 0..*count {
                let student = seat % STUDENTS;
                seat += 1;
                writeln!(file, "S{student:05},{code},fa2019,{grade}").unwrap();
                if !matches!(*grade, "F" | "W") {
                    earned[student] = earned[student].plus(worth).unwrap();
                    passed += 1;
                }
            }
        }
    }
    (file, earned, passed)
}

#[test]
fn a_semester_of_a_real_university_adds_up_for_every_student() {
    let courses = courses();
    let (file, earned, passed) = drawn_apart(&courses);
    let lines = u64::try_from(file.lines().count() - 1).unwrap();
    assert_eq!((courses.len(), lines, passed), (1_388, 165_790, 161_725));

    let bank = TestBank::start();
    let worth = |code: &String| course(UNIVERSITY, code, &format!("{}.00", credits(code)));
    bank.publish(&courses.keys().map(worth).collect::<Vec<_>>());
    let mapping: ColumnMapping = serde_json::from_str(MAPPING).unwrap();
    let options = ImportOptions {
        mapping: Some(mapping),
        ..posting()
    };
    let view = bank.import(UNIVERSITY, &TestFile::new(file).path, &options);
    assert_eq!(figures(&view), [lines, lines, 0, 0]);
    assert_eq!(view.accounts_opened, 40_000);

    let students: Vec<_> = (0..STUDENTS).map(|n| format!("S{n:05}")).collect();
    let learners = bank.learners_by_student_number(UNIVERSITY, &students);
    let balances = bank.credits_of_all();
    assert_eq!(balances.len(), STUDENTS);
    for (student, earned) in students.iter().zip(&earned) {
        assert_eq!(balances[&learners[student]], *earned, "{student}");
    }
}
