//! `merge_collisions`: found by set-based SQL, settled by a human.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{ClientId, CollisionId, LearnerId, MergeId};
use diesel::prelude::*;
use diesel::sql_types::{Array, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;

/// Something that two accounts have together.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct FoundCollision {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = SqlUuid)]
    first_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    second_id: Option<Uuid>,
    #[diesel(sql_type = Jsonb)]
    figures: serde_json::Value,
}

/// What one account has together with the others of its group that a learner may have once.
pub(crate) fn find_of_merge(
    conn: &mut PgConnection,
    others: &[LearnerId],
    absorbed: LearnerId,
) -> Result<Vec<FoundCollision>, LedgerError> {
    let others: Vec<Uuid> = others.iter().map(|id| id.as_uuid()).collect();
    Ok(
        diesel::sql_query(include_str!("../sql/collisions_of_merge.sql"))
            .bind::<Array<SqlUuid>, _>(others)
            .bind::<SqlUuid, _>(absorbed.as_uuid())
            .load(conn)?,
    )
}

/// What was posted to the survivor and used across both while they were one.
pub(crate) fn find_of_unmerge(
    conn: &mut PgConnection,
    survivor: LearnerId,
    others: &[LearnerId],
    absorbed: LearnerId,
    since: DateTime<Utc>,
) -> Result<Vec<FoundCollision>, LedgerError> {
    let others: Vec<Uuid> = others.iter().map(|id| id.as_uuid()).collect();
    Ok(
        diesel::sql_query(include_str!("../sql/collisions_of_unmerge.sql"))
            .bind::<SqlUuid, _>(survivor.as_uuid())
            .bind::<Array<SqlUuid>, _>(others)
            .bind::<SqlUuid, _>(absorbed.as_uuid())
            .bind::<Timestamptz, _>(since)
            .load(conn)?,
    )
}

/// Keeps the collisions that were not known of this merge, and counts them.
pub(crate) fn insert_all(
    tx: &mut Tx<'_>,
    merge: MergeId,
    found: &[FoundCollision],
    now: DateTime<Utc>,
) -> Result<usize, LedgerError> {
    if found.is_empty() {
        return Ok(0);
    }
    let ids: Vec<Uuid> = found.iter().map(|_| new_id()).collect();
    let kinds: Vec<&str> = found.iter().map(|one| one.kind.as_str()).collect();
    let firsts: Vec<Uuid> = found.iter().map(|one| one.first_id).collect();
    let seconds: Vec<Option<Uuid>> = found.iter().map(|one| one.second_id).collect();
    let figures: Vec<&serde_json::Value> = found.iter().map(|one| &one.figures).collect();
    Ok(diesel::sql_query(
        "insert into merge_collisions (collision_id, merge_id, kind, first_id, second_id, \
             figures, state, found_at) \
         select collision_id, $2, kind, first_id, second_id, figures, 'open', $7 \
         from unnest($1::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::jsonb[]) \
             as c (collision_id, kind, first_id, second_id, figures) \
         on conflict (merge_id, kind, first_id, second_id) do nothing",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<SqlUuid, _>(merge.as_uuid())
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<SqlUuid>, _>(firsts)
    .bind::<Array<Nullable<SqlUuid>>, _>(seconds)
    .bind::<Array<Jsonb>, _>(figures)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?)
}

/// A collision as it is stored.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct CollisionRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) collision_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) merge_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) kind: String,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) first_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) second_id: Option<Uuid>,
    #[diesel(sql_type = Jsonb)]
    pub(crate) figures: serde_json::Value,
    #[diesel(sql_type = Text)]
    pub(crate) state: String,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) found_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) settled_at: Option<DateTime<Utc>>,
}

/// The collisions of a merge, in the order in which they were found.
pub(crate) fn list(
    conn: &mut PgConnection,
    merge: MergeId,
) -> Result<Vec<CollisionRow>, LedgerError> {
    Ok(diesel::sql_query(
        "select collision_id, merge_id, kind, first_id, second_id, figures, state, found_at, \
             settled_at \
         from merge_collisions where merge_id = $1 order by collision_id",
    )
    .bind::<SqlUuid, _>(merge.as_uuid())
    .load(conn)?)
}

/// Locks a collision and gives it.
pub(crate) fn lock(
    tx: &mut Tx<'_>,
    collision: CollisionId,
) -> Result<Option<CollisionRow>, LedgerError> {
    let rows: Vec<CollisionRow> = diesel::sql_query(
        "select collision_id, merge_id, kind, first_id, second_id, figures, state, found_at, \
             settled_at \
         from merge_collisions where collision_id = $1 for update",
    )
    .bind::<SqlUuid, _>(collision.as_uuid())
    .load(tx.conn())?;
    Ok(rows.into_iter().next())
}

/// Settles a collision that is open.
pub(crate) fn settle(
    tx: &mut Tx<'_>,
    collision: CollisionId,
    client: Option<ClientId>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update merge_collisions set state = 'settled', settled_at = $2, settled_by = $3 \
         where collision_id = $1 and state = 'open'",
    )
    .bind::<SqlUuid, _>(collision.as_uuid())
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<SqlUuid>, _>(client.map(ClientId::as_uuid))
    .execute(tx.conn())?;
    Ok(())
}

/// Settles what is open of a merge: the accounts are two again.
pub(crate) fn settle_of_merge(
    tx: &mut Tx<'_>,
    merge: MergeId,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update merge_collisions set state = 'settled', settled_at = $2 \
         where merge_id = $1 and state = 'open'",
    )
    .bind::<SqlUuid, _>(merge.as_uuid())
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}
