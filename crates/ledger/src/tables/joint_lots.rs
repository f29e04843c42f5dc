//! `lots` and `outcomes` across accounts that are shown as one: what only they have to ask.

use creditbank_domain::amount::Unit;
use creditbank_domain::grade::Grade;
use creditbank_domain::ids::{EntryId, LearnerId};
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::tables::parsed;

#[derive(QueryableByName)]
struct EntryRow {
    #[diesel(sql_type = SqlUuid)]
    learner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    entry_id: Uuid,
    #[diesel(sql_type = Text)]
    word: String,
}

/// The entries that learners were credited for once and for all, with the unit.
pub(crate) fn list_credited_units(
    conn: &mut PgConnection,
    learners: &[LearnerId],
) -> Result<Vec<(LearnerId, EntryId, Unit)>, LedgerError> {
    let learners: Vec<Uuid> = learners.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<EntryRow> = diesel::sql_query(
        "select learner_id, credits_entry_id as entry_id, unit as word from lots \
         where learner_id = any($1) and credits_entry_id is not null and withdrawn = 0",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .load(conn)?;
    rows.into_iter()
        .map(|row| {
            let unit = parsed(&row.word, "lots.unit")?;
            let learner = LearnerId::from_uuid(row.learner_id);
            Ok((learner, EntryId::from_uuid(row.entry_id), unit))
        })
        .collect()
}

/// A result with the code of its scheme.
pub(crate) struct StandingGrade {
    pub(crate) learner_id: LearnerId,
    pub(crate) entry_id: EntryId,
    pub(crate) grade: Grade,
    pub(crate) scheme: Option<String>,
}

/// The results that stand after every correction.
pub(crate) fn list_standing_grades(
    conn: &mut PgConnection,
    learners: &[LearnerId],
) -> Result<Vec<StandingGrade>, LedgerError> {
    #[derive(QueryableByName)]
    struct GradeRow {
        #[diesel(embed)]
        of: EntryRow,
        #[diesel(sql_type = Nullable<Text>)]
        scheme: Option<String>,
    }
    let learners: Vec<Uuid> = learners.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<GradeRow> = diesel::sql_query(
        "select o.learner_id, o.entry_id, o.grade as word, g.scheme from outcomes o \
         left join catalogue_gradings g using (version_id) \
         where o.learner_id = any($1) and not exists (select from corrections c \
             where c.learner_id = o.learner_id and c.outcome_id = o.outcome_id)",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .load(conn)?;
    rows.into_iter()
        .map(|row| {
            Ok(StandingGrade {
                learner_id: LearnerId::from_uuid(row.of.learner_id),
                entry_id: EntryId::from_uuid(row.of.entry_id),
                grade: parsed(&row.of.word, "outcomes.grade")?,
                scheme: row.scheme,
            })
        })
        .collect()
}
