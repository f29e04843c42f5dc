//! `lots`: what a conversion needs to know of them. Their sums are moved by `transfers`.

use chrono::NaiveDate;
use creditbank_domain::amount::{Hundredths, Unit};
use creditbank_domain::catalogue::{Category, Level};
use creditbank_domain::grade::Grade;
use creditbank_domain::grading::{GradingScheme, best_of};
use creditbank_domain::ids::{EntryId, InstitutionId, LearnerId, LotId, OutcomeId};
use creditbank_domain::learner_no::LearnerNo;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, SmallInt, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::cached_sql::cached;
use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::gradings::{self, SchemeColumns};
use crate::tables::learners::MEMBERS_OF_NUMBER;
use crate::tables::{hundredths, level, parsed};

/// A lot with the outcome it came from, as conversions see it.
#[derive(Debug, Clone)]
pub(crate) struct ConvertibleLot {
    pub(crate) learner_id: LearnerId,
    pub(crate) lot_id: LotId,
    pub(crate) outcome_id: OutcomeId,
    pub(crate) institution_id: InstitutionId,
    pub(crate) entry_id: EntryId,
    pub(crate) title: String,
    pub(crate) category: Category,
    pub(crate) unit: Unit,
    pub(crate) level: Option<Level>,
    pub(crate) grade: Grade,
    /// The scheme of the grade, where the version names one.
    pub(crate) grading: Option<GradingScheme>,
    pub(crate) awarded_on: NaiveDate,
    pub(crate) issued: i64,
    pub(crate) available: i64,
    pub(crate) held: i64,
    pub(crate) withdrawn: i64,
    pub(crate) expires_on: Option<NaiveDate>,
}

#[derive(QueryableByName)]
struct ConvertibleLotRow {
    #[diesel(sql_type = SqlUuid)]
    learner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    lot_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    outcome_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    institution_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    entry_id: Uuid,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Text)]
    category: String,
    #[diesel(sql_type = Text)]
    unit: String,
    #[diesel(sql_type = Nullable<Text>)]
    level_framework: Option<String>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    level_value: Option<i16>,
    #[diesel(sql_type = Array<Text>)]
    grades: Vec<String>,
    #[diesel(embed)]
    grading: SchemeColumns,
    #[diesel(sql_type = Date)]
    awarded_on: NaiveDate,
    #[diesel(sql_type = BigInt)]
    issued: i64,
    #[diesel(sql_type = BigInt)]
    available: i64,
    #[diesel(sql_type = BigInt)]
    held: i64,
    #[diesel(sql_type = BigInt)]
    withdrawn: i64,
    #[diesel(sql_type = Nullable<Date>)]
    expires_on: Option<NaiveDate>,
}

impl TryFrom<ConvertibleLotRow> for ConvertibleLot {
    type Error = LedgerError;

    fn try_from(row: ConvertibleLotRow) -> Result<Self, LedgerError> {
        let level = level(row.level_framework, row.level_value);
        let grading = row.grading.scheme()?;
        Ok(Self {
            learner_id: LearnerId::from_uuid(row.learner_id),
            lot_id: LotId::from_uuid(row.lot_id),
            outcome_id: OutcomeId::from_uuid(row.outcome_id),
            institution_id: InstitutionId::from_uuid(row.institution_id),
            entry_id: EntryId::from_uuid(row.entry_id),
            title: row.title,
            category: parsed(&row.category, "catalogue_versions.category")?,
            unit: parsed(&row.unit, "lots.unit")?,
            level,
            grade: best(&row.grades, grading.as_ref())?,
            grading,
            awarded_on: row.awarded_on,
            issued: row.issued,
            available: row.available,
            held: row.held,
            withdrawn: row.withdrawn,
            expires_on: row.expires_on,
        })
    }
}

/// The best of the results that a learner has in one entry. Credit counts once over all attempts,
/// whichever of them was posted first; the result that counts is the best one.
fn best(grades: &[String], scheme: Option<&GradingScheme>) -> Result<Grade, LedgerError> {
    let grades = grades.iter().map(|grade| parsed(grade, "outcomes.grade"));
    let grades = grades.collect::<Result<Vec<Grade>, _>>()?;
    best_of(grades, scheme).ok_or(LedgerError::Corrupt("outcomes.grade"))
}

