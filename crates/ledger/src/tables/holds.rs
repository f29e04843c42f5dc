//! `holds`: parts of lots reserved for a use other than a conversion.

use chrono::{DateTime, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::hold::HoldPurpose;
use creditbank_domain::ids::{HoldId, InstitutionId, LearnerId, LotId};
use creditbank_domain::learner_no::LearnerNo;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::cached_sql::cached;
use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;
use crate::tables::audit_events::{self, Event};
use crate::tables::hundredths;
use crate::tables::learners::MEMBERS_OF_NUMBER;
use crate::tables::transfers::MoveKind;

/// A hold as it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredHold {
    pub(crate) learner_id: LearnerId,
    pub(crate) hold_id: HoldId,
    pub(crate) lot_id: LotId,
    pub(crate) institution_id: InstitutionId,
    pub(crate) amount: Hundredths,
    pub(crate) settled: Hundredths,
    pub(crate) released: Hundredths,
    pub(crate) expires_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct HoldRow {
    #[diesel(sql_type = SqlUuid)]
    learner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    hold_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    lot_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    institution_id: Uuid,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = BigInt)]
    settled: i64,
    #[diesel(sql_type = BigInt)]
    released: i64,
    #[diesel(sql_type = Timestamptz)]
    expires_at: DateTime<Utc>,
}

impl TryFrom<HoldRow> for StoredHold {
    type Error = LedgerError;

    fn try_from(row: HoldRow) -> Result<Self, LedgerError> {
        Ok(Self {
            learner_id: LearnerId::from_uuid(row.learner_id),
            hold_id: HoldId::from_uuid(row.hold_id),
            lot_id: LotId::from_uuid(row.lot_id),
            institution_id: InstitutionId::from_uuid(row.institution_id),
            amount: hundredths(row.amount, "holds.amount")?,
            settled: hundredths(row.settled, "holds.settled")?,
            released: hundredths(row.released, "holds.released")?,
            expires_at: row.expires_at,
        })
    }
}

impl StoredHold {
    /// What is held for it.
    pub(crate) const fn lot(&self) -> HeldLot {
        (self.learner_id, self.lot_id, self.hold_id)
    }

    /// What is neither settled nor released.
    pub(crate) fn left(&self) -> Result<Hundredths, LedgerError> {
        self.amount
            .minus(self.settled)
            .and_then(|left| left.minus(self.released))
            .map_err(|_| LedgerError::Corrupt("holds.amount"))
    }
}

const COLUMNS: &str = "learner_id, hold_id, lot_id, institution_id, amount, settled, \
     released, expires_at";

/// What a new hold is beside its lot and its amount.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewHold {
    pub(crate) institution_id: InstitutionId,
    pub(crate) purpose: HoldPurpose,
    pub(crate) expires_at: DateTime<Utc>,
}

/// What becomes of a hold when its lot moves for it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step<'h> {
    Made(&'h NewHold),
    Settled,
    Released,
}

impl Step<'_> {
    /// The kind of the move, and what is written about the hold.
    const fn written(self) -> (MoveKind, &'static str) {
        match self {
            Self::Made(_) => (
                MoveKind::Hold,
                "insert into holds (learner_id, hold_id, lot_id, institution_id, purpose, \
                     amount, settled, released, made_at, expires_at) \
                 values ($2, $4, $3, $11, $12, $9, 0, 0, $1, $13)",
            ),
            Self::Settled => (
                MoveKind::Settle,
                "update holds set settled = settled + $9 where learner_id = $2 and hold_id = $4",
            ),
            Self::Released => (
                MoveKind::Release,
                "update holds set released = released + $9 where learner_id = $2 and hold_id = $4",
            ),
        }
    }
}

/// Whose lot is held, which one, and the hold.
pub(crate) type HeldLot = (LearnerId, LotId, HoldId);

