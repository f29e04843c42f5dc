//! A thread that does what time demands: every minute `flows::keep_house`, every hour
//! `flows::expire_lots` and `flows::forget_notices`.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_ledger::Ledger;
use creditbank_ledger::flows;

use crate::problem::{Problem, chain};
use crate::{clock, operator};

const EVERY: Duration = Duration::from_secs(60);

/// Lots end by the day, so an hour is soon enough; a balance knows at midnight.
const EXPIRY_EVERY: u8 = 60;

/// Works until it is dropped.
#[derive(Debug)]
pub(crate) struct Housekeeper {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Housekeeper {
    /// Begins at once.
    pub(crate) fn start(ledger: Ledger) -> Result<Self, Problem> {
        let grant = operator::for_bank::<KeepRegister>()?;
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || work(&ledger, &grant, &stopped));
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

fn work(ledger: &Ledger, grant: &Grant<KeepRegister>, stopped: &Receiver<()>) {
    for round in (0..EXPIRY_EVERY).cycle() {
        keep_house(ledger, grant);
        if round == 0 {
            expire_lots(ledger, grant);
            forget_notices(ledger, grant);
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

fn forget_notices(ledger: &Ledger, grant: &Grant<KeepRegister>) {
    match flows::forget_notices(ledger, grant, clock::now()) {
        Ok(0) => {}
        Ok(rows) => tracing::info!(notices.forgotten = rows, "old notices"),
        Err(error) => {
            tracing::warn!(error = chain(&error), "old notices will be tried again");
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
