//! What holds for rules of every shape under caps of every shape.

use chrono::Datelike;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::conversion::{Bar, decide_without};
use any::{any_request, count};

mod any;

/// The grants of a decision, as the next request would find them.
fn grants(request: &Request, decision: &Decision) -> Vec<PastGrant> {
    let mut by_course: BTreeMap<EntryId, PastGrant> = BTreeMap::new();
    for line in decision.lines.iter().filter(|line| !line.used.is_zero()) {
        let course = line.target.unwrap();
        let grant = by_course.entry(course).or_insert_with(|| PastGrant {
            course,
            granted: Hundredths::ZERO,
            sources: Vec::new(),
        });
        grant.granted = grant.granted.plus(line.granted).unwrap();
        let mut candidates = request.candidates.iter();
        let candidate = candidates.find(|c| c.lot_id == line.lot_id).unwrap();
        grant.sources.push(candidate.source());
    }
    by_course.into_values().collect()
}

/// What each group of a cap counts, by hand.
fn counted(request: &Request, cap: &Cap, grants: &[PastGrant]) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    let part = cap
        .part
        .as_ref()
        .and_then(|code| request.rule_set.part(code));
    for grant in grants {
        if part.is_some_and(|part| !part.courses.contains(&grant.course)) {
            continue;
        }
        let receiving = request.rule_set.receiving;
        let counting: Vec<&PastSource> = grant
            .sources
            .iter()
            .filter(|s| cap.categories.is_empty() || cap.categories.contains(&s.category))
            .filter(|s| match cap.shape {
                CapShape::Inside => s.issuer != receiving && !cap.institutions.contains(&s.issuer),
                _ => cap.institutions.is_empty() || cap.institutions.contains(&s.issuer),
            })
            .collect();
        let newest = grant.sources.iter().map(|s| s.awarded_on).max().unwrap();
        let groups: BTreeSet<String> = counting
            .iter()
            .map(|s| match &cap.shape {
                CapShape::Institution => s.issuer.to_string(),
                CapShape::Certificate => s.outcome_id.to_string(),
                CapShape::Period(begins) => {
                    let (year, begins) = (newest.year(), begins.iter());
                    let days = begins.flat_map(|b| [b.in_year(year), b.in_year(year - 1)]);
                    let begun = days.flatten().filter(|begin| *begin <= newest);
                    begun.max().unwrap().to_string()
                }
                _ => String::new(),
            })
            .collect();
        for group in groups {
            *sums.entry(group).or_insert(0) += grant.granted.get();
        }
    }
    sums
}

fn limit(request: &Request, cap: &Cap) -> i64 {
    let part = cap
        .part
        .as_ref()
        .and_then(|code| request.rule_set.part(code));
    let base = part.map_or(request.programme.total_credits, |part| {
        part.credits.unwrap()
    });
    let stated = match cap.most {
        Most::Credits(credits) => credits.get(),
        Most::Share(share) => base.get() * share.get() / 10_000,
    };
    if cap.shape == CapShape::Inside {
        (base.get() - stated).max(0)
    } else {
        stated
    }
}

fn given(decision: &Decision) -> BTreeSet<(LotId, EntryId, Hundredths)> {
    let lines = decision.lines.iter().filter(|line| !line.granted.is_zero());
    lines
        .map(|line| (line.lot_id, line.target.unwrap(), line.granted))
        .collect()
}

#[test]
fn the_requests_are_not_trivial() {
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..1_000 {
        let request = any_request().new_tree(&mut runner).unwrap().current();
        let decision = request.decide().unwrap();
        let grants = grants(&request, &decision);
        let is_cut = |line: &DecidedLine| matches!(line.verdict, Verdict::Cut(_));
        for (what, holds) in [
            ("granted", !grants.is_empty()),
            ("cut", decision.lines.iter().any(is_cut)),
            (
                "several lots",
                grants.iter().any(|grant| grant.sources.len() > 1),
            ),
            ("several courses", grants.len() > 1),
        ] {
            *seen.entry(what).or_default() += usize::from(holds);
        }
    }
    for (what, least) in [
        ("granted", 300),
        ("cut", 100),
        ("several lots", 50),
        ("several courses", 100),
    ] {
        assert!(seen[what] > least, "{what}: {seen:?}");
    }
}

