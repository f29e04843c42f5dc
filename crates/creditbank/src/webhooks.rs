//! Threads that send webhooks: one hands events out and takes what is due, some send. None of them
//! is one of the API's.

mod resolver;
mod sender;
mod signature;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::webhook::Network;
use creditbank_ledger::flows::{self, TakenDelivery};
use creditbank_ledger::{Ledger, LedgerError};

use crate::problem::{Problem, chain};
use crate::webhooks::sender::Courier;
use crate::{clock, operator};

/// How many deliveries are under way at once.
const SENDERS: u32 = 8;

/// Connections to the database beside the pool: senders take turns for a short statement.
const CONNECTIONS: u32 = 2;

/// The pause where nothing was due.
const EVERY: Duration = Duration::from_millis(250);

/// The pause where something was.
const BUSY: Duration = Duration::from_millis(20);

/// The pause after a database that did not answer.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// How often settled deliveries are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(600);

/// Works until it is dropped; what is under way is finished first.
#[derive(Debug)]
pub(crate) struct Webhooks {
    stop: Option<Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

/// What all threads share.
struct Office {
    ledger: Ledger,
    grant: Grant<KeepRegister>,
    courier: Courier,
    under_way: AtomicU32,
}

impl Webhooks {
    /// Begins at once, on connections of its own.
    pub(crate) fn start(ledger: &Ledger, network: Network) -> Result<Self, Problem> {
        let office = Arc::new(Office {
            ledger: ledger.beside(CONNECTIONS)?,
            grant: operator::for_bank::<KeepRegister>()?,
            courier: Courier::new(network),
            under_way: AtomicU32::new(0),
        });
        let (stop, stopped) = channel();
        let (give, taken) = channel();
        let taken = Arc::new(Mutex::new(taken));
        let mut threads: Vec<_> = (0..SENDERS)
            .map(|_| {
                let (office, taken) = (Arc::clone(&office), Arc::clone(&taken));
                std::thread::spawn(move || office.send(&taken))
            })
            .collect();
        threads.push(std::thread::spawn(move || office.dispatch(&give, &stopped)));
        Ok(Self {
            stop: Some(stop),
            threads,
        })
    }
}

impl Drop for Webhooks {
    fn drop(&mut self) {
        // Closing the channel ends the dispatcher, and its end that of the senders.
        self.stop = None;
        for thread in self.threads.drain(..) {
            let _ended = thread.join();
        }
    }
}

impl Office {
    fn dispatch(&self, give: &Sender<TakenDelivery>, stopped: &Receiver<()>) {
        let mut forgot = Instant::now();
        loop {
            let pause = match self.step(give, &mut forgot) {
                Ok(true) => BUSY,
                Ok(false) => EVERY,
                Err(error) => {
                    tracing::warn!(error = chain(&error), "webhooks will be tried again");
                    AFTER_FAILURE
                }
            };
            if stopped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    }

    /// Hands out, takes as many as there are idle senders; gives whether there was anything.
    fn step(
        &self,
        give: &Sender<TakenDelivery>,
        forgot: &mut Instant,
    ) -> Result<bool, LedgerError> {
        let now = clock::now();
        if forgot.elapsed() >= FORGET_EVERY {
            flows::forget_deliveries(&self.ledger, &self.grant, now)?;
            *forgot = Instant::now();
        }
        let (handed_out, more) = flows::hand_out_events(&self.ledger, &self.grant, now)?;
        let idle = SENDERS.saturating_sub(self.under_way.load(Ordering::Acquire));
        if idle == 0 {
            return Ok(true);
        }
        let taken = flows::take_deliveries(&self.ledger, &self.grant, idle, now)?;
        let busy = more || handed_out > 0 || !taken.is_empty();
        for delivery in taken {
            self.under_way.fetch_add(1, Ordering::AcqRel);
            // Senders end after this thread only. One lost would be sent after its lease.
            let _sent = give.send(delivery);
        }
        Ok(busy)
    }

    fn send(&self, taken: &Mutex<Receiver<TakenDelivery>>) {
        loop {
            let next = taken.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(delivery) = next else { return };
            self.deliver(&delivery);
            self.under_way.fetch_sub(1, Ordering::AcqRel);
        }
    }

    fn deliver(&self, delivery: &TakenDelivery) {
        let attempted = self.courier.carry(delivery, clock::now());
        let endpoint = delivery.endpoint_id;
        let settled =
            flows::settle_delivery(&self.ledger, &self.grant, delivery, attempted, clock::now());
        match settled {
            Ok(None) => {}
            Ok(Some(because)) => tracing::warn!(
                endpoint.id = %endpoint,
                because = because.as_str(),
                "webhook endpoint {endpoint} was paused"
            ),
            Err(error) => tracing::warn!(
                delivery.id = %delivery.delivery_id,
                error = chain(&error),
                "what became of a webhook delivery could not be noted; it will be sent again"
            ),
        }
    }
}
