//! One JSON object a transfer and line, for programs.

use std::io::{self, Write};

use creditbank_domain::calendar::bank_day;
use creditbank_ledger::reads::ExportedTransfer;
use serde::Serialize;
use uuid::Uuid;

use super::Scribe;

pub(super) struct Lines;

/// Amounts are decimal texts, as in the API.
#[derive(Serialize)]
struct Line<'a> {
    transfer_id: Uuid,
    recorded_at: String,
    recorded_on: String,
    effective_on: String,
    kind: &'a str,
    from_account: &'a str,
    to_account: &'a str,
    amount: String,
    unit: &'a str,
    learner_no: &'a str,
    institution: &'a str,
    entry: &'a str,
    lot_id: Uuid,
    outcome_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correction_id: Option<Uuid>,
}

impl Scribe for Lines {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn transfers(&mut self, page: &[ExportedTransfer], out: &mut dyn Write) -> io::Result<()> {
        for transfer in page {
            serde_json::to_writer(&mut *out, &line(transfer)).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn end(&mut self, _: u64, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

fn line(transfer: &ExportedTransfer) -> Line<'_> {
    Line {
        transfer_id: transfer.transfer_id.as_uuid(),
        recorded_at: super::moment(transfer.recorded_at),
        recorded_on: bank_day(transfer.recorded_at).to_string(),
        effective_on: transfer.effective_on.to_string(),
        kind: &transfer.kind,
        from_account: &transfer.from_account,
        to_account: &transfer.to_account,
        amount: transfer.amount.to_string(),
        unit: transfer.unit.as_str(),
        learner_no: transfer.learner_no.as_str(),
        institution: &transfer.institution_code,
        entry: &transfer.entry_code,
        lot_id: transfer.lot_id.as_uuid(),
        outcome_id: transfer.outcome_id.as_uuid(),
        request_id: transfer.request_id.map(|id| id.as_uuid()),
        hold_id: transfer.hold_id.map(|id| id.as_uuid()),
        correction_id: transfer.correction_id.map(|id| id.as_uuid()),
    }
}
