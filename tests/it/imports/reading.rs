//! How a file is read belongs to its import: nothing goes on another way than it began.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use creditbank_domain::identifier::{Identifier, IdentifierKind};
use creditbank_domain::outcome::LearnerRef;
use creditbank_import::{ColumnMapping, ImportError, ImportOptions};
use creditbank_ledger::flows::LineStatus;
use creditbank_ledger::reads::ImportView;
use kit::{TestBank, UNIVERSITY, posting};

use super::{TestFile, figures, in_transactions_of, told};

/// Six lines with two columns of grades, and nothing that says which of them counts.
fn transcript() -> TestFile {
    let mut text = "学号,学期,课程代码,学分,甲,乙\n".to_owned();
    for n in 1..=6 {
        text += &format!("{n},2024-2025-1,MATH101,4,{},{}\n", 60 + n, 90 + n);
    }
    TestFile::new(text)
}

fn read_by(mapping: &str) -> ImportOptions {
    let mapping: ColumnMapping = serde_json::from_str(mapping).unwrap();
    ImportOptions {
        mapping: Some(mapping),
        ..in_transactions_of(2, posting())
    }
}

fn grade_in(column: &str) -> ImportOptions {
    read_by(&format!(
        r#"{{"columns": {{"grade": {{"columns": ["{column}"]}}}}}}"#
    ))
}

/// Ends the import, as a kill would, behind its first transaction.
fn kill(bank: &TestBank, file: &TestFile, options: &ImportOptions) {
    let run = AssertUnwindSafe(|| {
        let ledger = bank.ledger();
        bank.try_import_through(ledger, UNIVERSITY, &file.path, options, &mut |_| {
            // Without the panic's message.
            resume_unwind(Box::new("killed"))
        })
    });
    let reason = catch_unwind(run).expect_err("it is killed");
    assert_eq!(reason.downcast_ref(), Some(&"killed"), "it panicked itself");
}

fn states(bank: &TestBank) -> String {
    let imports = "select state, cursor_line from imports order by import_id";
    bank.database().sql(imports).unwrap().trim().to_owned()
}

fn grades(bank: &TestBank) -> String {
    let grades = "select string_agg(grade, ' ' order by grade) from outcomes";
    bank.database().sql(grades).unwrap().trim().to_owned()
}

#[test]
fn an_import_killed_under_a_wrong_mapping_begins_anew_under_another() {
    let file = transcript();
    let bank = TestBank::start();
    kill(&bank, &file, &grade_in("甲"));
    assert_eq!(states(&bank), "running|3");
    let right: ImportView = bank.import(UNIVERSITY, &file.path, &grade_in("乙"));
    // Every line is answered, and those that the wrong mapping has posted say so.
    assert_eq!(figures(&right), [6, 4, 0, 2]);
    let conflict = |line| (line, LineStatus::Rejected, "SOURCE_REF_CONFLICT".to_owned());
    assert_eq!(
        told(&bank, UNIVERSITY, right.import_id),
        [conflict(2), conflict(3)]
    );
    assert_eq!(grades(&bank), "61.00 62.00 93.00 94.00 95.00 96.00");
    // The first one waits for whoever goes on with it as it began.
    assert_eq!(states(&bank), "running|3\nfinished|7");
    let first = bank.import(UNIVERSITY, &file.path, &grade_in("甲"));
    assert_ne!(first.import_id, right.import_id);
    assert_eq!(figures(&first), [6, 2, 0, 4]);
    assert_eq!(states(&bank), "finished|7\nfinished|7");
}

#[test]
fn a_second_process_with_a_broken_mapping_fails_alone() {
    let file = transcript();
    let bank = TestBank::start();
    let other = bank.second_ledger();
    let mut failed = 0;
    let view = bank
        .try_import_through(
            bank.ledger(),
            UNIVERSITY,
            &file.path,
            &grade_in("甲"),
            &mut |_| {
                let broken = grade_in("丙");
                let refused =
                    bank.try_import_through(&other, UNIVERSITY, &file.path, &broken, &mut |_| ());
                let Err(ImportError::Failed { fault, .. }) = refused else {
                    panic!("{refused:?}")
                };
                assert_eq!(fault.code, "HEADER_NOT_FOUND");
                failed += 1;
            },
        )
        .unwrap();
    assert!(failed > 0);
    assert_eq!(figures(&view), [6, 6, 0, 0]);
}

#[test]
fn a_transcript_of_another_learner_never_goes_on_with_the_first_one_s() {
    let text = "学期,课程代码,学分,成绩\n\
                2024-2025-1,MATH101,4,60\n\
                2024-2025-1,PE102,1.5,70\n\
                2024-2025-2,MATH101,4,80\n";
    let file = TestFile::new(text);
    let bank = TestBank::start();
    let of = |number: &str| {
        let today = "2026-11-22".parse().unwrap();
        let identifier = Identifier::parse(IdentifierKind::StudentNumber, number, today).unwrap();
        let learner = LearnerRef::Identified {
            identifiers: identifier.into(),
            name: None,
        };
        ImportOptions {
            learner: Some(learner),
            ..in_transactions_of(2, posting())
        }
    };
    kill(&bank, &file, &of("WRONG-1"));
    let right = bank.import(UNIVERSITY, &file.path, &of("S1"));
    assert_eq!(figures(&right), [3, 3, 0, 0]);
}
