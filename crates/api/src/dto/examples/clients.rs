//! Programs of institutions.

use serde_json::{Value, json};

const CLIENT_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c31";
const SECRET_ID: &str = "3f1b0a52-8c44-4d7e-9a10-5b6c7d8e9f01";

pub(crate) fn client() -> Value {
    json!({
        "name": "90002 jiaowu",
        "institution": "90002",
        "roles": ["registrar"],
        "scopes": ["outcomes:write", "imports:read"],
    })
}

pub(crate) fn client_key() -> Value {
    json!({
        "jwk": {
            "kty": "OKP", "crv": "Ed25519", "kid": "2026-07",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        },
    })
}

pub(crate) fn client_view() -> Value {
    json!({
        "client_id": CLIENT_ID,
        "name": "90002 jiaowu",
        "institution": "90002",
        "roles": ["registrar"],
        "scopes": ["outcomes:write", "imports:read"],
        "active": true,
        "created_at": "2026-07-02T01:15:00Z",
        "secrets": [{
            "secret_id": SECRET_ID,
            "created_at": "2026-07-02T01:16:00Z",
            "last_used_at": "2026-07-03T00:10:00Z",
        }],
        "keys": [{
            "kid": "2026-07", "algorithm": "EdDSA", "created_at": "2026-07-02T01:20:00Z",
        }],
    })
}

pub(crate) fn client_rotated() -> Value {
    let mut rotated = client_view();
    if let Some(members) = rotated.as_object_mut() {
        let secret = "cbs_a-secret-that-the-bank-told-once";
        members.insert("secret".to_owned(), json!(secret));
    }
    rotated
}

pub(crate) fn clients_view() -> Value {
    json!({ "clients": [client_view()] })
}
