//! `identity.person_digests`: by which two accounts of one person are found.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::LearnerId;
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

/// Stores the digests of learners who have none yet; give them in the order of the learners.
pub(crate) fn insert_all(
    tx: &mut Tx<'_>,
    digests: &[(LearnerId, [u8; 32])],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let learners: Vec<Uuid> = digests.iter().map(|(id, _)| id.as_uuid()).collect();
    let digests: Vec<&[u8]> = digests
        .iter()
        .map(|(_, digest)| digest.as_slice())
        .collect();
    diesel::sql_query(
        "insert into identity.person_digests (learner_id, digest, created_at) \
         select learner_id, digest, $3 \
         from unnest($1::uuid[], $2::bytea[]) as p (learner_id, digest) \
         on conflict (learner_id) do nothing",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<Binary>, _>(digests)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// For each of these learners the oldest few other accounts with the same digest that are not
/// merged with it. A few: a crowd of equals is a fault of whoever made it, not a thousand pairs.
pub(crate) fn list_alike(
    conn: &mut PgConnection,
    learners: &[LearnerId],
) -> Result<Vec<(LearnerId, LearnerId)>, LedgerError> {
    #[derive(QueryableByName)]
    struct PairRow {
        #[diesel(sql_type = SqlUuid)]
        learner_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        other_id: Uuid,
    }
    let learners: Vec<Uuid> = learners.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<PairRow> = diesel::sql_query(
        "select p.learner_id, o.learner_id as other_id \
         from identity.person_digests p \
         left join learner_aliases a on a.absorbed_id = p.learner_id \
         cross join lateral ( \
             select q.learner_id from identity.person_digests q \
             left join learner_aliases b on b.absorbed_id = q.learner_id \
             where q.digest = p.digest and q.learner_id <> p.learner_id \
                 and coalesce(b.survivor_id, q.learner_id) \
                     <> coalesce(a.survivor_id, p.learner_id) \
             order by q.learner_id limit 5 \
         ) o \
         where p.learner_id = any($1)",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .load(conn)?;
    let id = LearnerId::from_uuid;
    let pairs = rows.into_iter();
    Ok(pairs
        .map(|row| (id(row.learner_id), id(row.other_id)))
        .collect())
}

/// Whose digests were stored since a moment.
pub(crate) fn list_since(
    conn: &mut PgConnection,
    since: DateTime<Utc>,
) -> Result<Vec<LearnerId>, LedgerError> {
    #[derive(QueryableByName)]
    struct LearnerRow {
        #[diesel(sql_type = SqlUuid)]
        learner_id: Uuid,
    }
    let rows: Vec<LearnerRow> = diesel::sql_query(
        "select p.learner_id from identity.person_digests p where p.created_at >= $1 \
             and exists (select from identity.person_digests q \
                 where q.digest = p.digest and q.learner_id <> p.learner_id)",
    )
    .bind::<Timestamptz, _>(since)
    .load(conn)?;
    let learners = rows.into_iter();
    Ok(learners
        .map(|row| LearnerId::from_uuid(row.learner_id))
        .collect())
}
