//! The tests that stand in a document.

use creditbank_domain::amount::Unit;
use creditbank_domain::catalogue::Category;
use creditbank_domain::grade::Grade;
use creditbank_domain::reason::ReasonCode;

use super::values;
use super::{at_most, told};
use crate::document::{
    DocumentTest, Expected, ExpectedLine, ExpectedVerdict, TestGrant, TestOutcome, TestPast,
    TestState,
};
use crate::limits::{CODE_MAX, OUTCOMES_MAX, TITLE_MAX};
use crate::reader::{Reader, Spot};

const OUTCOME: [&str; 11] = [
    "id",
    "entry",
    "issuer",
    "category",
    "unit",
    "amount",
    "state",
    "grade",
    "grading",
    "level",
    "awarded_on",
];

pub(super) fn test(reader: &mut Reader, spot: &Spot<'_>) -> Option<DocumentTest> {
    let fields = reader.fields(spot, &["name", "given", "expect"])?;
    let name = reader.need(&fields, "name");
    let name = name.and_then(|it| reader.text(&it, TITLE_MAX));
    let expect = reader.need(&fields, "expect");
    let expect = expect.and_then(|it| expected(reader, &it));
    let given = reader.need(&fields, "given")?;
    let allowed = ["today", "programme_credits", "outcomes", "history", "has"];
    let given = reader.fields(&given, &allowed)?;
    let today = reader.need(&given, "today");
    let today = today.and_then(|it| reader.day(&it));
    let credits = reader.need(&given, "programme_credits");
    let credits = credits.and_then(|it| values::positive(reader, &it));
    reader.need(&given, "outcomes");
    at_most(reader, &given, "outcomes", OUTCOMES_MAX)?;
    let outcomes = reader.each(&given, "outcomes", outcome);
    let history = reader.each(&given, "history", grant);
    let has = reader.each(&given, "has", values::course);
    Some(DocumentTest {
        name: name?,
        today: today?,
        programme_credits: credits?,
        outcomes,
        history,
        has,
        expect: expect?,
    })
}

fn outcome(reader: &mut Reader, spot: &Spot<'_>) -> Option<TestOutcome> {
    let fields = reader.fields(spot, &OUTCOME)?;
    let id = reader.need(&fields, "id");
    let id = id.and_then(|it| reader.text(&it, CODE_MAX));
    let entry = reader.need(&fields, "entry");
    let entry = entry.and_then(|it| values::entry(reader, &it));
    let issuer = fields.get("issuer");
    let issuer = issuer.and_then(|it| values::institution(reader, &it));
    let category = fields.get("category");
    let category = category.and_then(|it| reader.word(&it, Category::ALL));
    let unit = fields.get("unit");
    let unit = unit.and_then(|it| reader.word(&it, &Unit::ALL));
    let amount = reader.need(&fields, "amount");
    let amount = amount.and_then(|it| values::amount(reader, &it));
    let state = fields.get("state");
    let state = state.and_then(|it| reader.word(&it, &TestState::ALL));
    let grade = fields.get("grade");
    let grade = match grade {
        None => Some(Grade::Passed),
        Some(spot) => {
            let written = reader.written(&spot)?;
            let parsed = written.parse::<Grade>();
            reader.read(&spot, parsed, |error| told::grade(written, error))
        }
    };
    let grading = fields.get("grading");
    let grading = grading.and_then(|it| reader.text(&it, CODE_MAX));
    let level = fields.get("level");
    let level = level.and_then(|it| values::level(reader, &it, "value"));
    let awarded_on = reader.need(&fields, "awarded_on");
    let awarded_on = awarded_on.and_then(|it| reader.day(&it));
    Some(TestOutcome {
        id: id?,
        entry: entry?,
        issuer,
        category: category.unwrap_or(Category::Course),
        unit: unit.unwrap_or(Unit::Credit),
        amount: amount?,
        state: state.unwrap_or(TestState::Usable),
        grade: grade?,
        grading,
        level,
        awarded_on: awarded_on?,
    })
}

fn grant(reader: &mut Reader, spot: &Spot<'_>) -> Option<TestGrant> {
    let fields = reader.fields(spot, &["course", "granted", "rests_on"])?;
    let course = reader.need(&fields, "course");
    let course = course.and_then(|it| values::course(reader, &it));
    let granted = reader.need(&fields, "granted");
    let granted = granted.and_then(|it| values::amount(reader, &it));
    at_most(reader, &fields, "rests_on", OUTCOMES_MAX)?;
    let rests_on = reader.each(&fields, "rests_on", past);
    Some(TestGrant {
        course: course?,
        granted: granted?,
        rests_on,
    })
}

fn past(reader: &mut Reader, spot: &Spot<'_>) -> Option<TestPast> {
    let allowed = ["outcome", "category", "issuer", "awarded_on"];
    let fields = reader.fields(spot, &allowed)?;
    let outcome = fields.get("outcome");
    let outcome = outcome.and_then(|it| reader.text(&it, CODE_MAX));
    let category = fields.get("category");
    let category = category.and_then(|it| reader.word(&it, Category::ALL));
    let issuer = reader.need(&fields, "issuer");
    let issuer = issuer.and_then(|it| values::institution(reader, &it));
    let awarded_on = reader.need(&fields, "awarded_on");
    let awarded_on = awarded_on.and_then(|it| reader.day(&it));
    Some(TestPast {
        outcome,
        category: category.unwrap_or(Category::Course),
        issuer: issuer?,
        awarded_on: awarded_on?,
    })
}

fn expected(reader: &mut Reader, spot: &Spot<'_>) -> Option<Expected> {
    let fields = reader.fields(spot, &["total", "lines"])?;
    let total = reader.need(&fields, "total");
    let total = total.and_then(|it| values::amount(reader, &it));
    let lines = reader.each(&fields, "lines", line);
    Some(Expected {
        total: total?,
        lines,
    })
}

fn line(reader: &mut Reader, spot: &Spot<'_>) -> Option<ExpectedLine> {
    let allowed = ["outcome", "rule", "course", "granted", "cut", "refused"];
    let fields = reader.fields(spot, &allowed)?;
    let outcome = reader.need(&fields, "outcome");
    let outcome = outcome.and_then(|it| reader.text(&it, CODE_MAX));
    let rule = fields.get("rule");
    let rule = rule.and_then(|it| reader.text(&it, CODE_MAX));
    let course = fields.get("course");
    let course = course.and_then(|it| values::course(reader, &it));
    let (cut, refused) = (fields.get("cut"), fields.get("refused"));
    if cut.is_some() && refused.is_some() {
        reader.wrong(&spot.pointer, told::cut_or_refused());
        return None;
    }
    let granted = match (fields.get("granted"), &refused) {
        (Some(granted), Some(_)) => {
            reader.wrong(&granted.pointer, told::refused_grants());
            None
        }
        (None, Some(_)) => Some(creditbank_domain::amount::Hundredths::ZERO),
        (_, None) => {
            let granted = reader.need(&fields, "granted");
            granted.and_then(|it| values::positive(reader, &it))
        }
    };
    let verdict = match (cut, refused) {
        (Some(reason), _) => reader
            .word(&reason, ReasonCode::ALL)
            .map(ExpectedVerdict::Cut),
        (_, Some(reason)) => reader
            .word(&reason, ReasonCode::ALL)
            .map(ExpectedVerdict::Refused),
        (None, None) => Some(ExpectedVerdict::Granted),
    };
    Some(ExpectedLine {
        outcome: outcome?,
        rule,
        course,
        granted: granted?,
        verdict: verdict?,
    })
}
