//! One turn at a job: open its file, go on with its import, and say how far it has come.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use creditbank_api::Metrics;
use creditbank_domain::authz::{
    Actor, Grant, KeepRegister, ReadImport, RunImport, Subject, authorize,
};
use creditbank_domain::fault::Fault;
use creditbank_import::{
    ColumnMapping, ImportError, ImportOptions, Look, Progress, Settled, Watch, look,
    run_watched_cohort, run_watched_import,
};
use creditbank_ledger::flows::{self, Bearing, Begun, JobTurn, NewImport, TurnEnd};
use creditbank_ledger::reads::{self, ImportState, ImportView};
use creditbank_ledger::{Ledger, LedgerError};

use super::halt::Halt;
use super::refusals::{TRIES_MAX, given_up, other_digest, too_long, unforeseen};
use super::store::{OpenFile, Store};
use crate::clock;
use crate::problem::chain;

/// For how long a job waits whose very import somebody else works at.
const WHILE_OTHERS_WORK: TimeDelta = TimeDelta::seconds(2);

/// How many times as long as its beginning, where lines that are done are passed over again.
const QUANTUM_OF_BEGINNING: u32 = 4;

/// What a worker keeps to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TurnLimits {
    /// After how long without a sign a worker is taken for dead.
    pub(crate) lease: TimeDelta,
    /// How long a job may be worked at in all.
    pub(crate) worked_max: Duration,
    /// How long a turn lasts at least where others wait.
    pub(crate) quantum: Duration,
    /// For how long a job waits for answers or for a second person.
    pub(crate) waits: TimeDelta,
    /// How many lines are posted in one transaction.
    pub(crate) lines_per_transaction: usize,
}

/// What all workers share.
pub(super) struct Bench<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) store: &'a Store,
    pub(super) keeper: &'a Grant<KeepRegister>,
    pub(super) limits: TurnLimits,
    /// The server is about to end.
    pub(super) closing: &'a AtomicBool,
    pub(super) metrics: &'a Metrics,
}

