//! `notices`: what everyone concerned is told, beside the transfers themselves. Append-only.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{CorrectionId, InstitutionId, LearnerId, LotId, OutcomeId, RequestId};
use diesel::prelude::*;
use diesel::sql_types::{Array, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};

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
    // A handful in one correction, so a statement each.
    for notice in notices {
        let institutions = notice.institutions.iter().map(|id| id.as_uuid());
        diesel::sql_query(
            "insert into notices (learner_id, notice_id, kind, institution_ids, lot_id, \
                 outcome_id, request_id, correction_id, figures, recorded_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind::<SqlUuid, _>(notice.learner_id.as_uuid())
        .bind::<SqlUuid, _>(new_id())
        .bind::<Text, _>(notice.kind)
        .bind::<Array<SqlUuid>, _>(institutions.collect::<Vec<_>>())
        .bind::<Nullable<SqlUuid>, _>(notice.lot.map(LotId::as_uuid))
        .bind::<Nullable<SqlUuid>, _>(notice.outcome.map(OutcomeId::as_uuid))
        .bind::<Nullable<SqlUuid>, _>(notice.request.map(RequestId::as_uuid))
        .bind::<Nullable<SqlUuid>, _>(notice.correction.map(CorrectionId::as_uuid))
        .bind::<Jsonb, _>(&notice.figures)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())?;
    }
    Ok(())
}
