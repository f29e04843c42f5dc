//! Tokens that the bank itself issues: signed with keys that all its servers share through the
//! database, so that any of them honours what another one signed, also while the keys change.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Scope, Scopes};
use creditbank_domain::person::Login;
use creditbank_ledger::flows::NewSigningKey;
use creditbank_ledger::reads::{self, SigningKeyState, SigningKeyView};
use ed25519_dalek::SigningKey;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::caller::Caller;
use super::key_cache::KeyCache;
use super::token::{ReadClaims, TokenClaims, TokenRefusal, actor, validation};
use super::verified::Verified;
use crate::handle::LedgerHandle;
use crate::problem::ApiError;

/// How long the keys are held; a key that was lost signs no longer anywhere after that.
pub(super) const KEPT: Duration = Duration::from_secs(30);
/// Between two looks for a key that is not known.
const PAUSE: Duration = Duration::from_millis(200);
/// RFC 9068: what stands in the header of an access token.
const TYPE: &str = "at+jwt";
/// Whose logins the demo's are.
pub const DEMO_ISSUER: &str = "demo";
/// RFC 8410: what stands before the 32 bytes of an Ed25519 private key in PKCS #8.
const PRIVATE_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// A fresh key pair for the bank, from the operating system's randomness.
#[must_use]
pub fn new_signing_key() -> NewSigningKey {
    let seed: [u8; 32] = rand::random();
    let public_key = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
    NewSigningKey {
        kid: URL_SAFE_NO_PAD.encode(rand::random::<[u8; 12]>()),
        seed,
        public_key,
    }
}

/// The bank's keys as this server knows them.
pub(super) struct KeySet {
    confirming: HashMap<String, DecodingKey>,
    signing: Option<(String, EncodingKey)>,
    published: Value,
}

impl KeySet {
    fn of(keys: &[SigningKeyView]) -> Self {
        let mut set = Self {
            confirming: HashMap::new(),
            signing: None,
            published: Value::Null,
        };
        let mut published = Vec::new();
        for key in keys {
            let confirming = DecodingKey::from_ed_der(&key.public_key);
            set.confirming.insert(key.kid.clone(), confirming);
            if let (SigningKeyState::Current, Some(seed)) = (key.state, &key.seed) {
                let der = [PRIVATE_PREFIX.as_slice(), seed].concat();
                set.signing = Some((key.kid.clone(), EncodingKey::from_ed_der(&der)));
            }
            published.push(json!({
                "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.kid,
                "x": URL_SAFE_NO_PAD.encode(key.public_key),
            }));
        }
        set.published = json!({ "keys": published });
        set
    }
}

/// See the module.
pub(super) struct OwnTokens {
    pub(super) issuer: String,
    audience: String,
    validation: Validation,
    keys: KeyCache<KeySet>,
}

/// The claims of a demo login's token.
#[derive(Serialize, Deserialize)]
struct DemoClaims {
    iss: String,
    aud: String,
    sub: String,
    exp: i64,
    iat: i64,
    demo: bool,
}

