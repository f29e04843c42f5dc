//! `notices`: what everyone concerned is told, beside the transfers themselves. Append-only.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{CorrectionId, InstitutionId, LearnerId, LotId, OutcomeId, RequestId};
use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Timestamptz};
use serde_json::json;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;

/// Something that somebody is told.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    pub(crate) learner_id: LearnerId,
    /// A word of the table's list.
    pub(crate) kind: &'static str,
    pub(crate) institutions: Vec<InstitutionId>,
    pub(crate) lot: Option<LotId>,
    pub(crate) outcome: Option<OutcomeId>,
    pub(crate) request: Option<RequestId>,
    pub(crate) correction: Option<CorrectionId>,
    /// Amounts, days and codes; no personal data.
    pub(crate) figures: serde_json::Value,
}

/// Writes notices down; what follows in the feed is the sequencer's.
pub(crate) fn insert_all(
    tx: &mut Tx<'_>,
    notices: &[Notice],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let rows: Vec<serde_json::Value> = { notices.iter() }
        .map(|notice| {
            json!({
                "learner_id": notice.learner_id,
                "notice_id": new_id(),
                "kind": notice.kind,
                "institution_ids": notice.institutions,
                "lot_id": notice.lot,
                "outcome_id": notice.outcome,
                "request_id": notice.request,
                "correction_id": notice.correction,
                "figures": notice.figures,
            })
        })
        .collect();
    diesel::sql_query(
        "insert into notices (learner_id, notice_id, kind, institution_ids, lot_id, outcome_id, \
             request_id, correction_id, figures, recorded_at) \
         select learner_id, notice_id, kind, institution_ids, lot_id, outcome_id, request_id, \
             correction_id, figures, $2 \
         from jsonb_populate_recordset(null::notices, $1)",
    )
    .bind::<Jsonb, _>(serde_json::Value::Array(rows))
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}
