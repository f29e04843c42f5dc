//! `audit_events`: who did what, when. Append-only.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Action, Actor, Grant, Subject};
use creditbank_domain::ids::InstitutionId;
use diesel::RunQueryDsl as _;
use diesel::pg::Pg;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::{Array, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::cached_sql::{Cached, cached};
use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;

/// What a grant was used for.
pub(crate) struct Event<'a> {
    id: Uuid,
    at: DateTime<Utc>,
    action: &'static str,
    actor: &'a Actor,
    institution: Option<InstitutionId>,
    subject: (&'static str, Option<Uuid>),
    figures: &'a serde_json::Value,
}

const COLUMNS: &str = "event_id, occurred_at, action, client_id, institution_id, subject_kind, \
     subject_id, figures, person_id, roles, trace_id, network";

impl<'a> Event<'a> {
    pub(crate) fn of<A: Action>(
        grant: &'a Grant<A>,
        subject: (&'static str, Option<Uuid>),
        figures: &'a serde_json::Value,
        now: DateTime<Utc>,
    ) -> Self {
        let institution = match grant.subject() {
            Subject::Institution(id) => Some(id),
            Subject::Learner(_) | Subject::Bank => None,
        };
        Self {
            id: new_id(),
            at: now,
            action: A::NAME.as_str(),
            actor: grant.actor(),
            institution,
            subject,
            figures,
        }
    }
}

/// What inserts an event by the values from `first` on, as [`noting`] binds them; none where the
/// first of them is null.
pub(crate) fn insert_sql(first: usize) -> String {
    let values: Vec<String> = (first..first.saturating_add(12))
        .map(|place| format!("${place}"))
        .collect();
    let values = values.join(", ");
    format!("insert into audit_events ({COLUMNS}) select {values} where ${first} is not null")
}

/// Binds an event after what is bound already.
pub(crate) fn noting<B: QueryFragment<Pg>>(
    query: Cached<B>,
    event: Option<&Event<'_>>,
) -> Cached<impl QueryFragment<Pg>> {
    let actor = event.map(|it| it.actor);
    let roles: Option<Vec<&str>> =
        actor.map(|actor| actor.roles.iter().map(|role| role.as_str()).collect());
    let occasion = actor.and_then(|actor| actor.occasion.as_deref());
    let (trace, network) = (
        occasion.map(|it| it.trace_id.clone()),
        occasion.and_then(|it| it.network.clone()),
    );
    let roles = roles.map(|roles| roles.into_iter().map(str::to_owned).collect::<Vec<_>>());
    query
        .bind::<Nullable<SqlUuid>, _>(event.map(|it| it.id))
        .bind::<Nullable<Timestamptz>, _>(event.map(|it| it.at))
        .bind::<Nullable<Text>, _>(event.map(|it| it.action))
        .bind::<Nullable<SqlUuid>, _>(actor.and_then(|it| it.client).map(|id| id.as_uuid()))
        .bind::<Nullable<SqlUuid>, _>(event.and_then(|it| it.institution).map(|id| id.as_uuid()))
        .bind::<Nullable<Text>, _>(event.map(|it| it.subject.0))
        .bind::<Nullable<SqlUuid>, _>(event.and_then(|it| it.subject.1))
        .bind::<Nullable<Jsonb>, _>(event.map(|it| it.figures.clone()))
        .bind::<Nullable<SqlUuid>, _>(actor.and_then(|it| it.person).map(|id| id.as_uuid()))
        .bind::<Nullable<Array<Text>>, _>(roles)
        .bind::<Nullable<Text>, _>(trace)
        .bind::<Nullable<Text>, _>(network)
}

/// Writes down what a grant was used for.
pub(crate) fn insert<A: Action>(
    tx: &mut Tx<'_>,
    grant: &Grant<A>,
    subject: (&'static str, Option<Uuid>),
    figures: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let event = Event::of(grant, subject, figures, now);
    noting(cached(insert_sql(1)), Some(&event)).execute(tx.conn())?;
    Ok(())
}
