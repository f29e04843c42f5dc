//! Killed at any instant, or handed in by two processes: no line is lost and none is doubled.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Barrier;

use creditbank_import::{ImportError, ImportOptions, Progress};
use creditbank_ledger::flows::LineStatus;
use creditbank_ledger::reads::ImportView;
use kit::{TestBank, UNIVERSITY, posting};

use super::{TestFile, figures, in_transactions_of, told};

const LINES: u64 = 40;
const POSTED: u64 = 32;
const LINES_PER_TRANSACTION: usize = 7;
const TRANSACTIONS: usize = 6;

/// Forty lines: learners that come again in later transactions, resits, and far from their first
/// ones lines that stand twice and lines that contradict; and lines that are refused by themselves.
fn transcript() -> TestFile {
    let mut lines = vec!["某某大学成绩单".to_owned(), String::new()];
    lines.push("学号,学期,课程代码,学分,成绩,考试性质".to_owned());
    for n in 0..LINES {
        let (student, grade) = (n * 7 % 23, 40 + n * 13 % 61);
        let (course, credits) = [("MATH101", "4"), ("PE102", "1.5")][usize::from(n % 3 == 0)];
        lines.push(match n {
            5 | 26 => format!("{student},2024-2025-1,NOWHERE,4,{grade},正常考试"),
            12 | 34 => format!("{student},2024-2025-1,{course},{credits},缓考,正常考试"),
            // As lines 1 and 9 of the forty.
            30 | 38 => lines[usize::try_from(n % 29).unwrap() + 3].clone(),
            _ if n % 4 == 3 => format!("{student},2024-2025-2,{course},{credits},{grade},补考一"),
            _ => format!("{student},2024-2025-1,{course},{credits},{grade},正常考试"),
        });
        if n == 20 {
            lines.push(String::new());
        }
    }
    lines.push("合计,,,100,,".to_owned());
    TestFile::new(lines.join("\r\n"))
}

fn options() -> ImportOptions {
    in_transactions_of(LINES_PER_TRANSACTION, posting())
}

/// All that an import leaves in the books, without the ids and moments that every run makes anew.
fn books(bank: &TestBank) -> String {
    let outcomes = "\
        select source_ref, code, grade, attempt, awarded_on, stated, earned_nothing, \
            (select string_agg(concat(kind, unit, amount, from_account, to_account), ';') \
             from transfers join lots using (learner_id, lot_id) \
             where lots.outcome_id = o.outcome_id), \
            (select count(*) from outcomes n where n.learner_id = o.learner_id) \
        from outcomes o join catalogue_entries using (entry_id) order by source_ref";
    let lines = "\
        select state, cursor_line, i.posted, already_posted, i.rejected, accounts_opened, line_no, \
            status, faults \
        from imports i left join import_lines using (import_id) order by i.import_id, line_no";
    let rows = bank
        .database()
        .sql(&format!("{outcomes}; {lines}"))
        .unwrap();
    format!("{:?}\n{rows}", bank.row_counts())
}

/// The books after a run that nobody disturbed, all lines in one transaction.
fn undisturbed(file: &TestFile) -> (String, ImportView) {
    let bank = TestBank::start();
    let view = bank.import(UNIVERSITY, &file.path, &posting());
    assert_eq!(figures(&view), [LINES, POSTED, 2, 6]);
    let refused = told(&bank, UNIVERSITY, view.import_id);
    let codes = refused
        .iter()
        .filter(|(_, status, _)| *status == LineStatus::Rejected)
        .map(|(line, _, code)| (*line, code.as_str()));
    assert_eq!(
        codes.collect::<Vec<_>>(),
        [
            (9, "OUTCOME_UNKNOWN"),
            (16, "RESULT_NOT_YET"),
            (30, "SOURCE_REF_CONFLICT"),
            (31, "OUTCOME_UNKNOWN"),
            (39, "RESULT_NOT_YET"),
            (42, "SOURCE_REF_CONFLICT"),
        ]
    );
    (books(&bank), view)
}

