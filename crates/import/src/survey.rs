//! The first pass over a text file: its encoding and its line ends.
//!
//! The order is BOM, strict UTF-8, GB 18030. A file of both is read in the encoding of its header,
//! where that tells them apart, else of most of its lines; it loses only the lines of the other.

use std::io::{BufReader, Read};

use creditbank_domain::fault::Fault;

use crate::encoding::Encoding;
use crate::faults;
use crate::input::Input;
use crate::physical_lines::{LineEnd, PhysicalLine, PhysicalLines};

const SAMPLE_BYTES: u64 = 64 << 10;

/// How the bytes of a text file become lines of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Survey {
    /// The encoding of most lines, or of all.
    pub(crate) encoding: Encoding,
    /// What ends a line.
    pub(crate) line_end: LineEnd,
}

impl Survey {
    /// Reads the file once, or its start where a byte order mark says enough.
    ///
    /// `is_of` says whether a survey finds a header that is beyond ASCII, and so a witness.
    pub(crate) fn of(
        input: &Input,
        is_of: &dyn Fn(Self) -> Result<bool, Fault>,
    ) -> Result<Self, Fault> {
        let unreadable = |reason| faults::file_unreadable(&reason);
        let mut sample = Vec::new();
        let file = input.open().map_err(unreadable)?;
        file.take(SAMPLE_BYTES)
            .read_to_end(&mut sample)
            .map_err(unreadable)?;
        if let Some(encoding) = Encoding::of_bom(&sample) {
            if sample.len() == encoding.bom().len() {
                return Err(faults::file_empty());
            }
            return Ok(Self {
                encoding,
                line_end: line_end_of(&sample),
            });
        }
        refuse_unmarked_utf16(&sample)?;
        let line_end = line_end_of(&sample);
        let lines = |visit: &mut dyn FnMut(&[u8], &PhysicalLine)| {
            each_longer_line(input, line_end, visit).map_err(unreadable)
        };
        let has_header = |encoding| is_of(Self { encoding, line_end });
        Ok(Self {
            encoding: encoding_of(lines, has_header)?,
            line_end,
        })
    }
}

/// Decides between UTF-8 and GB 18030 by the header, then by the lines that tell them apart.
fn encoding_of(
    lines: impl Fn(&mut dyn FnMut(&[u8], &PhysicalLine)) -> Result<(), Fault>,
    has_header: impl Fn(Encoding) -> Result<bool, Fault>,
) -> Result<Encoding, Fault> {
    let mut beyond_ascii = 0_u64;
    let mut utf8 = 0_u64;
    lines(&mut |bytes, _| {
        beyond_ascii += 1;
        utf8 += u64::from(std::str::from_utf8(bytes).is_ok());
    })?;
    if utf8 == beyond_ascii {
        return Ok(Encoding::Utf8);
    }
    // Without its header no line of a file can be read, however many lines are of the other kind.
    for encoding in [Encoding::Utf8, Encoding::Gb18030] {
        if has_header(encoding)? {
            return Ok(encoding);
        }
    }
    // Nine of ten: a short name in GBK may by chance be UTF-8 too, nine lines of ten never are.
    if utf8.saturating_mul(10) >= beyond_ascii.saturating_mul(9) {
        return Ok(Encoding::Utf8);
    }
    let mut gb18030 = 0_u64;
    let mut first_bad = None;
    lines(&mut |bytes, line| {
        let valid = Encoding::Gb18030.valid_up_to(bytes);
        if valid == bytes.len() && !Encoding::Gb18030.is_belied_by(bytes) {
            gb18030 += 1;
        } else if first_bad.is_none() {
            let valid = u64::try_from(valid).unwrap_or_default();
            first_bad = Some(line.place.offset.saturating_add(valid));
        }
    })?;
    match first_bad {
        None => Ok(Encoding::Gb18030),
        Some(_) if gb18030 > utf8 && gb18030.saturating_mul(2) > beyond_ascii => {
            Ok(Encoding::Gb18030)
        }
        Some(_) if utf8 > gb18030 && utf8.saturating_mul(2) > beyond_ascii => Ok(Encoding::Utf8),
        Some(offset) => Err(faults::file_encoding(offset)),
    }
}

