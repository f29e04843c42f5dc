//! `learner_merges`, `learner_unmerges` and `learner_aliases`: which accounts were put together,
//! which were separated again, and what stands.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{ClientId, InstitutionId, LearnerId, MergeId};
use creditbank_domain::merging::{MergeReason, UnmergeReason};
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

/// Merges take turns, all of them: they are few, and each has to see the ones before it. The
/// number is this lock's own among the bank's advisory locks.
pub(crate) fn take_turn(tx: &mut Tx<'_>) -> Result<(), LedgerError> {
    diesel::sql_query("select pg_advisory_xact_lock(4611686018427387905)").execute(tx.conn())?;
    Ok(())
}

#[derive(QueryableByName)]
struct AliasRow {
    #[diesel(sql_type = SqlUuid)]
    survivor_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    absorbed_id: Uuid,
}

/// Survivor and absorbed of every alias in the groups that these learners belong to, in order.
pub(crate) fn list_aliases(
    conn: &mut PgConnection,
    learners: &[LearnerId],
) -> Result<Vec<(LearnerId, LearnerId)>, LedgerError> {
    let learners: Vec<Uuid> = learners.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<AliasRow> = diesel::sql_query(
        "with survivor as ( \
             select survivor_id from learner_aliases where absorbed_id = any($1) \
             union \
             select unnest($1) \
         ) \
         select survivor_id, absorbed_id from learner_aliases join survivor using (survivor_id) \
         order by survivor_id, absorbed_id",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .load(conn)?;
    let id = LearnerId::from_uuid;
    let rows = rows.into_iter();
    Ok(rows
        .map(|row| (id(row.survivor_id), id(row.absorbed_id)))
        .collect())
}

/// These learners and everybody who is or ever was shown with them, each once.
pub(crate) fn list_kin(
    conn: &mut PgConnection,
    learners: &[LearnerId],
) -> Result<Vec<LearnerId>, LedgerError> {
    #[derive(QueryableByName)]
    struct KinRow {
        #[diesel(sql_type = SqlUuid)]
        learner_id: Uuid,
    }
    let learners: Vec<Uuid> = learners.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<KinRow> = diesel::sql_query(
        "with recursive kin (learner_id) as ( \
             select unnest($1) \
             union \
             select m.other_id from kin k cross join lateral ( \
                 select absorbed_id as other_id from learner_merges where survivor_id = k.learner_id \
                 union all \
                 select survivor_id from learner_merges where absorbed_id = k.learner_id \
             ) m \
         ) \
         select learner_id from kin",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .load(conn)?;
    let kin = rows.into_iter();
    Ok(kin
        .map(|row| LearnerId::from_uuid(row.learner_id))
        .collect())
}

/// A merge to be written down.
#[derive(Debug, Clone)]
pub(crate) struct NewMerge<'a> {
    pub(crate) merge_id: MergeId,
    pub(crate) survivor: LearnerId,
    pub(crate) absorbed: LearnerId,
    pub(crate) reason: MergeReason,
    pub(crate) document_number: &'a str,
    pub(crate) client: Option<ClientId>,
}

/// Writes down a merge and makes the alias.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    merge: &NewMerge<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "with merged as ( \
             insert into learner_merges (merge_id, survivor_id, absorbed_id, reason, \
                 document_number, client_id, merged_at) \
             values ($1, $2, $3, $4, $5, $6, $7) \
         ) \
         insert into learner_aliases (absorbed_id, survivor_id, merge_id) values ($3, $2, $1)",
    )
    .bind::<SqlUuid, _>(merge.merge_id.as_uuid())
    .bind::<SqlUuid, _>(merge.survivor.as_uuid())
    .bind::<SqlUuid, _>(merge.absorbed.as_uuid())
    .bind::<Text, _>(merge.reason.as_str())
    .bind::<Text, _>(merge.document_number)
    .bind::<Nullable<SqlUuid>, _>(merge.client.map(ClientId::as_uuid))
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// Writes down that a merge is taken back, and removes the alias.
pub(crate) fn insert_unmerge(
    tx: &mut Tx<'_>,
    merge: MergeId,
    reason: UnmergeReason,
    document_number: &str,
    client: Option<ClientId>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "with separated as ( \
             insert into learner_unmerges \
                 (merge_id, reason, document_number, client_id, unmerged_at) \
             values ($1, $2, $3, $4, $5) \
         ) \
         delete from learner_aliases where merge_id = $1",
    )
    .bind::<SqlUuid, _>(merge.as_uuid())
    .bind::<Text, _>(reason.as_str())
    .bind::<Text, _>(document_number)
    .bind::<Nullable<SqlUuid>, _>(client.map(ClientId::as_uuid))
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// A merge as it is stored, with what took it back.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct MergeRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) merge_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) survivor_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) absorbed_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) survivor_no: String,
    #[diesel(sql_type = Text)]
    pub(crate) absorbed_no: String,
    #[diesel(sql_type = Text)]
    pub(crate) reason: String,
    #[diesel(sql_type = Text)]
    pub(crate) document_number: String,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) merged_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) unmerge_reason: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) unmerge_document_number: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) unmerged_at: Option<DateTime<Utc>>,
}