impl Bench<'_> {
    /// Works at a job until its end or until others have waited long enough.
    pub(super) fn take(&self, turn: &JobTurn) -> Result<(), LedgerError> {
        let actor = Actor::operator();
        let subject = Subject::Institution(turn.institution_id);
        let grant = authorize::<RunImport>(&actor, subject).map_err(LedgerError::Denied)?;
        let worked = catch_unwind(AssertUnwindSafe(|| self.work(&grant, turn)));
        let worked = worked.unwrap_or_else(|_| {
            // What was thrown may quote the file, so nobody is told; the hook told where it was.
            self.metrics.import_panicked();
            tracing::error!(job.id = %turn.job_id, "a reader panicked; its job has failed");
            Ok(TurnEnd::Failed(unforeseen()))
        });
        let end = match worked {
            Ok(end) | Err(Halt::Ended(end)) => end,
            Err(Halt::Lost) => return Ok(()),
            Err(Halt::Later(error)) => {
                let job = turn.job_id;
                tracing::warn!(job.id = %job, error = chain(&*error), "a job is tried again");
                let pause = 1_i64 << turn.tries.min(6);
                TurnEnd::TryAgain(TimeDelta::seconds(pause))
            }
        };
        let key = (turn.job_id, turn.worker);
        let end = (&end, self.limits.waits);
        flows::end_import_turn(self.ledger, &grant, key, end, clock::now())
    }

    fn work(&self, grant: &Grant<RunImport>, turn: &JobTurn) -> Result<TurnEnd, Halt> {
        if turn.tries > TRIES_MAX {
            return Ok(TurnEnd::Failed(given_up()));
        }
        let reading = grant
            .narrowed::<ReadImport>()
            .map_err(LedgerError::Denied)?;
        if let Some(import) = turn.import_id {
            // Whoever worked at it last may have died between its end and the job's.
            let import = reads::import(self.ledger, &reading, import)?;
            if import.state != ImportState::Running {
                return Ok(ended(&import));
            }
        }
        let lease = Lease::of(turn, self);
        std::thread::scope(|scope| {
            let (done, until_done) = channel::<()>();
            let lease = &lease;
            scope.spawn(move || {
                let every = lease.every();
                while until_done.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                    lease.renew();
                }
            });
            let worked = self.import(grant, turn, lease);
            drop(done);
            worked
        })
    }

    fn import(
        &self,
        grant: &Grant<RunImport>,
        turn: &JobTurn,
        lease: &Lease<'_>,
    ) -> Result<TurnEnd, Halt> {
        let file = self.store.open_file(&turn.file)?;
        if turn.file.sha256.is_some_and(|said| said != file.sha256) {
            return Ok(TurnEnd::Failed(other_digest()));
        }
        let reading = grant
            .narrowed::<ReadImport>()
            .map_err(LedgerError::Denied)?;
        #[cfg(test)]
        assert!(
            turn.file_name != super::tests::PANICS,
            "a reader that quotes its file: 张三"
        );
        let options = self.options(&reading, turn)?;
        if turn.import_id.is_none()
            && turn.trial.is_none()
            && let Some(end) = self.ask(&reading, turn, (&file, &options), lease)?
        {
            return Ok(end);
        }
        self.name_import(grant, turn, (&file, &options))?;
        let now = clock::now();
        let mut told = |progress: Progress| lease.tell(progress);
        let mut watch = Watch {
            told: &mut told,
            stopped: &|| lease.must_stop(),
        };
        let path = file.path();
        let cohort = match turn.import_id {
            Some(import) => flows::open_cohort(self.ledger, grant, import)?,
            None => None,
        };
        let ran = match &cohort {
            None => run_watched_import(self.ledger, grant, &path, &options, now, &mut watch),
            Some(cohort) => {
                let of = (path.as_path(), cohort);
                run_watched_cohort(self.ledger, grant, of, &options, now, &mut watch)
            }
        };
        match ran {
            Ok(import) => Ok(ended(&import)),
            Err(ImportError::Stopped) => lease.why_stopped(),
            Err(ImportError::Refused(fault) | ImportError::Failed { fault, .. }) => {
                Ok(TurnEnd::Failed(*fault))
            }
            // Another worker is at it, or was; the next turn sees how it stands.
            Err(ImportError::Ledger(LedgerError::Conflict(_))) => {
                Ok(TurnEnd::Waits(WHILE_OTHERS_WORK))
            }
            Err(ImportError::Ledger(error)) => Err(error.into()),
            Err(other) => Err(Halt::Later(Box::new(other))),
        }
    }

    /// Looks through the file before its first line is posted; the end of the turn where something
    /// is asked.
    fn ask(
        &self,
        reading: &Grant<ReadImport>,
        turn: &JobTurn,
        (file, options): (&OpenFile, &ImportOptions),
        lease: &Lease<'_>,
    ) -> Result<Option<TurnEnd>, Halt> {
        let wanted = (options, turn.questions);
        let stopped = || lease.must_stop();
        match look(self.ledger, reading, &file.path(), wanted, &stopped) {
            Ok(Look::Clear) | Err(ImportError::Refused(_)) => Ok(None),
            Ok(Look::Stopped) => lease.why_stopped().map(Some),
            Ok(Look::Asks { layout, questions }) => {
                let questions = serde_json::to_value(questions);
                let questions = questions.map_err(|error| Halt::Later(Box::new(error)))?;
                Ok(Some(TurnEnd::Asks {
                    layout,
                    questions,
                    sha256: file.sha256,
                }))
            }
            Err(ImportError::Ledger(error)) => Err(error.into()),
            Err(other) => Err(Halt::Later(Box::new(other))),
        }
    }

    fn options(&self, reading: &Grant<ReadImport>, turn: &JobTurn) -> Result<ImportOptions, Halt> {
        let mut options = ImportOptions::new(turn.file_name.clone(), turn.mode);
        options.lines_per_transaction = self.limits.lines_per_transaction;
        options.together = turn.lines;
        options.learner.clone_from(&turn.learner);
        options.approved_in = Some(turn.job_id);
        let failed = |fault| Halt::Ended(TurnEnd::Failed(fault));
        let mapping = turn.mapping.clone();
        options.mapping = mapping
            .map(serde_json::from_value::<ColumnMapping>)
            .transpose()
            .map_err(|error| failed(super::malformed(&error)))?;
        // What was approved is read as it was shown, whatever is kept for the layout meanwhile.
        let shown = match turn.trial {
            Some(trial) => reads::mapping_used(self.ledger, reading, trial)?,
            None => None,
        };
        let settled = match (shown, &turn.answered) {
            (Some(shown), _) => Some(shown.mapping),
            (None, Some(answered)) => Some(Some(answered.clone())),
            (None, None) => None,
        };
        let settled = settled.map(Settled::of).transpose();
        options.settled = settled.map_err(failed)?;
        Ok(options)
    }

    /// Opens the import, so that everybody can see it from its first line.
    fn name_import(
        &self,
        grant: &Grant<RunImport>,
        turn: &JobTurn,
        (file, options): (&OpenFile, &ImportOptions),
    ) -> Result<(), Halt> {
        let import = match turn.import_id {
            Some(import) => import,
            None => {
                let reading = options.reading_sha256(&|text| self.ledger.pseudonym(text));
                let new = NewImport {
                    file_name: turn.file_name.clone(),
                    file_sha256: file.sha256,
                    reading_sha256: reading.map_err(|fault| Halt::Ended(TurnEnd::Failed(fault)))?,
                    byte_count: turn.file.byte_count,
                    mode: turn.mode,
                    approved_in: Some(turn.job_id),
                };
                flows::open_import(self.ledger, grant, &new, clock::now())?.import_id
            }
        };
        let key = (turn.job_id, turn.worker);
        let now = clock::now();
        match flows::begin_import_turn(self.ledger, grant, key, &file.sha256, import, now)? {
            Begun::Ours => Ok(()),
            Begun::Lost => Err(Halt::Lost),
            Begun::Elsewhere => Err(Halt::Ended(TurnEnd::Waits(WHILE_OTHERS_WORK))),
        }
    }
}

