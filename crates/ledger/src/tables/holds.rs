//! `holds`: parts of lots reserved for a use other than a conversion.

use chrono::{DateTime, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::hold::HoldPurpose;
use creditbank_domain::ids::{HoldId, InstitutionId, LearnerId, LotId};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::hundredths;

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

/// A hold to be stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewHold {
    pub(crate) learner_id: LearnerId,
    pub(crate) hold_id: HoldId,
    pub(crate) lot_id: LotId,
    pub(crate) institution_id: InstitutionId,
    pub(crate) purpose: HoldPurpose,
    pub(crate) amount: Hundredths,
    pub(crate) expires_at: DateTime<Utc>,
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    hold: &NewHold,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into holds (learner_id, hold_id, lot_id, institution_id, purpose, amount, \
             settled, released, made_at, expires_at) values ($1, $2, $3, $4, $5, $6, 0, 0, $7, $8)",
    )
    .bind::<SqlUuid, _>(hold.learner_id.as_uuid())
    .bind::<SqlUuid, _>(hold.hold_id.as_uuid())
    .bind::<SqlUuid, _>(hold.lot_id.as_uuid())
    .bind::<SqlUuid, _>(hold.institution_id.as_uuid())
    .bind::<Text, _>(hold.purpose.as_str())
    .bind::<BigInt, _>(hold.amount.get())
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(hold.expires_at)
    .execute(tx.conn())?;
    Ok(())
}

/// Finds a hold and its lot and locks the lot, as everybody who moves it does.
pub(crate) fn lock(
    tx: &mut Tx<'_>,
    learner: LearnerId,
    hold: HoldId,
) -> Result<Option<StoredHold>, LedgerError> {
    diesel::sql_query(
        "select from lots where learner_id = $1 and lot_id = \
             (select lot_id from holds where learner_id = $1 and hold_id = $2) for update",
    )
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<SqlUuid, _>(hold.as_uuid())
    .execute(tx.conn())?;
    // A statement of its own, which sees what the one who had the lock has done.
    let row: Option<HoldRow> = diesel::sql_query(format!(
        "select {COLUMNS} from holds where learner_id = $1 and hold_id = $2"
    ))
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<SqlUuid, _>(hold.as_uuid())
    .get_result(tx.conn())
    .optional()?;
    row.map(StoredHold::try_from).transpose()
}

pub(crate) fn add_released(
    tx: &mut Tx<'_>,
    learner: LearnerId,
    hold: HoldId,
    amount: Hundredths,
) -> Result<(), LedgerError> {
    add(tx, "released", learner, hold, amount)
}

pub(crate) fn add_settled(
    tx: &mut Tx<'_>,
    learner: LearnerId,
    hold: HoldId,
    amount: Hundredths,
) -> Result<(), LedgerError> {
    add(tx, "settled", learner, hold, amount)
}

fn add(
    tx: &mut Tx<'_>,
    column: &'static str,
    learner: LearnerId,
    hold: HoldId,
    amount: Hundredths,
) -> Result<(), LedgerError> {
    diesel::sql_query(format!(
        "update holds set {column} = {column} + $3 where learner_id = $1 and hold_id = $2"
    ))
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
