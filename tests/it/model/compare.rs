//! What is held to agree after each step.

use std::collections::BTreeMap;

use creditbank_domain::amount::Unit;
use creditbank_domain::ids::LotId;
use creditbank_ledger::reads::{AsOf, UnitBalance};

use super::books::lot_said;
use super::operation::LEARNERS;
use super::play::Stage;
use super::tell::sums_said;

impl Stage<'_> {
    /// Every lot by its movements, every balance, and the audit.
    pub(super) fn compare(&mut self) -> Result<(), String> {
        for learner in 0..LEARNERS {
            let real = self.lots_by_movements(learner);
            let numbers: Vec<usize> = (0..self.books.lots.len())
                .filter(|lot| self.books.are_one(self.books.lots[*lot].learner, learner))
                .collect();
            let model = numbers.iter().map(|lot| self.lot_line(*lot));
            let bank = real.iter().map(|(_, line)| line.clone());
            same(
                &format!("lots of L{learner}"),
                model.collect(),
                bank.collect(),
            )?;
            for (number, (id, _)) in numbers.iter().zip(&real) {
                if *number >= self.lots.len() {
                    self.lots.resize(*number + 1, *id);
                }
                self.lots[*number] = *id;
            }
            for unit in [Unit::Credit, Unit::Hour] {
                self.compare_balances(learner, unit)?;
            }
        }
        let faults = self.bank.audit();
        if faults.is_empty() {
            Ok(())
        } else {
            Err(format!("the audit finds {faults:?}"))
        }
    }

    /// The balance of today, the same read back as of this moment, and the running sums behind the
    /// last movement.
    fn compare_balances(&self, learner: usize, unit: Unit) -> Result<(), String> {
        let (number, bank) = (self.learners[learner], self.bank);
        let model = vec![sums_said(self.books.balance(learner, unit))];
        let today = bank.balance(number, unit);
        let of_balance = |balance: UnitBalance| {
            let sums = [
                balance.available,
                balance.held,
                balance.used,
                balance.expired,
                balance.withdrawn,
            ];
            vec![sums_said(sums.map(|sum| sum.get()))]
        };
        same(
            &format!("{unit} of L{learner}"),
            model.clone(),
            of_balance(today),
        )?;
        let past = bank.balance_as_of(number, AsOf::Recorded(bank.now()));
        let past = past.by_unit.into_iter().find(|one| one.unit == unit);
        if let Some(past) = past {
            let what = format!("{unit} of L{learner} as of now");
            same(&what, model, of_balance(past))?;
        }
        let mut movements = bank.movements(number);
        movements.retain(|movement| movement.unit == unit);
        if let Some(last) = movements.last() {
            let after = last.after;
            let sums = [
                after.available,
                after.held,
                after.used,
                after.expired,
                after.withdrawn,
            ];
            let lots = self.books.lots.iter();
            let lots =
                lots.filter(|lot| self.books.are_one(lot.learner, learner) && lot.unit == unit);
            let mut moved = [0; 5];
            for lot in lots {
                for (sum, part) in moved.iter_mut().zip(lot.sums()) {
                    *sum += part;
                }
            }
            same(
                &format!("running {unit} of L{learner}"),
                vec![sums_said(moved)],
                vec![sums_said(sums.map(|sum| sum.get()))],
            )?;
        }
        Ok(())
    }

    fn lot_line(&self, lot: usize) -> String {
        let lot = &self.books.lots[lot];
        let code = self.books.outcomes[lot.outcome].entry.code;
        let issued = lot_said(lot.unit, lot.issued, None);
        format!("{code}, {issued}: {}", sums_said(lot.sums()))
    }

    /// A learner's lots in the order in which they were thought of, which is that of their ids,
    /// summed up from the movements. Rows of one statement are written in the order of their keys.
    fn lots_by_movements(&self, learner: usize) -> Vec<(LotId, String)> {
        let movements = self.bank.movements(self.learners[learner]);
        let mut lots: Vec<(LotId, String)> = Vec::new();
        let mut sums: BTreeMap<LotId, BTreeMap<String, i64>> = BTreeMap::new();
        for movement in movements {
            let amount = movement.amount.get();
            if movement.kind == "issue" {
                let issued = lot_said(movement.unit, amount, None);
                lots.push((
                    movement.lot_id,
                    format!("{}, {issued}", movement.entry_code),
                ));
            }
            let of_lot = sums.entry(movement.lot_id).or_default();
            *of_lot.entry(movement.from_account).or_default() -= amount;
            *of_lot.entry(movement.to_account).or_default() += amount;
        }
        lots.sort_by_key(|(lot, _)| lot.as_uuid());
        for (lot, line) in &mut lots {
            let of_lot = &sums[lot];
            let accounts = ["available", "held", "used", "expired", "withdrawn"];
            let sums = accounts.map(|account| of_lot.get(account).copied().unwrap_or(0));
            *line = format!("{line}: {}", sums_said(sums));
        }
        lots
    }
}

fn same(what: &str, model: Vec<String>, bank: Vec<String>) -> Result<(), String> {
    if model == bank {
        return Ok(());
    }
    let list = |lines: Vec<String>| lines.join("\n         ");
    Err(format!(
        "{what}\n  model: {}\n   bank: {}",
        list(model),
        list(bank)
    ))
}
