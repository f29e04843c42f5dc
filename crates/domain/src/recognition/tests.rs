use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::catalogue::Category;
use crate::completion::Progress;
use crate::grade::{Attempt, MinimumGrade};
use crate::ids::{EntryId, InstitutionId, VersionId};
use crate::institution::AllianceRole;
use crate::learner_no::LearnerNo;
use crate::outcome::{EntryRef, LearnerRef, StatedAmount};
use crate::text::{CourseCode, InstitutionCode, SourceRef};

mod course;
mod graded;
mod worth;

const OWNER: u128 = 1;
const CO_OWNER: u128 = 2;
const STRANGER: u128 = 3;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn hundredths(text: &str) -> Hundredths {
    text.parse().unwrap()
}

fn amount(unit: Unit, text: &str) -> Amount {
    Amount::new(unit, hundredths(text)).unwrap()
}

fn fixed(unit: Unit, text: &str) -> AmountRule {
    AmountRule::Fixed(amount(unit, text))
}

fn up_to(unit: Unit, text: &str) -> AmountRule {
    AmountRule::StatedUpTo(amount(unit, text))
}

fn stated(amounts: &[(Unit, &str)]) -> Vec<StatedAmount> {
    let stated = |(unit, text): &(Unit, &str)| StatedAmount {
        unit: *unit,
        hundredths: hundredths(text),
    };
    amounts.iter().map(stated).collect()
}

fn score(text: &str) -> Grade {
    Grade::Score(text.parse().unwrap())
}

fn institution_id(number: u128) -> InstitutionId {
    InstitutionId::from_uuid(Uuid::from_u128(number))
}

/// A post that is recognised: 3.00 credits of 2024-06-15, looked at on 2024-07-01.
struct Post {
    outcome: ReportedOutcome,
    version: CatalogueVersion,
    institution: Institution,
    last_review: Option<NaiveDate>,
    today: NaiveDate,
}

impl Post {
    fn new() -> Self {
        Self {
            outcome: ReportedOutcome {
                source_ref: SourceRef::new("2024-1-000017").unwrap(),
                learner: LearnerRef::Number(LearnerNo::from_random(7)),
                entry: EntryRef {
                    owner: None,
                    code: CourseCode::new("EN-2").unwrap(),
                },
                grade: score("71"),
                attempt: Attempt::First,
                awarded_on: day("2024-06-15"),
                stated: vec![],
                stated_level: None,
                progress: Progress::default(),
            },
            version: version("2020-01-01", None),
            institution: Institution {
                id: institution_id(OWNER),
                code: InstitutionCode::new("10359").unwrap(),
                kinds: vec![],
                standing: Standing::Active,
                alliance_role: AllianceRole::Member,
                joined_on: None,
                term_from: None,
                term_to: None,
                may_open_accounts: false,
            },
            last_review: None,
            today: day("2024-07-01"),
        }
    }

    fn on(mut self, awarded_on: &str) -> Self {
        self.outcome.awarded_on = day(awarded_on);
        self
    }

    fn graded(mut self, grade: Grade) -> Self {
        self.outcome.grade = grade;
        self
    }

    fn giving(mut self, rules: &[AmountRule], amounts: &[(Unit, &str)]) -> Self {
        self.version.amounts = rules.to_vec();
        self.outcome.stated = stated(amounts);
        self
    }

    fn valid(mut self, from: &str, to: Option<&str>) -> Self {
        self.version.valid_from = day(from);
        self.version.valid_to = to.map(day);
        self
    }

    fn decide(&self) -> Result<Recognition, Refusal> {
        let review = self.version.review_after(self.last_review);
        recognise(
            &self.outcome,
            &self.version,
            review,
            &self.institution,
            self.today,
        )
    }
}

fn version(from: &str, to: Option<&str>) -> CatalogueVersion {
    CatalogueVersion {
        entry_id: EntryId::from_uuid(Uuid::from_u128(20)),
        version_id: VersionId::from_uuid(Uuid::from_u128(21)),
        code: CourseCode::new("EN-2").unwrap(),
        title: "大学英语(二)".to_owned(),
        owners: vec![institution_id(OWNER), institution_id(CO_OWNER)],
        category: Category::Course,
        subcategory: None,
        level: None,
        modules: vec![],
        completion: None,
        amounts: vec![fixed(Unit::Credit, "3.00")],
        minimum_grade: MinimumGrade::Pass,
        grading: None,
        valid_from: day(from),
        valid_to: to.map(day),
        usable_months: None,
        repeatable: false,
        review: None,
    }
}