/// Runs the import and ends it, as a kill would, after some transactions of this run.
fn kill_after(bank: &TestBank, file: &TestFile, transactions: usize) -> Option<ImportView> {
    let mut done = 0;
    let run = AssertUnwindSafe(|| {
        let ledger = bank.ledger();
        bank.try_import_through(
            ledger,
            UNIVERSITY,
            &file.path,
            &options(),
            &mut |progress| {
                // A run that finds every line done tells so without a transaction.
                done += usize::from(progress.read > 0);
                if done == transactions {
                    // Without the panic's message.
                    resume_unwind(Box::new("killed"));
                }
            },
        )
    });
    match catch_unwind(run) {
        Ok(ended) => Some(ended.unwrap()),
        Err(reason) => {
            assert_eq!(reason.downcast_ref(), Some(&"killed"), "it panicked itself");
            None
        }
    }
}

fn state_and_lines(bank: &TestBank) -> String {
    let imports = "select state, posted + already_posted + rejected from imports";
    bank.database().sql(imports).unwrap().trim().to_owned()
}

#[test]
fn a_kill_at_every_boundary_of_transactions_loses_and_doubles_nothing() {
    let file = transcript();
    let (expected, whole) = undisturbed(&file);
    for boundary in 1..=TRANSACTIONS {
        let bank = TestBank::start();
        assert_eq!(kill_after(&bank, &file, boundary), None);
        let done = (boundary * LINES_PER_TRANSACTION).min(40);
        assert_eq!(state_and_lines(&bank), format!("running|{done}"));
        assert_eq!(bank.audit(), []);
        let mut counted_from = None;
        let ledger = bank.ledger();
        let view = bank
            .try_import_through(
                ledger,
                UNIVERSITY,
                &file.path,
                &options(),
                &mut |progress| {
                    let Progress {
                        read,
                        posted,
                        already_posted,
                        rejected,
                        ..
                    } = progress;
                    assert_eq!(read, posted + already_posted + rejected);
                    counted_from.get_or_insert(read);
                },
            )
            .unwrap();
        if boundary < TRANSACTIONS {
            let rest = (40 - done).min(LINES_PER_TRANSACTION);
            assert_eq!(counted_from, u64::try_from(rest).ok(), "it goes on behind");
        }
        assert_eq!(figures(&view), figures(&whole), "killed at {boundary}");
        assert_eq!(view.accounts_opened, whole.accounts_opened);
        assert_eq!(books(&bank), expected, "killed at {boundary}");
    }
}

#[test]
fn an_import_that_is_killed_again_and_again_comes_to_its_end() {
    let file = transcript();
    let (expected, whole) = undisturbed(&file);
    let bank = TestBank::start();
    for run in 1..=TRANSACTIONS {
        assert_eq!(kill_after(&bank, &file, 1), None, "run {run}");
    }
    let view = kill_after(&bank, &file, 1).expect("nothing is left to be killed");
    assert_eq!(figures(&view), figures(&whole));
    assert_eq!(books(&bank), expected);
}

/// Every write of a posting transaction, its commit, and the end of the import.
const INSTANTS: [(usize, &str); 11] = [
    (2, "trigger kill after insert on learners"),
    (2, "trigger kill after insert on learner_numbers"),
    (2, "trigger kill after insert on identity.identifiers"),
    (2, "trigger kill after insert on outcome_sources"),
    (2, "trigger kill after insert on outcomes"),
    (2, "trigger kill after insert on lots"),
    (2, "trigger kill after insert on transfers"),
    (2, "trigger kill after insert on import_lines"),
    (2, "trigger kill after update on imports"),
    (
        2,
        "constraint trigger kill after update on imports deferrable initially deferred",
    ),
    (TRANSACTIONS, "trigger kill after update on imports"),
];

