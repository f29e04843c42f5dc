//! Several outcomes for a rule, several courses from it, and parts of amounts.

use super::*;

fn of(entry_number: u128) -> Condition {
    Condition::Source(source(entry_number))
}

fn with_credits(mut candidate: Candidate, usable: &str) -> Candidate {
    candidate.state = LotState::Usable(hundredths(usable));
    candidate
}

fn in_hours(mut candidate: Candidate, usable: &str) -> Candidate {
    candidate.unit = Unit::Hour;
    candidate.issued = hundredths(usable);
    with_credits(candidate, usable)
}

/// A request under one rule `R1` for course 101 of 6.00 and no caps.
fn under(condition: Condition, candidates: &[Candidate]) -> Request {
    let mut request = Request::new().of(candidates);
    request.rule_set.caps.clear();
    request.rule_set.rules.truncate(1);
    request.rule_set.rules[0].condition = condition;
    request
}

fn used(request: &Request) -> Vec<String> {
    let decision = request.decide().unwrap();
    decision
        .lines
        .iter()
        .map(|line| line.used.to_string())
        .collect()
}

#[test]
fn all_of_several_needs_every_one_of_them() {
    let one = candidate(1, 1, "2024-01-10");
    let two = candidate(2, 2, "2024-01-11");
    let both = Condition::AllOf(vec![of(1), of(2)]);
    let ask = |candidates: &[Candidate], expected: &[&str]| {
        check(&under(both.clone(), candidates), expected);
    };
    ask(
        &[one.clone(), two.clone()],
        &["granted 3.00 of 3.00", "granted 3.00 of 3.00"],
    );
    let missing = "refused 0.00 of 6.00: SOURCES_MISSING";
    ask(std::slice::from_ref(&one), &[missing]);
    ask(std::slice::from_ref(&two), &[missing]);
    // Two lots of one outcome are one outcome.
    let twin = Candidate {
        outcome_id: one.outcome_id,
        ..two.clone()
    };
    ask(&[one.clone(), twin], &[missing, missing]);
    let failed = Candidate {
        grade: Grade::NotPassed,
        ..two
    };
    ask(
        &[one, failed],
        &[missing, "refused 0.00 of 6.00: GRADE_TOO_LOW"],
    );
}

#[test]
fn two_of_three_take_the_oldest_two() {
    let condition = Condition::AtLeast {
        needed: 2,
        of: vec![of(1), of(2), of(3)],
    };
    let three = [
        candidate(1, 1, "2024-01-12"),
        candidate(2, 2, "2024-01-10"),
        candidate(3, 3, "2024-01-11"),
    ];
    check(
        &under(condition.clone(), &three),
        &[
            "refused 0.00 of 3.00: COURSE_ALREADY_CONVERTED",
            "granted 3.00 of 3.00",
            "granted 3.00 of 3.00",
        ],
    );
    check(
        &under(condition, &three[..1]),
        &["refused 0.00 of 6.00: SOURCES_MISSING"],
    );
}

#[test]
fn any_of_several_takes_the_fewest_then_the_oldest() {
    let condition = Condition::any_of(vec![Condition::AllOf(vec![of(1), of(2)]), of(3)]);
    let lots = [
        candidate(1, 1, "2024-01-10"),
        candidate(2, 2, "2024-01-11"),
        candidate(3, 3, "2024-01-12"),
    ];
    let lost = "refused 0.00 of 3.00: COURSE_ALREADY_CONVERTED";
    check(
        &under(condition.clone(), &lots),
        &[lost, lost, "granted 6.00 of 6.00"],
    );
    check(
        &under(condition, &lots[..2]),
        &["granted 3.00 of 3.00", "granted 3.00 of 3.00"],
    );
}

#[test]
fn what_several_lots_carry_is_shared_to_the_last_hundredth() {
    let condition = Condition::AllOf(vec![of(1), of(2), of(3)]);
    let lots = [
        with_credits(candidate(1, 1, "2024-01-10"), "1"),
        with_credits(candidate(2, 2, "2024-01-11"), "1"),
        with_credits(candidate(3, 3, "2024-01-12"), "1"),
    ];
    let mut request = under(condition, &lots);
    request.rule_set.rules[0].effects = vec![effect(101, "10")];
    check(
        &request,
        &[
            "granted 3.33 of 3.33",
            "granted 3.33 of 3.33",
            "granted 3.34 of 3.34",
        ],
    );
    assert_eq!(used(&request), ["1.00", "1.00", "1.00"]);
    // A grant of a hundredth rests on all three of them, and says so.
    request.rule_set.caps = vec![Cap {
        most: Most::Credits(hundredths("0.01")),
        ..programme_cap("35")
    }];
    let refused = "refused 0.00 of 3.33: CAP_PROGRAMME";
    check(
        &request,
        &[refused, refused, "cut 0.01 of 3.34: CAP_PROGRAMME"],
    );
    assert_eq!(used(&request), ["0.01", "0.01", "0.01"]);
}

