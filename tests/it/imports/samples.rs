//! The shared sample files of real layouts, traps included.

use creditbank_domain::identifier::{Identifier, IdentifierKind};
use creditbank_domain::outcome::LearnerRef;
use creditbank_import::ImportOptions;
use creditbank_ledger::flows::LineStatus::{Posted, Rejected};
use kit::{TestBank, UNIVERSITY, course, day, posting, qiangzhi_courses, samples};

use super::{figures, refusal, told};

pub(super) const CLASS_FILES: [&str; 4] = [
    "spreadsheets/zh-class-utf8-nobom.csv",
    "spreadsheets/zh-class-gb18030.csv",
    "spreadsheets/zh-class-utf16le-tab.txt",
    "spreadsheets/zh-class.xlsx",
];
pub(super) const QIANGZHI: &str = "spreadsheets/zh-qiangzhi-gbk.csv";

const CLASS_BALANCES: [(&str, &str); 7] = [
    ("020260000", "5.50"),
    ("020260001", "1.50"),
    ("020260002", "4.00"),
    ("020260003", "1.50"),
    ("020260004", "4.00"),
    ("020260005", "5.50"),
    ("020260006", "1.50"),
];

/// The transcript of one learner, who is named beside the file.
pub(super) fn of_student(number: &str, options: ImportOptions) -> ImportOptions {
    let identifier =
        Identifier::parse(IdentifierKind::StudentNumber, number, day("2026-11-22")).unwrap();
    ImportOptions {
        learner: Some(LearnerRef::Identified {
            identifiers: identifier.into(),
            name: None,
        }),
        ..options
    }
}

#[test]
fn the_four_class_files_are_the_same_outcomes_whichever_comes_first() {
    for first in 0..CLASS_FILES.len() {
        let bank = TestBank::start();
        for offset in 0..CLASS_FILES.len() {
            let file = CLASS_FILES[(first + offset) % CLASS_FILES.len()];
            let view = bank.import(UNIVERSITY, &samples().join(file), &posting());
            let expected = if offset == 0 {
                [14, 14, 0, 0]
            } else {
                [14, 0, 14, 0]
            };
            assert_eq!(figures(&view), expected, "{file} as number {offset}");
            let opened = if offset == 0 { 7 } else { 0 };
            assert_eq!(view.accounts_opened, opened, "{file}");
        }
        let books = bank.row_counts();
        assert_eq!((books["outcomes"], books["lots"]), (14, 9));
        let balances =
            bank.credits_by_student_number(UNIVERSITY, &CLASS_BALANCES.map(|(number, _)| number));
        assert_eq!(
            balances,
            CLASS_BALANCES.map(|(number, sum)| (number.to_owned(), sum.to_owned()))
        );
    }
}

#[test]
fn a_failed_course_of_the_class_says_so_beside_its_line() {
    let bank = TestBank::start();
    let view = bank.import(UNIVERSITY, &samples().join(CLASS_FILES[3]), &posting());
    let too_low = |line| (line, Posted, "GRADE_TOO_LOW".to_owned());
    assert_eq!(
        told(&bank, UNIVERSITY, view.import_id),
        [4, 7, 8, 11, 14].map(too_low)
    );
}

