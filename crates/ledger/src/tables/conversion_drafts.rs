//! `conversion_drafts`: what somebody may ask for. Holds nothing.

use chrono::{DateTime, Utc};
use creditbank_domain::consent::StatedBasis;
use creditbank_domain::ids::{CohortId, DraftId, InstitutionId, LearnerId, OutcomeId};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::stated_basis;

/// A draft as it is stored.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct DraftRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) draft_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) receiving_code: String,
    #[diesel(sql_type = Text)]
    pub(crate) programme_code: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) rule_set_code: Option<String>,
    #[diesel(sql_type = Jsonb)]
    pub(crate) learners: serde_json::Value,
    #[diesel(sql_type = Text)]
    pub(crate) state: String,
    #[diesel(sql_type = Integer)]
    pub(crate) version: i32,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) cohort_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) basis: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) basis_document: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) changed_at: DateTime<Utc>,
}

/// A learner of a draft, as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredLearner {
    learner: Uuid,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    outcomes: Vec<Uuid>,
}

impl StoredLearner {
    pub(crate) fn new(learner: LearnerId, outcomes: &[OutcomeId]) -> Self {
        Self {
            learner: learner.as_uuid(),
            outcomes: outcomes.iter().map(|id| id.as_uuid()).collect(),
        }
    }

    pub(crate) const fn learner_id(&self) -> LearnerId {
        LearnerId::from_uuid(self.learner)
    }

    pub(crate) fn outcomes(&self) -> Vec<OutcomeId> {
        { self.outcomes.iter() }
            .copied()
            .map(OutcomeId::from_uuid)
            .collect()
    }
}

impl DraftRow {
    pub(crate) fn learners(&self) -> Result<Vec<StoredLearner>, LedgerError> {
        serde_json::from_value(self.learners.clone())
            .map_err(|_| LedgerError::Corrupt("conversion_drafts.learners"))
    }

    /// What its requests are said to rest on.
    pub(crate) fn stated(&self) -> Result<Option<StatedBasis>, LedgerError> {
        let stored = (self.basis.as_deref(), self.basis_document.as_deref());
        stated_basis(stored, "conversion_drafts.basis")
    }
}

/// Whose a draft is: a school's, or a learner's own.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Drafter {
    School(InstitutionId),
    Learner(LearnerId),
}

impl Drafter {
    fn columns(self) -> (Option<Uuid>, Option<Uuid>) {
        match self {
            Self::School(id) => (Some(id.as_uuid()), None),
            Self::Learner(id) => (None, Some(id.as_uuid())),
        }
    }
}

/// What a draft says.
pub(crate) struct DraftContent<'a> {
    pub(crate) receiving_code: &'a str,
    pub(crate) programme_code: &'a str,
    pub(crate) rule_set_code: Option<&'a str>,
    pub(crate) learners: &'a [StoredLearner],
    pub(crate) basis: Option<&'a StatedBasis>,
}

impl DraftContent<'_> {
    fn stored(&self) -> Result<serde_json::Value, LedgerError> {
        serde_json::to_value(self.learners)
            .map_err(|_| LedgerError::Corrupt("conversion_drafts.learners"))
    }
}

const COLUMNS: &str = "draft_id, receiving_code, programme_code, rule_set_code, learners, state, \
     version, cohort_id, basis, basis_document, changed_at";
/// Whose, by whichever of the two it is.
const OWN: &str = "(institution_id = $1 or learner_id = $2)";

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    (draft, drafter): (DraftId, Drafter),
    content: &DraftContent<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let (institution, learner) = drafter.columns();
    diesel::sql_query(
        "insert into conversion_drafts (draft_id, institution_id, learner_id, receiving_code, \
             programme_code, rule_set_code, learners, state, version, created_at, changed_at, \
             basis, basis_document) \
         values ($1, $2, $3, $4, $5, $6, $7, 'open', 1, $8, $8, $9, $10)",
    )
    .bind::<SqlUuid, _>(draft.as_uuid())
    .bind::<Nullable<SqlUuid>, _>(institution)
    .bind::<Nullable<SqlUuid>, _>(learner)
    .bind::<Text, _>(content.receiving_code)
    .bind::<Text, _>(content.programme_code)
    .bind::<Nullable<Text>, _>(content.rule_set_code)
    .bind::<Jsonb, _>(content.stored()?)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<Text>, _>(content.basis.map(|it| it.basis().as_str()))
    .bind::<Nullable<Text>, _>(content.basis.and_then(StatedBasis::document))
    .execute(tx.conn())?;
    Ok(())
}