/// Visits the lines that are not plain ASCII; a line beyond the limit is nobody's witness.
fn each_longer_line(
    input: &Input,
    line_end: LineEnd,
    visit: &mut dyn FnMut(&[u8], &PhysicalLine),
) -> std::io::Result<()> {
    let source = BufReader::with_capacity(1 << 16, input.open()?);
    let mut lines = PhysicalLines::new(source, Encoding::Utf8, line_end)?;
    while let Some(line) = lines.next_line()? {
        if let Some(bytes) = line.bytes.as_deref().filter(|bytes| !bytes.is_ascii()) {
            visit(bytes, &line);
        }
    }
    Ok(())
}

fn line_end_of(sample: &[u8]) -> LineEnd {
    if sample.contains(&b'\r') && !sample.contains(&b'\n') {
        LineEnd::Cr
    } else {
        LineEnd::Lf
    }
}

/// In UTF-16 every delimiter and digit has a NUL beside it; a stray NUL is a fault of its line.
fn refuse_unmarked_utf16(sample: &[u8]) -> Result<(), Fault> {
    let nuls = sample.iter().filter(|byte| **byte == 0).count();
    let first = sample.iter().position(|byte| *byte == 0);
    match first {
        Some(first) if nuls.saturating_mul(8) > sample.len() => Err(
            faults::file_encoding_without_mark(u64::try_from(first).unwrap_or_default()),
        ),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survey(bytes: &[u8]) -> Result<Encoding, &'static str> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, bytes).unwrap();
        // These files have too few headings for a header; of files that have one see `text_rows`.
        Survey::of(&Input::of(&path), &|_| Ok(false))
            .map(|survey| survey.encoding)
            .map_err(|fault| fault.code)
    }

    fn gbk(text: &str) -> Vec<u8> {
        Encoding::Gb18030.encode(text)
    }

    #[test]
    fn marks_come_before_utf8_and_utf8_before_gb18030() {
        let text = "学号,姓名\n1,张三\n";
        for encoding in [Encoding::Utf8Bom, Encoding::Utf16Le, Encoding::Utf16Be] {
            let bytes = [encoding.bom(), &encoding.encode(text)].concat();
            assert_eq!(survey(&bytes), Ok(encoding));
        }
        assert_eq!(survey(text.as_bytes()), Ok(Encoding::Utf8));
        assert_eq!(survey(&gbk(text)), Ok(Encoding::Gb18030));
        assert_eq!(survey(b"plain,ascii\n"), Ok(Encoding::Utf8));
    }

    #[test]
    fn a_poisoned_line_does_not_change_the_encoding_of_the_others() {
        let utf8 = "学号,姓名\n1,欧阳娜\n2,李四光\n3,赵六儿\n".as_bytes();
        assert_eq!(
            survey(&[utf8, &gbk("4,王小五\n")].concat()),
            Ok(Encoding::Utf8)
        );
        let gb = gbk("学号,姓名\n1,欧阳娜\n2,李四光\n3,赵六儿\n");
        assert_eq!(
            survey(&[&gb, "4,王小五\n".as_bytes()].concat()),
            Ok(Encoding::Gb18030)
        );
    }

    #[test]
    fn what_is_neither_is_refused_and_never_guessed() {
        assert_eq!(
            survey(b"a,b\n\xFF\xFE\xFF,\x80\xFF\n"),
            Err("FILE_ENCODING")
        );
        let unmarked: Vec<u8> = "学号,1\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(survey(&unmarked), Err("FILE_ENCODING"));
    }

    #[test]
    fn a_mark_and_nothing_else_is_an_empty_file() {
        assert_eq!(survey(b"\xEF\xBB\xBF"), Err("FILE_EMPTY"));
    }
}
