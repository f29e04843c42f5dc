//! Transcript files into the ledger.
//!
//! Institutions send what their system exports: CSV in three encodings, Excel's Unicode text,
//! workbooks. This crate decodes it, finds the header, reads every line into an outcome or all its
//! faults, posts what can be posted and hands the institution its own file back with the results.
//!
//! It never sees SQL, and the API never sees it. Memory stays flat: a file is read from its path,
//! record by record, whatever its size; what is too large is refused by its place.

mod archive;
mod attendance;
mod blocks;
mod cell;
mod cohort;
mod cohort_line;
mod date;
mod delimiter;
mod dictionary;
mod encoding;
mod error;
mod faults;
mod fold;
mod formats;
mod formula;
mod header;
mod input;
mod kind;
mod limits;
mod line;
mod line_action;
mod line_cells;
mod line_learner;
mod line_level;
mod line_progress;
mod line_share;
mod line_verdict;
mod mapping;
mod mapping_faults;
mod moment;
mod ods;
mod packed;
mod page;
mod physical_lines;
mod poster;
mod questions;
mod reading;
mod record;
mod result_file;
mod run;
mod settled;
mod sheet;
mod survey;
mod table;
mod term;
mod text_rows;
mod tokens;
mod transcript;
mod trust;
mod workbook;
mod xls;
mod xml_book;

pub use cohort::{cohort_reading_sha256, run_watched_cohort};
pub use creditbank_ledger::flows::{ImportLine, LineContent};
pub use dictionary::Field;
pub use error::ImportError;
pub use input::limit_reading;
pub use mapping::{AttendanceMapping, ColumnMapping, JoinedColumns};
pub use mapping_faults::{check_mapping, mapping_faults};
pub use questions::{ColumnQuestion, LevelQuestion, Look, Missing, Questions, WordQuestion, look};
pub use reading::{ReadOptions, read_lines};
pub use result_file::{
    LineNote, Notes, result_file_from_ledger, result_file_name, result_file_of_cohort,
    write_result_file,
};
pub use run::{ImportOptions, Progress, Watch, run_import, run_watched_import};
pub use settled::Settled;
pub use trust::{TrustedSender, TrustedSenders, trust_senders};

#[cfg(test)]
mod tests;
