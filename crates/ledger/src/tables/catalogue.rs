//! `catalogue_entries`, `catalogue_versions`, `catalogue_owners`, `catalogue_amounts`: read and
//! written together, because a version is nothing without its owners and amounts.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::{Amount, Unit};
use creditbank_domain::catalogue::{AmountRule, CatalogueVersion};
use creditbank_domain::ids::{EntryId, InstitutionId, SameCourseGroupId, VersionId};
use creditbank_domain::same_course::Membership;
use creditbank_domain::text::CourseCode;
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::cached_sql::cached_for;
use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;
use crate::tables::{hundredths, level, parsed};

/// A version with what belongs to it.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct VersionRow {
    #[diesel(sql_type = SqlUuid)]
    entry_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    version_id: Uuid,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = Text)]
    owner_code: String,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Text)]
    category: String,
    #[diesel(sql_type = Nullable<Text>)]
    level_framework: Option<String>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    level_value: Option<i16>,
    #[diesel(sql_type = Text)]
    minimum_grade: String,
    #[diesel(sql_type = Date)]
    valid_from: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    valid_to: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Integer>)]
    usable_months: Option<i32>,
    #[diesel(sql_type = Bool)]
    repeatable: bool,
    #[diesel(sql_type = Array<SqlUuid>)]
    owners: Vec<Uuid>,
    #[diesel(sql_type = Array<Text>)]
    amounts: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    same_courses: Vec<String>,
}

/// A version and the institution that registered the entry.
#[derive(Debug, Clone)]
pub(crate) struct OwnedVersion {
    pub(crate) owner_id: InstitutionId,
    pub(crate) owner_code: String,
    pub(crate) version: CatalogueVersion,
    /// The groups of courses that the entry belongs to, on whatever days.
    pub(crate) groups: Vec<Membership>,
}

impl OwnedVersion {
    /// The group in which an outcome of the entry is counted, if any.
    pub(crate) fn group_on(&self, day: NaiveDate) -> Option<SameCourseGroupId> {
        let group = self.groups.iter().find(|group| group.in_force_on(day));
        group.map(|group| group.group_id)
    }
}

impl TryFrom<VersionRow> for OwnedVersion {
    type Error = LedgerError;

    fn try_from(row: VersionRow) -> Result<Self, LedgerError> {
        let level = level(row.level_framework, row.level_value);
        let mut amounts = row
            .amounts
            .iter()
            .map(|text| amount_rule(text))
            .collect::<Result<Vec<_>, _>>()?;
        amounts.sort_by_key(|rule| rule.unit());
        let groups = row
            .same_courses
            .iter()
            .map(|text| membership(text))
            .collect::<Result<Vec<_>, _>>()?;
        let usable_months = row
            .usable_months
            .map(u32::try_from)
            .transpose()
            .map_err(|_| LedgerError::Corrupt("catalogue_versions.usable_months"))?;
        let version = CatalogueVersion {
            entry_id: EntryId::from_uuid(row.entry_id),
            version_id: VersionId::from_uuid(row.version_id),
            code: CourseCode::new(&row.code)
                .map_err(|_| LedgerError::Corrupt("catalogue_entries.code"))?,
            title: row.title,
            owners: row
                .owners
                .into_iter()
                .map(InstitutionId::from_uuid)
                .collect(),
            category: parsed(&row.category, "catalogue_versions.category")?,
            level,
            amounts,
            minimum_grade: parsed(&row.minimum_grade, "catalogue_versions.minimum_grade")?,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            usable_months,
            repeatable: row.repeatable,
        };
        let owner_id = InstitutionId::from_uuid(row.owner_id);
        Ok(Self {
            owner_id,
            owner_code: row.owner_code,
            version,
            groups,
        })
    }
}

