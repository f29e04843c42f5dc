//! Identity providers (OpenID Connect) where people sign in: their keys, found by discovery, held
//! and fetched again when they change.
//!
//! A provider is believed for one audience and the algorithms that the settings name; a token
//! never chooses. What a provider answers is bounded in size and time, no redirect is followed, and
//! addresses are https, except on loopback where a setting allows that for tests.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use creditbank_domain::person::Login;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Deserialize;
use serde_json::Value;
use ureq::Agent;

use super::caller::Caller;
use super::client_login::rsa_bits;
use super::key_cache::KeyCache;
use super::token::{TokenRefusal, validation};
use super::verified::Verified;
use crate::handle::{GateLimits, LedgerHandle};
use crate::problem::ApiError;

/// Keys are fetched again after so long even where no token asks for a new one.
const KEPT: Duration = Duration::from_secs(600);
const FETCH_MAX: Duration = Duration::from_secs(5);
const BYTES_MAX: u64 = 256 * 1024;
const KEYS_MAX: usize = 64;
/// How many providers are asked at once.
const FETCHING_MAX: usize = 2;

/// A provider as the settings name it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderSettings {
    /// Its name in tokens; discovery begins there.
    pub issuer: String,
    /// For whom its tokens have to be.
    pub audience: String,
    /// With what it signs, of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA.
    pub algorithms: Vec<String>,
    /// The `typ` of its access tokens, one of these. An ID token or a logout token names the same
    /// person and is none: whoever got one must not act with it.
    #[serde(default = "access_tokens")]
    pub token_types: Vec<String>,
}

/// RFC 9068.
fn access_tokens() -> Vec<String> {
    vec!["at+jwt".to_owned()]
}

/// As RFC 7515 compares it: `application/` may be left out, and case does not count.
fn media_type(text: &str) -> String {
    let text = text.to_ascii_lowercase();
    text.strip_prefix("application/")
        .map_or(text.clone(), str::to_owned)
}

/// How providers are asked.
#[derive(Debug, Clone, Copy)]
pub struct ProviderLimits {
    /// Keys are fetched at most once in so long.
    pub pause: Duration,
    /// Whether a provider may be on this machine and without TLS: for tests.
    pub loopback: bool,
}

impl Default for ProviderLimits {
    fn default() -> Self {
        Self {
            pause: Duration::from_secs(10),
            loopback: false,
        }
    }
}

/// Why a provider cannot be used as it is set.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// Without TLS, where that is not allowed, or no address at all.
    #[error("the issuer {0} is no https address")]
    Address(String),
    /// An algorithm that is not known, or a shared secret's.
    #[error("{0} is none of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA")]
    Algorithm(String),
    /// No algorithm, no audience, no type of tokens, or the same issuer twice.
    #[error("{0} needs an audience, at least one algorithm and type of tokens, and one entry")]
    Incomplete(String),
}

