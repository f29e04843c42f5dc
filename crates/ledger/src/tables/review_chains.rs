//! `review_chains`, `review_stages` and `review_delegations`: through whose hands requests go.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::ids::InstitutionId;
use creditbank_domain::process::{Chain, Hand, Stage};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, Date, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;
use crate::tables::parsed;

/// A chain, and whose each stage is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredChain {
    /// None for the usual one stage.
    pub(crate) id: Option<Uuid>,
    pub(crate) chain: Chain,
    /// By stage; empty for everybody of the role.
    pub(crate) reviewers: Vec<Vec<Hand>>,
}

impl StoredChain {
    /// What holds without an arrangement.
    pub(crate) fn usual() -> Self {
        Self {
            id: None,
            chain: Chain::usual(),
            reviewers: Vec::new(),
        }
    }
}

#[derive(QueryableByName)]
struct ChainRow {
    #[diesel(sql_type = SqlUuid)]
    chain_id: Uuid,
    #[diesel(sql_type = Integer)]
    answer_days: i32,
}

#[derive(QueryableByName)]
struct StageRow {
    #[diesel(sql_type = Text)]
    name_zh: String,
    #[diesel(sql_type = Text)]
    name_en: String,
    #[diesel(sql_type = Text)]
    party: String,
    #[diesel(sql_type = SmallInt)]
    approvals: i16,
    #[diesel(sql_type = SmallInt)]
    working_days: i16,
    #[diesel(sql_type = Array<SqlUuid>)]
    reviewers: Vec<Uuid>,
}

const PLACE: &str = "review_stages";

fn stored(conn: &mut PgConnection, row: &ChainRow) -> Result<StoredChain, LedgerError> {
    let rows: Vec<StageRow> = diesel::sql_query(
        "select name_zh, name_en, party, approvals, working_days, reviewers from review_stages \
         where chain_id = $1 order by stage_no",
    )
    .bind::<SqlUuid, _>(row.chain_id)
    .load(conn)?;
    let corrupt = |_| LedgerError::Corrupt(PLACE);
    let mut stages = Vec::with_capacity(rows.len());
    let mut reviewers = Vec::with_capacity(rows.len());
    for row in rows {
        reviewers.push(row.reviewers.into_iter().map(Hand).collect());
        stages.push(Stage {
            name_zh: row.name_zh,
            name_en: row.name_en,
            party: parsed(&row.party, PLACE)?,
            approvals: u16::try_from(row.approvals).map_err(corrupt)?,
            working_days: u32::try_from(row.working_days).map_err(corrupt)?,
        });
    }
    let answer_days = u32::try_from(row.answer_days).map_err(corrupt)?;
    let chain = Chain::new(stages, answer_days).map_err(|_| LedgerError::Corrupt(PLACE))?;
    Ok(StoredChain {
        id: Some(row.chain_id),
        chain,
        reviewers,
    })
}