/// Locks every lot of these learners, in key order, and gives them. Whoever converts
/// for a learner takes this lock first, so that two requests of one learner take turns.
pub(crate) fn lock_lots(
    tx: &mut Tx<'_>,
    learners: &[LearnerId],
) -> Result<Vec<ConvertibleLot>, LedgerError> {
    let ids: Vec<Uuid> = learners.iter().map(|id| id.as_uuid()).collect();
    diesel::sql_query(
        "select from lots where learner_id = any($1) order by learner_id, lot_id for update",
    )
    .bind::<Array<SqlUuid>, _>(&ids)
    .execute(tx.conn())?;
    list_convertible(tx.conn(), learners)
}

/// All lots of these learners, by learner and lot.
pub(crate) fn list_convertible(
    conn: &mut PgConnection,
    learners: &[LearnerId],
) -> Result<Vec<ConvertibleLot>, LedgerError> {
    let ids: Vec<Uuid> = learners.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<ConvertibleLotRow> = diesel::sql_query(format!(
        "select l.learner_id, l.lot_id, l.outcome_id, o.institution_id, o.entry_id, \
             v.title, v.category, l.unit, v.level_framework, v.level_value, \
             array(select a.grade from outcomes a where a.learner_id = l.learner_id \
                 and a.entry_id = o.entry_id \
                 and (select g.scheme from catalogue_gradings g \
                     where g.version_id = a.version_id) is not distinct from cg.scheme \
                 and (a.outcome_id = o.outcome_id or not exists (select from corrections c \
                     where c.learner_id = a.learner_id and c.outcome_id = a.outcome_id))) \
                 as grades, \
             o.awarded_on, l.issued, l.available, l.held, l.withdrawn, l.expires_on, {columns} \
         from lots l \
         join outcomes o on o.learner_id = l.learner_id and o.outcome_id = l.outcome_id \
         join catalogue_versions v on v.version_id = l.version_id \
         {of_version} \
         where l.learner_id = any($1) \
         order by l.learner_id, l.lot_id",
        columns = gradings::COLUMNS,
        of_version = gradings::OF_VERSION,
    ))
    .bind::<Array<SqlUuid>, _>(ids)
    .load(conn)?;
    rows.into_iter().map(ConvertibleLot::try_from).collect()
}

/// Which of these entries the learners have been credited for, by posting or by conversion.
pub(crate) fn list_credited_entries(
    conn: &mut PgConnection,
    learners: &[LearnerId],
    entries: &[EntryId],
) -> Result<Vec<(LearnerId, EntryId)>, LedgerError> {
    #[derive(QueryableByName)]
    struct CreditedRow {
        #[diesel(sql_type = SqlUuid)]
        learner_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        entry_id: Uuid,
    }
    let learners: Vec<Uuid> = learners.iter().map(|id| id.as_uuid()).collect();
    let entries: Vec<Uuid> = entries.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<CreditedRow> = diesel::sql_query(
        "select learner_id, credits_entry_id as entry_id from lots \
         where learner_id = any($1) and credits_entry_id = any($2) and withdrawn = 0 \
         union \
         select learner_id, target_entry_id from standing_decisions \
         where learner_id = any($1) and target_entry_id = any($2) and granted > 0",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<SqlUuid>, _>(entries)
    .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|row| {
            (
                LearnerId::from_uuid(row.learner_id),
                EntryId::from_uuid(row.entry_id),
            )
        })
        .collect())
}

/// The sums of a lot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LotSums {
    pub(crate) lot_id: LotId,
    pub(crate) unit: Unit,
    pub(crate) issued: i64,
    pub(crate) available: i64,
    pub(crate) expired: i64,
    pub(crate) withdrawn: i64,
    pub(crate) earned_on: NaiveDate,
    pub(crate) expires_on: Option<NaiveDate>,
}

