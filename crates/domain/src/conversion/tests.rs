use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use uuid::Uuid;

use super::*;
use crate::amount::{AmountError, Hundredths, Unit};
use crate::catalogue::{Category, Level};
use crate::grade::{Grade, MinimumGrade};
use crate::ids::{EntryId, InstitutionId, LotId, OutcomeId, ProgrammeId, RuleSetId};
use crate::reason::ReasonCode;

mod again;
mod cap;
mod conditions;
mod field;
mod golden;
mod grades;
mod properties;
mod refusals;
mod rich;
mod rule_set;
mod shapes;
mod size;
mod units;

const DOCUMENT: &str = "继教合作联盟〔2021〕12号";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn hundredths(text: &str) -> Hundredths {
    text.parse().unwrap()
}

fn entry(number: u128) -> EntryId {
    EntryId::from_uuid(Uuid::from_u128(number))
}

fn level(framework: &str, value: i16) -> Level {
    Level {
        framework: framework.to_owned(),
        value,
    }
}

fn institution(number: u128) -> InstitutionId {
    InstitutionId::from_uuid(Uuid::from_u128(number))
}

fn floor(minimum: &str) -> GradeFloor {
    GradeFloor::Plain(minimum.parse().unwrap())
}

/// A source that one entry satisfies with any pass.
fn source(entry_number: u128) -> Source {
    Source {
        entries: vec![entry(entry_number)],
        categories: Vec::new(),
        issuers: Vec::new(),
        unit: Unit::Credit,
        minimum_grade: MinimumGrade::Pass.into(),
        level_floor: None,
        earned_within_months: None,
        at_least: None,
    }
}

/// The whole of a course.
fn effect(course: u128, credits: &str) -> Effect {
    Effect {
        course: entry(course),
        title: format!("课程{course}"),
        credits: hundredths(credits),
        gives: Gives::Course,
        books: BookedGrade::AsEarned,
    }
}

/// Rule `R<source>`: the entry with at least as many credits gives the course of that number.
fn rule(number: u128, course: u128, credits: &str) -> ArticulationRule {
    ArticulationRule {
        code: format!("R{number}"),
        condition: Condition::Source(Source {
            at_least: Some(hundredths(credits)),
            ..source(number)
        }),
        effects: vec![effect(course, credits)],
    }
}

/// What a rule of one source asks for.
fn only_source(rule: &mut ArticulationRule) -> &mut Source {
    match &mut rule.condition {
        Condition::Source(source) => source,
        other => panic!("{other:?} is not one source"),
    }
}

/// Everything together, at most this share of the programme.
fn programme_cap(share: &str) -> Cap {
    Cap {
        code: "P-35".to_owned(),
        shape: CapShape::Programme,
        part: None,
        categories: Vec::new(),
        institutions: Vec::new(),
        most: Most::Share(hundredths(share)),
    }
}

/// A lot with enough for any course; its outcome is of entry `source`.
fn candidate(number: u128, source: u128, awarded_on: &str) -> Candidate {
    Candidate {
        lot_id: LotId::from_uuid(Uuid::from_u128(7_000 + number)),
        outcome_id: OutcomeId::from_uuid(Uuid::from_u128(number)),
        entry_id: entry(source),
        title: format!("成果{source}"),
        category: Category::Course,
        issuer: institution(2),
        unit: Unit::Credit,
        level: None,
        grade: Grade::Passed,
        counts_as: Vec::new(),
        graded: None,
        awarded_on: day(awarded_on),
        issued: hundredths("100"),
        state: LotState::Usable(hundredths("100")),
    }
}

/// A course granted before for an outcome that no test names.
fn past(course: u128, granted: Hundredths) -> PastGrant {
    PastGrant {
        course: entry(course),
        granted,
        sources: vec![PastSource {
            outcome_id: OutcomeId::from_uuid(Uuid::from_u128(50_000 + course)),
            category: Category::Course,
            issuer: institution(2),
            awarded_on: day("2022-01-10"),
        }],
    }
}

/// A request that is granted: course 101 with 6.00 of the 21.70 that 35 % of 62.00 leave room for.
#[derive(Debug, Clone)]
struct Request {
    candidates: Vec<Candidate>,
    rule_set: RuleSet,
    programme: Programme,
    history: History,
    today: NaiveDate,
}

