//! `level_frameworks` and `level_mappings`: the levels that the bank knows.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::level::{Frameworks, Level, LevelFramework, LevelMapping};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date, Nullable, SmallInt, Text, Timestamptz};

use crate::error::LedgerError;
use crate::store::Tx;

#[derive(QueryableByName)]
struct FrameworkRow {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    name_zh: String,
    #[diesel(sql_type = Text)]
    name_en: String,
    #[diesel(sql_type = SmallInt)]
    lowest: i16,
    #[diesel(sql_type = SmallInt)]
    highest: i16,
    #[diesel(sql_type = Text)]
    source: String,
}

impl From<FrameworkRow> for LevelFramework {
    fn from(row: FrameworkRow) -> Self {
        Self {
            code: row.code,
            name_zh: row.name_zh,
            name_en: row.name_en,
            lowest: row.lowest,
            highest: row.highest,
            source: row.source,
        }
    }
}

#[derive(QueryableByName)]
struct MappingRow {
    #[diesel(sql_type = Text)]
    from_framework: String,
    #[diesel(sql_type = SmallInt)]
    from_value: i16,
    #[diesel(sql_type = Text)]
    to_framework: String,
    #[diesel(sql_type = SmallInt)]
    to_value: i16,
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Bool)]
    example: bool,
    #[diesel(sql_type = Date)]
    valid_from: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    valid_to: Option<NaiveDate>,
}

impl From<MappingRow> for LevelMapping {
    fn from(row: MappingRow) -> Self {
        let level = |framework, value| Level { framework, value };
        Self {
            from: level(row.from_framework, row.from_value),
            to: level(row.to_framework, row.to_value),
            source: row.source,
            example: row.example,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        }
    }
}

/// Every framework.
pub(crate) fn list(conn: &mut PgConnection) -> Result<Vec<LevelFramework>, LedgerError> {
    let rows: Vec<FrameworkRow> = diesel::sql_query(
        "select code, name_zh, name_en, lowest, highest, source from level_frameworks \
         order by code",
    )
    .load(conn)?;
    Ok(rows.into_iter().map(LevelFramework::from).collect())
}

/// Every mapping.
pub(crate) fn list_mappings(conn: &mut PgConnection) -> Result<Vec<LevelMapping>, LedgerError> {
    let rows: Vec<MappingRow> = diesel::sql_query(
        "select from_framework, from_value, to_framework, to_value, source, example, valid_from, \
         valid_to from level_mappings \
         order by from_framework, from_value, to_framework, to_value, valid_from",
    )
    .load(conn)?;
    Ok(rows.into_iter().map(LevelMapping::from).collect())
}

/// What levels are compared by on a day.
pub(crate) fn on(conn: &mut PgConnection, day: NaiveDate) -> Result<Frameworks, LedgerError> {
    Ok(Frameworks::on(day, list(conn)?, list_mappings(conn)?))
}

/// Adds a framework; false where its code is there.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    framework: &LevelFramework,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into level_frameworks (code, name_zh, name_en, lowest, highest, source, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (code) do nothing",
    )
    .bind::<Text, _>(&framework.code)
    .bind::<Text, _>(&framework.name_zh)
    .bind::<Text, _>(&framework.name_en)
    .bind::<SmallInt, _>(framework.lowest)
    .bind::<SmallInt, _>(framework.highest)
    .bind::<Text, _>(&framework.source)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

/// Adds a mapping; false where one of the same levels and first day is there.
pub(crate) fn insert_mapping(
    tx: &mut Tx<'_>,
    mapping: &LevelMapping,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into level_mappings (from_framework, from_value, to_framework, to_value, \
         valid_from, valid_to, source, example, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         on conflict (from_framework, from_value, to_framework, to_value, valid_from) do nothing",
    )
    .bind::<Text, _>(&mapping.from.framework)
    .bind::<SmallInt, _>(mapping.from.value)
    .bind::<Text, _>(&mapping.to.framework)
    .bind::<SmallInt, _>(mapping.to.value)
    .bind::<Date, _>(mapping.valid_from)
    .bind::<Nullable<Date>, _>(mapping.valid_to)
    .bind::<Text, _>(&mapping.source)
    .bind::<Bool, _>(mapping.example)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}
