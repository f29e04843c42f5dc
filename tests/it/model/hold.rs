//! Direct holds and the calendar.

use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::amount::Unit;

use super::books::{Books, User};
use super::operation::Operation;
use super::play::{Both, Stage, or_another, pick};
use super::tell::said;
use super::world::decimal;

/// A part of a lot reserved for some other use.
#[derive(Debug, Clone)]
pub(crate) struct Hold {
    pub(crate) by: &'static str,
    pub(crate) learner: usize,
    pub(crate) lot: usize,
    pub(crate) left: i64,
    pub(crate) released: i64,
    pub(crate) ends: DateTime<Utc>,
    pub(crate) reversed: bool,
}

impl Books {
    /// Of the institution's own lots, as much as there is.
    pub(crate) fn hold(&mut self, by: &'static str, lot: usize, amount: i64) -> String {
        let one = &self.lots[lot];
        let refusal = if amount == 0 {
            Some("AMOUNT_NOT_POSITIVE")
        } else if self.outcomes[one.outcome].by != by {
            Some("NOT_FOUND")
        } else if one.unit != Unit::Credit {
            Some("UNIT_MISMATCH")
        } else if one.has_ended(self.today()) {
            Some("EXPIRED")
        } else if amount > one.available {
            Some("NOT_AS_MUCH")
        } else {
            None
        };
        if let Some(code) = refusal {
            return code.to_owned();
        }
        let user = User::Hold(self.holds.len());
        self.holds.push(Hold {
            by,
            learner: one.learner,
            lot,
            left: amount,
            released: 0,
            ends: self.now + TimeDelta::hours(1),
            reversed: false,
        });
        self.lots[lot].hold(user, amount);
        "held".to_owned()
    }

    pub(crate) fn settle(&mut self, hold: usize, amount: i64) -> String {
        let one = &mut self.holds[hold];
        if amount == 0 || amount > one.left {
            return "NOT_AS_MUCH".to_owned();
        }
        if one.ends < self.now {
            return "HOLD_LAPSED".to_owned();
        }
        one.left -= amount;
        self.lots[one.lot].settle(User::Hold(hold), amount);
        "settled".to_owned()
    }

    pub(crate) fn release(&mut self, hold: usize) -> String {
        let one = &mut self.holds[hold];
        let left = std::mem::take(&mut one.left);
        one.released += left;
        if left > 0 {
            self.lots[one.lot].release(User::Hold(hold), left);
        }
        format!("released {}", decimal(one.released))
    }

    /// Once, whatever was used before or after.
    pub(crate) fn reverse_hold(&mut self, hold: usize) -> String {
        let one = &mut self.holds[hold];
        if one.reversed {
            return "ALREADY_REVERSED".to_owned();
        }
        if self.lots[one.lot].used_by(User::Hold(hold)) == 0 {
            return "NOTHING_USED".to_owned();
        }
        one.reversed = true;
        let back = self.lots[one.lot].give_back(User::Hold(hold));
        format!("gave back {}", decimal(back))
    }

    /// What is past its last day and free.
    pub(crate) fn expire(&mut self) {
        let today = self.today();
        for lot in self.lots.iter_mut().filter(|lot| lot.has_ended(today)) {
            lot.expired += std::mem::take(&mut lot.available);
        }
    }

    /// What nobody decided or settled in time goes back.
    pub(crate) fn keep_house(&mut self) {
        for request in 0..self.requests.len() {
            if self.requests[request].decided.is_none() && self.requests[request].ends < self.now {
                self.decide(request, true);
            }
        }
        for hold in 0..self.holds.len() {
            if self.holds[hold].left > 0 && self.holds[hold].ends < self.now {
                self.release(hold);
            }
        }
    }
}

impl Stage<'_> {
    pub(super) fn act_on_holds(&mut self, operation: &Operation) -> Option<Both> {
        let (bank, books) = (self.bank, &mut self.books);
        if let Operation::Hold {
            lot,
            by_another,
            amount,
        } = operation
        {
            let nth = pick(*lot, self.lots.len())?;
            let lot = &books.lots[nth];
            let learner = self.learners[lot.learner];
            let by = or_another(books.outcomes[lot.outcome].by, *by_another);
            let done = bank.try_hold(by, learner, self.lots[nth], &decimal(*amount));
            self.holds.extend(done.as_ref().ok());
            return Some((
                books.hold(by, nth, *amount),
                said(&done, |_| "held".to_owned()),
            ));
        }
        let (Operation::Settle { hold, .. }
        | Operation::Release { hold }
        | Operation::ReverseHold { hold }) = operation
        else {
            return None;
        };
        let nth = pick(*hold, self.holds.len())?;
        let (by, id) = (books.holds[nth].by, self.holds[nth]);
        let learner = self.learners[books.holds[nth].learner];
        Some(match operation {
            Operation::Settle { amount, .. } => {
                let done = bank.try_settle(by, learner, id, &decimal(*amount));
                let bank = said(&done, |()| "settled".to_owned());
                (books.settle(nth, *amount), bank)
            }
            Operation::Release { .. } => {
                let done = bank.try_release(by, learner, id);
                (
                    books.release(nth),
                    said(&done, |it| format!("released {it}")),
                )
            }
            _ => {
                let done = bank.try_reverse_hold(learner, id);
                let bank = said(&done, |it| format!("gave back {it}"));
                (books.reverse_hold(nth), bank)
            }
        })
    }
}
