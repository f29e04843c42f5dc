//! What a document writes, in its one order.

use creditbank_domain::amount::Unit;
use creditbank_domain::catalogue::Level;
use creditbank_domain::conversion::{BookedGrade, CapShape, Gives, Most};
use creditbank_domain::grade::MinimumGrade;
use creditbank_domain::grading::{GradingScheme, Steps};

use super::Written;
use super::of_test::of_test;
use crate::document::{
    Approval, DocumentCap, DocumentCourse, DocumentEffect, DocumentMinimum, DocumentPart,
    DocumentRule, DocumentSource, RuleDocument, When,
};

pub(crate) fn of_document(document: &RuleDocument) -> Written {
    let cited = Written::fields([
        ("number", Some(Written::text(&document.document.number))),
        ("title", Some(Written::text(&document.document.title))),
    ]);
    let example = document.example.then(|| Written::Bare("true".to_owned()));
    Written::fields([
        ("format", Some(Written::Bare("1".to_owned()))),
        ("receiving", Some(Written::text(&document.receiving))),
        ("code", Some(Written::text(&document.code))),
        (
            "programmes",
            Written::texts(&document.programmes).unless_empty(),
        ),
        ("document", Some(cited)),
        ("valid_from", Some(Written::text(document.valid_from))),
        ("valid_to", document.valid_to.map(Written::text)),
        ("approval", Some(approval(&document.approval))),
        ("source", document.source.as_ref().map(Written::text)),
        ("example", example),
        (
            "schemes",
            Written::list(&document.schemes, scheme).unless_empty(),
        ),
        (
            "courses",
            Written::list(&document.courses, course).unless_empty(),
        ),
        ("parts", Written::list(&document.parts, part).unless_empty()),
        ("caps", Written::list(&document.caps, cap).unless_empty()),
        ("rules", Some(Written::list(&document.rules, rule))),
        (
            "tests",
            Written::list(&document.tests, of_test).unless_empty(),
        ),
    ])
}

fn approval(approval: &Approval) -> Written {
    match approval {
        Approval::People(people) => {
            Written::fields([("people", Some(Written::Bare(people.to_string())))])
        }
        Approval::Committee { code, quorum } => Written::fields([
            ("committee", Some(Written::text(code))),
            ("quorum", Some(Written::Bare(quorum.to_string()))),
        ]),
    }
}

pub(crate) fn scheme(scheme: &GradingScheme) -> Written {
    let (steps, ends) = match &scheme.steps {
        Steps::Named(steps) => (Some(Written::texts(steps)), None),
        Steps::Numbers { worst, best } => (None, Some((worst, best))),
    };
    Written::fields([
        ("code", Some(Written::text(&scheme.code))),
        ("steps", steps),
        ("worst", ends.map(|(worst, _)| Written::text(worst))),
        ("best", ends.map(|(_, best)| Written::text(best))),
        ("pass", Some(Written::text(&scheme.pass))),
    ])
}

pub(crate) fn course(course: &DocumentCourse) -> Written {
    Written::fields([
        ("code", Some(Written::text(&course.code))),
        ("title", Some(Written::text(&course.title))),
        ("credits", Some(Written::text(course.credits))),
    ])
}

pub(crate) fn part(part: &DocumentPart) -> Written {
    let never = (!part.replaceable).then(|| Written::Bare("false".to_owned()));
    Written::fields([
        ("code", Some(Written::text(&part.code))),
        ("title", Some(Written::text(&part.title))),
        ("credits", part.credits.map(Written::text)),
        ("replaceable", never),
        ("courses", Written::texts(&part.courses).unless_empty()),
    ])
}

