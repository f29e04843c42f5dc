//! `lots` by their last day, and `expiry_warnings`.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::ids::{LearnerId, LotId};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;
use crate::tables::hundredths;

/// A lot past its last day of which something is left.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EndingLot {
    pub(crate) learner_id: LearnerId,
    pub(crate) lot_id: LotId,
    pub(crate) expires_on: NaiveDate,
    pub(crate) available: Hundredths,
}

#[derive(QueryableByName)]
struct EndingRow {
    #[diesel(sql_type = SqlUuid)]
    learner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    lot_id: Uuid,
    #[diesel(sql_type = Date)]
    expires_on: NaiveDate,
    #[diesel(sql_type = BigInt)]
    available: i64,
}

/// Locks lots that ended before `today`, behind `after`, in the order of their days. What another
/// process is moving at this moment is left to it.
pub(crate) fn lock_ended(
    tx: &mut Tx<'_>,
    today: NaiveDate,
    after: Option<EndingLot>,
    limit: u32,
) -> Result<Vec<EndingLot>, LedgerError> {
    let rows: Vec<EndingRow> = diesel::sql_query(
        "select learner_id, lot_id, expires_on, available from lots \
         where expires_on < $1 and expired + withdrawn < issued and available > 0 \
             and ($2::date is null or (expires_on, learner_id, lot_id) > ($2, $3, $4)) \
         order by expires_on, learner_id, lot_id limit $5 for update skip locked",
    )
    .bind::<Date, _>(today)
    .bind::<Nullable<Date>, _>(after.map(|lot| lot.expires_on))
    .bind::<Nullable<SqlUuid>, _>(after.map(|lot| lot.learner_id.as_uuid()))
    .bind::<Nullable<SqlUuid>, _>(after.map(|lot| lot.lot_id.as_uuid()))
    .bind::<BigInt, _>(i64::from(limit))
    .load(tx.conn())?;
    rows.into_iter()
        .map(|row| {
            Ok(EndingLot {
                learner_id: LearnerId::from_uuid(row.learner_id),
                lot_id: LotId::from_uuid(row.lot_id),
                expires_on: row.expires_on,
                available: hundredths(row.available, "lots.available")?,
            })
        })
        .collect()
}

/// Warns of lots that end within 180, 90 or 30 days, each time once; a lot that comes late gets
/// the nearest warning only. Says how many warnings were given.
pub(crate) fn warn(
    tx: &mut Tx<'_>,
    today: NaiveDate,
    limit: u32,
    now: DateTime<Utc>,
) -> Result<usize, LedgerError> {
    #[derive(QueryableByName)]
    struct WarnedRow {
        #[diesel(sql_type = SqlUuid)]
        learner_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        lot_id: Uuid,
    }
    let warned: Vec<WarnedRow> = diesel::sql_query(include_str!("../sql/warn_of_expiry.sql"))
        .bind::<Date, _>(today)
        .bind::<BigInt, _>(i64::from(limit))
        .bind::<Timestamptz, _>(now)
        .load(tx.conn())?;
    let ids: Vec<Uuid> = warned.iter().map(|_| new_id()).collect();
    let learners: Vec<Uuid> = warned.iter().map(|row| row.learner_id).collect();
    let lots: Vec<Uuid> = warned.iter().map(|row| row.lot_id).collect();
    diesel::sql_query(include_str!("../sql/notify_of_expiry.sql"))
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<SqlUuid>, _>(learners)
        .bind::<Array<SqlUuid>, _>(lots)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())?;
    Ok(warned.len())
}
