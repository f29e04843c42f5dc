//! `conversion_inputs`: what decisions rested on, kept so that they can be made again.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::{AmountError, Hundredths};
use creditbank_domain::catalogue::Level;
use creditbank_domain::conversion::{
    Candidate, Decision, ENGINE, History, LotState, PastGrant, PastSource, Programme, RuleSet,
    decide,
};
use creditbank_domain::grading::SchemeGrade;
use creditbank_domain::ids::{
    EntryId, InstitutionId, LearnerId, LotId, OutcomeId, ProgrammeId, RequestId, RuleSetId,
};
use diesel::prelude::*;
use diesel::sql_types::{
    BigInt, Bool, Date, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::parsed;

mod grades;

use grades::StoredGrade;

/// Everything but the rule set, which is kept by itself and never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DecisionInputs {
    pub(crate) today: NaiveDate,
    pub(crate) programme: Programme,
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) history: History,
}

impl DecisionInputs {
    /// What the rules say to them.
    pub(crate) fn decide(&self, rule_set: &RuleSet) -> Result<Decision, AmountError> {
        let (programme, history) = (&self.programme, &self.history);
        decide(&self.candidates, rule_set, programme, history, self.today)
    }
}

/// A decision's inputs, ready to be kept.
pub(crate) struct NewInputs<'a> {
    pub(crate) learner_id: LearnerId,
    pub(crate) request_id: RequestId,
    pub(crate) inputs: &'a DecisionInputs,
    pub(crate) decision: &'a Decision,
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    new: &NewInputs<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let inputs = serde_json::to_value(StoredInputs::from(new.inputs))
        .map_err(|_| LedgerError::Corrupt("conversion_inputs.inputs"))?;
    diesel::sql_query(
        "insert into conversion_inputs (learner_id, request_id, engine, inputs, total, bound, \
             proven, complete, recorded_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind::<SqlUuid, _>(new.learner_id.as_uuid())
    .bind::<SqlUuid, _>(new.request_id.as_uuid())
    .bind::<SmallInt, _>(ENGINE)
    .bind::<Jsonb, _>(inputs)
    .bind::<BigInt, _>(new.decision.total.get())
    .bind::<BigInt, _>(new.decision.bound.get())
    .bind::<Bool, _>(new.decision.proven)
    .bind::<Bool, _>(new.decision.complete)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// What a decision rested on, as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct KeptInputs {
    pub(crate) learner_id: LearnerId,
    pub(crate) request_id: RequestId,
    pub(crate) rule_set_id: RuleSetId,
    /// The version of the engine that decided.
    pub(crate) engine: i16,
    pub(crate) inputs: DecisionInputs,
}

#[derive(QueryableByName)]
struct KeptRow {
    #[diesel(sql_type = SqlUuid)]
    learner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    request_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    rule_set_id: Uuid,
    #[diesel(sql_type = SmallInt)]
    engine: i16,
    #[diesel(sql_type = Jsonb)]
    inputs: serde_json::Value,
    #[diesel(sql_type = SqlUuid)]
    programme_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    receiving_institution_id: Uuid,
    #[diesel(sql_type = Text)]
    programme_title: String,
}

impl TryFrom<KeptRow> for KeptInputs {
    type Error = LedgerError;

    fn try_from(row: KeptRow) -> Result<Self, LedgerError> {
        let stored: StoredInputs = serde_json::from_value(row.inputs)
            .map_err(|_| LedgerError::Corrupt("conversion_inputs.inputs"))?;
        let programme = Programme {
            id: ProgrammeId::from_uuid(row.programme_id),
            institution: InstitutionId::from_uuid(row.receiving_institution_id),
            title: row.programme_title,
            total_credits: stored.programme_credits()?,
        };
        Ok(Self {
            learner_id: LearnerId::from_uuid(row.learner_id),
            request_id: RequestId::from_uuid(row.request_id),
            rule_set_id: RuleSetId::from_uuid(row.rule_set_id),
            engine: row.engine,
            inputs: stored.inputs(programme)?,
        })
    }
}

