//! People who sign in: known logins, memberships, and tokens of a provider that the test plays.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use creditbank_api::{Authentication, ProviderLimits, ProviderSettings, new_signing_key};
use creditbank_domain::authz::Role;
use creditbank_domain::ids::PersonId;
use creditbank_domain::person::Login;
use creditbank_domain::text::PersonName;
use creditbank_ledger::flows::{NewMembership, NewSigningKey, add_person, give_membership};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::bank::TestBank;
use crate::rules::keeper;
use crate::tokens::{AUDIENCE, ISSUER};
use crate::world::code;

/// For whom a provider's tokens have to be.
pub const PROVIDER_AUDIENCE: &str = "https://bank.test";

/// The API's side of providers at these addresses on loopback.
///
/// # Panics
/// Where one cannot be set so.
#[must_use]
pub fn believing(issuers: &[&str], algorithms: &[&str]) -> Authentication {
    let settings: Vec<ProviderSettings> = issuers
        .iter()
        .map(|issuer| ProviderSettings {
            issuer: (*issuer).to_owned(),
            audience: PROVIDER_AUDIENCE.to_owned(),
            algorithms: algorithms.iter().map(|&it| it.to_owned()).collect(),
            token_types: vec!["at+jwt".to_owned()],
        })
        .collect();
    let limits = ProviderLimits {
        pause: Duration::from_millis(50),
        loopback: true,
    };
    Authentication::new(ISSUER, AUDIENCE)
        .with_providers(&settings, limits)
        .unwrap()
}

impl TestBank {
    /// Makes a person known by a login.
    ///
    /// # Panics
    /// Where the ledger refuses.
    #[must_use]
    pub fn person(&self, issuer: &str, subject: &str) -> PersonId {
        let name = PersonName::new("赵秘书").unwrap();
        let login = Login::new(issuer, subject).unwrap();
        add_person(self.ledger(), &keeper(), &name, Some(&login), self.now()).unwrap()
    }

    /// Gives a person a role, at an institution or at the bank itself, since ever.
    ///
    /// # Panics
    /// Where the ledger refuses.
    pub fn give(&self, person: PersonId, institution: Option<&str>, role: Role) {
        let membership = NewMembership {
            person,
            institution: institution.map(code),
            roles: vec![role],
            from: DateTime::UNIX_EPOCH,
            until: None,
        };
        give_membership(self.ledger(), &keeper(), &membership, self.now()).unwrap();
    }
}

/// What a played provider answers.
#[derive(Debug, Clone)]
pub struct Played {
    /// At the discovery address.
    pub discovery: Value,
    /// At the address of its keys.
    pub keys: Value,
}

/// An identity provider that a test plays on loopback.
#[derive(Debug)]
pub struct FakeProvider {
    /// Its name.
    pub issuer: String,
    key: Mutex<NewSigningKey>,
    played: Arc<Mutex<Played>>,
    asked: Arc<AtomicUsize>,
}

impl FakeProvider {
    /// Serves discovery and one Ed25519 key until the test ends.
    ///
    /// # Panics
    /// Where it cannot listen.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let key = new_signing_key();
        let played = Arc::new(Mutex::new(Played {
            discovery: json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/keys") }),
            keys: json!({ "keys": [jwk(&key)] }),
        }));
        let asked = Arc::new(AtomicUsize::new(0));
        let (answers, count) = (Arc::clone(&played), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                count.fetch_add(1, Ordering::Relaxed);
                let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
                let first = lines.next().unwrap_or_default();
                // The head ends with an empty line.
                let _ = lines.find(String::is_empty);
                let played = answers.lock().unwrap().clone();
                let body = if first.contains("openid-configuration") {
                    played.discovery.to_string()
                } else {
                    played.keys.to_string()
                };
                let _ = write!(
                    &stream,
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                     content-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
            }
        });
        Self {
            issuer,
            key: Mutex::new(key),
            played,
            asked,
        }
    }

    /// How often it was asked anything.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Changes what it answers.
    ///
    /// # Panics
    /// Never.
    pub fn play(&self, change: impl FnOnce(&mut Played)) {
        change(&mut self.played.lock().unwrap());
    }

    /// Signs with a fresh key from now on, and publishes that one only.
    ///
    /// # Panics
    /// Never.
    pub fn rotate(&self) {
        let key = new_signing_key();
        self.play(|played| played.keys = json!({ "keys": [jwk(&key)] }));
        *self.key.lock().unwrap() = key;
    }

    /// The claims of somebody who signed in a moment ago, to be changed by attackers.
    #[must_use]
    pub fn claims(&self, subject: &str, now: DateTime<Utc>) -> Value {
        json!({
            "iss": self.issuer, "aud": PROVIDER_AUDIENCE, "sub": subject,
            "iat": now.timestamp(), "exp": now.timestamp() + 600,
        })
    }

    /// Signs claims with its key.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn signed(&self, claims: &Value) -> String {
        self.signed_as("at+jwt", claims)
    }

    /// The same under another `typ`.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn signed_as(&self, kind: &str, claims: &Value) -> String {
        let key = self.key.lock().unwrap();
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(kind.to_owned());
        header.kid = Some(key.kid.clone());
        encode(&header, claims, &signing(&key.seed)).unwrap()
    }

    /// A token of somebody who signed in a moment ago.
    #[must_use]
    pub fn token(&self, subject: &str, now: DateTime<Utc>) -> String {
        self.signed(&self.claims(subject, now))
    }

    /// The name of its key.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn kid(&self) -> String {
        self.key.lock().unwrap().kid.clone()
    }
}

/// RFC 8410: an Ed25519 private key as PKCS #8.
#[must_use]
pub fn signing(seed: &[u8; 32]) -> EncodingKey {
    let prefix = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    EncodingKey::from_ed_der(&[prefix.as_slice(), seed].concat())
}

/// The public key as RFC 7517 writes it.
///
/// # Panics
/// Never.
#[must_use]
pub fn jwk(key: &NewSigningKey) -> Value {
    use base64::Engine as _;
    let x = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(key.public_key);
    json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.kid, "x": x })
}
