//! `audit_events`: who did what, when. Append-only.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Action, Grant, Subject};
use diesel::prelude::*;
use diesel::sql_types::{Array, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::cached_sql::cached;
use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;

/// Writes down what a grant was used for.
pub(crate) fn insert<A: Action>(
    tx: &mut Tx<'_>,
    grant: &Grant<A>,
    subject: (&'static str, Option<Uuid>),
    figures: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let institution = match grant.subject() {
        Subject::Institution(id) => Some(id.as_uuid()),
        Subject::Learner(_) | Subject::Bank => None,
    };
    let actor = grant.actor();
    let roles: Vec<&str> = actor.roles.iter().map(|role| role.as_str()).collect();
    let occasion = actor.occasion.as_deref();
    cached(
        "insert into audit_events (event_id, occurred_at, action, client_id, institution_id, \
         subject_kind, subject_id, figures, person_id, roles, trace_id, network) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind::<SqlUuid, _>(new_id())
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(A::NAME.as_str())
    .bind::<Nullable<SqlUuid>, _>(actor.client.map(|id| id.as_uuid()))
    .bind::<Nullable<SqlUuid>, _>(institution)
    .bind::<Text, _>(subject.0)
    .bind::<Nullable<SqlUuid>, _>(subject.1)
    .bind::<Jsonb, _>(figures)
    .bind::<Nullable<SqlUuid>, _>(actor.person.map(|id| id.as_uuid()))
    .bind::<Array<Text>, _>(roles)
    .bind::<Nullable<Text>, _>(occasion.map(|it| it.trace_id.as_str()))
    .bind::<Nullable<Text>, _>(occasion.and_then(|it| it.network.as_deref()))
    .execute(tx.conn())?;
    Ok(())
}