const SELECT: &str = "select i.learner_id, i.request_id, r.rule_set_id, i.engine, i.inputs, \
     r.programme_id, r.receiving_institution_id, p.title as programme_title \
     from conversion_inputs i join conversion_requests r using (learner_id, request_id) \
     join programmes p using (programme_id)";

/// What a request's decision rested on; nothing where it was not decided by the rules.
pub(crate) fn find(
    conn: &mut PgConnection,
    request: RequestId,
) -> Result<Option<KeptInputs>, LedgerError> {
    let row: Option<KeptRow> = diesel::sql_query(format!("{SELECT} where i.request_id = $1"))
        .bind::<SqlUuid, _>(request.as_uuid())
        .get_result(conn)
        .optional()?;
    row.map(KeptInputs::try_from).transpose()
}

/// The decisions that an institution made by a rule set of this code since a day, or by any, in the
/// order of their requests, after a request.
pub(crate) fn list_decided(
    conn: &mut PgConnection,
    which: &Decided<'_>,
    after: Option<RequestId>,
    limit: i64,
) -> Result<Vec<KeptInputs>, LedgerError> {
    let rows: Vec<KeptRow> = diesel::sql_query(format!(
        "{SELECT} join rule_sets s using (rule_set_id) \
         where ($1::uuid is null or r.receiving_institution_id = $1) \
             and ($2::text is null or s.code = $2) and ($3::date is null or r.requested_at >= $3) \
             and ($4::uuid is null or i.request_id > $4) \
         order by i.request_id limit $5"
    ))
    .bind::<Nullable<SqlUuid>, _>(which.receiving.map(InstitutionId::as_uuid))
    .bind::<Nullable<Text>, _>(which.code)
    .bind::<Nullable<Date>, _>(which.since)
    .bind::<Nullable<SqlUuid>, _>(after.map(RequestId::as_uuid))
    .bind::<BigInt, _>(limit)
    .load(conn)?;
    rows.into_iter().map(KeptInputs::try_from).collect()
}

/// Which decisions are meant.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Decided<'a> {
    pub(crate) receiving: Option<InstitutionId>,
    pub(crate) code: Option<&'a str>,
    pub(crate) since: Option<NaiveDate>,
}

/// The form in `inputs`: amounts as texts, ids, words; a learner's name is nowhere in it.
#[derive(Serialize, Deserialize)]
struct StoredInputs {
    today: NaiveDate,
    programme_credits: String,
    lots: Vec<StoredLot>,
    grants: Vec<StoredGrant>,
    courses: Vec<Uuid>,
}

#[derive(Serialize, Deserialize)]
struct StoredLot {
    lot: Uuid,
    outcome: Uuid,
    entry: Uuid,
    title: String,
    category: String,
    issuer: Uuid,
    unit: String,
    level: Option<(String, i16)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    counts_as: Vec<(String, i16)>,
    grade: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    graded: Option<StoredGrade>,
    awarded_on: NaiveDate,
    issued: String,
    state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    usable: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredGrant {
    course: Uuid,
    granted: String,
    sources: Vec<StoredSource>,
}

#[derive(Serialize, Deserialize)]
struct StoredSource {
    outcome: Uuid,
    category: String,
    issuer: Uuid,
    awarded_on: NaiveDate,
}

impl From<&DecisionInputs> for StoredInputs {
    fn from(inputs: &DecisionInputs) -> Self {
        let grants = inputs.history.grants.iter().map(|past| StoredGrant {
            course: past.course.as_uuid(),
            granted: past.granted.to_string(),
            sources: past.sources.iter().map(StoredSource::from).collect(),
        });
        let courses = inputs.history.courses.iter();
        Self {
            today: inputs.today,
            programme_credits: inputs.programme.total_credits.to_string(),
            lots: inputs.candidates.iter().map(StoredLot::from).collect(),
            grants: grants.collect(),
            courses: courses.map(|course| course.as_uuid()).collect(),
        }
    }
}

impl From<&PastSource> for StoredSource {
    fn from(source: &PastSource) -> Self {
        Self {
            outcome: source.outcome_id.as_uuid(),
            category: source.category.as_str().to_owned(),
            issuer: source.issuer.as_uuid(),
            awarded_on: source.awarded_on,
        }
    }
}

impl From<&Candidate> for StoredLot {
    fn from(candidate: &Candidate) -> Self {
        let (state, usable) = match candidate.state {
            LotState::Usable(usable) => ("usable", Some(usable.to_string())),
            LotState::HeldElsewhere => ("held_elsewhere", None),
            LotState::Used => ("used", None),
            LotState::Expired => ("expired", None),
            LotState::Withdrawn => ("withdrawn", None),
        };
        let level = candidate.level.as_ref();
        Self {
            lot: candidate.lot_id.as_uuid(),
            outcome: candidate.outcome_id.as_uuid(),
            entry: candidate.entry_id.as_uuid(),
            title: candidate.title.clone(),
            category: candidate.category.as_str().to_owned(),
            issuer: candidate.issuer.as_uuid(),
            unit: candidate.unit.as_str().to_owned(),
            level: level.map(written),
            counts_as: candidate.counts_as.iter().map(written).collect(),
            grade: candidate.grade.to_string(),
            graded: candidate.graded.as_ref().map(StoredGrade::from),
            awarded_on: candidate.awarded_on,
            issued: candidate.issued.to_string(),
            state: state.to_owned(),
            usable,
        }
    }
}

fn written(level: &Level) -> (String, i16) {
    (level.framework.clone(), level.value)
}

fn read((framework, value): (String, i16)) -> Level {
    Level { framework, value }
}

const PLACE: &str = "conversion_inputs.inputs";

impl StoredInputs {
    fn programme_credits(&self) -> Result<Hundredths, LedgerError> {
        parsed(&self.programme_credits, PLACE)
    }

