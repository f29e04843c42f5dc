//! `api_clients`: programs that call the API.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::ClientId;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

/// A row as it is stored, with the institution's code.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct ClientRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) client_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) name: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) institution_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) institution_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) learner_no: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    pub(crate) roles: Vec<String>,
    #[diesel(sql_type = Bool)]
    pub(crate) active: bool,
}

const SELECT: &str = "select c.client_id, c.name, c.institution_id, i.code as institution_code, \
                      c.learner_no, c.roles, c.active \
                      from api_clients c left join institutions i using (institution_id)";

pub(crate) fn find(
    conn: &mut PgConnection,
    id: ClientId,
) -> Result<Option<ClientRow>, LedgerError> {
    let rows: Vec<ClientRow> = diesel::sql_query(format!("{SELECT} where c.client_id = $1"))
        .bind::<SqlUuid, _>(id.as_uuid())
        .load(conn)?;
    Ok(rows.into_iter().next())
}

pub(crate) fn find_by_name(
    conn: &mut PgConnection,
    name: &str,
) -> Result<Option<ClientRow>, LedgerError> {
    let rows: Vec<ClientRow> = diesel::sql_query(format!("{SELECT} where c.name = $1"))
        .bind::<Text, _>(name)
        .load(conn)?;
    Ok(rows.into_iter().next())
}

/// False where the name is taken.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    row: &ClientRow,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into api_clients \
             (client_id, name, institution_id, learner_no, roles, active, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (name) do nothing",
    )
    .bind::<SqlUuid, _>(row.client_id)
    .bind::<Text, _>(&row.name)
    .bind::<Nullable<SqlUuid>, _>(row.institution_id)
    .bind::<Nullable<Text>, _>(&row.learner_no)
    .bind::<Array<Text>, _>(&row.roles)
    .bind::<Bool, _>(row.active)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

pub(crate) fn deactivate(tx: &mut Tx<'_>, client: Uuid) -> Result<(), LedgerError> {
    diesel::sql_query("update api_clients set active = false where client_id = $1")
        .bind::<SqlUuid, _>(client)
        .execute(tx.conn())?;
    Ok(())
}
