//! `__diesel_schema_migrations`: what was applied. The migration tool writes it.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::error::LedgerError;
use crate::tables::count;

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    applied: i64,
}

/// How many migrations the database has.
pub(crate) fn count_applied(conn: &mut PgConnection) -> Result<usize, LedgerError> {
    let row: CountRow =
        diesel::sql_query("select count(*) as applied from __diesel_schema_migrations")
            .get_result(conn)?;
    let applied = count(row.applied, "__diesel_schema_migrations")?;
    usize::try_from(applied).map_err(|_| LedgerError::Corrupt("__diesel_schema_migrations"))
}
