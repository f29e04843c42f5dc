//! `request_resubmissions`: which request asks again for what another one asked for in vain.

use creditbank_domain::ids::{LearnerId, RequestId};
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

type Key = (LearnerId, RequestId);

/// Says that a request asks again; false where that one was asked again before.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    (learner, request): Key,
    (earlier_learner, earlier): Key,
    text: &str,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into request_resubmissions \
             (learner_id, request_id, earlier_learner_id, earlier_request_id, text) \
         values ($1, $2, $3, $4, $5) \
         on conflict (earlier_learner_id, earlier_request_id) do nothing",
    )
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<SqlUuid, _>(request.as_uuid())
    .bind::<SqlUuid, _>(earlier_learner.as_uuid())
    .bind::<SqlUuid, _>(earlier.as_uuid())
    .bind::<Text, _>(text)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

/// What some requests ask again for.
pub(crate) fn list_earlier(
    conn: &mut PgConnection,
    keys: &[Key],
) -> Result<Vec<(RequestId, RequestId)>, LedgerError> {
    #[derive(QueryableByName)]
    struct EarlierRow {
        #[diesel(sql_type = SqlUuid)]
        request_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        earlier_request_id: Uuid,
    }
    let (learners, requests): (Vec<Uuid>, Vec<Uuid>) = { keys.iter() }
        .map(|(learner, request)| (learner.as_uuid(), request.as_uuid()))
        .unzip();
    let rows: Vec<EarlierRow> = diesel::sql_query(
        "select a.request_id, a.earlier_request_id from request_resubmissions a \
         join unnest($1::uuid[], $2::uuid[]) as k (learner_id, request_id) \
             using (learner_id, request_id)",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<SqlUuid>, _>(requests)
    .load(conn)?;
    let ids = |row: EarlierRow| {
        let request = RequestId::from_uuid(row.request_id);
        (request, RequestId::from_uuid(row.earlier_request_id))
    };
    Ok(rows.into_iter().map(ids).collect())
}