proptest! {
    #[test]
    fn every_decision_is_consistent_complete_and_the_same_again(request in any_request()) {
        let decision = request.decide().unwrap();
        hold(&request, &decision);
        prop_assert!(decision.proven && decision.complete);
        prop_assert_eq!(decision.total, decision.bound);
        prop_assert_eq!(Ok(decision), request.decide());
    }

    #[test]
    fn no_cap_of_any_shape_is_ever_exceeded(request in any_request()) {
        let decision = request.decide().unwrap();
        let before = &request.history.grants;
        let mut all = before.clone();
        all.extend(grants(&request, &decision));
        for cap in &request.rule_set.caps {
            let (stood, limit) = (counted(&request, cap, before), limit(&request, cap));
            for (group, sum) in counted(&request, cap, &all) {
                // What was granted under older rules may be more; then nothing is added.
                let stood = stood.get(&group).copied().unwrap_or_default();
                prop_assert!(sum <= limit.max(stood), "{} of {limit} in {cap:?}", sum);
            }
        }
    }

    #[test]
    fn nothing_is_given_or_used_twice(request in any_request()) {
        let decision = request.decide().unwrap();
        let mut courses = request.history.courses.clone();
        courses.extend(request.history.grants.iter().map(|past| past.course));
        let mut rule_of: BTreeMap<OutcomeId, String> = BTreeMap::new();
        for grant in grants(&request, &decision) {
            prop_assert!(courses.insert(grant.course), "{} twice", grant.course);
            prop_assert!(request.rule_set.never_replaced(grant.course).is_none());
        }
        for line in decision.lines.iter().filter(|line| !line.used.is_zero()) {
            let code = line.rule_code.clone().unwrap();
            let first = rule_of.entry(line.outcome_id).or_insert(code.clone());
            prop_assert_eq!(&*first, &code);
        }
    }

    #[test]
    fn the_order_of_candidates_changes_nothing(
        (request, shuffled) in any_request().prop_flat_map(|request| {
            let candidates = Just(request.candidates.clone());
            (Just(request), candidates.prop_shuffle())
        }),
    ) {
        let decision = request.decide().unwrap();
        let other = request.of(&shuffled).decide().unwrap();
        prop_assert_eq!(decision.total, other.total);
        prop_assert_eq!(given(&decision), given(&other));
        let sorted = |decision: &Decision| {
            let mut lines = decision.lines.clone();
            lines.sort_by_key(|line| (line.lot_id, line.target));
            lines
        };
        prop_assert_eq!(sorted(&decision), sorted(&other));
    }

    #[test]
    fn more_outcomes_never_give_less(request in any_request(), out in any::<Index>()) {
        let all = request.decide().unwrap().total;
        if !request.candidates.is_empty() {
            let mut fewer = request.candidates.clone();
            fewer.remove(out.index(fewer.len()));
            let fewer = request.of(&fewer).decide().unwrap().total;
            prop_assert!(fewer <= all, "{fewer} without it, {all} with it");
        }
    }

    #[test]
    fn a_reviewer_takes_away_and_never_adds(
        request in any_request(),
        out in prop::collection::vec(any::<Index>(), 1..4),
    ) {
        let all = request.decide().unwrap();
        let lots: Vec<LotId> = request.candidates.iter().map(|it| it.lot_id).collect();
        if lots.is_empty() {
            return Ok(());
        }
        let barred: BTreeSet<LotId> = out.iter().map(|it| *it.get(&lots)).collect();
        let bars: Vec<Bar> = { barred.iter() }
            .map(|lot| Bar {
                lot_id: *lot,
                reason: ReasonCode::EvidenceMismatch,
                text: "page 2".to_owned(),
                accepted: Hundredths::ZERO,
            })
            .collect();
        let Request { candidates, rule_set, programme, history, today } = &request;
        let less = decide_without(candidates, &bars, rule_set, programme, history, *today).unwrap();
        hold(&request, &less);
        prop_assert!(less.total <= all.total);
        let of_barred = less.lines.iter().filter(|line| barred.contains(&line.lot_id));
        for line in of_barred {
            prop_assert!(line.granted.is_zero() && line.used.is_zero());
        }
        // It is what the rules give for the rest.
        let mut rest = candidates.clone();
        rest.retain(|it| !barred.contains(&it.lot_id));
        prop_assert_eq!(less.total, request.clone().of(&rest).decide().unwrap().total);
    }

    #[test]
    fn what_is_accepted_in_part_is_never_exceeded_and_adds_nothing(
        request in any_request(),
        parts in prop::collection::vec((any::<Index>(), 1..1_500_i64), 1..4),
    ) {
        let all = request.decide().unwrap();
        let Request { candidates, rule_set, programme, history, today } = &request;
        if candidates.is_empty() {
            return Ok(());
        }
        let accepted: BTreeMap<LotId, Hundredths> = parts
            .iter()
            .map(|(at, most)| (at.get(candidates).lot_id, Hundredths::new(*most).unwrap()))
            .collect();
        let bars: Vec<Bar> = { accepted.iter() }
            .map(|(lot, most)| Bar {
                lot_id: *lot,
                reason: ReasonCode::ContentNotAlike,
                text: "page 2".to_owned(),
                accepted: *most,
            })
            .collect();
        let decide = |bars: &[Bar]| {
            decide_without(candidates, bars, rule_set, programme, history, *today).unwrap()
        };
        let less = decide(&bars);
        prop_assert!(less.total <= all.total);
        prop_assert_eq!(&less, &decide(&bars));
        for line in &less.lines {
            prop_assert!(line.granted <= line.requested);
        }
        for (lot, most) in &accepted {
            let of_lot = less.lines.iter().filter(|line| line.lot_id == *lot);
            let granted = Hundredths::sum(of_lot.map(|line| line.granted)).unwrap();
            prop_assert!(granted <= *most, "{granted} of at most {most}");
        }
    }

    #[test]
    fn asking_twice_never_gives_more_than_asking_at_once(
        request in any_request(),
        middle in any::<Index>(),
    ) {
        let at_once = request.decide().unwrap().total.get();
        let middle = middle.index(request.candidates.len() + 1);
        let (head, tail) = request.candidates.split_at(middle);
        let first = request.clone().of(head);
        let decision = first.decide().unwrap();
        let mut second = request.clone().of(tail);
        second.history.grants.extend(grants(&first, &decision));
        let later = second.decide().unwrap();
        prop_assert!(decision.total.get() + later.total.get() <= at_once);
    }

    #[test]
    fn what_stands_stands_and_nothing_rises(request in any_request(), which in any::<Index>()) {
        let decision = request.decide().unwrap();
        let used: Vec<&DecidedLine> =
            decision.lines.iter().filter(|line| !line.used.is_zero()).collect();
        if used.is_empty() {
            return Ok(());
        }
        let one = used[which.index(used.len())];
        // The application of that line: its rule may be applied to other lots as well.
        let with = |course: Option<EntryId>| {
            let of_course = used.iter().filter(move |line| line.target == course);
            of_course.map(|line| line.lot_id).collect::<BTreeSet<_>>()
        };
        let lots = with(one.target);
        let stood: Vec<DecidedLine> = used
            .iter()
            .filter(|line| lots.contains(&line.lot_id))
            .map(|line| (*line).clone())
            .collect();
        let mut places: Vec<LotId> = Vec::new();
        for line in &stood {
            if !places.contains(&line.lot_id) {
                places.push(line.lot_id);
            }
        }
        let find = |lot: &LotId| request.candidates.iter().find(|c| c.lot_id == *lot).unwrap();
        let mut now: Vec<Candidate> = places.iter().map(|lot| find(lot).clone()).collect();
        let courses: BTreeSet<_> = stood.iter().map(|line| line.target).collect();
        let mut others = request.history.clone();
        let rest = grants(&request, &decision).into_iter();
        others.grants.extend(rest.filter(|grant| !courses.contains(&Some(grant.course))));
        let again = |now: &[Candidate]| {
            let (rules, programme) = (&request.rule_set, &request.programme);
            rejudge(&stood, now, rules, programme, &others, request.today).unwrap()
        };
        prop_assert_eq!(again(&now), None);
        now[0].state = LotState::Withdrawn;
        let fallen = again(&now).unwrap();
        let of_lot = |line: &&DecidedLine| line.lot_id == now[0].lot_id;
        for line in fallen.iter().filter(of_lot) {
            prop_assert!(line.granted.is_zero() && line.used.is_zero(), "{line:#?}");
        }
        now[0].state = LotState::Usable(count(1));
        for lines in [Some(fallen), again(&now)].into_iter().flatten() {
            prop_assert_eq!(lines.len(), stood.len());
            for (line, old) in lines.iter().zip(&stood) {
                prop_assert!(line.granted <= old.granted, "{line:#?} {old:#?}");
                prop_assert_eq!((&line.target, line.lot_id), (&old.target, old.lot_id));
                hold_line(&request, line);
            }
        }
    }
}
