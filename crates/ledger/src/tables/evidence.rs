//! `evidence` and `step_evidence`: what is known of files that are kept elsewhere, and
//! `identity.evidence_secrets`: what opens them.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{EvidenceId, InstitutionId, LearnerId, RequestId};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Binary, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

/// A piece of evidence as it is stored.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct EvidenceRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) evidence_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) kind: String,
    #[diesel(sql_type = Text)]
    pub(crate) media_type: String,
    #[diesel(sql_type = BigInt)]
    pub(crate) byte_count: i64,
    #[diesel(sql_type = Binary)]
    pub(crate) sha256: Vec<u8>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) institution_code: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) attached_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) withdrawn_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) withdrawn_because: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub(crate) answers_step: Option<i32>,
    #[diesel(sql_type = Nullable<Binary>)]
    pub(crate) sealed_name: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Binary>)]
    pub(crate) sealed_key: Option<Vec<u8>>,
}

const SELECT: &str = "select e.evidence_id, e.kind, e.media_type, e.byte_count, \
         e.sha256, i.code as institution_code, e.attached_at, e.withdrawn_at, \
         e.withdrawn_because, a.step_no as answers_step, s.sealed_name, s.sealed_key \
     from evidence e \
     left join institutions i using (institution_id) \
     left join identity.evidence_secrets s using (evidence_id) \
     left join lateral ( \
         select min(step_no) as step_no from step_evidence \
         where learner_id = e.learner_id and request_id = e.request_id \
             and evidence_id = e.evidence_id \
     ) a on true";

/// The evidence of a request in the order in which it came.
pub(crate) fn list(
    conn: &mut PgConnection,
    request: RequestId,
) -> Result<Vec<EvidenceRow>, LedgerError> {
    Ok(diesel::sql_query(format!(
        "{SELECT} where e.request_id = $1 order by e.evidence_id"
    ))
    .bind::<SqlUuid, _>(request.as_uuid())
    .load(conn)?)
}

/// One piece of a request.
pub(crate) fn find(
    conn: &mut PgConnection,
    request: RequestId,
    evidence: EvidenceId,
) -> Result<Option<EvidenceRow>, LedgerError> {
    let found = diesel::sql_query(format!(
        "{SELECT} where e.request_id = $1 and e.evidence_id = $2"
    ))
    .bind::<SqlUuid, _>(request.as_uuid())
    .bind::<SqlUuid, _>(evidence.as_uuid())
    .get_result(conn);
    Ok(found.optional()?)
}

/// A piece to be stored.
pub(crate) struct NewRow<'a> {
    pub(crate) learner: LearnerId,
    pub(crate) request: RequestId,
    pub(crate) evidence: EvidenceId,
    pub(crate) kind: &'static str,
    pub(crate) media_type: &'static str,
    pub(crate) byte_count: i64,
    pub(crate) sha256: &'a [u8],
    pub(crate) institution: Option<InstitutionId>,
    pub(crate) by: Uuid,
    pub(crate) sealed_key: Vec<u8>,
    pub(crate) sealed_name: Vec<u8>,
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    row: NewRow<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into evidence (learner_id, request_id, evidence_id, kind, media_type, byte_count, \
             sha256, institution_id, attached_by, attached_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind::<SqlUuid, _>(row.learner.as_uuid())
    .bind::<SqlUuid, _>(row.request.as_uuid())
    .bind::<SqlUuid, _>(row.evidence.as_uuid())
    .bind::<Text, _>(row.kind)
    .bind::<Text, _>(row.media_type)
    .bind::<BigInt, _>(row.byte_count)
    .bind::<Binary, _>(row.sha256)
    .bind::<Nullable<SqlUuid>, _>(row.institution.map(InstitutionId::as_uuid))
    .bind::<SqlUuid, _>(row.by)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    diesel::sql_query(
        "insert into identity.evidence_secrets (evidence_id, learner_id, sealed_key, sealed_name) \
         values ($1, $2, $3, $4)",
    )
    .bind::<SqlUuid, _>(row.evidence.as_uuid())
    .bind::<SqlUuid, _>(row.learner.as_uuid())
    .bind::<Binary, _>(row.sealed_key)
    .bind::<Binary, _>(row.sealed_name)
    .execute(tx.conn())?;
    Ok(())
}

