//! The catalogue in lists: versions with who may post them and what they give.

use chrono::NaiveDate;
use creditbank_domain::catalogue::Category;
use creditbank_domain::ids::{EntryId, VersionId};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Integer, Nullable, SmallInt, Text, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::reads::{CatalogueFilter, EntryView, GivenView, VersionView};
use crate::tables::parsed;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    entry_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    version_id: Uuid,
    #[diesel(sql_type = Text)]
    owner: String,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Text)]
    category: String,
    #[diesel(sql_type = Nullable<Text>)]
    subcategory: Option<String>,
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
    #[diesel(sql_type = Array<Text>)]
    posted_by: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    units: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    bases: Vec<String>,
    #[diesel(sql_type = Array<BigInt>)]
    hundredths: Vec<i64>,
}

const COLUMNS: &str = "select e.entry_id, v.version_id, i.code as owner, e.code, v.title, \
         v.category, v.subcategory, v.level_framework, v.level_value, v.minimum_grade, \
         v.valid_from, v.valid_to, v.usable_months, v.repeatable, \
         array(select p.code from catalogue_owners o join institutions p using (institution_id) \
             where o.version_id = v.version_id order by p.code) as posted_by, \
         array(select a.unit from catalogue_amounts a where a.version_id = v.version_id \
             order by a.unit) as units, \
         array(select a.basis from catalogue_amounts a where a.version_id = v.version_id \
             order by a.unit) as bases, \
         array(select a.hundredths from catalogue_amounts a where a.version_id = v.version_id \
             order by a.unit) as hundredths \
     from catalogue_entries e join institutions i using (institution_id)";

impl TryFrom<Row> for EntryView {
    type Error = LedgerError;

    fn try_from(row: Row) -> Result<Self, LedgerError> {
        let given = row.units.iter().zip(&row.bases).zip(&row.hundredths);
        let given =
            given.map(|((unit, basis), hundredths)| GivenView::new(unit, basis, *hundredths));
        Ok(Self {
            entry_id: EntryId::from_uuid(row.entry_id),
            owner: row.owner,
            code: row.code,
            version: VersionView {
                version_id: VersionId::from_uuid(row.version_id),
                title: row.title,
                category: parsed::<Category>(&row.category, "catalogue_versions.category")?,
                subcategory: row.subcategory,
                level: row.level_framework.zip(row.level_value),
                minimum_grade: row.minimum_grade,
                valid_from: row.valid_from,
                valid_to: row.valid_to,
                usable_months: row.usable_months,
                repeatable: row.repeatable,
                posted_by: row.posted_by,
                gives: given.collect::<Result<_, _>>()?,
            },
        })
    }
}

/// A page of entries that have a version in force on a day, with that version, in the order in which
/// they were registered.
pub(crate) fn list_page(
    conn: &mut PgConnection,
    filter: &CatalogueFilter,
    (after, limit): (Option<Uuid>, u32),
) -> Result<Vec<EntryView>, LedgerError> {
    // The newest version that has begun decides, as it does where outcomes are recognised.
    let query = format!(
        "{COLUMNS} cross join lateral (select * from catalogue_versions w \
             where w.entry_id = e.entry_id and w.valid_from <= $1 \
             order by w.valid_from desc limit 1) v \
         where (v.valid_to is null or v.valid_to >= $1) and ($2 is null or e.entry_id > $2) \
             and ($3 is null or i.code = $3) and ($4 is null or e.code = $4) \
             and ($5 is null or v.category = $5) \
         order by e.entry_id limit $6"
    );
    let rows: Vec<Row> = diesel::sql_query(query)
        .bind::<Date, _>(filter.on)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<Nullable<Text>, _>(filter.owner.as_ref().map(|it| it.as_str().to_owned()))
        .bind::<Nullable<Text>, _>(filter.code.as_ref().map(|it| it.as_str().to_owned()))
        .bind::<Nullable<Text>, _>(filter.category.map(Category::as_str))
        .bind::<BigInt, _>(i64::from(limit))
        .load(conn)?;
    rows.into_iter().map(EntryView::try_from).collect()
}

/// Every version of an entry, the newest first.
pub(crate) fn list_versions(
    conn: &mut PgConnection,
    id: EntryId,
) -> Result<Vec<EntryView>, LedgerError> {
    let query = format!(
        "{COLUMNS} join catalogue_versions v using (entry_id) where e.entry_id = $1 \
         order by v.valid_from desc"
    );
    let rows: Vec<Row> = diesel::sql_query(query)
        .bind::<SqlUuid, _>(id.as_uuid())
        .load(conn)?;
    rows.into_iter().map(EntryView::try_from).collect()
}