/// The lots that an outcome was given, as they are now.
pub(crate) fn list_of_outcome(
    conn: &mut PgConnection,
    learner: LearnerId,
    outcome: OutcomeId,
) -> Result<Vec<LotSums>, LedgerError> {
    #[derive(QueryableByName)]
    struct SumsRow {
        #[diesel(sql_type = SqlUuid)]
        lot_id: Uuid,
        #[diesel(sql_type = Text)]
        unit: String,
        #[diesel(sql_type = BigInt)]
        issued: i64,
        #[diesel(sql_type = BigInt)]
        available: i64,
        #[diesel(sql_type = BigInt)]
        expired: i64,
        #[diesel(sql_type = BigInt)]
        withdrawn: i64,
        #[diesel(sql_type = Date)]
        earned_on: NaiveDate,
        #[diesel(sql_type = Nullable<Date>)]
        expires_on: Option<NaiveDate>,
    }
    let rows: Vec<SumsRow> = diesel::sql_query(
        "select lot_id, unit, issued, available, expired, withdrawn, earned_on, expires_on \
         from lots where learner_id = $1 and outcome_id = $2 order by lot_id",
    )
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<SqlUuid, _>(outcome.as_uuid())
    .load(conn)?;
    rows.into_iter()
        .map(|row| {
            Ok(LotSums {
                lot_id: LotId::from_uuid(row.lot_id),
                unit: parsed(&row.unit, "lots.unit")?,
                issued: row.issued,
                available: row.available,
                expired: row.expired,
                withdrawn: row.withdrawn,
                earned_on: row.earned_on,
                expires_on: row.expires_on,
            })
        })
        .collect()
}

/// A lot that an institution may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HoldableLot {
    /// Whichever it is of the accounts that are shown as one.
    pub(crate) learner_id: LearnerId,
    pub(crate) unit: Unit,
    pub(crate) available: Hundredths,
    pub(crate) expires_on: Option<NaiveDate>,
    /// The institution is neither suspended nor gone.
    pub(crate) for_active: bool,
}

/// Locks a lot of an outcome that the institution posted, whichever of the accounts it belongs to
/// that are shown as the one of this number.
pub(crate) fn lock_holdable(
    tx: &mut Tx<'_>,
    learner: LearnerNo,
    lot: LotId,
    institution: InstitutionId,
) -> Result<Option<HoldableLot>, LedgerError> {
    #[derive(QueryableByName)]
    struct HoldableRow {
        #[diesel(sql_type = SqlUuid)]
        learner_id: Uuid,
        #[diesel(sql_type = Text)]
        unit: String,
        #[diesel(sql_type = BigInt)]
        available: i64,
        #[diesel(sql_type = Nullable<Date>)]
        expires_on: Option<NaiveDate>,
        #[diesel(sql_type = Bool)]
        for_active: bool,
    }
    let row: Option<HoldableRow> = cached(format!(
        "select l.learner_id, l.unit, l.available, l.expires_on, i.standing = 'active' as for_active \
         from lots l join outcomes o using (learner_id, outcome_id) \
         join institutions i using (institution_id) \
         where l.learner_id = {MEMBERS_OF_NUMBER} and l.lot_id = $2 and o.institution_id = $3 \
         for update of l"
    ))
    .bind::<Text, _>(learner.as_str())
    .bind::<SqlUuid, _>(lot.as_uuid())
    .bind::<SqlUuid, _>(institution.as_uuid())
    .get_result(tx.conn())
    .optional()?;
    row.map(|row| {
        Ok(HoldableLot {
            learner_id: LearnerId::from_uuid(row.learner_id),
            unit: parsed(&row.unit, "lots.unit")?,
            available: hundredths(row.available, "lots.available")?,
            expires_on: row.expires_on,
            for_active: row.for_active,
        })
    })
    .transpose()
}

/// The credit lots by which a learner is credited for an entry.
pub(crate) fn list_crediting(
    conn: &mut PgConnection,
    learner: LearnerId,
    entry: EntryId,
) -> Result<Vec<LotId>, LedgerError> {
    #[derive(QueryableByName)]
    struct CreditingRow {
        #[diesel(sql_type = SqlUuid)]
        lot_id: Uuid,
    }
    let rows: Vec<CreditingRow> = diesel::sql_query(
        "select lot_id from lots where learner_id = $1 and credits_entry_id = $2 \
             and unit = 'credit' and withdrawn = 0",
    )
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<SqlUuid, _>(entry.as_uuid())
    .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|row| LotId::from_uuid(row.lot_id))
        .collect())
}
