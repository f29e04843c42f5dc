//! A large request: sixty outcomes under two hundred rules and caps of every shape.

use super::*;

const LOTS: u128 = 60;
const RULES: u128 = 200;

fn large() -> Request {
    let lots: Vec<Candidate> = (1..=LOTS)
        .map(|n| Candidate {
            issuer: institution(2 + n % 5),
            category: [Category::Course, Category::SelfStudyExam][usize::from(n % 3 == 0)],
            awarded_on: day("2022-01-10") + chrono::Days::new(u64::try_from(n * 13).unwrap()),
            ..candidate(n, n, "2024-01-10")
        })
        .collect();
    let mut request = Request::new().of(&lots);
    let of = |n: u128| Condition::Source(source(n % LOTS + 1));
    request.rule_set.rules = (0..RULES)
        .map(|n| ArticulationRule {
            code: format!("R{n}"),
            condition: match n % 20 {
                0 => Condition::AllOf(vec![of(n), of(n * 7 + 3)]),
                1 => Condition::any_of(vec![of(n), of(n * 3 + 1), of(n * 11 + 5)]),
                2 => Condition::AtLeast {
                    needed: 2,
                    of: vec![of(n), of(n * 5 + 2), of(n * 13 + 7), of(n * 17 + 9)],
                },
                _ => of(n),
            },
            effects: vec![effect(1_000 + n % 200, &format!("{}", 1 + (n % 200) % 6))],
        })
        .collect();
    request.programme.total_credits = hundredths("150");
    let cap = |code: &str, shape: CapShape, most: Most| Cap {
        code: code.to_owned(),
        shape,
        most,
        ..programme_cap("35")
    };
    let credits = |text: &str| Most::Credits(hundredths(text));
    let terms = [(3, 1), (9, 1)].map(|(month, day)| MonthDay::new(month, day).unwrap());
    let mut exams = cap("ZK", CapShape::Source, Most::Share(hundredths("40")));
    exams.categories = vec![Category::SelfStudyExam];
    request.rule_set.caps = vec![
        cap("P-60", CapShape::Programme, Most::Share(hundredths("60"))),
        exams,
        cap("I-30", CapShape::Institution, credits("30")),
        cap("T-24", CapShape::Period(terms.to_vec()), credits("24")),
        cap("X-8", CapShape::Certificate, credits("8")),
        cap("IN-18", CapShape::Inside, credits("18")),
    ];
    request
}

#[test]
fn a_large_request_is_looked_at_completely_and_its_best_plan_is_proven() {
    let request = large();
    let decision = request.decide().unwrap();
    hold(&request, &decision);
    assert!(decision.complete && decision.proven);
    assert_eq!(decision.total, hundredths("90"));
}
