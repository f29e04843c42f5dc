//! `readings`: who read whose account. Append-only.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::cached_sql::cached;
use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;

/// Readings to be written, a column each.
#[derive(Default)]
pub(crate) struct Columns {
    ids: Vec<Uuid>,
    pub(crate) learner_nos: Vec<String>,
    pub(crate) read_at: Vec<DateTime<Utc>>,
    pub(crate) what: Vec<&'static str>,
    pub(crate) institutions: Vec<Option<Uuid>>,
    pub(crate) clients: Vec<Option<Uuid>>,
    pub(crate) people: Vec<Option<Uuid>>,
    pub(crate) purposes: Vec<Option<&'static str>>,
    pub(crate) bases: Vec<&'static str>,
    pub(crate) consents: Vec<Option<Uuid>>,
}

/// How many were written: one of a number that is nobody's is not.
pub(crate) fn insert_all(tx: &mut Tx<'_>, mut columns: Columns) -> Result<usize, LedgerError> {
    columns.ids = columns.learner_nos.iter().map(|_| new_id()).collect();
    let written = cached(
        "insert into readings (learner_id, reading_id, read_at, what, institution_id, client_id, \
             person_id, purpose, basis, consent_id) \
         select n.learner_id, r.id, r.read_at, r.what, r.institution, r.client, r.person, r.purpose, \
             r.basis, r.consent \
         from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             as r (id, learner_no, read_at, what, institution, client, person, purpose, basis, \
                 consent) \
         join learner_numbers n using (learner_no)",
    )
    .bind::<Array<SqlUuid>, _>(columns.ids)
    .bind::<Array<Text>, _>(columns.learner_nos)
    .bind::<Array<Timestamptz>, _>(columns.read_at)
    .bind::<Array<Text>, _>(columns.what)
    .bind::<Array<Nullable<SqlUuid>>, _>(columns.institutions)
    .bind::<Array<Nullable<SqlUuid>>, _>(columns.clients)
    .bind::<Array<Nullable<SqlUuid>>, _>(columns.people)
    .bind::<Array<Nullable<Text>>, _>(columns.purposes)
    .bind::<Array<Text>, _>(columns.bases)
    .bind::<Array<Nullable<SqlUuid>>, _>(columns.consents)
    .execute(tx.conn())?;
    Ok(written)
}

/// A reading with the names of who read.
#[derive(QueryableByName)]
pub(crate) struct ReadingRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) reading_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) read_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub(crate) what: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) institution_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) institution_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) client_name: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) person_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) purpose: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) basis: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) consent_id: Option<Uuid>,
}

/// The newest first.
pub(crate) fn list(
    conn: &mut PgConnection,
    learners: &[Uuid],
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<ReadingRow>, LedgerError> {
    let rows = cached(
        "select r.reading_id, r.read_at, r.what, i.code as institution_code, \
             i.name_zh as institution_name, c.name as client_name, r.person_id, r.purpose, \
             r.basis, r.consent_id \
         from readings r \
         left join institutions i on i.institution_id = r.institution_id \
         left join api_clients c on c.client_id = r.client_id \
         where r.learner_id = any($1) and ($2 is null or r.reading_id < $2) \
         order by r.reading_id desc limit $3",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Nullable<SqlUuid>, _>(before)
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?;
    Ok(rows)
}
