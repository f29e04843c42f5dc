//! Bad input: its own code and place, nothing posted for it, the rest goes on.

use creditbank_domain::authz::{Actor, Grant, Role, RunImport, Subject, authorize};
use creditbank_domain::ids::InstitutionId;
use creditbank_domain::institution::Standing;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_import::{ImportError, run_import};
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::LineStatus;
use kit::{RECEIVING, TestBank, UNIVERSITY, posting, samples};
use rust_xlsxwriter::Workbook;

use super::samples::CLASS_FILES;
use super::{TestFile, figures, gbk, refusal, told};

const HEADER: &str = "学号,身份证号,学分银行账号,姓名,课程代码,获得日期,学分,成绩";

/// One good line before each bad one and after the last, each of another learner.
fn between_good_lines(bad: &[Vec<u8>]) -> TestFile {
    let good = |n: usize| format!("G{n},,,好学生,MATH101,2025-01-31,4,60\n").into_bytes();
    let mut bytes = format!("{HEADER}\n").into_bytes();
    for (n, line) in bad.iter().enumerate() {
        bytes.extend(good(n));
        bytes.extend(line);
        bytes.push(b'\n');
    }
    bytes.extend(good(bad.len()));
    TestFile::new(bytes)
}

fn a_learner_number_with_a_wrong_check_character() -> String {
    let right = LearnerNo::from_random(7).as_str().to_owned();
    let (body, check) = right.split_at(right.len() - 1);
    let wrong = if check == "2" { "3" } else { "2" };
    format!("{body}{wrong}")
}

#[test]
fn every_bad_line_has_its_own_code_and_place_and_its_neighbours_are_posted() {
    let number = a_learner_number_with_a_wrong_check_character();
    let of = |learner: &str, rest: &str| format!("{learner},坏学生,{rest}").into_bytes();
    let student = |rest: &str| of("B1,,", rest);
    let bad: Vec<(Vec<u8>, &str)> = vec![
        (student("NOWHERE,2025-01-31,4,60"), "OUTCOME_UNKNOWN"),
        (student("CERT-A,2025-01-31,6,80"), "ENTRY_NOT_OWNED"),
        (
            of(&format!(",,{number}"), "MATH101,2025-01-31,4,60"),
            "LEARNER_NO_CHECK_CHARACTER",
        ),
        (
            of(",110105194912310021,", "MATH101,2025-01-31,4,60"),
            "IDENTIFIER_CHECK_DIGIT",
        ),
        (
            of(",1.10105E+17,", "MATH101,2025-01-31,4,60"),
            "IDENTIFIER_ROUNDED",
        ),
        (of(",,", "MATH101,2025-01-31,4,60"), "LEARNER_MISSING"),
        (student("MATH101,2025-01-31,4.005,60"), "AMOUNT_TOO_PRECISE"),
        (student("MATH101,2025-01-31,5,60"), "AMOUNT_MISMATCH"),
        (student("MATH101,2025-02-30,4,60"), "DATE_INVALID"),
        (student("MATH101,1949-12-31,4,60"), "DATE_OUT_OF_RANGE"),
        (student("MATH101,21010101,4,60"), "DATE_OUT_OF_RANGE"),
        (student("MATH101,2025-01-31,-4,60"), "AMOUNT_NOT_A_NUMBER"),
        (student("MATH101,2025-01-31,1000001,60"), "AMOUNT_TOO_LARGE"),
        (student("MATH101,2026-11-23,4,60"), "NOT_YET_EARNED"),
        (
            student("MATH101,2009-12-31,4,60"),
            "OUTCOME_VERSION_NOT_VALID_THEN",
        ),
        (student("MATH101,2025-01-31,4,缓考"), "RESULT_NOT_YET"),
        (student("MATH101,2025-01-31,4,101"), "GRADE_OUT_OF_RANGE"),
        (
            student("MATH101,2025-01-31,4,60,70"),
            "MORE_CELLS_THAN_HEADINGS",
        ),
        (b"B1,,,\0,MATH101,2025-01-31,4,60".to_vec(), "CELL_NUL"),
        (gbk("B1,,,坏学生,MATH101,2025-01-31,4,60"), "CELL_ENCODING"),
        (vec![b'x'; (1 << 20) + 1], "LINE_TOO_LONG"),
        (student("MATH101,2025-01-31,4,\"60"), "QUOTE_UNCLOSED"),
        (vec![b','; 2_100], "TOO_MANY_COLUMNS"),
    ];
    let bank = TestBank::start();
    let (lines, codes): (Vec<_>, Vec<_>) = bad.into_iter().unzip();
    let file = between_good_lines(&lines);
    let view = bank.import(UNIVERSITY, &file.path, &posting());
    let expected: Vec<_> = (0..)
        .zip(&codes)
        .map(|(n, code)| (2 * n + 3, LineStatus::Rejected, (*code).to_owned()))
        .collect();
    assert_eq!(told(&bank, UNIVERSITY, view.import_id), expected);
    let (bad, good) = (codes.len().try_into().unwrap(), codes.len() + 1);
    let good = u64::try_from(good).unwrap();
    assert_eq!(figures(&view), [bad + good, good, 0, bad]);
    let books = bank.row_counts();
    for (table, rows) in &books {
        assert_eq!(
            *rows, good,
            "{table}: nothing of a bad line, all of the good ones"
        );
    }
    let faults = bank
        .database()
        .sql("select faults from import_lines")
        .unwrap();
    for personal in ["坏学生", "110105194912310021", &number] {
        assert!(!faults.contains(personal), "a refusal repeats {personal}");
    }
}

