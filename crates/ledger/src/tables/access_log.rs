//! `access_log`: access that was refused. Append-only.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::cached_sql::cached;
use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;

/// Refusals to be written, a column each.
#[derive(Default)]
pub(crate) struct Columns {
    pub(crate) ids: Vec<Uuid>,
    pub(crate) occurred_at: Vec<DateTime<Utc>>,
    pub(crate) clients: Vec<Option<Uuid>>,
    pub(crate) people: Vec<Option<Uuid>>,
    pub(crate) institutions: Vec<Option<Uuid>>,
    /// With commas between them.
    pub(crate) roles: Vec<String>,
    pub(crate) actions: Vec<Option<&'static str>>,
    pub(crate) routes: Vec<String>,
    pub(crate) subject_kinds: Vec<Option<String>>,
    pub(crate) subject_ids: Vec<Option<Uuid>>,
    pub(crate) learner_nos: Vec<Option<String>>,
    pub(crate) statuses: Vec<i16>,
    pub(crate) codes: Vec<String>,
    pub(crate) networks: Vec<Option<String>>,
    pub(crate) address_tags: Vec<Option<String>>,
    pub(crate) trace_ids: Vec<String>,
}

impl Columns {
    pub(crate) fn add_id(&mut self) {
        self.ids.push(new_id());
    }
}

/// A learner is written down by the id, and only where there is one of that number.
pub(crate) fn insert_all(tx: &mut Tx<'_>, columns: Columns) -> Result<usize, LedgerError> {
    let written = cached(
        "insert into access_log (access_id, occurred_at, client_id, person_id, institution_id, \
             roles, action, route, subject_kind, subject_id, status, code, network, address_tag, \
             trace_id) \
         select r.id, r.at, r.client, r.person, r.institution, string_to_array(r.roles, ','), \
             r.action, r.route, r.subject_kind, coalesce(r.subject_id, n.learner_id), r.status, \
             r.code, r.network, r.address_tag, r.trace_id \
         from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
             as r (id, at, client, person, institution, roles, action, route, subject_kind, \
                 subject_id, learner_no, status, code, network, address_tag, trace_id) \
         left join learner_numbers n on n.learner_no = r.learner_no",
    )
    .bind::<Array<SqlUuid>, _>(columns.ids)
    .bind::<Array<Timestamptz>, _>(columns.occurred_at)
    .bind::<Array<Nullable<SqlUuid>>, _>(columns.clients)
    .bind::<Array<Nullable<SqlUuid>>, _>(columns.people)
    .bind::<Array<Nullable<SqlUuid>>, _>(columns.institutions)
    .bind::<Array<Text>, _>(columns.roles)
    .bind::<Array<Nullable<Text>>, _>(columns.actions)
    .bind::<Array<Text>, _>(columns.routes)
    .bind::<Array<Nullable<Text>>, _>(columns.subject_kinds)
    .bind::<Array<Nullable<SqlUuid>>, _>(columns.subject_ids)
    .bind::<Array<Nullable<Text>>, _>(columns.learner_nos)
    .bind::<Array<SmallInt>, _>(columns.statuses)
    .bind::<Array<Text>, _>(columns.codes)
    .bind::<Array<Nullable<Text>>, _>(columns.networks)
    .bind::<Array<Nullable<Text>>, _>(columns.address_tags)
    .bind::<Array<Text>, _>(columns.trace_ids)
    .execute(tx.conn())?;
    Ok(written)
}

#[derive(QueryableByName)]
struct ForgottenRow {
    #[diesel(sql_type = BigInt)]
    forgotten: i64,
}

/// What the application may not delete itself.
pub(crate) fn forget_before(tx: &mut Tx<'_>, before: DateTime<Utc>) -> Result<usize, LedgerError> {
    let row: ForgottenRow = cached("select forget_access_log($1) as forgotten")
        .bind::<Timestamptz, _>(before)
        .get_result(tx.conn())?;
    Ok(usize::try_from(row.forgotten).unwrap_or_default())
}

/// A write or a refusal, with the names of who it was.
#[derive(QueryableByName)]
pub(crate) struct EntryRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) entry_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) occurred_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) client_name: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) person_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) institution_code: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    pub(crate) roles: Vec<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) action: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) route: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) subject_kind: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) subject_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    pub(crate) status: Option<i16>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) network: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) address_tag: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) trace_id: Option<String>,
}

/// Writes and refusals together, the newest first; where institutions are named, of those alone.
pub(crate) fn list(
    conn: &mut PgConnection,
    institutions: Option<Vec<String>>,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<EntryRow>, LedgerError> {
    let rows = cached(
        "with of_whom as ( \
             select array_agg(institution_id) as ids from institutions where code = any($3) \
         ), refused as ( \
             select access_id as entry_id, occurred_at, client_id, person_id, institution_id, \
                 roles, action, route, subject_kind, subject_id, status, code, network, \
                 address_tag, trace_id \
             from access_log where ($1 is null or access_id < $1) \
                 and ($3 is null or institution_id = any((select ids from of_whom)::uuid[])) \
             order by access_id desc limit $2 \
         ), written as ( \
             select event_id as entry_id, occurred_at, client_id, person_id, institution_id, \
                 coalesce(roles, '{}') as roles, action, null as route, subject_kind, subject_id, \
                 null::smallint as status, null as code, network, null as address_tag, trace_id \
             from audit_events where ($1 is null or event_id < $1) \
                 and ($3 is null or institution_id = any((select ids from of_whom)::uuid[])) \
             order by event_id desc limit $2 \
         ) \
         select e.*, c.name as client_name, i.code as institution_code \
         from (select * from refused union all select * from written) e \
         left join api_clients c on c.client_id = e.client_id \
         left join institutions i on i.institution_id = e.institution_id \
         order by e.entry_id desc limit $2",
    )
    .bind::<Nullable<SqlUuid>, _>(before)
    .bind::<BigInt, _>(i64::from(limit))
    .bind::<Nullable<Array<Text>>, _>(institutions)
    .load(conn)?;
    Ok(rows)
}
