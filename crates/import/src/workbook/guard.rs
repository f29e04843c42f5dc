//! Looks through the parts of an .xlsx before calamine believes what they say of themselves.
//!
//! calamine makes room for as many shared strings as an attribute claims, and keeps all strings,
//! styles and names in memory. Which part is what is for the workbook to say, so none is exempt;
//! what is no XML ends here where it ends there.

use std::io::{BufReader, ErrorKind, Read};

use creditbank_domain::fault::Fault;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use zip::ZipArchive;

use crate::faults;
use crate::formats::metered::Metered;
use crate::input::Input;

/// The most bytes of one tag, one run of text, or one string; a cell holds 32,767 characters.
const PIECE_BYTES_MAX: u64 = 1 << 20;
/// The most shared strings: more than six columns of 300,000 rows that are all different.
const STRINGS_MAX: u64 = 2_000_000;
/// The most bytes of them all.
const STRINGS_BYTES_MAX: u64 = 48 << 20;
/// The shortest shared string: `<si/>`.
const STRING_BYTES_MIN: u64 = 5;
/// The most styles, names, sheets and relations.
const KEPT_MAX: u64 = 100_000;
/// The most bytes of their tags and texts.
const KEPT_BYTES_MAX: u64 = 16 << 20;
/// Text so short between two tags is their indentation.
const INDENTATION_BYTES: u64 = 64;
/// The elements of which calamine keeps something, besides strings.
const KEPT: [&str; 12] = [
    "Relationship",
    "border",
    "cellStyle",
    "definedName",
    "dxf",
    "fill",
    "font",
    "numFmt",
    "rgbColor",
    "sheet",
    "stop",
    "xf",
];
/// The elements whose text becomes one string.
const STRINGS: [&str; 4] = ["f", "is", "si", "v"];

/// Refuses a workbook that would not fit into memory, whatever it claims.
pub(super) fn look_through(input: &Input) -> Result<(), Fault> {
    let file = input
        .open()
        .map_err(|reason| faults::file_unreadable(&reason))?;
    let archive = ZipArchive::new(BufReader::new(file));
    let mut archive = archive.map_err(|_| faults::file_damaged("zip"))?;
    let mut kept = Kept::default();
    for index in 0..archive.len() {
        let part = archive.by_index(index);
        let part = part.map_err(|_| faults::file_damaged("zip"))?;
        look_at(part, &mut kept)?;
    }
    Ok(())
}

/// What calamine would have in memory.
#[derive(Default)]
struct Kept {
    /// The largest number of strings that the part claims.
    claimed: u64,
    strings: u64,
    string_bytes: u64,
    others: u64,
    other_bytes: u64,
    counting: Option<Counting>,
}

/// A string whose text is being counted.
struct Counting {
    name: String,
    is_shared: bool,
    bytes: u64,
}

impl Kept {
    fn open(&mut self, tag: &BytesStart<'_>, bytes: u64) {
        let name = tag.name();
        let local: &str = name.local_name().into_inner();
        if local == "sst" {
            self.claimed = self.claimed.max(claimed_count(tag));
        }
        if local == "si" {
            self.strings += 1;
        }
        if KEPT.contains(&local) {
            self.others += 1;
            self.other_bytes = self.other_bytes.saturating_add(bytes);
        }
        if self.counting.is_none() && STRINGS.contains(&local) {
            let full: &str = name.as_ref();
            self.counting = Some(Counting {
                name: full.to_owned(),
                is_shared: local == "si",
                bytes: 0,
            });
        }
    }

    fn close(&mut self, name: &str) {
        if self.counting.as_ref().is_some_and(|it| it.name == name) {
            self.counting = None;
        }
    }

    fn text(&mut self, bytes: u64, at: u64) -> Result<(), Fault> {
        let Some(string) = &mut self.counting else {
            let bytes = bytes.saturating_sub(INDENTATION_BYTES);
            self.other_bytes = self.other_bytes.saturating_add(bytes);
            return Ok(());
        };
        string.bytes = string.bytes.saturating_add(bytes);
        if string.is_shared {
            self.string_bytes = self.string_bytes.saturating_add(bytes);
        }
        if string.bytes > PIECE_BYTES_MAX {
            return Err(faults::xml_too_large(at));
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Fault> {
        if self.strings > STRINGS_MAX || self.string_bytes > STRINGS_BYTES_MAX {
            return Err(faults::workbook_strings(STRINGS_MAX, STRINGS_BYTES_MAX));
        }
        if self.others > KEPT_MAX || self.other_bytes > KEPT_BYTES_MAX {
            return Err(faults::workbook_styles(KEPT_MAX));
        }
        Ok(())
    }
}

fn look_at(part: impl Read, kept: &mut Kept) -> Result<(), Fault> {
    let (source, meter) = Metered::new(part, PIECE_BYTES_MAX);
    let mut reader = Reader::from_reader(BufReader::new(source));
    let config = reader.config_mut();
    // As calamine has it: both have to go equally far.
    config.check_end_names = false;
    config.check_comments = false;
    config.expand_empty_elements = true;
    (kept.claimed, kept.counting) = (0, None);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        meter.next_piece();
        let before = reader.buffer_position();
        let event = reader.read_event_into(&mut buffer);
        let at = reader.buffer_position();
        let bytes = at.saturating_sub(before);
        match event {
            Ok(Event::Start(tag) | Event::Empty(tag)) => kept.open(&tag, bytes),
            Ok(Event::End(tag)) => kept.close(tag.name().as_ref()),
            Ok(Event::Text(_) | Event::CData(_) | Event::GeneralRef(_)) => kept.text(bytes, at)?,
            Ok(Event::DocType(_)) => return Err(faults::xml_doctype(at)),
            Ok(Event::Decl(_) | Event::PI(_) | Event::Comment(_)) => {}
            Err(quick_xml::Error::Io(reason)) if reason.kind() == ErrorKind::Other => {
                return Err(faults::xml_too_large(at));
            }
            Ok(Event::Eof) | Err(_) => break,
        }
        kept.check()?;
    }
    let room = meter.total() / STRING_BYTES_MIN;
    if kept.claimed > room.min(STRINGS_MAX) {
        return Err(faults::workbook_count(kept.claimed, meter.total()));
    }
    Ok(())
}

/// The largest number that anything called `uniqueCount` gives.
fn claimed_count(tag: &str) -> u64 {
    let mut claimed = 0;
    for (at, name) in tag.match_indices("uniqueCount") {
        let behind = tag.get(at + name.len()..).unwrap_or_default();
        let value = behind
            .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\'' | '+'));
        let digits = value.split(|c: char| !c.is_ascii_digit()).next();
        let count = match digits.unwrap_or_default() {
            "" => 0,
            digits => digits.parse().unwrap_or(u64::MAX),
        };
        claimed = claimed.max(count);
    }
    claimed
}
