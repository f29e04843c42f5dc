//! `outcomes` with what became of them: an outcome stands as long as no correction names it.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::grade::{Attempt, Grade};
use creditbank_domain::ids::{
    EntryId, InstitutionId, LearnerId, LotId, OutcomeId, RequestId, VersionId,
};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::recognition::NewLot;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::tables::outcomes::{PlannedOutcome, RecordedOutcome};
use crate::tables::parsed;

/// An outcome with all its facts.
#[derive(Debug, Clone)]
pub(crate) struct StandingOutcome {
    pub(crate) learner_id: LearnerId,
    pub(crate) learner_no: LearnerNo,
    pub(crate) outcome_id: OutcomeId,
    pub(crate) institution_id: InstitutionId,
    pub(crate) source_ref: String,
    pub(crate) entry_id: EntryId,
    pub(crate) version_id: VersionId,
    pub(crate) grade: Grade,
    pub(crate) attempt: Attempt,
    pub(crate) awarded_on: NaiveDate,
    pub(crate) stated: String,
    pub(crate) recorded_at: DateTime<Utc>,
    pub(crate) origin: &'static str,
    pub(crate) earned_nothing: Option<ReasonCode>,
    pub(crate) request_id: Option<RequestId>,
    /// False where a correction took its place.
    pub(crate) stands: bool,
    /// The learner can be credited for the entry more than once.
    pub(crate) repeatable: bool,
}

#[derive(QueryableByName)]
struct StandingRow {
    #[diesel(sql_type = SqlUuid)]
    learner_id: Uuid,
    #[diesel(sql_type = Text)]
    learner_no: String,
    #[diesel(sql_type = SqlUuid)]
    outcome_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    institution_id: Uuid,
    #[diesel(sql_type = Text)]
    source_ref: String,
    #[diesel(sql_type = SqlUuid)]
    entry_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    version_id: Uuid,
    #[diesel(sql_type = Text)]
    grade: String,
    #[diesel(sql_type = Text)]
    attempt: String,
    #[diesel(sql_type = Date)]
    awarded_on: NaiveDate,
    #[diesel(sql_type = Text)]
    stated: String,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    origin: String,
    #[diesel(sql_type = Nullable<Text>)]
    earned_nothing: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    request_id: Option<Uuid>,
    #[diesel(sql_type = Bool)]
    stands: bool,
    #[diesel(sql_type = Bool)]
    repeatable: bool,
}

impl TryFrom<StandingRow> for StandingOutcome {
    type Error = LedgerError;

    fn try_from(row: StandingRow) -> Result<Self, LedgerError> {
        let reason = row.earned_nothing.as_deref();
        let origin = ["api", "import", "conversion"]
            .into_iter()
            .find(|known| *known == row.origin)
            .ok_or(LedgerError::Corrupt("outcomes.origin"))?;
        Ok(Self {
            learner_id: LearnerId::from_uuid(row.learner_id),
            learner_no: parsed(&row.learner_no, "learners.learner_no")?,
            outcome_id: OutcomeId::from_uuid(row.outcome_id),
            institution_id: InstitutionId::from_uuid(row.institution_id),
            source_ref: row.source_ref,
            entry_id: EntryId::from_uuid(row.entry_id),
            version_id: VersionId::from_uuid(row.version_id),
            grade: parsed(&row.grade, "outcomes.grade")?,
            attempt: parsed(&row.attempt, "outcomes.attempt")?,
            awarded_on: row.awarded_on,
            stated: row.stated,
            recorded_at: row.recorded_at,
            origin,
            earned_nothing: reason
                .map(|code| parsed(code, "outcomes.earned_nothing"))
                .transpose()?,
            request_id: row.request_id.map(RequestId::from_uuid),
            stands: row.stands,
            repeatable: row.repeatable,
        })
    }
}

