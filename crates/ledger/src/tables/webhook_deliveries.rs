//! `webhook_deliveries`: one event for one endpoint, until it is delivered or given up.

use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::ids::{WebhookDeliveryId, WebhookEndpointId};
use creditbank_domain::webhook::DeliveryState;
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Interval, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;

/// A delivery as it is stored.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct DeliveryRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) delivery_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) endpoint_id: Uuid,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(crate) seq: Option<i64>,
    #[diesel(sql_type = Text)]
    pub(crate) state: String,
    #[diesel(sql_type = SmallInt)]
    pub(crate) attempts: i16,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) next_attempt_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    pub(crate) last_status: Option<i16>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) last_error: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) last_attempt_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "delivery_id, endpoint_id, seq, state, attempts, next_attempt_at, \
     last_status, last_error, created_at, last_attempt_at";

/// Hands out events, or a ping where there is none, to be sent at once.
pub(crate) fn insert_all(
    tx: &mut Tx<'_>,
    endpoint: WebhookEndpointId,
    seqs: &[Option<i64>],
    now: DateTime<Utc>,
) -> Result<Vec<WebhookDeliveryId>, LedgerError> {
    let ids: Vec<Uuid> = seqs.iter().map(|_| new_id()).collect();
    diesel::sql_query(
        "insert into webhook_deliveries (delivery_id, endpoint_id, seq, state, attempts, \
             next_attempt_at, created_at) \
         select delivery_id, $1, seq, 'pending', 0, $4, $4 \
         from unnest($2::uuid[], $3::bigint[]) as d (delivery_id, seq)",
    )
    .bind::<SqlUuid, _>(endpoint.as_uuid())
    .bind::<Array<SqlUuid>, _>(&ids)
    .bind::<Array<Nullable<BigInt>>, _>(seqs)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(ids.into_iter().map(WebhookDeliveryId::from_uuid).collect())
}

/// Takes deliveries that are due and that nobody else takes: at most `limit`, and of an endpoint
/// `at_once`, or a single one where it is failing, which then rests. Whoever takes one has
/// until the end of the `lease` to say what became of it.
pub(crate) fn claim_due(
    tx: &mut Tx<'_>,
    (limit, at_once): (u32, u32),
    (lease, rest): (TimeDelta, TimeDelta),
    now: DateTime<Utc>,
) -> Result<Vec<DeliveryRow>, LedgerError> {
    Ok(
        diesel::sql_query(include_str!("../sql/claim_deliveries.sql"))
            .bind::<Timestamptz, _>(now)
            .bind::<BigInt, _>(i64::from(limit))
            .bind::<BigInt, _>(i64::from(at_once))
            .bind::<Interval, _>(lease)
            .bind::<Interval, _>(rest)
            .load(tx.conn())?,
    )
}

/// What an attempt came to.
pub(crate) struct Settlement<'a> {
    pub(crate) state: DeliveryState,
    pub(crate) next_attempt_at: Option<DateTime<Utc>>,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<&'a str>,
}

/// Notes what an attempt came to, unless another one began since.
pub(crate) fn settle(
    tx: &mut Tx<'_>,
    (delivery, attempt): (WebhookDeliveryId, u16),
    settlement: &Settlement<'_>,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let small = |number: u16| i16::try_from(number).unwrap_or(i16::MAX);
    let settled = diesel::sql_query(
        "update webhook_deliveries set state = $3, next_attempt_at = $4, last_status = $5, \
             last_error = $6, last_attempt_at = $7 \
         where delivery_id = $1 and attempts = $2 and next_attempt_at is not null",
    )
    .bind::<SqlUuid, _>(delivery.as_uuid())
    .bind::<SmallInt, _>(small(attempt))
    .bind::<Text, _>(settlement.state.as_str())
    .bind::<Nullable<Timestamptz>, _>(settlement.next_attempt_at)
    .bind::<Nullable<SmallInt>, _>(settlement.status.map(small))
    .bind::<Nullable<Text>, _>(settlement.error)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(settled == 1)
}

/// A delivery of an endpoint, locked.
pub(crate) fn lock(
    tx: &mut Tx<'_>,
    endpoint: WebhookEndpointId,
    delivery: WebhookDeliveryId,
) -> Result<Option<DeliveryRow>, LedgerError> {
    let rows: Vec<DeliveryRow> = diesel::sql_query(format!(
        "select {COLUMNS} from webhook_deliveries \
         where endpoint_id = $1 and delivery_id = $2 for update"
    ))
    .bind::<SqlUuid, _>(endpoint.as_uuid())
    .bind::<SqlUuid, _>(delivery.as_uuid())
    .load(tx.conn())?;
    Ok(rows.into_iter().next())
}

/// Begins anew with a delivery that was settled.
pub(crate) fn reopen(
    tx: &mut Tx<'_>,
    delivery: WebhookDeliveryId,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update webhook_deliveries set state = 'pending', attempts = 0, next_attempt_at = $2 \
         where delivery_id = $1",
    )
    .bind::<SqlUuid, _>(delivery.as_uuid())
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// Makes everything that waits at an endpoint due now, each with all its attempts before it.
pub(crate) fn hasten(
    tx: &mut Tx<'_>,
    endpoint: WebhookEndpointId,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update webhook_deliveries set next_attempt_at = $2, attempts = 0 \
         where endpoint_id = $1 and next_attempt_at is not null",
    )
    .bind::<SqlUuid, _>(endpoint.as_uuid())
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// Gives up everything that waits at an endpoint.
pub(crate) fn give_up_all(tx: &mut Tx<'_>, endpoint: WebhookEndpointId) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update webhook_deliveries set state = 'given_up', next_attempt_at = null, \
             last_error = 'ENDPOINT_ENDED' \
         where endpoint_id = $1 and next_attempt_at is not null",
    )
    .bind::<SqlUuid, _>(endpoint.as_uuid())
    .execute(tx.conn())?;
    Ok(())
}

/// An endpoint's deliveries before `before`, newest first.
pub(crate) fn list(
    conn: &mut PgConnection,
    endpoint: WebhookEndpointId,
    state: Option<DeliveryState>,
    before: Option<WebhookDeliveryId>,
    limit: u32,
) -> Result<Vec<DeliveryRow>, LedgerError> {
    Ok(diesel::sql_query(format!(
        "select {COLUMNS} from webhook_deliveries \
         where endpoint_id = $1 and delivery_id < $2 and ($3::text is null or state = $3) \
         order by delivery_id desc limit $4"
    ))
    .bind::<SqlUuid, _>(endpoint.as_uuid())
    .bind::<SqlUuid, _>(before.map_or(Uuid::max(), WebhookDeliveryId::as_uuid))
    .bind::<Nullable<Text>, _>(state.map(DeliveryState::as_str))
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?)
}

/// Forgets what was settled before a moment, some at a time.
pub(crate) fn forget_before(
    tx: &mut Tx<'_>,
    before: DateTime<Utc>,
    limit: u32,
) -> Result<usize, LedgerError> {
    Ok(diesel::sql_query(
        "delete from webhook_deliveries where delivery_id in ( \
             select delivery_id from webhook_deliveries \
             where next_attempt_at is null and last_attempt_at < $1 \
             order by last_attempt_at limit $2)",
    )
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(i64::from(limit))
    .execute(tx.conn())?)
}
