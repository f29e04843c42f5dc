//! Caps: six shapes, each with the fields that mean something for it.

use creditbank_domain::catalogue::Category;
use creditbank_domain::conversion::{CapShape, MonthDay, Most};

use super::told;
use super::values;
use crate::document::DocumentCap;
use crate::limits::CODE_MAX;
use crate::reader::{Fields, Reader, Spot};

const FIELDS: [&str; 8] = [
    "code",
    "shape",
    "part",
    "categories",
    "institutions",
    "begins",
    "most",
    "least",
];

/// The shapes as they are written, in the order of the field's rules.
pub(crate) const SHAPES: [&str; 6] = [
    "programme",
    "source",
    "institution",
    "period",
    "certificate",
    "inside",
];

pub(super) fn cap(reader: &mut Reader, spot: &Spot<'_>) -> Option<DocumentCap> {
    let fields = reader.fields(spot, &FIELDS)?;
    let code = reader.need(&fields, "code");
    let code = code.and_then(|it| reader.text(&it, CODE_MAX));
    let part = fields.get("part");
    let part = part.and_then(|it| reader.text(&it, CODE_MAX));
    let categories = reader.each(&fields, "categories", |reader, item| {
        reader.word(item, Category::ALL)
    });
    let institutions = reader.each(&fields, "institutions", values::institution);
    let shape = reader.need(&fields, "shape");
    let shape = shape.and_then(|it| reader.word(&it, &SHAPES))?;
    let begins = begins(reader, &fields, shape);
    let most = most(reader, &fields, shape);
    Some(DocumentCap {
        code: code?,
        shape: match shape {
            "programme" => CapShape::Programme,
            "source" => CapShape::Source,
            "institution" => CapShape::Institution,
            "period" => CapShape::Period(begins?),
            "certificate" => CapShape::Certificate,
            _ => CapShape::Inside,
        },
        part,
        categories,
        institutions,
        most: most?,
    })
}

fn begins(reader: &mut Reader, fields: &Fields<'_>, shape: &str) -> Option<Vec<MonthDay>> {
    if shape != "period" {
        if let Some(spot) = fields.get("begins") {
            reader.wrong(&spot.pointer, told::only_for("begins", "period"));
        }
        return None;
    }
    reader.need(fields, "begins")?;
    Some(reader.each(fields, "begins", |reader, item| {
        let written = reader.written(item)?;
        let day = month_day(written).ok_or(());
        reader.read(item, day, |()| told::month_day(written))
    }))
}

/// `03-01`
fn month_day(written: &str) -> Option<MonthDay> {
    let (month, day) = written.split_once('-')?;
    let number = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|_| digits)
    };
    MonthDay::new(number(month)?, number(day)?)
}

/// `most`, or `least` of what has to come from inside.
fn most(reader: &mut Reader, fields: &Fields<'_>, shape: &str) -> Option<Most> {
    let (name, other, its_shape) = match shape {
        "inside" => ("least", "most", "programme … certificate"),
        _ => ("most", "least", "inside"),
    };
    if let Some(spot) = fields.get(other) {
        reader.wrong(&spot.pointer, told::only_for(other, its_shape));
    }
    let spot = reader.need(fields, name)?;
    let inner = reader.fields(&spot, &["credits", "percent"])?;
    match (inner.get("credits"), inner.get("percent")) {
        (Some(credits), None) => values::positive(reader, &credits).map(Most::Credits),
        (None, Some(percent)) => {
            let share = values::positive(reader, &percent)?;
            if share.get() > 10_000 {
                reader.wrong(&percent.pointer, told::share(share));
                return None;
            }
            Some(Most::Share(share))
        }
        _ => {
            reader.wrong(&spot.pointer, told::credits_or_percent());
            None
        }
    }
}
