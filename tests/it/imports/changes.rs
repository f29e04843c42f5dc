//! Lines that correct and withdraw what was posted.

use creditbank_ledger::flows::LineStatus::{self, AlreadyPosted, Posted, Rejected};
use creditbank_ledger::reads::ImportView;
use kit::{TestBank, UNIVERSITY, dry_run, posting};

use super::{TestFile, figures, told};

const HEAD: &str = "成绩编号,学号,学期,课程代码,学分,成绩,操作,更正原因,依据文号";

fn file(lines: &[&str]) -> TestFile {
    TestFile::new(format!("{HEAD}\r\n{}\r\n", lines.join("\r\n")))
}

fn two_grades() -> TestFile {
    file(&[
        "G1,S1,2024-2025-1,MATH101,4,71,,,",
        "G2,S2,2024-2025-1,MATH101,4,82,新增,,",
    ])
}

fn changed() -> TestFile {
    file(&[
        "G1,S1,2024-2025-1,MATH101,4,58,更正,GRADE_APPEAL,教务更正〔2025〕1号",
        "G2,,,,,,撤销,重复报送,教务更正〔2025〕2号",
    ])
}

fn lines(bank: &TestBank, view: &ImportView) -> Vec<(u64, LineStatus, String)> {
    told(bank, UNIVERSITY, view.import_id)
}

fn credits(bank: &TestBank) -> [String; 2] {
    let all = bank.credits_by_student_number(UNIVERSITY, &["S1", "S2"]);
    [all[0].1.clone(), all[1].1.clone()]
}

#[test]
fn lines_correct_and_withdraw_and_again_change_nothing_whatever_came_since() {
    let bank = TestBank::start();
    let _ = bank.import(UNIVERSITY, &two_grades().path, &posting());
    let before = bank.row_counts();
    let tried = bank.import(UNIVERSITY, &changed().path, &dry_run());
    assert_eq!(bank.row_counts(), before, "a dry run leaves nothing");
    let made = bank.import(UNIVERSITY, &changed().path, &posting());
    let said = |of: &ImportView| lines(&bank, of);
    let corrected = "LINE_CORRECTED".to_owned();
    let withdrew = "LINE_WITHDREW".to_owned();
    assert_eq!(said(&made), [(2, Posted, corrected), (3, Posted, withdrew)]);
    assert_eq!(said(&tried), said(&made));
    assert_eq!(credits(&bank), ["0.00", "0.00"]);
    // A later appeal gives it back; the old file again does not take it.
    let later = file(&["G1,S1,2024-2025-1,MATH101,4,80,correct,grade_appeal,教务更正〔2025〕9号"]);
    assert_eq!(
        figures(&bank.import(UNIVERSITY, &later.path, &posting())),
        [1, 1, 0, 0]
    );
    let again = bank.import(UNIVERSITY, &changed().path, &posting());
    assert_eq!(figures(&again), [2, 0, 2, 0]);
    assert_eq!(credits(&bank), ["4.00", "0.00"]);
}

#[test]
fn an_outcome_is_posted_corrected_and_withdrawn_in_the_order_of_the_lines() {
    let bank = TestBank::start();
    let all = file(&[
        "G1,S1,2024-2025-1,MATH101,4,58,,,",
        "G1,S1,2024-2025-1,MATH101,4,75,更正,GRADE_APPEAL,教务更正〔2025〕1号",
        "G2,S2,2024-2025-1,MATH101,4,75,,,",
        "G2,,,,,,撤销,POSTED_TWICE,教务更正〔2025〕2号",
    ]);
    let view = bank.import(UNIVERSITY, &all.path, &posting());
    assert_eq!(figures(&view), [4, 4, 0, 0]);
    assert_eq!(credits(&bank), ["4.00", "0.00"]);
}

