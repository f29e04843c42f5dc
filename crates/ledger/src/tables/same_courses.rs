//! `same_course_groups`, `duplicate_courses`, `substitutes` and `same_course_refusals`.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::Unit;
use creditbank_domain::ids::{EntryId, LearnerId, OutcomeId, SameCourseGroupId};
use creditbank_domain::same_course::DuplicateGroup;
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;
use crate::tables::parsed;

/// Waits until nobody posts by the groups as they were; nobody begins before this transaction ends.
pub(crate) fn wait_for_posting(tx: &mut Tx<'_>) -> Result<(), LedgerError> {
    diesel::sql_query("select wait_for_posting()").execute(tx.conn())?;
    Ok(())
}

/// A group as it is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredGroup {
    pub(crate) group: DuplicateGroup,
    pub(crate) document_number: String,
}

#[derive(QueryableByName)]
struct GroupRow {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    document_number: String,
    #[diesel(sql_type = Date)]
    valid_from: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    valid_to: Option<NaiveDate>,
    #[diesel(sql_type = Array<SqlUuid>)]
    members: Vec<Uuid>,
}

/// Every group, ended ones too: there are some hundreds at most.
pub(crate) fn list_groups(conn: &mut PgConnection) -> Result<Vec<StoredGroup>, LedgerError> {
    let rows: Vec<GroupRow> = diesel::sql_query(
        "select g.code, g.document_number, g.valid_from, g.valid_to, \
             array(select d.entry_id from duplicate_courses d where d.group_id = g.group_id) \
                 as members \
         from same_course_groups g order by g.code",
    )
    .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|row| StoredGroup {
            group: DuplicateGroup {
                code: row.code,
                valid_from: row.valid_from,
                valid_to: row.valid_to,
                members: row.members.into_iter().map(EntryId::from_uuid).collect(),
            },
            document_number: row.document_number,
        })
        .collect())
}

/// Adds a group with its courses.
pub(crate) fn insert_group(
    tx: &mut Tx<'_>,
    stored: &StoredGroup,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let group_id = new_id();
    let group = &stored.group;
    diesel::sql_query(
        "insert into same_course_groups \
             (group_id, code, document_number, valid_from, valid_to, created_at) \
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind::<SqlUuid, _>(group_id)
    .bind::<Text, _>(&group.code)
    .bind::<Text, _>(&stored.document_number)
    .bind::<Date, _>(group.valid_from)
    .bind::<Nullable<Date>, _>(group.valid_to)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    diesel::sql_query(
        "insert into duplicate_courses (group_id, entry_id) select $1, unnest($2::uuid[])",
    )
    .bind::<SqlUuid, _>(group_id)
    .bind::<Array<SqlUuid>, _>(uuids(&group.members))
    .execute(tx.conn())?;
    Ok(())
}

/// Says when an open group ends.
pub(crate) fn end_group(
    tx: &mut Tx<'_>,
    code: &str,
    last: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query("update same_course_groups set valid_to = $2, ended_at = $3 where code = $1")
        .bind::<Text, _>(code)
        .bind::<Date, _>(last)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())?;
    Ok(())
}

fn uuids(entries: &BTreeSet<EntryId>) -> Vec<Uuid> {
    entries.iter().map(|id| id.as_uuid()).collect()
}

/// A course that may stand for another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredSubstitute {
    pub(crate) entry: EntryId,
    pub(crate) stands_for: EntryId,
    pub(crate) document_number: String,
    pub(crate) valid_from: NaiveDate,
    pub(crate) valid_to: Option<NaiveDate>,
}

/// False where the pair is there from that day, whatever else it says.
pub(crate) fn insert_substitute(
    tx: &mut Tx<'_>,
    substitute: &StoredSubstitute,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into substitutes (substitute_id, entry_id, stands_for_id, document_number, \
             valid_from, valid_to, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7) \
         on conflict (entry_id, stands_for_id, valid_from) do nothing",
    )
    .bind::<SqlUuid, _>(new_id())
    .bind::<SqlUuid, _>(substitute.entry.as_uuid())
    .bind::<SqlUuid, _>(substitute.stands_for.as_uuid())
    .bind::<Text, _>(&substitute.document_number)
    .bind::<Date, _>(substitute.valid_from)
    .bind::<Nullable<Date>, _>(substitute.valid_to)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

#[derive(QueryableByName)]
struct SubstituteRow {
    #[diesel(sql_type = SqlUuid)]
    entry_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    stands_for_id: Uuid,
    #[diesel(sql_type = Text)]
    document_number: String,
    #[diesel(sql_type = Date)]
    valid_from: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    valid_to: Option<NaiveDate>,
}

/// What may stand for these courses, on whatever days.
pub(crate) fn list_substitutes_for(
    conn: &mut PgConnection,
    courses: &[EntryId],
) -> Result<Vec<StoredSubstitute>, LedgerError> {
    let courses: Vec<Uuid> = courses.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<SubstituteRow> = diesel::sql_query(
        "select entry_id, stands_for_id, document_number, valid_from, valid_to from substitutes \
         where stands_for_id = any($1) order by stands_for_id, entry_id, valid_from",
    )
    .bind::<Array<SqlUuid>, _>(courses)
    .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|row| StoredSubstitute {
            entry: EntryId::from_uuid(row.entry_id),
            stands_for: EntryId::from_uuid(row.stands_for_id),
            document_number: row.document_number,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        })
        .collect())
}

