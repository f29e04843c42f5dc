//! What decides how a file is read.

use creditbank_domain::identifier::{Identifier, IdentifierKind};

use creditbank_domain::text::PersonName;

use super::*;

fn reading(mapping: Option<&str>, learner: Option<(&str, Option<&str>)>) -> [u8; 32] {
    let learner = learner.map(|(number, name)| LearnerRef::Identified {
        identifiers: Identifier::parse(
            IdentifierKind::StudentNumber,
            number,
            "2026-11-22".parse().unwrap(),
        )
        .unwrap()
        .into(),
        name: name.map(|name| PersonName::new(name).unwrap()),
    });
    let options = ImportOptions {
        mapping: mapping.map(|json| serde_json::from_str(json).unwrap()),
        learner,
        ..ImportOptions::new("a.csv", ImportMode::Post)
    };
    options.reading_sha256(&|text| format!("<{text}>")).unwrap()
}

#[test]
fn what_is_said_beside_a_file_decides_how_it_is_read_and_its_order_does_not() {
    let one = Some(r#"{"courses": {"A": "X", "B": "Y"}, "awarded_on": "2026-07-01"}"#);
    let turned = Some(r#"{"awarded_on": "2026-07-01", "courses": {"B": "Y", "A": "X"}}"#);
    assert_eq!(reading(one, None), reading(turned, None));
    let all = [
        reading(None, None),
        reading(one, None),
        reading(Some(r#"{"awarded_on": "2026-07-02"}"#), None),
        reading(None, Some(("S1", None))),
        reading(None, Some(("S2", None))),
        reading(None, Some(("S1", Some("张三")))),
        reading(one, Some(("S1", None))),
    ];
    let different: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(different.len(), all.len());
}

#[test]
fn the_digest_of_a_reading_is_made_of_the_learner_s_keyed_name() {
    let mut options = ImportOptions::new("a.csv", ImportMode::Post);
    options.learner = Some(LearnerRef::Number(
        creditbank_domain::learner_no::LearnerNo::from_random(7),
    ));
    let one = options.reading_sha256(&|_| "keyed".to_owned()).unwrap();
    options.learner = Some(LearnerRef::Number(
        creditbank_domain::learner_no::LearnerNo::from_random(8),
    ));
    // The digest knows of the learner nothing but what the key makes of it.
    assert_eq!(
        options.reading_sha256(&|_| "keyed".to_owned()).unwrap(),
        one
    );
    assert_ne!(
        options.reading_sha256(&|_| "other".to_owned()).unwrap(),
        one
    );
}

#[test]
fn a_file_s_digest_is_that_of_its_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    let bytes = vec![7_u8; (64 << 10) + 3];
    std::fs::write(&path, &bytes).unwrap();
    let expected: [u8; 32] = Sha256::digest(&bytes).into();
    assert_eq!(sha256_of(&path).unwrap(), expected);
}