/// Reads `credit fixed 350`, the form in which the query below joins the amounts to a version.
fn amount_rule(text: &str) -> Result<AmountRule, LedgerError> {
    let corrupt = || LedgerError::Corrupt("catalogue_amounts");
    let mut parts = text.split(' ');
    let (Some(unit), Some(basis), Some(value)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(corrupt());
    };
    let unit: Unit = parsed(unit, "catalogue_amounts.unit")?;
    let value = hundredths(
        value.parse().map_err(|_| corrupt())?,
        "catalogue_amounts.hundredths",
    )?;
    let amount = Amount::new(unit, value).map_err(|_| corrupt())?;
    match basis {
        "fixed" => Ok(AmountRule::Fixed(amount)),
        "stated_up_to" => Ok(AmountRule::StatedUpTo(amount)),
        _ => Err(corrupt()),
    }
}

/// Reads `01890a5d-… 2025-01-01 -`: a group, its first day, its last one.
fn membership(text: &str) -> Result<Membership, LedgerError> {
    let corrupt = || LedgerError::Corrupt("duplicate_courses");
    let mut parts = text.split(' ');
    let (Some(group), Some(from), Some(to)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(corrupt());
    };
    Ok(Membership {
        group_id: SameCourseGroupId::from_uuid(parsed(group, "duplicate_courses.group_id")?),
        valid_from: parsed(from, "same_course_groups.valid_from")?,
        valid_to: match to {
            "-" => None,
            day => Some(parsed(day, "same_course_groups.valid_to")?),
        },
    })
}

const SELECT: &str = "select e.entry_id, v.version_id, e.code, e.institution_id as owner_id, \
     i.code as owner_code, v.title, v.category, v.level_framework, v.level_value, \
     v.minimum_grade, v.valid_from, v.valid_to, v.usable_months, v.repeatable, \
     array(select o.institution_id from catalogue_owners o \
           where o.version_id = v.version_id) as owners, \
     array(select a.unit || ' ' || a.basis || ' ' || a.hundredths from catalogue_amounts a \
           where a.version_id = v.version_id) as amounts, \
     array(select concat_ws(' ', g.group_id, g.valid_from, coalesce(g.valid_to::text, '-')) \
           from duplicate_courses d join same_course_groups g using (group_id) \
           where d.entry_id = e.entry_id) as same_courses \
     from catalogue_entries e \
     join catalogue_versions v using (entry_id) \
     join institutions i on i.institution_id = e.institution_id";

fn owned(rows: Vec<VersionRow>) -> Result<Vec<OwnedVersion>, LedgerError> {
    rows.into_iter().map(OwnedVersion::try_from).collect()
}

/// Every version of the entries of these codes, whoever owns them.
pub(crate) fn list_by_codes(
    conn: &mut PgConnection,
    codes: &[&str],
) -> Result<Vec<OwnedVersion>, LedgerError> {
    owned(
        cached_for(codes.len(), format!("{SELECT} where e.code = any($1)"))
            .bind::<Array<Text>, _>(codes)
            .load(conn)?,
    )
}

/// Every version of these entries.
pub(crate) fn list_by_entries(
    conn: &mut PgConnection,
    entries: &[EntryId],
) -> Result<Vec<OwnedVersion>, LedgerError> {
    let ids: Vec<Uuid> = entries.iter().map(|id| id.as_uuid()).collect();
    owned(
        diesel::sql_query(format!("{SELECT} where e.entry_id = any($1)"))
            .bind::<Array<SqlUuid>, _>(ids)
            .load(conn)?,
    )
}

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
    let months = version
        .usable_months
        .map(i32::try_from)
        .transpose()
        .map_err(|_| LedgerError::Corrupt("usable_months"))?;
    diesel::sql_query(
        "insert into catalogue_versions (version_id, entry_id, title, category, level_framework, \
         level_value, minimum_grade, valid_from, valid_to, usable_months, repeatable, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
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
    .execute(tx.conn())?;
    let owners: Vec<Uuid> = version.owners.iter().map(|id| id.as_uuid()).collect();
    diesel::sql_query(
        "insert into catalogue_owners (version_id, institution_id) \
         select distinct $1::uuid, owner from unnest($2::uuid[]) as owner",
    )
    .bind::<SqlUuid, _>(version.version_id.as_uuid())
    .bind::<Array<SqlUuid>, _>(owners)
    .execute(tx.conn())?;
    insert_amounts(tx, version)
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
