//! `memberships` as those who give them see them, the ended ones too.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{InstitutionId, MembershipId};
use creditbank_domain::process::Hand;
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::error::LedgerError;

#[derive(QueryableByName)]
pub(crate) struct AppointmentRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) membership_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) person_id: Uuid,
    #[diesel(sql_type = Nullable<Binary>)]
    pub(crate) sealed_name: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) institution_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) institution_code: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    pub(crate) roles: Vec<String>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) from_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) until_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) ended_at: Option<DateTime<Utc>>,
}

const SELECT: &str = "select m.membership_id, m.person_id, n.sealed as sealed_name, \
         m.institution_id, i.code as institution_code, m.roles, m.from_at, m.until_at, m.ended_at \
     from memberships m left join institutions i using (institution_id) \
         left join identity.person_names n using (person_id)";

pub(crate) fn find(
    conn: &mut PgConnection,
    id: MembershipId,
) -> Result<Option<AppointmentRow>, LedgerError> {
    let rows = diesel::sql_query(format!("{SELECT} where m.membership_id = $1"))
        .bind::<SqlUuid, _>(id.as_uuid())
        .get_result(conn)
        .optional()?;
    Ok(rows)
}

/// A page in the order in which they were given, of an institution or of all.
pub(crate) fn list(
    conn: &mut PgConnection,
    institution: Option<InstitutionId>,
    (after, limit): (Option<Uuid>, u32),
) -> Result<Vec<AppointmentRow>, LedgerError> {
    Ok(diesel::sql_query(format!(
        "{SELECT} where ($1 is null or m.institution_id = $1) \
             and ($2 is null or m.membership_id > $2) order by m.membership_id limit $3"
    ))
    .bind::<Nullable<SqlUuid>, _>(institution.map(InstitutionId::as_uuid))
    .bind::<Nullable<SqlUuid>, _>(after)
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?)
}

/// Whether a hand reviews for an institution, or checks for the bank where there is none: a person
/// with such a membership that was not ended, or an active client.
pub(crate) fn reviews_for(
    conn: &mut PgConnection,
    hand: Hand,
    institution: Option<InstitutionId>,
) -> Result<bool, LedgerError> {
    #[derive(QueryableByName)]
    struct FoundRow {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let role = if institution.is_some() {
        "reviewer"
    } else {
        "secretariat"
    };
    let row: FoundRow = diesel::sql_query(
        "select exists (select from memberships where person_id = $1 and ended_at is null \
                 and institution_id is not distinct from $2 and $3 = any(roles)) \
             or exists (select from api_clients where client_id = $1 and active \
                 and ($2 is null or institution_id = $2) and $3 = any(roles)) as found",
    )
    .bind::<SqlUuid, _>(hand.0)
    .bind::<Nullable<SqlUuid>, _>(institution.map(InstitutionId::as_uuid))
    .bind::<Text, _>(role)
    .get_result(conn)?;
    Ok(row.found)
}

/// Whether a person belongs to an institution at a moment, as whatever.
pub(crate) fn belongs_to(
    conn: &mut PgConnection,
    person: Uuid,
    institution: InstitutionId,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    #[derive(QueryableByName)]
    struct FoundRow {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let row: FoundRow = diesel::sql_query(
        "select exists (select from memberships where person_id = $1 and institution_id = $2 \
             and ended_at is null and from_at <= $3 and (until_at is null or until_at > $3)) \
         as found",
    )
    .bind::<SqlUuid, _>(person)
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Timestamptz, _>(now)
    .get_result(conn)?;
    Ok(row.found)
}
