//! `transfers` after the first one of a lot. Moves lots with them.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::ids::{CorrectionId, HoldId, LearnerId, LotId, RequestId};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::cached_sql::cached_for;
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
    /// available → expired
    Expire,
    /// available → withdrawn
    WithdrawAvailable,
    /// used → withdrawn
    WithdrawUsed,
    /// expired → withdrawn
    WithdrawExpired,
    /// used → available
    Reverse,
}

impl MoveKind {
    /// What it is called, and between which accounts it moves.
    pub(crate) const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Hold => ("hold", "available", "held"),
            Self::Release => ("release", "held", "available"),
            Self::Settle => ("settle", "held", "used"),
            Self::Expire => ("expire", "available", "expired"),
            Self::WithdrawAvailable => ("withdraw", "available", "withdrawn"),
            Self::WithdrawUsed => ("withdraw", "used", "withdrawn"),
            Self::WithdrawExpired => ("withdraw", "expired", "withdrawn"),
            Self::Reverse => ("reverse", "used", "available"),
        }
    }
}

/// Who holds or uses a part of a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum User {
    Request(RequestId),
    Hold(HoldId),
}

impl User {
    const fn request(self) -> Option<Uuid> {
        match self {
            Self::Request(id) => Some(id.as_uuid()),
            Self::Hold(_) => None,
        }
    }

    const fn hold(self) -> Option<Uuid> {
        match self {
            Self::Hold(id) => Some(id.as_uuid()),
            Self::Request(_) => None,
        }
    }
}

/// One move of one lot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Move {
    pub(crate) learner_id: LearnerId,
    pub(crate) lot_id: LotId,
    pub(crate) kind: MoveKind,
    pub(crate) amount: Hundredths,
    /// Who holds or used it; nobody where what is available expires or is withdrawn.
    pub(crate) user: Option<User>,
    /// The correction behind a withdrawal or a reversal.
    pub(crate) correction: Option<CorrectionId>,
    /// The day from which it counts; later where the lot was touched on a later day.
    pub(crate) effective_on: NaiveDate,
}

/// Moves lots: the transfers and the sums they change, in one statement. The lots must be locked.
/// The database refuses what would take an account below zero.
pub(crate) fn move_all(
    tx: &mut Tx<'_>,
    moves: &[Move],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let moves: Vec<&Move> = moves.iter().filter(|m| !m.amount.is_zero()).collect();
    if moves.is_empty() {
        return Ok(());
    }
    let learners: Vec<Uuid> = moves.iter().map(|m| m.learner_id.as_uuid()).collect();
    let ids: Vec<Uuid> = moves.iter().map(|_| new_id()).collect();
    let lots: Vec<Uuid> = moves.iter().map(|m| m.lot_id.as_uuid()).collect();
    let kinds: Vec<&str> = moves.iter().map(|m| m.kind.words().0).collect();
    let from: Vec<&str> = moves.iter().map(|m| m.kind.words().1).collect();
    let to: Vec<&str> = moves.iter().map(|m| m.kind.words().2).collect();
    let amounts: Vec<i64> = moves.iter().map(|m| m.amount.get()).collect();
    let days: Vec<NaiveDate> = moves.iter().map(|m| m.effective_on).collect();
    let requests: Vec<Option<Uuid>> = moves
        .iter()
        .map(|m| m.user.and_then(User::request))
        .collect();
    let holds: Vec<Option<Uuid>> = moves.iter().map(|m| m.user.and_then(User::hold)).collect();
    let corrections: Vec<Option<Uuid>> = moves
        .iter()
        .map(|m| m.correction.map(CorrectionId::as_uuid))
        .collect();
    cached_for(moves.len(), include_str!("../sql/move_lots.sql"))
        .bind::<Timestamptz, _>(now)
        .bind::<Array<SqlUuid>, _>(learners)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<SqlUuid>, _>(lots)
        .bind::<Array<Text>, _>(kinds)
        .bind::<Array<Text>, _>(from)
        .bind::<Array<Text>, _>(to)
        .bind::<Array<BigInt>, _>(amounts)
        .bind::<Array<Date>, _>(days)
        .bind::<Array<Nullable<SqlUuid>>, _>(requests)
        .bind::<Array<Nullable<SqlUuid>>, _>(holds)
        .bind::<Array<Nullable<SqlUuid>>, _>(corrections)
        .execute(tx.conn())?;
    Ok(())
}

/// What requests hold of lots, each by whose lots they are.
pub(crate) fn list_held(
    conn: &mut PgConnection,
    holders: &[(LearnerId, RequestId)],
) -> Result<Vec<(RequestId, LotId, i64)>, LedgerError> {
    #[derive(QueryableByName)]
    struct HeldRow {
        #[diesel(sql_type = SqlUuid)]
        request_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        lot_id: Uuid,
        #[diesel(sql_type = BigInt)]
        held: i64,
    }
    let (learners, requests): (Vec<Uuid>, Vec<Uuid>) = { holders.iter() }
        .map(|(learner, request)| (learner.as_uuid(), request.as_uuid()))
        .unzip();
    let rows: Vec<HeldRow> = diesel::sql_query(
        "select t.request_id, t.lot_id, \
             sum(case when t.to_account = 'held' then t.amount \
                      when t.from_account = 'held' then -t.amount else 0 end)::bigint as held \
         from unnest($1::uuid[], $2::uuid[]) as k (learner_id, request_id) \
         join transfers t using (learner_id, request_id) \
         group by t.request_id, t.lot_id",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<SqlUuid>, _>(requests)
    .load(conn)?;
    let held = |row: HeldRow| {
        let request = RequestId::from_uuid(row.request_id);
        (request, LotId::from_uuid(row.lot_id), row.held)
    };
    Ok(rows.into_iter().map(held).collect())
}

/// What somebody holds of a lot and has used of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use {
    pub(crate) lot_id: LotId,
    pub(crate) user: User,
    pub(crate) held: i64,
    pub(crate) used: i64,
}

/// Who holds or has used these lots of a learner, oldest user first.
pub(crate) fn list_uses(
    conn: &mut PgConnection,
    learner: LearnerId,
    lots: &[LotId],
) -> Result<Vec<Use>, LedgerError> {
    #[derive(QueryableByName)]
    struct UseRow {
        #[diesel(sql_type = SqlUuid)]
        lot_id: Uuid,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        request_id: Option<Uuid>,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        hold_id: Option<Uuid>,
        #[diesel(sql_type = BigInt)]
        held: i64,
        #[diesel(sql_type = BigInt)]
        used: i64,
    }
    let lots: Vec<Uuid> = lots.iter().map(|lot| lot.as_uuid()).collect();
    let rows: Vec<UseRow> = diesel::sql_query(include_str!("../sql/uses_of_lots.sql"))
        .bind::<SqlUuid, _>(learner.as_uuid())
        .bind::<Array<SqlUuid>, _>(lots)
        .load(conn)?;
    rows.into_iter()
        .map(|row| {
            let user = match (row.request_id, row.hold_id) {
                (Some(id), None) => User::Request(RequestId::from_uuid(id)),
                (None, Some(id)) => User::Hold(HoldId::from_uuid(id)),
                _ => return Err(LedgerError::Corrupt("a lot used by nobody")),
            };
            Ok(Use {
                lot_id: LotId::from_uuid(row.lot_id),
                user,
                held: row.held,
                used: row.used,
            })
        })
        .collect()
}
