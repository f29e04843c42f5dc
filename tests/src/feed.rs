//! The change feed and the totals of a test's bank.

use creditbank_domain::authz::{Actor, Grant, ReadEvents, ReadTotals, Role, Subject, authorize};
use creditbank_ledger::flows::{
    EVENTS_AT_ONCE, RebuiltTotals, Sequenced, rebuild_totals, roll_up_totals, sequence_events,
};
use creditbank_ledger::reads::{self, EventView, TotalsView};
use creditbank_ledger::{Ledger, LedgerError};

use crate::bank::TestBank;
use crate::build::day;
use crate::rules::keeper;

impl TestBank {
    /// One call of the sequencer, through a handle of the test's choice.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn try_sequence(&self, ledger: &Ledger, at_once: u32) -> Result<Sequenced, LedgerError> {
        sequence_events(ledger, &keeper(), at_once, self.now())
    }

    /// Sequences until nothing waits; gives how many events were written.
    ///
    /// # Panics
    /// Where the ledger refuses.
    pub fn sequence(&self) -> u64 {
        self.sequence_by(EVENTS_AT_ONCE)
    }

    /// As [`Self::sequence`], in parts of a size of the test's choice.
    ///
    /// # Panics
    /// Where the ledger refuses.
    pub fn sequence_by(&self, at_once: u32) -> u64 {
        let mut events = 0;
        loop {
            let done = self.try_sequence(self.ledger(), at_once).unwrap();
            events += done.events;
            if !done.more {
                return events;
            }
        }
    }

    /// Counts every event; gives how many were counted.
    ///
    /// # Panics
    /// Where the ledger refuses.
    pub fn roll_up(&self) -> u64 {
        let mut events = 0;
        loop {
            let done = roll_up_totals(self.ledger(), &keeper(), EVENTS_AT_ONCE).unwrap();
            events += done.events;
            if !done.more {
                return events;
            }
        }
    }

    /// Makes the totals again.
    ///
    /// # Panics
    /// Where the ledger refuses.
    pub fn rebuild_totals(&self) -> RebuiltTotals {
        rebuild_totals(self.ledger(), &keeper(), self.now()).unwrap()
    }

    /// The whole feed, as an auditor reads it.
    ///
    /// # Panics
    /// Where the ledger refuses.
    #[must_use]
    pub fn events(&self) -> Vec<EventView> {
        let grant: Grant<ReadEvents> = authorize(&Actor::operator(), Subject::Bank).unwrap();
        self.follow(&grant, 0, 200)
    }

    /// What an institution's registrar reads of it.
    ///
    /// # Panics
    /// Where the ledger refuses.
    #[must_use]
    pub fn events_of(&self, institution: &str) -> Vec<EventView> {
        let grant: Grant<ReadEvents> = self.grant(Role::Registrar, institution);
        self.follow(&grant, 0, 200)
    }

    /// Follows the feed from a place to its present end, page by page.
    ///
    /// # Panics
    /// Where the ledger refuses.
    #[must_use]
    pub fn follow(&self, grant: &Grant<ReadEvents>, after: u64, a_page: u32) -> Vec<EventView> {
        let mut read: Vec<EventView> = Vec::new();
        loop {
            let after = read.last().map_or(after, |event| event.seq);
            let page = reads::events(self.ledger(), grant, after, a_page).unwrap();
            if page.is_empty() {
                return read;
            }
            read.extend(page);
        }
    }

    /// Totals of the whole bank for a period.
    ///
    /// # Panics
    /// Where the ledger refuses.
    #[must_use]
    pub fn totals(&self, from: &str, to: &str) -> TotalsView {
        let grant: Grant<ReadTotals> = authorize(&Actor::operator(), Subject::Bank).unwrap();
        reads::totals(self.ledger(), &grant, day(from), day(to)).unwrap()
    }
}
