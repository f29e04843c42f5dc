//! `POST /oauth/token`: OAuth 2 client credentials, with the errors of RFC 6749.

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::web::{Data, Form};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, ResponseError as _, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use creditbank_domain::authz::{Scope, Scopes};
use creditbank_domain::ids::ClientId;
use creditbank_ledger::reads::{self, ClientView};
use serde::Deserialize;

use crate::abuse::ClientAddress;
use crate::auth::{LoginRefusal, Proof, TokenClaims, prove};
use crate::dto::token::{TokenErrorView, TokenForm, TokenView};
use crate::problem::ApiError;
use crate::state::ApiState;

/// How long a token lives: a client that is switched off is refused at once in any case.
const LIFE: TimeDelta = TimeDelta::minutes(15);
/// RFC 7523.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Get an access token for a registered client.
///
/// OAuth 2 client credentials: the client proves itself by `client_secret_basic`,
/// `client_secret_post` or `private_key_jwt`. `scope` narrows the token to a part of what the
/// client's roles permit. Errors are those of RFC 6749. A client may ask so often a minute from one
/// address, and after several proofs that were none it has to wait.
#[utoipa::path(
    operation_id = "postToken", tag = "service", security(()),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A token.", body = TokenView),
        (status = 400, description = "The request, grant type or scope is wrong.",
            body = TokenErrorView, content_type = "application/json"),
        (status = 401, description = "The client did not prove who it is.",
            body = TokenErrorView, content_type = "application/json"),
        (status = 429, description = "The client asks too often.",
            body = TokenErrorView, content_type = "application/json"),
        (status = 503, description = "The bank is busy.",
            body = TokenErrorView, content_type = "application/json"),
    ),
)]
#[post("/oauth/token")]
pub(crate) async fn post_token(
    request: HttpRequest,
    form: Result<Form<TokenForm>, actix_web::Error>,
    state: Data<ApiState>,
) -> HttpResponse {
    match token(&request, form, &state).await {
        Ok(view) => HttpResponse::Ok().json(view),
        Err(refusal) => answer(refusal),
    }
}

/// Why there is no token.
enum Refusal {
    Request(&'static str),
    GrantType,
    Scope,
    Client(LoginRefusal),
    Failed(Box<ApiError>),
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self::Failed(Box::new(error))
    }
}

async fn token(
    request: &HttpRequest,
    form: Result<Form<TokenForm>, actix_web::Error>,
    state: &ApiState,
) -> Result<TokenView, Refusal> {
    let unreadable = "send application/x-www-form-urlencoded, each parameter once";
    let form = form.map_err(|_| Refusal::Request(unreadable))?.into_inner();
    match form.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => return Err(Refusal::GrantType),
        None => return Err(Refusal::Request("grant_type is missing")),
    }
    let proof = proof(request, &form)?;
    let (client, now) = (proof.client(), state.now());
    let address = request.extensions().get::<ClientAddress>().copied();
    let address = address.unwrap_or_default().ip;
    let proved = prove(state, proof, address, now).await;
    proved.map_err(Refusal::Client)?;
    let found = state
        .ledger
        .run(move |ledger| reads::client(ledger, client));
    let found = found.await?.filter(|client| client.active);
    let client = found.ok_or(Refusal::Client(LoginRefusal::Unproved))?;
    let scope = form.scope.filter(|scope| !scope.is_empty());
    if let Some(scope) = &scope {
        check_scope(scope, &client)?;
    }
    let claims = TokenClaims {
        sub: client.client_id.as_uuid(),
        exp: (now + LIFE).timestamp(),
        iat: now.timestamp(),
        institution: client.institution.map(|id| id.as_uuid()),
        learner_no: client.learner_no.map(|number| number.as_str().to_owned()),
        roles: client
            .roles
            .iter()
            .map(|role| role.as_str().to_owned())
            .collect(),
        scope: scope.clone(),
        ..TokenClaims::default()
    };
    Ok(TokenView {
        access_token: state
            .authentication
            .sign(claims, &state.ledger, now)
            .await?,
        token_type: "Bearer".to_owned(),
        expires_in: LIFE.num_seconds(),
        scope,
    })
}

/// Every scope is known, some role of the client has something of it, and it was not narrowed to
/// others.
fn check_scope(text: &str, client: &ClientView) -> Result<(), Refusal> {
    for word in text.split(' ') {
        let scope: Scope = word.parse().map_err(|_| Refusal::Scope)?;
        let asked = Scopes::Only(vec![scope]);
        if !scope.is_of(&client.roles) || !client.scopes.contain(&asked) {
            return Err(Refusal::Scope);
        }
    }
    Ok(())
}

