//! `catalogue_entries`, `catalogue_versions`, `catalogue_owners`, `catalogue_amounts`,
//! `catalogue_modules`, `catalogue_completion_rules`, `catalogue_gradings`: read and written together,
//! because a version is nothing without its parts. With them the reviews of its entry.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::{Amount, Unit};
use creditbank_domain::catalogue::{AmountRule, CatalogueVersion, Module};
use creditbank_domain::completion::{CompletionRule, Percent, Thresholds};
use creditbank_domain::grade::Score;
use creditbank_domain::ids::{EntryId, InstitutionId, SameCourseGroupId, VersionId};
use creditbank_domain::review::{Review, ReviewClock};
use creditbank_domain::same_course::Membership;
use creditbank_domain::text::{CourseCode, SubcategoryCode};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, Bool, Date, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::cached_sql::cached_for;
use crate::error::LedgerError;
use crate::tables::gradings::{self, SchemeColumns};
use crate::tables::{hundredths, level, parsed};

mod publishing;

pub(crate) use publishing::{insert_version, upsert_entry};

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
    #[diesel(sql_type = Nullable<Text>)]
    subcategory: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    modules: Vec<String>,
    #[diesel(sql_type = Bool)]
    has_completion_rule: bool,
    #[diesel(sql_type = Nullable<Integer>)]
    lectures_min: Option<i32>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    exam_min_hundredths: Option<i16>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    attendance_min_hundredths: Option<i16>,
    #[diesel(sql_type = Nullable<Integer>)]
    review_months: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    review_grace_days: Option<i32>,
    #[diesel(embed)]
    grading: SchemeColumns,
    #[diesel(sql_type = Array<Date>)]
    reviewed_on: Vec<NaiveDate>,
    #[diesel(sql_type = Array<Timestamptz>)]
    reviews_recorded_at: Vec<DateTime<Utc>>,
}

/// A version, the institution that registered the entry, and when the entry was reviewed.
#[derive(Debug, Clone)]
pub(crate) struct OwnedVersion {
    pub(crate) owner_id: InstitutionId,
    pub(crate) owner_code: String,
    pub(crate) version: CatalogueVersion,
    /// The groups of courses that the entry belongs to, on whatever days.
    pub(crate) groups: Vec<Membership>,
    /// The days, with the moments at which they were recorded; none where no clock runs.
    reviews: Vec<(NaiveDate, DateTime<Utc>)>,
}

impl OwnedVersion {
    /// The group in which an outcome of the entry is counted, if any.
    pub(crate) fn group_on(&self, day: NaiveDate) -> Option<SameCourseGroupId> {
        let group = self.groups.iter().find(|group| group.in_force_on(day));
        group.map(|group| group.group_id)
    }

    /// The version in force on a day: the latest to start among those that cover it.
    pub(crate) fn in_force<'v>(
        versions: impl IntoIterator<Item = &'v Self>,
        day: NaiveDate,
    ) -> Option<&'v Self> {
        versions
            .into_iter()
            .filter(|owned| owned.version.in_force_on(day))
            .max_by_key(|owned| owned.version.valid_from)
    }

    /// The day of the last review; known only where a clock runs.
    pub(crate) fn last_review(&self) -> Option<NaiveDate> {
        self.reviews.iter().map(|(day, _)| *day).max()
    }

    /// The review that is due, as far as the bank knows now.
    pub(crate) fn review(&self) -> Option<Review> {
        self.version.review?;
        self.version.review_after(self.last_review())
    }

    /// The review that was due as far as the bank knew at a moment.
    pub(crate) fn review_known_at(&self, moment: DateTime<Utc>) -> Option<Review> {
        self.version.review?;
        let known = self.reviews.iter().filter(|(_, at)| *at <= moment);
        self.version.review_after(known.map(|(day, _)| *day).max())
    }
}

impl TryFrom<VersionRow> for OwnedVersion {
    type Error = LedgerError;

    fn try_from(row: VersionRow) -> Result<Self, LedgerError> {
        let modules = row
            .modules
            .iter()
            .map(|text| module(text))
            .collect::<Result<Vec<_>, _>>()?;
        let completion = completion(&row, &modules)?;
        let review = clock(row.review_months, row.review_grace_days)?;
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
            subcategory: row
                .subcategory
                .map(|code| SubcategoryCode::new(&code))
                .transpose()
                .map_err(|_| LedgerError::Corrupt("catalogue_versions.subcategory"))?,
            level,
            modules,
            completion,
            amounts,
            minimum_grade: parsed(&row.minimum_grade, "catalogue_versions.minimum_grade")?,
            grading: row.grading.scheme()?,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            usable_months,
            repeatable: row.repeatable,
            review,
        };
        let owner_id = InstitutionId::from_uuid(row.owner_id);
        let reviews = row.reviewed_on.into_iter().zip(row.reviews_recorded_at);
        Ok(Self {
            owner_id,
            owner_code: row.owner_code,
            version,
            groups,
            reviews: reviews.collect(),
        })
    }
}

/// Reads `4 模块一`, the form in which the query below joins the modules to a version.
fn module(text: &str) -> Result<Module, LedgerError> {
    let corrupt = || LedgerError::Corrupt("catalogue_modules");
    let (lectures, title) = text.split_once(' ').ok_or_else(corrupt)?;
    Ok(Module {
        title: title.to_owned(),
        lectures: lectures.parse().map_err(|_| corrupt())?,
    })
}