/// Asserts the recognition in words: lots, the reason for none, or the refusal with its figures.
fn check(post: &Post, expected: &str) {
    let lot = |lot: &NewLot| {
        let until = lot.expires_on.map(|day| format!(" until {day}"));
        format!("{}{}", lot.amount, until.unwrap_or_default())
    };
    let got = match post.decide() {
        Ok(Recognition::Earns(lots)) => {
            format!("[{}]", lots.iter().map(lot).collect::<Vec<_>>().join(", "))
        }
        Ok(Recognition::EarnsNothing(reason)) => format!("nothing: {reason}"),
        Err(refusal) => refusal.to_string(),
    };
    assert_eq!(got, expected, "{:?} {:?}", post.outcome, post.version);
}

const EARNED: &str = "[3.00 credit]";

#[test]
fn only_an_institution_in_good_standing_posts() {
    let standing = |standing, expected: &str| {
        let mut post = Post::new();
        post.institution.standing = standing;
        check(&post, expected);
        check(
            &post.graded(Grade::Absent),
            &expected.replace(EARNED, "nothing: RESULT_WITHOUT_CREDIT"),
        );
    };
    standing(Standing::Active, EARNED);
    standing(Standing::Suspended, "INSTITUTION_SUSPENDED: 10359");
    standing(Standing::Left, "INSTITUTION_NOT_MEMBER: 10359");
}

#[test]
fn an_outcome_lies_within_the_institutions_term() {
    let term = |from: Option<&str>, to: Option<&str>, awarded_on: &str, expected: &str| {
        let mut post = Post::new().on(awarded_on);
        post.institution.term_from = from.map(day);
        post.institution.term_to = to.map(day);
        check(&post, expected);
    };
    let (first, last) = (Some("2023-01-01"), Some("2023-12-31"));
    let outside = |day: &str| format!("BASE_TERM: {day}; 2023-01-01 – 2023-12-31");
    term(first, last, "2022-12-31", &outside("2022-12-31"));
    term(first, last, "2023-01-01", EARNED);
    term(first, last, "2023-12-31", EARNED);
    term(first, last, "2024-01-01", &outside("2024-01-01"));
    term(
        first,
        None,
        "2022-12-31",
        "BASE_TERM: 2022-12-31; 2023-01-01 – …",
    );
    term(first, None, "2024-01-01", EARNED);
    term(
        None,
        last,
        "2024-01-01",
        "BASE_TERM: 2024-01-01; … – 2023-12-31",
    );
    term(None, last, "2022-12-31", EARNED);
    term(None, Some("2024-02-29"), "2024-02-29", EARNED);
    term(
        None,
        Some("2024-02-28"),
        "2024-02-29",
        "BASE_TERM: 2024-02-29; … – 2024-02-28",
    );
}

#[test]
fn nothing_is_posted_before_it_happened() {
    let post = |awarded_on: &str, today: &str, expected: &str| {
        let mut post = Post::new().on(awarded_on);
        post.today = day(today);
        check(&post, expected);
    };
    post("2024-07-01", "2024-07-01", EARNED);
    post(
        "2024-07-02",
        "2024-07-01",
        "NOT_YET_EARNED: 2024-07-02 > 2024-07-01",
    );
    post("2023-12-31", "2023-12-31", EARNED);
    post(
        "2024-01-01",
        "2023-12-31",
        "NOT_YET_EARNED: 2024-01-01 > 2023-12-31",
    );
    post(
        "2024-02-29",
        "2024-02-28",
        "NOT_YET_EARNED: 2024-02-29 > 2024-02-28",
    );
}

#[test]
fn only_an_owner_posts_an_entry() {
    let posting = |number: u128, expected: &str| {
        let mut post = Post::new();
        post.institution.id = institution_id(number);
        check(&post, expected);
    };
    posting(OWNER, EARNED);
    posting(CO_OWNER, EARNED);
    posting(STRANGER, "ENTRY_NOT_OWNED: EN-2");
}

