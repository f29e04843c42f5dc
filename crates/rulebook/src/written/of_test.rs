//! What a test of a document writes.

use creditbank_domain::amount::Unit;
use creditbank_domain::catalogue::Category;
use creditbank_domain::grade::Grade;

use super::Written;
use super::of_document::level;
use crate::document::{
    DocumentTest, Expected, ExpectedLine, ExpectedVerdict, TestGrant, TestOutcome, TestPast,
    TestState,
};

pub(crate) fn of_test(test: &DocumentTest) -> Written {
    let credits = Written::text(test.programme_credits);
    let given = Written::fields([
        ("today", Some(Written::text(test.today))),
        ("programme_credits", Some(credits)),
        ("outcomes", Some(Written::list(&test.outcomes, outcome))),
        (
            "history",
            Written::list(&test.history, grant).unless_empty(),
        ),
        ("has", Written::texts(&test.has).unless_empty()),
    ]);
    Written::fields([
        ("name", Some(Written::text(&test.name))),
        ("given", Some(given)),
        ("expect", Some(expected(&test.expect))),
    ])
}

fn outcome(outcome: &TestOutcome) -> Written {
    let category = Some(outcome.category).filter(|it| *it != Category::Course);
    let unit = Some(outcome.unit).filter(|it| *it != Unit::Credit);
    let state = Some(outcome.state).filter(|it| *it != TestState::Usable);
    let grade = Some(outcome.grade).filter(|it| *it != Grade::Passed);
    let of_level = outcome.level.as_ref();
    Written::fields([
        ("id", Some(Written::text(&outcome.id))),
        ("entry", Some(Written::text(&outcome.entry))),
        ("issuer", outcome.issuer.as_ref().map(Written::text)),
        ("category", category.map(Written::text)),
        ("unit", unit.map(Written::text)),
        ("amount", Some(Written::text(outcome.amount))),
        ("state", state.map(Written::text)),
        ("grade", grade.map(Written::text)),
        ("grading", outcome.grading.as_ref().map(Written::text)),
        ("level", of_level.map(|it| level(it, "value"))),
        ("awarded_on", Some(Written::text(outcome.awarded_on))),
    ])
}

fn grant(grant: &TestGrant) -> Written {
    Written::fields([
        ("course", Some(Written::text(&grant.course))),
        ("granted", Some(Written::text(grant.granted))),
        (
            "rests_on",
            Written::list(&grant.rests_on, past).unless_empty(),
        ),
    ])
}

fn past(past: &TestPast) -> Written {
    let category = Some(past.category).filter(|it| *it != Category::Course);
    Written::fields([
        ("outcome", past.outcome.as_ref().map(Written::text)),
        ("category", category.map(Written::text)),
        ("issuer", Some(Written::text(&past.issuer))),
        ("awarded_on", Some(Written::text(past.awarded_on))),
    ])
}

fn expected(expected: &Expected) -> Written {
    Written::fields([
        ("total", Some(Written::text(expected.total))),
        ("lines", Written::list(&expected.lines, line).unless_empty()),
    ])
}

fn line(line: &ExpectedLine) -> Written {
    let (granted, cut, refused) = match line.verdict {
        ExpectedVerdict::Granted => (Some(line.granted), None, None),
        ExpectedVerdict::Cut(reason) => (Some(line.granted), Some(reason), None),
        ExpectedVerdict::Refused(reason) => (None, None, Some(reason)),
    };
    Written::fields([
        ("outcome", Some(Written::text(&line.outcome))),
        ("rule", line.rule.as_ref().map(Written::text)),
        ("course", line.course.as_ref().map(Written::text)),
        ("granted", granted.map(Written::text)),
        ("cut", cut.map(Written::text)),
        ("refused", refused.map(Written::text)),
    ])
}
