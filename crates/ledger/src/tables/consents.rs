//! `consents`: what learners agreed to, and `request_bases`: what requests rest on.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::consent::Term;
use creditbank_domain::ids::{ConsentId, InstitutionId, LearnerId, RequestId};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

/// A consent as it is stored.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct ConsentRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) consent_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) institution_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) institution_code: String,
    #[diesel(sql_type = Text)]
    pub(crate) institution_name: String,
    #[diesel(sql_type = Text)]
    pub(crate) purpose: String,
    #[diesel(sql_type = Text)]
    pub(crate) given_how: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) document_number: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) recorded_for: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) recorded_for_code: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) recorded_at: DateTime<Utc>,
    #[diesel(sql_type = Date)]
    pub(crate) valid_from: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    pub(crate) valid_until: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) withdrawn_at: Option<DateTime<Utc>>,
}

impl ConsentRow {
    /// How far it reaches.
    pub(crate) const fn term(&self) -> Term {
        Term {
            from: self.valid_from,
            until: self.valid_until,
            withdrawn: self.withdrawn_at.is_some(),
        }
    }
}

const SELECT: &str = "select c.consent_id, c.institution_id, \
         i.code as institution_code, i.name_zh as institution_name, c.purpose, c.given_how, \
         c.document_number, c.recorded_for, f.code as recorded_for_code, c.recorded_at, \
         c.valid_from, c.valid_until, c.withdrawn_at \
     from consents c \
     join institutions i using (institution_id) \
     left join institutions f on f.institution_id = c.recorded_for";

fn uuids(ids: &[LearnerId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.as_uuid()).collect()
}

/// The consents of accounts, the newest first.
pub(crate) fn list(
    conn: &mut PgConnection,
    learners: &[LearnerId],
) -> Result<Vec<ConsentRow>, LedgerError> {
    Ok(diesel::sql_query(format!(
        "{SELECT} where c.learner_id = any($1) order by c.consent_id desc"
    ))
    .bind::<Array<SqlUuid>, _>(uuids(learners))
    .load(conn)?)
}

/// Locks one consent of some accounts against whoever rests something on it.
pub(crate) fn lock(
    tx: &mut Tx<'_>,
    learners: &[LearnerId],
    consent: ConsentId,
) -> Result<Option<ConsentRow>, LedgerError> {
    let found = diesel::sql_query(format!(
        "{SELECT} where c.learner_id = any($1) and c.consent_id = $2 for update of c"
    ))
    .bind::<Array<SqlUuid>, _>(uuids(learners))
    .bind::<SqlUuid, _>(consent.as_uuid())
    .get_result(tx.conn());
    Ok(found.optional()?)
}

/// A consent for whom it is asked: that learner's own, or of an account merged with it.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct CarryingRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) asked_id: Uuid,
    #[diesel(embed)]
    pub(crate) consent: TermRow,
}

/// How far a consent reaches, as it is stored.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct TermRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) consent_id: Uuid,
    #[diesel(sql_type = Date)]
    pub(crate) valid_from: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    pub(crate) valid_until: Option<NaiveDate>,
    #[diesel(sql_type = Bool)]
    pub(crate) withdrawn: bool,
}

impl TermRow {
    /// How far it reaches.
    pub(crate) const fn term(&self) -> Term {
        Term {
            from: self.valid_from,
            until: self.valid_until,
            withdrawn: self.withdrawn,
        }
    }
}

/// What some learners agreed to about an institution and a purpose, the newest first.
pub(crate) fn list_about(
    conn: &mut PgConnection,
    learners: &[LearnerId],
    institution: InstitutionId,
    purpose: &str,
) -> Result<Vec<CarryingRow>, LedgerError> {
    about(conn, learners, (institution, purpose), "")
}

/// The same under lock, so that no consent is withdrawn before what is about to rest on it is there.
pub(crate) fn lock_about(
    tx: &mut Tx<'_>,
    learners: &[LearnerId],
    institution: InstitutionId,
    purpose: &str,
) -> Result<Vec<CarryingRow>, LedgerError> {
    about(
        tx.conn(),
        learners,
        (institution, purpose),
        " for share of c",
    )
}

fn about(
    conn: &mut PgConnection,
    learners: &[LearnerId],
    (institution, purpose): (InstitutionId, &str),
    lock: &str,
) -> Result<Vec<CarryingRow>, LedgerError> {
    Ok(diesel::sql_query(format!(
        "select k.learner_id as asked_id, c.consent_id, c.valid_from, c.valid_until, \
             c.withdrawn_at is not null as withdrawn \
         from unnest($1::uuid[]) as k (learner_id) \
         cross join lateral ( \
             select k.learner_id as member_id \
             union all \
             select absorbed_id from learner_aliases where survivor_id = k.learner_id \
         ) m \
         join consents c on c.learner_id = m.member_id \
         where c.institution_id = $2 and c.purpose = $3 \
         order by c.consent_id desc{lock}",
    ))
    .bind::<Array<SqlUuid>, _>(uuids(learners))
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Text, _>(purpose)
    .load(conn)?)
}

