//! `hour_tables`.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{
    Binary, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

/// A version of a table.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct HourTableRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) table_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) authority: String,
    #[diesel(sql_type = Text)]
    pub(crate) code: String,
    #[diesel(sql_type = Integer)]
    pub(crate) version: i32,
    #[diesel(sql_type = Text)]
    pub(crate) document_number: String,
    #[diesel(sql_type = Date)]
    pub(crate) valid_from: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    pub(crate) valid_to: Option<NaiveDate>,
    #[diesel(sql_type = Jsonb)]
    pub(crate) content: serde_json::Value,
    #[diesel(sql_type = Binary)]
    pub(crate) sha256: Vec<u8>,
    #[diesel(sql_type = Text)]
    pub(crate) state: String,
    #[diesel(sql_type = Text)]
    pub(crate) proposed_by: String,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) created_at: DateTime<Utc>,
}

const SELECT: &str = "select table_id, authority, code, version, document_number, valid_from, \
     valid_to, content, sha256, state, proposed_by, created_at from hour_tables";

/// Every version of a table, the latest last.
pub(crate) fn list(
    conn: &mut PgConnection,
    authority: &str,
    code: &str,
) -> Result<Vec<HourTableRow>, LedgerError> {
    let sql = format!("{SELECT} where authority = $1 and code = $2 order by version");
    Ok(diesel::sql_query(sql)
        .bind::<Text, _>(authority)
        .bind::<Text, _>(code)
        .load(conn)?)
}

pub(crate) fn find(
    conn: &mut PgConnection,
    table_id: Uuid,
) -> Result<Option<HourTableRow>, LedgerError> {
    Ok(diesel::sql_query(format!("{SELECT} where table_id = $1"))
        .bind::<SqlUuid, _>(table_id)
        .get_result(conn)
        .optional()?)
}

/// False where the version is there.
pub(crate) fn insert(tx: &mut Tx<'_>, row: &HourTableRow) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into hour_tables (table_id, authority, code, version, document_number, valid_from, \
             valid_to, content, sha256, state, proposed_by, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         on conflict (authority, code, version) do nothing",
    )
    .bind::<SqlUuid, _>(row.table_id)
    .bind::<Text, _>(&row.authority)
    .bind::<Text, _>(&row.code)
    .bind::<Integer, _>(row.version)
    .bind::<Text, _>(&row.document_number)
    .bind::<Date, _>(row.valid_from)
    .bind::<Nullable<Date>, _>(row.valid_to)
    .bind::<Jsonb, _>(&row.content)
    .bind::<Binary, _>(&row.sha256)
    .bind::<Text, _>(&row.state)
    .bind::<Text, _>(&row.proposed_by)
    .bind::<Timestamptz, _>(row.created_at)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

/// False where it was approved meanwhile.
pub(crate) fn approve(
    tx: &mut Tx<'_>,
    table_id: Uuid,
    approved_by: &str,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let approved = diesel::sql_query(
        "update hour_tables set state = 'approved', approved_by = $2, approved_at = $3 \
         where table_id = $1 and state = 'proposed'",
    )
    .bind::<SqlUuid, _>(table_id)
    .bind::<Text, _>(approved_by)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(approved == 1)
}