#[test]
fn all_faults_of_a_line_are_told_at_once() {
    let bank = TestBank::start();
    let line = ",110105194912310021,,,MATH101,2025-02-30,4.005,101";
    let file = between_good_lines(&[line.as_bytes().to_vec()]);
    let view = bank.import(UNIVERSITY, &file.path, &posting());
    let codes = "NAME_MISSING; IDENTIFIER_CHECK_DIGIT; GRADE_OUT_OF_RANGE; DATE_INVALID; \
                 AMOUNT_TOO_PRECISE";
    assert_eq!(
        told(&bank, UNIVERSITY, view.import_id),
        [(3, LineStatus::Rejected, codes.to_owned())]
    );
}

#[test]
fn nul_bytes_in_one_line_cost_that_line_alone() {
    let bank = TestBank::start();
    let file = between_good_lines(&[vec![0; 10], b"B1\0,,,x,MATH101,2025-01-31,4,60".to_vec()]);
    let view = bank.import(UNIVERSITY, &file.path, &posting());
    let nul = |line| (line, LineStatus::Rejected, "CELL_NUL".to_owned());
    assert_eq!(told(&bank, UNIVERSITY, view.import_id), [3, 5].map(nul));
    assert_eq!(view.posted, 3);
}

/// A sheet of a few kilobytes that becomes tens of megabytes.
fn zip_bomb() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let filler = "a".repeat(32_000);
    for row in 0..800 {
        sheet
            .write_string(row, 0, format!("{row}{filler}"))
            .unwrap();
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn a_file_that_cannot_be_read_as_a_whole_is_refused_with_its_own_code() {
    let bank = TestBank::start();
    let before = bank.row_counts();
    let workbook = std::fs::read(samples().join(CLASS_FILES[3])).unwrap();
    let bomb = zip_bomb();
    assert!(bomb.len() < 200_000, "{}", bomb.len());
    let cases: [(&[u8], &str); 8] = [
        (&workbook[..workbook.len() / 2], "FILE_DAMAGED"),
        (&workbook[..workbook.len() - 10], "FILE_DAMAGED"),
        (&bomb, "FILE_TOO_LARGE_UNPACKED"),
        (&[0; 10_000], "FILE_ENCODING"),
        (b"\xFF\xFF,\x80\x80\n\xFF,\xFF\n", "FILE_ENCODING"),
        (b"", "FILE_EMPTY"),
        (b"%PDF-1.7", "FILE_KIND"),
        (b"a,b,c\n1,2,3\n", "HEADER_NOT_FOUND"),
    ];
    for (bytes, expected) in cases {
        let file = TestFile::new(bytes);
        assert_eq!(refusal(&bank, UNIVERSITY, &file.path, &posting()), expected);
    }
    assert_eq!(bank.row_counts(), before);
    // The nearest file that is taken.
    let whole = bank.import(UNIVERSITY, &samples().join(CLASS_FILES[3]), &posting());
    assert_eq!(figures(&whole), [14, 14, 0, 0]);
}

#[test]
fn a_suspended_institution_hands_nothing_in_and_may_again_afterwards() {
    let bank = TestBank::start();
    let file = samples().join(CLASS_FILES[0]);
    let before = bank.row_counts();
    bank.set_standing(UNIVERSITY, Standing::Suspended);
    assert_eq!(
        refusal(&bank, UNIVERSITY, &file, &posting()),
        "INSTITUTION_SUSPENDED"
    );
    assert_eq!(bank.row_counts(), before);
    let imports = bank.database().sql("select count(*) from imports");
    assert_eq!(imports.unwrap().trim(), "0");
    bank.set_standing(UNIVERSITY, Standing::Active);
    assert_eq!(
        figures(&bank.import(UNIVERSITY, &file, &posting())),
        [14, 14, 0, 0]
    );
}

#[test]
fn an_institution_that_is_suspended_while_its_file_is_read_posts_nothing_more() {
    let bank = TestBank::start();
    let file = samples().join(CLASS_FILES[0]);
    let options = super::in_transactions_of(5, posting());
    let mut transactions = 0;
    let ledger = bank.ledger();
    let view = bank
        .try_import_through(ledger, UNIVERSITY, &file, &options, &mut |_| {
            transactions += 1;
            if transactions == 1 {
                bank.set_standing(UNIVERSITY, Standing::Suspended);
            }
        })
        .unwrap();
    assert_eq!(figures(&view), [14, 5, 0, 9]);
    let refused = told(&bank, UNIVERSITY, view.import_id);
    let suspended = refused.iter().filter(|(line, status, code)| {
        *line >= 7 && *status == LineStatus::Rejected && code == "INSTITUTION_SUSPENDED"
    });
    assert_eq!(suspended.count(), 9);
}

#[test]
fn an_unknown_institution_is_refused_before_a_line_is_read() {
    let bank = TestBank::start();
    let nobody = InstitutionId::from_uuid(uuid::Uuid::from_u128(42));
    let actor = Actor {
        institution: Some(nobody),
        ..bank.actor(Role::Registrar, UNIVERSITY)
    };
    let grant: Grant<RunImport> = authorize(&actor, Subject::Institution(nobody)).unwrap();
    let file = samples().join(CLASS_FILES[0]);
    let refused = run_import(
        bank.ledger(),
        &grant,
        &file,
        &posting(),
        bank.now(),
        &mut |_| (),
    );
    assert!(
        matches!(refused, Err(ImportError::Ledger(LedgerError::NotFound))),
        "{refused:?}"
    );
    assert_eq!(bank.row_counts()["outcomes"], 0);
}

#[test]
fn a_course_of_another_institution_earns_its_own_students_nothing_here() {
    let bank = TestBank::start();
    let file = samples().join(CLASS_FILES[0]);
    let view = bank.import(RECEIVING, &file, &posting());
    assert_eq!(figures(&view), [14, 0, 0, 14]);
    assert_eq!(
        (view.accounts_opened, bank.row_counts()["learners"]),
        (0, 0)
    );
}
