//! A thread that does what time demands: every minute `flows::keep_house` and
//! `flows::end_overdue_waits`, every hour `flows::expire_lots`, `flows::forget_notices` and the
//! removal of files that were kept long enough; what was taken back of evidence, and files that
//! nobody needs, in the same rounds.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::TimeDelta;
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_ledger::Ledger;
use creditbank_ledger::flows;
use creditbank_vault::Vault;

use crate::desk::{self, Store, purge_files};
use crate::evidence::EvidenceKeeper;
use crate::problem::{Problem, chain};
use crate::{clock, operator};

const EVERY: Duration = Duration::from_secs(60);

/// Lots end by the day, so an hour is soon enough; a balance knows at midnight.
const EXPIRY_EVERY: u8 = 60;

/// For how many days a file may be on its way.
const UPLOAD_DAYS: i64 = 7;

/// Files that were handed in, and for how many days they are kept.
pub(crate) struct KeptFiles {
    pub(crate) store: Arc<Store>,
    pub(crate) days: u16,
}

/// Works until it is dropped.
#[derive(Debug)]
pub(crate) struct Housekeeper {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Housekeeper {
    /// Begins at once.
    pub(crate) fn start(ledger: Ledger, files: KeptFiles, vault: Vault) -> Result<Self, Problem> {
        let evidence = EvidenceKeeper::new(vault)?;
        let grant = operator::for_bank::<KeepRegister>()?;
        let (stop, stopped) = channel();
        let thread =
            std::thread::spawn(move || work(&ledger, &grant, (&files, &evidence), &stopped));
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Housekeeper {
    fn drop(&mut self) {
        // Closing the channel ends the wait; what is under way is finished first.
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

fn work(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    (files, evidence): (&KeptFiles, &EvidenceKeeper),
    stopped: &Receiver<()>,
) {
    for round in (0..EXPIRY_EVERY).cycle() {
        keep_house(ledger, grant);
        end_waits(ledger, grant);
        evidence.purge(ledger, grant);
        if round == 0 {
            sweep_uploads(files);
            expire_lots(ledger, grant);
            forget_access(ledger, grant);
            forget_notices(ledger, grant);
            evidence.sweep(ledger, grant);
            seal_names(ledger, grant);
            remove_files(ledger, grant, files);
            sweep_files(ledger, grant, files);
        }
        if stopped.recv_timeout(EVERY) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

fn keep_house(ledger: &Ledger, grant: &Grant<KeepRegister>) {
    match flows::keep_house(ledger, grant, clock::now()) {
        Ok(done) if done == flows::Housekeeping::default() => {}
        Ok(done) => tracing::info!(
            requests.lapsed = done.lapsed,
            holds.lapsed = done.holds_lapsed,
            keys.forgotten = done.keys_forgotten,
            "housekeeping"
        ),
        Err(error) => {
            tracing::warn!(error = chain(&error), "housekeeping will be tried again");
        }
    }
}

fn end_waits(ledger: &Ledger, grant: &Grant<KeepRegister>) {
    match flows::end_overdue_waits(ledger, grant, clock::now()) {
        Ok(0) => {}
        Ok(jobs) => tracing::info!(jobs, "import jobs that waited for nobody any longer"),
        Err(error) => tracing::warn!(error = chain(&error), "import jobs will end later"),
    }
}

fn forget_notices(ledger: &Ledger, grant: &Grant<KeepRegister>) {
    match flows::forget_notices(ledger, grant, clock::now()) {
        Ok(0) => {}
        Ok(rows) => tracing::info!(notices.forgotten = rows, "old notices"),
        Err(error) => {
            tracing::warn!(error = chain(&error), "old notices will be tried again");
        }
    }
}

/// Longer than the half year that the law asks for, so that a yearly inspection finds its year.
const REFUSALS_KEPT: TimeDelta = TimeDelta::days(400);

fn forget_access(ledger: &Ledger, grant: &Grant<KeepRegister>) {
    match flows::forget_access(ledger, grant, clock::now() - REFUSALS_KEPT) {
        Ok(0) => {}
        Ok(forgotten) => tracing::info!(forgotten, "refusals of long ago"),
        Err(error) => {
            tracing::warn!(error = chain(&error), "refusals will be forgotten later");
        }
    }
}

fn expire_lots(ledger: &Ledger, grant: &Grant<KeepRegister>) {
    match flows::expire_lots(ledger, grant, clock::now()) {
        Ok(done) if done == flows::Expiry::default() => {}
        Ok(done) => tracing::info!(
            lots.expired = done.expired,
            lots.warned = done.warned,
            "lots that end"
        ),
        Err(error) => {
            tracing::warn!(error = chain(&error), "lots that end will be tried again");
        }
    }
}

/// Gives up files that never arrived, and removes those whose time has passed. Their rows stay.
fn sweep_uploads(files: &KeptFiles) {
    match files.store.sweep_uploads() {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "uploads that nobody finished"),
        Err(error) => tracing::warn!(error = chain(&error), "uploads are swept later"),
    }
}

/// What a server that was killed stored and never wrote down.
fn sweep_files(ledger: &Ledger, grant: &Grant<KeepRegister>, files: &KeptFiles) {
    match desk::sweep_files(ledger, &files.store, grant, clock::now()) {
        Ok(0) => {}
        Ok(blobs) => tracing::info!(blobs, "sealed bytes that nobody wrote down are removed"),
        Err(error) => tracing::warn!(error = chain(error.as_ref()), "the store is swept later"),
    }
}

/// Names of files that servers of before wrote in the clear.
fn seal_names(ledger: &Ledger, grant: &Grant<KeepRegister>) {
    match flows::seal_import_names(ledger, grant) {
        Ok(0) => {}
        Ok(names) => tracing::info!(names, "names of files are sealed"),
        Err(error) => tracing::warn!(error = chain(&error), "names are sealed later"),
    }
}

fn remove_files(ledger: &Ledger, grant: &Grant<KeepRegister>, files: &KeptFiles) {
    let now = clock::now();
    let since = |days: i64| now - TimeDelta::days(days);
    let given_up = flows::abandon_uploads(ledger, grant, since(UPLOAD_DAYS), now);
    let removed = given_up.map_err(anyhow::Error::from).and_then(|_| {
        let before = since(files.days.into());
        purge_files(ledger, &files.store, grant, before, now)
    });
    match removed {
        Ok(0) => {}
        Ok(files) => tracing::info!(files, "files removed after their time"),
        Err(error) => tracing::warn!(error = chain(error.as_ref()), "files are removed later"),
    }
}