pub(crate) fn cap(cap: &DocumentCap) -> Written {
    let (name, begins) = match &cap.shape {
        CapShape::Programme => ("programme", None),
        CapShape::Source => ("source", None),
        CapShape::Institution => ("institution", None),
        CapShape::Period(begins) => ("period", Some(Written::texts(begins))),
        CapShape::Certificate => ("certificate", None),
        CapShape::Inside => ("inside", None),
    };
    let most = match cap.most {
        Most::Credits(credits) => ("credits", credits),
        Most::Share(share) => ("percent", share),
    };
    let most = Written::fields([(most.0, Some(Written::text(most.1)))]);
    let (most, least) = match cap.shape {
        CapShape::Inside => (None, Some(most)),
        _ => (Some(most), None),
    };
    Written::fields([
        ("code", Some(Written::text(&cap.code))),
        ("shape", Some(Written::text(name))),
        ("part", cap.part.as_ref().map(Written::text)),
        ("categories", Written::texts(&cap.categories).unless_empty()),
        (
            "institutions",
            Written::texts(&cap.institutions).unless_empty(),
        ),
        ("begins", begins),
        ("most", most),
        ("least", least),
    ])
}

pub(crate) fn rule(rule: &DocumentRule) -> Written {
    Written::fields([
        ("code", Some(Written::text(&rule.code))),
        ("when", Some(when(&rule.when))),
        ("gives", Some(Written::list(&rule.gives, effect))),
    ])
}

fn when(condition: &When) -> Written {
    let list = |of| Some(Written::list(of, when));
    match condition {
        When::Source(it) => source(it),
        When::AllOf(of) => Written::fields([("all_of", list(of))]),
        When::AnyOf(of) => Written::fields([("any_of", list(of))]),
        When::AtLeast { needed, of } => {
            let inner = Written::fields([
                ("needed", Some(Written::Bare(needed.to_string()))),
                ("of", list(of)),
            ]);
            Written::fields([("at_least", Some(inner))])
        }
    }
}

fn source(source: &DocumentSource) -> Written {
    let unit = (source.unit != Unit::Credit).then_some(source.unit);
    let (minimum, grading) = match &source.minimum_grade {
        DocumentMinimum::Plain(MinimumGrade::Pass) => (None, None),
        DocumentMinimum::Plain(minimum) => (Some(Written::text(minimum)), None),
        DocumentMinimum::InScheme { scheme, grade } => {
            (Some(Written::text(grade)), Some(Written::text(scheme)))
        }
    };
    let months = source.earned_within_months;
    Written::fields([
        ("entries", Written::texts(&source.entries).unless_empty()),
        (
            "categories",
            Written::texts(&source.categories).unless_empty(),
        ),
        ("issuers", Written::texts(&source.issuers).unless_empty()),
        ("unit", unit.map(Written::text)),
        ("minimum_grade", minimum),
        ("grading", grading),
        (
            "level",
            source.level.as_ref().map(|it| level(it, "at_least")),
        ),
        (
            "earned_within_months",
            months.map(|months| Written::Bare(months.to_string())),
        ),
        ("amount_at_least", source.amount_at_least.map(Written::text)),
    ])
}

pub(super) fn level(level: &Level, name: &'static str) -> Written {
    Written::fields([
        ("framework", Some(Written::text(&level.framework))),
        (name, Some(Written::Bare(level.value.to_string()))),
    ])
}

fn effect(effect: &DocumentEffect) -> Written {
    let (credits, ratio, rounding) = match effect.gives {
        Gives::Course => (None, None, None),
        Gives::Fixed(credits) => (Some(credits), None, None),
        Gives::Proportional { ratio, rounding } => (
            None,
            Some(format!("{}/{}", ratio.numerator(), ratio.denominator())),
            Some(rounding),
        ),
    };
    let books = Some(effect.books).filter(|books| *books != BookedGrade::AsEarned);
    Written::fields([
        ("course", Some(Written::text(&effect.course))),
        ("credits", credits.map(Written::text)),
        ("ratio", ratio.map(Written::Text)),
        ("rounding", rounding.map(Written::text)),
        ("books", books.map(Written::text)),
    ])
}
