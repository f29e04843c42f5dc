//! `import_credits`: what the lines of an import earned.

use creditbank_domain::ids::ImportId;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};

use crate::error::LedgerError;
use crate::store::Tx;

#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct CreditsRow {
    #[diesel(sql_type = Text)]
    pub(crate) unit: String,
    #[diesel(sql_type = BigInt)]
    pub(crate) hundredths: i64,
}

/// Adds what some lines earned, by unit.
pub(crate) fn add(
    tx: &mut Tx<'_>,
    import: ImportId,
    earned: &[(&str, i64)],
) -> Result<(), LedgerError> {
    let (units, amounts): (Vec<&str>, Vec<i64>) = earned.iter().copied().unzip();
    diesel::sql_query(
        "insert into import_credits as c (import_id, unit, hundredths) \
         select $1, unit, hundredths from unnest($2, $3) as n (unit, hundredths) \
         on conflict (import_id, unit) do update set hundredths = c.hundredths + excluded.hundredths",
    )
    .bind::<SqlUuid, _>(import.as_uuid())
    .bind::<Array<Text>, _>(units)
    .bind::<Array<BigInt>, _>(amounts)
    .execute(tx.conn())?;
    Ok(())
}

pub(crate) fn list(
    conn: &mut PgConnection,
    import: ImportId,
) -> Result<Vec<CreditsRow>, LedgerError> {
    Ok(diesel::sql_query(
        "select unit, hundredths from import_credits where import_id = $1 order by unit",
    )
    .bind::<SqlUuid, _>(import.as_uuid())
    .load(conn)?)
}
