//! What one decision costs: a learner's usual request, one of 60 outcomes under 200 rules with caps
//! of every shape, and 10,000 past requests decided by two rule sets, as a rehearsal does.
//!
//! `cargo bench -p creditbank-domain --bench decide`. Beside `plan`, which searches alone.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::missing_docs_in_private_items,
    reason = "a bench stops at what it did not expect and prints what it measured"
)]

use std::collections::BTreeSet;
use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate};
use creditbank_domain::amount::{Hundredths, Unit};
use creditbank_domain::catalogue::Category;
use creditbank_domain::conversion::{
    ArticulationRule, BookedGrade, Candidate, Cap, CapShape, Condition, Document, Effect, Gives,
    History, LotState, MonthDay, Most, Programme, RuleSet, Source, decide, rehearse,
};
use creditbank_domain::grade::{Grade, MinimumGrade};
use creditbank_domain::ids::{EntryId, InstitutionId, LotId, OutcomeId, ProgrammeId, RuleSetId};
use uuid::Uuid;

const REQUESTS: u32 = 10_000;

fn main() {
    let usual = Request::new(4, 8, "21.70", 1);
    let times = (0..1_000).map(|_| timed(|| usual.decide()));
    told("a request of 4 outcomes under 8 rules", times.collect());
    // A hundred different ones, since what the caps cut decides how long the search is.
    let large: Vec<Request> = (0..100)
        .map(|nth| Request::new(60, 200, ["60", "90", "120"][nth % 3], nth))
        .collect();
    let times = large.iter().map(|request| timed(|| request.decide()));
    told("a request of 60 outcomes under 200 rules", times.collect());
    let draft = Request::new(4, 8, "12.40", 1).rule_set;
    let all = timed(|| {
        for nth in 0..REQUESTS {
            let request = Request::new(4, 8, "21.70", usize::try_from(nth).unwrap());
            let old = request.decide();
            let new = Request {
                rule_set: draft.clone(),
                ..request
            }
            .decide();
            black_box(rehearse(&old, &new));
        }
    });
    println!("{REQUESTS} past requests by two rule sets: {all:.1?}");
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let started = Instant::now();
    black_box(work());
    started.elapsed()
}

fn told(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!(
        "{what}: median {:.2?}, p95 {:.2?}, max {:.2?}",
        at(50),
        at(95),
        at(100)
    );
}

struct Request {
    candidates: Vec<Candidate>,
    rule_set: RuleSet,
    programme: Programme,
    today: NaiveDate,
}

impl Request {
    /// Outcomes and rules that differ with the seed; `most` credits in all.
    fn new(outcomes: usize, rules: usize, most: &str, seed: usize) -> Self {
        let day = NaiveDate::from_ymd_opt(2022, 1, 10).unwrap();
        let candidates = (0..outcomes).map(|nth| candidate(nth, seed, day)).collect();
        let rules = (0..rules).map(|nth| rule(nth, outcomes, seed)).collect();
        Self {
            candidates,
            rule_set: RuleSet {
                id: RuleSetId::from_uuid(Uuid::from_u128(1)),
                code: "BENCH".to_owned(),
                version: 1,
                receiving: institution(0),
                programmes: BTreeSet::new(),
                document: Document {
                    number: "No. 1".to_owned(),
                    title: "rules".to_owned(),
                },
                valid_from: day,
                valid_to: None,
                parts: Vec::new(),
                caps: caps(most),
                rules,
                titles: std::collections::BTreeMap::new(),
            },
            programme: Programme {
                id: ProgrammeId::from_uuid(Uuid::from_u128(1)),
                institution: institution(0),
                title: "programme".to_owned(),
                total_credits: hundredths("150"),
            },
            today: day + Days::new(900),
        }
    }

    fn decide(&self) -> creditbank_domain::conversion::Decision {
        let (candidates, history) = (&self.candidates, History::default());
        decide(
            candidates,
            &self.rule_set,
            &self.programme,
            &history,
            self.today,
        )
        .unwrap()
    }
}

fn candidate(nth: usize, seed: usize, day: NaiveDate) -> Candidate {
    let categories = [
        Category::Course,
        Category::SelfStudyExam,
        Category::SkillCertificate,
    ];
    let credits = Hundredths::new(i64::try_from(200 + (nth * 7 + seed * 3) % 600).unwrap());
    let id = Uuid::from_u128(u128::try_from(1 + nth).unwrap());
    Candidate {
        lot_id: LotId::from_uuid(id),
        outcome_id: OutcomeId::from_uuid(id),
        entry_id: entry(nth),
        title: format!("outcome {nth}"),
        category: categories[(nth + seed) % 3],
        issuer: institution(1 + (nth * 5 + seed) % 6),
        unit: Unit::Credit,
        level: None,
        counts_as: Vec::new(),
        graded: None,
        grade: Grade::Passed,
        awarded_on: day + Days::new(u64::try_from(nth * 13 % 700).unwrap()),
        issued: credits.unwrap(),
        state: LotState::Usable(credits.unwrap()),
    }
}

fn rule(nth: usize, outcomes: usize, seed: usize) -> ArticulationRule {
    let of = |n: usize| Condition::Source(source(n % outcomes));
    let condition = match (nth + seed) % 10 {
        0 => Condition::AllOf(vec![of(nth), of(nth + 1)]),
        1 => Condition::any_of(vec![of(nth), of(nth * 3 + 1), of(nth * 7 + 2)]),
        _ => of(nth * 7 + seed),
    };
    let credits = Hundredths::new(i64::try_from(100 + (nth * 50 + seed * 25) % 500).unwrap());
    ArticulationRule {
        code: format!("R-{nth:03}"),
        condition,
        effects: vec![Effect {
            course: entry(1_000 + nth % 100),
            title: format!("course {nth}"),
            credits: credits.unwrap(),
            gives: Gives::Course,
            books: BookedGrade::AsEarned,
        }],
    }
}

fn source(nth: usize) -> Source {
    Source {
        entries: vec![entry(nth)],
        categories: Vec::new(),
        issuers: Vec::new(),
        unit: Unit::Credit,
        minimum_grade: MinimumGrade::Pass.into(),
        level_floor: None,
        earned_within_months: None,
        at_least: None,
    }
}

fn caps(most: &str) -> Vec<Cap> {
    let cap = |code: &str, shape: CapShape, most: &str| Cap {
        code: code.to_owned(),
        shape,
        part: None,
        categories: Vec::new(),
        institutions: Vec::new(),
        most: Most::Credits(hundredths(most)),
    };
    let terms = [(3, 1), (9, 1)].map(|(month, day)| MonthDay::new(month, day).unwrap());
    let mut exams = cap("ZK", CapShape::Source, "40");
    exams.categories = vec![Category::SelfStudyExam];
    vec![
        cap("P", CapShape::Programme, most),
        exams,
        cap("I", CapShape::Institution, "30"),
        cap("T", CapShape::Period(terms.to_vec()), "24"),
        cap("X", CapShape::Certificate, "8"),
    ]
}

fn hundredths(text: &str) -> Hundredths {
    text.parse().unwrap()
}

fn entry(nth: usize) -> EntryId {
    EntryId::from_uuid(Uuid::from_u128(u128::try_from(nth).unwrap()))
}

fn institution(nth: usize) -> InstitutionId {
    InstitutionId::from_uuid(Uuid::from_u128(u128::try_from(nth).unwrap()))
}
