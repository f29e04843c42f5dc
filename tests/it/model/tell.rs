//! What the bank answers, in the words of the model.

use creditbank_domain::amount::Amount;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{PostedLot, PostedOutcome};
use kit::code_of;

use super::books::{lot_said, worth_said};
use super::world::decimal;

pub(super) fn said<T>(done: &Result<T, LedgerError>, say: impl FnOnce(&T) -> String) -> String {
    match done {
        Ok(it) => say(it),
        refused => code_of(refused).to_owned(),
    }
}

pub(super) fn given(outcome: &PostedOutcome) -> String {
    let said = |lot: &PostedLot| {
        let amount: Amount = lot.amount;
        lot_said(amount.unit(), amount.hundredths().get(), lot.expires_on)
    };
    let reason = outcome.earned_nothing.map_or("no reason", |it| it.as_str());
    worth_said(outcome.lots.iter().map(said).collect(), reason)
}

pub(super) fn sums_said(sums: [i64; 5]) -> String {
    let [available, held, used, expired, withdrawn] = sums.map(decimal);
    format!(
        "{available} available, {held} held, {used} used, {expired} expired, {withdrawn} withdrawn"
    )
}
