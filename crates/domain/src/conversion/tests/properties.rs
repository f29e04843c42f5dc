//! What holds for any request, programme and past.

use chrono::{Days, Months};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::grade::Score;

const COURSES: usize = 4;
const SOURCES: u128 = 6;

fn count(hundredths: i64) -> Hundredths {
    Hundredths::new(hundredths).unwrap()
}

fn any_score() -> impl Strategy<Value = Score> {
    (0..=100_i64).prop_map(|points| Score::new(count(points * 100)).unwrap())
}

fn any_level() -> impl Strategy<Value = Level> {
    (0..2_usize, 1..4_i16).prop_map(|(framework, value)| level(["CN10", "SCQF"][framework], value))
}

fn any_rule(source: u128) -> impl Strategy<Value = ArticulationRule> {
    (
        0..COURSES,
        1..1_000_i64,
        option::weighted(0.3, any_score()),
        option::weighted(0.2, any_level()),
        option::weighted(0.3, 0..60_u32),
    )
        .prop_map(move |(course, credits, minimum, floor, months)| {
            let course = 101 + u128::try_from(course).unwrap();
            let mut rule = rule(source, course, &count(credits).to_string());
            let source = only_source(&mut rule);
            source.minimum_grade = minimum
                .map_or(MinimumGrade::Pass, MinimumGrade::Score)
                .into();
            source.level_floor = floor;
            source.earned_within_months = months;
            rule
        })
}

fn any_state() -> impl Strategy<Value = LotState> {
    prop_oneof![
        8 => (0..2_000_i64).prop_map(|usable| LotState::Usable(count(usable))),
        1 => Just(LotState::HeldElsewhere),
        1 => Just(LotState::Used),
        1 => Just(LotState::Expired),
    ]
}

fn any_candidates() -> impl Strategy<Value = Vec<Candidate>> {
    let any = (
        any::<u16>(),
        1..=SOURCES + 1,
        0..1_500_u64,
        any_score(),
        option::of(any_level()),
        any_state(),
    );
    proptest::collection::vec(any, 0..12).prop_map(|all| {
        let candidates = all.into_iter().zip(0_u128..);
        let made = candidates.map(|((id, source, age, score, level, state), nth)| Candidate {
            level,
            grade: Grade::Score(score),
            // Many on one day, so that ids decide.
            awarded_on: day("2024-07-01") - Days::new(age / 30 * 30),
            state,
            ..candidate(u128::from(id) * 100 + nth, source, "2024-01-01")
        });
        made.collect()
    })
}

/// Any request; a course may have other credits in another rule.
fn any_request() -> impl Strategy<Value = Request> {
    let rules = (1..=SOURCES).map(any_rule).collect::<Vec<_>>();
    let courses = proptest::collection::btree_set(101..=104_u128, 0..2);
    (
        any_candidates(),
        rules,
        0..=10_000_i64,
        0..10_000_i64,
        0..2_000_i64,
        courses,
    )
        .prop_map(|(candidates, rules, share, credits, before, courses)| {
            let mut request = Request::new().of(&candidates);
            request.rule_set.rules = rules;
            request.rule_set.caps = vec![programme_cap(&count(share).to_string())];
            request.programme.total_credits = count(credits);
            request.history.grants = vec![past(900, count(before))];
            request.history.courses = courses.into_iter().map(entry).collect();
            request
        })
}

/// Any request in which a course has its credits, whichever rule gives it.
fn sound_request() -> impl Strategy<Value = Request> {
    let credits = proptest::collection::vec(1..1_000_i64, COURSES);
    (any_request(), credits).prop_map(|(mut request, credits)| {
        for rule in &mut request.rule_set.rules {
            let of_course = (101..).map(entry).zip(&credits);
            let course = rule.effects[0].course;
            let (_, credits) = of_course.clone().find(|(c, _)| *c == course).unwrap();
            rule.effects[0].credits = count(*credits);
            only_source(rule).at_least = Some(count(*credits));
        }
        request
    })
}

/// What conversions may come to in all, by hand: never less than was granted already.
fn room(request: &Request) -> i64 {
    let Most::Share(share) = request.rule_set.caps[0].most else {
        panic!("a cap of another kind");
    };
    let cap = i128::from(request.programme.total_credits.get()) * i128::from(share.get()) / 10_000;
    let before: i64 = request
        .history
        .grants
        .iter()
        .map(|past| past.granted.get())
        .sum();
    (i64::try_from(cap).unwrap() - before).max(0)
}

