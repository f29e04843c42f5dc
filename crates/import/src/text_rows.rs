//! The records of a text file as rows, streamed: never more than one record is in memory.

use std::collections::VecDeque;
use std::io::BufReader;
use std::ops::ControlFlow;

use creditbank_domain::fault::Fault;

use crate::cell::{Cell, Place, Row};
use crate::delimiter;
use crate::encoding::Encoding;
use crate::faults;
use crate::header::Headings;
use crate::input::{Input, Opened};
use crate::limits::{HEADER_ROWS_MAX, RECORD_BYTES_MAX, RECORD_LINES_MAX};
use crate::physical_lines::{PhysicalLine, PhysicalLines};
use crate::record::Record;
use crate::survey::Survey;

/// A text file whose encoding, line ends and delimiter are known.
#[derive(Debug, Clone)]
pub(crate) struct TextFile {
    input: Input,
    survey: Survey,
    delimiter: char,
}

impl TextFile {
    /// Surveys the file and finds its delimiter.
    pub(crate) fn open(input: &Input, headings: &Headings<'_>) -> Result<Self, Fault> {
        let survey = Survey::of(input, &|survey| {
            Self::surveyed(input, survey, headings)?.has_header_beyond_ascii(headings)
        })?;
        Self::surveyed(input, survey, headings)
    }

    /// Finds the delimiter of a file that was surveyed.
    fn surveyed(input: &Input, survey: Survey, headings: &Headings<'_>) -> Result<Self, Fault> {
        let mut file = Self {
            input: input.clone(),
            survey,
            delimiter: ',',
        };
        let sample = file.sample()?;
        file.delimiter = delimiter::sniff(&sample, headings);
        Ok(file)
    }

    /// True where one of the first rows is a header and could not be one in another encoding; one
    /// of ASCII alone is a header in all of them.
    fn has_header_beyond_ascii(&self, headings: &Headings<'_>) -> Result<bool, Fault> {
        let mut records = self.records()?;
        for _ in 0..HEADER_ROWS_MAX {
            let Some(row) = records.next_row()? else {
                break;
            };
            let cells = row.cells();
            if headings.is_header(cells) && !cells.iter().all(|cell| cell.shown().is_ascii()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The file that it is.
    pub(crate) const fn input(&self) -> &Input {
        &self.input
    }

    /// Its encoding.
    pub(crate) const fn encoding(&self) -> Encoding {
        self.survey.encoding
    }

    /// What stands between two cells.
    pub(crate) const fn delimiter(&self) -> char {
        self.delimiter
    }

    /// Visits every record until told to stop.
    pub(crate) fn for_each_row(
        &self,
        visit: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let mut records = self.records()?;
        while let Some(row) = records.next_row()? {
            if visit(row).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The texts of the first lines, for finding the delimiter.
    fn sample(&self) -> Result<Vec<String>, Fault> {
        let mut records = self.records()?;
        let mut sample = Vec::new();
        while sample.len() < HEADER_ROWS_MAX {
            let Some(line) = records.take_line()? else {
                break;
            };
            sample.push(records.text_of(&line).unwrap_or_default());
        }
        Ok(sample)
    }

    fn records(&self) -> Result<Records, Fault> {
        let unreadable = |reason| faults::file_unreadable(&reason);
        let file = self.input.open().map_err(unreadable)?;
        let source = BufReader::with_capacity(1 << 16, file);
        let Survey { encoding, line_end } = self.survey;
        let lines = PhysicalLines::new(source, encoding, line_end).map_err(unreadable)?;
        Ok(Records {
            lines,
            ahead: VecDeque::new(),
            encoding,
            delimiter: self.delimiter,
        })
    }
}

struct Records {
    lines: PhysicalLines<BufReader<Opened>>,
    /// Lines that were read to see whether a quote closes, and are still to be used.
    ahead: VecDeque<PhysicalLine>,
    encoding: Encoding,
    delimiter: char,
}

impl Records {
    fn next_row(&mut self) -> Result<Option<Row>, Fault> {
        let Some(first) = self.take_line()? else {
            return Ok(None);
        };
        let mut place = first.place.clone();
        let content = match self.text_of(&first) {
            Ok(text) => self.cells_of(&text, &mut place)?,
            Err(fault) => Err(fault),
        };
        let end = u64::try_from(place.line_end.len()).unwrap_or_default();
        let bytes_read = place
            .offset
            .saturating_add(place.byte_count)
            .saturating_add(end);
        Ok(Some(Row {
            line_no: first.no,
            content,
            place: Some(place),
            at: None,
            bytes_read,
        }))
    }

    /// Reads on while a quote is open. Where it does not close, only the first line is lost.
    fn cells_of(
        &mut self,
        first: &str,
        place: &mut Place,
    ) -> Result<Result<Vec<Cell>, Fault>, Fault> {
        let mut record = Record::new(self.delimiter);
        record.feed(first);
        let mut used = 0;
        let mut byte_count = first.len();
        while record.is_open() {
            let Some(text) = self.text_ahead(used)? else {
                return Ok(Err(faults::quote_unclosed()));
            };
            byte_count = byte_count.saturating_add(text.len());
            used += 1;
            if used >= RECORD_LINES_MAX || byte_count > RECORD_BYTES_MAX {
                return Ok(Err(faults::quote_unclosed()));
            }
            record.feed(&text);
        }
        for line in self.ahead.drain(..used) {
            let end = line.place.offset.saturating_add(line.place.byte_count);
            place.byte_count = end.saturating_sub(place.offset);
            place.line_end = line.place.line_end;
        }
        let cells = record.into_cells().ok_or_else(faults::too_many_columns);
        Ok(cells.map(|cells| cells.into_iter().map(Cell::Text).collect()))
    }

    fn take_line(&mut self) -> Result<Option<PhysicalLine>, Fault> {
        match self.ahead.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self
                .lines
                .next_line()
                .map_err(|reason| faults::file_unreadable(&reason)),
        }
    }

    /// The text of a line ahead; `None` at the end of the file and for a line that has no text.
    fn text_ahead(&mut self, index: usize) -> Result<Option<String>, Fault> {
        if self.ahead.len() <= index {
            let next = self
                .lines
                .next_line()
                .map_err(|reason| faults::file_unreadable(&reason))?;
            self.ahead.extend(next);
        }
        Ok(self
            .ahead
            .get(index)
            .and_then(|line| self.text_of(line).ok()))
    }

    fn text_of(&self, line: &PhysicalLine) -> Result<String, Fault> {
        let bytes = line.bytes.as_deref().ok_or_else(faults::line_too_long)?;
        if self.encoding.is_belied_by(bytes) {
            return Err(faults::line_in_utf8(self.encoding.name()));
        }
        let text = self.encoding.decode(bytes);
        let text = text.ok_or_else(|| faults::line_encoding(self.encoding.name()))?;
        if text.contains('\0') {
            Err(faults::line_nul())
        } else {
            Ok(text)
        }
    }
}
