//! Rows and cells as every kind of file gives them.

use creditbank_domain::fault::Fault;

use crate::fold;

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    /// What is written in it.
    Text(String),
    /// A number with more digits than a spreadsheet keeps: what is shown is not what was meant.
    Rounded(String),
    /// An error value of a spreadsheet, such as `#REF!`.
    Error(String),
}

impl Cell {
    /// What a person sees in the cell.
    pub(crate) fn shown(&self) -> &str {
        match self {
            Self::Text(text) | Self::Rounded(text) | Self::Error(text) => text,
        }
    }

    /// True where nothing but space is shown.
    pub(crate) fn is_blank(&self) -> bool {
        fold::trimmed(self.shown()).is_empty()
    }
}

/// Where a record of a text file stands, so that it can be copied byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// First byte.
    pub(crate) offset: u64,
    /// How many bytes, the line end not among them.
    pub(crate) byte_count: u64,
    /// The line end as it was; empty at the end of the file.
    pub(crate) line_end: Vec<u8>,
}

/// The intermediate record of every kind of file: a row of a sheet, a record of a text file, a
/// course of an XML transcript, a line of JSON.
///
/// With the header of its sheet its cells are named fields with their original text; all that
/// follows, from the dictionary to the ledger, knows nothing of where they come from.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The row of the sheet, or the line on which the record begins; from 1.
    pub(crate) line_no: u64,
    /// Its cells, or why it cannot be read while its neighbours can.
    pub(crate) content: Result<Vec<Cell>, Fault>,
    /// Absent where the file is not delimited text.
    pub(crate) place: Option<Place>,
    /// Where in the file it stands, for people, where its number does not say that.
    pub(crate) at: Option<String>,
    /// How much of the file lies behind, for showing progress.
    pub(crate) bytes_read: u64,
}

impl Row {
    /// Its cells; none where it could not be read.
    pub(crate) fn cells(&self) -> &[Cell] {
        self.content.as_deref().unwrap_or_default()
    }
}
