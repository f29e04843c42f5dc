use super::{good, lines, read, with};
use crate::run_tests;

fn first(piece: &str, other: &str) -> String {
    let trials = run_tests(&read(&with(piece, other))).unwrap();
    lines(&trials[0].faults)
}

#[test]
fn a_test_that_holds_passes() {
    let trials = run_tests(&good()).unwrap();
    assert_eq!((trials.len(), trials[0].name.as_str()), (1, "一门"));
    assert!(trials[0].passed());
}

#[test]
fn a_line_that_was_not_expected_is_told_and_one_that_did_not_come() {
    let second = "        - {id: b, entry: 95001/Z, amount: 1, awarded_on: 2024-01-01}\n";
    let found = first("    expect:", &format!("{second}    expect:"));
    assert!(
        found.ends_with("expected –, got {outcome: b, granted: 0.00, refused: NOT_IN_LIST}"),
        "{found}"
    );
    let found = first(
        "course: C1, granted: 6}]}",
        "course: C1, granted: 6}, {outcome: a, course: C2, granted: 1}]}",
    );
    assert!(
        found.ends_with("expected {outcome: a, course: C2, granted: 1.00}, got –"),
        "{found}"
    );
}

#[test]
fn the_state_and_the_history_of_a_test_count() {
    assert!(
        first(
            "{id: a, entry: 95001/A, amount: 6,",
            "{id: a, entry: 95001/A, amount: 6, state: held,"
        )
        .contains("ALREADY_RESERVED")
    );
    let history = |grant: &str| format!("programme_credits: 62\n      history: [{grant}]");
    let found = first(
        "programme_credits: 62",
        &history("{course: C1, granted: 2}"),
    );
    assert!(found.contains("COURSE_ALREADY_CONVERTED"), "{found}");
    let same =
        "{course: C7, granted: 2, rests_on: [{outcome: a, issuer: 95001, awarded_on: 2024-01-01}]}";
    let found = first("programme_credits: 62", &history(same));
    assert!(found.contains("OUTCOME_ALREADY_USED"), "{found}");
    let found = first(
        "programme_credits: 62",
        "programme_credits: 62\n      has: [C1]",
    );
    assert!(found.contains("COURSE_ALREADY_CONVERTED"), "{found}");
}