#[test]
fn a_part_of_hours_is_exact_and_its_rounding_is_named() {
    let ask = |usable: &str, ratio: (u32, u32), rounding: Rounding, expected: &str, uses: &str| {
        let lot = in_hours(candidate(1, 1, "2024-01-10"), usable);
        let hours = Condition::Source(Source {
            unit: Unit::Hour,
            ..source(1)
        });
        let mut request = under(hours, &[lot]);
        let ratio = Ratio::new(ratio.0, ratio.1).unwrap();
        request.rule_set.rules[0].effects[0].gives = Gives::Proportional { ratio, rounding };
        check(&request, &[expected]);
        assert_eq!(used(&request), [uses], "{usable}");
    };
    let (down, half_up) = (Rounding::Down, Rounding::HalfUp);
    ask("48", (1, 16), down, "granted 3.00 of 3.00", "48.00");
    ask("48", (1, 18), down, "granted 2.66 of 2.66", "47.88");
    ask("48", (1, 18), half_up, "granted 2.67 of 2.67", "47.97");
    ask("48.15", (1, 18), half_up, "granted 2.68 of 2.68", "48.15");
    // No more than the course, and no more hours than that takes.
    ask("200", (1, 16), down, "granted 6.00 of 6.00", "96.00");
    ask("0.16", (1, 16), down, "granted 0.01 of 0.01", "0.16");
    let few = "refused 0.00 of 0.00: HOURS_TOO_FEW";
    ask("0.15", (1, 16), down, few, "0.00");
    ask("0.15", (1, 16), half_up, "granted 0.01 of 0.01", "0.08");
    ask("0.07", (1, 16), half_up, few, "0.00");
}

#[test]
fn hours_are_not_credits_unless_the_rule_says_so() {
    let hours = in_hours(candidate(1, 1, "2024-01-10"), "48");
    check(
        &under(of(1), &[hours]),
        &["refused 0.00 of 48.00: NOT_IN_LIST"],
    );
}

#[test]
fn a_fixed_grant_is_at_most_the_course() {
    let ask = |fixed: &str, expected: &str, uses: &str| {
        let mut request = under(of(1), &[candidate(1, 1, "2024-01-10")]);
        request.rule_set.rules[0].effects[0].gives = Gives::Fixed(hundredths(fixed));
        check(&request, &[expected]);
        assert_eq!(used(&request), [uses]);
    };
    ask("2.50", "granted 2.50 of 2.50", "2.50");
    ask("6", "granted 6.00 of 6.00", "6.00");
    ask("7", "granted 6.00 of 6.00", "6.00");
}

#[test]
fn one_outcome_with_credits_and_hours_is_used_once() {
    let credits = candidate(1, 1, "2024-01-10");
    let hours = Candidate {
        lot_id: LotId::from_uuid(Uuid::from_u128(9_000)),
        ..in_hours(credits.clone(), "48")
    };
    let mut request = under(of(1), &[hours, credits]);
    let mut by_hours = rule(1, 102, "4");
    by_hours.code = "H1".to_owned();
    only_source(&mut by_hours).unit = Unit::Hour;
    request.rule_set.rules.push(by_hours);
    check(
        &request,
        &[
            "refused 0.00 of 4.00: OUTCOME_ALREADY_USED",
            "granted 6.00 of 6.00",
        ],
    );
    // Nor may a later request use the rest of it.
    request.history.grants = vec![PastGrant {
        course: entry(900),
        granted: hundredths("6"),
        sources: vec![request.candidates[0].source()],
    }];
    check(
        &request,
        &[
            "refused 0.00 of 4.00: OUTCOME_ALREADY_USED",
            "refused 0.00 of 6.00: OUTCOME_ALREADY_USED",
        ],
    );
}

#[test]
fn the_best_plan_is_found_where_the_oldest_first_would_lose() {
    // The older outcome gives either course, the younger one only the first.
    let mut request =
        Request::new().of(&[candidate(1, 1, "2024-01-10"), candidate(2, 2, "2024-01-11")]);
    request.rule_set.caps.clear();
    let mut other = rule(1, 102, "4");
    other.code = "R9".to_owned();
    request.rule_set.rules = vec![rule(1, 101, "6"), other, rule(2, 101, "6")];
    check(&request, &["granted 4.00 of 4.00", "granted 6.00 of 6.00"]);
}

#[test]
fn too_many_ways_are_said_to_be_too_many() {
    let anything = Condition::Source(Source {
        entries: Vec::new(),
        categories: vec![Category::Course],
        ..source(1)
    });
    let any = |needed: usize| {
        let lots: Vec<_> = (1..=40).map(|n| candidate(n, n, "2024-01-10")).collect();
        under(Condition::AllOf(vec![anything.clone(); needed]), &lots)
    };
    let two = any(2).decide().unwrap();
    assert!(two.complete && two.proven);
    assert_eq!(two.total.to_string(), "6.00");
    // 40 over 5 are 658,008 ways.
    let five = any(5).decide().unwrap();
    assert!(!five.complete);
    assert_eq!(five.total.to_string(), "6.00");
    assert_eq!(any(5).decide(), Ok(five.clone()));
    // Nobody is told that something is missing which is there.
    let lost = five.lines.iter().filter(|line| line.granted.is_zero());
    let reasons: BTreeSet<_> = lost.filter_map(|line| line.verdict.reason()).collect();
    assert!(
        !reasons.contains(&ReasonCode::SourcesMissing),
        "{reasons:?}"
    );
}
