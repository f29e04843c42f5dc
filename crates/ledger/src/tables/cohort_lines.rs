//! `cohort_lines`: which request a line of a file became.

use creditbank_domain::ids::{ImportId, InstitutionId, LearnerId, RequestId};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

/// What makes a line the same one again: the school's own number, or cohort and learner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct LineRef {
    pub(crate) is_own: bool,
    pub(crate) text: String,
}

/// A line that was asked for, and where its request stands.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct AskedLineRow {
    #[diesel(sql_type = Bool)]
    pub(crate) is_own: bool,
    #[diesel(sql_type = Text)]
    pub(crate) source_ref: String,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) learner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) request_id: Uuid,
    #[diesel(sql_type = Jsonb)]
    pub(crate) asked: serde_json::Value,
    #[diesel(sql_type = Text)]
    pub(crate) state: String,
}

/// Those of some lines that were asked for before.
pub(crate) fn list(
    conn: &mut PgConnection,
    institution: InstitutionId,
    refs: &[LineRef],
) -> Result<Vec<AskedLineRow>, LedgerError> {
    let own: Vec<bool> = refs.iter().map(|it| it.is_own).collect();
    let texts: Vec<&str> = refs.iter().map(|it| it.text.as_str()).collect();
    Ok(diesel::sql_query(
        "select l.is_own, l.source_ref, l.learner_id, l.request_id, l.asked, r.state \
         from unnest($2::boolean[], $3::text[]) as k (is_own, source_ref) \
         join cohort_lines l on l.institution_id = $1 and l.is_own = k.is_own \
             and l.source_ref = k.source_ref \
         join conversion_requests r using (learner_id, request_id)",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Array<Bool>, _>(own)
    .bind::<Array<Text>, _>(texts)
    .load(conn)?)
}

/// A line whose request was made out.
pub(crate) struct NewLine<'a> {
    pub(crate) of: &'a LineRef,
    pub(crate) key: (LearnerId, RequestId),
    pub(crate) line_no: i64,
    pub(crate) asked: &'a serde_json::Value,
}

/// Writes lines down; false where somebody else asked for one of them meanwhile.
pub(crate) fn insert_all(
    tx: &mut Tx<'_>,
    (institution, import): (InstitutionId, ImportId),
    lines: &[NewLine<'_>],
) -> Result<bool, LedgerError> {
    let own: Vec<bool> = lines.iter().map(|it| it.of.is_own).collect();
    let texts: Vec<&str> = lines.iter().map(|it| it.of.text.as_str()).collect();
    let learners: Vec<Uuid> = lines.iter().map(|it| it.key.0.as_uuid()).collect();
    let requests: Vec<Uuid> = lines.iter().map(|it| it.key.1.as_uuid()).collect();
    let numbers: Vec<i64> = lines.iter().map(|it| it.line_no).collect();
    let asked: Vec<&serde_json::Value> = lines.iter().map(|it| it.asked).collect();
    let inserted = diesel::sql_query(
        "insert into cohort_lines (institution_id, import_id, is_own, source_ref, learner_id, \
             request_id, line_no, asked) \
         select $1, $2, l.* \
         from unnest($3::boolean[], $4::text[], $5::uuid[], $6::uuid[], $7::bigint[], \
             $8::jsonb[]) as l \
         on conflict (institution_id, is_own, source_ref) do nothing",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<SqlUuid, _>(import.as_uuid())
    .bind::<Array<Bool>, _>(own)
    .bind::<Array<Text>, _>(texts)
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<SqlUuid>, _>(requests)
    .bind::<Array<BigInt>, _>(numbers)
    .bind::<Array<Jsonb>, _>(asked)
    .execute(tx.conn())?;
    Ok(inserted == lines.len())
}
