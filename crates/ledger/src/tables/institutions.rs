//! `institutions`.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::ids::InstitutionId;
use creditbank_domain::institution::Institution;
use creditbank_domain::text::InstitutionCode;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::cached_sql::cached;
use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::parsed;

/// A row as it is stored.
#[derive(QueryableByName, Debug, Clone, PartialEq)]
pub(crate) struct InstitutionRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) institution_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) code: String,
    #[diesel(sql_type = Text)]
    pub(crate) name_zh: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) name_en: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) uscc: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    pub(crate) kinds: Vec<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) level: Option<String>,
    #[diesel(sql_type = Text)]
    pub(crate) standing: String,
    #[diesel(sql_type = Text)]
    pub(crate) alliance_role: String,
    #[diesel(sql_type = Nullable<Date>)]
    pub(crate) joined_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    pub(crate) term_from: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    pub(crate) term_to: Option<NaiveDate>,
    #[diesel(sql_type = Bool)]
    pub(crate) may_open_accounts: bool,
}

impl TryFrom<InstitutionRow> for Institution {
    type Error = LedgerError;

    fn try_from(row: InstitutionRow) -> Result<Self, LedgerError> {
        Ok(Self {
            id: InstitutionId::from_uuid(row.institution_id),
            code: InstitutionCode::new(&row.code)
                .map_err(|_| LedgerError::Corrupt("institutions.code"))?,
            kinds: row
                .kinds
                .iter()
                .map(|kind| parsed(kind, "institutions.kinds"))
                .collect::<Result<_, _>>()?,
            standing: parsed(&row.standing, "institutions.standing")?,
            alliance_role: parsed(&row.alliance_role, "institutions.alliance_role")?,
            joined_on: row.joined_on,
            term_from: row.term_from,
            term_to: row.term_to,
            may_open_accounts: row.may_open_accounts,
        })
    }
}

const COLUMNS: &str = "institution_id, code, name_zh, name_en, uscc, kinds, level, standing, \
                       alliance_role, joined_on, term_from, term_to, may_open_accounts";

pub(crate) fn find(
    conn: &mut PgConnection,
    id: InstitutionId,
) -> Result<Option<InstitutionRow>, LedgerError> {
    let rows: Vec<InstitutionRow> = cached(format!(
        "select {COLUMNS} from institutions where institution_id = $1"
    ))
    .bind::<SqlUuid, _>(id.as_uuid())
    .load(conn)?;
    Ok(rows.into_iter().next())
}

pub(crate) fn list_by_codes(
    conn: &mut PgConnection,
    codes: &[&str],
) -> Result<Vec<InstitutionRow>, LedgerError> {
    Ok(diesel::sql_query(format!(
        "select {COLUMNS} from institutions where code = any($1)"
    ))
    .bind::<Array<Text>, _>(codes)
    .load(conn)?)
}

pub(crate) fn find_by_code(
    conn: &mut PgConnection,
    code: &InstitutionCode,
) -> Result<Option<InstitutionRow>, LedgerError> {
    Ok(list_by_codes(conn, &[code.as_str()])?.into_iter().next())
}

/// False where the code is taken.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    row: &InstitutionRow,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(format!(
        "insert into institutions ({COLUMNS}, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         on conflict (code) do nothing"
    ))
    .bind::<SqlUuid, _>(row.institution_id)
    .bind::<Text, _>(&row.code)
    .bind::<Text, _>(&row.name_zh)
    .bind::<Nullable<Text>, _>(&row.name_en)
    .bind::<Nullable<Text>, _>(&row.uscc)
    .bind::<Array<Text>, _>(&row.kinds)
    .bind::<Nullable<Text>, _>(&row.level)
    .bind::<Text, _>(&row.standing)
    .bind::<Text, _>(&row.alliance_role)
    .bind::<Nullable<Date>, _>(row.joined_on)
    .bind::<Nullable<Date>, _>(row.term_from)
    .bind::<Nullable<Date>, _>(row.term_to)
    .bind::<Bool, _>(row.may_open_accounts)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

/// Lets nobody else decide what is in force at an institution before the end of the transaction.
pub(crate) fn lock(tx: &mut Tx<'_>, id: InstitutionId) -> Result<(), LedgerError> {
    diesel::sql_query("select from institutions where institution_id = $1 for no key update")
        .bind::<SqlUuid, _>(id.as_uuid())
        .execute(tx.conn())?;
    Ok(())
}

/// False where there is no such institution.
pub(crate) fn update_standing(
    tx: &mut Tx<'_>,
    code: &InstitutionCode,
    standing: &str,
) -> Result<bool, LedgerError> {
    let updated = diesel::sql_query("update institutions set standing = $2 where code = $1")
        .bind::<Text, _>(code.as_str())
        .bind::<Text, _>(standing)
        .execute(tx.conn())?;
    Ok(updated == 1)
}
