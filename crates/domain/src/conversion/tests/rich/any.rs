//! Requests of every shape: conditions, effects, caps, parts and a past.

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::sample::{Index, select, subsequence};

use super::*;

const CATEGORIES: [Category; 3] = [
    Category::Course,
    Category::SelfStudyExam,
    Category::SkillCertificate,
];

pub(super) fn count(hundredths: i64) -> Hundredths {
    Hundredths::new(hundredths).unwrap()
}

fn any_source() -> impl Strategy<Value = Condition> {
    let entries = subsequence((1..=4_u128).collect::<Vec<_>>(), 1..3);
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
        (100..1_000_i64).prop_map(|credits| Most::Credits(count(credits))),
        (1_000..=8_000_i64).prop_map(|share| Most::Share(count(share))),
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
        1..=4_u128,
        select(&CATEGORIES),
        1..4_u128,
        prop_oneof![3 => Just(Unit::Credit), 1 => Just(Unit::Hour)],
        0..24_u64,
        prop_oneof![1 => Just(LotState::Used), 9 => (0..900_i64).prop_map(|usable| LotState::Usable(count(usable)))],
        prop::bool::weighted(0.15),
    );
    vec(any, 0..8).prop_map(|all| {
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
    (vec(grant, 0..2), btree_set(101..=106_u128, 0..2)).prop_map(|(grants, courses)| History {
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

pub(super) fn any_request() -> impl Strategy<Value = Request> {
    let caps = vec(any_cap(), 0..5);
    (any_rules(), caps, any_lots(), any_history(), 500..2_500_i64).prop_map(
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
