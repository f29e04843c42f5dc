//! What is wrong with a document, and where.

use std::collections::BTreeMap;
use std::fmt;

use creditbank_domain::fault::Fault;

use crate::limits::FAULTS_MAX;

/// One thing that is wrong, with its place for the one who has to correct it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFault {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// RFC 6901, for example `/rules/0/when/entries/1`; empty for the whole document.
    pub pointer: String,
    /// The coded reason in both languages.
    pub fault: Fault,
}

impl fmt::Display for DocumentFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            column,
            pointer,
            fault,
        } = self;
        write!(f, "{line}:{column} {pointer} {fault}")
    }
}

/// A line and a column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl At {
    /// Where a document begins.
    pub(crate) const START: Self = Self { line: 1, column: 1 };

    pub(crate) fn fault(self, pointer: &str, fault: Fault) -> DocumentFault {
        DocumentFault {
            line: self.line,
            column: self.column,
            pointer: pointer.to_owned(),
            fault,
        }
    }
}

/// Where every value of a document stands, by its pointer.
///
/// Two documents are the same where they say the same, wherever it stands on the page; so all
/// places are equal.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places(BTreeMap<String, At>);

impl PartialEq for Places {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Places {}

impl Places {
    pub(crate) fn note(&mut self, pointer: &str, at: At) {
        self.0.insert(pointer.to_owned(), at);
    }

    /// The place of a value, or of the nearest that it stands in.
    pub(crate) fn at(&self, pointer: &str) -> At {
        let mut pointer = pointer;
        loop {
            if let Some(at) = self.0.get(pointer) {
                return *at;
            }
            match pointer.rsplit_once('/') {
                Some((outer, _)) => pointer = outer,
                None => return At::START,
            }
        }
    }

    pub(crate) fn fault(&self, pointer: &str, fault: Fault) -> DocumentFault {
        self.at(pointer).fault(pointer, fault)
    }
}

/// Faults in the order of their places, without what would be too many to be read.
pub(crate) fn in_order(mut faults: Vec<DocumentFault>) -> Vec<DocumentFault> {
    faults.sort_by_key(|fault| (fault.line, fault.column));
    faults.dedup();
    faults.truncate(FAULTS_MAX);
    faults
}

/// A piece of the document as it may be shown: short, without control characters.
pub(crate) fn shown(text: &str) -> String {
    const SHOWN_MAX: usize = 40;
    let mut characters = text.chars();
    let mut piece: String = characters
        .by_ref()
        .take(SHOWN_MAX)
        .map(|c| if c.is_control() { '·' } else { c })
        .collect();
    if characters.next().is_some() {
        piece.push('…');
    }
    piece
}
