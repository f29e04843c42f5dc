//! A thread that gives whatever was committed its place in the change feed and counts it into the
//! totals: see `flows::sequence_events` and `flows::roll_up_totals`.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_ledger::flows::{self, EVENTS_AT_ONCE};
use creditbank_ledger::{Ledger, LedgerError};

use crate::problem::{Problem, chain};
use crate::{clock, operator};

/// The pause between two rounds.
const EVERY: Duration = Duration::from_millis(250);

/// A round that took long is followed by so many times as long a pause: the thread takes at most a
/// fifth of a core from those who post.
const REST_FOLD: u32 = 4;

/// Longest pause.
const REST_MAX: Duration = Duration::from_secs(30);

/// How often the tables are tended while something happens.
const TEND_EVERY: Duration = Duration::from_secs(5);

/// The pause after a database that did not answer.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// The pause where somebody has to do something first.
const AFTER_REFUSAL: Duration = Duration::from_secs(60);

/// Works until it is dropped.
#[derive(Debug)]
pub(crate) struct Sequencer {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sequencer {
    /// Begins at once, on a connection of its own.
    pub(crate) fn start(ledger: &Ledger) -> Result<Self, Problem> {
        let ledger = ledger.beside(1)?;
        let grant = operator::for_bank::<KeepRegister>()?;
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || work(&ledger, &grant, &stopped));
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Sequencer {
    fn drop(&mut self) {
        // Closing the channel ends the wait; the transaction under way is finished first.
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

/// What a step leaves to do.
enum Next {
    /// More is known to wait.
    GoOn,
    /// Nothing at the moment.
    Rest,
}

fn work(ledger: &Ledger, grant: &Grant<KeepRegister>, stopped: &Receiver<()>) {
    let mut tended = Instant::now();
    loop {
        let begun = Instant::now();
        let pause = match step(ledger, grant, &mut tended) {
            // Who catches up takes half a core.
            Ok(Next::GoOn) => begun.elapsed().min(REST_MAX),
            Ok(Next::Rest) => begun
                .elapsed()
                .saturating_mul(REST_FOLD)
                .clamp(EVERY, REST_MAX),
            Err(error @ LedgerError::Refused(_)) => {
                tracing::error!(error = chain(&error), "the change feed stands still");
                AFTER_REFUSAL
            }
            Err(error) => {
                tracing::warn!(error = chain(&error), "the change feed will be tried again");
                AFTER_FAILURE
            }
        };
        if stopped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

/// One round of each, or a part of it.
fn step(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    tended: &mut Instant,
) -> Result<Next, LedgerError> {
    let sequenced = flows::sequence_events(ledger, grant, EVENTS_AT_ONCE, clock::now())?;
    let counted = flows::roll_up_totals(ledger, grant, EVENTS_AT_ONCE)?;
    if sequenced.events > 0 || counted.events > 0 {
        tracing::debug!(
            events.told = sequenced.events,
            events.counted = counted.events,
            "change feed"
        );
        if tended.elapsed() >= TEND_EVERY {
            flows::tend_events(ledger, grant)?;
            *tended = Instant::now();
        }
    }
    Ok(if sequenced.more || counted.more {
        Next::GoOn
    } else {
        Next::Rest
    })
}
