//! What makes a rule set unusable; every fault is told, with its place.

use super::*;

fn check(change: impl Fn(&mut RuleSet), expected: &[&str]) {
    let mut rule_set = Request::new().rule_set;
    change(&mut rule_set);
    let faults: Vec<String> = rule_set.check().iter().map(ToString::to_string).collect();
    assert_eq!(faults, expected, "{rule_set:#?}");
}

fn part(code: &str, credits: Option<&str>, courses: &[u128], replaceable: bool) -> Part {
    Part {
        code: code.to_owned(),
        title: "课程组".to_owned(),
        credits: credits.map(hundredths),
        courses: courses.iter().copied().map(entry).collect(),
        replaceable,
    }
}

#[test]
fn a_set_without_rules_is_refused() {
    check(|_| {}, &[]);
    check(|set| set.rules.truncate(1), &[]);
    check(|set| set.rules.clear(), &["the rule set has no rules"]);
}

#[test]
fn a_share_is_at_most_the_whole_programme() {
    check(|set| set.caps.clear(), &[]);
    check(|set| set.caps = vec![programme_cap("0")], &[]);
    check(|set| set.caps = vec![programme_cap("100")], &[]);
    check(
        |set| set.caps = vec![programme_cap("100.01")],
        &["cap P-35 has a share of 100.01, which is more than 100.00"],
    );
}

