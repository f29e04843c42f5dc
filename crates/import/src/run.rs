//! An import from its file to the ledger: streamed, resumable, harmless when repeated.

use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;
use std::thread;

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, ReadImport, RunImport};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::ImportJobId;
use creditbank_domain::import_job::LinesTogether;
use creditbank_domain::outcome::LearnerRef;
use creditbank_ledger::flows::{
    ImportLine, ImportMode, LineResult, LineStatus, NewImport, OpenedImport, TriedLines,
    fail_import, finish_import, learner_words, note_mapping, note_signature, note_tried_lines,
    open_import, post_import_lines, save_mapping, try_import_lines,
};
use creditbank_ledger::reads::{ImportView, MappingVersion};
use creditbank_ledger::{Ledger, LedgerError};
use sha2::{Digest, Sha256};

use crate::error::ImportError;
use crate::faults;
use crate::input::Input;
use crate::kind::check_size;
use crate::line::LineParser;
use crate::mapping::ColumnMapping;
use crate::poster::{Poster, Work, leaves_a_processor};
use crate::settled::{Settled, broken_mapping, noted_mapping, noted_trust, open_transcript};
use crate::sheet::Role;
use crate::transcript::Transcript;
use crate::trust::Trust;

/// How many lines are posted in one transaction where nothing else is said.
const LINES_PER_TRANSACTION: usize = 10_000;

/// So many transactions of a dry run are looked up together: while one waits for its answers the
/// other works.
const TRIED_AT_ONCE: usize = 2;

/// More lines do not stand or fall together: they are one transaction, in memory as a whole.
const TOGETHER_MAX: usize = 20_000;

/// What is said beside a file that is imported.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// As the institution calls the file.
    pub file_name: String,
    /// Whether it posts or only says what would happen.
    pub mode: ImportMode,
    /// How the layout is to be read; kept for its next file.
    pub mapping: Option<ColumnMapping>,
    /// What was settled before, in the place of `mapping`: as an answer, or in the dry run that was
    /// approved.
    pub settled: Option<Settled>,
    /// Whose transcript it is, where no column says so.
    pub learner: Option<LearnerRef>,
    /// How its lines stand together.
    pub together: LinesTogether,
    /// How many lines are posted in one transaction, where each stands for itself.
    pub lines_per_transaction: usize,
    /// The job in which a second person approved it, where the institution wants that.
    pub approved_in: Option<ImportJobId>,
}

impl ImportOptions {
    /// A file with nothing special about it.
    pub fn new(file_name: impl Into<String>, mode: ImportMode) -> Self {
        Self {
            file_name: file_name.into(),
            mode,
            mapping: None,
            settled: None,
            learner: None,
            together: LinesTogether::Each,
            lines_per_transaction: LINES_PER_TRANSACTION,
            approved_in: None,
        }
    }

    /// The mapping that was said, if any was.
    pub(crate) fn said(&self) -> Option<&ColumnMapping> {
        let settled = self.settled.as_ref().map(|settled| &settled.mapping);
        settled.or(self.mapping.as_ref())
    }

    /// Digest of what decides what the lines mean: the mapping and the learner beside the file.
    ///
    /// An import goes on only under the same digest, else some of its lines would be read one way
    /// and the others another. The learner is in it by the ledger's keyed name alone.
    ///
    /// # Errors
    /// `MAPPING_INVALID` where the mapping cannot be written down.
    pub fn reading_sha256(&self, pseudonym: &dyn Fn(&str) -> String) -> Result<[u8; 32], Fault> {
        let learner = self.learner.as_ref();
        let learner = learner.map(|learner| pseudonym(&learner_words(learner)));
        // Both are written from ordered maps and lists, so equal ones are written alike.
        let reading = match self.together {
            LinesTogether::Each => serde_json::to_vec(&(self.said(), learner)),
            together => serde_json::to_vec(&(self.said(), learner, together.as_str())),
        };
        let reading = reading.map_err(|_| broken_mapping())?;
        Ok(Sha256::digest(reading).into())
    }
}

/// How far an import has come. The lines are those of this run: a resumed import begins at zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// How much of the file lies behind.
    pub bytes_read: u64,
    /// How large the file is.
    pub byte_count: u64,
    /// Lines answered.
    pub read: u64,
    /// Of them posted.
    pub posted: u64,
    /// Of them there before.
    pub already_posted: u64,
    /// Of them rejected.
    pub rejected: u64,
}

