//! The shared sample files.

use std::path::Path;

use creditbank_domain::amount::{Hundredths, Unit};
use creditbank_domain::grade::{Attempt, Grade};

use super::*;
use crate::result_file::{LineNote, write_result_file};

fn sample(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/samples")
        .join(name);
    assert!(
        path.exists(),
        "the samples are missing: {} is not there",
        path.display()
    );
    path
}

fn outcomes(name: &str, options: &ReadOptions) -> Vec<ReportedOutcome> {
    let lines = read_lines(&sample(name), options, &pseudonym).unwrap();
    lines
        .into_iter()
        .map(|line| line.report().unwrap().clone())
        .collect()
}

const CLASS_FILES: [&str; 4] = [
    "spreadsheets/zh-class-utf8-nobom.csv",
    "spreadsheets/zh-class-gb18030.csv",
    "spreadsheets/zh-class-utf16le-tab.txt",
    "spreadsheets/zh-class.xlsx",
];

#[test]
fn the_four_class_files_are_the_same_outcomes() {
    let first = outcomes(CLASS_FILES[0], &options());
    assert_eq!(first.len(), 14);
    for file in &CLASS_FILES[1..] {
        assert_eq!(outcomes(file, &options()), first, "{file}");
    }
}

#[test]
fn ids_keep_their_zeros_and_names_every_character() {
    let lines = outcomes(CLASS_FILES[1], &options());
    let name = |index: usize| match &lines[index].learner {
        LearnerRef::Identified { identifiers, name } => {
            assert!(identifiers.primary().canonical().starts_with("0202600"));
            name.as_ref().unwrap().reveal().to_owned()
        }
        LearnerRef::Number(_) => panic!("a student number is not a learner number"),
    };
    let names = [4, 6, 8, 10, 12].map(name);
    assert_eq!(
        names,
        [
            "阿依古丽·买买提",
            "㐂田一",
            "䶮小明",
            "𠮷野",
            "李\u{3000}明"
        ]
    );
    assert_eq!(lines[1].entry.code.as_str(), "PE102");
    assert_eq!(lines[1].awarded_on, day("2026-01-31"));
    assert_eq!(lines[1].stated[0].unit, Unit::Credit);
    assert_eq!(lines[1].stated[0].hundredths, Hundredths::new(150).unwrap());
}

#[test]
fn a_single_learner_s_export_needs_the_learner_beside_the_file() {
    let path = sample("spreadsheets/zh-qiangzhi-gbk.csv");
    let refused = read_lines(&path, &options(), &pseudonym).unwrap_err();
    assert_eq!(refused.code, "LEARNER_COLUMN_MISSING");

    let options = ReadOptions {
        learner: Some(student("2024001")),
        ..options()
    };
    let lines = read_lines(&path, &options, &pseudonym).unwrap();
    assert_eq!(
        faults(&lines),
        [(8, vec!["RESULT_NOT_YET"])],
        "缓考 is the only line refused"
    );
    let line = |no: u64| {
        let line = lines.iter().find(|line| line.line_no == no).unwrap();
        line.report().unwrap().clone()
    };
    let score = |text: &str| Grade::Score(text.parse().unwrap());
    assert_eq!(line(5).grade, score("52"));
    assert_eq!(
        (line(6).grade, line(6).attempt),
        (score("68"), Attempt::Resit)
    );
    assert_eq!(line(5).entry, line(6).entry);
    assert_ne!(line(5).source_ref, line(6).source_ref);
    assert_eq!(line(7).grade, Grade::Absent);
    assert_eq!(line(9).grade, Grade::Cheated);
    assert_eq!(line(10).grade, Grade::Exempted);
    assert_eq!(
        line(12).grade,
        score("85"),
        "full-width digits, and a comma in quotes before"
    );
    assert_eq!(
        line(11).stated.len(),
        1,
        "12周 describes the course and is no stated amount"
    );
    assert_eq!(line(12).awarded_on, day("2026-01-31"));
}

