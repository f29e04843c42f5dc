//! What makes a rule set unusable.

use super::*;

fn check(change: impl Fn(&mut RuleSet), expected: Result<(), RuleSetFault>) {
    let mut rule_set = Request::new().rule_set;
    change(&mut rule_set);
    assert_eq!(rule_set.check(), expected, "{rule_set:#?}");
}

fn twice(code: &str) -> Result<(), RuleSetFault> {
    Err(RuleSetFault::Twice {
        code: code.to_owned(),
    })
}

#[test]
fn a_set_without_rules_is_refused() {
    check(|_| {}, Ok(()));
    check(|set| set.rules.truncate(1), Ok(()));
    check(|set| set.rules.clear(), Err(RuleSetFault::Empty));
}

#[test]
fn a_share_is_at_most_the_whole_programme() {
    check(|set| set.programme_share = hundredths("0"), Ok(()));
    check(|set| set.programme_share = hundredths("100"), Ok(()));
    let share = hundredths("100.01");
    check(
        |set| set.programme_share = share,
        Err(RuleSetFault::ShareTooLarge { share }),
    );
}

#[test]
fn a_code_and_a_source_stand_once() {
    check(|set| set.rules.push(rule(4, 104, "1")), Ok(()));
    check(|set| set.rules.push(rule(2, 104, "1")), twice("R2"));
    check(
        |set| {
            set.rules.push(rule(2, 104, "1"));
            set.rules[3].code = "R4".to_owned();
        },
        twice("R4"),
    );
    check(|set| set.rules[2].code = "R1".to_owned(), twice("R1"));
    check(|set| set.rules[2].source = entry(2), twice("R3"));
    check(|set| set.rules[2].code = "r1".to_owned(), Ok(()));
    // Two ways to one course are what a rule set is for.
    check(|set| set.rules.push(rule(4, 101, "6")), Ok(()));
}

#[test]
fn a_course_has_the_same_credits_by_every_rule() {
    let given = |credits: &'static str, expected: Result<(), RuleSetFault>| {
        check(
            move |set| {
                set.rules.push(rule(4, 104, credits));
                set.rules[3].target = set.rules[0].target;
                set.rules[0].target_credits = hundredths("6.00");
            },
            expected,
        );
    };
    given("6.00", Ok(()));
    given(
        "5.99",
        Err(RuleSetFault::OtherCredits {
            code: "R4".to_owned(),
        }),
    );
}

#[test]
fn a_rule_gives_something() {
    check(
        |set| set.rules[1].target_credits = hundredths("0.01"),
        Ok(()),
    );
    check(
        |set| set.rules[1].target_credits = Hundredths::ZERO,
        Err(RuleSetFault::NoCredits {
            code: "R2".to_owned(),
        }),
    );
}

#[test]
fn a_fault_says_where_it_is() {
    let check = |fault: RuleSetFault, expected: &str| assert_eq!(fault.to_string(), expected);
    let code = || "R2".to_owned();
    check(RuleSetFault::Twice { code: code() }, "rule R2 stands twice");
    check(
        RuleSetFault::NoCredits { code: code() },
        "rule R2 grants no credits",
    );
    let share = hundredths("100.01");
    check(
        RuleSetFault::ShareTooLarge { share },
        "the programme share 100.01 is more than 100.00",
    );
}
