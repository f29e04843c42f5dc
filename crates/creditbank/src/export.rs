//! The books as files that others can check: plain-text accounting, a table, or one JSON object a
//! transfer. The ledger streams; here is only how a transfer is written down.
//!
//! In plain-text accounting a transfer is a transaction of two postings on the day of the bank on which
//! it was recorded; the day from which it counts is a tag. Names are legal in hledger and beancount
//! alike.

mod beancount;
mod hledger;
mod json_lines;
mod names;
mod table;

use std::io::{self, Write};

use chrono::{DateTime, SecondsFormat, Utc};
use clap::ValueEnum;
use creditbank_ledger::reads::ExportedTransfer;

/// How transfers are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A journal of hledger (also read by ledger)
    Hledger,
    /// A file of beancount
    Beancount,
    /// A table with a heading, UTF-8
    Csv,
    /// One JSON object a line
    Jsonl,
}

impl Format {
    /// The one who writes it.
    pub(crate) fn scribe(self) -> Box<dyn Scribe> {
        match self {
            Self::Hledger => Box::<hledger::Journal>::default(),
            Self::Beancount => Box::<beancount::Journal>::default(),
            Self::Csv => Box::new(table::Table),
            Self::Jsonl => Box::new(json_lines::Lines),
        }
    }
}

/// Writes transfers in one of the formats.
pub(crate) trait Scribe {
    /// What stands before the first transfer.
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()>;

    /// Some transfers; those of one learner follow each other, in the order of the books.
    fn transfers(&mut self, page: &[ExportedTransfer], out: &mut dyn Write) -> io::Result<()>;

    /// What stands behind the last one.
    fn end(&mut self, count: u64, out: &mut dyn Write) -> io::Result<()>;
}

/// A moment as programs read it, in the microseconds in which the books count.
fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

#[cfg(test)]
mod tests;
