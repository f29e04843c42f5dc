//! Writing versions with everything that belongs to them.

use chrono::{DateTime, Utc};
use creditbank_domain::catalogue::{AmountRule, CatalogueVersion};
use creditbank_domain::completion::CompletionRule;
use creditbank_domain::ids::{EntryId, InstitutionId, VersionId};
use creditbank_domain::text::{CourseCode, SubcategoryCode};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;
use crate::tables::gradings;

/// Registers an entry where it is new; gives its id either way.
pub(crate) fn upsert_entry(
    tx: &mut Tx<'_>,
    owner: InstitutionId,
    code: &CourseCode,
    now: DateTime<Utc>,
) -> Result<EntryId, LedgerError> {
    #[derive(QueryableByName)]
    struct EntryRow {
        #[diesel(sql_type = SqlUuid)]
        entry_id: Uuid,
    }
    diesel::sql_query(
        "insert into catalogue_entries (entry_id, institution_id, code, created_at) \
         values ($1, $2, $3, $4) on conflict (institution_id, code) do nothing",
    )
    .bind::<SqlUuid, _>(new_id())
    .bind::<SqlUuid, _>(owner.as_uuid())
    .bind::<Text, _>(code.as_str())
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    let row: EntryRow = diesel::sql_query(
        "select entry_id from catalogue_entries where institution_id = $1 and code = $2",
    )
    .bind::<SqlUuid, _>(owner.as_uuid())
    .bind::<Text, _>(code.as_str())
    .get_result(tx.conn())?;
    Ok(EntryId::from_uuid(row.entry_id))
}

/// Adds a version with its owners and amounts.
pub(crate) fn insert_version(
    tx: &mut Tx<'_>,
    version: &CatalogueVersion,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let count = |count: Option<u32>, place| {
        let count = count.map(i32::try_from).transpose();
        count.map_err(|_| LedgerError::Corrupt(place))
    };
    let months = count(version.usable_months, "usable_months")?;
    let clock = version.review;
    let review_months = count(clock.map(|it| it.months), "review_months")?;
    let grace_days = count(clock.map(|it| it.grace_days), "review_grace_days")?;
    diesel::sql_query(
        "insert into catalogue_versions (version_id, entry_id, title, category, level_framework, \
         level_value, minimum_grade, valid_from, valid_to, usable_months, repeatable, created_at, \
         subcategory, review_months, review_grace_days) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind::<SqlUuid, _>(version.version_id.as_uuid())
    .bind::<SqlUuid, _>(version.entry_id.as_uuid())
    .bind::<Text, _>(&version.title)
    .bind::<Text, _>(version.category.as_str())
    .bind::<Nullable<Text>, _>(version.level.as_ref().map(|level| level.framework.as_str()))
    .bind::<Nullable<SmallInt>, _>(version.level.as_ref().map(|level| level.value))
    .bind::<Text, _>(version.minimum_grade.to_string())
    .bind::<Date, _>(version.valid_from)
    .bind::<Nullable<Date>, _>(version.valid_to)
    .bind::<Nullable<Integer>, _>(months)
    .bind::<Bool, _>(version.repeatable)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<Text>, _>(version.subcategory.as_ref().map(SubcategoryCode::as_str))
    .bind::<Nullable<Integer>, _>(review_months)
    .bind::<Nullable<Integer>, _>(grace_days)
    .execute(tx.conn())?;
    let owners: Vec<Uuid> = version.owners.iter().map(|id| id.as_uuid()).collect();
    diesel::sql_query(
        "insert into catalogue_owners (version_id, institution_id) \
         select distinct $1::uuid, owner from unnest($2::uuid[]) as owner",
    )
    .bind::<SqlUuid, _>(version.version_id.as_uuid())
    .bind::<Array<SqlUuid>, _>(owners)
    .execute(tx.conn())?;
    insert_amounts(tx, version)?;
    insert_modules(tx, version)?;
    if let Some(scheme) = &version.grading {
        gradings::attach(tx, version.version_id, scheme)?;
    }
    match &version.completion {
        Some(rule) => insert_completion_rule(tx, version.version_id, rule),
        None => Ok(()),
    }
}

fn insert_amounts(tx: &mut Tx<'_>, version: &CatalogueVersion) -> Result<(), LedgerError> {
    let units: Vec<&str> = version
        .amounts
        .iter()
        .map(|rule| rule.unit().as_str())
        .collect();
    let bases: Vec<&str> = version
        .amounts
        .iter()
        .map(|rule| match rule {
            AmountRule::Fixed(_) => "fixed",
            AmountRule::StatedUpTo(_) => "stated_up_to",
        })
        .collect();
    let most: Vec<i64> = version
        .amounts
        .iter()
        .map(|rule| rule.most().get())
        .collect();
    diesel::sql_query(
        "insert into catalogue_amounts (version_id, unit, basis, hundredths) \
         select $1, unit, basis, hundredths \
         from unnest($2::text[], $3::text[], $4::bigint[]) as a (unit, basis, hundredths)",
    )
    .bind::<SqlUuid, _>(version.version_id.as_uuid())
    .bind::<Array<Text>, _>(units)
    .bind::<Array<Text>, _>(bases)
    .bind::<Array<BigInt>, _>(most)
    .execute(tx.conn())?;
    Ok(())
}

fn insert_modules(tx: &mut Tx<'_>, version: &CatalogueVersion) -> Result<(), LedgerError> {
    let titles: Vec<&str> = version
        .modules
        .iter()
        .map(|module| module.title.as_str())
        .collect();
    let lectures = version
        .modules
        .iter()
        .map(|module| i32::try_from(module.lectures))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| LedgerError::Corrupt("catalogue_modules.lectures"))?;
    diesel::sql_query(
        "insert into catalogue_modules (version_id, position, title, lectures) \
         select $1, position, title, lectures \
         from unnest($2::text[], $3::int[]) with ordinality as m (title, lectures, position)",
    )
    .bind::<SqlUuid, _>(version.version_id.as_uuid())
    .bind::<Array<Text>, _>(titles)
    .bind::<Array<Integer>, _>(lectures)
    .execute(tx.conn())?;
    Ok(())
}

fn insert_completion_rule(
    tx: &mut Tx<'_>,
    version: VersionId,
    rule: &CompletionRule,
) -> Result<(), LedgerError> {
    let corrupt = |_| LedgerError::Corrupt("catalogue_completion_rules");
    let lectures = rule.lectures_least().map(i32::try_from).transpose();
    let exam = rule.exam_least().map(|it| i16::try_from(it.hundredths()));
    let attendance = rule.attendance_least();
    let attendance = attendance.map(|it| i16::try_from(it.hundredths()));
    diesel::sql_query(
        "insert into catalogue_completion_rules (version_id, lectures_min, exam_min_hundredths, \
         attendance_min_hundredths) values ($1, $2, $3, $4)",
    )
    .bind::<SqlUuid, _>(version.as_uuid())
    .bind::<Nullable<Integer>, _>(lectures.map_err(corrupt)?)
    .bind::<Nullable<SmallInt>, _>(exam.transpose().map_err(corrupt)?)
    .bind::<Nullable<SmallInt>, _>(attendance.transpose().map_err(corrupt)?)
    .execute(tx.conn())?;
    Ok(())
}