/// Moves a lot for a hold: the hold, the transfer that says so, the sums it changes and who did it,
/// where somebody did, in one statement. The lot must be locked. The database refuses what would take an account below zero.
pub(crate) fn move_lot(
    tx: &mut Tx<'_>,
    step: Step<'_>,
    (learner, lot, hold): HeldLot,
    amount: Hundredths,
    by: Option<&Event<'_>>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    if amount.is_zero() {
        return Ok(());
    }
    let (kind, written) = step.written();
    let (kind, from, to) = kind.words();
    let made = match step {
        Step::Made(made) => Some(made),
        Step::Settled | Step::Released => None,
    };
    let moving = include_str!("../sql/move_held_lot.sql")
        .replacen("/* what is written about the hold */", written, 1)
        .replacen("/* who did it */", &audit_events::insert_sql(14), 1);
    let moving = cached(moving)
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(learner.as_uuid())
        .bind::<SqlUuid, _>(lot.as_uuid())
        .bind::<SqlUuid, _>(hold.as_uuid())
        .bind::<SqlUuid, _>(new_id())
        .bind::<Text, _>(kind)
        .bind::<Text, _>(from)
        .bind::<Text, _>(to)
        .bind::<BigInt, _>(amount.get())
        .bind::<Date, _>(bank_day(now))
        .bind::<Nullable<SqlUuid>, _>(made.map(|made| made.institution_id.as_uuid()))
        .bind::<Nullable<Text>, _>(made.map(|made| made.purpose.as_str()))
        .bind::<Nullable<Timestamptz>, _>(made.map(|made| made.expires_at));
    audit_events::noting(moving, by).execute(tx.conn())?;
    Ok(())
}

/// Finds a hold and locks first its lot, as everybody who moves it does, and then the hold: so both
/// are seen as the one who had the lock has left them.
fn locking(learner: &str) -> String {
    format!(
        "select {COLUMNS} from holds h join lots l using (learner_id, lot_id) \
         where h.learner_id = {learner} and h.hold_id = $2 for update of l, h"
    )
}

/// Finds a hold of an account and locks it with its lot.
pub(crate) fn lock(
    tx: &mut Tx<'_>,
    learner: LearnerId,
    hold: HoldId,
) -> Result<Option<StoredHold>, LedgerError> {
    let row: Option<HoldRow> = cached(locking("$1"))
        .bind::<SqlUuid, _>(learner.as_uuid())
        .bind::<SqlUuid, _>(hold.as_uuid())
        .get_result(tx.conn())
        .optional()?;
    row.map(StoredHold::try_from).transpose()
}

/// Finds a hold and locks it with its lot, whichever of the accounts it belongs to that are shown
/// as the one of this number.
pub(crate) fn lock_by_number(
    tx: &mut Tx<'_>,
    learner: LearnerNo,
    hold: HoldId,
) -> Result<Option<StoredHold>, LedgerError> {
    let row: Option<HoldRow> = cached(locking(MEMBERS_OF_NUMBER))
        .bind::<Text, _>(learner.as_str())
        .bind::<SqlUuid, _>(hold.as_uuid())
        .get_result(tx.conn())
        .optional()?;
    row.map(StoredHold::try_from).transpose()
}

/// Says that what was left of a hold went back, where its lot was moved with others.
pub(crate) fn add_released(
    tx: &mut Tx<'_>,
    learner: LearnerId,
    hold: HoldId,
    amount: Hundredths,
) -> Result<(), LedgerError> {
    cached("update holds set released = released + $3 where learner_id = $1 and hold_id = $2")
        .bind::<SqlUuid, _>(learner.as_uuid())
        .bind::<SqlUuid, _>(hold.as_uuid())
        .bind::<BigInt, _>(amount.get())
        .execute(tx.conn())?;
    Ok(())
}

/// Holds whose time has passed and of which something is left.
pub(crate) fn list_overdue(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<StoredHold>, LedgerError> {
    let rows: Vec<HoldRow> = diesel::sql_query(format!(
        "select {COLUMNS} from holds where settled + released < amount and expires_at < $1 \
         order by expires_at limit $2"
    ))
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?;
    rows.into_iter().map(StoredHold::try_from).collect()
}