#[test]
fn a_change_without_its_grounds_or_its_record_is_rejected_alone() {
    let bank = TestBank::start();
    let _ = bank.import(UNIVERSITY, &two_grades().path, &posting());
    let wrong = file(&[
        "G1,S1,2024-2025-1,MATH101,4,58,更正,,",
        "G1,S1,2024-2025-1,MATH101,4,58,更正,BECAUSE,文1号",
        "G1,S1,2024-2025-1,MATH101,4,58,改,,",
        "G9,,,,,,撤销,POSTED_TWICE,文1号",
        "G1,S1,2024-2025-1,MATH101,4,71,更正,GRADE_APPEAL,文1号",
        "G2,,,,,,撤销,POSTED_TWICE,文1号",
    ]);
    let view = bank.import(UNIVERSITY, &wrong.path, &posting());
    let expected = [
        (
            2,
            Rejected,
            "CHANGE_REASON_MISSING; CHANGE_DOCUMENT_MISSING",
        ),
        (3, Rejected, "CHANGE_REASON_UNKNOWN"),
        (4, Rejected, "ACTION_UNKNOWN"),
        (5, Rejected, "SOURCE_REF_UNKNOWN"),
        (6, AlreadyPosted, "NOTHING_TO_CORRECT"),
        (7, Posted, "LINE_WITHDREW"),
    ];
    let expected = expected.map(|(line, status, code)| (line, status, code.to_owned()));
    assert_eq!(lines(&bank, &view), expected);
    assert_eq!(credits(&bank), ["4.00", "0.00"]);
}

#[test]
fn without_record_ids_a_change_finds_its_outcome_by_learner_course_term_and_attempt() {
    let bank = TestBank::start();
    let head = "学号,学期,课程代码,学分,成绩,操作,更正原因,依据文号";
    let of = |line: &str| TestFile::new(format!("{head}\r\n{line}\r\n"));
    let _ = bank.import(
        UNIVERSITY,
        &of("S1,2024-2025-1,MATH101,4,71,,,").path,
        &posting(),
    );
    let _ = bank.import(
        UNIVERSITY,
        &of("S2,2024-2025-1,MATH101,4,71,,,").path,
        &posting(),
    );
    for (line, code) in [
        (
            "S1,2024-2025-1,MATH101,4,58,更正,GRADE_APPEAL,文1号",
            "LINE_CORRECTED",
        ),
        (
            "S2,2024-2025-1,MATH101,4,71,撤销,POSTED_TWICE,文1号",
            "LINE_WITHDREW",
        ),
        (
            "S2,2024-2025-2,MATH101,4,71,撤销,POSTED_TWICE,文1号",
            "SOURCE_REF_UNKNOWN",
        ),
    ] {
        let view = bank.import(UNIVERSITY, &of(line).path, &posting());
        assert_eq!(lines(&bank, &view)[0].2, code, "{line}");
    }
    assert_eq!(credits(&bank), ["0.00", "0.00"]);
}

/// The instants of a line that changes something, and of the one after it.
const INSTANTS: [&str; 5] = [
    "trigger kill after insert on corrections",
    "trigger kill after insert on import_changes",
    "trigger kill after insert on import_lines",
    "trigger kill after update on imports",
    "constraint trigger kill after update on imports deferrable initially deferred",
];

#[test]
fn a_connection_that_dies_in_the_midst_of_a_change_changes_it_once() {
    let expected = {
        let bank = TestBank::start();
        let _ = bank.import(UNIVERSITY, &two_grades().path, &posting());
        let _ = bank.import(UNIVERSITY, &changed().path, &posting());
        bank.row_counts()
    };
    for instant in INSTANTS {
        let bank = TestBank::start();
        let _ = bank.import(UNIVERSITY, &two_grades().path, &posting());
        let each = if instant.starts_with("constraint") {
            "row"
        } else {
            "statement"
        };
        let killer = format!(
            "create function kill() returns trigger language plpgsql security definer as \
             'begin perform pg_terminate_backend(pg_backend_pid()); return null; end'; \
             create {instant} for each {each} execute function kill()"
        );
        bank.database().sql(&killer).unwrap();
        let options = super::in_transactions_of(1, posting());
        let killed = bank.try_import(UNIVERSITY, &changed().path, &options);
        assert!(killed.is_err(), "{instant}");
        bank.database().sql("drop function kill() cascade").unwrap();
        let made = bank.import(UNIVERSITY, &changed().path, &options);
        assert_eq!(figures(&made), [2, 2, 0, 0], "{instant}");
        assert_eq!(bank.row_counts(), expected, "{instant}");
        let changes = "select count(*) from corrections";
        assert_eq!(bank.database().sql(changes).unwrap().trim(), "2");
    }
}
