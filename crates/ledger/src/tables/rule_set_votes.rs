//! `rule_set_votes`, `committees` and `committee_members`: who approves rule sets.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::ids::{InstitutionId, RuleSetId};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

/// Keeps a vote; false where the account has voted before.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    rule_set: RuleSetId,
    voter: &str,
    vote: &str,
    committee: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into rule_set_votes (rule_set_id, voter, vote, committee_code, recorded_at) \
         values ($1, $2, $3, $4, $5) on conflict (rule_set_id, voter) do nothing",
    )
    .bind::<SqlUuid, _>(rule_set.as_uuid())
    .bind::<Text, _>(voter)
    .bind::<Text, _>(vote)
    .bind::<Nullable<Text>, _>(committee)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

/// How many approved it.
pub(crate) fn count_approvals(
    conn: &mut PgConnection,
    rule_set: RuleSetId,
) -> Result<i64, LedgerError> {
    #[derive(QueryableByName)]
    struct CountRow {
        #[diesel(sql_type = BigInt)]
        approvals: i64,
    }
    let row: CountRow = diesel::sql_query(
        "select count(*) as approvals from rule_set_votes \
         where rule_set_id = $1 and vote = 'approve'",
    )
    .bind::<SqlUuid, _>(rule_set.as_uuid())
    .get_result(conn)?;
    Ok(row.approvals)
}

/// Registers a committee; false where there is one of that code.
pub(crate) fn insert_committee(
    tx: &mut Tx<'_>,
    code: &str,
    title: &str,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into committees (committee_code, title, created_at) values ($1, $2, $3) \
         on conflict (committee_code) do nothing",
    )
    .bind::<Text, _>(code)
    .bind::<Text, _>(title)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

/// Seats a member from a day on; false where the member has been seated from that day.
pub(crate) fn insert_member(
    tx: &mut Tx<'_>,
    committee: &str,
    member: &str,
    institution: Option<InstitutionId>,
    since: NaiveDate,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into committee_members (committee_code, member, institution_id, member_since) \
         values ($1, $2, $3, $4) on conflict (committee_code, member, member_since) do nothing",
    )
    .bind::<Text, _>(committee)
    .bind::<Text, _>(member)
    .bind::<Nullable<SqlUuid>, _>(institution.map(InstitutionId::as_uuid))
    .bind::<Date, _>(since)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

/// A member on a day, with the college that the member belongs to.
pub(crate) fn find_member(
    conn: &mut PgConnection,
    committee: &str,
    member: &str,
    day: NaiveDate,
) -> Result<Option<Option<InstitutionId>>, LedgerError> {
    #[derive(QueryableByName)]
    struct MemberRow {
        #[diesel(sql_type = Nullable<SqlUuid>)]
        institution_id: Option<Uuid>,
    }
    let row: Option<MemberRow> = diesel::sql_query(
        "select institution_id from committee_members \
         where committee_code = $1 and member = $2 and member_since <= $3 \
             and (member_until is null or member_until >= $3) \
         order by member_since desc limit 1",
    )
    .bind::<Text, _>(committee)
    .bind::<Text, _>(member)
    .bind::<Date, _>(day)
    .get_result(conn)
    .optional()?;
    Ok(row.map(|row| row.institution_id.map(InstitutionId::from_uuid)))
}

/// True where there is a committee of that code.
pub(crate) fn is_committee(conn: &mut PgConnection, code: &str) -> Result<bool, LedgerError> {
    #[derive(QueryableByName)]
    struct CountRow {
        #[diesel(sql_type = BigInt)]
        found: i64,
    }
    let row: CountRow =
        diesel::sql_query("select count(*) as found from committees where committee_code = $1")
            .bind::<Text, _>(code)
            .get_result(conn)?;
    Ok(row.found > 0)
}
