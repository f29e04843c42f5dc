//! Spectral and Redocly, of the lock file in `tests/contract`, find nothing in the document.

use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("contract")
}

/// What a tool says of a document, and whether it was content.
fn run(tool: &str, arguments: &[&str], document: &Path) -> (bool, String) {
    let program = folder().join("node_modules/.bin").join(tool);
    assert!(
        program.is_file(),
        "{tool} is not installed: run scripts/setup.sh test"
    );
    let ended = Command::new("node")
        .arg(program)
        .args(arguments)
        .arg(document)
        .current_dir(folder())
        // Nothing is asked for or told outside.
        .envs([
            ("REDOCLY_TELEMETRY", "off"),
            ("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true"),
        ])
        .output()
        .unwrap();
    let said = [ended.stdout, ended.stderr].concat();
    (
        ended.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

fn spectral(document: &Path) -> (bool, String) {
    let arguments = [
        "lint",
        "--ruleset",
        "spectral.yaml",
        "--fail-severity",
        "hint",
    ];
    run("spectral", &arguments, document)
}

fn redocly(document: &Path) -> (bool, String) {
    run("redocly", &["lint", "--config", "redocly.yaml"], document)
}

#[test]
fn two_linters_find_nothing_in_the_committed_document() {
    let document = folder().join("../../openapi/openapi.json");
    for (tool, (content, said)) in [
        ("spectral", spectral(&document)),
        ("redocly", redocly(&document)),
    ] {
        assert!(content, "{tool}:\n{said}");
    }
}

#[test]
fn both_linters_see_a_fault_that_is_planted() {
    let home = tempfile::tempdir().unwrap();
    let document = home.path().join("openapi.json");
    let mut broken = kit::contract::document().clone();
    broken["paths"]["/v1/events"]["get"]["tags"] = serde_json::json!(["nowhere"]);
    std::fs::write(&document, broken.to_string()).unwrap();
    for (content, said) in [spectral(&document), redocly(&document)] {
        assert!(!content && said.contains("tag"), "{said}");
    }
}