/// A turn's lease, and what its holder has heard since it began.
struct Lease<'a> {
    turn: &'a JobTurn,
    bench: &'a Bench<'a>,
    began: Instant,
    lost: AtomicBool,
    cancelled: AtomicBool,
    /// How long it took until the first lines of this turn were done.
    beginning: std::sync::OnceLock<Duration>,
}

impl<'a> Lease<'a> {
    fn of(turn: &'a JobTurn, bench: &'a Bench<'a>) -> Self {
        Self {
            turn,
            bench,
            began: Instant::now(),
            lost: AtomicBool::new(false),
            cancelled: AtomicBool::new(false),
            beginning: std::sync::OnceLock::new(),
        }
    }

    fn every(&self) -> Duration {
        let millis = u64::try_from(self.bench.limits.lease.num_milliseconds()).unwrap_or(3_000);
        Duration::from_millis(millis / 3)
    }

    fn renew(&self) {
        let Bench {
            ledger,
            keeper,
            limits,
            ..
        } = self.bench;
        let key = (self.turn.job_id, self.turn.worker);
        let renewed = flows::renew_import_turn(ledger, keeper, key, limits.lease, clock::now());
        match renewed {
            Ok(bearing) => self.hear(bearing),
            Err(error) => tracing::warn!(error = chain(&error), "a lease was not renewed"),
        }
    }

    fn hear(&self, bearing: Bearing) {
        match bearing {
            Bearing::GoOn | Bearing::OthersWait => {}
            Bearing::Cancel => self.cancelled.store(true, Ordering::Relaxed),
            Bearing::Lost => self.lost.store(true, Ordering::Relaxed),
        }
    }

    fn tell(&self, progress: Progress) -> ControlFlow<()> {
        let Bench {
            ledger,
            keeper,
            limits,
            ..
        } = self.bench;
        let key = (self.turn.job_id, self.turn.worker);
        let amounts = (progress.bytes_read, progress.read);
        let beginning = *self.beginning.get_or_init(|| self.began.elapsed());
        let told =
            flows::tell_import_progress(ledger, keeper, key, limits.lease, amounts, clock::now());
        let bearing = told.unwrap_or_else(|error| {
            tracing::warn!(error = chain(&error), "progress was not told");
            Bearing::GoOn
        });
        self.hear(bearing);
        let quantum = limits
            .quantum
            .max(beginning.saturating_mul(QUANTUM_OF_BEGINNING));
        let enough = bearing == Bearing::OthersWait && self.began.elapsed() >= quantum;
        if enough || self.must_stop() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn too_long(&self) -> bool {
        let before = Duration::from_millis(self.turn.worked_millis);
        before.saturating_add(self.began.elapsed()) > self.bench.limits.worked_max
    }

    fn must_stop(&self) -> bool {
        [&self.lost, &self.cancelled, self.bench.closing]
            .into_iter()
            .any(|flag| flag.load(Ordering::Relaxed))
            || self.too_long()
    }

    fn why_stopped(&self) -> Result<TurnEnd, Halt> {
        if self.lost.load(Ordering::Relaxed) {
            Err(Halt::Lost)
        } else if self.cancelled.load(Ordering::Relaxed) {
            Ok(TurnEnd::Cancelled)
        } else if self.too_long() {
            Ok(TurnEnd::Failed(too_long()))
        } else {
            Ok(TurnEnd::Yielded)
        }
    }
}

fn ended(import: &ImportView) -> TurnEnd {
    match &import.failure {
        None => TurnEnd::Finished,
        Some(failure) => TurnEnd::Failed(Fault {
            code: "IMPORT_FAILED",
            zh: failure.zh.clone(),
            en: failure.en.clone(),
        }),
    }
}
