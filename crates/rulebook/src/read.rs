//! From bytes to a document: bounds, then shape and values, then what the whole has to be.

mod caps;
mod header;
mod rules;
mod tests;
mod told;
mod values;

use creditbank_domain::conversion::Document;

pub(crate) use caps::SHAPES;

use crate::check::check;
use crate::document::RuleDocument;
use crate::fault::{DocumentFault, in_order};
use crate::limits::{
    CAPS_MAX, CODE_MAX, NOTE_MAX, PARTS_MAX, PROGRAMMES_MAX, RULES_MAX, SCHEMES_MAX, TESTS_MAX,
    TITLE_MAX,
};
use crate::reader::{Reader, Spot};
use crate::tree::build;

/// The fields of a document, in the order in which they are written.
pub(crate) const FIELDS: [&str; 16] = [
    "format",
    "receiving",
    "code",
    "programmes",
    "document",
    "valid_from",
    "valid_to",
    "approval",
    "source",
    "example",
    "schemes",
    "courses",
    "parts",
    "caps",
    "rules",
    "tests",
];

/// Reads a document, YAML or JSON.
///
/// # Errors
/// All faults in the order of their places, at most [`crate::FAULTS_MAX`]. Where the file cannot
/// be read at all, that alone.
pub fn parse(bytes: &[u8]) -> Result<RuleDocument, Vec<DocumentFault>> {
    let root = build(bytes)?;
    let mut reader = Reader::default();
    let document = read(&mut reader, &Spot::root(&root));
    let Reader { mut faults, places } = reader;
    let Some(mut document) = document else {
        return Err(in_order(faults));
    };
    document.places = places;
    // What could not be read was left out, so looking for what is missing would find too much.
    if faults.is_empty() {
        faults = check(&document);
    }
    if faults.is_empty() {
        Ok(document)
    } else {
        Err(in_order(faults))
    }
}

/// Nothing only where something has been told that stands in the way.
fn read(reader: &mut Reader, root: &Spot<'_>) -> Option<RuleDocument> {
    let fields = reader.fields(root, &FIELDS)?;
    if let Some(format) = reader.need(&fields, "format") {
        reader.count(&format, 1, 1);
    }
    let receiving = reader.need(&fields, "receiving");
    let receiving = receiving.and_then(|it| values::institution(reader, &it));
    let code = reader.need(&fields, "code");
    let code = code.and_then(|it| reader.text(&it, CODE_MAX));
    at_most(reader, &fields, "programmes", PROGRAMMES_MAX)?;
    let programmes = reader.each(&fields, "programmes", |reader, item| {
        reader.text(item, CODE_MAX)
    });
    let document = reader.need(&fields, "document");
    let document = document.and_then(|it| cited(reader, &it));
    let days = header::days(reader, &fields);
    let approval = reader.need(&fields, "approval");
    let approval = approval.and_then(|it| header::approval(reader, &it));
    let source = fields.get("source");
    let source = source.and_then(|it| reader.note_text(&it, NOTE_MAX));
    let example = fields.get("example").and_then(|it| reader.truth(&it));
    at_most(reader, &fields, "schemes", SCHEMES_MAX)?;
    let schemes = reader.each(&fields, "schemes", header::scheme);
    let courses = reader.each(&fields, "courses", header::course);
    at_most(reader, &fields, "parts", PARTS_MAX)?;
    let parts = reader.each(&fields, "parts", header::part);
    at_most(reader, &fields, "caps", CAPS_MAX)?;
    let caps = reader.each(&fields, "caps", caps::cap);
    reader.need(&fields, "rules");
    at_most(reader, &fields, "rules", RULES_MAX)?;
    let rules = reader.each(&fields, "rules", rules::rule);
    at_most(reader, &fields, "tests", TESTS_MAX)?;
    let tests = reader.each(&fields, "tests", tests::test);
    let (valid_from, valid_to) = days?;
    Some(RuleDocument {
        receiving: receiving?,
        code: code?,
        programmes,
        document: document?,
        valid_from,
        valid_to,
        approval: approval?,
        source,
        example: example.unwrap_or(false),
        schemes,
        courses,
        parts,
        caps,
        rules,
        tests,
        places: crate::fault::Places::default(),
    })
}

/// The document that a rule set cites.
fn cited(reader: &mut Reader, spot: &Spot<'_>) -> Option<Document> {
    let fields = reader.fields(spot, &["number", "title"])?;
    let number = reader.need(&fields, "number");
    let number = number.and_then(|it| reader.text(&it, CODE_MAX));
    let title = reader.need(&fields, "title");
    let title = title.and_then(|it| reader.text(&it, TITLE_MAX));
    Some(Document {
        number: number?,
        title: title?,
    })
}

/// Nothing where a list is too long to be looked at, which is told.
fn at_most(
    reader: &mut Reader,
    fields: &crate::reader::Fields<'_>,
    name: &str,
    most: usize,
) -> Option<()> {
    let Some(spot) = fields.get(name) else {
        return Some(());
    };
    if spot.items() > most {
        reader.wrong(&spot.pointer, told::too_many(most));
        return None;
    }
    Some(())
}