/// Marks a piece as taken back; false where it is already.
pub(crate) fn withdraw(
    tx: &mut Tx<'_>,
    evidence: EvidenceId,
    (by, because): (Uuid, &str),
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let marked = diesel::sql_query(
        "update evidence set withdrawn_at = $2, withdrawn_by = $3, withdrawn_because = $4 \
         where evidence_id = $1 and withdrawn_at is null",
    )
    .bind::<SqlUuid, _>(evidence.as_uuid())
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(by)
    .bind::<Text, _>(because)
    .execute(tx.conn())?;
    Ok(marked == 1)
}

/// Writes down that the last answer of a request names these pieces; how many of them stand.
pub(crate) fn insert_named(
    tx: &mut Tx<'_>,
    request: RequestId,
    named: &[EvidenceId],
) -> Result<usize, LedgerError> {
    Ok(diesel::sql_query(
        "insert into step_evidence (learner_id, request_id, step_no, evidence_id) \
         select e.learner_id, e.request_id, s.step_no, e.evidence_id \
         from evidence e \
         join lateral ( \
             select max(step_no) as step_no from request_steps \
             where learner_id = e.learner_id and request_id = e.request_id and kind = 'answered' \
         ) s on s.step_no is not null \
         where e.request_id = $1 and e.evidence_id = any($2) and e.withdrawn_at is null",
    )
    .bind::<SqlUuid, _>(request.as_uuid())
    .bind::<Array<SqlUuid>, _>(uuids(named))
    .execute(tx.conn())?)
}

fn uuids(ids: &[EvidenceId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.as_uuid()).collect()
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    evidence_id: Uuid,
}

fn ids(rows: Vec<IdRow>) -> Vec<EvidenceId> {
    { rows.into_iter() }
        .map(|row| EvidenceId::from_uuid(row.evidence_id))
        .collect()
}

/// Pieces that were taken back and whose key is still there.
pub(crate) fn list_to_purge(
    conn: &mut PgConnection,
    limit: u32,
) -> Result<Vec<EvidenceId>, LedgerError> {
    let rows = diesel::sql_query(
        "select evidence_id from evidence \
         where withdrawn_at is not null and purged_at is null order by evidence_id limit $1",
    )
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?;
    Ok(ids(rows))
}

/// Destroys the keys of pieces that were taken back.
pub(crate) fn purge(
    tx: &mut Tx<'_>,
    evidence: &[EvidenceId],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "with purged as ( \
             update evidence set purged_at = greatest($2, withdrawn_at) \
             where evidence_id = any($1) and withdrawn_at is not null and purged_at is null \
             returning evidence_id \
         ) delete from identity.evidence_secrets using purged \
         where evidence_secrets.evidence_id = purged.evidence_id",
    )
    .bind::<Array<SqlUuid>, _>(uuids(evidence))
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// Those among some ids under which no file has to be kept.
pub(crate) fn list_needless(
    conn: &mut PgConnection,
    kept: &[EvidenceId],
) -> Result<Vec<EvidenceId>, LedgerError> {
    let rows = diesel::sql_query(
        "select k.evidence_id from unnest($1::uuid[]) as k (evidence_id) \
         left join evidence e on e.evidence_id = k.evidence_id and e.purged_at is null \
         where e.evidence_id is null",
    )
    .bind::<Array<SqlUuid>, _>(uuids(kept))
    .load(conn)?;
    Ok(ids(rows))
}

/// Ids under which a file has to be kept, behind one of them.
pub(crate) fn list_needed(
    conn: &mut PgConnection,
    after: Option<EvidenceId>,
    limit: u32,
) -> Result<Vec<EvidenceId>, LedgerError> {
    let rows = diesel::sql_query(
        "select evidence_id from evidence \
         where purged_at is null and ($1 is null or evidence_id > $1) \
         order by evidence_id limit $2",
    )
    .bind::<Nullable<SqlUuid>, _>(after.map(EvidenceId::as_uuid))
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?;
    Ok(ids(rows))
}
