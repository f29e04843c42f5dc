//! The `Idempotency-Key` header and the fingerprint of a request.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use creditbank_domain::authz::{Action, Grant};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{ClientId, PersonId};
use creditbank_ledger::IdempotencyClaim;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use utoipa::IntoParams;

use crate::auth::TokenRefusal;
use crate::problem::ApiError;

const NAME: &str = "Idempotency-Key";
const CHARACTERS_MAX: usize = 255;

/// The header, for the document.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header that IdempotencyKey reads")]
pub(crate) struct IdempotencyHeader {
    /// A name of your own for this request, fresh for each new one: 1 to 255 visible ASCII
    /// characters, bare or as a quoted string. The same key with the same body answers as the
    /// first time, with `Idempotency-Replayed: true`.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 257)]
    #[serde(rename = "Idempotency-Key")]
    idempotency_key: String,
}

/// The client's name for this request, and the address that it was sent to.
pub(crate) struct IdempotencyKey {
    key: String,
    method: String,
    path: String,
}

impl FromRequest for IdempotencyKey {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).map_err(|fault| ApiError::header(NAME, fault)))
    }
}

impl IdempotencyKey {
    fn of(request: &HttpRequest) -> Result<Self, Fault> {
        let mut values = request.headers().get_all(NAME);
        let value = values.next().ok_or_else(missing)?;
        if values.next().is_some() {
            return Err(malformed());
        }
        let key = value.to_str().ok().and_then(parse).ok_or_else(malformed)?;
        let path = request.path().to_owned();
        Ok(Self {
            key,
            method: request.method().to_string(),
            path,
        })
    }

    /// Binds the key to the caller, the route and everything that was asked.
    pub(crate) fn claim<A: Action>(
        self,
        grant: &Grant<A>,
        route: &'static str,
        body: &Value,
    ) -> Result<IdempotencyClaim, ApiError> {
        let unknown = ApiError::Unauthenticated(TokenRefusal::UnknownClient);
        // Who is signed in has a key space of their own, as a program has.
        let person = grant.actor().person.map(PersonId::as_uuid);
        let client = grant.actor().client.map(ClientId::as_uuid).or(person);
        let client = client.map(ClientId::from_uuid).ok_or(unknown)?;
        let fingerprint = fingerprint(&self.method, &self.path, body);
        Ok(IdempotencyClaim {
            client,
            route,
            key: self.key,
            fingerprint,
        })
    }
}

fn missing() -> Fault {
    Fault::new(
        "IDEMPOTENCY_KEY_MISSING",
        "请在 Idempotency-Key 请求头中为本次请求命名",
        "name this request in the Idempotency-Key header",
    )
}

fn malformed() -> Fault {
    Fault::new(
        "IDEMPOTENCY_KEY_MALFORMED",
        format!("Idempotency-Key 应为 1 到 {CHARACTERS_MAX} 个可见 ASCII 字符"),
        format!("an idempotency key is 1 to {CHARACTERS_MAX} visible ASCII characters"),
    )
}

/// Bare, or a structured-field string (RFC 9651) in quotes; both name the same key.
fn parse(header: &str) -> Option<String> {
    let text = header.trim();
    let key = match text.strip_prefix('"') {
        None => text.to_owned(),
        Some(quoted) => unescape(quoted.strip_suffix('"')?)?,
    };
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    (visible && (1..=CHARACTERS_MAX).contains(&key.len())).then_some(key)
}

fn unescape(quoted: &str) -> Option<String> {
    let mut key = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return None,
            '\\' => key.push(
                characters
                    .next()
                    .filter(|next| matches!(next, '"' | '\\'))?,
            ),
            other => key.push(other),
        }
    }
    Some(key)
}

fn fingerprint(method: &str, path: &str, body: &Value) -> [u8; 32] {
    let mut canonical = format!("{method}\n{path}\n");
    write_canonical(body, &mut canonical);
    Sha256::digest(canonical.as_bytes()).into()
}

/// JSON without white space, members sorted: how a client lays a body out changes nothing.
fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Array(elements) => {
            out.push('[');
            for element in elements {
                write_canonical(element, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (name, member) in members {
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write_canonical(member, out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&value.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_is_the_same_bare_and_quoted() {
        assert_eq!(parse("k-1").as_deref(), Some("k-1"));
        assert_eq!(parse(r#""k-1""#).as_deref(), Some("k-1"));
        assert_eq!(parse(r#""a\"b\\c""#).as_deref(), Some(r#"a"b\c"#));
        let longest = "x".repeat(255);
        assert_eq!(parse(&longest), Some(longest.clone()));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let long = "x".repeat(256);
        for text in [
            "", " ", r#""""#, r#"""#, r#""a"#, r#""a"b""#, r#""\x""#, "a b", "é", &long,
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_fingerprint_knows_content_not_layout() {
        let of = |path: &str, text: &str| {
            fingerprint("POST", path, &serde_json::from_str(text).unwrap())
        };
        let one = of(
            "/v1/outcomes",
            r#"{"a": [1, {"x": "é", "y": null}], "b": true}"#,
        );
        let same = of(
            "/v1/outcomes",
            r#"{"b":true,"a":[1,{"y":null,"x":"\u00e9"}]}"#,
        );
        assert_eq!(one, same);
        let other = of("/v1/outcomes", r#"{"b":true,"a":[{"y":null,"x":"é"},1]}"#);
        assert_ne!(one, other);
        assert_ne!(
            one,
            of("/v1/other", r#"{"b":true,"a":[1,{"y":null,"x":"é"}]}"#)
        );
        let number = fingerprint("POST", "/", &json!({"a": 1}));
        assert_ne!(number, fingerprint("POST", "/", &json!({"a": "1"})));
    }

    proptest! {
        #[test]
        fn each_key_is_one_bare_and_quoted_and_whatever_is_read_is_a_key(
            key in "[!-~]{1,255}", text in any::<String>(), near in r#"["\\ -~]{0,12}"#,
        ) {
            let quoted = format!("\"{}\"", key.replace('\\', r"\\").replace('"', r#"\""#));
            prop_assert_eq!(parse(&quoted), Some(key.clone()));
            if !key.starts_with('"') {
                prop_assert_eq!(parse(&key), Some(key));
            }
            for read in [parse(&text), parse(&near)].into_iter().flatten() {
                prop_assert!((1..=CHARACTERS_MAX).contains(&read.len()));
                prop_assert!(read.bytes().all(|byte| byte.is_ascii_graphic()));
            }
        }
    }
}
