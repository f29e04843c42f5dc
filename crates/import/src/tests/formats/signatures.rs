//! What is told of signatures: claims, whatever was done to the file, and never that one holds.

use serde_json::json;

use super::*;

/// `A certificate.` and `Another one.`, as a certificate would be enclosed.
const CERTIFICATE: &str = "QSBjZXJ0aWZpY2F0ZS4=";
const OTHER: &str = "QW5vdGhlciBvbmUu";

fn signature(algorithm: &str, reference: &str, certificate: &str) -> String {
    format!(
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>\
         <ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>\
         <ds:SignatureMethod Algorithm=\"{algorithm}\"/>{reference}</ds:SignedInfo>\
         <ds:SignatureValue>AAAA</ds:SignatureValue><ds:KeyInfo><ds:X509Data>\
         <ds:X509SubjectName>O=某大学,\n  C=CN</ds:X509SubjectName><ds:X509Certificate>\
         \n{certificate}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\
         <ds:Object><x>y</x></ds:Object></ds:Signature>"
    )
}

const WHOLE: &str = "<ds:Reference URI=\"\"><ds:DigestValue>AA==</ds:DigestValue></ds:Reference>";
const RSA: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

fn report(code: &str) -> String {
    format!(
        "<learner><identifier type=\"local\">7</identifier></learner><report>\
         <learningOpportunitySpecification><identifier type=\"local\">{code}</identifier>\
         <specifies><learningOpportunityInstance><date>2024-06-30</date>\
         <resultLabel>85</resultLabel></learningOpportunityInstance></specifies>\
         </learningOpportunitySpecification></report>"
    )
}

fn elmo(inner: &str) -> String {
    format!("<elmo>{inner}</elmo>")
}

/// What stands under 电子签名, line by line.
fn told_of(text: &str) -> Vec<String> {
    let file = TestFile::new(text);
    let result = result_of(&file, &options());
    assert!(
        !result.contains("已验证") && !result.contains("; verified"),
        "{result}"
    );
    let mut reader = csv::Reader::from_reader(result.trim_start_matches('\u{FEFF}').as_bytes());
    let headings = reader.headers().unwrap();
    let Some(at) = headings.iter().position(|it| it == "电子签名") else {
        return vec![String::new(); reader.records().count()];
    };
    let records = reader
        .records()
        .map(|record| record.unwrap()[at].to_owned());
    records.collect()
}

fn fingerprint(text: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(text))
}

#[test]
fn a_signature_is_told_by_algorithm_reach_signer_and_certificate_and_as_unverified() {
    let text = elmo(&format!(
        "{}{}",
        report("C1"),
        signature(RSA, WHOLE, CERTIFICATE)
    ));
    let told = told_of(&text);
    for part in [
        "有签名,未验证 signed, not verified",
        "algorithm rsa-sha256",
        "claims to cover the whole document",
        "claimed signer O=某大学, C=CN",
        &fingerprint("A certificate."),
    ] {
        assert!(told[0].contains(part), "{part} is missing in {told:?}");
    }
    // Whoever changes the grade leaves the signature as it was: nothing more may be said of it.
    assert_eq!(told_of(&text.replace(">85<", ">99<")), told);
    assert_eq!(told_of(&elmo(&report("C1"))), [""]);
}

#[test]
fn a_signature_of_a_part_of_several_or_of_nothing_is_told_so() {
    let part = "<ds:Reference URI=\"#wrapped\"/>";
    let of = |reference: &str| {
        told_of(&elmo(&format!(
            "{}{}",
            report("C1"),
            signature(RSA, reference, CERTIFICATE)
        )))
    };
    assert!(of(part)[0].contains("claims to cover only [#wrapped]"));
    assert!(of(&format!("{WHOLE}{part}"))[0].contains("claims to cover only [ #wrapped]"));
    assert!(of("")[0].contains("claims to cover only []"));
    assert!(of("<ds:Reference/>")[0].contains("claims to cover only [?]"));
    let both = [
        signature(RSA, WHOLE, CERTIFICATE),
        signature("urn:x#hmac-sha1", part, OTHER),
    ];
    let told = told_of(&elmo(&format!("{}{}", report("C1"), both.concat())));
    for part in [
        "2 个签名 signatures",
        "hmac-sha1",
        &fingerprint("Another one."),
    ] {
        assert!(told[0].contains(part), "{part} is missing in {told:?}");
    }
    let many = signature(RSA, WHOLE, CERTIFICATE).repeat(500);
    let told = told_of(&elmo(&format!("{}{many}", report("C1"))));
    assert!(
        told[0].contains("500 个签名") && told[0].len() < 2_000,
        "{told:?}"
    );
}

