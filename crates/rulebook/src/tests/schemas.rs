use serde_json::Value;

use super::{GOOD, good, with};
use crate::{canonical_json, parse, schema};

fn of_schema(text: &str) -> bool {
    let json: Value = serde_json::from_str(text).unwrap();
    jsonschema::validator_for(&schema())
        .unwrap()
        .is_valid(&json)
}

/// The committed schema is written again by `UPDATE_SCHEMA=1 cargo test -p creditbank-rulebook`.
#[test]
fn the_committed_schema_is_this_one() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/rule-set.schema.json"
    );
    let now = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    if option_env!("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert_eq!(committed, now, "write it again with UPDATE_SCHEMA=1");
}

#[test]
fn a_document_of_everything_is_of_the_schema() {
    assert!(of_schema(&canonical_json(&good())));
    assert!(jsonschema::meta::is_valid(&schema()));
}

/// What the schema refuses, reading refuses too: whoever holds to the schema is never surprised
/// the other way round by its shape.
#[test]
fn what_the_schema_refuses_is_not_read_either() {
    let json = canonical_json(&good());
    for (piece, other) in [
        ("\"format\":1", "\"format\":2"),
        ("\"code\":\"R-T\",", ""),
        ("\"people\":2", "\"people\":1"),
        ("\"shape\":\"programme\"", "\"shape\":\"program\""),
        ("\"unit\":\"hour\"", "\"unit\":\"hours\""),
        ("\"begins\":[\"03-01\"],", ""),
        (
            "\"most\":{\"percent\":\"35.00\"}",
            "\"least\":{\"percent\":\"35.00\"}",
        ),
        ("\"percent\":\"35.00\"", "\"percent\":\"35.005\""),
        ("\"rounding\":\"half_up\",", ""),
        ("\"ratio\":\"1/16\"", "\"ratio\":\"1/16\",\"credits\":\"1\""),
        ("\"minimum_grade\"", "\"minimal_grade\""),
        ("\"needed\":2", "\"needed\":0"),
        ("\"total\":\"6.00\",", ""),
        ("\"95001/A\"", "\"95001\""),
    ] {
        assert!(json.contains(piece), "{piece}");
        let text = json.replacen(piece, other, 1);
        assert!(!of_schema(&text), "{other} is of the schema");
        assert!(parse(text.as_bytes()).is_err(), "{other} was read");
    }
}

#[test]
fn numbers_and_texts_are_both_of_the_schema() {
    let json = canonical_json(&good());
    let numbers = json
        .replace("\"3.50\"", "3.5")
        .replace("\"90002\"", "90002");
    assert!(of_schema(&numbers));
    assert_eq!(parse(numbers.as_bytes()), Ok(good()));
    assert_eq!(
        parse(with("\"90002\"", "90002").as_bytes()),
        parse(GOOD.as_bytes())
    );
}
