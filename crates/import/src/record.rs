//! A record of delimited text (RFC 4180, as leniently as spreadsheets write it).
//!
//! Fed line by line, so that a quote that never closes is noticed without reading on for ever.

use crate::limits::COLUMNS_MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first character of a cell.
    Start,
    /// In a cell without quotes, or behind the closing quote of one with them.
    Bare,
    /// Between quotes.
    Quoted,
    /// Behind a quote that either closes the cell or begins a doubled one.
    QuoteInQuoted,
}

/// A record that is being read.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    delimiter: char,
    state: State,
    cells: Vec<String>,
    cell: String,
    too_wide: bool,
}

impl Record {
    /// Nothing read yet.
    pub(crate) const fn new(delimiter: char) -> Self {
        Self {
            delimiter,
            state: State::Start,
            cells: Vec::new(),
            cell: String::new(),
            too_wide: false,
        }
    }

    /// Reads one line without its end.
    pub(crate) fn feed(&mut self, line: &str) {
        if self.state == State::Quoted {
            self.cell.push('\n');
        }
        for character in line.chars() {
            self.step(character);
        }
        if self.state == State::QuoteInQuoted {
            self.state = State::Bare;
        }
    }

    /// True where the record goes on in the next line.
    pub(crate) fn is_open(&self) -> bool {
        self.state == State::Quoted
    }

    /// The cells; `None` where there are too many.
    pub(crate) fn into_cells(mut self) -> Option<Vec<String>> {
        self.end_cell();
        if self.too_wide {
            None
        } else {
            Some(self.cells)
        }
    }

    fn step(&mut self, character: char) {
        match (self.state, character) {
            (State::Start, '"') => self.state = State::Quoted,
            (State::Quoted, '"') => self.state = State::QuoteInQuoted,
            (State::QuoteInQuoted, '"') => {
                self.cell.push('"');
                self.state = State::Quoted;
            }
            (State::Quoted, other) => self.cell.push(other),
            (_, other) if other == self.delimiter => {
                self.end_cell();
                self.state = State::Start;
            }
            (_, other) => {
                self.cell.push(other);
                self.state = State::Bare;
            }
        }
    }

    fn end_cell(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        if self.cells.len() < COLUMNS_MAX {
            self.cells.push(cell);
        } else {
            self.too_wide = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cells(text: &str) -> Option<Vec<String>> {
        let mut record = Record::new(',');
        text.split('\n').for_each(|line| record.feed(line));
        record.into_cells()
    }

    #[test]
    fn a_quoted_cell_holds_delimiters_quotes_and_line_ends() {
        assert_eq!(cells("a,\"b,c\",\"d\"\"e\"").unwrap(), ["a", "b,c", "d\"e"]);
        assert_eq!(cells("\"x\ny\",z").unwrap(), ["x\ny", "z"]);
        assert_eq!(cells("").unwrap(), [""]);
    }

    #[test]
    fn a_quote_that_never_closes_leaves_the_record_open() {
        let mut record = Record::new(',');
        record.feed("a,\"b");
        assert!(record.is_open());
        record.feed("c\"");
        assert!(!record.is_open());
    }

    #[test]
    fn too_many_columns_are_refused_and_the_last_allowed_one_is_not() {
        assert!(cells(&",".repeat(COLUMNS_MAX)).is_none());
        assert_eq!(
            cells(&",".repeat(COLUMNS_MAX - 1)).unwrap().len(),
            COLUMNS_MAX
        );
    }

    proptest! {
        #[test]
        fn cells_are_those_that_the_csv_crate_reads(text in "[a,\"é \n]{1,30}") {
            let mut oracle = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(text.as_bytes());
            let mut expected = Vec::new();
            for record in oracle.records() {
                let record = record.unwrap();
                expected.push(record.iter().map(str::to_owned).collect::<Vec<_>>());
            }
            let mut found = Vec::new();
            let mut record = Record::new(',');
            let mut fresh = true;
            for line in text.split('\n') {
                // The oracle passes over empty lines.
                if fresh && line.is_empty() {
                    continue;
                }
                record.feed(line);
                fresh = !record.is_open();
                if fresh {
                    found.extend(std::mem::replace(&mut record, Record::new(',')).into_cells());
                }
            }
            if !fresh {
                found.extend(record.into_cells());
            }
            prop_assert_eq!(found, expected);
        }
    }
}
