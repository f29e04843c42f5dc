//! What holds for rules of every shape under caps of every shape.

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use super::*;
use chrono::Datelike;

const CATEGORIES: [Category; 3] = [
    Category::Course,
    Category::SelfStudyExam,
    Category::SkillCertificate,
];

fn count(hundredths: i64) -> Hundredths {
    Hundredths::new(hundredths).unwrap()
}

fn any_source() -> impl Strategy<Value = Condition> {
    let entries = subsequence((1..=6_u128).collect::<Vec<_>>(), 1..3);
    let unit = prop_oneof![4 => Just(Unit::Credit), 1 => Just(Unit::Hour)];
    let at_least = option::weighted(0.3, 1..400_i64);
    (
        entries,
        option::weighted(0.3, select(&CATEGORIES)),
        unit,
        at_least,
    )
        .prop_map(|(entries, category, unit, at_least)| {
            // By entry or by category, so that sources overlap.
            let by_category = category.is_some();
            Condition::Source(Source {
                entries: entries
                    .into_iter()
                    .filter(|_| !by_category)
                    .map(entry)
                    .collect(),
                categories: category.into_iter().collect(),
                unit,
                at_least: at_least.map(count),
                ..source(1)
            })
        })
}

fn any_condition() -> impl Strategy<Value = Condition> {
    any_source().prop_recursive(2, 5, 3, |inner| {
        let several = || vec(inner.clone(), 1..4);
        prop_oneof![
            vec(inner.clone(), 1..3).prop_map(Condition::AllOf),
            (several(), any::<Index>()).prop_map(|(of, needed)| Condition::AtLeast {
                needed: u32::try_from(needed.index(of.len().min(2)) + 1).unwrap(),
                of,
            }),
        ]
    })
}

fn any_gives() -> impl Strategy<Value = Gives> {
    prop_oneof![
        2 => Just(Gives::Course),
        1 => (1..500_i64).prop_map(|credits| Gives::Fixed(count(credits))),
        2 => (1..4_u32, 1..20_u32, any::<bool>()).prop_map(|(upper, lower, down)| {
            Gives::Proportional {
                ratio: Ratio::new(upper, lower).unwrap(),
                rounding: if down { Rounding::Down } else { Rounding::HalfUp },
            }
        }),
    ]
}

/// Rules of one or two courses; course 10x has x credits and a little.
fn any_rules() -> impl Strategy<Value = Vec<ArticulationRule>> {
    let courses = subsequence((101..=106_u128).collect::<Vec<_>>(), 1..3);
    let effects = (courses, vec(any_gives(), 2)).prop_map(|(courses, gives)| {
        let both = courses.into_iter().zip(gives);
        let effects = both.map(|(course, gives)| Effect {
            gives,
            credits: count(i64::try_from(course - 100).unwrap() * 137),
            ..effect(course, "1")
        });
        effects.collect::<Vec<_>>()
    });
    vec((any_condition(), effects), 1..6).prop_map(|rules| {
        let numbered = rules.into_iter().zip(1..);
        let made = numbered.map(|((condition, effects), nth)| ArticulationRule {
            code: format!("R{nth}"),
            condition,
            effects,
        });
        made.collect()
    })
}

fn any_cap() -> impl Strategy<Value = Cap> {
    let days = [(1, 1), (3, 1), (9, 1)].map(|(month, day)| MonthDay::new(month, day).unwrap());
    let shape = prop_oneof![
        Just(CapShape::Programme),
        Just(CapShape::Source),
        Just(CapShape::Institution),
        Just(CapShape::Certificate),
        Just(CapShape::Inside),
        subsequence(days.to_vec(), 1..3).prop_map(CapShape::Period),
    ];
    let most = prop_oneof![
        (0..1_500_i64).prop_map(|credits| Most::Credits(count(credits))),
        (0..=10_000_i64).prop_map(|share| Most::Share(count(share))),
    ];
    let part = option::weighted(0.3, select(vec!["A", "B"]));
    let categories = subsequence(CATEGORIES.to_vec(), 0..3);
    let institutions = btree_set(1..4_u128, 0..2);
    (shape, most, part, categories, institutions).prop_map(
        |(shape, most, part, categories, institutions)| Cap {
            code: String::new(),
            shape,
            part: part.map(str::to_owned),
            categories,
            institutions: institutions.into_iter().map(institution).collect(),
            most,
        },
    )
}

fn any_lots() -> impl Strategy<Value = Vec<Candidate>> {
    let any = (
        any::<u16>(),
        1..=6_u128,
        select(&CATEGORIES),
        1..4_u128,
        prop_oneof![3 => Just(Unit::Credit), 1 => Just(Unit::Hour)],
        0..24_u64,
        prop_oneof![1 => Just(LotState::Used), 9 => (0..900_i64).prop_map(|usable| LotState::Usable(count(usable)))],
        prop::bool::weighted(0.15),
    );
    vec(any, 0..7).prop_map(|all| {
        let mut made: Vec<Candidate> = Vec::new();
        for ((id, source, category, issuer, unit, months, state, twin), nth) in
            all.into_iter().zip(0_u128..)
        {
            let mut new = Candidate {
                category,
                issuer: institution(issuer),
                unit,
                awarded_on: day("2022-02-28") + chrono::Days::new(months * 31),
                state,
                ..candidate(u128::from(id) * 100 + nth, source, "2024-01-01")
            };
            // Another lot of the outcome before it.
            if let Some(before) = made.last().filter(|_| twin) {
                let lot_id = new.lot_id;
                new = Candidate {
                    lot_id,
                    unit,
                    state,
                    ..before.clone()
                };
            }
            made.push(new);
        }
        made
    })
}

fn any_history() -> impl Strategy<Value = History> {
    let grant = (
        101..=106_u128,
        0..600_i64,
        0..24_u64,
        select(&CATEGORIES),
        1..4_u128,
    );
    (vec(grant, 0..3), btree_set(101..=106_u128, 0..2)).prop_map(|(grants, courses)| History {
        grants: grants
            .into_iter()
            .map(|(course, granted, months, category, issuer)| {
                let mut past = past(course, count(granted));
                past.sources[0].awarded_on = day("2022-02-28") + chrono::Days::new(months * 31);
                past.sources[0].category = category;
                past.sources[0].issuer = institution(issuer);
                past
            })
            .collect(),
        courses: courses.into_iter().map(entry).collect(),
    })
}

fn any_request() -> impl Strategy<Value = Request> {
    let caps = vec(any_cap(), 0..4);
    (any_rules(), caps, any_lots(), any_history(), 0..3_000_i64).prop_map(
        |(rules, caps, lots, history, credits)| {
            let mut request = Request::new().of(&lots);
            let part = |code: &str, courses: &[u128], credits: i64| Part {
                code: code.to_owned(),
                title: format!("课程组{code}"),
                credits: Some(count(credits)),
                courses: courses.iter().copied().map(entry).collect(),
                replaceable: true,
            };
            request.rule_set.parts = vec![
                part("A", &[101, 102, 103], 900),
                part("B", &[103, 104, 105], 1_400),
                Part {
                    replaceable: false,
                    ..part("X", &[106], 800)
                },
            ];
            request.rule_set.rules = rules;
            request.rule_set.caps = caps;
            for (nth, cap) in request.rule_set.caps.iter_mut().enumerate() {
                cap.code = format!("C{nth}");
            }
            request.programme.total_credits = count(credits);
            request.history = history;
            request
        },
    )
}

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
