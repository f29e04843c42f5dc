//! `catalogue_reviews`: when entries were reviewed, and which are late.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::ids::{ClientId, EntryId};
use creditbank_domain::text::DocumentNumber;
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

/// A review that is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewReview<'n> {
    pub(crate) entry_id: EntryId,
    pub(crate) reviewed_on: NaiveDate,
    pub(crate) reviewed_by: &'n str,
    pub(crate) document: &'n DocumentNumber,
    pub(crate) client: Option<ClientId>,
}

/// What is recorded of a day.
#[derive(QueryableByName, Debug, PartialEq, Eq)]
pub(crate) struct RecordedReview {
    #[diesel(sql_type = Text)]
    pub(crate) reviewed_by: String,
    #[diesel(sql_type = Text)]
    pub(crate) document_number: String,
}

/// Adds a review; false where one of that day is there.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    review: &NewReview<'_>,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into catalogue_reviews (entry_id, reviewed_on, reviewed_by, document_number, \
         client_id, recorded_at) values ($1, $2, $3, $4, $5, $6) \
         on conflict (entry_id, reviewed_on) do nothing",
    )
    .bind::<SqlUuid, _>(review.entry_id.as_uuid())
    .bind::<Date, _>(review.reviewed_on)
    .bind::<Text, _>(review.reviewed_by)
    .bind::<Text, _>(review.document.as_str())
    .bind::<Nullable<SqlUuid>, _>(review.client.map(ClientId::as_uuid))
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

pub(crate) fn find(
    conn: &mut PgConnection,
    entry: EntryId,
    reviewed_on: NaiveDate,
) -> Result<Option<RecordedReview>, LedgerError> {
    let rows: Vec<RecordedReview> = diesel::sql_query(
        "select reviewed_by, document_number from catalogue_reviews \
         where entry_id = $1 and reviewed_on = $2",
    )
    .bind::<SqlUuid, _>(entry.as_uuid())
    .bind::<Date, _>(reviewed_on)
    .load(conn)?;
    Ok(rows.into_iter().next())
}

/// Entries that are under a review clock on a day, behind one of them, in the order of their ids.
pub(crate) fn list_clocked(
    conn: &mut PgConnection,
    day: NaiveDate,
    after: Option<EntryId>,
) -> Result<Vec<EntryId>, LedgerError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        entry_id: Uuid,
    }
    let rows: Vec<Row> = diesel::sql_query(
        "select distinct entry_id from catalogue_versions \
         where review_months is not null and valid_from <= $1 \
             and (valid_to is null or valid_to >= $1) and ($2 is null or entry_id > $2) \
         order by entry_id",
    )
    .bind::<Date, _>(day)
    .bind::<Nullable<SqlUuid>, _>(after.map(EntryId::as_uuid))
    .load(conn)?;
    let ids = rows.into_iter();
    Ok(ids.map(|row| EntryId::from_uuid(row.entry_id)).collect())
}
