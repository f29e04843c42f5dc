//! `transfers` after the first one of a lot: hold, release, settle. Moves lots with them.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::ids::{LearnerId, LotId, RequestId};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;

/// What moves between two accounts of a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MoveKind {
    /// available → held
    Hold,
    /// held → available
    Release,
    /// held → used
    Settle,
}

impl MoveKind {
    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Hold => ("hold", "available", "held"),
            Self::Release => ("release", "held", "available"),
            Self::Settle => ("settle", "held", "used"),
        }
    }
}

/// One move of one lot for a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Move {
    pub(crate) learner_id: LearnerId,
    pub(crate) lot_id: LotId,
    pub(crate) kind: MoveKind,
    pub(crate) amount: Hundredths,
    pub(crate) request_id: RequestId,
}

/// Moves lots: the transfers and the sums they change, in one statement. The lots must be locked.
/// The database refuses what would take an account below zero.
pub(crate) fn move_all(
    tx: &mut Tx<'_>,
    moves: &[Move],
    effective_on: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let moves: Vec<&Move> = moves.iter().filter(|m| !m.amount.is_zero()).collect();
    let learners: Vec<Uuid> = moves.iter().map(|m| m.learner_id.as_uuid()).collect();
    let ids: Vec<Uuid> = moves.iter().map(|_| new_id()).collect();
    let lots: Vec<Uuid> = moves.iter().map(|m| m.lot_id.as_uuid()).collect();
    let kinds: Vec<&str> = moves.iter().map(|m| m.kind.words().0).collect();
    let from: Vec<&str> = moves.iter().map(|m| m.kind.words().1).collect();
    let to: Vec<&str> = moves.iter().map(|m| m.kind.words().2).collect();
    let amounts: Vec<i64> = moves.iter().map(|m| m.amount.get()).collect();
    let requests: Vec<Uuid> = moves.iter().map(|m| m.request_id.as_uuid()).collect();
    diesel::sql_query(include_str!("../sql/move_lots.sql"))
        .bind::<Timestamptz, _>(now)
        .bind::<Date, _>(effective_on)
        .bind::<Array<SqlUuid>, _>(learners)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<SqlUuid>, _>(lots)
        .bind::<Array<Text>, _>(kinds)
        .bind::<Array<Text>, _>(from)
        .bind::<Array<Text>, _>(to)
        .bind::<Array<BigInt>, _>(amounts)
        .bind::<Array<SqlUuid>, _>(requests)
        .execute(tx.conn())?;
    Ok(())
}

/// What a request still holds of each lot.
pub(crate) fn list_held(
    conn: &mut PgConnection,
    learner: LearnerId,
    request: RequestId,
) -> Result<Vec<(LotId, i64)>, LedgerError> {
    #[derive(QueryableByName)]
    struct HeldRow {
        #[diesel(sql_type = SqlUuid)]
        lot_id: Uuid,
        #[diesel(sql_type = BigInt)]
        held: i64,
    }
    let rows: Vec<HeldRow> = diesel::sql_query(
        "select lot_id, sum(case when to_account = 'held' then amount \
                                 when from_account = 'held' then -amount else 0 end)::bigint \
             as held \
         from transfers where learner_id = $1 and request_id = $2 group by lot_id",
    )
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<SqlUuid, _>(request.as_uuid())
    .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|row| (LotId::from_uuid(row.lot_id), row.held))
        .collect())
}
