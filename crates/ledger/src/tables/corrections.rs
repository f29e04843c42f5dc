//! `corrections`: later entries that take back earlier ones. Append-only.

use chrono::{DateTime, Utc};
use creditbank_domain::correction::CorrectionReason;
use creditbank_domain::ids::{
    ClientId, CorrectionId, HoldId, InstitutionId, LearnerId, OutcomeId, RequestId,
};
use creditbank_domain::text::DocumentNumber;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

/// What a correction takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An outcome that was otherwise.
    Correct,
    /// An outcome that never should have been there.
    Withdraw,
    /// An earlier correction or withdrawal.
    Undo(CorrectionId),
    /// An outcome that rested on what another correction took back.
    Carry(CorrectionId),
    /// A conversion.
    ReverseConversion(RequestId),
    /// What a direct hold used.
    ReverseHold(HoldId),
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Withdraw => "withdraw",
            Self::Undo(_) => "undo",
            Self::Carry(_) => "carry",
            Self::ReverseConversion(_) => "reverse_conversion",
            Self::ReverseHold(_) => "reverse_hold",
        }
    }
}

/// Why something is taken back, and in whose name.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    pub(crate) correction_id: CorrectionId,
    pub(crate) reason: CorrectionReason,
    pub(crate) document: DocumentNumber,
    /// In whose name; the bank's where there is none.
    pub(crate) institution: Option<InstitutionId>,
    pub(crate) client: Option<ClientId>,
}

/// A correction to be stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewCorrection {
    pub(crate) learner_id: LearnerId,
    pub(crate) correction_id: CorrectionId,
    pub(crate) kind: Kind,
    pub(crate) outcome_id: Option<OutcomeId>,
    pub(crate) successor: Option<(LearnerId, OutcomeId)>,
}

/// Stores a correction. The database lets nobody take the same thing back twice.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    new: &NewCorrection,
    cause: &Cause,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let (mut request, mut hold, mut undoes, mut caused_by) = (None, None, None, None);
    match new.kind {
        Kind::Correct | Kind::Withdraw => {}
        Kind::Undo(id) => undoes = Some(id.as_uuid()),
        Kind::Carry(id) => caused_by = Some(id.as_uuid()),
        Kind::ReverseConversion(id) => request = Some(id.as_uuid()),
        Kind::ReverseHold(id) => hold = Some(id.as_uuid()),
    }
    diesel::sql_query(
        "insert into corrections (learner_id, correction_id, kind, outcome_id, request_id, \
             hold_id, undoes, caused_by, successor_learner_id, successor_outcome_id, reason, \
             document_number, institution_id, client_id, recorded_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind::<SqlUuid, _>(new.learner_id.as_uuid())
    .bind::<SqlUuid, _>(new.correction_id.as_uuid())
    .bind::<Text, _>(new.kind.as_str())
    .bind::<Nullable<SqlUuid>, _>(new.outcome_id.map(OutcomeId::as_uuid))
    .bind::<Nullable<SqlUuid>, _>(request)
    .bind::<Nullable<SqlUuid>, _>(hold)
    .bind::<Nullable<SqlUuid>, _>(undoes)
    .bind::<Nullable<SqlUuid>, _>(caused_by)
    .bind::<Nullable<SqlUuid>, _>(new.successor.map(|(learner, _)| learner.as_uuid()))
    .bind::<Nullable<SqlUuid>, _>(new.successor.map(|(_, outcome)| outcome.as_uuid()))
    .bind::<Text, _>(cause.reason.as_str())
    .bind::<Text, _>(cause.document.as_str())
    .bind::<Nullable<SqlUuid>, _>(cause.institution.map(InstitutionId::as_uuid))
    .bind::<Nullable<SqlUuid>, _>(cause.client.map(ClientId::as_uuid))
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// A correction of an outcome, as far as undoing it asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredCorrection {
    pub(crate) learner_id: LearnerId,
    /// Whether it is a correction or a withdrawal itself, which may be undone.
    pub(crate) undoable: bool,
    pub(crate) undone: bool,
    pub(crate) outcome_id: Option<OutcomeId>,
    pub(crate) successor: Option<(LearnerId, OutcomeId)>,
}

pub(crate) fn find(
    conn: &mut PgConnection,
    id: CorrectionId,
) -> Result<Option<StoredCorrection>, LedgerError> {
    #[derive(QueryableByName)]
    struct CorrectionRow {
        #[diesel(sql_type = SqlUuid)]
        learner_id: Uuid,
        #[diesel(sql_type = Bool)]
        undoable: bool,
        #[diesel(sql_type = Bool)]
        undone: bool,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        outcome_id: Option<Uuid>,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        successor_learner_id: Option<Uuid>,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        successor_outcome_id: Option<Uuid>,
    }
    let row: Option<CorrectionRow> = diesel::sql_query(
        "select c.learner_id, c.kind in ('correct', 'withdraw') as undoable, \
             exists (select from corrections u where u.undoes = c.correction_id and u.learner_id = \
                 coalesce(c.successor_learner_id, c.learner_id)) as undone, \
             c.outcome_id, c.successor_learner_id, c.successor_outcome_id \
         from corrections c where c.correction_id = $1",
    )
    .bind::<SqlUuid, _>(id.as_uuid())
    .get_result(conn)
    .optional()?;
    Ok(row.map(|row| {
        let successor = row.successor_learner_id.zip(row.successor_outcome_id);
        StoredCorrection {
            learner_id: LearnerId::from_uuid(row.learner_id),
            undoable: row.undoable,
            undone: row.undone,
            outcome_id: row.outcome_id.map(OutcomeId::from_uuid),
            successor: successor.map(|(learner, outcome)| {
                (LearnerId::from_uuid(learner), OutcomeId::from_uuid(outcome))
            }),
        }
    }))
}

/// True where a conversion was taken back.
pub(crate) fn is_reversed(
    conn: &mut PgConnection,
    learner: LearnerId,
    request: RequestId,
) -> Result<bool, LedgerError> {
    let found: usize = diesel::sql_query(
        "select from corrections where learner_id = $1 and request_id = $2 \
         and kind = 'reverse_conversion'",
    )
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<SqlUuid, _>(request.as_uuid())
    .execute(conn)?;
    Ok(found > 0)
}

/// True where what a direct hold used was given back.
pub(crate) fn is_hold_reversed(
    conn: &mut PgConnection,
    learner: LearnerId,
    hold: HoldId,
) -> Result<bool, LedgerError> {
    let found: usize =
        diesel::sql_query("select from corrections where learner_id = $1 and hold_id = $2")
            .bind::<SqlUuid, _>(learner.as_uuid())
            .bind::<SqlUuid, _>(hold.as_uuid())
            .execute(conn)?;
    Ok(found > 0)
}