/// A consent to be written down.
pub(crate) struct NewRow<'a> {
    pub(crate) learner: LearnerId,
    pub(crate) consent: ConsentId,
    pub(crate) institution: InstitutionId,
    pub(crate) purpose: &'static str,
    pub(crate) given_how: &'static str,
    pub(crate) document: Option<&'a str>,
    pub(crate) recorded_for: Option<InstitutionId>,
    pub(crate) by: Uuid,
    pub(crate) from: NaiveDate,
    pub(crate) until: Option<NaiveDate>,
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    row: &NewRow<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into consents (learner_id, consent_id, institution_id, purpose, given_how, \
             document_number, recorded_for, recorded_by, recorded_at, valid_from, valid_until) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind::<SqlUuid, _>(row.learner.as_uuid())
    .bind::<SqlUuid, _>(row.consent.as_uuid())
    .bind::<SqlUuid, _>(row.institution.as_uuid())
    .bind::<Text, _>(row.purpose)
    .bind::<Text, _>(row.given_how)
    .bind::<Nullable<Text>, _>(row.document)
    .bind::<Nullable<SqlUuid>, _>(row.recorded_for.map(InstitutionId::as_uuid))
    .bind::<SqlUuid, _>(row.by)
    .bind::<Timestamptz, _>(now)
    .bind::<Date, _>(row.from)
    .bind::<Nullable<Date>, _>(row.until)
    .execute(tx.conn())?;
    Ok(())
}

/// Ends a consent that is locked.
pub(crate) fn withdraw(
    tx: &mut Tx<'_>,
    consent: ConsentId,
    by: Uuid,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update consents set withdrawn_at = $2, withdrawn_by = $3 \
         where consent_id = $1 and withdrawn_at is null",
    )
    .bind::<SqlUuid, _>(consent.as_uuid())
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(by)
    .execute(tx.conn())?;
    Ok(())
}

#[derive(QueryableByName)]
struct RequestIdRow {
    #[diesel(sql_type = SqlUuid)]
    request_id: Uuid,
}

fn request_ids(rows: Vec<RequestIdRow>) -> Vec<RequestId> {
    { rows.into_iter() }
        .map(|row| RequestId::from_uuid(row.request_id))
        .collect()
}

/// Open requests that rest on a consent.
pub(crate) fn list_open_on(
    tx: &mut Tx<'_>,
    consent: ConsentId,
) -> Result<Vec<RequestId>, LedgerError> {
    let rows = diesel::sql_query(
        "select r.request_id from request_bases b \
         join conversion_requests r using (learner_id, request_id) \
         where b.consent_id = $1 and r.state = 'requested' order by r.learner_id, r.request_id",
    )
    .bind::<SqlUuid, _>(consent.as_uuid())
    .load(tx.conn())?;
    Ok(request_ids(rows))
}

/// Open requests whose consent's last day is over.
pub(crate) fn list_lapsed(
    conn: &mut PgConnection,
    today: NaiveDate,
    limit: i64,
) -> Result<Vec<RequestId>, LedgerError> {
    let rows = diesel::sql_query(
        "select r.request_id from consents c \
         join request_bases b using (consent_id) \
         join conversion_requests r \
             on r.learner_id = b.learner_id and r.request_id = b.request_id \
         where c.withdrawn_at is null and c.valid_until < $1 and r.state = 'requested' \
         order by r.request_id limit $2",
    )
    .bind::<Date, _>(today)
    .bind::<diesel::sql_types::BigInt, _>(limit)
    .load(conn)?;
    Ok(request_ids(rows))
}

/// What a request rests on, to be written down.
#[derive(Debug, Clone)]
pub(crate) struct NewBasis {
    pub(crate) key: (LearnerId, RequestId),
    pub(crate) basis: &'static str,
    pub(crate) consent: Option<ConsentId>,
    pub(crate) document: Option<String>,
    pub(crate) stated: bool,
}

pub(crate) fn insert_bases(
    tx: &mut Tx<'_>,
    bases: &[NewBasis],
    by: Uuid,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let (learners, requests): (Vec<Uuid>, Vec<Uuid>) = { bases.iter() }
        .map(|one| (one.key.0.as_uuid(), one.key.1.as_uuid()))
        .unzip();
    let words: Vec<&str> = bases.iter().map(|one| one.basis).collect();
    let consents: Vec<Option<Uuid>> = { bases.iter() }
        .map(|one| one.consent.map(ConsentId::as_uuid))
        .collect();
    let documents: Vec<Option<&str>> = bases.iter().map(|one| one.document.as_deref()).collect();
    let stated: Vec<bool> = bases.iter().map(|one| one.stated).collect();
    diesel::sql_query(
        "insert into request_bases (learner_id, request_id, basis, consent_id, document_number, \
             stated, stated_by, stated_at) \
         select *, $7, $8 from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], \
             $6::bool[])",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<SqlUuid>, _>(requests)
    .bind::<Array<Text>, _>(words)
    .bind::<Array<Nullable<SqlUuid>>, _>(consents)
    .bind::<Array<Nullable<Text>>, _>(documents)
    .bind::<Array<Bool>, _>(stated)
    .bind::<SqlUuid, _>(by)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// What requests rest on, with the term of the consent where it is one.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct BasisRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) request_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) basis: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) consent_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) document_number: Option<String>,
    #[diesel(sql_type = Bool)]
    pub(crate) stated: bool,
    #[diesel(sql_type = Nullable<Date>)]
    pub(crate) valid_from: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    pub(crate) valid_until: Option<NaiveDate>,
    #[diesel(sql_type = Bool)]
    pub(crate) withdrawn: bool,
}

/// What some requests rest on; none for those older than the table.
pub(crate) fn list_bases(
    conn: &mut PgConnection,
    requests: &[Uuid],
) -> Result<Vec<BasisRow>, LedgerError> {
    Ok(diesel::sql_query(
        "select b.request_id, b.basis, b.consent_id, b.document_number, b.stated, c.valid_from, \
             c.valid_until, c.withdrawn_at is not null as withdrawn \
         from request_bases b left join consents c using (consent_id) \
         where b.request_id = any($1)",
    )
    .bind::<Array<SqlUuid>, _>(requests)
    .load(conn)?)
}