    fn inputs(self, programme: Programme) -> Result<DecisionInputs, LedgerError> {
        let mut history = History::default();
        for grant in self.grants {
            history.grants.push(PastGrant {
                course: EntryId::from_uuid(grant.course),
                granted: parsed(&grant.granted, PLACE)?,
                sources: grant
                    .sources
                    .into_iter()
                    .map(PastSource::try_from)
                    .collect::<Result<_, _>>()?,
            });
        }
        let courses = self.courses.into_iter().map(EntryId::from_uuid);
        history.courses = courses.collect();
        let candidates = self.lots.into_iter().map(Candidate::try_from);
        Ok(DecisionInputs {
            today: self.today,
            programme,
            candidates: candidates.collect::<Result<_, _>>()?,
            history,
        })
    }
}

impl TryFrom<StoredSource> for PastSource {
    type Error = LedgerError;

    fn try_from(source: StoredSource) -> Result<Self, LedgerError> {
        Ok(Self {
            outcome_id: OutcomeId::from_uuid(source.outcome),
            category: parsed(&source.category, PLACE)?,
            issuer: InstitutionId::from_uuid(source.issuer),
            awarded_on: source.awarded_on,
        })
    }
}

impl TryFrom<StoredLot> for Candidate {
    type Error = LedgerError;

    fn try_from(lot: StoredLot) -> Result<Self, LedgerError> {
        let state = match (lot.state.as_str(), lot.usable.as_deref()) {
            ("usable", Some(usable)) => LotState::Usable(parsed(usable, PLACE)?),
            ("held_elsewhere", None) => LotState::HeldElsewhere,
            ("used", None) => LotState::Used,
            ("expired", None) => LotState::Expired,
            ("withdrawn", None) => LotState::Withdrawn,
            _ => return Err(LedgerError::Corrupt(PLACE)),
        };
        Ok(Self {
            lot_id: LotId::from_uuid(lot.lot),
            outcome_id: OutcomeId::from_uuid(lot.outcome),
            entry_id: EntryId::from_uuid(lot.entry),
            title: lot.title,
            category: parsed(&lot.category, PLACE)?,
            issuer: InstitutionId::from_uuid(lot.issuer),
            unit: parsed(&lot.unit, PLACE)?,
            level: lot.level.map(read),
            counts_as: lot.counts_as.into_iter().map(read).collect(),
            grade: parsed(&lot.grade, PLACE)?,
            graded: lot.graded.map(SchemeGrade::from),
            awarded_on: lot.awarded_on,
            issued: parsed(&lot.issued, PLACE)?,
            state,
        })
    }
}