impl Progress {
    /// Counts the lines of a transaction by what became of them.
    pub(crate) fn count(&mut self, results: &[LineResult]) {
        for result in results {
            self.read += 1;
            match result.status {
                LineStatus::Posted => self.posted += 1,
                LineStatus::AlreadyPosted => self.already_posted += 1,
                LineStatus::Rejected => self.rejected += 1,
            }
        }
    }
}

/// What watches over an import that somebody may stop.
pub struct Watch<'a> {
    /// Told after every transaction; may say that it is enough.
    pub told: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
    /// Asked before every row, also of those that are passed over.
    pub stopped: &'a dyn Fn() -> bool,
}

impl Watch<'_> {
    /// Tells how far it has come after a transaction.
    ///
    /// # Errors
    /// [`ImportError::Stopped`] where that is enough.
    pub(crate) fn tell(&mut self, done: Progress) -> Result<(), ImportError> {
        match (self.told)(done) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ImportError::Stopped),
        }
    }
}

/// Imports a file; an unfinished import of the same bytes goes on where it stopped, provided that
/// it was read in the same way ([`ImportOptions::reading_sha256`]).
///
/// `progress` is told after every transaction.
///
/// # Errors
/// [`ImportError::Refused`] and [`ImportError::Failed`] where the file as a whole cannot be read,
/// [`ImportError::Ledger`] where the ledger does not answer or refuses the institution.
pub fn run_import(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    file: &Path,
    options: &ImportOptions,
    now: DateTime<Utc>,
    progress: &mut dyn FnMut(Progress),
) -> Result<ImportView, ImportError> {
    let mut watch = Watch {
        told: &mut |done| {
            progress(done);
            ControlFlow::Continue(())
        },
        stopped: &|| false,
    };
    run_watched_import(ledger, grant, file, options, now, &mut watch)
}

/// As [`run_import`], until the watch says that it is enough: [`ImportError::Stopped`]. What was
/// done by then stays done, and the import goes on with the next run.
///
/// # Errors
/// As [`run_import`].
pub fn run_watched_import(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    file: &Path,
    options: &ImportOptions,
    now: DateTime<Utc>,
    watch: &mut Watch<'_>,
) -> Result<ImportView, ImportError> {
    let byte_count = check_size(file)?;
    let new = NewImport {
        file_name: options.file_name.clone(),
        file_sha256: sha256_of(file)?,
        reading_sha256: options.reading_sha256(&|text| ledger.pseudonym(text))?,
        byte_count,
        mode: options.mode,
        approved_in: options.approved_in,
    };
    let opened = open_import(ledger, grant, &new, now).map_err(ImportError::Ledger)?;
    tracing::info!(import.id = %opened.import_id, byte_count, "import opened");
    let importing = Importing {
        ledger,
        grant,
        opened,
        now,
        together: options.together,
    };
    let done = Progress {
        byte_count,
        ..Progress::default()
    };
    match importing.whole_file(file, options, (done, watch)) {
        Ok(()) => finish_import(ledger, grant, opened.import_id, now).map_err(ImportError::Ledger),
        Err(ImportError::Refused(fault)) => {
            let view = fail_import(ledger, grant, opened.import_id, &fault, now);
            let view = Box::new(view.map_err(ImportError::Ledger)?);
            Err(ImportError::Failed { view, fault })
        }
        Err(other) => Err(other),
    }
}

struct Importing<'a> {
    ledger: &'a Ledger,
    grant: &'a Grant<RunImport>,
    opened: OpenedImport,
    now: DateTime<Utc>,
    together: LinesTogether,
}

