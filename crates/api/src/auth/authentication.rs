//! Everything by which a token becomes an actor, in one place.

use std::fmt;
use std::time::Duration;

use actix_web::http::header::HeaderMap;
use chrono::{DateTime, Utc};
use creditbank_domain::authz::Actor;
use creditbank_domain::person::Login;
use serde::Deserialize;
use serde_json::Value;

use super::caller::{ACTING_FOR, Caller, acting};
use super::client_login::{ClientLogins, LoginRefusal, NewClientSecret, Proof};
use super::own_tokens::{KEPT, OwnTokens};
use super::people::PersonRegister;
use super::providers::{ProviderError, ProviderLimits, ProviderSettings, Providers};
use super::token::{TokenClaims, TokenRefusal, TokenVerifier};
use super::verified::VerifiedTokens;
use crate::handle::LedgerHandle;
use crate::problem::ApiError;

/// How long what the bank knows of a person is remembered.
const REMEMBERED: Duration = Duration::from_secs(30);

/// How callers are known beside the one configured key: the bank's own tokens and identity
/// providers.
pub struct Authentication {
    own: OwnTokens,
    providers: Providers,
    people: PersonRegister,
    clients: ClientLogins,
    verified: VerifiedTokens<Caller>,
    demo: bool,
}

impl fmt::Debug for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authentication").finish_non_exhaustive()
    }
}

/// What is read of a token before anything of it is believed: only to choose who checks it.
#[derive(Deserialize)]
struct Unchecked {
    iss: String,
}

impl Authentication {
    /// The bank's own tokens under `issuer` for `audience`, and no provider.
    #[must_use]
    pub fn new(issuer: &str, audience: &str) -> Self {
        Self {
            own: OwnTokens::new(issuer, audience),
            providers: Providers::none(),
            people: PersonRegister::checked_every(REMEMBERED),
            clients: ClientLogins::new(issuer),
            // Keys of the bank and of providers are asked for anew: one that was lost ends.
            verified: VerifiedTokens::believed_for(KEPT),
            demo: false,
        }
    }

    /// Believes these providers too.
    ///
    /// # Errors
    /// [`ProviderError`] where one is not set as it must be, or is the bank's own issuer.
    pub fn with_providers(
        mut self,
        settings: &[ProviderSettings],
        limits: ProviderLimits,
    ) -> Result<Self, ProviderError> {
        if let Some(own) = settings.iter().find(|it| it.issuer == self.own.issuer) {
            return Err(ProviderError::Incomplete(own.issuer.clone()));
        }
        self.providers = Providers::new(settings, limits)?;
        Ok(self)
    }

    /// Remembers what the bank knows of a person for so long.
    #[must_use]
    pub fn with_people_checked_every(mut self, for_at_most: Duration) -> Self {
        self.people = PersonRegister::checked_every(for_at_most);
        self
    }

    /// Lets the demo's people sign in without any provider.
    #[must_use]
    pub fn with_demo_logins(mut self) -> Self {
        self.demo = true;
        self
    }

    /// Whether the demo's people may sign in.
    pub(crate) const fn is_demo(&self) -> bool {
        self.demo
    }

    /// Whether a token was verified before.
    pub(crate) fn knows(&self, token: &str) -> bool {
        self.verified.recall(token).is_some()
    }

    /// Whom a token names.
    pub(crate) async fn identify(
        &self,
        token: &str,
        configured: &TokenVerifier,
        ledger: &LedgerHandle,
        now: DateTime<Utc>,
    ) -> Result<Caller, ApiError> {
        let refused = ApiError::Unauthenticated;
        if let Some(verified) = self.verified.recall(token) {
            return verified.at(now).map_err(refused);
        }
        let invalid = |_| ApiError::Unauthenticated(TokenRefusal::Invalid);
        let header = jsonwebtoken::decode_header(token).map_err(invalid)?;
        let unchecked: Unchecked =
            jsonwebtoken::dangerous::insecure_decode_claims(token).map_err(invalid)?;
        // RFC 7515: what must be understood and is not makes a token invalid.
        if header.crit.is_some() {
            return Err(refused(TokenRefusal::Invalid));
        }
        let verified = if let Some(place) = self.providers.of(&unchecked.iss) {
            Some(self.providers.verify(place, token, &header).await?)
        } else if let Some(kid) = self.own.names_key(&header, &unchecked.iss) {
            self.own
                .verify(token, kid, self.demo, (ledger, now))
                .await?
        } else {
            None
        };
        match verified {
            Some(verified) => {
                let kept = self.verified.recall_or(token, now, || Ok(verified));
                kept.and_then(|verified| verified.at(now)).map_err(refused)
            }
            None => configured
                .verify(token, now)
                .map(Caller::Client)
                .map_err(refused),
        }
    }

    /// What a person who signed in is, for the institution that the request names.
    pub(crate) async fn acting(
        &self,
        login: &Login,
        headers: &HeaderMap,
        ledger: &LedgerHandle,
        now: DateTime<Utc>,
    ) -> Result<Actor, ApiError> {
        let standing = self.people.standing(login, ledger).await?;
        let named = headers.get(ACTING_FOR);
        let named = named.map(|value| value.to_str().unwrap_or_default().trim());
        acting(standing.as_deref(), named, now)
    }

    /// Asks the register again next time: what a person is changed here.
    pub(crate) fn forget(&self, login: &Login) {
        self.people.forget(login);
    }

    /// Holds that a client is who it says.
    pub(crate) async fn check_client(
        &self,
        proof: Proof,
        ledger: &LedgerHandle,
        now: DateTime<Utc>,
    ) -> Result<(), LoginRefusal> {
        self.clients.check(proof, ledger, now).await
    }

    /// Makes a secret for a client.
    pub(crate) async fn new_secret(&self) -> Result<NewClientSecret, ApiError> {
        self.clients.generate().await
    }

    /// Signs what a client is given.
    pub(crate) async fn sign(
        &self,
        claims: TokenClaims,
        ledger: &LedgerHandle,
        now: DateTime<Utc>,
    ) -> Result<String, ApiError> {
        self.own.sign(claims, ledger, now).await
    }

    /// Signs what one of the demo's people is given.
    pub(crate) async fn sign_demo(
        &self,
        subject: &str,
        until: DateTime<Utc>,
        ledger: &LedgerHandle,
        now: DateTime<Utc>,
    ) -> Result<String, ApiError> {
        self.own.sign_demo(subject, until, ledger, now).await
    }

    /// The bank's public keys.
    pub(crate) async fn published_keys(
        &self,
        ledger: &LedgerHandle,
        now: DateTime<Utc>,
    ) -> Result<Value, ApiError> {
        self.own.published(ledger, now).await
    }
}
