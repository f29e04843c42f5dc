//! What a file is, by its first bytes; its name proves nothing.

use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

use creditbank_domain::fault::Fault;
use infer::MatcherType;

use crate::archive::{self, ArchiveKind};
use crate::encoding::Encoding;
use crate::faults;
use crate::formats::elmo::ElmoSource;
use crate::formats::json_lines::{self, JsonLinesSource};
use crate::formats::pesc::PescSource;
use crate::formats::xml::{Step, XmlReader};
use crate::input::Input;
use crate::limits::FILE_BYTES_MAX;
use crate::page::WebPage;
use crate::xml_book::XmlBook;
use crate::{packed, tokens};

const SAMPLE_BYTES: u64 = 512;
const ZIP: &[u8] = b"PK\x03\x04";
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// The kinds of file that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// Delimited text.
    Text,
    /// A workbook of Office 2007 and later.
    Xlsx,
    /// A workbook of LibreOffice and its kin.
    Ods,
    /// A workbook of Office 97.
    Xls,
    /// A workbook of Office 2003 in XML.
    XmlBook,
    /// A web page with tables.
    Page,
    /// An ELMO transcript, bare or in an answer of EWP.
    Elmo,
    /// A PESC College Transcript or a batch of them.
    Pesc,
    /// JSON Lines of our own.
    JsonLines,
    /// A CLR 2.0 or Open Badges 3.0 document.
    Clr,
    /// A OneRoster exchange.
    OneRoster,
}

impl FileKind {
    /// The same of what may be packed, and what is to be read.
    pub(crate) fn unpacked(input: &Input) -> Result<(Self, Input), Fault> {
        check_size(input.path())?;
        if let Some(inside) = packed::unpacked(input)? {
            return match Self::of(&inside)? {
                kind @ (Self::Elmo | Self::Pesc | Self::Clr) => Ok((kind, inside)),
                _ => Err(faults::packed_kind()),
            };
        }
        if let Some(inside) = tokens::unpacked(input)? {
            return match Self::of(&inside)? {
                Self::Clr => Ok((Self::Clr, inside)),
                _ => Err(faults::json_unknown()),
            };
        }
        Ok((Self::of(input)?, input.clone()))
    }

    /// Looks at the size and the first bytes, and inside what is known by its inside alone.
    pub(crate) fn of(input: &Input) -> Result<Self, Fault> {
        check_size(input.path())?;
        let file = input
            .open()
            .map_err(|reason| faults::file_unreadable(&reason))?;
        let mut start = Vec::new();
        file.take(SAMPLE_BYTES)
            .read_to_end(&mut start)
            .map_err(|reason| faults::file_unreadable(&reason))?;
        if start.starts_with(ZIP) {
            return Ok(match archive::check(input)? {
                ArchiveKind::Xlsx => Self::Xlsx,
                ArchiveKind::Ods => Self::Ods,
                ArchiveKind::OneRoster => Self::OneRoster,
            });
        }
        if start.starts_with(COMPOUND) {
            return Ok(Self::Xls);
        }
        if let Some(other) = of_other(&start) {
            return Err(other);
        }
        if start.starts_with(b"MIME-Version:") {
            return Err(faults::file_kind(
                "单个文件网页(MHTML)",
                "a web archive (MHTML)",
            ));
        }
        match first_character(&start) {
            Some(b'<') => of_xml(input, &start),
            Some(b'{' | b'[') if !is_utf16(&start) => of_json(input),
            _ => Ok(Self::Text),
        }
    }
}

/// What is neither text nor a workbook, by the marks of pictures, archives and the like. Some marks
/// are two letters with which a heading may begin too (BM), so there has to be a byte of no text.
fn of_other(start: &[u8]) -> Option<Fault> {
    let marked = [b"%PDF".as_slice(), b"{\\rtf"]
        .iter()
        .any(|it| start.starts_with(it));
    let is_text = Encoding::of_bom(start).is_some() || start.iter().all(|byte| *byte > 0x08);
    if is_text && !marked {
        return None;
    }
    let kind = infer::get(start).filter(|kind| kind.matcher_type() != MatcherType::Text)?;
    let name = kind.extension().to_ascii_uppercase();
    Some(faults::file_kind(
        &format!("{name} 文件"),
        &format!("a {name} file"),
    ))
}

/// By its root element, unless it is a page, which need not be XML.
fn of_xml(input: &Input, start: &[u8]) -> Result<FileKind, Fault> {
    if WebPage::begins(start) {
        return Ok(FileKind::Page);
    }
    match XmlReader::open(input)?.next()? {
        Step::Open(tag) if ElmoSource::has_root(&tag.name) => Ok(FileKind::Elmo),
        Step::Open(tag) if PescSource::has_root(&tag.name) => Ok(FileKind::Pesc),
        Step::Open(tag) if XmlBook::has_root(&tag.name) => Ok(FileKind::XmlBook),
        _ => Err(faults::xml_unknown()),
    }
}

