//! The rule packs of the repository: read, sound, clean, and deciding what they claim.

use std::collections::BTreeMap;
use std::path::Path;

use crate::{
    LintContext, RuleDocument, canonical_json, export, lint, may_be_approved, parse, run_tests,
    schema,
};
use chrono::NaiveDate;

fn packs() -> BTreeMap<String, RuleDocument> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/rules");
    let files = std::fs::read_dir(folder).unwrap();
    let packs: BTreeMap<_, _> = files
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let document = parse(&std::fs::read(&path).unwrap());
            let document = document.unwrap_or_else(|faults| {
                let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
                panic!("{name}:\n{}", faults.join("\n"))
            });
            (name, document)
        })
        .collect();
    assert!(packs.len() >= 7, "{:?}", packs.keys());
    packs
}

fn context() -> LintContext {
    LintContext {
        today: NaiveDate::from_ymd_opt(2026, 1, 1).unwrap(),
        others: Vec::new(),
        rivals: Vec::new(),
    }
}

#[test]
fn every_pack_decides_what_its_tests_claim() {
    for (name, pack) in packs() {
        let trials = run_tests(&pack).unwrap();
        assert!(trials.len() >= 3, "{name} has {} tests", trials.len());
        let faults: Vec<String> = trials
            .iter()
            .flat_map(|trial| trial.faults.iter().map(ToString::to_string))
            .collect();
        assert!(faults.is_empty(), "{name}:\n{}", faults.join("\n"));
    }
}

#[test]
fn every_pack_is_clean_and_fit_to_be_approved() {
    for (name, pack) in packs() {
        let findings: Vec<String> = lint(&pack, &context())
            .iter()
            .map(|finding| finding.fault.to_string())
            .collect();
        assert!(findings.is_empty(), "{name}:\n{}", findings.join("\n"));
        assert_eq!(may_be_approved(&pack, &context()), Ok(()), "{name}");
    }
}

#[test]
fn every_pack_says_where_its_figures_come_from() {
    for (name, pack) in packs() {
        assert!(pack.source.is_some(), "{name}");
        assert!(pack.example, "{name} claims first-hand figures");
    }
}

#[test]
fn every_pack_survives_being_written_and_read() {
    for (name, pack) in packs() {
        let yaml = export(&pack);
        assert_eq!(parse(yaml.as_bytes()).as_ref(), Ok(&pack), "{name}\n{yaml}");
        let json = canonical_json(&pack);
        let again = parse(json.as_bytes()).unwrap();
        assert_eq!(again.checksum(), pack.checksum(), "{name}");
    }
}

#[test]
fn two_packs_are_two_and_are_known_by_their_checksums() {
    let packs = packs();
    let sums: std::collections::BTreeSet<String> =
        packs.values().map(|it| it.checksum().to_string()).collect();
    assert_eq!(sums.len(), packs.len());
    assert!(sums.iter().all(|sum| sum.len() == 64));
}

#[test]
fn every_pack_is_of_the_published_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for (name, pack) in packs() {
        let json: serde_json::Value = serde_json::from_str(&canonical_json(&pack)).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&json)
            .map(|error| format!("{} {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{name}:\n{}", errors.join("\n"));
    }
}

#[test]
fn the_example_of_the_guide_is_true() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/RULES.md");
    let guide = std::fs::read_to_string(path).unwrap();
    let example = guide.split("```yaml\n").nth(1).unwrap();
    let document = super::read(example.split("```").next().unwrap());
    assert_eq!(lint(&document, &super::context()), []);
    assert_eq!(may_be_approved(&document, &super::context()), Ok(()));
}
