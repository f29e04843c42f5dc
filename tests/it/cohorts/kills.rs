//! Killed at any instant, or handed in twice at once: no line is lost and none is doubled.

use super::*;

const LINES: u64 = 12;

fn bank_with_students() -> TestBank {
    let bank = TestBank::start();
    for nth in 0..10 {
        student(&bank, &format!("S{nth}"), &["CERT-A"]);
    }
    bank
}

/// Ten who can be asked for, one of them twice, and nobody.
fn file() -> CohortTestFile {
    let mut text = "学号,目标课程\n".to_owned();
    for number in [
        "S0", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S1", "NOBODY", "S8", "S9",
    ] {
        text += &format!("{number},COURSE-A\n");
    }
    CohortTestFile::new(text)
}

/// What a file leaves, without the ids and moments that every run makes anew.
fn books(bank: &TestBank) -> String {
    let sql = "select state, cursor_line, posted, already_posted, rejected from imports; \
               select line_no, status, faults -> 0 ->> 'code' from import_lines order by line_no; \
               select source_ref like '2026夏/%', line_no from cohort_lines order by line_no; \
               select r.state, sum(t.amount), count(*) from conversion_requests r \
                   join transfers t using (learner_id, request_id) group by r.request_id, r.state";
    let rows = bank.database().sql(sql).unwrap();
    format!("{:?}\n{rows}", bank.row_counts())
}

fn undisturbed() -> String {
    let (bank, file) = (bank_with_students(), file());
    let import = try_hand_in(&bank, &file, &order(), ImportMode::Post).unwrap();
    let go_on = &mut |_| ControlFlow::Continue(());
    let view = work(&bank, bank.ledger(), (&file, import), 4, go_on).unwrap();
    assert_eq!(figures(&view), [LINES, 10, 1, 1]);
    assert_eq!(requests(&bank), 10);
    books(&bank)
}

/// Every write of a transaction that sends requests, and its commit.
const INSTANTS: [&str; 9] = [
    "trigger kill after insert on conversion_requests",
    "trigger kill after insert on conversion_lines",
    "trigger kill after insert on transfers",
    "trigger kill after insert on request_bases",
    "trigger kill after insert on request_steps",
    "trigger kill after insert on cohort_lines",
    "trigger kill after insert on import_lines",
    "trigger kill after update on imports",
    "constraint trigger kill after update on imports deferrable initially deferred",
];

#[test]
fn a_connection_that_dies_in_the_midst_of_any_write_loses_and_doubles_no_request() {
    let expected = undisturbed();
    for instant in INSTANTS {
        let (bank, file) = (bank_with_students(), file());
        let import = try_hand_in(&bank, &file, &order(), ImportMode::Post).unwrap();
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
        let mut done = 0;
        let killed = work(&bank, bank.ledger(), (&file, import), 4, &mut |_| {
            done += 1;
            if done == 1 {
                bank.database().sql(&killer).unwrap();
            }
            ControlFlow::Continue(())
        });
        let error = killed.expect_err(instant);
        let gone = matches!(&error, ImportError::Ledger(error) if error.is_unavailable());
        assert!(gone, "{instant}: {error:?}");
        assert_eq!((done, requests(&bank)), (1, 4), "{instant}");
        bank.database().sql("drop function kill() cascade").unwrap();
        let go_on = &mut |_| ControlFlow::Continue(());
        let view = work(&bank, bank.ledger(), (&file, import), 4, go_on).unwrap();
        assert_eq!(figures(&view), [LINES, 10, 1, 1], "{instant}");
        assert_eq!(books(&bank), expected, "{instant}");
    }
}

#[test]
fn a_file_that_is_ended_after_every_transaction_comes_to_its_end() {
    let expected = undisturbed();
    let (bank, file) = (bank_with_students(), file());
    let import = try_hand_in(&bank, &file, &order(), ImportMode::Post).unwrap();
    for _ in 0..3 {
        let stop = &mut |_| ControlFlow::Break(());
        let stopped = work(&bank, bank.ledger(), (&file, import), 4, stop);
        assert!(matches!(stopped, Err(ImportError::Stopped)));
    }
    let go_on = &mut |_| ControlFlow::Continue(());
    let view = work(&bank, bank.ledger(), (&file, import), 4, go_on).unwrap();
    assert_eq!(figures(&view), [LINES, 10, 1, 1]);
    assert_eq!(books(&bank), expected);
}

/// Two files of one cohort at one moment: each learner is asked for once, and each line is answered.
#[test]
fn two_files_of_one_cohort_at_one_moment_ask_for_each_learner_once() {
    let bank = bank_with_students();
    let one = file();
    let other = CohortTestFile::new([one.bytes.clone(), b"\r\n".to_vec()].concat());
    let files = [&one, &other].map(|file| {
        let import = try_hand_in(&bank, file, &order(), ImportMode::Post).unwrap();
        (file, import)
    });
    let ledgers = [bank.second_ledger(), bank.second_ledger()];
    let barrier = std::sync::Barrier::new(2);
    let views: Vec<ImportView> = std::thread::scope(|scope| {
        let runs: Vec<_> = { files.into_iter().zip(&ledgers) }
            .map(|(of, ledger)| {
                let (bank, barrier) = (&bank, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let go_on = &mut |_| ControlFlow::Continue(());
                    work(bank, ledger, of, 3, go_on).unwrap()
                })
            })
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let sum = |of: fn(&ImportView) -> u64| views.iter().map(of).sum::<u64>();
    assert_eq!(sum(|it| it.posted), 10);
    assert_eq!(sum(|it| it.rejected), 2);
    assert_eq!(sum(|it| it.already_posted), 12);
    assert_eq!(requests(&bank), 10);
}
