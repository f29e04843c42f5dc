//! `learners` and `learner_numbers`. An account that is merged into another one is found as that
//! one: `learner_aliases` is read along.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{InstitutionId, LearnerId};
use creditbank_domain::learner_no::LearnerNo;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::cached_sql::{cached, cached_for};
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

/// An account as it was asked for, and the one that it is shown as.
#[derive(Debug, Clone)]
pub(crate) struct FoundAccount {
    pub(crate) asked: Account,
    /// The survivor, where the account asked for is merged into another one; else the same.
    pub(crate) account: Account,
    /// The accounts that are shown with that one; hardly anybody has such.
    pub(crate) absorbed: Vec<LearnerId>,
}

impl FoundAccount {
    /// Every account that is shown with the one asked for, that one among them.
    pub(crate) fn members(&self) -> Vec<LearnerId> {
        let mut members = self.absorbed.clone();
        members.push(self.account.learner_id);
        members
    }
}

#[derive(QueryableByName)]
struct FoundRow {
    #[diesel(sql_type = SqlUuid)]
    asked_id: Uuid,
    #[diesel(sql_type = Text)]
    asked_no: String,
    #[diesel(embed)]
    account: AccountRow,
    #[diesel(sql_type = Array<SqlUuid>)]
    absorbed: Vec<Uuid>,
}

impl TryFrom<FoundRow> for FoundAccount {
    type Error = LedgerError;

    fn try_from(row: FoundRow) -> Result<Self, LedgerError> {
        Ok(Self {
            asked: Account::try_from(AccountRow {
                learner_id: row.asked_id,
                learner_no: row.asked_no,
            })?,
            account: row.account.try_into()?,
            absorbed: row.absorbed.into_iter().map(LearnerId::from_uuid).collect(),
        })
    }
}

/// The columns that turn `l`, a learner or number, with its alias `a` into what it is shown as.
/// Where there is no alias, and there hardly ever is, nothing more is read. Where an alias leads
/// nowhere, the account is shown as itself, so that the audit can be run on it.
pub(crate) const SHOWN_AS: &str = "coalesce(a.survivor_id, l.learner_id) as learner_id, \
     case when a.survivor_id is null then l.learner_no \
         else coalesce((select s.learner_no from learners s where s.learner_id = a.survivor_id), \
             l.learner_no) end as learner_no, \
     array(select g.absorbed_id from learner_aliases g \
         where g.survivor_id = coalesce(a.survivor_id, l.learner_id)) as absorbed";

/// Any account that is shown with the one whose number is `$1`, that one among them: for
/// statements that go on from a number to rows of whichever account has them.
pub(crate) const MEMBERS_OF_NUMBER: &str = "any(array( \
    select m.learner_id from learner_numbers n \
    left join learner_aliases a on a.absorbed_id = n.learner_id \
    cross join lateral ( \
        select coalesce(a.survivor_id, n.learner_id) as learner_id \
        union all \
        select g.absorbed_id from learner_aliases g \
        where g.survivor_id = coalesce(a.survivor_id, n.learner_id) \
    ) m where n.learner_no = $1))";

fn by_number(condition: &str) -> String {
    format!(
        "select l.learner_id as asked_id, l.learner_no as asked_no, {SHOWN_AS} \
         from learner_numbers l left join learner_aliases a on a.absorbed_id = l.learner_id \
         where l.learner_no {condition}"
    )
}

/// The accounts of these numbers, in no order.
pub(crate) fn list_by_numbers(
    conn: &mut PgConnection,
    numbers: &[LearnerNo],
) -> Result<Vec<FoundAccount>, LedgerError> {
    let numbers: Vec<&str> = numbers.iter().map(LearnerNo::as_str).collect();
    let rows: Vec<FoundRow> = cached_for(numbers.len(), by_number("= any($1)"))
        .bind::<Array<Text>, _>(numbers)
        .load(conn)?;
    rows.into_iter().map(FoundAccount::try_from).collect()
}

/// The account that a number is shown as.
pub(crate) fn find_by_number(
    conn: &mut PgConnection,
    number: LearnerNo,
) -> Result<Option<FoundAccount>, LedgerError> {
    let row: Option<FoundRow> = cached(by_number("= $1"))
        .bind::<Text, _>(number.as_str())
        .get_result(conn)
        .optional()?;
    row.map(FoundAccount::try_from).transpose()
}

/// Whose a number is according to either of the two tables that say so: the audit must find an
/// account of which one half is missing.
pub(crate) fn find_id_anywhere(
    conn: &mut PgConnection,
    number: LearnerNo,
) -> Result<Option<LearnerId>, LedgerError> {
    if let Some(account) = find_by_number(conn, number)? {
        return Ok(Some(account.asked.learner_id));
    }
    let row: Option<AccountRow> =
        diesel::sql_query("select learner_id, learner_no from learners where learner_no = $1")
            .bind::<Text, _>(number.as_str())
            .get_result(conn)
            .optional()?;
    Ok(row.map(|row| LearnerId::from_uuid(row.learner_id)))
}

/// The accounts of these keys, in no order.
pub(crate) fn list_by_ids(
    conn: &mut PgConnection,
    ids: &[LearnerId],
) -> Result<Vec<FoundAccount>, LedgerError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<FoundRow> = diesel::sql_query(format!(
        "select l.learner_id as asked_id, l.learner_no as asked_no, {SHOWN_AS} \
         from learners l left join learner_aliases a on a.absorbed_id = l.learner_id \
         where l.learner_id = any($1)"
    ))
    .bind::<Array<SqlUuid>, _>(ids)
    .load(conn)?;
    rows.into_iter().map(FoundAccount::try_from).collect()
}

/// Who opened an account, and how much it has.
#[derive(QueryableByName)]
pub(crate) struct OpenedRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) learner_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) learner_no: String,
    #[diesel(sql_type = Text)]
    pub(crate) opened_by: String,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) opened_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    pub(crate) outcomes: i64,
}

/// How these accounts came about, in no order.
pub(crate) fn list_opened(
    conn: &mut PgConnection,
    ids: &[LearnerId],
) -> Result<Vec<OpenedRow>, LedgerError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.as_uuid()).collect();
    Ok(diesel::sql_query(
        "select l.learner_id, l.learner_no, i.code as opened_by, l.opened_at, \
             (select count(*) from outcomes o where o.learner_id = l.learner_id) as outcomes \
         from learners l join institutions i on i.institution_id = l.opened_by \
         where l.learner_id = any($1)",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .load(conn)?)
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
