//! Export, audit, balances of the past and statements, as somebody at a terminal has them.

use std::process::{Command, Output};

use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::flows::{NewCatalogueVersion, VersionDetails};
use kit::{IDENTITY_KEY, RECEIVING, SCHOOL, TestBank, UNIVERSITY, course, outcome};

use crate::bank::{Balances, ODD, bank_with_books, told};
use crate::tools::{counted_by_hledger, tool};

/// Runs the binary on a bank.
fn creditbank(bank: &TestBank, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_creditbank"))
        .args(arguments)
        .env("DATABASE_URL", bank.database().url())
        .env("CREDITBANK_IDENTITY_KEY", IDENTITY_KEY)
        .output()
        .unwrap()
}

/// What it prints, where it must succeed.
fn printed(bank: &TestBank, arguments: &[&str]) -> String {
    let output = creditbank(bank, arguments);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// Its exit code and what it complains of.
fn refused(bank: &TestBank, arguments: &[&str]) -> (Option<i32>, String) {
    let output = creditbank(bank, arguments);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), complaint)
}

#[test]
fn hledger_counts_the_same_balances_for_every_learner_institution_and_unit() {
    let (bank, learners) = bank_with_books();
    let folder = tempfile::tempdir().unwrap();
    let export = |name: &str, slice: &[&str]| {
        let file = folder.path().join(name);
        let mut arguments = vec!["export", "--format", "hledger"];
        arguments.extend(["--output", file.to_str().unwrap()]);
        arguments.extend(slice);
        assert_eq!(printed(&bank, &arguments), "");
        counted_by_hledger(&file)
    };
    let all = told(&bank, &learners);
    for account in ["Available", "Held", "Used", "Expired", "Withdrawn"] {
        assert!(
            all.keys().any(|(name, _)| name.ends_with(account)),
            "{account}: {all:?}"
        );
    }
    assert_eq!(export("all.journal", &[]), all);
    let one = export("one.journal", &["--learner", &learners[0].printed()]);
    assert_eq!(one, told(&bank, &learners[..1]));
    let school = export("school.journal", &["--institution", SCHOOL]);
    let of_the_school = |name: &str| name.contains(&format!(":{SCHOOL}:"));
    let mut expected = all.clone();
    expected.retain(|(name, _), _| of_the_school(name));
    assert_eq!(school, expected);
    let both = [
        "--institution",
        RECEIVING,
        "--learner",
        learners[0].as_str(),
    ];
    let granted = export("granted.journal", &both);
    let name = format!("Assets:Learner:{}:{RECEIVING}:Available", learners[0]);
    let expected = Balances::from([((name, "CREDIT".to_owned()), 2170)]);
    assert_eq!(granted, expected);
    let tomorrow = export("none.journal", &["--from", "2026-11-23"]);
    assert_eq!(tomorrow, Balances::new());
    let today = export(
        "today.journal",
        &["--from", "2026-11-22", "--to", "2026-11-22"],
    );
    assert_eq!(today, all);
    // Nothing is left beside the files that are whole.
    let left = std::fs::read_dir(folder.path()).unwrap();
    let names: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        names
            .iter()
            .all(|name| name.to_str().unwrap().ends_with(".journal")),
        "{names:?}"
    );
}

#[test]
fn beancount_finds_nothing_wrong() {
    let (bank, _) = bank_with_books();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("books.beancount");
    let file = file.to_str().unwrap();
    assert_eq!(
        printed(
            &bank,
            &["export", "--format", "beancount", "--output", file]
        ),
        ""
    );
    assert_eq!(tool("bean-check", &[file]), "");
}

#[test]
fn every_transfer_is_exported_once_in_every_format_and_nobody_is_named() {
    let (bank, learners) = bank_with_books();
    let ids = bank
        .database()
        .sql("select transfer_id from transfers")
        .unwrap();
    let ids: Vec<&str> = ids.split_whitespace().collect();
    for format in ["hledger", "beancount", "csv", "jsonl"] {
        let text = printed(&bank, &["export", "--format", format]);
        for id in &ids {
            assert_eq!(text.matches(id).count(), 1, "{format}: {id}");
        }
        for personal in ["测试学员", "S1/", "S4/"] {
            assert!(!text.contains(personal), "{format}: {personal}");
        }
        assert!(text.contains(learners[0].as_str()));
    }
    let events = "select count(*) from audit_events where action = 'export_books'";
    assert_eq!(bank.database().sql(events).unwrap().trim(), "4");
}

#[test]
fn an_export_of_many_pages_is_whole() {
    let (bank, learners) = bank_with_books();
    let talk = NewCatalogueVersion {
        repeatable: true,
        details: VersionDetails::default(),
        ..course(UNIVERSITY, "TALK", "0.01")
    };
    bank.publish(&[talk]);
    for batch in 0..5 {
        let reports: Vec<_> = (0..1000)
            .map(|n| {
                let number = learners[n % learners.len()];
                let source = format!("talk {batch} {n}");
                outcome("TALK").learner_no(number).source(&source).build()
            })
            .collect();
        bank.try_post(UNIVERSITY, &reports).unwrap();
    }
    let transfers = bank
        .database()
        .sql("select count(*) from transfers")
        .unwrap();
    let lines = printed(&bank, &["export", "--format", "jsonl"]);
    assert_eq!(lines.lines().count().to_string(), transfers.trim());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.journal");
    let shown = file.to_str().unwrap();
    printed(&bank, &["export", "--format", "hledger", "--output", shown]);
    assert_eq!(counted_by_hledger(&file), told(&bank, &learners));
}