#[test]
fn what_is_no_algorithm_and_no_certificate_is_told_as_what_it_is() {
    let bare = "<Signature/>";
    assert!(told_of(&elmo(&format!("{}{bare}", report("C1"))))[0].contains("未写明 unnamed"));
    let broken = signature(RSA, WHOLE, "no base64!");
    let told = told_of(&elmo(&format!("{}{broken}", report("C1"))));
    assert!(told[0].contains("unreadable"), "{told:?}");
    let long = signature(&format!("urn:x#{}", "a".repeat(9_000)), WHOLE, "");
    assert!(told_of(&elmo(&format!("{}{long}", report("C1"))))[0].len() < 1_000);
}

#[test]
fn each_transcript_has_its_own_signature_and_that_around_all() {
    let mine = signature(RSA, WHOLE, CERTIFICATE);
    let signed = elmo(&format!("{}{mine}", report("C1")));
    let answer = |around: &str| {
        format!(
            "<tors-get-response><tor>{signed}</tor><tor>{}</tor>{around}</tors-get-response>",
            elmo(&report("C2"))
        )
    };
    let told = told_of(&answer(""));
    assert!(told[0].contains(&fingerprint("A certificate.")));
    assert_eq!(told[1], "", "nobody inherits a signature");
    let told = told_of(&answer(&signature(RSA, WHOLE, OTHER)));
    let other = fingerprint("Another one.");
    assert!(told.iter().all(|told| told.contains(&other)), "{told:?}");
    assert!(
        !told[1].contains(&fingerprint("A certificate.")),
        "{told:?}"
    );
}

#[test]
fn a_pesc_transcript_is_told_as_signed_too() {
    let one = |number: &str, signature: &str| {
        format!(
            "<CollegeTranscript><Student><Person><SchoolAssignedPersonID>{number}\
             </SchoolAssignedPersonID></Person><AcademicRecord><Course>\
             <CourseEndDate>2024-06-30</CourseEndDate><OriginalCourseID>C</OriginalCourseID>\
             <CourseAcademicGrade>A</CourseAcademicGrade></Course></AcademicRecord></Student>\
             {signature}</CollegeTranscript>"
        )
    };
    let signed = one("1", &signature(RSA, WHOLE, CERTIFICATE));
    let told = told_of(&format!("<Batch>{signed}{}</Batch>", one("2", "")));
    assert!(told[0].contains("not verified") && told[0].contains(&fingerprint("A certificate.")));
    assert_eq!(told[1], "");
}

#[test]
fn a_credential_s_proof_is_told_by_type_suite_and_key() {
    let credential = |proof: serde_json::Value| {
        json!({
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "credentialSubject": {
                "identifier": {"hashed": false, "identityType": "studentId", "identityHash": "7"},
                "achievement": {"humanCode": "C1"},
            },
            "validFrom": "2024-06-30T00:00:00Z",
            "proof": proof,
        })
        .to_string()
    };
    let one = json!({"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022",
        "verificationMethod": "https://example.edu/keys/1", "proofValue": "z1"});
    let told = told_of(&credential(one.clone()));
    for part in [
        "not verified",
        "DataIntegrityProof",
        "eddsa-rdfc-2022",
        "https://example.edu/keys/1",
    ] {
        assert!(told[0].contains(part), "{part} is missing in {told:?}");
    }
    assert!(told_of(&credential(json!([one, one])))[0].contains("2 个签名"));
    assert_eq!(told_of(&credential(json!(null))), [""]);
    assert_eq!(told_of(&credential(json!([]))), [""]);
}
