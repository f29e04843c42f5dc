//! Answers: plain ones, and those that the ledger keeps under an idempotency key.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, LOCATION};
use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Action, Grant};
use creditbank_ledger::{Answered, Ledger, LedgerError, Once, StoredAnswer};
use serde::Serialize;
use serde_json::Value;

use crate::auth::Permit;
use crate::extract::{IdempotencyKey, entity_tag};
use crate::problem::{ApiError, Problem};
use crate::state::ApiState;

/// 200 with a body.
pub(crate) fn ok(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().json(body)
}

/// 200 with a body that has a version, which is its entity tag.
pub(crate) fn tagged(body: &impl Serialize, version: u32) -> HttpResponse {
    let tag = (ETAG, entity_tag(u64::from(version)));
    HttpResponse::Ok().insert_header(tag).json(body)
}

/// How an answer that is given once is sent.
#[derive(Clone, Copy)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    /// Finds the address of what was created, or was there already, in the body.
    pub(crate) location: fn(&Value) -> Option<String>,
}

/// 200, and nothing was created.
pub(crate) const DONE: Reply = Reply {
    status: StatusCode::OK,
    location: nowhere,
};

/// 201, of something that has no address of its own.
pub(crate) const MADE: Reply = made_at(nowhere);

/// 201, of something whose address stands in the answer.
pub(crate) const fn made_at(location: fn(&Value) -> Option<String>) -> Reply {
    Reply {
        status: StatusCode::CREATED,
        location,
    }
}

/// What names a request that is answered once: the key, the route and the body.
pub(crate) type Asked<'a> = (IdempotencyKey, &'static str, &'a Value);

