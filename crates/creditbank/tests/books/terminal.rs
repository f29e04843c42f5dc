//! What the audit's exit status says, and what a terminal shows of the past.

use creditbank_domain::learner_no::LearnerNo;
use kit::{SCHOOL, UNIVERSITY};

use crate::outside::{ODD, bank_with_books, creditbank, printed, refused};

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