/// Why keys could not be fetched; for the log, never for a caller.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("it cannot be reached or answers with an error")]
    Http(#[source] Box<ureq::Error>),
    #[error("its answer is no JSON of the expected form")]
    Form(#[source] serde_json::Error),
    #[error("its discovery document is another issuer's")]
    OtherIssuer,
    #[error("its keys are at an address that is not https")]
    Address,
}

/// One provider.
struct Provider {
    issuer: String,
    validation: Validation,
    types: Vec<String>,
    keys: KeyCache<ProviderKeys>,
}

#[derive(Default)]
struct ProviderKeys(HashMap<String, (DecodingKey, Option<String>)>);

/// See the module.
pub(super) struct Providers {
    providers: Vec<Provider>,
    agent: Agent,
    fetching: LedgerHandle,
    loopback: bool,
}

/// What is read of a provider's tokens; issuer and audience are checked with the signature.
#[derive(Deserialize)]
struct LoginClaims {
    sub: String,
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct KeyList {
    keys: Vec<Value>,
}

impl Providers {
    pub(super) fn new(
        settings: &[ProviderSettings],
        limits: ProviderLimits,
    ) -> Result<Self, ProviderError> {
        let mut providers: Vec<Provider> = Vec::new();
        for one in settings {
            let incomplete = one.audience.is_empty()
                || one.algorithms.is_empty()
                || one.token_types.is_empty()
                || providers.iter().any(|it| it.issuer == one.issuer);
            if incomplete {
                return Err(ProviderError::Incomplete(one.issuer.clone()));
            }
            if !may_be_asked(&one.issuer, limits.loopback) {
                return Err(ProviderError::Address(one.issuer.clone()));
            }
            let algorithms = one.algorithms.iter().map(|name| algorithm(name));
            let algorithms = algorithms.collect::<Result<Vec<_>, _>>()?;
            let types = one
                .token_types
                .iter()
                .map(|name| media_type(name))
                .collect();
            providers.push(Provider {
                issuer: one.issuer.clone(),
                validation: validation(&algorithms, &one.issuer, &one.audience),
                types,
                keys: KeyCache::new(KEPT, limits.pause, limits.pause.min(FETCH_MAX))
                    .cooling_down(limits.pause),
            });
        }
        let agent = Agent::config_builder()
            .timeout_global(Some(FETCH_MAX))
            .max_redirects(0)
            .http_status_as_error(true);
        Ok(Self {
            providers,
            agent: agent.build().into(),
            fetching: LedgerHandle::gate(FETCHING_MAX, GateLimits::default()),
            loopback: limits.loopback,
        })
    }

    /// Nobody's tokens are believed.
    pub(super) fn none() -> Self {
        Self {
            providers: Vec::new(),
            agent: Agent::new_with_defaults(),
            fetching: LedgerHandle::gate(FETCHING_MAX, GateLimits::default()),
            loopback: false,
        }
    }

    /// The place of a provider among them; its name is compared as it is.
    pub(super) fn of(&self, issuer: &str) -> Option<usize> {
        self.providers.iter().position(|it| it.issuer == issuer)
    }

    /// Whom a token of a provider names.
    pub(super) async fn verify(
        &self,
        place: usize,
        token: &str,
        header: &Header,
    ) -> Result<Verified<Caller>, ApiError> {
        let invalid = || ApiError::Unauthenticated(TokenRefusal::Invalid);
        let provider = self.providers.get(place).ok_or_else(invalid)?;
        // Before anything is fetched for it.
        let typed = header.typ.as_deref().map(media_type);
        let typed = typed.is_some_and(|name| provider.types.contains(&name));
        let pinned = typed && provider.validation.algorithms.contains(&header.alg);
        let kid = header
            .kid
            .as_deref()
            .filter(|_| pinned)
            .ok_or_else(invalid)?;
        let has = |keys: &ProviderKeys| keys.0.contains_key(kid);
        let keys = provider.keys.having(has, || self.fetch(&provider.issuer));
        // Without any keys, because the provider is away, nothing can be said of a token.
        let keys = keys.await?.ok_or(AWAY)?;
        let (key, algorithm) = keys.0.get(kid).ok_or_else(invalid)?;
        let other = |named: &String| *named != format!("{:?}", header.alg);
        if algorithm.as_ref().is_some_and(other) {
            return Err(invalid());
        }
        let claims = jsonwebtoken::decode::<LoginClaims>(token, key, &provider.validation)
            .map_err(|_| invalid())?
            .claims;
        let login = Login::new(&provider.issuer, &claims.sub).map_err(|_| invalid())?;
        let begun = claims.nbf.into_iter().chain(claims.iat).max();
        Ok(Verified {
            who: Caller::Login(login),
            from: begun.unwrap_or(i64::MIN),
            until: claims.exp,
        })
    }

    async fn fetch(&self, issuer: &str) -> Result<ProviderKeys, ApiError> {
        let (agent, loopback, asked) = (self.agent.clone(), self.loopback, issuer.to_owned());
        let work = move || {
            fetch(&agent, &asked, loopback).map_err(|error| {
                let error = chain(&error);
                tracing::warn!(
                    issuer = asked,
                    error,
                    "an identity provider's keys are not to be had"
                );
                AWAY
            })
        };
        self.fetching.take_turn(work).await
    }
}

const AWAY: ApiError = ApiError::Overloaded {
    retry_after_seconds: 10,
};

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    causes.join(": ")
}

/// https anywhere, or http at this very machine where that is allowed.
fn may_be_asked(address: &str, loopback: bool) -> bool {
    let Ok(address) = address.parse::<ureq::http::Uri>() else {
        return false;
    };
    let host = address.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let here = bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match address.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => loopback && here,
        _ => false,
    }
}

fn algorithm(name: &str) -> Result<Algorithm, ProviderError> {
    let algorithm = match name {
        "RS256" => Algorithm::RS256,
        "RS384" => Algorithm::RS384,
        "RS512" => Algorithm::RS512,
        "PS256" => Algorithm::PS256,
        "PS384" => Algorithm::PS384,
        "PS512" => Algorithm::PS512,
        "ES256" => Algorithm::ES256,
        "ES384" => Algorithm::ES384,
        "EdDSA" => Algorithm::EdDSA,
        _ => return Err(ProviderError::Algorithm(name.to_owned())),
    };
    Ok(algorithm)
}

fn fetch(agent: &Agent, issuer: &str, loopback: bool) -> Result<ProviderKeys, FetchError> {
    let address = format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    );
    let found: Discovery = get(agent, &address)?;
    if found.issuer != issuer {
        return Err(FetchError::OtherIssuer);
    }
    if !may_be_asked(&found.jwks_uri, loopback) {
        return Err(FetchError::Address);
    }
    let list: KeyList = get(agent, &found.jwks_uri)?;
    let keys = list.keys.into_iter().take(KEYS_MAX);
    Ok(ProviderKeys(keys.filter_map(usable).collect()))
}

fn get<T: for<'de> Deserialize<'de>>(agent: &Agent, address: &str) -> Result<T, FetchError> {
    let http = |error| FetchError::Http(Box::new(error));
    let mut answer = agent.get(address).call().map_err(http)?;
    let body = answer.body_mut().with_config().limit(BYTES_MAX);
    let text = body.read_to_vec().map_err(http)?;
    serde_json::from_slice(&text).map_err(FetchError::Form)
}

/// A key that signs, by its name. What is of another kind, or nameless, or a shared secret, is
/// left out.
fn usable(key: Value) -> Option<(String, (DecodingKey, Option<String>))> {
    let jwk: Jwk = serde_json::from_value(key).ok()?;
    let signs = matches!(
        jwk.common.public_key_use,
        None | Some(PublicKeyUse::Signature)
    );
    let strong = match &jwk.algorithm {
        AlgorithmParameters::RSA(key) => rsa_bits(&key.n) >= 2_048,
        AlgorithmParameters::EllipticCurve(_) | AlgorithmParameters::OctetKeyPair(_) => true,
        // A shared secret, or what this program cannot check.
        _ => false,
    };
    let kid = jwk.common.key_id.clone().filter(|_| signs && strong)?;
    let algorithm = jwk.common.key_algorithm.map(|it| it.to_string());
    Some((kid, (DecodingKey::from_jwk(&jwk).ok()?, algorithm)))
}

#[cfg(test)]
mod tests;
