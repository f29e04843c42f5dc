//! What makes a rule set unusable.

use super::*;

fn check(change: impl Fn(&mut RuleSet), expected: &[RuleSetFault]) {
    let mut rule_set = Request::new().rule_set;
    change(&mut rule_set);
    assert_eq!(rule_set.check(), expected, "{rule_set:#?}");
}

fn rule_place(code: &str) -> Place {
    Place::Rule(code.to_owned())
}

#[test]
fn a_set_without_rules_is_refused() {
    check(|_| {}, &[]);
    check(|set| set.rules.truncate(1), &[]);
    check(|set| set.rules.clear(), &[RuleSetFault::Empty]);
}

#[test]
fn a_share_is_at_most_the_whole_programme() {
    check(|set| set.caps = vec![programme_cap("0")], &[]);
    check(|set| set.caps = vec![programme_cap("100")], &[]);
    check(
        |set| set.caps = vec![programme_cap("100.01")],
        &[RuleSetFault::ShareTooLarge {
            place: Place::Cap("P-35".to_owned()),
            share: hundredths("100.01"),
        }],
    );
}

#[test]
fn a_code_stands_once() {
    let twice = |code: &str| RuleSetFault::Twice {
        place: rule_place(code),
    };
    check(|set| set.rules.push(rule(4, 104, "1")), &[]);
    check(|set| set.rules.push(rule(2, 104, "1")), &[twice("R2")]);
    check(|set| set.rules[2].code = "R1".to_owned(), &[twice("R1")]);
    check(|set| set.rules[2].code = "r1".to_owned(), &[]);
    // Two ways to one course are what a rule set is for, and so are two courses for one source.
    check(|set| set.rules.push(rule(4, 101, "6")), &[]);
    check(
        |set| {
            set.rules.push(rule(2, 104, "1"));
            set.rules[3].code = "R4".to_owned();
        },
        &[],
    );
}

#[test]
fn a_course_has_the_same_credits_by_every_rule() {
    let given = |credits: &'static str, expected: &[RuleSetFault]| {
        check(move |set| set.rules.push(rule(4, 101, credits)), expected);
    };
    given("6.00", &[]);
    given(
        "5.99",
        &[RuleSetFault::OtherCredits {
            place: rule_place("R4"),
        }],
    );
}

#[test]
fn a_rule_gives_something() {
    check(|set| set.rules[1] = rule(2, 102, "0.01"), &[]);
    check(
        |set| set.rules[1] = rule(2, 102, "0"),
        &[RuleSetFault::NoCredits {
            place: rule_place("R2"),
        }],
    );
    check(
        |set| set.rules[1].effects.clear(),
        &[RuleSetFault::NoEffects {
            place: rule_place("R2"),
        }],
    );
}
