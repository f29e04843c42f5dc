//! A line of a file that corrects or withdraws what was posted: through the one flow that corrects.
//!
//! The same line again changes nothing, whatever became of the outcome since.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{CorrectOutcomes, Grant};
use creditbank_domain::correction::{Change, Corrected, CorrectionRefused};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::ImportId;
use diesel::connection::SimpleConnection as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::error::LedgerError;
use crate::flows::correct_outcome::{CorrectionOrder, correct};
use crate::flows::import_lines::LineStatus;
use crate::store::Tx;
use crate::tables::import_changes;

/// Does what a line asks for; a refusal takes back nothing but itself.
pub(super) fn change(
    tx: &mut Tx<'_>,
    grant: &Grant<CorrectOutcomes>,
    import: ImportId,
    order: &CorrectionOrder,
    now: DateTime<Utc>,
) -> Result<(LineStatus, Vec<Fault>), LedgerError> {
    let institution = grant.institution()?;
    let digest = digest(order);
    if import_changes::is_done(tx.conn(), institution, &digest)? {
        return Ok((LineStatus::AlreadyPosted, Vec::new()));
    }
    tx.conn().batch_execute("savepoint change")?;
    match correct(tx, grant, order, now) {
        Ok(made) => {
            let key = (institution, &digest);
            import_changes::insert(tx, key, made.correction_id, import, now)?;
            Ok((LineStatus::Posted, vec![done(&order.change)]))
        }
        Err(LedgerError::Refused(fault) | LedgerError::Conflict(fault)) => {
            tx.conn().batch_execute("rollback to savepoint change")?;
            let status = if stands_already(&order.change, fault.code) {
                LineStatus::AlreadyPosted
            } else {
                LineStatus::Rejected
            };
            Ok((status, vec![fault]))
        }
        Err(other) => Err(other),
    }
}

/// What the line asks for is so, by whatever way it came about.
fn stands_already(change: &Change, code: &str) -> bool {
    let so = match change {
        Change::Withdraw => CorrectionRefused::AlreadyWithdrawn,
        Change::Correct(_) => CorrectionRefused::NothingToCorrect,
    };
    Fault::from(so).code == code
}

fn done(change: &Change) -> Fault {
    match change {
        Change::Withdraw => Fault::new("LINE_WITHDREW", "该成果已撤销", "the outcome is withdrawn"),
        Change::Correct(_) => {
            Fault::new("LINE_CORRECTED", "该成果已更正", "the outcome is corrected")
        }
    }
}

/// What a line says, in one way of writing.
fn digest(order: &CorrectionOrder) -> [u8; 32] {
    let change = match &order.change {
        Change::Withdraw => json!("withdraw"),
        Change::Correct(to) => said(to),
    };
    let text = json!([
        order.source_ref.as_str(),
        change,
        order.reason.as_str(),
        order.document.as_str(),
    ]);
    Sha256::digest(text.to_string()).into()
}

fn said(to: &Corrected) -> serde_json::Value {
    let stated = to.stated.as_ref().map(|stated| {
        let amount = |it: &creditbank_domain::outcome::StatedAmount| {
            json!([it.unit.as_str(), it.hundredths.to_string()])
        };
        stated.iter().map(amount).collect::<Vec<_>>()
    });
    let progress = to.progress.map(|progress| {
        let minutes = progress.attendance.map(|it| [it.attended(), it.held()]);
        json!([
            progress.lectures_done,
            progress.exam.map(|it| it.to_string()),
            minutes
        ])
    });
    json!([
        to.grade.map(|grade| grade.to_string()),
        to.attempt.map(|attempt| attempt.to_string()),
        to.awarded_on.map(|day| day.to_string()),
        stated,
        progress,
    ])
}
