//! `import_lines`: what is worth saying of a line.

use creditbank_domain::ids::ImportId;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Jsonb, Text, Uuid as SqlUuid};

use crate::error::LedgerError;
use crate::store::Tx;

#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct ImportLineRow {
    #[diesel(sql_type = BigInt)]
    pub(crate) line_no: i64,
    #[diesel(sql_type = Text)]
    pub(crate) status: String,
    #[diesel(sql_type = Jsonb)]
    pub(crate) faults: serde_json::Value,
}

pub(crate) fn insert_all(
    tx: &mut Tx<'_>,
    import: ImportId,
    rows: &[ImportLineRow],
) -> Result<(), LedgerError> {
    let lines: Vec<i64> = rows.iter().map(|row| row.line_no).collect();
    let statuses: Vec<&str> = rows.iter().map(|row| row.status.as_str()).collect();
    let faults: Vec<&serde_json::Value> = rows.iter().map(|row| &row.faults).collect();
    diesel::sql_query(
        "insert into import_lines (import_id, line_no, status, faults) \
         select $1, line_no, status, faults \
         from unnest($2::bigint[], $3::text[], $4::jsonb[]) as l (line_no, status, faults)",
    )
    .bind::<SqlUuid, _>(import.as_uuid())
    .bind::<Array<BigInt>, _>(lines)
    .bind::<Array<Text>, _>(statuses)
    .bind::<Array<Jsonb>, _>(faults)
    .execute(tx.conn())?;
    Ok(())
}

pub(crate) fn list_after(
    conn: &mut PgConnection,
    import: ImportId,
    after_line: i64,
    limit: i64,
) -> Result<Vec<ImportLineRow>, LedgerError> {
    Ok(diesel::sql_query(
        "select line_no, status, faults from import_lines \
         where import_id = $1 and line_no > $2 order by line_no limit $3",
    )
    .bind::<SqlUuid, _>(import.as_uuid())
    .bind::<BigInt, _>(after_line)
    .bind::<BigInt, _>(limit)
    .load(conn)?)
}

/// How many lines each code rejected.
pub(crate) fn rejected_by_code(
    conn: &mut PgConnection,
    import: ImportId,
) -> Result<Vec<(String, i64)>, LedgerError> {
    #[derive(QueryableByName)]
    struct CodeRow {
        #[diesel(sql_type = Text)]
        code: String,
        #[diesel(sql_type = BigInt)]
        lines: i64,
    }
    let rows: Vec<CodeRow> = diesel::sql_query(
        "select f.fault ->> 'code' as code, count(distinct l.line_no) as lines \
         from import_lines l, jsonb_array_elements(l.faults) as f (fault) \
         where l.import_id = $1 and l.status = 'rejected' group by 1 order by 1",
    )
    .bind::<SqlUuid, _>(import.as_uuid())
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.code, row.lines)).collect())
}
