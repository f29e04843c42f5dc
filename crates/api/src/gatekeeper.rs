//! The middleware before every operation: who asks, and which query parameters it may carry.
//!
//! Runs before any extractor, so that nothing of a body is read for a stranger.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _};
use creditbank_domain::authz::Actor;
use creditbank_domain::fault::Fault;
use creditbank_domain::person::Login;

use crate::abuse::{ClientAddress, Standing};
use crate::auth::{Caller, CallerActor, CallerLogin, TokenRefusal};
use crate::endpoints::{Endpoint, endpoint};
use crate::extract::query_names;
use crate::observe::occasion;
use crate::problem::{ApiError, PlacedFault};
use crate::selection::Selection;
use crate::state::ApiState;

/// Lets a request through, or answers it.
pub(crate) async fn gatekeeper(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let pattern = request.match_pattern().unwrap_or_default();
    let state = request.app_data::<Data<ApiState>>().cloned();
    // An unknown route or method goes on to the services that say so.
    let (Some(endpoint), Some(state)) = (endpoint(request.method(), &pattern), state) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let admitted = admit(&request, endpoint, &state).await;
    let response = match admitted.and_then(|()| Selection::take(endpoint, &mut request)) {
        Ok(None) => next.call(request).await?.map_into_boxed_body(),
        Ok(Some(selection)) => selection.cut(next.call(request).await?).await,
        Err(refusal) => request.error_response(refusal),
    };
    state.refusals.note(&response, endpoint, &state);
    Ok(response)
}

async fn admit(
    request: &ServiceRequest,
    endpoint: &Endpoint,
    state: &ApiState,
) -> Result<(), ApiError> {
    if endpoint.action.is_some() {
        let (actor, login) = caller(request, state).await?;
        let who = (actor.client, actor.person, login.clone());
        keep(request, actor, login);
        let taken = state.throttle.caller(request.method(), who);
        if let Some(standing) = taken.map_err(|spent| too_often(request, spent))? {
            request.extensions_mut().insert(standing);
        }
    } else if !endpoint.is_health() {
        stranger(request, state)?;
    }
    let names = query_names(request.query_string());
    match names
        .iter()
        .find(|name| !endpoint.query.contains(&name.as_str()))
    {
        Some(unknown) => Err(ApiError::Query(unknown_parameter(unknown, endpoint))),
        None => Ok(()),
    }
}

/// Keeps with the request who is asking.
fn keep(request: &ServiceRequest, actor: Actor, login: Option<Login>) {
    let occasion = Some(occasion(&request.extensions()));
    let mut extensions = request.extensions_mut();
    extensions.insert(CallerActor(Actor { occasion, ..actor }));
    if let Some(login) = login {
        extensions.insert(CallerLogin(login));
    }
}

fn too_often(request: &ServiceRequest, spent: Standing) -> ApiError {
    request.extensions_mut().insert(spent);
    ApiError::TooOften(spent)
}

/// Whoever is not known yet draws on the budget of the address.
fn stranger(request: &ServiceRequest, state: &ApiState) -> Result<(), ApiError> {
    let address = request.extensions().get::<ClientAddress>().copied();
    let taken = state.throttle.stranger(address.unwrap_or_default().ip);
    taken.map_err(|spent| too_often(request, spent))
}

async fn caller(
    request: &ServiceRequest,
    state: &ApiState,
) -> Result<(Actor, Option<Login>), ApiError> {
    let headers = request.headers();
    let token = match bearer(headers) {
        Ok(token) => token,
        Err(refusal) => {
            stranger(request, state)?;
            return Err(ApiError::Unauthenticated(refusal));
        }
    };
    let known = state.authentication.knows(token) || state.verifier.knows(token);
    if !known {
        stranger(request, state)?;
    }
    let identified = identified(headers, token, state).await;
    if known
        && matches!(
            identified,
            Err(ApiError::Unauthenticated(_) | ApiError::Denied(_))
        )
    {
        // A good token of somebody who is not honoured any more buys nothing.
        stranger(request, state)?;
    }
    identified
}

async fn identified(
    headers: &HeaderMap,
    token: &str,
    state: &ApiState,
) -> Result<(Actor, Option<Login>), ApiError> {
    let (authentication, ledger, now) = (&state.authentication, &state.ledger, state.now());
    let identified = authentication.identify(token, &state.verifier, ledger, now);
    match identified.await? {
        Caller::Client(actor) => Ok((state.clients.confirm(actor, ledger).await?, None)),
        Caller::Login(login) => {
            let actor = authentication.acting(&login, headers, ledger, now).await?;
            Ok((actor, Some(login)))
        }
    }
}

fn bearer(headers: &HeaderMap) -> Result<&str, TokenRefusal> {
    let mut values = headers.get_all(AUTHORIZATION);
    let value = values.next().ok_or(TokenRefusal::Missing)?;
    let text = value.to_str().map_err(|_| TokenRefusal::Malformed)?;
    let (scheme, token) = text.split_once(' ').ok_or(TokenRefusal::Malformed)?;
    let one = values.next().is_none();
    if one && scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(TokenRefusal::Malformed)
    }
}

fn unknown_parameter(name: &str, endpoint: &Endpoint) -> PlacedFault {
    let known = endpoint.query.join(", ");
    let fault = Fault::new(
        "PARAMETER_UNKNOWN",
        format!(
            "未知的查询参数;可用参数:{}",
            if known.is_empty() { "无" } else { &known }
        ),
        format!(
            "the parameter is not known; there are {}",
            match known.as_str() {
                "" => "none",
                known => known,
            }
        ),
    );
    PlacedFault::of_parameter(name, fault)
}