/// The other traps of that export: words for grades, a resit mark, brackets of both widths, and
/// 12周, which is no amount.
#[test]
fn the_qiangzhi_export_keeps_words_brackets_and_commas_as_they_are() {
    let options = ReadOptions {
        learner: Some(student("2024001")),
        ..options()
    };
    let path = sample("spreadsheets/zh-qiangzhi-gbk.csv");
    let lines = read_lines(&path, &options, &pseudonym).unwrap();
    let grade = |no: u64| {
        lines
            .iter()
            .find(|it| it.line_no == no)
            .unwrap()
            .report()
            .unwrap()
            .grade
    };
    let read = |word: &str| match creditbank_domain::grade::read_grade(word, &[]) {
        Ok(creditbank_domain::grade::GradeReading::Achieved(grade)) => grade,
        other => panic!("{word} is {other:?}"),
    };
    assert_eq!(
        [grade(3), grade(4), grade(11)],
        ["良好", "通过", "优秀"].map(read)
    );
}

/// Files that are no transcripts are refused by name, not read as something else.
#[test]
fn every_other_sample_is_refused_with_its_code() {
    for file in [
        "assessments",
        "courses",
        "studentAssessment",
        "studentRegistration",
    ] {
        let path = sample(&format!("real-grades/oulad-part-{file}.csv"));
        let code = read_lines(&path, &options(), &pseudonym).unwrap_err().code;
        assert_eq!(code, "HEADER_NOT_FOUND", "{file}");
    }
    let code = read_lines(&sample("elmo/schema.xsd"), &options(), &pseudonym)
        .unwrap_err()
        .code;
    assert_eq!(code, "FILE_KIND");
    let path = sample("real-grades/uiuc-gpa-fa2019.csv");
    let code = read_lines(&path, &options(), &pseudonym).unwrap_err().code;
    assert_eq!(
        code, "HEADER_NOT_FOUND",
        "counts of grades are nobody's grades"
    );
}

/// The traps of the NAD/ABC upload: one row a learner, empty subject columns, an F that earns
/// nothing, leading zeros, days day first, and a programme that is nobody's course.
#[test]
fn an_nad_upload_is_one_line_a_subject() {
    let path = sample("spreadsheets/in-nad-abc-pivot.csv");
    let lines = read_lines(&path, &options(), &pseudonym).unwrap();
    assert_eq!(faults(&lines), []);
    let places = line_nos(&lines);
    assert!(
        places.windows(2).all(|pair| pair[0] < pair[1]),
        "{places:?}"
    );
    assert_eq!(&places[..5], [2001, 2002, 2003, 2004, 3001]);
    let outcomes: Vec<_> = lines
        .into_iter()
        .map(|line| line.report().unwrap().clone())
        .collect();
    assert_eq!(outcomes[0].learner, named("0071000", "ANJALI SHARMA"));
    assert_eq!(outcomes[0].entry.code.as_str(), "CS301");
    assert_eq!(outcomes[0].awarded_on, day("2026-06-15"));
    assert_eq!(outcomes[5].grade.to_string(), "F");
    assert_eq!(
        outcomes[3].stated[0].hundredths,
        Hundredths::new(150).unwrap()
    );
    // Independently: the credits of every subject that is not an F, column by column.
    let text = std::fs::read_to_string(&path).unwrap();
    let mut rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = rows.next().unwrap();
    let mut expected = (0, 0);
    for row in rows {
        for subject in 1..=4 {
            let cell = |member: &str| {
                let wanted = format!("SUB{subject}{member}");
                row[header
                    .iter()
                    .position(|heading| *heading == wanted)
                    .unwrap()]
            };
            if !cell("").is_empty() {
                let credit: Hundredths = cell("_CREDIT").parse().unwrap();
                expected.0 += 1;
                expected.1 += if cell("_GRADE") == "F" {
                    0
                } else {
                    credit.get()
                };
            }
        }
    }
    let passed = outcomes.iter().filter(|one| one.grade.to_string() != "F");
    let earned: i64 = passed.map(|one| one.stated[0].hundredths.get()).sum();
    assert_eq!((outcomes.len(), earned), expected);
}