impl OwnTokens {
    pub(super) fn new(issuer: &str, audience: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            validation: validation(&[Algorithm::EdDSA], issuer, audience),
            keys: KeyCache::new(KEPT, PAUSE, PAUSE),
        }
    }

    async fn keys(
        &self,
        has: impl Fn(&KeySet) -> bool,
        ledger: &LedgerHandle,
        now: DateTime<Utc>,
    ) -> Result<Option<Arc<KeySet>>, ApiError> {
        let fetch = || async {
            let keys = ledger.run(move |ledger| reads::signing_keys(ledger, now));
            Ok(KeySet::of(&keys.await?))
        };
        self.keys.having(has, fetch).await
    }

    /// Whether a token looks like one of ours and names its key; the key says whether it is.
    pub(super) fn names_key<'a>(&self, header: &'a Header, issuer: &str) -> Option<&'a str> {
        let typed = header.typ.as_deref() == Some(TYPE);
        let ours = typed && issuer == self.issuer && header.alg == Algorithm::EdDSA;
        header.kid.as_deref().filter(|_| ours)
    }

    /// Whom a token names; nothing where its key is none of the bank's.
    pub(super) async fn verify(
        &self,
        token: &str,
        kid: &str,
        demo: bool,
        (ledger, now): (&LedgerHandle, DateTime<Utc>),
    ) -> Result<Option<Verified<Caller>>, ApiError> {
        let has = |keys: &KeySet| keys.confirming.contains_key(kid);
        let keys = self.keys(has, ledger, now).await?;
        let Some(key) = keys.as_ref().and_then(|keys| keys.confirming.get(kid)) else {
            return Ok(None);
        };
        let checked = if demo {
            self.demo_login(token, key)
                .or_else(|_| self.client(token, key))
        } else {
            self.client(token, key)
        };
        checked.map(Some).map_err(ApiError::Unauthenticated)
    }

    fn client(&self, token: &str, key: &DecodingKey) -> Result<Verified<Caller>, TokenRefusal> {
        let claims = jsonwebtoken::decode::<ReadClaims>(token, key, &self.validation)
            .map_err(|_| TokenRefusal::Invalid)?
            .claims;
        let (from, until) = (claims.nbf.unwrap_or(claims.iat).max(claims.iat), claims.exp);
        let scopes = claims.scope.as_deref().map(known_scopes);
        let mut actor = actor(claims)?;
        actor.scopes = scopes.map_or(Scopes::All, Scopes::Only);
        let who = Caller::Client(actor);
        Ok(Verified { who, from, until })
    }

    fn demo_login(&self, token: &str, key: &DecodingKey) -> Result<Verified<Caller>, TokenRefusal> {
        let claims = jsonwebtoken::decode::<DemoClaims>(token, key, &self.validation)
            .map_err(|_| TokenRefusal::Invalid)?
            .claims;
        let login = Login::new(DEMO_ISSUER, &claims.sub).map_err(|_| TokenRefusal::Invalid)?;
        Ok(Verified {
            who: Caller::Login(login),
            from: claims.iat,
            until: claims.exp,
        })
    }

    /// Signs what a client is given; who signs, for whom and its name are set here.
    pub(super) async fn sign(
        &self,
        mut claims: TokenClaims,
        ledger: &LedgerHandle,
        now: DateTime<Utc>,
    ) -> Result<String, ApiError> {
        claims.iss.clone_from(&self.issuer);
        claims.aud.clone_from(&self.audience);
        claims.jti = Some(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()));
        self.signed(&claims, ledger, now).await
    }

    /// A token for one of the demo's people.
    pub(super) async fn sign_demo(
        &self,
        subject: &str,
        until: DateTime<Utc>,
        ledger: &LedgerHandle,
        now: DateTime<Utc>,
    ) -> Result<String, ApiError> {
        let claims = DemoClaims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: subject.to_owned(),
            exp: until.timestamp(),
            iat: now.timestamp(),
            demo: true,
        };
        self.signed(&claims, ledger, now).await
    }

    async fn signed(
        &self,
        claims: &impl Serialize,
        ledger: &LedgerHandle,
        now: DateTime<Utc>,
    ) -> Result<String, ApiError> {
        let keys = self
            .keys(|keys| keys.signing.is_some(), ledger, now)
            .await?;
        let signing = keys.as_ref().and_then(|keys| keys.signing.as_ref());
        let (kid, key) = signing.ok_or(ApiError::Internal("the bank has no signing key"))?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(kid.clone());
        jsonwebtoken::encode(&header, claims, key)
            .map_err(|_| ApiError::Internal("a token could not be signed"))
    }

    /// The public keys, as RFC 7517 writes them.
    pub(super) async fn published(
        &self,
        ledger: &LedgerHandle,
        now: DateTime<Utc>,
    ) -> Result<Value, ApiError> {
        let keys = self.keys(|_| true, ledger, now).await?;
        Ok(keys.map_or_else(|| json!({ "keys": [] }), |keys| keys.published.clone()))
    }
}

/// A scope that we do not know permits nothing.
fn known_scopes(text: &str) -> Vec<Scope> {
    text.split(' ')
        .filter_map(|word| word.parse().ok())
        .collect()
}
