//! A step about one request: what deciding, checking, answering and taking back share.

use actix_web::HttpResponse;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Action, Grant};
use creditbank_domain::ids::RequestId;
use creditbank_ledger::{Answered, Ledger, LedgerError, Once, reads};
use serde_json::Value;

use crate::answer;
use crate::auth::Permit;
use crate::dto::conversion_view::RequestView;
use crate::extract::{IdempotencyKey, PathId, SeenVersion};
use crate::problem::ApiError;
use crate::state::ApiState;

/// The request, the caller's key for it, the version that the caller has seen.
pub(super) type Step = (
    PathId<RequestId>,
    IdempotencyKey,
    SeenVersion,
    Data<ApiState>,
);

/// A flow that takes a step.
type Flow<A, O> = fn(
    &Ledger,
    &Grant<A>,
    (RequestId, Option<u32>),
    &O,
    &Once<'_, reads::RequestView>,
    DateTime<Utc>,
) -> Result<Answered, LedgerError>;

/// Takes a step once for the caller's key, and sends the request as it stands by then.
pub(super) async fn step_request<A, O>(
    permit: Permit<A>,
    (id, key, seen, state): Step,
    (route, raw): (&'static str, &Value),
    order: O,
    flow: Flow<A, O>,
) -> Result<HttpResponse, ApiError>
where
    A: Action + Send + 'static,
    O: Send + 'static,
{
    let which = (id.0, seen.0);
    answer::once::<_, reads::RequestView, RequestView>(
        &state,
        permit,
        (key, route, raw),
        answer::DONE,
        move |ledger, grant, once, now| flow(ledger, grant, which, &order, once, now),
    )
    .await
}
