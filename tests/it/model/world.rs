//! What can be learned, converted and by whom, once for the model and once for the bank.

use creditbank_domain::amount::{Amount, Unit};
use creditbank_domain::authz::{Actor, Grant, KeepRegister, Subject, authorize};
use creditbank_domain::catalogue::AmountRule;
use creditbank_domain::text::{CourseCode, InstitutionCode};
use creditbank_ledger::flows::{NewProgramme, register_programmes};
use kit::{RECEIVING, SCHOOL, TestBank, UNIVERSITY, course, course_up_to, hundredths};

/// A catalogue entry, as far as it matters here.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) code: &'static str,
    pub(crate) owner: &'static str,
    /// Fixed, or the most that may be stated.
    pub(crate) credits: i64,
    pub(crate) hours: i64,
    pub(crate) is_stated: bool,
    pub(crate) usable_months: Option<u32>,
    pub(crate) repeatable: bool,
}

const fn entry(code: &'static str, owner: &'static str, credits: i64) -> Entry {
    Entry {
        code,
        owner,
        credits,
        hours: 0,
        is_stated: false,
        usable_months: None,
        repeatable: false,
    }
}

/// Everything that can be learned. The courses are also granted by conversion.
pub(crate) const ENTRIES: [Entry; 13] = [
    entry("CERT-A", SCHOOL, 600),
    entry("CERT-B", SCHOOL, 600),
    entry("CERT-C", SCHOOL, 600),
    entry("CERT-D", SCHOOL, 600),
    entry("CERT-LOW", SCHOOL, 600),
    Entry {
        usable_months: Some(12),
        ..entry("YEAR", SCHOOL, 600)
    },
    Entry {
        is_stated: true,
        ..entry("WORK", SCHOOL, 800)
    },
    entry("COURSE-A", RECEIVING, 600),
    entry("COURSE-B", RECEIVING, 600),
    entry("COURSE-C", RECEIVING, 600),
    entry("COURSE-W", RECEIVING, 300),
    entry("MATH101", UNIVERSITY, 400),
    Entry {
        hours: 1_000,
        repeatable: true,
        ..entry("TRAIN", UNIVERSITY, 200)
    },
];

/// `COURSE-D` is only ever granted.
const COURSE_D: Entry = entry("COURSE-D", RECEIVING, 600);

pub(crate) fn entry_of(code: &str) -> &'static Entry {
    let mut all = ENTRIES.iter().chain(std::iter::once(&COURSE_D));
    all.find(|entry| entry.code == code).expect(code)
}

/// A rule: what is given for what.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) source: &'static str,
    pub(crate) target: &'static str,
    pub(crate) credits: i64,
    /// The lowest score, in hundredths.
    pub(crate) minimum: i64,
    pub(crate) within_months: Option<u32>,
}

const fn rule(source: &'static str, target: &'static str) -> Rule {
    Rule {
        source,
        target,
        credits: 600,
        minimum: 7_000,
        within_months: None,
    }
}

/// Who asks whom to convert, and how much at most.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) asks: &'static str,
    pub(crate) grants: &'static str,
    pub(crate) programme: &'static str,
    pub(crate) cap: i64,
    pub(crate) rules: &'static [Rule],
}

/// The second converts what the first granted, and always cuts it.
pub(crate) const WAYS: [Way; 2] = [
    Way {
        asks: SCHOOL,
        grants: RECEIVING,
        programme: kit::PROGRAMME,
        cap: 2_170,
        rules: &[
            rule("CERT-A", "COURSE-A"),
            rule("CERT-B", "COURSE-B"),
            rule("CERT-C", "COURSE-C"),
            Rule {
                within_months: Some(12),
                ..rule("CERT-D", "COURSE-D")
            },
            rule("YEAR", "COURSE-A"),
            Rule {
                credits: 300,
                ..rule("WORK", "COURSE-W")
            },
        ],
    },
    Way {
        asks: RECEIVING,
        grants: UNIVERSITY,
        programme: "P2",
        cap: 350,
        rules: &[Rule {
            credits: 400,
            minimum: 6_000,
            ..rule("COURSE-A", "MATH101")
        }],
    },
];

/// `1234` as `12.34`.
pub(crate) fn decimal(amount: i64) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}

fn institution(code: &str) -> InstitutionCode {
    InstitutionCode::new(code).unwrap()
}

/// A bank in which all of this is registered.
pub(crate) fn bank() -> TestBank {
    let bank = TestBank::start();
    let mut year = course(SCHOOL, "YEAR", "6.00");
    year.usable_months = Some(12);
    let mut train = course(UNIVERSITY, "TRAIN", "2.00");
    train.repeatable = true;
    let hours = Amount::new(Unit::Hour, hundredths("10.00")).unwrap();
    train.amounts.push(AmountRule::Fixed(hours));
    let work = course_up_to(SCHOOL, "WORK", "8.00");
    bank.publish(&[year, train, work, course(RECEIVING, "COURSE-W", "3.00")]);
    let keeper: Grant<KeepRegister> = authorize(&Actor::operator(), Subject::Bank).unwrap();
    let programme = NewProgramme {
        institution: institution(UNIVERSITY),
        code: "P2".to_owned(),
        title: "第二专业".to_owned(),
        total_credits: hundredths("10.00"),
    };
    register_programmes(bank.ledger(), &keeper, &[programme], bank.now()).unwrap();
    for way in &WAYS {
        let set = kit::PlainRules {
            receiving: institution(way.grants),
            code: "RS-1".to_owned(),
            valid_from: kit::day("2022-01-01"),
            rules: way.rules.iter().map(|rule| new_rule(way, rule)).collect(),
            ..kit::rule_set_of_the_world()
        };
        kit::put_in_force(bank.ledger(), &set.document(), bank.now());
    }
    bank
}

fn new_rule(way: &Way, rule: &Rule) -> kit::PlainRule {
    kit::PlainRule {
        code: format!("R-{}", rule.source),
        source_owner: institution(way.asks),
        source: CourseCode::new(rule.source).unwrap(),
        target: CourseCode::new(rule.target).unwrap(),
        target_credits: hundredths(&decimal(rule.credits)),
        minimum_grade: decimal(rule.minimum).parse().unwrap(),
        level_floor: None,
        earned_within_months: rule.within_months,
    }
}
