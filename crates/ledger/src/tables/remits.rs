//! `institution_places` and `supervision_remits`.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::ids::InstitutionId;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;

/// Where an institution is from a day on.
pub(crate) struct PlaceRow {
    pub(crate) institution_id: Uuid,
    pub(crate) valid_from: NaiveDate,
    pub(crate) area_code: String,
    pub(crate) sectors: Vec<String>,
}

/// Whom and when beside a row.
type By = (Option<Uuid>, DateTime<Utc>);

/// False where something is said of that day.
pub(crate) fn insert_place(
    tx: &mut Tx<'_>,
    row: &PlaceRow,
    (recorded_by, now): By,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into institution_places (institution_id, valid_from, area_code, sectors, \
             recorded_at, recorded_by) \
         values ($1, $2, $3, $4, $5, $6) on conflict (institution_id, valid_from) do nothing",
    )
    .bind::<SqlUuid, _>(row.institution_id)
    .bind::<Date, _>(row.valid_from)
    .bind::<Text, _>(&row.area_code)
    .bind::<Array<Text>, _>(&row.sectors)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<SqlUuid>, _>(recorded_by)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

#[derive(QueryableByName)]
struct FoundRow {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// Whether just that is said of that day.
pub(crate) fn is_place(conn: &mut PgConnection, row: &PlaceRow) -> Result<bool, LedgerError> {
    let found: FoundRow = diesel::sql_query(
        "select exists (select from institution_places where institution_id = $1 \
             and valid_from = $2 and area_code = $3 and sectors = $4) as found",
    )
    .bind::<SqlUuid, _>(row.institution_id)
    .bind::<Date, _>(row.valid_from)
    .bind::<Text, _>(&row.area_code)
    .bind::<Array<Text>, _>(&row.sectors)
    .get_result(conn)?;
    Ok(found.found)
}

/// False where the regulator has just this remit.
pub(crate) fn insert_remit(
    tx: &mut Tx<'_>,
    regulator: InstitutionId,
    (area_code, sector): (Option<&str>, Option<&str>),
    (valid_from, valid_to): (NaiveDate, Option<NaiveDate>),
    (recorded_by, now): By,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into supervision_remits (remit_id, institution_id, area_code, sector, valid_from, \
             valid_to, recorded_at, recorded_by) \
         select $1, $2, $3, $4, $5, $6, $7, $8 \
         where not exists (select from supervision_remits where institution_id = $2 \
             and area_code is not distinct from $3 and sector is not distinct from $4 \
             and valid_from = $5 and valid_to is not distinct from $6)",
    )
    .bind::<SqlUuid, _>(new_id())
    .bind::<SqlUuid, _>(regulator.as_uuid())
    .bind::<Nullable<Text>, _>(area_code)
    .bind::<Nullable<Text>, _>(sector)
    .bind::<Date, _>(valid_from)
    .bind::<Nullable<Date>, _>(valid_to)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<SqlUuid>, _>(recorded_by)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

/// The codes of the institutions that a regulator supervises on a day; nothing where it was never
/// given a remit, and so supervises all. A remit that is over leaves none, not all.
pub(crate) fn supervised_on(
    conn: &mut PgConnection,
    regulator: InstitutionId,
    day: NaiveDate,
) -> Result<Option<BTreeSet<String>>, LedgerError> {
    #[derive(QueryableByName)]
    struct CodeRow {
        #[diesel(sql_type = Text)]
        code: String,
    }
    let limited: FoundRow = diesel::sql_query(
        "select exists (select from supervision_remits where institution_id = $1) as found",
    )
    .bind::<SqlUuid, _>(regulator.as_uuid())
    .get_result(conn)?;
    if !limited.found {
        return Ok(None);
    }
    let rows: Vec<CodeRow> = diesel::sql_query(
        "select i.code from institutions i \
         join lateral (select p.area_code, p.sectors from institution_places p \
             where p.institution_id = i.institution_id and p.valid_from <= $2 \
             order by p.valid_from desc limit 1) p on true \
         where exists (select from supervision_remits r where r.institution_id = $1 \
             and r.valid_from <= $2 and (r.valid_to is null or r.valid_to >= $2) \
             and (r.area_code is null or starts_with(p.area_code, r.area_code)) \
             and (r.sector is null or r.sector = any(p.sectors)))",
    )
    .bind::<SqlUuid, _>(regulator.as_uuid())
    .bind::<Date, _>(day)
    .load(conn)?;
    Ok(Some(rows.into_iter().map(|row| row.code).collect()))
}
