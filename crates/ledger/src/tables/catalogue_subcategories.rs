//! `catalogue_subcategories`: the bank's own categories.

use chrono::{DateTime, Utc};
use creditbank_domain::catalogue::Subcategory;
use creditbank_domain::text::SubcategoryCode;
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamptz};

use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::parsed;

#[derive(QueryableByName)]
struct SubcategoryRow {
    #[diesel(sql_type = Text)]
    parent: String,
    #[diesel(sql_type = Text)]
    name_zh: String,
    #[diesel(sql_type = Text)]
    name_en: String,
}

pub(crate) fn find(
    conn: &mut PgConnection,
    code: &SubcategoryCode,
) -> Result<Option<Subcategory>, LedgerError> {
    let rows: Vec<SubcategoryRow> = diesel::sql_query(
        "select parent, name_zh, name_en from catalogue_subcategories where code = $1",
    )
    .bind::<Text, _>(code.as_str())
    .load(conn)?;
    rows.into_iter()
        .next()
        .map(|row| {
            Ok(Subcategory {
                code: code.clone(),
                parent: parsed(&row.parent, "catalogue_subcategories.parent")?,
                name_zh: row.name_zh,
                name_en: row.name_en,
            })
        })
        .transpose()
}

/// Adds one; false where its code is there.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    subcategory: &Subcategory,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into catalogue_subcategories (code, parent, name_zh, name_en, created_at) \
         values ($1, $2, $3, $4, $5) on conflict (code) do nothing",
    )
    .bind::<Text, _>(subcategory.code.as_str())
    .bind::<Text, _>(subcategory.parent.as_str())
    .bind::<Text, _>(&subcategory.name_zh)
    .bind::<Text, _>(&subcategory.name_en)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}
