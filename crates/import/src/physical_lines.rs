//! Physical lines of a text file as bytes, each bounded, with its place in the file.
//!
//! Lines are cut before they are decoded, so that one poisoned line spoils nothing but itself. In
//! UTF-8 and GB 18030 no longer character contains the byte of a line end; UTF-16 is cut by units.

use std::io::{BufRead, Result};

use crate::cell::Place;
use crate::encoding::Encoding;
use crate::limits::RECORD_BYTES_MAX;

/// Which character ends a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineEnd {
    /// LF, with or without a CR before it.
    Lf,
    /// CR alone, as old Macs wrote.
    Cr,
}

/// One line, its end cut off.
#[derive(Debug, Clone)]
pub(crate) struct PhysicalLine {
    /// From 1.
    pub(crate) no: u64,
    /// Where it stands.
    pub(crate) place: Place,
    /// Its bytes; `None` where it is longer than a line may be.
    pub(crate) bytes: Option<Vec<u8>>,
}

/// Cuts a file into lines.
pub(crate) struct PhysicalLines<R> {
    source: R,
    encoding: Encoding,
    end_unit: [u8; 2],
    offset: u64,
    no: u64,
}

impl<R: BufRead> PhysicalLines<R> {
    /// Begins behind the byte order mark.
    pub(crate) fn new(mut source: R, encoding: Encoding, line_end: LineEnd) -> Result<Self> {
        let bom = encoding.bom();
        source.read_exact(&mut vec![0; bom.len()])?;
        let character = match line_end {
            LineEnd::Lf => b'\n',
            LineEnd::Cr => b'\r',
        };
        let end_unit = match encoding {
            Encoding::Utf16Be => [0, character],
            _ => [character, 0],
        };
        Ok(Self {
            source,
            encoding,
            end_unit,
            offset: length(bom.len()),
            no: 0,
        })
    }

    /// The next line; `None` behind the last one.
    pub(crate) fn next_line(&mut self) -> Result<Option<PhysicalLine>> {
        let offset = self.offset;
        let mut bytes = Some(Vec::new());
        let mut first_of_unit = None;
        loop {
            let buffer = self.source.fill_buf()?;
            if buffer.is_empty() {
                break;
            }
            let end = end_in(buffer, self.encoding, self.end_unit, &mut first_of_unit);
            let taken = end.unwrap_or(buffer.len());
            let part = buffer.get(..taken).unwrap_or(buffer);
            bytes = bytes.filter(|kept| kept.len() + part.len() <= RECORD_BYTES_MAX);
            if let Some(kept) = &mut bytes {
                kept.extend_from_slice(part);
            }
            self.source.consume(taken);
            self.offset += length(taken);
            if end.is_some() {
                return Ok(Some(self.line(offset, bytes, true)));
            }
        }
        if self.offset == offset {
            Ok(None)
        } else {
            Ok(Some(self.line(offset, bytes, false)))
        }
    }

    fn line(&mut self, offset: u64, bytes: Option<Vec<u8>>, ended: bool) -> PhysicalLine {
        self.no += 1;
        let whole = self.offset - offset;
        let mut line_end = Vec::new();
        let mut bytes = bytes;
        if ended {
            line_end = self.unit(self.end_unit);
            if let Some(kept) = &mut bytes {
                kept.truncate(kept.len().saturating_sub(line_end.len()));
            }
            let carriage_return = self.encoding.encode("\r");
            let lf = line_end != carriage_return;
            if lf
                && bytes
                    .as_ref()
                    .is_some_and(|kept| kept.ends_with(&carriage_return))
            {
                if let Some(kept) = &mut bytes {
                    kept.truncate(kept.len() - carriage_return.len());
                }
                line_end = [carriage_return, line_end].concat();
            }
        }
        let byte_count = whole.saturating_sub(length(line_end.len()));
        PhysicalLine {
            no: self.no,
            place: Place {
                offset,
                byte_count,
                line_end,
            },
            bytes,
        }
    }

    fn unit(&self, unit: [u8; 2]) -> Vec<u8> {
        match self.encoding {
            Encoding::Utf16Le | Encoding::Utf16Be => unit.to_vec(),
            _ => unit.into_iter().take(1).collect(),
        }
    }
}

/// How many bytes of the buffer belong to the line, where the line ends inside it.
fn end_in(
    buffer: &[u8],
    encoding: Encoding,
    end_unit: [u8; 2],
    first_of_unit: &mut Option<u8>,
) -> Option<usize> {
    if !matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be) {
        let [character, _] = end_unit;
        return buffer
            .iter()
            .position(|byte| *byte == character)
            .map(|index| index + 1);
    }
    for (index, byte) in buffer.iter().enumerate() {
        match first_of_unit.take() {
            None => *first_of_unit = Some(*byte),
            Some(first) if [first, *byte] == end_unit => return Some(index + 1),
            Some(_) => {}
        }
    }
    None
}

/// A length in memory as a length in a file.
fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor};

    use super::*;

    fn lines(bytes: &[u8], encoding: Encoding, line_end: LineEnd) -> Vec<PhysicalLine> {
        // A buffer of three bytes cuts units and line ends in two.
        let source = BufReader::with_capacity(3, Cursor::new(bytes.to_vec()));
        let mut lines = PhysicalLines::new(source, encoding, line_end).unwrap();
        let mut all = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            all.push(line);
        }
        all
    }

    #[test]
    fn utf16_lines_are_cut_by_units_not_by_bytes() {
        // U+0A0A and U+010D hold the byte of a line end without being one.
        let text = "\u{0A0A}\u{010D}a\r\n学号\nb";
        for encoding in [Encoding::Utf16Le, Encoding::Utf16Be] {
            let bytes = [encoding.bom(), &encoding.encode(text)].concat();
            let texts: Vec<_> = lines(&bytes, encoding, LineEnd::Lf)
                .iter()
                .map(|line| encoding.decode(line.bytes.as_ref().unwrap()).unwrap())
                .collect();
            assert_eq!(texts, ["\u{0A0A}\u{010D}a", "学号", "b"]);
        }
    }

    #[test]
    fn places_and_line_ends_together_are_the_whole_file() {
        for text in ["a\r\nbb\n\nc", "a\n", "\r\n", "", "x"] {
            let mut again = Vec::new();
            for line in lines(text.as_bytes(), Encoding::Utf8, LineEnd::Lf) {
                let from = usize::try_from(line.place.offset).unwrap();
                let to = from + usize::try_from(line.place.byte_count).unwrap();
                again.extend_from_slice(&text.as_bytes()[from..to]);
                again.extend_from_slice(&line.place.line_end);
            }
            assert_eq!(again, text.as_bytes());
        }
    }

    #[test]
    fn a_line_beyond_the_limit_is_passed_over_without_being_kept() {
        let long = "x".repeat(RECORD_BYTES_MAX + 1);
        let text = format!("{}\n{long}\nafter", "y".repeat(RECORD_BYTES_MAX - 1));
        let all = lines(text.as_bytes(), Encoding::Utf8, LineEnd::Lf);
        let kept: Vec<_> = all.iter().map(|line| line.bytes.is_some()).collect();
        assert_eq!(kept, [true, false, true]);
        assert_eq!(
            usize::try_from(all[1].place.byte_count).unwrap(),
            long.len()
        );
    }

    #[test]
    fn lines_of_old_macs_end_with_a_carriage_return() {
        let all = lines(b"a\rb\r", Encoding::Utf8, LineEnd::Cr);
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].place.line_end, b"\r");
    }
}