impl From<&StandingOutcome> for RecordedOutcome {
    fn from(outcome: &StandingOutcome) -> Self {
        Self {
            outcome_id: outcome.outcome_id,
            learner_id: outcome.learner_id,
            institution_id: outcome.institution_id,
            source_ref: outcome.source_ref.clone(),
            entry_id: outcome.entry_id,
            version_id: outcome.version_id,
            grade: outcome.grade,
            attempt: outcome.attempt,
            awarded_on: outcome.awarded_on,
            stated: outcome.stated.clone(),
            recorded_at: outcome.recorded_at,
            earned_nothing: outcome.earned_nothing,
            superseded: !outcome.stands,
        }
    }
}

impl StandingOutcome {
    /// An outcome of the same facts that takes its place, with these lots.
    pub(crate) fn successor(&self, lots: Vec<NewLot>) -> PlannedOutcome {
        PlannedOutcome {
            outcome_id: OutcomeId::from_uuid(new_id()),
            learner_id: self.learner_id,
            institution_id: self.institution_id,
            source_ref: self.source_ref.clone(),
            entry_id: self.entry_id,
            version_id: self.version_id,
            repeatable: self.repeatable,
            same_course_group: None,
            grade: self.grade,
            attempt: self.attempt,
            awarded_on: self.awarded_on,
            stated: self.stated.clone(),
            origin: self.origin,
            earned_nothing: None,
            request_id: self.request_id,
            corrects: Some(self.outcome_id),
            lots: lots
                .into_iter()
                .map(|lot| (LotId::from_uuid(new_id()), lot))
                .collect(),
        }
    }
}

const SELECT: &str = "select o.learner_id, n.learner_no, o.outcome_id, o.institution_id, o.source_ref, \
     o.entry_id, o.version_id, o.grade, o.attempt, o.awarded_on, o.stated, o.recorded_at, o.origin, \
     o.earned_nothing, o.request_id, v.repeatable, \
     not exists (select from corrections c where c.learner_id = o.learner_id \
         and c.outcome_id = o.outcome_id) as stands \
     from outcomes o join catalogue_versions v using (version_id) \
     join learners n on n.learner_id = o.learner_id";

fn all(rows: Vec<StandingRow>) -> Result<Vec<StandingOutcome>, LedgerError> {
    rows.into_iter().map(StandingOutcome::try_from).collect()
}

pub(crate) fn find(
    conn: &mut PgConnection,
    learner: LearnerId,
    outcome: OutcomeId,
) -> Result<Option<StandingOutcome>, LedgerError> {
    let rows = diesel::sql_query(format!(
        "{SELECT} where o.learner_id = $1 and o.outcome_id = $2"
    ))
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<SqlUuid, _>(outcome.as_uuid())
    .load(conn)?;
    Ok(all(rows)?.into_iter().next())
}

/// The last outcome in the row of corrections that begins at a source reference; it does not
/// stand where it was withdrawn in the end.
pub(crate) fn find_by_source(
    conn: &mut PgConnection,
    institution: InstitutionId,
    source_ref: &str,
) -> Result<Option<StandingOutcome>, LedgerError> {
    let rows = diesel::sql_query(format!(
        "with recursive {} {SELECT} \
         join chain on chain.learner_id = o.learner_id and chain.outcome_id = o.outcome_id \
         order by chain.step desc limit 1",
        include_str!("../sql/chain_of_corrections.sql")
    ))
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Text, _>(source_ref)
    .load(conn)?;
    Ok(all(rows)?.into_iter().next())
}

/// Outcomes of a learner in an entry that stand without a lot because the learner had been
/// credited for the entry before, oldest first.
pub(crate) fn list_waiting(
    conn: &mut PgConnection,
    learner: LearnerId,
    entry: EntryId,
) -> Result<Vec<StandingOutcome>, LedgerError> {
    let rows = diesel::sql_query(format!(
        "select * from ({SELECT} where o.learner_id = $1 and o.entry_id = $2 \
             and o.earned_nothing = 'ALREADY_CREDITED') w where stands order by outcome_id"
    ))
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<SqlUuid, _>(entry.as_uuid())
    .load(conn)?;
    all(rows)
}
