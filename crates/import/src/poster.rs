//! Posts the lines of a file on a thread of its own, a transaction after the other, while the next
//! ones are read: the file is read on one processor and the ledger written on another.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Scope;

use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{ImportLine, LineResult};

use crate::error::ImportError;
use crate::run::{Progress, Watch};

type Posted = Result<Vec<LineResult>, LedgerError>;

/// See the module. Lines are at most in two transactions' number in memory: those that are posted
/// and those that are read.
pub(crate) struct Poster<'p, 'w> {
    lines: SyncSender<Vec<ImportLine>>,
    results: Receiver<Posted>,
    /// Where the file will have been read to when what is being posted is.
    at_work: Option<u64>,
    done: Progress,
    watch: &'p mut Watch<'w>,
}

impl<'p, 'w> Poster<'p, 'w> {
    /// Starts the thread, which ends with this.
    pub(crate) fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        post: impl Fn(&[ImportLine]) -> Posted + Send + 'scope,
        (done, watch): (Progress, &'p mut Watch<'w>),
    ) -> Self {
        let (lines, to_post) = sync_channel::<Vec<ImportLine>>(0);
        let (posted, results) = sync_channel(1);
        let span = tracing::Span::current();
        scope.spawn(move || {
            let _entered = span.enter();
            for lines in to_post {
                // Nobody waits for it where the file's end was not reached.
                let _ = posted.send(post(&lines));
            }
        });
        Self {
            lines,
            results,
            at_work: None,
            done,
            watch,
        }
    }

    /// Whether somebody wants the import to stop.
    pub(crate) fn is_stopped(&self) -> bool {
        (self.watch.stopped)()
    }

    pub(crate) const fn byte_count(&self) -> u64 {
        self.done.byte_count
    }

    /// Hands over the lines of a transaction, once the one before is done; the file was read to
    /// here.
    ///
    /// # Errors
    /// Of the transaction before; [`ImportError::Stopped`] where that was enough.
    pub(crate) fn post(&mut self, lines: Vec<ImportLine>, read_to: u64) -> Result<(), ImportError> {
        self.wait()?;
        if self.lines.send(lines).is_err() {
            return Err(lost());
        }
        self.at_work = Some(read_to);
        Ok(())
    }

    /// Waits for the last transaction.
    ///
    /// # Errors
    /// As [`Self::post`].
    pub(crate) fn finish(mut self) -> Result<(), ImportError> {
        self.wait()
    }

    fn wait(&mut self) -> Result<(), ImportError> {
        let Some(read_to) = self.at_work.take() else {
            return Ok(());
        };
        let posted = self.results.recv().map_err(|_| lost())?;
        let results = posted.map_err(ImportError::Ledger)?;
        // What was packed is larger than its file.
        self.done.bytes_read = read_to.min(self.done.byte_count);
        self.done.count(&results);
        self.watch.tell(self.done)
    }
}

/// The thread panicked: so does the import, when it is joined.
const fn lost() -> ImportError {
    ImportError::Ledger(LedgerError::Corrupt("the thread that posts"))
}
