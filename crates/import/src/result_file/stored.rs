//! Result files from what the ledger has kept of an import.

use std::collections::VecDeque;
use std::path::Path;

use creditbank_domain::authz::{Grant, ReadImport};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::ImportId;
use creditbank_ledger::Ledger;
use creditbank_ledger::flows::{ImportMode, LineStatus};
use creditbank_ledger::reads::{self, ImportState, ImportView, StoredLineResult};

use super::{LineNote, write_transcript};
use crate::error::ImportError;
use crate::input::Input;
use crate::mapping::ColumnMapping;
use crate::settled::{noted_mapping, noted_trust, open_transcript};
use crate::transcript::Transcript;

/// How many results are read at once.
const PAGE_LINES: u32 = 200;

/// Writes the result file of a finished import.
///
/// `original` is the file that was imported. It is read by the mapping that is noted of the import;
/// of one before there were notes, by the one given with it, else by the one kept for its layout.
///
/// # Errors
/// `IMPORT_NOT_FINISHED`, the import's own fault where it failed, `RESULT_FILE_MISMATCH` where
/// `original` is another file; [`ImportError::Ledger`], [`ImportError::ResultFile`].
pub fn result_file_from_ledger(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    import_id: ImportId,
    original: &Path,
    mapping: Option<&ColumnMapping>,
    out: &Path,
) -> Result<(), ImportError> {
    let view = reads::import(ledger, grant, import_id).map_err(ImportError::Ledger)?;
    refuse_unfinished(&view)?;
    let noted = noted_mapping(ledger, grant, import_id)?;
    let mapping = noted.as_ref().map(|it| &it.mapping).or(mapping);
    let trust = noted_trust(ledger, grant, import_id)?;
    let input = Input::of(original).trusting(trust.unwrap_or_default());
    let transcript = open_transcript(ledger, grant, &input, mapping, &mut None)?;
    write_stored(
        (ledger, grant),
        &view,
        transcript,
        (original, out),
        &OUTCOMES,
    )
}

/// Writes the result file of a file of requests that has ended.
///
/// # Errors
/// As [`result_file_from_ledger`].
pub fn result_file_of_cohort(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    import_id: ImportId,
    original: &Path,
    mapping: Option<&ColumnMapping>,
    out: &Path,
) -> Result<(), ImportError> {
    let view = reads::import(ledger, grant, import_id).map_err(ImportError::Ledger)?;
    refuse_unfinished(&view)?;
    let transcript = Transcript::open_requests(original, mapping)?;
    write_stored(
        (ledger, grant),
        &view,
        transcript,
        (original, out),
        &REQUESTS,
    )
}

/// What is said of a line that was done, that would be, and that was done before.
struct Words {
    done: &'static str,
    possible: &'static str,
    before: &'static str,
    /// What is a note of a line that was done, and no fault of it.
    note: &'static str,
}

const OUTCOMES: Words = Words {
    done: "已入账",
    possible: "可入账",
    before: "已存在",
    note: "",
};
const REQUESTS: Words = Words {
    done: "已申请",
    possible: "可申请",
    before: "此前已申请",
    note: "REQUESTED",
};

fn write_stored(
    (ledger, grant): (&Ledger, &Grant<ReadImport>),
    view: &ImportView,
    transcript: Transcript,
    (original, out): (&Path, &Path),
    words: &Words,
) -> Result<(), ImportError> {
    let mut results = Results {
        ledger,
        grant,
        import_id: view.import_id,
        page: VecDeque::new(),
        after: 0,
        ended: false,
    };
    let mut lines = 0_u64;
    write_transcript(transcript, original, out, &mut |line_no| {
        lines += 1;
        let stored = results.of(line_no)?;
        Ok(note(view.mode, stored.as_ref(), words))
    })?;
    if lines != view.read || !results.is_used_up()? {
        // Somebody might take the wrong file's result for an answer.
        let _ = std::fs::remove_file(out);
        return Err(mismatch(view.read, lines).into());
    }
    Ok(())
}

fn refuse_unfinished(view: &ImportView) -> Result<(), ImportError> {
    match view.state {
        ImportState::Finished => Ok(()),
        ImportState::Running | ImportState::Failed => Err(Fault::new(
            "IMPORT_NOT_FINISHED",
            "该导入没有完成,没有逐行结果;请再次导入同一文件",
            "this import has not come to its end; import the same file again",
        )
        .into()),
    }
}

fn mismatch(imported: u64, found: u64) -> Fault {
    Fault::new(
        "RESULT_FILE_MISMATCH",
        format!("这不是当时导入的文件:当时 {imported} 行,现在 {found} 行"),
        format!("this is not the file that was imported: it had {imported} lines, not {found}"),
    )
}

/// The kept results in line order, read page by page.
struct Results<'a> {
    ledger: &'a Ledger,
    grant: &'a Grant<ReadImport>,
    import_id: ImportId,
    page: VecDeque<StoredLineResult>,
    after: u64,
    ended: bool,
}

impl Results<'_> {
    /// The result kept for a line; `None` where it was plainly posted.
    fn of(&mut self, line_no: u64) -> Result<Option<StoredLineResult>, ImportError> {
        self.fill()?;
        let is_next = self
            .page
            .front()
            .is_some_and(|next| next.line_no == line_no);
        Ok(if is_next { self.page.pop_front() } else { None })
    }

    fn is_used_up(&mut self) -> Result<bool, ImportError> {
        self.fill()?;
        Ok(self.page.is_empty())
    }

    fn fill(&mut self) -> Result<(), ImportError> {
        if self.page.is_empty() && !self.ended {
            let (import_id, after) = (self.import_id, self.after);
            let page =
                reads::import_line_results(self.ledger, self.grant, import_id, after, PAGE_LINES)
                    .map_err(ImportError::Ledger)?;
            match page.last() {
                Some(last) => self.after = last.line_no,
                None => self.ended = true,
            }
            self.page = page.into();
        }
        Ok(())
    }
}

fn note(mode: ImportMode, stored: Option<&StoredLineResult>, words: &Words) -> LineNote {
    let status = stored.map_or(LineStatus::Posted, |stored| stored.status);
    let status = match (status, mode) {
        (LineStatus::Posted, ImportMode::Post) => words.done,
        // Nothing was posted, so the file must not say so.
        (LineStatus::Posted, ImportMode::DryRun) => words.possible,
        (LineStatus::AlreadyPosted, _) => words.before,
        (LineStatus::Rejected, _) => "已拒绝",
    };
    let faults = stored
        .map(|stored| stored.faults.as_slice())
        .unwrap_or_default();
    let codes = faults.iter().map(|fault| fault.code.as_str());
    let codes: Vec<_> = codes.filter(|code| *code != words.note).collect();
    let texts: Vec<_> = faults.iter().map(|fault| fault.zh.as_str()).collect();
    let english: Vec<_> = faults.iter().map(|fault| fault.en.as_str()).collect();
    LineNote::new(status, &codes.join("; "), &texts.join(";")).in_english(&english.join("; "))
}
