//! `duplicate_candidates`: pairs of accounts for a human to merge or dismiss.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{CandidateId, ClientId, LearnerId};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;

/// Notes pairs that nobody noted before, whichever of the two comes first, and counts them.
pub(crate) fn insert_all(
    tx: &mut Tx<'_>,
    pairs: &[(LearnerId, LearnerId)],
    now: DateTime<Utc>,
) -> Result<usize, LedgerError> {
    // Both directions of a pair are one row, and every writer takes the rows in one order.
    let pairs: BTreeSet<(Uuid, Uuid)> = pairs
        .iter()
        .map(|(one, other)| (one.min(other).as_uuid(), one.max(other).as_uuid()))
        .collect();
    let ids: Vec<Uuid> = pairs.iter().map(|_| new_id()).collect();
    let (learners, others): (Vec<Uuid>, Vec<Uuid>) = pairs.into_iter().unzip();
    Ok(diesel::sql_query(
        "insert into duplicate_candidates (candidate_id, learner_id, other_id, state, found_at) \
         select candidate_id, learner_id, other_id, 'open', $4 \
         from unnest($1::uuid[], $2::uuid[], $3::uuid[]) \
             as c (candidate_id, learner_id, other_id) \
         on conflict (learner_id, other_id) do nothing",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<SqlUuid>, _>(others)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?)
}

/// A pair as it is stored.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct CandidateRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) candidate_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) learner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) other_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) state: String,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) found_at: DateTime<Utc>,
}

/// The open pairs behind `after`, oldest first.
pub(crate) fn list_open(
    conn: &mut PgConnection,
    after: Option<CandidateId>,
    limit: u32,
) -> Result<Vec<CandidateRow>, LedgerError> {
    Ok(diesel::sql_query(
        "select candidate_id, learner_id, other_id, state, found_at from duplicate_candidates \
         where state = 'open' and candidate_id > $1 order by candidate_id limit $2",
    )
    .bind::<SqlUuid, _>(after.map_or(Uuid::nil(), CandidateId::as_uuid))
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?)
}

/// Locks a pair and gives it.
pub(crate) fn lock(
    tx: &mut Tx<'_>,
    candidate: CandidateId,
) -> Result<Option<CandidateRow>, LedgerError> {
    let rows: Vec<CandidateRow> = diesel::sql_query(
        "select candidate_id, learner_id, other_id, state, found_at from duplicate_candidates \
         where candidate_id = $1 for update",
    )
    .bind::<SqlUuid, _>(candidate.as_uuid())
    .load(tx.conn())?;
    Ok(rows.into_iter().next())
}

/// Says what became of a pair that is in one of these states.
pub(crate) fn settle_pair(
    tx: &mut Tx<'_>,
    (one, other): (LearnerId, LearnerId),
    from: &str,
    to: &str,
    client: Option<ClientId>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update duplicate_candidates set state = $4, settled_at = $5, settled_by = $6 \
         where learner_id = $1 and other_id = $2 and state = $3",
    )
    .bind::<SqlUuid, _>(one.min(other).as_uuid())
    .bind::<SqlUuid, _>(one.max(other).as_uuid())
    .bind::<Text, _>(from)
    .bind::<Text, _>(to)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<SqlUuid>, _>(client.map(ClientId::as_uuid))
    .execute(tx.conn())?;
    Ok(())
}

/// Which of some learners stand in an open pair.
pub(crate) fn list_doubted(
    conn: &mut PgConnection,
    learners: &[LearnerId],
) -> Result<BTreeSet<LearnerId>, LedgerError> {
    #[derive(QueryableByName)]
    struct DoubtedRow {
        #[diesel(sql_type = SqlUuid)]
        learner_id: Uuid,
    }
    let ids: Vec<Uuid> = learners.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<DoubtedRow> = diesel::sql_query(
        "select learner_id from duplicate_candidates \
         where state = 'open' and learner_id = any($1) \
         union select other_id from duplicate_candidates \
         where state = 'open' and other_id = any($1)",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .load(conn)?;
    let ids = rows.into_iter();
    Ok(ids
        .map(|row| LearnerId::from_uuid(row.learner_id))
        .collect())
}