#[test]
fn a_code_stands_once() {
    check(|set| set.rules.push(rule(4, 104, "1")), &[]);
    check(
        |set| set.rules.push(rule(2, 104, "1")),
        &["rule R2 stands twice"],
    );
    check(|set| set.rules[2].code = "r1".to_owned(), &[]);
    check(
        |set| set.caps.push(programme_cap("10")),
        &["cap P-35 stands twice"],
    );
    let both = || vec![part("A", None, &[], true), part("A", None, &[], true)];
    check(|set| set.parts = both(), &["part A stands twice"]);
    // A cap and a part are different things.
    check(|set| set.parts = vec![part("P-35", None, &[], true)], &[]);
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
fn a_rule_gives_something_once_and_with_the_credits_it_has_elsewhere() {
    check(|set| set.rules[1] = rule(2, 102, "0.01"), &[]);
    let nothing = &["rule R2 grants no credits"];
    check(|set| set.rules[1] = rule(2, 102, "0"), nothing);
    check(
        |set| set.rules[1].effects[0].gives = Gives::Fixed(Hundredths::ZERO),
        nothing,
    );
    check(
        |set| set.rules[1].effects.clear(),
        &["rule R2 gives no course"],
    );
    check(
        |set| set.rules[1].effects.push(effect(102, "4")),
        &["rule R2 gives a course twice"],
    );
    check(
        |set| set.rules.push(rule(4, 101, "5.99")),
        &["rule R4 gives a course other credits than an earlier rule"],
    );
}

#[test]
fn what_is_never_replaced_is_not_given() {
    check(
        |set| set.parts = vec![part("PRACTICE", None, &[104], false)],
        &[],
    );
    check(
        |set| set.parts = vec![part("PRACTICE", None, &[101], false)],
        &["rule R1 gives a course of part PRACTICE, which is never replaced"],
    );
}

#[test]
fn a_condition_can_be_satisfied_and_has_an_end() {
    let with = |condition: Condition, expected: &[&str]| {
        check(|set| set.rules[0].condition = condition.clone(), expected);
    };
    let one = || Condition::Source(source(1));
    let some = |needed: u32, count: usize| Condition::AtLeast {
        needed,
        of: vec![one(); count],
    };
    with(some(1, 1), &[]);
    with(some(3, 3), &[]);
    with(some(0, 3), &["rule R1 asks for 0 of 3"]);
    with(some(4, 3), &["rule R1 asks for 4 of 3"]);
    with(some(1, 0), &["rule R1 has a condition of no parts"]);
    with(
        Condition::AllOf(Vec::new()),
        &["rule R1 has a condition of no parts"],
    );
    // Every fault inside, not only the first.
    with(
        Condition::AllOf(vec![some(0, 1), some(2, 1)]),
        &["rule R1 asks for 0 of 1", "rule R1 asks for 2 of 1"],
    );
    with(Condition::AllOf(vec![one(); 32]), &[]);
    with(
        Condition::AllOf(vec![one(); 33]),
        &["rule R1 asks for more than 32 outcomes"],
    );
    let deep = |depth: usize| (1..depth).fold(one(), |inner, _| Condition::AllOf(vec![inner]));
    with(deep(4), &[]);
    let too_deep = &["rule R1 has conditions more than 4 deep"];
    with(deep(5), too_deep);
    with(deep(500), too_deep);
    with(
        Condition::Source(Source {
            entries: Vec::new(),
            ..source(1)
        }),
        &["rule R1 has a source that names neither an entry, a category nor an issuer"],
    );
}

#[test]
fn a_part_is_taken_of_one_unit() {
    let hours = || {
        Condition::Source(Source {
            unit: Unit::Hour,
            ..source(4)
        })
    };
    let either = || Condition::any_of(vec![Condition::Source(source(1)), hours()]);
    let part = Gives::Proportional {
        ratio: Ratio::new(1, 16).unwrap(),
        rounding: Rounding::Down,
    };
    check(|set| set.rules[0].condition = either(), &[]);
    check(|set| set.rules[0].effects[0].gives = part, &[]);
    check(
        |set| {
            set.rules[0].condition = either();
            set.rules[0].effects[0].gives = part;
        },
        &["rule R1 takes a part of amounts of different units"],
    );
}

#[test]
fn a_ratio_of_nothing_is_none() {
    assert_eq!(Ratio::new(0, 16), None);
    assert_eq!(Ratio::new(1, 0), None);
}

#[test]
fn a_cap_says_what_it_counts() {
    let with = |change: fn(&mut Cap), expected: &[&str]| {
        check(
            |set| {
                set.parts = vec![
                    part("A", Some("30"), &[101], true),
                    part("B", None, &[102], true),
                ];
                change(&mut set.caps[0]);
            },
            expected,
        );
    };
    with(|cap| cap.part = Some("A".to_owned()), &[]);
    with(
        |cap| cap.part = Some("C".to_owned()),
        &["cap P-35 names part C, which is not there"],
    );
    // A share of what nobody stated.
    let needs = &["cap P-35 needs the credits of part B"];
    with(|cap| cap.part = Some("B".to_owned()), needs);
    with(
        |cap| {
            cap.part = Some("B".to_owned());
            cap.most = Most::Credits(hundredths("5"));
        },
        &[],
    );
    with(
        |cap| {
            cap.part = Some("B".to_owned());
            cap.shape = CapShape::Inside;
            cap.most = Most::Credits(hundredths("5"));
        },
        needs,
    );
    with(
        |cap| cap.shape = CapShape::Period(Vec::new()),
        &["cap P-35 names no day on which a period begins"],
    );
    with(
        |cap| cap.shape = CapShape::Source,
        &["cap P-35 names neither a category nor an institution"],
    );
    with(
        |cap| {
            cap.shape = CapShape::Source;
            cap.categories = vec![Category::Training];
        },
        &[],
    );
}

#[test]
fn a_set_ends_on_or_after_its_first_day() {
    check(|set| set.valid_to = Some(set.valid_from), &[]);
    check(
        |set| set.valid_to = set.valid_from.pred_opt(),
        &["the rule set ends before it begins"],
    );
}

#[test]
fn every_fault_is_told() {
    check(
        |set| {
            set.valid_to = set.valid_from.pred_opt();
            set.caps = vec![programme_cap("101")];
            set.rules[0].effects.clear();
            set.rules[2].code = "R2".to_owned();
        },
        &[
            "the rule set ends before it begins",
            "rule R2 stands twice",
            "cap P-35 has a share of 101.00, which is more than 100.00",
            "rule R1 gives no course",
        ],
    );
}
