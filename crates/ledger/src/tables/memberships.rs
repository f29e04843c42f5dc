//! `memberships`: what people are, and for whom.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::Role;
use creditbank_domain::ids::{InstitutionId, MembershipId, PersonId};
use creditbank_domain::person::Membership;
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::cached_sql::cached;
use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::parsed;

/// A membership that was not ended.
#[derive(QueryableByName)]
pub(crate) struct MembershipRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) membership_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    institution_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    institution_code: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    roles: Vec<String>,
    #[diesel(sql_type = Timestamptz)]
    from_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    until_at: Option<DateTime<Utc>>,
}

impl TryFrom<MembershipRow> for Membership {
    type Error = LedgerError;

    fn try_from(row: MembershipRow) -> Result<Self, LedgerError> {
        let roles = row.roles.iter();
        Ok(Self {
            institution: row.institution_id.map(InstitutionId::from_uuid),
            institution_code: row.institution_code,
            roles: roles
                .map(|role| parsed(role, "memberships.roles"))
                .collect::<Result<_, _>>()?,
            from: row.from_at,
            until: row.until_at,
        })
    }
}

pub(crate) fn list_of(
    conn: &mut PgConnection,
    person: PersonId,
) -> Result<Vec<MembershipRow>, LedgerError> {
    let rows = cached(
        "select m.membership_id, m.institution_id, i.code as institution_code, m.roles, \
             m.from_at, m.until_at \
         from memberships m left join institutions i using (institution_id) \
         where m.person_id = $1 and m.ended_at is null order by m.membership_id",
    )
    .bind::<SqlUuid, _>(person.as_uuid())
    .load(conn)?;
    Ok(rows)
}

/// A membership to be given.
pub(crate) struct NewRow<'a> {
    pub(crate) id: MembershipId,
    pub(crate) person: PersonId,
    pub(crate) institution: Option<InstitutionId>,
    pub(crate) roles: &'a [Role],
    pub(crate) from: DateTime<Utc>,
    pub(crate) until: Option<DateTime<Utc>>,
    pub(crate) given_by: Option<PersonId>,
}

/// False where the person has one for that institution that was not ended.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    row: &NewRow<'_>,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let roles: Vec<&str> = row.roles.iter().map(|role| role.as_str()).collect();
    let inserted = diesel::sql_query(
        "insert into memberships (membership_id, person_id, institution_id, roles, from_at, \
             until_at, given_at, given_by) \
         values ($1, $2, $3, $4, $5, $6, $7, $8) \
         on conflict (person_id, institution_id) where ended_at is null do nothing",
    )
    .bind::<SqlUuid, _>(row.id.as_uuid())
    .bind::<SqlUuid, _>(row.person.as_uuid())
    .bind::<Nullable<SqlUuid>, _>(row.institution.map(InstitutionId::as_uuid))
    .bind::<Array<Text>, _>(roles)
    .bind::<Timestamptz, _>(row.from)
    .bind::<Nullable<Timestamptz>, _>(row.until)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<SqlUuid>, _>(row.given_by.map(PersonId::as_uuid))
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

/// False where there is no such membership that was not ended.
pub(crate) fn end(
    tx: &mut Tx<'_>,
    membership: MembershipId,
    ended_by: Option<PersonId>,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let ended = diesel::sql_query(
        "update memberships set ended_at = $2, ended_by = $3 \
         where membership_id = $1 and ended_at is null",
    )
    .bind::<SqlUuid, _>(membership.as_uuid())
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<SqlUuid>, _>(ended_by.map(PersonId::as_uuid))
    .execute(tx.conn())?;
    Ok(ended == 1)
}
