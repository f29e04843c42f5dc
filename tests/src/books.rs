//! Looking at the books of a test's bank: the audit of all or a part, balances of the past.

use chrono::NaiveDate;
use creditbank_domain::authz::{Action, Actor, AuditBooks, Grant, Subject, authorize};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::reads::{self, AsOf, BalanceView, StatementView};
use creditbank_ledger::{AuditScope, audit_books};

use crate::bank::TestBank;

/// What whoever has the command line may do to the bank as a whole.
///
/// # Panics
/// Where the policy gives nothing of the kind.
#[must_use]
pub fn operator<A: Action>() -> Grant<A> {
    authorize(&Actor::operator(), Subject::Bank).unwrap()
}

impl TestBank {
    /// The names of the checks that fail, with their counts.
    ///
    /// # Panics
    /// Where the audit cannot run.
    #[must_use]
    pub fn audit(&self) -> Vec<(&'static str, u64)> {
        self.audit_of(AuditScope::Bank)
    }

    /// As [`Self::audit`], of a part of the bank.
    ///
    /// # Panics
    /// Where the audit cannot run.
    #[must_use]
    pub fn audit_of(&self, scope: AuditScope) -> Vec<(&'static str, u64)> {
        let grant: Grant<AuditBooks> = operator();
        let faults = audit_books(self.ledger(), &grant, scope).unwrap();
        faults
            .into_iter()
            .map(|fault| (fault.check, fault.count))
            .collect()
    }

    /// The learner's own view of the past.
    ///
    /// # Panics
    /// Where there is no such learner.
    #[must_use]
    pub fn balance_as_of(&self, learner: LearnerNo, as_of: AsOf) -> BalanceView {
        reads::balance_as_of(self.ledger(), &self.own_account(learner), as_of).unwrap()
    }

    /// The learner's own statement.
    ///
    /// # Panics
    /// Where the ledger refuses.
    #[must_use]
    pub fn statement(&self, learner: LearnerNo, from: NaiveDate, to: NaiveDate) -> StatementView {
        reads::statement(self.ledger(), &self.own_account(learner), from, to).unwrap()
    }
}