#[test]
fn one_learner_s_qiangzhi_export_is_credited_to_the_hundredth() {
    let bank = TestBank::start();
    bank.publish(&qiangzhi_courses());
    let file = samples().join(QIANGZHI);
    assert_eq!(
        refusal(&bank, UNIVERSITY, &file, &posting()),
        "LEARNER_COLUMN_MISSING"
    );
    let view = bank.import(UNIVERSITY, &file, &of_student("20240801", posting()));
    assert_eq!(figures(&view), [11, 10, 0, 1]);
    assert_eq!(view.accounts_opened, 1);
    let line = |no: u64, status, code: &str| (no, status, code.to_owned());
    assert_eq!(
        told(&bank, UNIVERSITY, view.import_id),
        [
            line(5, Posted, "GRADE_TOO_LOW"),
            line(7, Posted, "RESULT_WITHOUT_CREDIT"),
            line(8, Rejected, "RESULT_NOT_YET"),
            line(9, Posted, "RESULT_WITHOUT_CREDIT"),
            line(12, Posted, "ALREADY_CREDITED"),
        ]
    );
    let recorded = bank.database().sql(
        "select code, grade, attempt, awarded_on, coalesce(earned_nothing, issued::text) \
         from outcomes join catalogue_entries using (entry_id) left join lots using (outcome_id) \
         order by code, awarded_on",
    );
    let expected = "\
08012301|87.00|first|2025-01-31|350
08012302|good|first|2025-01-31|200
08012303|passed|first|2025-01-31|100
08012304|52.00|first|2025-01-31|GRADE_TOO_LOW
08012304|68.00|resit|2025-07-31|300
08012305|absent|first|2025-07-31|RESULT_WITHOUT_CREDIT
08012307|cheated|first|2025-07-31|RESULT_WITHOUT_CREDIT
08012308|exempted|first|2025-07-31|50
08012308|85.00|first|2026-01-31|ALREADY_CREDITED
08012309|excellent|first|2026-01-31|1200";
    assert_eq!(recorded.unwrap().trim(), expected);
    let total = bank.credits_by_student_number(UNIVERSITY, &["20240801"]);
    assert_eq!(total, [("20240801".to_owned(), "22.00".to_owned())]);

    let again = bank.import(UNIVERSITY, &file, &of_student("20240801", posting()));
    assert_eq!(figures(&again), [11, 0, 10, 1]);
    // Beside another learner the same bytes are another transcript.
    let other = bank.import(UNIVERSITY, &file, &of_student("20240802", posting()));
    assert_eq!(figures(&other), [11, 10, 0, 1]);
}

/// The file itself says what each learner has earned of its subjects: TOT_CREDIT.
#[test]
fn an_nad_upload_credits_what_it_says_itself() {
    let bank = TestBank::start();
    let subjects = [
        ("CS301", "4"),
        ("CS302", "4"),
        ("AE101", "2"),
        ("CS3L1", "1.5"),
    ];
    bank.publish(&subjects.map(|(code, credits)| course(UNIVERSITY, code, credits)));
    let file = samples().join("spreadsheets/in-nad-abc-pivot.csv");
    let view = bank.import(UNIVERSITY, &file, &posting());
    assert_eq!(figures(&view), [8, 8, 0, 0]);
    let failed = (3002, Posted, "GRADE_TOO_LOW".to_owned());
    assert_eq!(told(&bank, UNIVERSITY, view.import_id), [failed]);
    let text = std::fs::read_to_string(&file).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    let column = |name: &str| rows[0].iter().position(|heading| *heading == name).unwrap();
    let (number, total) = (column("REGN_NO"), column("TOT_CREDIT"));
    let expected: Vec<_> = rows[1..]
        .iter()
        .map(|row| (row[number].to_owned(), format!("{}0", row[total])))
        .collect();
    let sums = bank.credits_by_student_number(UNIVERSITY, &["0071000", "0071001"]);
    assert_eq!(sums, expected);
}

/// EMREX's own example: only what the mapping explains is posted, the degree's 120 credits never.
#[test]
fn the_elmo_example_is_credited_by_its_courses() {
    let bank = TestBank::start();
    bank.publish(&[
        course(UNIVERSITY, "EKSTERN", "15.00"),
        course(UNIVERSITY, "1000-217bMRJ", "6.00"),
    ]);
    let said = r#"{"grade_words": {"Innpasset": "免修", "45.1": "passed"},
                   "columns": {"credits": {"columns": ["ECTS"]}}}"#;
    let options = ImportOptions {
        mapping: Some(serde_json::from_str(said).unwrap()),
        ..of_student("20240801", posting())
    };
    let file = samples().join("elmo/example.xml");
    let view = bank.import(UNIVERSITY, &file, &options);
    assert_eq!(figures(&view), [3, 2, 0, 1]);
    let sums = bank.credits_by_student_number(UNIVERSITY, &["20240801"]);
    assert_eq!(sums, [("20240801".to_owned(), "21.00".to_owned())]);
}