fn completion(row: &VersionRow, modules: &[Module]) -> Result<Option<CompletionRule>, LedgerError> {
    if !row.has_completion_rule {
        return Ok(None);
    }
    let corrupt = || LedgerError::Corrupt("catalogue_completion_rules");
    let share = |value: i16| hundredths(value.into(), "catalogue_completion_rules");
    let lectures_least = row.lectures_min.map(u32::try_from).transpose();
    let exam_least = row.exam_min_hundredths.map(share).transpose()?;
    let attendance_least = row.attendance_min_hundredths.map(share).transpose()?;
    let lectures = modules.iter().map(|module| module.lectures);
    let exam = exam_least.map(Score::new).transpose();
    let attendance = attendance_least.map(Percent::new).transpose();
    let thresholds = Thresholds {
        lectures: lectures_least.map_err(|_| corrupt())?,
        exam: exam.map_err(|_| corrupt())?,
        attendance: attendance.map_err(|_| corrupt())?,
    };
    let rule = CompletionRule::new(thresholds, lectures.fold(0, u32::saturating_add));
    rule.map(Some).map_err(|_| corrupt())
}

fn clock(months: Option<i32>, grace_days: Option<i32>) -> Result<Option<ReviewClock>, LedgerError> {
    let Some((months, grace_days)) = months.zip(grace_days) else {
        return Ok(None);
    };
    match (u32::try_from(months), u32::try_from(grace_days)) {
        (Ok(months), Ok(grace_days)) => Ok(Some(ReviewClock { months, grace_days })),
        _ => Err(LedgerError::Corrupt("catalogue_versions.review_months")),
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

static SELECT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select e.entry_id, v.version_id, e.code, e.institution_id as owner_id, \
     i.code as owner_code, v.title, v.category, v.level_framework, v.level_value, \
     v.minimum_grade, v.valid_from, v.valid_to, v.usable_months, v.repeatable, \
     array(select o.institution_id from catalogue_owners o \
           where o.version_id = v.version_id) as owners, \
     array(select a.unit || ' ' || a.basis || ' ' || a.hundredths from catalogue_amounts a \
           where a.version_id = v.version_id) as amounts, \
     array(select concat_ws(' ', g.group_id, g.valid_from, coalesce(g.valid_to::text, '-')) \
           from duplicate_courses d join same_course_groups g using (group_id) \
           where d.entry_id = e.entry_id) as same_courses, \
     v.subcategory, v.review_months, v.review_grace_days, \
     array(select m.lectures || ' ' || m.title from catalogue_modules m \
           where m.version_id = v.version_id order by m.position) as modules, \
     c.version_id is not null as has_completion_rule, \
     c.lectures_min, c.exam_min_hundredths, c.attendance_min_hundredths, \
     case when v.review_months is null then '{{}}' else array( \
         select r.reviewed_on from catalogue_reviews r \
         where r.entry_id = e.entry_id order by r.reviewed_on) end as reviewed_on, \
     case when v.review_months is null then '{{}}' else array( \
         select r.recorded_at from catalogue_reviews r \
         where r.entry_id = e.entry_id order by r.reviewed_on) end as reviews_recorded_at, \
     {columns} \
     from catalogue_entries e \
     join catalogue_versions v using (entry_id) \
     join institutions i on i.institution_id = e.institution_id \
     left join catalogue_completion_rules c on c.version_id = v.version_id \
     {of_version}",
        columns = gradings::COLUMNS,
        of_version = gradings::OF_VERSION
    )
});

fn owned(rows: Vec<VersionRow>) -> Result<Vec<OwnedVersion>, LedgerError> {
    rows.into_iter().map(OwnedVersion::try_from).collect()
}

/// Every version of the entries of these codes, whoever owns them.
pub(crate) fn list_by_codes(
    conn: &mut PgConnection,
    codes: &[&str],
) -> Result<Vec<OwnedVersion>, LedgerError> {
    owned(
        cached_for(codes.len(), format!("{} where e.code = any($1)", *SELECT))
            .bind::<Array<Text>, _>(codes)
            .load(conn)?,
    )
}

#[derive(QueryableByName)]
struct CodeRow {
    #[diesel(sql_type = Text)]
    code: String,
}

/// Which of these codes a version with a level names that has the institution among its owners.
pub(crate) fn list_leveled(
    conn: &mut PgConnection,
    institution: InstitutionId,
    codes: &[String],
) -> Result<Vec<String>, LedgerError> {
    let rows: Vec<CodeRow> = diesel::sql_query(
        "select distinct e.code \
         from catalogue_entries e join catalogue_versions v using (entry_id) \
             join catalogue_owners o using (version_id) \
         where e.code = any($2) and o.institution_id = $1 and v.level_value is not null",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Array<Text>, _>(codes)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| row.code).collect())
}

/// Which of these codes no version names that has the institution among its owners.
pub(crate) fn list_unknown(
    conn: &mut PgConnection,
    institution: InstitutionId,
    codes: &[String],
) -> Result<Vec<String>, LedgerError> {
    let rows: Vec<CodeRow> = diesel::sql_query(
        "select c.code from unnest($2) as c (code) \
         where not exists (select from catalogue_entries e join catalogue_versions v using (entry_id) \
             join catalogue_owners o using (version_id) \
             where e.code = c.code and o.institution_id = $1) \
         order by c.code",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Array<Text>, _>(codes)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| row.code).collect())
}

/// Every version of these entries.
pub(crate) fn list_by_entries(
    conn: &mut PgConnection,
    entries: &[EntryId],
) -> Result<Vec<OwnedVersion>, LedgerError> {
    let ids: Vec<Uuid> = entries.iter().map(|id| id.as_uuid()).collect();
    owned(
        diesel::sql_query(format!("{} where e.entry_id = any($1)", *SELECT))
            .bind::<Array<SqlUuid>, _>(ids)
            .load(conn)?,
    )
}