/// The chain that requests to an institution walk which are sent on a day; the usual one where it
/// has none.
pub(crate) fn find_on(
    conn: &mut PgConnection,
    institution: InstitutionId,
    day: NaiveDate,
) -> Result<StoredChain, LedgerError> {
    let row: Option<ChainRow> = diesel::sql_query(
        "select chain_id, answer_days from review_chains \
         where institution_id = $1 and valid_from <= $2 order by valid_from desc limit 1",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Date, _>(day)
    .get_result(conn)
    .optional()?;
    row.map_or_else(|| Ok(StoredChain::usual()), |row| stored(conn, &row))
}

/// A chain by its id.
pub(crate) fn find(conn: &mut PgConnection, chain: Uuid) -> Result<StoredChain, LedgerError> {
    let row: ChainRow =
        diesel::sql_query("select chain_id, answer_days from review_chains where chain_id = $1")
            .bind::<SqlUuid, _>(chain)
            .get_result(conn)?;
    stored(conn, &row)
}

/// Registers a chain; nothing where one of that institution and day is there.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    institution: InstitutionId,
    (valid_from, document_number): (NaiveDate, &str),
    new: &StoredChain,
    now: DateTime<Utc>,
) -> Result<Option<Uuid>, LedgerError> {
    let id = new_id();
    let answer_days = i32::try_from(new.chain.answer_days()).unwrap_or(i32::MAX);
    let inserted = diesel::sql_query(
        "insert into review_chains (chain_id, institution_id, valid_from, document_number, \
             answer_days, created_at) \
         values ($1, $2, $3, $4, $5, $6) on conflict (institution_id, valid_from) do nothing",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Date, _>(valid_from)
    .bind::<Text, _>(document_number)
    .bind::<Integer, _>(answer_days)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    if inserted == 0 {
        return Ok(None);
    }
    // Nine stages at most, so a statement each.
    for ((no, stage), at) in (1_i16..).zip(new.chain.stages()).zip(0_usize..) {
        let reviewers = new.reviewers.get(at).map_or(&[][..], Vec::as_slice);
        let reviewers: Vec<Uuid> = reviewers.iter().map(|hand| hand.0).collect();
        let working_days = i16::try_from(stage.working_days).unwrap_or(i16::MAX);
        diesel::sql_query(
            "insert into review_stages (chain_id, stage_no, name_zh, name_en, party, approvals, \
                 working_days, reviewers) \
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<SmallInt, _>(no)
        .bind::<Text, _>(&stage.name_zh)
        .bind::<Text, _>(&stage.name_en)
        .bind::<Text, _>(stage.party.as_str())
        .bind::<SmallInt, _>(i16::try_from(stage.approvals).unwrap_or(i16::MAX))
        .bind::<SmallInt, _>(working_days)
        .bind::<Array<SqlUuid>, _>(reviewers)
        .execute(tx.conn())?;
    }
    Ok(Some(id))
}

/// Somebody who stands in for somebody else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewDelegation {
    /// None for the bank's reviewers.
    pub(crate) institution: Option<InstitutionId>,
    pub(crate) absent: Hand,
    pub(crate) delegate: Hand,
    pub(crate) valid_from: NaiveDate,
    pub(crate) valid_to: NaiveDate,
    pub(crate) recorded_by: Option<Uuid>,
}

pub(crate) fn insert_delegation(
    tx: &mut Tx<'_>,
    new: &NewDelegation,
    now: DateTime<Utc>,
) -> Result<Uuid, LedgerError> {
    let id = new_id();
    diesel::sql_query(
        "insert into review_delegations (delegation_id, institution_id, absent, delegate, \
             valid_from, valid_to, recorded_by, recorded_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Nullable<SqlUuid>, _>(new.institution.map(InstitutionId::as_uuid))
    .bind::<SqlUuid, _>(new.absent.0)
    .bind::<SqlUuid, _>(new.delegate.0)
    .bind::<Date, _>(new.valid_from)
    .bind::<Date, _>(new.valid_to)
    .bind::<Nullable<SqlUuid>, _>(new.recorded_by)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(id)
}

/// For whom somebody stands in on a day, among an institution's reviewers or the bank's.
pub(crate) fn list_absent(
    conn: &mut PgConnection,
    delegate: Hand,
    institution: Option<InstitutionId>,
    day: NaiveDate,
) -> Result<Vec<Hand>, LedgerError> {
    #[derive(QueryableByName)]
    struct AbsentRow {
        #[diesel(sql_type = SqlUuid)]
        absent: Uuid,
    }
    let rows: Vec<AbsentRow> = diesel::sql_query(
        "select distinct absent from review_delegations \
         where delegate = $1 and institution_id is not distinct from $2 \
             and $3 between valid_from and valid_to order by absent",
    )
    .bind::<SqlUuid, _>(delegate.0)
    .bind::<Nullable<SqlUuid>, _>(institution.map(InstitutionId::as_uuid))
    .bind::<Date, _>(day)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| Hand(row.absent)).collect())
}