#[test]
fn a_connection_that_dies_in_the_midst_of_any_write_loses_and_doubles_nothing() {
    let file = transcript();
    let (expected, _) = undisturbed(&file);
    for (committed, instant) in INSTANTS {
        let bank = TestBank::start();
        let killer = format!(
            "create function kill() returns trigger language plpgsql security definer as \
             'begin perform pg_terminate_backend(pg_backend_pid()); return null; end'; \
             create {instant} for each {} execute function kill()",
            if instant.starts_with("constraint") {
                "row"
            } else {
                "statement"
            }
        );
        let mut done = 0;
        let ledger = bank.ledger();
        let killed =
            bank.try_import_through(ledger, UNIVERSITY, &file.path, &options(), &mut |_| {
                done += 1;
                if done == committed {
                    bank.database().sql(&killer).unwrap();
                }
            });
        let error = killed.expect_err(instant);
        assert!(
            matches!(&error, ImportError::Ledger(error) if error.is_unavailable()),
            "{instant}: {error:?}"
        );
        assert_eq!(done, committed, "{instant}: killed in the next transaction");
        let lines = (committed * LINES_PER_TRANSACTION).min(40);
        assert_eq!(
            state_and_lines(&bank),
            format!("running|{lines}"),
            "{instant}"
        );
        bank.database().sql("drop function kill() cascade").unwrap();
        // The same process goes on with its next connection.
        let view = bank.import(UNIVERSITY, &file.path, &options());
        assert_eq!(view.read, LINES, "{instant}");
        assert_eq!(books(&bank), expected, "{instant}");
    }
}

#[test]
fn other_bytes_never_go_on_where_a_killed_import_stopped() {
    let file = transcript();
    let bank = TestBank::start();
    assert_eq!(kill_after(&bank, &file, 2), None);
    let longer = [std::fs::read(&file.path).unwrap(), b"\r\n".to_vec()].concat();
    let other = TestFile::new(longer);
    let view = bank.import(UNIVERSITY, &other.path, &options());
    assert_eq!(view.read, LINES);
    assert_eq!(view.posted + view.already_posted + view.rejected, LINES);
    let first = bank.import(UNIVERSITY, &file.path, &options());
    assert_eq!(first.read, LINES);
    assert_ne!(first.import_id, view.import_id);
    assert_eq!(bank.row_counts()["outcomes"], POSTED);
}

#[test]
fn two_processes_with_one_file_post_every_line_once() {
    let file = transcript();
    let (expected, _) = undisturbed(&file);
    let rows_of = |books: &str| books.split_once("\nfinished").unwrap().0.to_owned();
    let mut overtaken = 0;
    for round in 0..12 {
        let bank = TestBank::start();
        let other = bank.second_ledger();
        let barrier = Barrier::new(2);
        let options = in_transactions_of([1, 3, 7][round % 3], posting());
        let ended: Vec<_> = std::thread::scope(|scope| {
            let runs = [bank.ledger(), &other].map(|ledger| {
                let (bank, barrier, file, options) = (&bank, &barrier, &file, &options);
                scope.spawn(move || {
                    barrier.wait();
                    bank.try_import_through(ledger, UNIVERSITY, &file.path, options, &mut |_| ())
                })
            });
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        let mut finished = 0;
        for end in ended {
            match end {
                Ok(view) => {
                    assert_eq!(figures(&view)[0], LINES);
                    finished += 1;
                }
                Err(error) => {
                    let code = error.fault().map(|fault| fault.code);
                    assert_eq!(code, Some("IMPORT_OVERTAKEN"), "{error:?}");
                    overtaken += 1;
                }
            }
        }
        assert!(finished >= 1, "one of them comes to the end");
        assert_eq!(rows_of(&books(&bank)), rows_of(&expected), "round {round}");
        let again = bank.import(UNIVERSITY, &file.path, &options);
        assert_eq!(figures(&again), [LINES, 0, POSTED + 2, 6]);
        let running = "select count(*) from imports where state = 'running'";
        assert_eq!(bank.database().sql(running).unwrap().trim(), "0");
    }
    assert!(overtaken > 0, "in no round did they meet");
}
