//! hledger's journal.

use std::io::{self, Write};

use creditbank_domain::amount::Unit;
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::reads::ExportedTransfer;

use super::Scribe;
use super::names::{Declared, account, commodity};

#[derive(Default)]
pub(super) struct Journal {
    declared: Declared,
}

impl Scribe for Journal {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "; 学分银行账目 the books of a credit bank, for hledger"
        )?;
        writeln!(
            out,
            "; date: the day in China on which a transfer was recorded; effective: the day from which it counts"
        )?;
        writeln!(out, "decimal-mark .")?;
        for unit in Unit::ALL {
            writeln!(out, "commodity 1000.00 {}", commodity(unit))?;
        }
        Ok(())
    }

    fn transfers(&mut self, page: &[ExportedTransfer], out: &mut dyn Write) -> io::Result<()> {
        page.iter()
            .try_for_each(|transfer| self.transfer(transfer, out))
    }

    fn end(&mut self, count: u64, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "\n; end: {count} transfers")
    }
}

impl Journal {
    fn transfer(&mut self, transfer: &ExportedTransfer, out: &mut dyn Write) -> io::Result<()> {
        let to = account(transfer, &transfer.to_account);
        let from = account(transfer, &transfer.from_account);
        writeln!(out)?;
        for account in [&to, &from] {
            if self.declared.is_new(transfer.learner_no, account) {
                writeln!(out, "account {account}")?;
            }
        }
        let (day, id) = (bank_day(transfer.recorded_at), transfer.transfer_id);
        let (kind, entry) = (&transfer.kind, described(&transfer.entry_code));
        writeln!(out, "{day} * ({id}) {kind} {entry}")?;
        writeln!(out, "    ; {}", tags(transfer))?;
        let (amount, unit) = (transfer.amount, commodity(transfer.unit));
        writeln!(out, "    {to}  {amount} {unit}")?;
        writeln!(out, "    {from}  -{amount} {unit}")
    }
}

/// A semicolon would begin a comment, a bar end the payee's name.
fn described(entry_code: &str) -> String {
    entry_code.replace([';', '|'], "_")
}

fn tags(transfer: &ExportedTransfer) -> String {
    let (effective, lot, outcome) = (transfer.effective_on, transfer.lot_id, transfer.outcome_id);
    let mut tags = format!("effective:{effective}, lot:{lot}, outcome:{outcome}");
    let causes = [
        ("request", transfer.request_id.map(|id| id.to_string())),
        ("hold", transfer.hold_id.map(|id| id.to_string())),
        (
            "correction",
            transfer.correction_id.map(|id| id.to_string()),
        ),
    ];
    for (name, id) in causes {
        if let Some(id) = id {
            tags = format!("{tags}, {name}:{id}");
        }
    }
    tags
}