/// The course that a candidate could be given if it were alone and there were no cap.
fn could_give<'a>(request: &'a Request, candidate: &Candidate) -> Option<&'a ArticulationRule> {
    let rules = &request.rule_set.rules;
    let rule = rules.iter().find(|r| {
        let mut sources = r.condition.sources();
        sources.any(|source| source.entries == [candidate.entry_id])
    })?;
    let source = rule.condition.sources().next()?;
    let effect = rule.effects.first()?;
    let LotState::Usable(usable) = candidate.state else {
        return None;
    };
    let Grade::Score(score) = candidate.grade else {
        return None;
    };
    let GradeFloor::Plain(minimum) = source.minimum_grade else {
        return None;
    };
    let minimum = minimum.score().hundredths();
    let level_is_fine = match (&source.level_floor, &candidate.level) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(floor), Some(level)) => {
            level.framework == floor.framework && level.value >= floor.value
        }
    };
    let young = source
        .earned_within_months
        .is_none_or(|months| request.today <= candidate.awarded_on + Months::new(months));
    let fine = usable >= effect.credits
        && score.hundredths() >= minimum
        && level_is_fine
        && young
        && !request.history.courses.contains(&effect.course)
        && !usable.is_zero();
    fine.then_some(rule)
}

fn by_lot(decision: &Decision) -> Vec<DecidedLine> {
    let mut lines = decision.lines.clone();
    lines.sort_by_key(|line| line.lot_id);
    lines
}

proptest! {
    #[test]
    fn every_decision_is_consistent_and_the_same_again(request in any_request()) {
        let decision = request.decide().unwrap();
        hold(&request, &decision);
        prop_assert_eq!(Ok(decision), request.decide());
    }

    #[test]
    fn the_order_of_the_lines_changes_nothing(
        (request, shuffled) in any_request().prop_flat_map(|request| {
            let candidates = Just(request.candidates.clone());
            (Just(request), candidates.prop_shuffle())
        }),
    ) {
        let decision = request.decide().unwrap();
        let other = request.of(&shuffled).decide().unwrap();
        prop_assert_eq!(total(&decision), total(&other));
        prop_assert_eq!(decision.result, other.result);
        prop_assert_eq!(by_lot(&decision), by_lot(&other));
    }

    #[test]
    fn no_decision_grants_more_than_the_cap_leaves(request in any_request()) {
        let decision = request.decide().unwrap();
        prop_assert!(total(&decision) <= room(&request), "{:?}", decision);
    }

    #[test]
    fn no_line_is_given_more_than_its_course_has_or_its_lot_holds(request in any_request()) {
        let decision = request.decide().unwrap();
        for (line, candidate) in decision.lines.iter().zip(&request.candidates) {
            if line.granted.is_zero() {
                continue;
            }
            let rule = could_give(&request, candidate);
            prop_assert!(rule.is_some_and(|r| line.granted <= r.effects[0].credits), "{:?}", line);
            prop_assert!(matches!(candidate.state, LotState::Usable(usable) if line.granted <= usable));
        }
    }

    #[test]
    fn no_course_is_given_twice_or_again(request in any_request()) {
        let mut given = request.history.courses.clone();
        for line in request.decide().unwrap().lines {
            if !line.granted.is_zero() {
                prop_assert!(line.target.is_some_and(|course| given.insert(course)), "{:?}", line);
            }
        }
    }

    #[test]
    fn what_is_not_granted_in_full_has_one_of_the_reasons_of_a_conversion(
        request in any_request(),
    ) {
        for line in request.decide().unwrap().lines {
            let known = match &line.verdict {
                Verdict::Granted => true,
                Verdict::Cut(reason) => *reason == ReasonCode::CapProgramme,
                Verdict::Refused(reason) => matches!(
                    reason.as_str(),
                    "NOT_IN_LIST" | "ALREADY_RESERVED" | "OUTCOME_ALREADY_USED" | "EXPIRED"
                        | "LEVEL_TOO_LOW" | "GRADE_TOO_LOW" | "COURSE_ALREADY_CONVERTED"
                        | "CREDITS_TOO_FEW" | "CAP_PROGRAMME"
                ),
            };
            prop_assert!(known, "{:?}", line);
        }
    }

    #[test]
    fn no_other_way_to_use_the_lots_gives_more(request in sound_request()) {
        let courses: BTreeSet<_> = request
            .candidates
            .iter()
            .filter_map(|candidate| could_give(&request, candidate))
            .map(|rule| (rule.effects[0].course, rule.effects[0].credits.get()))
            .collect();
        let all: i64 = courses.iter().map(|(_, credits)| *credits).sum();
        let decision = request.decide().unwrap();
        prop_assert_eq!(total(&decision), all.min(room(&request)));
    }

    #[test]
    fn two_requests_one_after_the_other_give_what_one_would(
        request in sound_request(),
        middle in any::<Index>(),
    ) {
        let (head, tail) = request
            .candidates
            .split_at(middle.index(request.candidates.len() + 1));
        let at_once = total(&request.decide().unwrap());
        let first = request.clone().of(head).decide().unwrap();
        let mut second = request.clone().of(tail);
        for line in first.lines.iter().filter(|line| !line.granted.is_zero()) {
            let candidate = head.iter().find(|c| c.lot_id == line.lot_id).unwrap();
            second.history.grants.push(PastGrant {
                course: line.target.unwrap(),
                granted: line.granted,
                sources: vec![candidate.source()],
            });
        }
        let second = second.decide().unwrap();
        prop_assert_eq!(total(&first) + total(&second), at_once);
    }
}
