//! JSON Lines of our own: an object a line, its members the fields of the dictionary.
//!
//! `docs/import-line.schema.json` says the same for other programs.

use std::io::BufReader;
use std::ops::ControlFlow;

use creditbank_domain::fault::Fault;
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::Error as NoField;
use serde_json::value::RawValue;

use super::json::Members;
use super::{Column, FormatRecord, RecordSource};
use crate::cell::Cell;
use crate::dictionary::Field;
use crate::encoding::Encoding;
use crate::faults;
use crate::input::Input;
use crate::physical_lines::{LineEnd, PhysicalLine, PhysicalLines};

/// The members that a result has more; a corrected line that comes back still has them.
pub(crate) const RESULT_MEMBERS: [&str; 3] = ["status", "codes", "explanation"];

/// A file of JSON Lines.
pub(crate) struct JsonLinesSource {
    input: Input,
}

impl JsonLinesSource {
    /// Nothing is read yet.
    pub(crate) fn new(input: &Input) -> Self {
        Self {
            input: input.clone(),
        }
    }

    /// True where a line is an object of ours: none of its members is of another format.
    pub(crate) fn is_line(line: &str) -> bool {
        let Ok(Members(members)) = serde_json::from_str(line) else {
            return false;
        };
        // A credential has a name of its own.
        let has = |wanted: &str| members.iter().any(|(name, _)| name == wanted);
        !has("credentialSubject") && members.iter().any(|(name, _)| field_of(name).is_some())
    }
}

/// The lines of a file with their bytes, blank ones left out.
pub(crate) fn each_line(
    input: &Input,
    visit: &mut dyn FnMut(PhysicalLine, u64) -> ControlFlow<()>,
) -> Result<(), Fault> {
    let unreadable = |reason| faults::file_unreadable(&reason);
    let source = BufReader::with_capacity(1 << 16, input.open().map_err(unreadable)?);
    let encoding = encoding_of(input).map_err(unreadable)?;
    let mut lines = PhysicalLines::new(source, encoding, LineEnd::Lf).map_err(unreadable)?;
    while let Some(line) = lines.next_line().map_err(unreadable)? {
        let bytes_read = line.place.offset.saturating_add(line.place.byte_count);
        let blank = |bytes: &Vec<u8>| bytes.iter().all(u8::is_ascii_whitespace);
        if line.bytes.as_ref().is_some_and(blank) {
            continue;
        }
        if visit(line, bytes_read).is_break() {
            break;
        }
    }
    Ok(())
}

fn encoding_of(input: &Input) -> std::io::Result<Encoding> {
    use std::io::Read as _;
    let mut start = Vec::new();
    input.open()?.take(3).read_to_end(&mut start)?;
    Ok(Encoding::of_bom(&start)
        .filter(|it| *it == Encoding::Utf8Bom)
        .unwrap_or(Encoding::Utf8))
}

impl RecordSource for JsonLinesSource {
    fn for_each(
        &mut self,
        visit: &mut dyn FnMut(FormatRecord) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        each_line(&self.input, &mut |line, bytes_read| {
            visit(FormatRecord {
                line_no: Some(line.no),
                at: None,
                content: content_of(&line),
                bytes_read,
            })
        })
    }
}

/// The text of a line.
pub(crate) fn text_of(line: &PhysicalLine) -> Result<&str, Fault> {
    let bytes = line.bytes.as_deref().ok_or_else(faults::line_too_long)?;
    std::str::from_utf8(bytes).map_err(|_| faults::line_encoding("UTF-8"))
}

fn content_of(line: &PhysicalLine) -> Result<Vec<(Column, Cell)>, Fault> {
    let text = text_of(line)?;
    let Members(members) =
        serde_json::from_str(text).map_err(|error| faults::json_line(error.column()))?;
    let mut content: Vec<(Column, Cell)> = Vec::new();
    for (name, value) in members {
        if RESULT_MEMBERS.contains(&name.as_str()) {
            continue;
        }
        let Some(field) = field_of(&name) else {
            return Err(faults::json_member(&shortened(&name)));
        };
        let column = Column::Field(field);
        if content.iter().any(|(known, _)| *known == column) {
            return Err(faults::json_member_twice(&shortened(&name)));
        }
        let text = text_of_value(field, &value);
        let text = text.ok_or_else(|| faults::json_value(&shortened(&name)))?;
        if text.contains('\0') {
            return Err(faults::line_nul());
        }
        content.push((column, Cell::Text(text)));
    }
    Ok(content)
}

fn shortened(name: &str) -> String {
    let plain = name.chars().filter(|character| !character.is_control());
    plain.take(40).collect()
}

/// The field of a member's name; those that only make sense in a list of meetings are none.
fn field_of(name: &str) -> Option<Field> {
    let field: Result<_, NoField> = Field::deserialize(name.into_deserializer());
    field
        .ok()
        .filter(|it| !matches!(it, Field::Ignored | Field::JoinedAt | Field::LeftAt))
}

/// A text as it is; a number where a figure is meant, with its own digits; yes and no where a flag
/// is; a list of texts for marks. `None` for anything else.
fn text_of_value(field: Field, value: &RawValue) -> Option<String> {
    let raw = value.get().trim();
    let figure = matches!(
        field,
        Field::Credits
            | Field::Hours
            | Field::LecturesDone
            | Field::ExamScore
            | Field::AttendedMinutes
            | Field::HeldMinutes
            | Field::Grade
            | Field::ResitGrade
            | Field::RetakeGrade
    );
    let flag = matches!(field, Field::Verdict | Field::ResitFlag | Field::RetakeFlag);
    match raw.as_bytes().first()? {
        b'"' => serde_json::from_str(raw).ok(),
        b'n' => Some(String::new()),
        b't' | b'f' if flag => Some(raw.to_owned()),
        b'-' | b'0'..=b'9' if figure => Some(raw.to_owned()),
        b'[' if field == Field::Marks => {
            let marks: Vec<String> = serde_json::from_str(raw).ok()?;
            Some(marks.join("; "))
        }
        _ => None,
    }
}
