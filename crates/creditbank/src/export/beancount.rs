//! beancount's file.

use std::io::{self, Write};

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
            "; 学分银行账目 the books of a credit bank, for beancount"
        )?;
        writeln!(
            out,
            "; date: the day in China on which a transfer was recorded; effective: the day from which it counts"
        )?;
        writeln!(out, "option \"title\" \"Credit bank\"")
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
        let day = bank_day(transfer.recorded_at);
        let to = account(transfer, &transfer.to_account);
        let from = account(transfer, &transfer.from_account);
        writeln!(out)?;
        // A learner's transfers come in the order of their days, so this is an account's first.
        for account in [&to, &from] {
            if self.declared.is_new(transfer.learner_no, account) {
                writeln!(out, "{day} open {account}")?;
            }
        }
        let (kind, entry) = (&transfer.kind, quoted(&transfer.entry_code));
        writeln!(out, "{day} * \"{kind} {entry}\"")?;
        writeln!(out, "  transfer: \"{}\"", transfer.transfer_id)?;
        writeln!(out, "  effective: {}", transfer.effective_on)?;
        writeln!(out, "  lot: \"{}\"", transfer.lot_id)?;
        writeln!(out, "  outcome: \"{}\"", transfer.outcome_id)?;
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
                writeln!(out, "  {name}: \"{id}\"")?;
            }
        }
        let (amount, unit) = (transfer.amount, commodity(transfer.unit));
        writeln!(out, "  {to}  {amount} {unit}")?;
        writeln!(out, "  {from}  -{amount} {unit}")
    }
}

/// What stands between beancount's quotation marks.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
