//! Credentials as compact tokens. Those that are committed were made by PyJWT
//! (`../signed/make.py`).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::verified::signed;
use super::*;

fn token(header: &serde_json::Value, payload: impl AsRef<[u8]>) -> String {
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let header = part(header.to_string().as_bytes());
    format!("{header}.{}.{}", part(payload.as_ref()), part(b"signed"))
}

fn badge() -> serde_json::Value {
    json!({
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "credentialSubject": {
            "identifier": {"hashed": false, "identityType": "studentId", "identityHash": "7"},
            "achievement": {"humanCode": "C1"},
        },
        "validFrom": "2024-06-30T00:00:00Z",
    })
}

fn refused(bytes: impl AsRef<[u8]>) -> (&'static str, String) {
    let fault = TestFile::new(bytes).read().unwrap_err();
    (fault.code, fault.en)
}

#[test]
fn tokens_of_another_library_are_read_as_the_credentials_that_they_hold() {
    for (name, algorithm) in [("badge.jwt", "RS256"), ("badge-vc.jwt", "ES256")] {
        let file = TestFile::new(signed(name));
        let lines = file.read().unwrap();
        assert_eq!(
            courses(&lines),
            [course("CS-101", "passed", "2026-06-30", None)],
            "{name}"
        );
        let result = result_of(&file, &options());
        for part in [
            "signed, not verified",
            "vc-jwt",
            algorithm,
            "https://example.edu/keys/1",
        ] {
            assert!(
                result.contains(part),
                "{name}: {part} is missing in {result}"
            );
        }
        assert_comes_back(&file, &options());
    }
    let both = format!(
        "{}\r\n{}\n",
        signed("badge.jwt").trim(),
        signed("badge-vc.jwt").trim()
    );
    assert_eq!(TestFile::new(both).read().unwrap().len(), 2);
}

#[test]
fn a_token_is_read_as_its_json_would_be() {
    let header = json!({"alg": "EdDSA", "kid": "k"});
    let plain = TestFile::new(badge().to_string()).read().unwrap();
    let text = token(&header, badge().to_string());
    assert_eq!(told(&TestFile::new(&text).read().unwrap()), told(&plain));
    assert_eq!(
        told(&TestFile::new(format!("\u{FEFF}{text}\n")).read().unwrap()),
        told(&plain)
    );
    // Its own proof is told beside it, and an algorithm of none as what it is.
    let mut proven = badge();
    proven["proof"] = json!({"type": "DataIntegrityProof"});
    let file = TestFile::new(token(&json!({"alg": "none"}), proven.to_string()));
    let result = result_of(&file, &options());
    for part in ["2 个签名", "vc-jwt", "algorithm none", "DataIntegrityProof"] {
        assert!(result.contains(part), "{part} is missing in {result}");
    }
}

#[test]
fn what_is_no_token_or_a_broken_one_is_told_by_its_place() {
    let header = json!({"alg": "ES256"});
    let good = token(&header, badge().to_string());
    let no_json = token(&header, "{\"type\":");
    let nested = token(&header, "[".repeat(9_000) + &"]".repeat(9_000));
    for bad in [
        &no_json,
        &nested,
        &format!("{good}!"),
        &good[..good.len() - 1],
        "eyJh.eyJh",
    ] {
        let (code, text) = refused(format!("{good}\n{bad}\n"));
        assert_eq!(code, "FILE_DAMAGED", "{bad:.40}");
        assert!(text.contains("JWT 2"), "{text}");
    }
    // A token of another kind is no credential, and what only begins like one is a text.
    assert_eq!(refused(token(&header, "{\"sub\":\"7\"}")).0, "FILE_KIND");
    let line =
        r#"{"course_code":"C1","grade":"85","awarded_on":"2024-06-30","student_number":"7"}"#;
    assert_eq!(refused(token(&header, line)).0, "FILE_KIND");
    assert_eq!(refused("eyJhbGciOiJub25lIn0").0, "HEADER_NOT_FOUND");
    assert_eq!(refused("ewid,grade\n").0, "HEADER_NOT_FOUND");
    let large = format!("{good}\n").repeat((33 << 20) / good.len());
    assert_eq!(refused(large).0, "FILE_TOO_LARGE_UNPACKED");
}
