//! Reading a whole file without a ledger: for looking before posting, and for tests.

use std::ops::ControlFlow;
use std::path::Path;

use chrono::NaiveDate;
use creditbank_domain::fault::Fault;
use creditbank_domain::outcome::LearnerRef;

use crate::ImportLine;
use crate::line::LineParser;
use crate::mapping::ColumnMapping;
use crate::sheet::Role;
use crate::transcript::Transcript;

/// What is said beside a file that is read without a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// How the layout is to be read, where the dictionary does not know it.
    pub mapping: Option<ColumnMapping>,
    /// Whose transcript it is, where no column says so.
    pub learner: Option<LearnerRef>,
    /// Documents of the future are refused.
    pub today: NaiveDate,
}

/// Reads every line of a file: each one is an outcome or all its faults.
///
/// `pseudonym` names a text so that nobody without the bank's key can guess it back. All lines are
/// kept in memory, so this is for small files; an import streams.
///
/// # Errors
/// The coded fault of the file as a whole.
pub fn read_lines(
    path: &Path,
    options: &ReadOptions,
    pseudonym: &dyn Fn(&str) -> String,
) -> Result<Vec<ImportLine>, Fault> {
    let mut transcript = Transcript::open(path, options.mapping.as_ref(), &mut |_| None)?;
    transcript.check(options.learner.as_ref())?;
    let (sheets, mapping) = (transcript.sheets.clone(), transcript.mapping.clone());
    let parser = LineParser {
        sheets: &sheets,
        mapping: &mapping,
        learner: options.learner.as_ref(),
        today: options.today,
        pseudonym,
    };
    let mut lines = Vec::new();
    transcript.for_each_row(&mut |row, role| {
        if let Role::Lines(at) = role {
            lines.extend(at.iter().map(|at| parser.line(&row, at)));
        }
        ControlFlow::Continue(())
    })?;
    Ok(lines)
}