impl Request {
    fn new() -> Self {
        Self {
            candidates: vec![candidate(1, 1, "2024-01-10")],
            rule_set: RuleSet {
                id: RuleSetId::from_uuid(Uuid::from_u128(1)),
                code: "ANHUI-TECH".to_owned(),
                version: 2,
                receiving: InstitutionId::from_uuid(Uuid::from_u128(1)),
                programmes: BTreeSet::new(),
                document: Document {
                    number: DOCUMENT.to_owned(),
                    title: "学分转换办法".to_owned(),
                },
                valid_from: day("2021-09-01"),
                valid_to: None,
                parts: Vec::new(),
                caps: vec![programme_cap("35")],
                rules: vec![rule(1, 101, "6"), rule(2, 102, "4"), rule(3, 103, "12")],
                titles: BTreeMap::new(),
            },
            programme: Programme {
                id: ProgrammeId::from_uuid(Uuid::from_u128(1)),
                institution: InstitutionId::from_uuid(Uuid::from_u128(1)),
                title: "机电一体化".to_owned(),
                total_credits: hundredths("62"),
            },
            history: History::default(),
            today: day("2024-07-01"),
        }
    }

    fn of(mut self, candidates: &[Candidate]) -> Self {
        self.candidates = candidates.to_vec();
        self
    }

    fn granted_before(mut self, credits: &str) -> Self {
        self.history.grants = vec![past(900, hundredths(credits))];
        self
    }

    fn share_of(mut self, share: &str, total: &str) -> Self {
        self.rule_set.caps = vec![programme_cap(share)];
        self.programme.total_credits = hundredths(total);
        self
    }

    fn decide(&self) -> Result<Decision, AmountError> {
        decide(
            &self.candidates,
            &self.rule_set,
            &self.programme,
            &self.history,
            self.today,
        )
    }
}

fn told(line: &DecidedLine) -> String {
    let DecidedLine {
        verdict,
        granted,
        requested,
        ..
    } = line;
    let reason = verdict.reason().map(|reason| format!(": {reason}"));
    let reason = reason.unwrap_or_default();
    format!("{} {granted} of {requested}{reason}", verdict.as_str())
}

/// Asserts each line in words, and what holds for every decision.
fn check(request: &Request, expected: &[&str]) {
    let decision = request.decide().unwrap();
    let lines: Vec<_> = decision.lines.iter().map(told).collect();
    let texts: Vec<_> = decision
        .lines
        .iter()
        .map(|line| &line.explanation.en)
        .collect();
    assert_eq!(lines, expected, "{texts:#?}");
    hold(request, &decision);
}

/// What holds for every decision, whatever was asked.
fn hold(request: &Request, decision: &Decision) {
    let asked: Vec<_> = request.candidates.iter().map(|c| c.lot_id).collect();
    let mut answered: Vec<_> = decision.lines.iter().map(|line| line.lot_id).collect();
    answered.dedup();
    if asked.iter().collect::<BTreeSet<_>>().len() == asked.len() {
        assert_eq!(answered, asked, "every lot has its answer, in its place");
    }
    for line in &decision.lines {
        hold_line(request, line);
    }
    for candidate in &request.candidates {
        let of_lot = |line: &&DecidedLine| line.lot_id == candidate.lot_id;
        let lines = decision.lines.iter().filter(of_lot);
        let used = lines.map(|line| line.used.get()).sum::<i64>();
        let held = requested_amount(&request.rule_set, candidate);
        assert!(used <= held.get(), "{used} is used of {held}");
        if let LotState::Usable(usable) = candidate.state {
            assert!(held <= usable, "{held} is held of {usable}");
        }
    }
    let count = |word: &str| {
        let lines = decision.lines.iter();
        lines.filter(|line| line.verdict.as_str() == word).count()
    };
    let result = match (count("granted"), count("cut"), count("refused")) {
        (0, 0, _) => RequestResult::Refused,
        (_, 0, 0) => RequestResult::Granted,
        _ => RequestResult::Partly,
    };
    assert_eq!(decision.result, result);
    assert_eq!(total(decision), decision.total.get());
    assert!(decision.total <= decision.bound);
}