/// A lot by which a learner is credited for a course of a group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CreditedCourse {
    pub(crate) learner_id: LearnerId,
    pub(crate) group_id: SameCourseGroupId,
    pub(crate) unit: Unit,
    pub(crate) entry_id: EntryId,
    pub(crate) outcome_id: OutcomeId,
}

/// For which courses of these groups the learners are credited, by whatever road.
pub(crate) fn list_credited(
    conn: &mut PgConnection,
    learners: &[LearnerId],
    groups: &[SameCourseGroupId],
) -> Result<Vec<CreditedCourse>, LedgerError> {
    #[derive(QueryableByName)]
    struct CreditedRow {
        #[diesel(sql_type = SqlUuid)]
        learner_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        group_id: Uuid,
        #[diesel(sql_type = Text)]
        unit: String,
        #[diesel(sql_type = SqlUuid)]
        entry_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        outcome_id: Uuid,
    }
    let rows: Vec<CreditedRow> = diesel::sql_query(
        "select l.learner_id, d.group_id, l.unit, d.entry_id, l.outcome_id \
         from duplicate_courses d join lots l on l.credits_entry_id = d.entry_id \
         where d.group_id = any($2) and l.learner_id = any($1) and l.withdrawn = 0 \
         order by l.outcome_id",
    )
    .bind::<Array<SqlUuid>, _>(learners.iter().map(|id| id.as_uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(groups.iter().map(|id| id.as_uuid()).collect::<Vec<_>>())
    .load(conn)?;
    rows.into_iter()
        .map(|row| {
            Ok(CreditedCourse {
                learner_id: LearnerId::from_uuid(row.learner_id),
                group_id: SameCourseGroupId::from_uuid(row.group_id),
                unit: parsed(&row.unit, "lots.unit")?,
                entry_id: EntryId::from_uuid(row.entry_id),
                outcome_id: OutcomeId::from_uuid(row.outcome_id),
            })
        })
        .collect()
}

/// That an outcome earned nothing beside its twin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SameCourseRefusal {
    pub(crate) learner_id: LearnerId,
    pub(crate) outcome_id: OutcomeId,
    pub(crate) group_id: SameCourseGroupId,
    pub(crate) twin: (LearnerId, OutcomeId),
}

/// Keeps beside which twins outcomes earned nothing.
pub(crate) fn insert_refusals(
    tx: &mut Tx<'_>,
    refusals: &[SameCourseRefusal],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    if refusals.is_empty() {
        return Ok(());
    }
    let column = |of: fn(&SameCourseRefusal) -> Uuid| refusals.iter().map(of).collect::<Vec<_>>();
    diesel::sql_query(
        "insert into same_course_refusals (learner_id, outcome_id, group_id, twin_learner_id, \
             twin_outcome_id, recorded_at) \
         select *, $6 from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[])",
    )
    .bind::<Array<SqlUuid>, _>(column(|one| one.learner_id.as_uuid()))
    .bind::<Array<SqlUuid>, _>(column(|one| one.outcome_id.as_uuid()))
    .bind::<Array<SqlUuid>, _>(column(|one| one.group_id.as_uuid()))
    .bind::<Array<SqlUuid>, _>(column(|one| one.twin.0.as_uuid()))
    .bind::<Array<SqlUuid>, _>(column(|one| one.twin.1.as_uuid()))
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// What the twin of an outcome is called.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct TwinRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) outcome_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) owner_code: String,
    #[diesel(sql_type = Text)]
    pub(crate) code: String,
    #[diesel(sql_type = Text)]
    pub(crate) title: String,
}

/// The twins beside which these outcomes earned nothing.
pub(crate) fn list_twins(
    conn: &mut PgConnection,
    outcomes: &[OutcomeId],
) -> Result<Vec<TwinRow>, LedgerError> {
    let outcomes: Vec<Uuid> = outcomes.iter().map(|id| id.as_uuid()).collect();
    Ok(diesel::sql_query(
        "select r.outcome_id, i.code as owner_code, e.code, v.title \
         from same_course_refusals r \
         join outcomes t on t.learner_id = r.twin_learner_id and t.outcome_id = r.twin_outcome_id \
         join catalogue_versions v on v.version_id = t.version_id \
         join catalogue_entries e on e.entry_id = t.entry_id \
         join institutions i on i.institution_id = e.institution_id \
         where r.outcome_id = any($1)",
    )
    .bind::<Array<SqlUuid>, _>(outcomes)
    .load(conn)?)
}

/// A course as it is called now.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct NamedCourse {
    #[diesel(sql_type = Text)]
    pub(crate) owner_code: String,
    #[diesel(sql_type = Text)]
    pub(crate) code: String,
    #[diesel(sql_type = Text)]
    pub(crate) title: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) group_id: Option<Uuid>,
}

/// Every course that has a version on the day, with its group.
pub(crate) fn list_names(
    conn: &mut PgConnection,
    day: NaiveDate,
) -> Result<Vec<NamedCourse>, LedgerError> {
    Ok(diesel::sql_query(
        "select distinct on (i.code, e.code) i.code as owner_code, e.code, v.title, \
             (select g.group_id from duplicate_courses d join same_course_groups g using (group_id) \
              where d.entry_id = e.entry_id and g.valid_from <= $1 \
                  and (g.valid_to is null or g.valid_to >= $1)) as group_id \
         from catalogue_entries e \
         join institutions i using (institution_id) \
         join catalogue_versions v using (entry_id) \
         where v.valid_from <= $1 and (v.valid_to is null or v.valid_to >= $1) \
         order by i.code, e.code, v.valid_from desc",
    )
    .bind::<Date, _>(day)
    .load(conn)?)
}