/// What the client offers as proof: in the header or in the body, and in one way only.
fn proof(request: &HttpRequest, form: &TokenForm) -> Result<Proof, Refusal> {
    let unproved = || Refusal::Client(LoginRefusal::Unproved);
    let client = |text: &str| {
        text.parse()
            .map(ClientId::from_uuid)
            .map_err(|_| unproved())
    };
    let named = form.client_id.as_deref().map(client).transpose()?;
    let basic = request.headers().get(AUTHORIZATION);
    let proof = match (basic, &form.client_secret, &form.client_assertion) {
        (Some(header), None, None) => {
            // Neither ids nor secrets have characters that would be percent-encoded.
            let (id, secret) = header
                .to_str()
                .ok()
                .and_then(basic_pair)
                .ok_or_else(unproved)?;
            Proof::Secret {
                client: client(&id)?,
                secret,
            }
        }
        (None, Some(secret), None) => Proof::Secret {
            client: named.ok_or_else(unproved)?,
            secret: secret.clone(),
        },
        (None, None, Some(assertion)) => {
            if form.client_assertion_type.as_deref() != Some(ASSERTION_TYPE) {
                return Err(Refusal::Request("client_assertion_type is not jwt-bearer"));
            }
            Proof::Assertion {
                client: asserted(assertion).ok_or_else(unproved)?,
                assertion: assertion.clone(),
            }
        }
        (None, None, None) => return Err(unproved()),
        _ => {
            return Err(Refusal::Request(
                "the client proves itself in more than one way",
            ));
        }
    };
    if named.is_some_and(|named| named != proof.client()) {
        return Err(unproved());
    }
    Ok(proof)
}

fn basic_pair(header: &str) -> Option<(String, String)> {
    let (scheme, text) = header.split_once(' ')?;
    let bytes = STANDARD.decode(text.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, secret) = text.split_once(':')?;
    let basic = scheme.eq_ignore_ascii_case("basic");
    basic.then(|| (id.to_owned(), secret.to_owned()))
}

/// Whose an assertion says it is; nothing of that is believed before its signature.
fn asserted(assertion: &str) -> Option<ClientId> {
    #[derive(Deserialize)]
    struct Unchecked {
        iss: String,
    }
    let unchecked: Unchecked = jsonwebtoken::dangerous::insecure_decode_claims(assertion).ok()?;
    unchecked.iss.parse().ok().map(ClientId::from_uuid)
}

fn answer(refusal: Refusal) -> HttpResponse {
    let body = |status, error: &str, description: &str| {
        let mut response = HttpResponse::build(status);
        let view = TokenErrorView {
            error: error.to_owned(),
            error_description: description.to_owned(),
        };
        response.content_type("application/json");
        (response, view)
    };
    let bad = StatusCode::BAD_REQUEST;
    let (mut response, view) = match refusal {
        Refusal::Request(why) => body(bad, "invalid_request", why),
        Refusal::GrantType => body(
            bad,
            "unsupported_grant_type",
            "the grant type is client_credentials",
        ),
        Refusal::Scope => body(
            bad,
            "invalid_scope",
            "a scope is not known, none of the client's roles has anything of it, or the client is \
             narrowed to others",
        ),
        Refusal::Client(LoginRefusal::Unproved) => {
            let status = StatusCode::UNAUTHORIZED;
            let why = "the client is unknown, inactive, or did not prove who it is";
            let (mut response, view) = body(status, "invalid_client", why);
            response.insert_header((WWW_AUTHENTICATE, r#"Basic realm="creditbank""#));
            (response, view)
        }
        Refusal::Client(LoginRefusal::TooOften {
            retry_after_seconds,
        }) => {
            let status = StatusCode::TOO_MANY_REQUESTS;
            let why = "the client asks too often; keep a token until it ends";
            let (mut response, view) = body(status, "temporarily_unavailable", why);
            response.insert_header((RETRY_AFTER, retry_after_seconds));
            (response, view)
        }
        Refusal::Client(LoginRefusal::Failed(error)) | Refusal::Failed(error) => {
            return failed(&error, body);
        }
    };
    response.json(view)
}

fn failed(
    error: &ApiError,
    body: impl Fn(StatusCode, &str, &str) -> (actix_web::HttpResponseBuilder, TokenErrorView),
) -> HttpResponse {
    let status = error.status_code();
    let (mut response, view) = if status == StatusCode::SERVICE_UNAVAILABLE {
        let (mut response, view) = body(status, "temporarily_unavailable", "come again");
        response.insert_header((RETRY_AFTER, 1));
        (response, view)
    } else {
        tracing::error!(error = %error, "a token could not be issued");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        body(status, "server_error", "something went wrong on our side")
    };
    response.json(view)
}