fn hold_line(request: &Request, line: &DecidedLine) {
    let mut candidates = request.candidates.iter();
    let candidate = candidates.find(|c| c.lot_id == line.lot_id).unwrap();
    assert_eq!(line.outcome_id, candidate.outcome_id);
    let rest = line
        .requested
        .minus(line.granted)
        .expect("no more than asked");
    match line.verdict {
        Verdict::Granted => assert!(rest.is_zero() && !line.granted.is_zero(), "{line:?}"),
        Verdict::Cut(_) => assert!(!rest.is_zero() && !line.granted.is_zero(), "{line:?}"),
        Verdict::Refused(_) => assert!(line.granted.is_zero(), "{line:?}"),
    }
    let remedy = line.remedy.as_ref();
    assert!(remedy.is_none() || line.verdict != Verdict::Granted);
    let Explanation { zh, en } = &line.explanation;
    for text in [zh, en] {
        assert!(text.contains(DOCUMENT), "{text} cites its document");
        assert!(text.contains("ANHUI-TECH"), "{text} cites its rule set");
        let code = line.rule_code.as_deref().unwrap_or_default();
        assert!(text.contains(code), "{text} cites rule {code}");
    }
    let chinese = |c: char| ('\u{3000}'..='\u{9fff}').contains(&c);
    for Explanation { zh, en } in [&line.explanation].into_iter().chain(remedy) {
        let names = ["课程组", "课程", "高级工", "成果", "实践环节", DOCUMENT];
        let steps = ["优秀", "良好", "中等", "及格", "例〔2025〕1号"];
        let plain = [names.as_slice(), &steps].concat();
        let plain = plain
            .iter()
            .fold(en.clone(), |en, name| en.replace(name, ""));
        assert!(!plain.contains(chinese), "{en} is English");
        let zh = zh.replace(DOCUMENT, "");
        assert!(zh.contains(chinese), "{zh} is Chinese");
    }
}

fn total(decision: &Decision) -> i64 {
    decision.lines.iter().map(|line| line.granted.get()).sum()
}

#[test]
fn a_line_asks_for_the_course_and_at_most_for_what_the_lot_has() {
    let check = |source: u128, state: LotState, expected: &str| {
        let mut candidate = candidate(1, source, "2024-01-10");
        candidate.issued = hundredths("5");
        candidate.state = state;
        let requested = requested_amount(&Request::new().rule_set, &candidate);
        assert_eq!(requested.to_string(), expected, "{source} {state:?}");
    };
    let usable = |text: &str| LotState::Usable(hundredths(text));
    check(1, usable("6.01"), "6.00");
    check(1, usable("6"), "6.00");
    check(1, usable("5.99"), "5.99");
    check(1, usable("0"), "0.00");
    check(2, LotState::Used, "4.00");
    check(1, LotState::Used, "5.00");
    check(1, LotState::Expired, "5.00");
    check(1, LotState::HeldElsewhere, "5.00");
    check(9, usable("6.01"), "6.01");
    check(9, LotState::Used, "5.00");
}

#[test]
fn a_request_is_granted_in_full_partly_or_not_at_all() {
    let check = |candidates: &[Candidate], expected: RequestResult| {
        let decision = Request::new().of(candidates).decide().unwrap();
        assert_eq!(decision.result, expected, "{decision:#?}");
    };
    let good = candidate(1, 1, "2024-01-10");
    let other = candidate(2, 2, "2024-01-11");
    let unlisted = candidate(3, 9, "2024-01-12");
    check(std::slice::from_ref(&good), RequestResult::Granted);
    check(&[good.clone(), other.clone()], RequestResult::Granted);
    check(&[good, unlisted.clone(), other], RequestResult::Partly);
    check(&[unlisted], RequestResult::Refused);
    check(&[], RequestResult::Refused);
    // 6.00 and 12.00 are granted, 3.70 of 4.00 is a part.
    let full = [
        candidate(1, 1, "2024-01-10"),
        candidate(2, 3, "2024-01-11"),
        candidate(3, 2, "2024-01-12"),
    ];
    check(&full, RequestResult::Partly);
    check(&full[..2], RequestResult::Granted);
}

#[test]
fn a_line_names_the_course_that_its_rule_gives() {
    let request =
        Request::new().of(&[candidate(1, 1, "2024-01-10"), candidate(2, 9, "2024-01-10")]);
    let decision = request.decide().unwrap();
    let named: Vec<_> = decision
        .lines
        .iter()
        .map(|line| (line.rule_code.as_deref(), line.target))
        .collect();
    assert_eq!(named, [(Some("R1"), Some(entry(101))), (None, None)]);
}

#[test]
fn the_same_request_has_the_same_decision_years_later() {
    let request = Request::new().of(&[
        candidate(1, 1, "2024-01-10"),
        candidate(2, 3, "2024-01-11"),
        candidate(3, 2, "2024-01-12"),
        candidate(4, 9, "2024-01-13"),
    ]);
    let later = Request {
        today: day("2044-07-01"),
        ..request.clone()
    };
    assert_eq!(request.decide(), request.decide());
    assert_eq!(request.decide(), later.decide());
}
