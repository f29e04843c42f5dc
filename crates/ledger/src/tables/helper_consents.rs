//! `helper_consents`: whom learners have authorised to act for them.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::Scope;
use creditbank_domain::ids::{HelperConsentId, LearnerId, PersonId};
use creditbank_domain::person::Help;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::cached_sql::cached;
use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::parsed;

#[derive(QueryableByName)]
struct HelpRow {
    #[diesel(sql_type = Text)]
    learner_no: String,
    #[diesel(sql_type = Array<Text>)]
    scopes: Vec<String>,
    #[diesel(sql_type = Timestamptz)]
    until_at: DateTime<Utc>,
}

/// For whom somebody may act, whatever the time is.
pub(crate) fn list_of(conn: &mut PgConnection, helper: PersonId) -> Result<Vec<Help>, LedgerError> {
    let rows: Vec<HelpRow> = cached(
        "select l.learner_no, h.scopes, h.until_at \
         from helper_consents h join learners l using (learner_id) \
         where h.helper_id = $1 and h.ended_at is null order by h.consent_id",
    )
    .bind::<SqlUuid, _>(helper.as_uuid())
    .load(conn)?;
    { rows.into_iter() }
        .map(|row| {
            Ok(Help {
                learner: parsed(&row.learner_no, "learners.learner_no")?,
                scopes: scopes(&row.scopes)?,
                until: row.until_at,
            })
        })
        .collect()
}

pub(crate) fn scopes(words: &[String]) -> Result<Vec<Scope>, LedgerError> {
    { words.iter() }
        .map(|word| parsed(word, "helper_consents.scopes"))
        .collect()
}

/// A consent as it is kept.
#[derive(QueryableByName)]
pub(crate) struct ConsentRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) consent_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) helper_id: Uuid,
    #[diesel(sql_type = Array<Text>)]
    pub(crate) scopes: Vec<String>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) given_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) until_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) ended_at: Option<DateTime<Utc>>,
}

const SELECT: &str = "select h.consent_id, h.helper_id, h.scopes, h.given_at, h.until_at, \
     h.ended_at from helper_consents h";

/// A page of what a learner said, in order.
pub(crate) fn list(
    conn: &mut PgConnection,
    learner: LearnerId,
    (after, limit): (Option<Uuid>, u32),
) -> Result<Vec<ConsentRow>, LedgerError> {
    Ok(diesel::sql_query(format!(
        "{SELECT} where h.learner_id = $1 and ($2 is null or h.consent_id > $2) \
         order by h.consent_id limit $3"
    ))
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<Nullable<SqlUuid>, _>(after)
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?)
}

pub(crate) fn find(
    conn: &mut PgConnection,
    learner: LearnerId,
    id: HelperConsentId,
) -> Result<Option<ConsentRow>, LedgerError> {
    Ok(diesel::sql_query(format!(
        "{SELECT} where h.learner_id = $1 and h.consent_id = $2"
    ))
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<SqlUuid, _>(id.as_uuid())
    .get_result(conn)
    .optional()?)
}

/// A consent to be kept.
pub(crate) struct NewRow<'a> {
    pub(crate) id: HelperConsentId,
    pub(crate) learner: LearnerId,
    pub(crate) helper: PersonId,
    pub(crate) scopes: &'a [Scope],
    pub(crate) until: DateTime<Utc>,
    pub(crate) given_by: Option<PersonId>,
}

/// Ends what ran out, so that it can be said again; false where one stands.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    row: &NewRow<'_>,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    diesel::sql_query(
        "update helper_consents set ended_at = until_at \
         where helper_id = $1 and learner_id = $2 and ended_at is null and until_at <= $3",
    )
    .bind::<SqlUuid, _>(row.helper.as_uuid())
    .bind::<SqlUuid, _>(row.learner.as_uuid())
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    let scopes: Vec<&str> = row.scopes.iter().map(|scope| scope.as_str()).collect();
    let inserted = diesel::sql_query(
        "insert into helper_consents (consent_id, learner_id, helper_id, scopes, until_at, \
             given_at, given_by) \
         values ($1, $2, $3, $4, $5, $6, $7) \
         on conflict (helper_id, learner_id) where ended_at is null do nothing",
    )
    .bind::<SqlUuid, _>(row.id.as_uuid())
    .bind::<SqlUuid, _>(row.learner.as_uuid())
    .bind::<SqlUuid, _>(row.helper.as_uuid())
    .bind::<Array<Text>, _>(scopes)
    .bind::<Timestamptz, _>(row.until)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<SqlUuid>, _>(row.given_by.map(PersonId::as_uuid))
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

/// False where there is none such that was not ended.
pub(crate) fn end(
    tx: &mut Tx<'_>,
    learner: LearnerId,
    id: HelperConsentId,
    ended_by: Option<PersonId>,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let ended = diesel::sql_query(
        "update helper_consents set ended_at = $3, ended_by = $4 \
         where learner_id = $1 and consent_id = $2 and ended_at is null",
    )
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<SqlUuid, _>(id.as_uuid())
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<SqlUuid>, _>(ended_by.map(PersonId::as_uuid))
    .execute(tx.conn())?;
    Ok(ended == 1)
}
