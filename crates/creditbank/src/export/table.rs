//! A table for spreadsheets and statistics: CSV with a heading.

use std::io::{self, Write};

use creditbank_domain::calendar::bank_day;
use creditbank_ledger::reads::ExportedTransfer;

use super::Scribe;

const HEADINGS: [&str; 17] = [
    "transfer_id",
    "recorded_at",
    "recorded_on",
    "effective_on",
    "kind",
    "from_account",
    "to_account",
    "amount",
    "unit",
    "learner_no",
    "institution",
    "entry",
    "lot_id",
    "outcome_id",
    "request_id",
    "hold_id",
    "correction_id",
];

pub(super) struct Table;

impl Scribe for Table {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        write_records(out, &[HEADINGS.map(str::to_owned)])
    }

    fn transfers(&mut self, page: &[ExportedTransfer], out: &mut dyn Write) -> io::Result<()> {
        let records: Vec<_> = page.iter().map(record).collect();
        write_records(out, &records)
    }

    fn end(&mut self, _: u64, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

fn write_records(out: &mut dyn Write, records: &[[String; 17]]) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    for record in records {
        writer.write_record(record).map_err(io::Error::other)?;
    }
    writer.flush()
}

fn record(transfer: &ExportedTransfer) -> [String; 17] {
    let id = |id: Option<String>| id.unwrap_or_default();
    [
        transfer.transfer_id.to_string(),
        super::moment(transfer.recorded_at),
        bank_day(transfer.recorded_at).to_string(),
        transfer.effective_on.to_string(),
        transfer.kind.clone(),
        transfer.from_account.clone(),
        transfer.to_account.clone(),
        transfer.amount.to_string(),
        transfer.unit.to_string(),
        transfer.learner_no.to_string(),
        harmless(&transfer.institution_code),
        harmless(&transfer.entry_code),
        transfer.lot_id.to_string(),
        transfer.outcome_id.to_string(),
        id(transfer.request_id.map(|id| id.to_string())),
        id(transfer.hold_id.map(|id| id.to_string())),
        id(transfer.correction_id.map(|id| id.to_string())),
    ]
}

/// An apostrophe in front tells every spreadsheet that the cell is text and no formula. Only codes
/// come from outside.
fn harmless(code: &str) -> String {
    if code.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{code}")
    } else {
        code.to_owned()
    }
}
