//! `webhook_endpoints`: where institutions are told of their events.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{InstitutionId, WebhookEndpointId};
use creditbank_domain::webhook::{EndpointState, PauseReason};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

/// An endpoint as it is stored.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct EndpointRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) endpoint_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) institution_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) institution_code: String,
    #[diesel(sql_type = Text)]
    pub(crate) url: String,
    #[diesel(sql_type = Array<Text>)]
    pub(crate) kinds: Vec<String>,
    #[diesel(sql_type = Text)]
    pub(crate) state: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) paused_because: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub(crate) cursor_seq: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) failing_since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) created_at: DateTime<Utc>,
}

const COLUMNS: &str = "e.endpoint_id, e.institution_id, i.code as institution_code, e.url, e.kinds, \
     e.state, e.paused_because, e.cursor_seq, e.failing_since, e.created_at \
     from webhook_endpoints e join institutions i using (institution_id)";

/// Registers an endpoint that is told of whatever comes behind an event.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    (endpoint, institution): (WebhookEndpointId, InstitutionId),
    (url, kinds): (&str, &[String]),
    cursor_seq: i64,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into webhook_endpoints (endpoint_id, institution_id, url, kinds, state, \
             cursor_seq, created_at, changed_at) \
         values ($1, $2, $3, $4, 'active', $5, $6, $6)",
    )
    .bind::<SqlUuid, _>(endpoint.as_uuid())
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Text, _>(url)
    .bind::<Array<Text>, _>(kinds)
    .bind::<BigInt, _>(cursor_seq)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// How many of an institution's endpoints have not ended.
pub(crate) fn count_kept(
    conn: &mut PgConnection,
    institution: InstitutionId,
) -> Result<i64, LedgerError> {
    #[derive(QueryableByName)]
    struct CountRow {
        #[diesel(sql_type = BigInt)]
        kept: i64,
    }
    let row: CountRow = diesel::sql_query(
        "select count(*) as kept from webhook_endpoints \
         where institution_id = $1 and state <> 'ended'",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .get_result(conn)?;
    Ok(row.kept)
}

/// An endpoint, of this institution where one is named.
pub(crate) fn find(
    conn: &mut PgConnection,
    endpoint: WebhookEndpointId,
    only: Option<InstitutionId>,
) -> Result<Option<EndpointRow>, LedgerError> {
    let rows: Vec<EndpointRow> = diesel::sql_query(format!(
        "select {COLUMNS} where e.endpoint_id = $1 and ($2::uuid is null or e.institution_id = $2)"
    ))
    .bind::<SqlUuid, _>(endpoint.as_uuid())
    .bind::<Nullable<SqlUuid>, _>(only.map(InstitutionId::as_uuid))
    .load(conn)?;
    Ok(rows.into_iter().next())
}

/// Locks an endpoint of an institution and gives it.
pub(crate) fn lock(
    tx: &mut Tx<'_>,
    endpoint: WebhookEndpointId,
    institution: InstitutionId,
) -> Result<Option<EndpointRow>, LedgerError> {
    let rows: Vec<EndpointRow> = diesel::sql_query(format!(
        "select {COLUMNS} where e.endpoint_id = $1 and e.institution_id = $2 for update of e"
    ))
    .bind::<SqlUuid, _>(endpoint.as_uuid())
    .bind::<SqlUuid, _>(institution.as_uuid())
    .load(tx.conn())?;
    Ok(rows.into_iter().next())
}

/// Locks an active endpoint whose turn nobody else has.
pub(crate) fn lock_active(
    tx: &mut Tx<'_>,
    endpoint: WebhookEndpointId,
) -> Result<Option<EndpointRow>, LedgerError> {
    let rows: Vec<EndpointRow> = diesel::sql_query(format!(
        "select {COLUMNS} where e.endpoint_id = $1 and e.state = 'active' \
         for update of e skip locked"
    ))
    .bind::<SqlUuid, _>(endpoint.as_uuid())
    .load(tx.conn())?;
    Ok(rows.into_iter().next())
}

/// Endpoints behind `after`, in the order in which they were registered.
pub(crate) fn list(
    conn: &mut PgConnection,
    only: Option<InstitutionId>,
    after: Option<WebhookEndpointId>,
    limit: u32,
) -> Result<Vec<EndpointRow>, LedgerError> {
    Ok(diesel::sql_query(format!(
        "select {COLUMNS} where e.endpoint_id > $1 \
             and ($2::uuid is null or e.institution_id = $2) \
         order by e.endpoint_id limit $3"
    ))
    .bind::<SqlUuid, _>(after.map_or(Uuid::nil(), WebhookEndpointId::as_uuid))
    .bind::<Nullable<SqlUuid>, _>(only.map(InstitutionId::as_uuid))
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?)
}

/// The active ones that have an event behind their cursor and fewer open deliveries than
/// `open_max`.
pub(crate) fn list_behind(
    conn: &mut PgConnection,
    open_max: i64,
) -> Result<Vec<WebhookEndpointId>, LedgerError> {
    #[derive(QueryableByName)]
    struct IdRow {
        #[diesel(sql_type = SqlUuid)]
        endpoint_id: Uuid,
    }
    let rows: Vec<IdRow> = diesel::sql_query(
        "select e.endpoint_id from webhook_endpoints e \
         where e.state = 'active' \
             and exists (select from event_audiences a \
                 where a.institution_id = e.institution_id and a.seq > e.cursor_seq) \
             and not exists (select from webhook_deliveries d \
                 where d.endpoint_id = e.endpoint_id and d.next_attempt_at is not null \
                 offset $1 - 1)",
    )
    .bind::<BigInt, _>(open_max)
    .load(conn)?;
    let ids = rows
        .iter()
        .map(|row| WebhookEndpointId::from_uuid(row.endpoint_id));
    Ok(ids.collect())
}

/// What of an institution's feed comes behind an event.
pub(crate) fn list_audience(
    conn: &mut PgConnection,
    (institution, cursor_seq): (Uuid, i64),
    limit: i64,
) -> Result<Vec<(i64, String)>, LedgerError> {
    #[derive(QueryableByName)]
    struct EventRow {
        #[diesel(sql_type = BigInt)]
        seq: i64,
        #[diesel(sql_type = Text)]
        kind: String,
    }
    let rows: Vec<EventRow> = diesel::sql_query(
        "select a.seq, e.kind from event_audiences a join events e using (seq) \
         where a.institution_id = $1 and a.seq > $2 order by a.seq limit $3",
    )
    .bind::<SqlUuid, _>(institution)
    .bind::<BigInt, _>(cursor_seq)
    .bind::<BigInt, _>(limit)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.seq, row.kind)).collect())
}