#[test]
fn a_version_counts_on_its_first_and_last_day_and_on_no_other() {
    let valid = |from: &str, to: Option<&str>, awarded_on: &str, expected: &str| {
        check(&Post::new().valid(from, to).on(awarded_on), expected);
    };
    let not_valid = |day: &str| format!("OUTCOME_VERSION_NOT_VALID_THEN: {day}");
    let year = ("2023-01-01", Some("2023-12-31"));
    valid(year.0, year.1, "2022-12-31", &not_valid("2022-12-31"));
    valid(year.0, year.1, "2023-01-01", EARNED);
    valid(year.0, year.1, "2023-12-31", EARNED);
    valid(year.0, year.1, "2024-01-01", &not_valid("2024-01-01"));
    let leap = ("2024-02-29", Some("2024-02-29"));
    valid(leap.0, leap.1, "2024-02-28", &not_valid("2024-02-28"));
    valid(leap.0, leap.1, "2024-02-29", EARNED);
    valid(leap.0, leap.1, "2024-03-01", &not_valid("2024-03-01"));
    valid("2020-01-01", Some("2024-02-28"), "2024-02-28", EARNED);
    valid(
        "2020-01-01",
        Some("2024-02-28"),
        "2024-02-29",
        &not_valid("2024-02-29"),
    );
    valid("2020-01-01", None, "2019-12-31", &not_valid("2019-12-31"));
    valid("2020-01-01", None, "2020-01-01", EARNED);
    valid("2020-01-01", None, "2024-07-01", EARNED);
    // Ends before it begins: never in force.
    valid(
        "2024-06-15",
        Some("2024-06-14"),
        "2024-06-15",
        &not_valid("2024-06-15"),
    );
}

#[test]
fn of_several_faults_the_institutions_standing_is_told_first() {
    let mut post = Post::new()
        .giving(&[fixed(Unit::Credit, "3")], &[(Unit::Credit, "4")])
        .valid("2024-07-01", None)
        .on("2024-07-02");
    post.institution.standing = Standing::Suspended;
    post.institution.id = institution_id(STRANGER);
    post.institution.term_from = Some(day("2024-07-03"));
    check(&post, "INSTITUTION_SUSPENDED: 10359");
    post.institution.standing = Standing::Active;
    check(&post, "NOT_YET_EARNED: 2024-07-02 > 2024-07-01");
    post.today = day("2024-07-02");
    check(&post, "BASE_TERM: 2024-07-02; 2024-07-03 – …");
    post.institution.term_from = None;
    check(&post, "ENTRY_NOT_OWNED: EN-2");
    post.institution.id = institution_id(OWNER);
    post.version.valid_from = day("2024-07-03");
    check(&post, "OUTCOME_VERSION_NOT_VALID_THEN: 2024-07-02");
    post.version.valid_from = day("2024-07-02");
    check(&post, "AMOUNT_MISMATCH: 4.00 ≠ 3.00 credit");
    post.outcome.stated = vec![];
    check(&post, EARNED);
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (-10_i64..10_i64).prop_map(|days| day("2024-02-28") + chrono::TimeDelta::days(days))
}

fn any_end() -> impl Strategy<Value = Option<NaiveDate>> {
    proptest::option::of(any_day())
}

proptest! {
    #[test]
    fn an_outcome_is_recognised_exactly_where_every_window_covers_its_day(
        awarded_on in any_day(),
        today in any_day(),
        term in (any_end(), any_end()),
        valid in (any_day(), any_end()),
    ) {
        let mut post = Post::new();
        post.outcome.awarded_on = awarded_on;
        post.today = today;
        (post.institution.term_from, post.institution.term_to) = term;
        (post.version.valid_from, post.version.valid_to) = valid;
        let covers = |from: Option<NaiveDate>, to: Option<NaiveDate>| {
            from.is_none_or(|from| awarded_on >= from) && to.is_none_or(|to| awarded_on <= to)
        };
        let expected =
            today >= awarded_on && covers(term.0, term.1) && covers(Some(valid.0), valid.1);
        prop_assert_eq!(post.decide().is_ok(), expected);
        prop_assert_eq!(post.decide(), post.decide());
    }
}

#[test]
fn a_stated_level_has_to_be_the_catalogues_where_both_stand_on_one_framework() {
    let refusal = |stated: Option<&str>, catalogue: Option<&str>| {
        let mut post = Post::new();
        post.outcome.stated_level = stated.map(|text| match text.parse() {
            Ok(level) => StatedLevel::Known(level),
            Err(_) => StatedLevel::Unknown,
        });
        post.version.level = catalogue.map(|text| text.parse().unwrap());
        let refused = recognise(
            &post.outcome,
            &post.version,
            None,
            &post.institution,
            post.today,
        );
        refused.err().map(|refused| refused.to_string())
    };
    let refused = |stated, catalogue| refusal(Some(stated), Some(catalogue));
    assert_eq!(refused("CN10:5", "CN10:5"), None);
    let wrong = refused("CN10:6", "CN10:5").unwrap();
    assert_eq!(wrong, "LEVEL_MISMATCH: CN10:6 ≠ CN10:5");
    assert_eq!(refused("EQF8:6", "CN10:5"), None, "no framework is another");
    assert_eq!(refused("word", "CN10:5").unwrap(), "LEVEL_UNKNOWN: CN10:5");
    assert_eq!(refusal(Some("word"), None), None);
    assert_eq!(refusal(None, Some("CN10:5")), None);
}
