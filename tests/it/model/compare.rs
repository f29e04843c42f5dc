//! What is held to agree after each step.

use std::collections::BTreeMap;

use creditbank_domain::amount::Unit;
use creditbank_domain::ids::LotId;

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
                .filter(|lot| self.books.lots[*lot].learner == learner)
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
                let balance = self.bank.balance(self.learners[learner], unit);
                let bank = [
                    balance.available,
                    balance.held,
                    balance.used,
                    balance.expired,
                    balance.withdrawn,
                ];
                let bank = vec![sums_said(bank.map(|sum| sum.get()))];
                let model = vec![sums_said(self.books.balance(learner, unit))];
                same(&format!("{unit} of L{learner}"), model, bank)?;
            }
        }
        let faults = self.bank.audit();
        if faults.is_empty() {
            Ok(())
        } else {
            Err(format!("the audit finds {faults:?}"))
        }
    }

    fn lot_line(&self, lot: usize) -> String {
        let lot = &self.books.lots[lot];
        let code = self.books.outcomes[lot.outcome].entry.code;
        let issued = lot_said(lot.unit, lot.issued, None);
        format!("{code}, {issued}: {}", sums_said(lot.sums()))
    }

    /// A learner's lots in the order in which they were issued, summed up from the movements.
    fn lots_by_movements(&self, learner: usize) -> Vec<(LotId, String)> {
        let mut movements = self.bank.movements(self.learners[learner]);
        movements.sort_by_key(|movement| movement.transfer_id.as_uuid());
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