/// Moves the cursor.
pub(crate) fn advance(
    tx: &mut Tx<'_>,
    endpoint: WebhookEndpointId,
    cursor_seq: i64,
) -> Result<(), LedgerError> {
    diesel::sql_query("update webhook_endpoints set cursor_seq = $2 where endpoint_id = $1")
        .bind::<SqlUuid, _>(endpoint.as_uuid())
        .bind::<BigInt, _>(cursor_seq)
        .execute(tx.conn())?;
    Ok(())
}

/// Changes the state; whatever was failing begins anew.
pub(crate) fn set_state(
    tx: &mut Tx<'_>,
    endpoint: WebhookEndpointId,
    (state, because): (EndpointState, Option<PauseReason>),
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update webhook_endpoints set state = $2, paused_because = $3, changed_at = $4, \
             rest_until = null, \
             failing_since = case when $2 = 'active' then null else failing_since end \
         where endpoint_id = $1",
    )
    .bind::<SqlUuid, _>(endpoint.as_uuid())
    .bind::<Text, _>(state.as_str())
    .bind::<Nullable<Text>, _>(because.map(PauseReason::as_str))
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// Notes that something got through.
pub(crate) fn note_success(
    tx: &mut Tx<'_>,
    endpoint: WebhookEndpointId,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update webhook_endpoints set failing_since = null, rest_until = null \
         where endpoint_id = $1 and failing_since is not null",
    )
    .bind::<SqlUuid, _>(endpoint.as_uuid())
    .execute(tx.conn())?;
    Ok(())
}

/// Notes that nothing gets through, and gives since when; `None` where it is not active any more.
pub(crate) fn note_failure(
    tx: &mut Tx<'_>,
    endpoint: WebhookEndpointId,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, LedgerError> {
    #[derive(QueryableByName)]
    struct SinceRow {
        #[diesel(sql_type = Timestamptz)]
        failing_since: DateTime<Utc>,
    }
    let rows: Vec<SinceRow> = diesel::sql_query(
        "update webhook_endpoints set failing_since = coalesce(failing_since, $2) \
         where endpoint_id = $1 and state = 'active' returning failing_since",
    )
    .bind::<SqlUuid, _>(endpoint.as_uuid())
    .bind::<Timestamptz, _>(now)
    .load(tx.conn())?;
    Ok(rows.first().map(|row| row.failing_since))
}
