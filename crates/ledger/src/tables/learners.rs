//! `learners` and `learner_numbers`.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{InstitutionId, LearnerId};
use creditbank_domain::learner_no::LearnerNo;
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::cached_sql::cached;
use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::parsed;

/// A learner's two names: the key inside, the number outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) learner_id: LearnerId,
    pub(crate) learner_no: LearnerNo,
}

#[derive(QueryableByName)]
pub(crate) struct AccountRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) learner_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) learner_no: String,
}

impl TryFrom<AccountRow> for Account {
    type Error = LedgerError;

    fn try_from(row: AccountRow) -> Result<Self, LedgerError> {
        Ok(Self {
            learner_id: LearnerId::from_uuid(row.learner_id),
            learner_no: parsed(&row.learner_no, "learners.learner_no")?,
        })
    }
}

pub(crate) fn list_by_numbers(
    conn: &mut PgConnection,
    numbers: &[LearnerNo],
) -> Result<Vec<Account>, LedgerError> {
    let numbers: Vec<&str> = numbers.iter().map(LearnerNo::as_str).collect();
    let rows: Vec<AccountRow> = diesel::sql_query(
        "select learner_id, learner_no from learner_numbers where learner_no = any($1)",
    )
    .bind::<Array<Text>, _>(numbers)
    .load(conn)?;
    rows.into_iter().map(Account::try_from).collect()
}

pub(crate) fn find_by_number(
    conn: &mut PgConnection,
    number: LearnerNo,
) -> Result<Option<Account>, LedgerError> {
    let row: Option<AccountRow> =
        cached("select learner_id, learner_no from learner_numbers where learner_no = $1")
            .bind::<Text, _>(number.as_str())
            .get_result(conn)
            .optional()?;
    row.map(Account::try_from).transpose()
}

/// Whose a number is according to either of the two tables that say so: the audit must find an
/// account of which one half is missing.
pub(crate) fn find_id_anywhere(
    conn: &mut PgConnection,
    number: LearnerNo,
) -> Result<Option<LearnerId>, LedgerError> {
    if let Some(account) = find_by_number(conn, number)? {
        return Ok(Some(account.learner_id));
    }
    let row: Option<AccountRow> =
        diesel::sql_query("select learner_id, learner_no from learners where learner_no = $1")
            .bind::<Text, _>(number.as_str())
            .get_result(conn)
            .optional()?;
    Ok(row.map(|row| LearnerId::from_uuid(row.learner_id)))
}

pub(crate) fn list_by_ids(
    conn: &mut PgConnection,
    ids: &[LearnerId],
) -> Result<Vec<Account>, LedgerError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<AccountRow> =
        diesel::sql_query("select learner_id, learner_no from learners where learner_id = any($1)")
            .bind::<Array<SqlUuid>, _>(ids)
            .load(conn)?;
    rows.into_iter().map(Account::try_from).collect()
}

pub(crate) fn insert_all(
    tx: &mut Tx<'_>,
    accounts: &[Account],
    opened_by: InstitutionId,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let ids: Vec<Uuid> = accounts
        .iter()
        .map(|account| account.learner_id.as_uuid())
        .collect();
    let numbers: Vec<&str> = accounts
        .iter()
        .map(|account| account.learner_no.as_str())
        .collect();
    diesel::sql_query(
        "with opened as ( \
             select learner_id, learner_no \
             from unnest($1::uuid[], $2::text[]) as o (learner_id, learner_no) \
         ), numbered as ( \
             insert into learner_numbers (learner_no, learner_id) \
             select learner_no, learner_id from opened \
         ) \
         insert into learners (learner_id, learner_no, opened_by, opened_at) \
         select learner_id, learner_no, $3, $4 from opened",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Text>, _>(numbers)
    .bind::<SqlUuid, _>(opened_by.as_uuid())
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}
