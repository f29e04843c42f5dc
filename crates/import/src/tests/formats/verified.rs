//! Signatures that are verified, and every way in which one is not. The documents are signed by
//! other implementations (`../signed/make.py`).

use std::path::Path;

use chrono::{DateTime, Utc};

use super::*;
use crate::input::Input;
use crate::transcript::Transcript;
use crate::trust::{Trust, TrustedSenders};

mod attacks;

/// Where what was signed lies.
fn place(name: &str) -> PathBuf {
    let signed = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/signed");
    signed.join(name)
}

pub(super) fn signed(name: &str) -> String {
    std::fs::read_to_string(place(name)).unwrap()
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// All that were made but `other` are trusted, in 2026.
fn trust_at(at: &str) -> Trust {
    let names = ["rsa", "p256", "p384", "short", "expired"];
    let read = |name| TrustedSenders::read(&place(&format!("{name}.pem"))).unwrap();
    let senders: Vec<_> = names.into_iter().map(read).collect();
    let all = senders.iter().flat_map(TrustedSenders::iter);
    Trust::of(all.map(|sender| sender.sha256).collect(), moment(at))
}

/// The verdict to be noted, and every row as text.
pub(super) struct Seen {
    reason: Option<String>,
    certificate: Option<[u8; 32]>,
    rows: Vec<String>,
}

impl Seen {
    /// What is told beside the first line.
    fn told(&self) -> &str {
        &self.rows[1]
    }

    pub(super) fn is_verified(&self) -> bool {
        let verified = self.reason.is_none();
        for row in &self.rows[1..] {
            let told = row.contains("签名已验证 signature verified");
            assert_eq!(told, verified, "{row}");
            assert!(!verified || !row.contains("not verified"), "{row}");
        }
        verified
    }
}

fn seen_by(text: impl AsRef<[u8]>, trust: Trust) -> Seen {
    let file = TestFile::new(text);
    let input = Input::of(&file.path).trusting(trust);
    let mut transcript = Transcript::open_input(&input, None, &mut |_| None).unwrap();
    let found = transcript.table.signature().expect("it is signed");
    let mut rows = Vec::new();
    transcript
        .for_each_row(&mut |row, _| {
            let cells: Vec<_> = row.cells().iter().map(|it| it.shown().to_owned()).collect();
            rows.push(cells.join(" | "));
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    Seen {
        reason: found.reason,
        certificate: found.certificate_sha256,
        rows,
    }
}

pub(super) fn seen(text: impl AsRef<[u8]>) -> Seen {
    seen_by(text, trust_at("2026-11-22T09:00:00Z"))
}

/// Why it is not verified.
fn why(text: impl AsRef<[u8]>) -> String {
    let seen = seen(text);
    assert!(!seen.is_verified());
    seen.reason.unwrap()
}

/// The document with one thing changed, which must be there.
fn changed(name: &str, from: &str, to: &str) -> String {
    let text = signed(name);
    assert!(text.contains(from), "{name} has no {from}");
    text.replacen(from, to, 1)
}

#[test]
fn what_other_implementations_signed_is_verified_in_every_form_that_is_taken() {
    for name in [
        "exclusive.xml",
        "exclusive-comments.xml",
        "inclusive.xml",
        "inclusive-comments.xml",
        "inclusive11.xml",
        "usual.xml",
        "prefixes.xml",
        "rsa-sha512.xml",
        "p256.xml",
        "p384.xml",
        "by-id.xml",
        "signxml.xml",
        "ewp.xml",
    ] {
        let seen = seen(signed(name));
        assert!(seen.is_verified(), "{name}: {:?}", seen.reason);
        let line = seen.told();
        for part in [
            "某大学",
            "SHA-256",
            "20240007",
            "张甲三",
            "数据结构 <A&B>",
            "85",
            "2026-06-30",
        ] {
            assert!(line.contains(part), "{name}: {part} is missing in {line}");
        }
    }
    assert!(seen(signed("pesc.xml")).is_verified());
}

#[test]
fn what_is_read_of_a_verified_document_is_what_is_read_of_the_file() {
    for name in [
        "exclusive.xml",
        "inclusive.xml",
        "by-id.xml",
        "ewp.xml",
        "pesc.xml",
    ] {
        let verified = seen(signed(name)).rows;
        let plain = seen_by(signed(name), Trust::default()).rows;
        let without_signature = |rows: &[String]| -> Vec<String> {
            let cells = rows.iter().map(|row| row.rsplit_once(" | ").unwrap().0);
            cells.map(str::to_owned).collect()
        };
        assert_eq!(
            without_signature(&verified),
            without_signature(&plain),
            "{name}"
        );
    }
}

#[test]
fn each_form_that_is_not_relied_upon_has_its_own_reason() {
    for (name, expected) in [
        ("sha1-digest.xml", "SIGNATURE_ALGORITHM"),
        ("rsa-sha1.xml", "SIGNATURE_ALGORITHM"),
        ("hmac.xml", "CERTIFICATE_NOT_ENCLOSED"),
        ("short-key.xml", "SIGNATURE_KEY"),
        ("expired.xml", "CERTIFICATE_NOT_VALID_THEN"),
        ("unknown.xml", "SIGNER_UNKNOWN"),
        ("foreign-certificate.xml", "SIGNATURE_WRONG"),
        ("key-value.xml", "CERTIFICATE_NOT_ENCLOSED"),
        ("part.xml", "SIGNATURE_OF_A_PART"),
        ("two-references.xml", "SIGNATURE_REFERENCES"),
        ("xpath.xml", "SIGNATURE_TRANSFORM"),
        ("inner.xml", "SIGNATURE_NOT_IN_ROOT"),
        ("detached.xml", "SIGNATURE_TRANSFORM"),
    ] {
        assert_eq!(why(signed(name)), expected, "{name}");
    }
    // A key that both sides know is nobody's signature, whatever certificate lies beside it.
    let certificate = signed("exclusive.xml");
    let from = certificate.find("<ds:X509Data>").unwrap();
    let until = certificate.find("</ds:X509Data>").unwrap() + "</ds:X509Data>".len();
    let beside = changed("hmac.xml", "<ds:KeyName/>", &certificate[from..until]);
    assert_eq!(why(beside), "SIGNATURE_ALGORITHM");
}

#[test]
fn trust_is_in_what_the_operator_named_and_in_its_time() {
    let text = signed("exclusive.xml");
    let sha256 = seen(&text).certificate.unwrap();
    let stranger = seen_by(&text, Trust::default());
    assert_eq!(stranger.reason.as_deref(), Some("SIGNER_UNKNOWN"));
    assert_eq!(stranger.certificate, None);
    // So that it can be compared with the sender's, and added.
    assert!(stranger.told().contains(&hex::encode(sha256)));
    assert!(
        stranger
            .told()
            .contains("signer not among those the operator trusts")
    );
    let early = seen_by(&text, trust_at("2019-12-31T23:59:59Z"));
    assert_eq!(early.reason.as_deref(), Some("CERTIFICATE_NOT_VALID_THEN"));
    let expired = signed("expired.xml");
    assert!(seen_by(&expired, trust_at("2024-12-31T23:59:59Z")).is_verified());
    assert!(!seen_by(&expired, trust_at("2025-01-01T00:00:01Z")).is_verified());
}

#[test]
fn what_is_too_large_to_be_verified_is_read_and_told_with_the_figure() {
    let blanks = " ".repeat(8 << 20);
    let seen_of = |inside: &str| seen(changed("exclusive.xml", "\n</elmo>", inside));
    let large = seen_of(&format!("{blanks}</elmo>"));
    assert_eq!(large.reason.as_deref(), Some("SIGNED_DOCUMENT_TOO_LARGE"));
    assert!(large.told().contains("at most 8388608 are verified"));
    let many = seen_of(&format!("{}</elmo>", "<!---->".repeat(200_000)));
    assert_eq!(many.reason.as_deref(), Some("SIGNED_DOCUMENT_TOO_LARGE"));
    assert!(many.told().contains("pieces of markup"), "{}", many.told());
    // As many as are taken, and changed at that.
    let some = seen_of(&format!("{}\n</elmo>", "<!---->".repeat(190_000)));
    assert!(some.is_verified(), "comments are no part of what is signed");
}

#[test]
fn a_place_of_certificates_is_a_file_or_a_directory_and_never_half_of_one() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let [rsa, p256] = ["rsa.pem", "p256.pem"].map(signed);
    std::fs::write(at("both.pem"), format!("{rsa}{p256}")).unwrap();
    std::fs::write(at("README"), "not one of them").unwrap();
    let both = TrustedSenders::read(directory.path()).unwrap();
    assert_eq!(both, TrustedSenders::read(&at("both.pem")).unwrap());
    let told: Vec<_> = both.iter().map(|it| it.subject.clone()).collect();
    assert_eq!(told, ["CN=rsa,O=某大学,C=CN", "CN=p256,O=某大学,C=CN"]);
    std::fs::write(at("broken.crt"), rsa.replace('A', "!")).unwrap();
    let fault = TrustedSenders::read(directory.path()).unwrap_err();
    assert_eq!(fault.code, "TRUSTED_CERTIFICATES");
    assert!(fault.en.contains("broken.crt"), "{}", fault.en);
    std::fs::write(at("broken.crt"), "").unwrap();
    assert!(TrustedSenders::read(directory.path()).is_err());
    let key = rsa.replace("CERTIFICATE", "PRIVATE KEY");
    std::fs::write(at("broken.crt"), key).unwrap();
    assert!(TrustedSenders::read(directory.path()).is_err());
    assert!(TrustedSenders::read(&at("nowhere.pem")).is_err());
}
