//! Credentials as compact tokens (`vc-jwt`): one a line, read as if each were the JSON inside.
//!
//! The signature is told as the claim that it is, like every proof: nobody has named the keys of
//! those who sign credentials.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use creditbank_domain::fault::Fault;
use serde_json::{Map, Value, json};

use crate::faults;
use crate::input::Input;
use crate::limits::PACKED_BYTES_MAX;

/// `{"` and `{` with a blank or a line end, in Base64.
const STARTS: [&str; 3] = ["eyJ", "eyA", "ewo"];
const SAMPLE_BYTES: u64 = 512;

/// The credentials in a file of tokens, one a line; `None` where it is no such file.
pub(crate) fn unpacked(input: &Input) -> Result<Option<Input>, Fault> {
    let unreadable = |reason| faults::file_unreadable(&reason);
    let mut file = input.open().map_err(unreadable)?;
    let mut text = Vec::new();
    file.by_ref()
        .take(SAMPLE_BYTES)
        .read_to_end(&mut text)
        .map_err(unreadable)?;
    if !looks_like_tokens(&text) {
        return Ok(None);
    }
    let room = PACKED_BYTES_MAX.saturating_add(1);
    file.take(room).read_to_end(&mut text).map_err(unreadable)?;
    let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
    let Ok(text) = std::str::from_utf8(&text) else {
        return Ok(None);
    };
    let tokens = text.trim_start_matches('\u{FEFF}').split_ascii_whitespace();
    if tokens.clone().next().and_then(header_of).is_none() {
        return Ok(None);
    }
    if bytes > PACKED_BYTES_MAX {
        return Err(faults::unpacked_too_large(
            &format!("JWT 文件最多 {PACKED_BYTES_MAX} 字节"),
            &format!("at most {PACKED_BYTES_MAX} bytes of tokens are taken"),
        ));
    }
    let mut octets = Vec::new();
    for (nth, token) in tokens.enumerate() {
        let damaged = || faults::file_damaged(&format!("JWT {}", nth + 1));
        let credential = credential_of(token).ok_or_else(damaged)?;
        serde_json::to_writer(&mut octets, &credential).map_err(|_| damaged())?;
        octets.push(b'\n');
    }
    Ok(Some(input.holding(octets)))
}

fn looks_like_tokens(start: &[u8]) -> bool {
    let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
    let text = text.trim_ascii_start();
    let of_it = |byte: &u8| {
        byte.is_ascii_alphanumeric() || b"-_.".contains(byte) || byte.is_ascii_whitespace()
    };
    STARTS.iter().any(|it| text.starts_with(it.as_bytes())) && text.iter().all(of_it)
}

/// The header of a token with its three parts.
fn header_of(token: &str) -> Option<Map<String, Value>> {
    let mut parts = token.split('.');
    let header = object_of(parts.next()?)?;
    let rest = parts.count();
    (rest == 2 && header.get("alg").is_some_and(Value::is_string)).then_some(header)
}

/// The credential in a token, with a proof that says by what it claims to be signed.
fn credential_of(token: &str) -> Option<Value> {
    let header = header_of(token)?;
    let (_, rest) = token.split_once('.')?;
    let (payload, signature) = rest.split_once('.')?;
    URL_SAFE_NO_PAD.decode(signature).ok()?;
    let mut claims = object_of(payload)?;
    let not_before = claims.get("nbf").and_then(Value::as_i64);
    // Of the first data model the credential is a claim, of the second it is the payload.
    let mut credential = match claims.remove("vc") {
        Some(Value::Object(inner)) => inner,
        _ => claims,
    };
    let days = ["awardedDate", "validFrom", "issuanceDate"];
    let day = not_before.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    if let (Some(day), false) = (day, days.iter().any(|it| credential.contains_key(*it))) {
        credential.insert("validFrom".to_owned(), json!(day.to_rfc3339()));
    }
    let mut proofs = vec![json!({
        "type": "vc-jwt",
        "cryptosuite": header.get("alg"),
        "verificationMethod": header.get("kid"),
    })];
    match credential.remove("proof") {
        Some(Value::Array(more)) => proofs.extend(more),
        Some(one) if !one.is_null() => proofs.push(one),
        _ => {}
    }
    credential.insert("proof".to_owned(), Value::Array(proofs));
    Some(Value::Object(credential))
}

fn object_of(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
