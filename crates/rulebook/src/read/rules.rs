//! Rules: what is needed and what it gives.

use creditbank_domain::amount::Unit;
use creditbank_domain::catalogue::Category;
use creditbank_domain::conversion::{BookedGrade, Gives, Ratio, Rounding};
use creditbank_domain::grade::MinimumGrade;

use super::values;
use super::{at_most, told};
use crate::document::{DocumentEffect, DocumentMinimum, DocumentRule, DocumentSource, When};
use crate::limits::{CODE_MAX, ENTRIES_MAX, GIVES_MAX, MONTHS_MAX};
use crate::reader::{Fields, Reader, Spot};

const WHEN: [&str; 12] = [
    "entries",
    "categories",
    "issuers",
    "unit",
    "minimum_grade",
    "grading",
    "level",
    "earned_within_months",
    "amount_at_least",
    "all_of",
    "any_of",
    "at_least",
];
const COMBINED: [&str; 3] = ["all_of", "any_of", "at_least"];

pub(super) fn rule(reader: &mut Reader, spot: &Spot<'_>) -> Option<DocumentRule> {
    let fields = reader.fields(spot, &["code", "when", "gives"])?;
    let code = reader.need(&fields, "code");
    let code = code.and_then(|it| reader.text(&it, CODE_MAX));
    let when = reader.need(&fields, "when");
    let when = when.and_then(|it| condition(reader, &it));
    reader.need(&fields, "gives");
    at_most(reader, &fields, "gives", GIVES_MAX)?;
    let gives = reader.each(&fields, "gives", effect);
    Some(DocumentRule {
        code: code?,
        when: when?,
        gives,
    })
}

/// As deep as the tree may be, which is bounded where it is built.
fn condition(reader: &mut Reader, spot: &Spot<'_>) -> Option<When> {
    let fields = reader.fields(spot, &WHEN)?;
    let there: Vec<&str> = WHEN
        .into_iter()
        .filter(|name| fields.get(name).is_some())
        .collect();
    let combined = there.iter().any(|name| COMBINED.contains(name));
    if combined && there.len() > 1 {
        reader.wrong(&spot.pointer, told::one_kind(&there));
        return None;
    }
    match there.first().copied() {
        Some("all_of") => Some(When::AllOf(reader.each(&fields, "all_of", condition))),
        Some("any_of") => Some(When::AnyOf(reader.each(&fields, "any_of", condition))),
        Some("at_least") => at_least(reader, &fields),
        _ => source(reader, &fields).map(When::Source),
    }
}

fn at_least(reader: &mut Reader, fields: &Fields<'_>) -> Option<When> {
    let spot = reader.need(fields, "at_least")?;
    let inner = reader.fields(&spot, &["needed", "of"])?;
    let needed = reader.need(&inner, "needed");
    let number = needed.as_ref().and_then(|it| reader.count(it, 1, 99));
    let of_spot = reader.need(&inner, "of");
    let of = reader.each(&inner, "of", condition);
    let written = of_spot.map_or(0, |it| it.items());
    let (needed, number) = (needed?, number?);
    if usize::try_from(number).is_ok_and(|number| number > written) {
        reader.wrong(&needed.pointer, told::needed(number, written));
        return None;
    }
    Some(When::AtLeast { needed: number, of })
}

fn source(reader: &mut Reader, fields: &Fields<'_>) -> Option<DocumentSource> {
    at_most(reader, fields, "entries", ENTRIES_MAX)?;
    at_most(reader, fields, "issuers", ENTRIES_MAX)?;
    let entries = reader.each(fields, "entries", values::entry);
    let categories = reader.each(fields, "categories", |reader, item| {
        reader.word(item, Category::ALL)
    });
    let issuers = reader.each(fields, "issuers", values::institution);
    let unit = fields.get("unit");
    let unit = unit.and_then(|it| reader.word(&it, &Unit::ALL));
    let minimum = minimum_grade(reader, fields);
    let level = fields.get("level");
    let level = level.and_then(|it| values::level(reader, &it, "at_least"));
    let months = fields.get("earned_within_months");
    let months = months.and_then(|it| reader.count(&it, 1, MONTHS_MAX));
    let least = fields.get("amount_at_least");
    let least = least.and_then(|it| values::positive(reader, &it));
    if ["entries", "categories", "issuers"]
        .iter()
        .all(|name| fields.get(name).is_none_or(|spot| spot.items() == 0))
    {
        reader.wrong(fields.pointer(), told::any_source());
        return None;
    }
    Some(DocumentSource {
        entries,
        categories,
        issuers,
        unit: unit.unwrap_or(Unit::Credit),
        minimum_grade: minimum.unwrap_or(DocumentMinimum::Plain(MinimumGrade::Pass)),
        level,
        earned_within_months: months,
        amount_at_least: least,
    })
}

/// A pass, a score, or a grade of the scheme that stands beside it.
fn minimum_grade(reader: &mut Reader, fields: &Fields<'_>) -> Option<DocumentMinimum> {
    if let Some(scheme) = fields.get("grading") {
        let scheme = reader.text(&scheme, CODE_MAX);
        let grade = reader.need(fields, "minimum_grade");
        let grade = grade.and_then(|it| reader.text(&it, CODE_MAX));
        return Some(DocumentMinimum::InScheme {
            scheme: scheme?,
            grade: grade?,
        });
    }
    let spot = fields.get("minimum_grade")?;
    let written = reader.written(&spot)?;
    let parsed = written.parse::<MinimumGrade>();
    let minimum = reader.read(&spot, parsed, |error| told::grade(written, error));
    minimum.map(DocumentMinimum::Plain)
}

fn effect(reader: &mut Reader, spot: &Spot<'_>) -> Option<DocumentEffect> {
    let allowed = ["course", "credits", "ratio", "rounding", "books"];
    let fields = reader.fields(spot, &allowed)?;
    let course = reader.need(&fields, "course");
    let course = course.and_then(|it| values::course(reader, &it));
    let books = fields.get("books");
    let books = books.and_then(|it| reader.word(&it, BookedGrade::ALL));
    let gives = gives(reader, &fields);
    Some(DocumentEffect {
        course: course?,
        gives: gives?,
        books: books.unwrap_or(BookedGrade::AsEarned),
    })
}

/// The whole course, so many credits, or a part of what the lots have.
fn gives(reader: &mut Reader, fields: &Fields<'_>) -> Option<Gives> {
    let rounding = fields.get("rounding");
    match (fields.get("credits"), fields.get("ratio")) {
        (None, Some(ratio)) => {
            let written = reader.written(&ratio)?;
            let read = exact_ratio(written).ok_or(());
            let read = reader.read(&ratio, read, |()| told::ratio(written));
            let rounding = reader.need(fields, "rounding");
            let rounding = rounding.and_then(|it| reader.word(&it, Rounding::ALL));
            Some(Gives::Proportional {
                ratio: read?,
                rounding: rounding?,
            })
        }
        (Some(_), Some(ratio)) => {
            reader.wrong(&ratio.pointer, told::credits_or_ratio());
            None
        }
        (credits, None) => {
            if let Some(rounding) = rounding {
                reader.wrong(&rounding.pointer, told::only_for("rounding", "ratio"));
            }
            match credits {
                None => Some(Gives::Course),
                Some(credits) => values::positive(reader, &credits).map(Gives::Fixed),
            }
        }
    }
}

/// `1/16`, two whole numbers above zero.
fn exact_ratio(written: &str) -> Option<Ratio> {
    let (upper, lower) = written.split_once('/')?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|_| digits)
    };
    Ratio::new(number(upper)?, number(lower)?)
}
