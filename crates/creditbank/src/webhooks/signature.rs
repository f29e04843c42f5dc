//! Signatures after Standard Webhooks, symmetric (`v1`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The value of `webhook-signature`: one signature for each key, with spaces between.
pub(super) fn signatures<'a>(
    keys: impl IntoIterator<Item = &'a [u8]>,
    (id, timestamp): (&str, i64),
    body: &[u8],
) -> String {
    let signed: Vec<String> = keys
        .into_iter()
        .map(|key| format!("v1,{}", STANDARD.encode(mac(key, (id, timestamp), body))))
        .collect();
    signed.join(" ")
}

fn mac(key: &[u8], (id, timestamp): (&str, i64), body: &[u8]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("any key length");
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of the libraries of standard-webhooks.
    #[test]
    fn a_signature_is_that_of_the_published_vector() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let message = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330);
        let body = br#"{"test": 2432232314}"#;
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signatures([key.as_slice()], message, body), expected);
        let two = signatures([key.as_slice(), b"other"], message, body);
        assert_eq!(two.split(' ').count(), 2);
        assert!(two.starts_with(expected));
        let later = (message.0, message.1 + 1);
        assert_ne!(signatures([key.as_slice()], later, body), expected);
    }
}