/// A draft of its own drafter.
pub(crate) fn find(
    conn: &mut PgConnection,
    drafter: Drafter,
    draft: DraftId,
) -> Result<Option<DraftRow>, LedgerError> {
    one(conn, drafter, draft, "")
}

/// The same, locked.
pub(crate) fn lock(
    tx: &mut Tx<'_>,
    drafter: Drafter,
    draft: DraftId,
) -> Result<Option<DraftRow>, LedgerError> {
    one(tx.conn(), drafter, draft, " for update")
}

fn one(
    conn: &mut PgConnection,
    drafter: Drafter,
    draft: DraftId,
    lock: &str,
) -> Result<Option<DraftRow>, LedgerError> {
    let (institution, learner) = drafter.columns();
    Ok(diesel::sql_query(format!(
        "select {COLUMNS} from conversion_drafts where {OWN} and draft_id = $3{lock}"
    ))
    .bind::<Nullable<SqlUuid>, _>(institution)
    .bind::<Nullable<SqlUuid>, _>(learner)
    .bind::<SqlUuid, _>(draft.as_uuid())
    .get_result(conn)
    .optional()?)
}

/// Open drafts of a drafter behind one, in the order in which they were made.
pub(crate) fn list_open(
    conn: &mut PgConnection,
    drafter: Drafter,
    after: Option<DraftId>,
    limit: u32,
) -> Result<Vec<DraftRow>, LedgerError> {
    let (institution, learner) = drafter.columns();
    Ok(diesel::sql_query(format!(
        "select {COLUMNS} from conversion_drafts \
         where {OWN} and state = 'open' and draft_id > $3 order by draft_id limit $4"
    ))
    .bind::<Nullable<SqlUuid>, _>(institution)
    .bind::<Nullable<SqlUuid>, _>(learner)
    .bind::<SqlUuid, _>(after.map_or(Uuid::nil(), DraftId::as_uuid))
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?)
}

/// Says something else in a draft that is locked and open.
pub(crate) fn revise(
    tx: &mut Tx<'_>,
    draft: DraftId,
    content: &DraftContent<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update conversion_drafts set receiving_code = $2, programme_code = $3, \
             rule_set_code = $4, learners = $5, version = version + 1, changed_at = $6, \
             basis = $7, basis_document = $8 \
         where draft_id = $1",
    )
    .bind::<SqlUuid, _>(draft.as_uuid())
    .bind::<Text, _>(content.receiving_code)
    .bind::<Text, _>(content.programme_code)
    .bind::<Nullable<Text>, _>(content.rule_set_code)
    .bind::<Jsonb, _>(content.stored()?)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<Text>, _>(content.basis.map(|it| it.basis().as_str()))
    .bind::<Nullable<Text>, _>(content.basis.and_then(StatedBasis::document))
    .execute(tx.conn())?;
    Ok(())
}

/// Ends a draft that is locked and open: submitted as a cohort, or discarded.
pub(crate) fn end(
    tx: &mut Tx<'_>,
    draft: DraftId,
    cohort: Option<CohortId>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update conversion_drafts set cohort_id = $2, changed_at = $3, version = version + 1, \
             state = case when $2 is null then 'discarded' else 'submitted' end \
         where draft_id = $1",
    )
    .bind::<SqlUuid, _>(draft.as_uuid())
    .bind::<Nullable<SqlUuid>, _>(cohort.map(CohortId::as_uuid))
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}
