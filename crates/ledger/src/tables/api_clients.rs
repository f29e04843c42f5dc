//! `api_clients`: programs that call the API.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{ClientId, InstitutionId};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
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
    #[diesel(sql_type = Nullable<Array<Text>>)]
    pub(crate) scopes: Option<Vec<String>>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) keeper_id: Option<Uuid>,
    #[diesel(sql_type = Bool)]
    pub(crate) active: bool,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) created_at: DateTime<Utc>,
}

const SELECT: &str = "select c.client_id, c.name, c.institution_id, i.code as institution_code, \
                      c.learner_no, c.roles, c.scopes, c.keeper_id, c.active, c.created_at \
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

/// Of one institution, or of all of them; never a learner's, and with no other roles than these.
const KEPT: &str = "where c.institution_id is not null and ($1 is null or c.institution_id = $1) \
                    and c.learner_no is null and c.roles <@ $2";

/// A page of those that institutions have, in the order in which they were made.
pub(crate) fn list_kept(
    conn: &mut PgConnection,
    (institution, roles): (Option<InstitutionId>, &[&str]),
    (after, limit): (Option<Uuid>, u32),
) -> Result<Vec<ClientRow>, LedgerError> {
    Ok(diesel::sql_query(format!(
        "{SELECT} {KEPT} and ($3 is null or c.client_id > $3) order by c.client_id limit $4"
    ))
    .bind::<Nullable<SqlUuid>, _>(institution.map(InstitutionId::as_uuid))
    .bind::<Array<Text>, _>(roles)
    .bind::<Nullable<SqlUuid>, _>(after)
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?)
}

/// One of those.
pub(crate) fn find_kept(
    conn: &mut PgConnection,
    (institution, roles): (Option<InstitutionId>, &[&str]),
    client: ClientId,
) -> Result<Option<ClientRow>, LedgerError> {
    Ok(
        diesel::sql_query(format!("{SELECT} {KEPT} and c.client_id = $3"))
            .bind::<Nullable<SqlUuid>, _>(institution.map(InstitutionId::as_uuid))
            .bind::<Array<Text>, _>(roles)
            .bind::<SqlUuid, _>(client.as_uuid())
            .get_result(conn)
            .optional()?,
    )
}

/// Lets one after the other change a client's secrets and keys.
pub(crate) fn take_turn(tx: &mut Tx<'_>, client: Uuid) -> Result<(), LedgerError> {
    diesel::sql_query("select from api_clients where client_id = $1 for no key update")
        .bind::<SqlUuid, _>(client)
        .execute(tx.conn())?;
    Ok(())
}

/// How many of an institution's are not switched off.
pub(crate) fn count_active(conn: &mut PgConnection, institution: Uuid) -> Result<i64, LedgerError> {
    #[derive(QueryableByName)]
    struct CountRow {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let row: CountRow = diesel::sql_query(
        "select count(*) as count from api_clients where institution_id = $1 and active",
    )
    .bind::<SqlUuid, _>(institution)
    .get_result(conn)?;
    Ok(row.count)
}

/// Whose hand a client is from now on.
pub(crate) fn set_keeper(tx: &mut Tx<'_>, client: Uuid, keeper: Uuid) -> Result<(), LedgerError> {
    diesel::sql_query("update api_clients set keeper_id = $2 where client_id = $1")
        .bind::<SqlUuid, _>(client)
        .bind::<SqlUuid, _>(keeper)
        .execute(tx.conn())?;
    Ok(())
}

/// False where the name is taken.
pub(crate) fn insert(tx: &mut Tx<'_>, row: &ClientRow) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into api_clients \
             (client_id, name, institution_id, learner_no, roles, active, created_at, scopes, \
              keeper_id) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (name) do nothing",
    )
    .bind::<SqlUuid, _>(row.client_id)
    .bind::<Text, _>(&row.name)
    .bind::<Nullable<SqlUuid>, _>(row.institution_id)
    .bind::<Nullable<Text>, _>(&row.learner_no)
    .bind::<Array<Text>, _>(&row.roles)
    .bind::<Bool, _>(row.active)
    .bind::<Timestamptz, _>(row.created_at)
    .bind::<Nullable<Array<Text>>, _>(&row.scopes)
    .bind::<Nullable<SqlUuid>, _>(row.keeper_id)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

pub(crate) fn deactivate(tx: &mut Tx<'_>, client: Uuid) -> Result<(), LedgerError> {
    diesel::sql_query("update api_clients set active = false where client_id = $1")
        .bind::<SqlUuid, _>(client)
        .execute(tx.conn())?;
    Ok(())
}