/// By its first line: ours are whole objects with members that we know.
fn of_json(input: &Input) -> Result<FileKind, Fault> {
    let mut kind = FileKind::Clr;
    json_lines::each_line(input, &mut |line, _| {
        if json_lines::text_of(&line).is_ok_and(JsonLinesSource::is_line) {
            kind = FileKind::JsonLines;
        }
        ControlFlow::Break(())
    })?;
    Ok(kind)
}

/// Refuses an empty file and one beyond the limit before a byte is read.
pub(crate) fn check_size(path: &Path) -> Result<u64, Fault> {
    let size = std::fs::metadata(path)
        .map_err(|reason| faults::file_unreadable(&reason))?
        .len();
    match size {
        0 => Err(faults::file_empty()),
        size if size > FILE_BYTES_MAX => Err(faults::file_too_large(size)),
        size => Ok(size),
    }
}

fn first_character(start: &[u8]) -> Option<u8> {
    let bom = Encoding::of_bom(start).map_or(0, |encoding| encoding.bom().len());
    let text = start.get(bom..).unwrap_or_default();
    text.iter()
        .find(|byte| !byte.is_ascii_whitespace() && **byte != 0)
        .copied()
}

fn is_utf16(start: &[u8]) -> bool {
    matches!(
        Encoding::of_bom(start),
        Some(Encoding::Utf16Le | Encoding::Utf16Be)
    )
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    fn kind(bytes: &[u8]) -> Result<FileKind, &'static str> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("transcript.csv");
        std::fs::write(&path, bytes).unwrap();
        FileKind::of(&Input::of(&path)).map_err(|fault| fault.code)
    }

    #[test]
    fn the_first_bytes_decide() {
        assert_eq!(kind("学号,姓名".as_bytes()), Ok(FileKind::Text));
        assert_eq!(kind(ZIP), Err("FILE_DAMAGED"));
        assert_eq!(kind(COMPOUND), Ok(FileKind::Xls));
        assert_eq!(kind(b"<elmo/>"), Ok(FileKind::Elmo));
        assert_eq!(
            kind(b"<?xml version='1.0'?><x:CollegeTranscript/>"),
            Ok(FileKind::Pesc)
        );
        assert_eq!(kind(b"<transcript/>"), Err("FILE_KIND"));
        assert_eq!(kind(b"\n{\"course_code\":\"M1\"}"), Ok(FileKind::JsonLines));
        assert_eq!(kind(b"{\n\"course_code\":\"M1\"}"), Ok(FileKind::Clr));
        assert_eq!(kind(b"[{}]"), Ok(FileKind::Clr));
        for other in [
            b"%PDF-1.7".as_slice(),
            b"\xFF\xD8\xFF\xE0\0\x10JFIF\0",
            b"Rar!\x1A\x07\x01\0",
            b"7z\xBC\xAF\x27\x1C\0\x04",
            b"BM\x36\x10\0\0",
            b"{\\rtf1 a}",
        ] {
            assert_eq!(kind(other), Err("FILE_KIND"), "{other:X?}");
        }
        assert_eq!(kind("BM,XM,成绩".as_bytes()), Ok(FileKind::Text));
        assert_eq!(kind(b"\xEF\xBB\xBF\r\n<html><table>"), Ok(FileKind::Page));
        assert_eq!(kind(b"<TABLE border=1><tr>"), Ok(FileKind::Page));
        assert_eq!(
            kind(b"<?xml version='1.0'?><Workbook/>"),
            Ok(FileKind::XmlBook)
        );
        assert_eq!(kind(b"MIME-Version: 1.0\r\n"), Err("FILE_KIND"));
        assert_eq!(kind(b""), Err("FILE_EMPTY"));
    }

    #[test]
    fn a_file_beyond_the_limit_is_refused_and_one_of_the_limit_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sparse");
        let file = File::create(&path).unwrap();
        file.set_len(FILE_BYTES_MAX).unwrap();
        assert_eq!(check_size(&path).unwrap(), FILE_BYTES_MAX);
        file.set_len(FILE_BYTES_MAX + 1).unwrap();
        assert_eq!(check_size(&path).unwrap_err().code, "FILE_TOO_LARGE");
        assert_eq!(
            FileKind::of(&Input::of(Path::new("/nowhere")))
                .unwrap_err()
                .code,
            "FILE_UNREADABLE"
        );
    }
}