/// Runs a flow that answers once for the caller's key, and sends what it answered as `V`.
pub(crate) async fn once<A, T, V>(
    state: &ApiState,
    permit: Permit<A>,
    asked: Asked<'_>,
    reply: Reply,
    flow: impl FnOnce(&Ledger, &Grant<A>, &Once<'_, T>, DateTime<Utc>) -> Result<Answered, LedgerError>
    + Send
    + 'static,
) -> Result<HttpResponse, ApiError>
where
    A: Action + Send + 'static,
    V: for<'t> From<&'t T> + Serialize,
{
    let render = move |view: &T| rendered(reply.status, &V::from(view));
    once_rendered(state, permit, asked, (render, reply.location), flow).await
}

/// The same of an answer whose status or form depends on what the flow came to.
pub(crate) async fn once_rendered<A, T>(
    state: &ApiState,
    permit: Permit<A>,
    asked: Asked<'_>,
    (render, location): (
        impl Fn(&T) -> StoredAnswer + Send + Sync + 'static,
        fn(&Value) -> Option<String>,
    ),
    flow: impl FnOnce(&Ledger, &Grant<A>, &Once<'_, T>, DateTime<Utc>) -> Result<Answered, LedgerError>
    + Send
    + 'static,
) -> Result<HttpResponse, ApiError>
where
    A: Action + Send + 'static,
{
    send(run(state, permit, asked, render, flow).await?, location)
}

/// The same of a flow that gives a secret with its answer: it is told with this answer and never
/// again, since what is kept under the key is without it.
pub(crate) async fn once_telling<A, T, V, S>(
    state: &ApiState,
    permit: Permit<A>,
    asked: Asked<'_>,
    reply: Reply,
    flow: impl FnOnce(
        &Ledger,
        &Grant<A>,
        &Once<'_, T>,
        DateTime<Utc>,
    ) -> Result<(Answered, Option<S>), LedgerError>
    + Send
    + 'static,
) -> Result<HttpResponse, ApiError>
where
    A: Action + Send + 'static,
    V: for<'t> From<&'t T> + Serialize,
    S: AsRef<str> + Send + 'static,
{
    let render = move |view: &T| rendered(reply.status, &V::from(view));
    let (mut answered, secret) = run(state, permit, asked, render, flow).await?;
    let fresh = !answered.replayed && answered.answer.status < 400;
    if let (true, Some(secret), Some(members)) =
        (fresh, secret, answered.answer.body.as_object_mut())
    {
        members.insert("secret".to_owned(), Value::from(secret.as_ref()));
    }
    send(answered, reply.location)
}

/// Claims the key and runs the flow under it.
async fn run<A, T, R>(
    state: &ApiState,
    permit: Permit<A>,
    (key, route, body): Asked<'_>,
    render: impl Fn(&T) -> StoredAnswer + Send + Sync + 'static,
    flow: impl FnOnce(&Ledger, &Grant<A>, &Once<'_, T>, DateTime<Utc>) -> Result<R, LedgerError>
    + Send
    + 'static,
) -> Result<R, ApiError>
where
    A: Action + Send + 'static,
    R: Send + 'static,
{
    let now = state.now();
    let claim = key.claim(&permit.grant, route, body)?;
    let work = move |ledger: &Ledger| {
        let once = Once {
            claim,
            render: &render,
        };
        flow(ledger, &permit.grant, &once, now)
    };
    state.ledger.run(work).await
}

/// An answer for the ledger to keep; one that cannot be rendered rolls everything back.
pub(crate) fn rendered(status: StatusCode, body: &impl Serialize) -> StoredAnswer {
    match serde_json::to_value(body) {
        Ok(body) => StoredAnswer {
            status: status.as_u16(),
            body,
        },
        Err(_) => StoredAnswer {
            status: 500,
            body: Value::Null,
        },
    }
}

/// A refusal for the ledger to roll back on.
pub(crate) fn refused(problem: &Problem) -> StoredAnswer {
    rendered(problem.status_code(), problem)
}

/// Sends what the ledger answered, now or the first time; a refusal becomes an error again.
///
/// `location` finds the address of what was created, or was there already, in the body.
pub(crate) fn send(
    answered: Answered,
    location: impl FnOnce(&Value) -> Option<String>,
) -> Result<HttpResponse, ApiError> {
    let StoredAnswer { status, body } = answered.answer;
    if status >= 400 {
        let problem: Problem = serde_json::from_value(body)
            .map_err(|_| ApiError::Internal("an answer could not be rendered"))?;
        return Err(ApiError::Refusal(Box::new(problem)));
    }
    let status = StatusCode::from_u16(status)
        .map_err(|_| ApiError::Internal("a kept answer has no HTTP status"))?;
    let mut response = HttpResponse::build(status);
    if let Some(location) = location(&body) {
        response.insert_header((LOCATION, location));
    }
    if let Some(version) = body.get("version").and_then(Value::as_u64) {
        response.insert_header((ETAG, entity_tag(version)));
    }
    if answered.replayed {
        response.insert_header(("idempotency-replayed", "true"));
    }
    Ok(response.json(body))
}

/// Where nothing that was created has an address of its own.
pub(crate) const fn nowhere(_: &Value) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::problem::Words;

    fn location(body: &Value) -> Option<String> {
        body.get("id")
            .and_then(Value::as_str)
            .map(|id| format!("/v1/things/{id}"))
    }

    #[test]
    fn a_replay_says_so_and_names_the_place_again() {
        let answer = rendered(StatusCode::CREATED, &json!({"id": "7"}));
        let response = send(
            Answered {
                answer,
                replayed: true,
            },
            location,
        )
        .unwrap();
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers().get("location").unwrap(), "/v1/things/7");
        assert_eq!(
            response.headers().get("idempotency-replayed").unwrap(),
            "true"
        );
        let answer = rendered(StatusCode::OK, &json!({"id": "7"}));
        let response = send(
            Answered {
                answer,
                replayed: false,
            },
            nowhere,
        )
        .unwrap();
        assert!(!response.headers().contains_key("location"));
        assert!(!response.headers().contains_key("idempotency-replayed"));
    }

    #[test]
    fn a_refusal_comes_back_as_it_was() {
        let problem = Problem::new(409, "SOURCE_REF_CONFLICT", Words::fixed("冲突", "conflict"))
            .header("x-a", "b");
        let answer = refused(&problem);
        let error = send(
            Answered {
                answer,
                replayed: false,
            },
            nowhere,
        )
        .unwrap_err();
        assert_eq!(error.problem(), problem);
        let broken = StoredAnswer {
            status: 500,
            body: Value::Null,
        };
        let error = send(
            Answered {
                answer: broken,
                replayed: false,
            },
            nowhere,
        )
        .unwrap_err();
        assert_eq!(error.problem().status, 500);
    }
}