impl Importing<'_> {
    fn whole_file(
        &self,
        file: &Path,
        options: &ImportOptions,
        (done, watch): (Progress, &mut Watch<'_>),
    ) -> Result<(), ImportError> {
        let transcript = self.open(file, options)?;
        thread::scope(|scope| {
            let dry = options.mode == ImportMode::DryRun;
            let work = Work {
                at_once: if dry { TRIED_AT_ONCE } else { 1 },
                reads_ahead: dry || leaves_a_processor(),
                look: move |lines: &[ImportLine]| {
                    dry.then(|| self.look(lines))
                        .transpose()
                        .map(Option::flatten)
                },
                note: |tried: Option<TriedLines>, lines: &[ImportLine]| self.note(tried, lines),
            };
            let mut poster = Poster::start(scope, work, (done, watch));
            self.every_row(transcript, options, &mut poster)?;
            poster.finish()
        })
    }

    fn look(&self, lines: &[ImportLine]) -> Result<Option<TriedLines>, LedgerError> {
        try_import_lines(self.ledger, self.grant, (lines, self.together), self.now)
    }

    fn note(
        &self,
        tried: Option<TriedLines>,
        lines: &[ImportLine],
    ) -> Result<Vec<LineResult>, LedgerError> {
        let import = self.opened.import_id;
        match tried {
            Some(tried) => note_tried_lines(self.ledger, self.grant, import, tried),
            None => {
                let lines = (lines, self.together);
                post_import_lines(self.ledger, self.grant, import, lines, self.now)
            }
        }
    }

    fn every_row(
        &self,
        mut transcript: Transcript,
        options: &ImportOptions,
        poster: &mut Poster<'_, '_>,
    ) -> Result<(), ImportError> {
        let (sheets, mapping) = (transcript.sheets.clone(), transcript.mapping.clone());
        let ledger = self.ledger;
        let parser = LineParser {
            sheets: &sheets,
            mapping: &mapping,
            learner: options.learner.as_ref(),
            today: creditbank_domain::calendar::bank_day(self.now),
            pseudonym: &|text| ledger.pseudonym(text),
        };
        let lines_max = match self.together {
            LinesTogether::Each => options.lines_per_transaction.max(1),
            LinesTogether::AllOrNothing => TOGETHER_MAX,
        };
        let mut lines = Vec::new();
        let mut stopped = None;
        transcript.for_each_row(&mut |row, role| {
            let Role::Lines(places) = role else {
                return ControlFlow::Continue(());
            };
            if poster.is_stopped() {
                stopped = Some(ImportError::Stopped);
                return ControlFlow::Break(());
            }
            for at in places {
                if at.line_no <= self.opened.resume_after_line {
                    continue;
                }
                lines.push(parser.line(&row, &at));
                if lines.len() < lines_max {
                    continue;
                }
                if self.together == LinesTogether::AllOrNothing {
                    stopped = Some(faults::too_many_together(TOGETHER_MAX).into());
                    return ControlFlow::Break(());
                }
                if let Err(error) = poster.post(std::mem::take(&mut lines), row.bytes_read) {
                    stopped = Some(error);
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        })?;
        stopped.map_or(Ok(()), Err)?;
        poster.post(lines, poster.byte_count())
    }

    /// Opens the file with the mapping by which its first line was read, if there was one, and
    /// notes which one it is.
    fn open(&self, file: &Path, options: &ImportOptions) -> Result<Transcript, ImportError> {
        let (ledger, import) = (self.ledger, self.opened.import_id);
        let reading = self.grant.narrowed::<ReadImport>();
        let reading = reading.map_err(|denied| ImportError::Ledger(denied.into()))?;
        let trust = noted_trust(ledger, &reading, import)?;
        let input = Input::of(file).trusting(trust.unwrap_or_else(|| Trust::at(self.now)));
        let noted = noted_mapping(ledger, &reading, import)?;
        let settled = noted.as_ref().or(options.settled.as_ref());
        let given = settled.map(|it| &it.mapping).or(options.mapping.as_ref());
        let mut found = None;
        let transcript = open_transcript(ledger, &reading, &input, given, &mut found)?;
        if let Some(signature) = transcript.table.signature() {
            let kept = note_signature(ledger, self.grant, import, &signature);
            if kept.map_err(ImportError::Ledger)? != signature {
                // Another process was first, with other certificates or at another moment.
                return self.open(file, options);
            }
        }
        transcript.check(options.learner.as_ref())?;
        let kept = match (settled, &options.mapping, &transcript.layout) {
            (Some(settled), _, _) => settled.kept.clone(),
            (None, Some(mapping), Some(layout)) => Some(self.save(layout, mapping)?),
            // It is given again with the file, and kept nowhere.
            (None, Some(_), None) => return Ok(transcript),
            (None, None, _) => found,
        };
        note_mapping(ledger, self.grant, import, kept.as_ref()).map_err(ImportError::Ledger)?;
        Ok(transcript)
    }

    fn save(&self, layout: &str, mapping: &ColumnMapping) -> Result<MappingVersion, ImportError> {
        let value = serde_json::to_value(mapping).map_err(|_| broken_mapping())?;
        save_mapping(self.ledger, self.grant, layout, &value, self.now).map_err(ImportError::Ledger)
    }
}

/// Digest of a file's bytes, read in pieces.
fn sha256_of(file: &Path) -> Result<[u8; 32], Fault> {
    let unreadable = |reason| faults::file_unreadable(&reason);
    let mut source = File::open(file).map_err(unreadable)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = source.read(&mut buffer).map_err(unreadable)?;
        match buffer.get(..read) {
            Some(piece) if read > 0 => digest.update(piece),
            _ => return Ok(digest.finalize().into()),
        }
    }
}

#[cfg(test)]
mod tests;
