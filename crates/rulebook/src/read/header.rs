//! Who, when, and what there is: days, approval, courses, parts.

use chrono::NaiveDate;
use creditbank_domain::grading::{GradingScheme, Steps};

use super::values;
use super::{at_most, told};
use crate::document::{Approval, DocumentCourse, DocumentPart};
use crate::limits::{CODE_MAX, STEPS_MAX, TITLE_MAX};
use crate::reader::{Fields, Reader, Spot};

pub(super) fn days(
    reader: &mut Reader,
    fields: &Fields<'_>,
) -> Option<(NaiveDate, Option<NaiveDate>)> {
    let from = reader.need(fields, "valid_from");
    let from = from.and_then(|it| reader.day(&it));
    let last = fields.get("valid_to");
    let to = last.as_ref().and_then(|it| reader.day(it));
    if let (Some(from), Some(to), Some(last)) = (from, to, &last)
        && to < from
    {
        reader.wrong(&last.pointer, told::ends_first(from));
    }
    Some((from?, to))
}

pub(super) fn approval(reader: &mut Reader, spot: &Spot<'_>) -> Option<Approval> {
    let fields = reader.fields(spot, &["people", "committee", "quorum"])?;
    let people = fields.get("people");
    let committee = fields.get("committee");
    match (people, committee) {
        (Some(people), None) if fields.get("quorum").is_none() => {
            let people = reader.count(&people, 2, 99)?;
            Some(Approval::People(people))
        }
        (None, Some(committee)) => {
            let code = reader.text(&committee, CODE_MAX);
            let quorum = reader.need(&fields, "quorum");
            let quorum = quorum.and_then(|it| reader.count(&it, 2, 999));
            Some(Approval::Committee {
                code: code?,
                quorum: quorum?,
            })
        }
        _ => {
            reader.wrong(fields.pointer(), told::approval());
            None
        }
    }
}

pub(super) fn course(reader: &mut Reader, spot: &Spot<'_>) -> Option<DocumentCourse> {
    let fields = reader.fields(spot, &["code", "title", "credits"])?;
    let code = reader.need(&fields, "code");
    let code = code.and_then(|it| values::course(reader, &it));
    let title = reader.need(&fields, "title");
    let title = title.and_then(|it| reader.text(&it, TITLE_MAX));
    let credits = reader.need(&fields, "credits");
    let credits = credits.and_then(|it| values::positive(reader, &it));
    Some(DocumentCourse {
        code: code?,
        title: title?,
        credits: credits?,
    })
}

pub(super) fn part(reader: &mut Reader, spot: &Spot<'_>) -> Option<DocumentPart> {
    let allowed = ["code", "title", "credits", "replaceable", "courses"];
    let fields = reader.fields(spot, &allowed)?;
    let code = reader.need(&fields, "code");
    let code = code.and_then(|it| reader.text(&it, CODE_MAX));
    let title = reader.need(&fields, "title");
    let title = title.and_then(|it| reader.text(&it, TITLE_MAX));
    let credits = fields.get("credits");
    let credits = credits.and_then(|it| values::positive(reader, &it));
    let replaceable = fields.get("replaceable");
    let replaceable = replaceable.and_then(|it| reader.truth(&it));
    let courses = reader.each(&fields, "courses", values::course);
    Some(DocumentPart {
        code: code?,
        title: title?,
        credits,
        courses,
        replaceable: replaceable.unwrap_or(true),
    })
}

/// A scheme by its words, best first, or by its worst and its best number.
pub(super) fn scheme(reader: &mut Reader, spot: &Spot<'_>) -> Option<GradingScheme> {
    let fields = reader.fields(spot, &["code", "steps", "worst", "best", "pass"])?;
    let code = reader.need(&fields, "code");
    let code = code.and_then(|it| reader.text(&it, CODE_MAX));
    let pass = reader.need(&fields, "pass");
    let pass = pass.and_then(|it| reader.text(&it, CODE_MAX));
    at_most(reader, &fields, "steps", STEPS_MAX)?;
    let steps = match (fields.get("steps"), fields.get("worst"), fields.get("best")) {
        (Some(_), None, None) => Some(Steps::Named(reader.each(
            &fields,
            "steps",
            |reader, item| reader.text(item, CODE_MAX),
        ))),
        (None, Some(worst), Some(best)) => {
            let worst = values::amount(reader, &worst);
            let best = values::amount(reader, &best);
            worst
                .zip(best)
                .map(|(worst, best)| Steps::Numbers { worst, best })
        }
        _ => {
            reader.wrong(fields.pointer(), told::steps());
            None
        }
    };
    Some(GradingScheme {
        code: code?,
        steps: steps?,
        pass: pass?,
        // Its register says where it comes from; the document only repeats it.
        source: String::new(),
    })
}