pub(crate) fn find(
    conn: &mut PgConnection,
    merge: MergeId,
) -> Result<Option<MergeRow>, LedgerError> {
    let rows: Vec<MergeRow> = diesel::sql_query(
        "select m.merge_id, m.survivor_id, m.absorbed_id, s.learner_no as survivor_no, \
             a.learner_no as absorbed_no, m.reason, m.document_number, m.merged_at, \
             u.reason as unmerge_reason, u.document_number as unmerge_document_number, \
             u.unmerged_at \
         from learner_merges m \
         join learners s on s.learner_id = m.survivor_id \
         join learners a on a.learner_id = m.absorbed_id \
         left join learner_unmerges u using (merge_id) \
         where m.merge_id = $1",
    )
    .bind::<SqlUuid, _>(merge.as_uuid())
    .load(conn)?;
    Ok(rows.into_iter().next())
}

/// The merges since a moment that stand: survivor and absorbed.
pub(crate) fn list_standing_since(
    conn: &mut PgConnection,
    since: DateTime<Utc>,
) -> Result<Vec<(MergeId, LearnerId, LearnerId)>, LedgerError> {
    #[derive(QueryableByName)]
    struct StandingRow {
        #[diesel(sql_type = SqlUuid)]
        merge_id: Uuid,
        #[diesel(embed)]
        alias: AliasRow,
    }
    let rows: Vec<StandingRow> = diesel::sql_query(
        "select a.merge_id, a.survivor_id, a.absorbed_id \
         from learner_merges m join learner_aliases a using (merge_id) where m.merged_at >= $1",
    )
    .bind::<Timestamptz, _>(since)
    .load(conn)?;
    let id = LearnerId::from_uuid;
    let rows = rows.into_iter();
    Ok(rows
        .map(|row| {
            let merge = MergeId::from_uuid(row.merge_id);
            (merge, id(row.alias.survivor_id), id(row.alias.absorbed_id))
        })
        .collect())
}

/// Who has to do with a learner: posted, asked, receives or opened the account.
pub(crate) fn list_concerned(
    conn: &mut PgConnection,
    learner: LearnerId,
) -> Result<Vec<InstitutionId>, LedgerError> {
    #[derive(QueryableByName)]
    struct ConcernedRow {
        #[diesel(sql_type = SqlUuid)]
        institution_id: Uuid,
    }
    let rows: Vec<ConcernedRow> = diesel::sql_query(
        "select institution_id from outcomes where learner_id = $1 \
         union select requesting_institution_id from conversion_requests \
             where learner_id = $1 and requesting_institution_id is not null \
         union select receiving_institution_id from conversion_requests where learner_id = $1 \
         union select opened_by from learners where learner_id = $1 \
         order by 1",
    )
    .bind::<SqlUuid, _>(learner.as_uuid())
    .load(conn)?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|row| InstitutionId::from_uuid(row.institution_id))
        .collect())
}