/// ELMO's own example: a degree whose course counts and whose 120 credits do not, a course whose
/// lectures do not count, a title in three pieces, a signature, credits of another system.
#[test]
fn the_elmo_example_counts_courses_once_and_verifies_nothing() {
    let path = sample("elmo/example.xml");
    let beside = ReadOptions {
        learner: Some(student("2024001")),
        ..options()
    };
    let lines = read_lines(&path, &beside, &pseudonym).unwrap();
    let expected = [
        // Innpasset is no word of ours, and 45.1 passed on a scale that is not ours.
        (1, vec!["GRADE_UNKNOWN"]),
        (2, vec!["GRADE_CONTRADICTS_VERDICT"]),
        (3, vec!["COURSE_MISSING", "DATE_MISSING"]),
    ];
    assert_eq!(faults(&lines), expected);
    let by_words = ReadOptions {
        mapping: Some(
            serde_json::from_str(
                r#"{"grade_words": {"Innpasset": "免修", "45.1": "passed"},
                    "columns": {"credits": {"columns": ["ECTS"]}}}"#,
            )
            .unwrap(),
        ),
        ..beside
    };
    let lines = read_lines(&path, &by_words, &pseudonym).unwrap();
    let read: Vec<_> = lines.iter().filter_map(|line| line.report()).collect();
    let told: Vec<_> = read
        .iter()
        .map(|one| {
            (
                one.entry.code.as_str(),
                one.grade,
                one.stated[0].hundredths.get(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("EKSTERN", Grade::Exempted, 1500),
            ("1000-217bMRJ", Grade::Passed, 600)
        ]
    );
    assert_eq!(read[1].awarded_on, day("2015-03-17"));
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("result.csv");
    write_result_file(&path, by_words.mapping.as_ref(), &out, &mut |_| {
        Ok(LineNote::new("已入账", "", ""))
    })
    .unwrap();
    let csv = std::fs::read_to_string(out).unwrap();
    for part in [
        "/elmo/report/learningOpportunitySpecification/hasPart/learningOpportunitySpecification",
        "pl: Budowa kompilatorów | en: Compiler construction",
        "The importance of <br> in HTML",
        "有签名,未验证 signed, not verified",
    ] {
        assert!(csv.contains(part), "{part} is missing in {csv}");
    }
}

#[test]
fn a_foreign_layout_is_read_through_its_mapping() {
    let path = sample("real-grades/oulad-part-studentInfo.csv");
    assert_eq!(
        read_lines(&path, &options(), &pseudonym).unwrap_err().code,
        "HEADER_NOT_FOUND"
    );
    let options = mapping(
        r#"{"columns": {"student_number": {"columns": ["id_student"]},
                        "course_code": {"columns": ["code_module", "code_presentation"]},
                        "grade": {"columns": ["final_result"]},
                        "term": {"columns": ["code_presentation"]}},
            "term_dates": {"2013J": "2014-06-30", "2014J": "2015-06-30",
                           "2013B": "2013-10-31", "2014B": "2014-10-31"}}"#,
    );
    let lines = read_lines(&path, &options, &pseudonym).unwrap();
    assert_eq!(lines.len(), 12_489);
    assert_eq!(faults(&lines), []);
    let first = lines[0].report().unwrap().clone();
    assert_eq!(
        (first.entry.code.as_str(), first.grade),
        ("AAA-2013J", Grade::Passed)
    );
    assert_eq!(first.awarded_on, day("2014-06-30"));
}

#[test]
fn every_class_file_comes_back_as_it_was_with_three_columns_more() {
    for file in CLASS_FILES {
        let directory = tempfile::tempdir().unwrap();
        let out = directory.path().join("result");
        let mut line_nos = Vec::new();
        write_result_file(&sample(file), None, &out, &mut |line_no| {
            line_nos.push(line_no);
            Ok(LineNote::new(
                "已拒绝",
                "OUTCOME_UNKNOWN",
                "成果目录中没有该课程代码",
            ))
        })
        .unwrap();
        assert_eq!(line_nos, (2..=15).collect::<Vec<_>>(), "{file}");
        let again = read_lines(&out, &options(), &pseudonym).unwrap();
        let original = read_lines(&sample(file), &options(), &pseudonym).unwrap();
        assert_eq!(
            told(&again),
            told(&original),
            "{file}: a result file can be sent again"
        );
    }
}
