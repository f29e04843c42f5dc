//! Learners' accounts: several identifiers of one person, names, opening, duplicates.

mod duplicates;
mod identifiers;
mod names;
mod opening;
mod turns;

use creditbank_domain::authz::{Grant, OpenAccounts, Role};
use creditbank_domain::identifier::IdentifierKind;
use creditbank_domain::outcome::LearnerRef;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{AccountAnswer, NewAccount, PostAnswer, open_accounts};
use kit::TestBank;

const CARD: IdentifierKind = IdentifierKind::ResidentId;
const PASSPORT: IdentifierKind = IdentifierKind::Passport;
const STUDENT: IdentifierKind = IdentifierKind::StudentNumber;

/// Code and English text of a rejection.
fn rejection(answer: &PostAnswer) -> (&'static str, &str) {
    match answer {
        PostAnswer::Rejected(fault) => (fault.code, &fault.en),
        other => panic!("not rejected: {other:?}"),
    }
}

fn new_account(learner: LearnerRef) -> NewAccount {
    match learner {
        LearnerRef::Identified { identifiers, name } => NewAccount { identifiers, name },
        LearnerRef::Number(_) => panic!("a number is not opened"),
    }
}

fn try_open(
    bank: &TestBank,
    institution: &str,
    people: &[LearnerRef],
) -> Result<Vec<AccountAnswer>, LedgerError> {
    let grant: Grant<OpenAccounts> = bank.grant(Role::Registrar, institution);
    let people: Vec<NewAccount> = people.iter().cloned().map(new_account).collect();
    open_accounts(bank.ledger(), &grant, &people, bank.now())
}

fn count(bank: &TestBank, table: &str) -> usize {
    let counted = bank
        .database()
        .sql(&format!("select count(*) from {table}"));
    counted.unwrap().trim().parse().unwrap()
}