#[test]
fn what_cannot_be_exported_is_refused_with_its_code_and_leaves_no_file() {
    let (bank, _) = bank_with_books();
    let folder = tempfile::tempdir().unwrap();
    let check = |arguments: &[&str], expected: &str| {
        let mut all = vec!["export", "--format", "csv"];
        all.extend(arguments);
        let (status, complaint) = refused(&bank, &all);
        assert_eq!(status, Some(1), "{complaint}");
        assert!(complaint.contains(expected), "{arguments:?}: {complaint}");
    };
    let unknown = LearnerNo::from_random(7);
    let file = folder.path().join("a.csv");
    let file = file.to_str().unwrap();
    check(
        &["--learner", unknown.as_str(), "--output", file],
        "NOT_FOUND",
    );
    check(&["--learner", "7KQ4"], "LEARNER_NO");
    check(&["--institution", "12345"], "INSTITUTION_UNKNOWN");
    check(&["--from", "2026-02-30"], "DATE_INVALID");
    check(&["--to", "2101-01-01"], "DATE_OUT_OF_RANGE");
    check(
        &["--from", "2026-02-02", "--to", "2026-02-01"],
        "PERIOD_REVERSED",
    );
    check(&["--output", "/nowhere/a.csv"], "EXPORT_UNWRITABLE");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(refused(&bank, &["export", "--format", "pdf"]).0, Some(2));
}

#[test]
fn the_exit_status_of_an_audit_says_whether_these_books_are_right() {
    let (mut bank, learners) = bank_with_books();
    let code = |arguments: &[&str]| {
        let mut all = vec!["audit"];
        all.extend(arguments);
        let output = creditbank(&bank, &all);
        let told = String::from_utf8(output.stdout).unwrap();
        let complaint = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), told + &complaint)
    };
    let scopes = [
        vec![],
        vec!["--learner", learners[0].as_str()],
        vec!["--institution", SCHOOL],
    ];
    for scope in &scopes {
        assert_eq!(code(scope).0, Some(0), "{scope:?}");
    }
    let plant = format!(
        "set session_replication_role = replica; update lots set available = available + 1, \
         used = used - 1 where used > 0 and learner_id in \
         (select learner_id from learners where learner_no = '{}')",
        learners[0]
    );
    bank.database().sql(&plant).unwrap();
    for scope in &scopes {
        let (status, told) = code(scope);
        assert_eq!(status, Some(1), "{scope:?}");
        assert!(told.contains("lots_equal_their_transfers"), "{told}");
    }
    assert_eq!(code(&["--learner", learners[3].as_str()]).0, Some(0));
    assert_eq!(code(&["--institution", UNIVERSITY]).0, Some(0));
    assert!(
        code(&["--learner", LearnerNo::from_random(7).as_str()])
            .1
            .contains("NOT_FOUND")
    );
    assert!(
        code(&["--institution", "12345"])
            .1
            .contains("INSTITUTION_UNKNOWN")
    );
    assert_eq!(
        code(&["--institution", SCHOOL, "--learner", "x"]).0,
        Some(2)
    );
    bank.break_the_books_on_purpose();
}

#[test]
fn a_terminal_shows_balances_of_the_past_and_statements() {
    let (bank, learners) = bank_with_books();
    let number = learners[0].printed();
    let show = |arguments: &[&str]| {
        let mut all = vec![arguments[0], number.as_str()];
        all.extend(&arguments[1..]);
        printed(&bank, &all)
    };
    let today = show(&["balance", "--as-of", "2026-11-22"]);
    assert!(
        today.contains("21.70") && today.contains(ODD) && today.contains("7.25"),
        "{today}"
    );
    let before = show(&["balance", "--as-of", "2026-11-21"]);
    assert!(!before.contains("21.70"), "{before}");
    let learned = show(&["balance", "--as-of", "2026-01-31", "--by", "learned"]);
    assert!(
        learned.contains("24.00") && !learned.contains("21.70"),
        "{learned}"
    );
    let statement = show(&["statement", "--from", "2026-11-01", "--to", "2026-11-30"]);
    for movement in bank.movements(learners[0]) {
        assert!(statement.contains(&movement.entry_title), "{statement}");
    }
    assert!(statement.contains("期初 Opening") && statement.contains("期末 Closing"));
    let (status, complaint) = refused(&bank, &["balance", &number, "--by", "learned"]);
    assert_eq!(status, Some(2), "{complaint}");
    let (status, complaint) = refused(&bank, &["balance", &number, "--as-of", "gestern"]);
    assert!(
        status == Some(1) && complaint.contains("DATE_INVALID"),
        "{complaint}"
    );
}
