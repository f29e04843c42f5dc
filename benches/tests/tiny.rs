//! The benches at their smallest: that they still work, never how fast anything is.

use std::process::Command;

use serde_json::Value;

#[test]
fn every_part_runs_and_keeps_its_figures() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("bench.json");
    let run = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(["--tiny", "--large", "--out"])
        .arg(&kept)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    let figures: Vec<Value> = serde_json::from_slice(&std::fs::read(kept).unwrap()).unwrap();
    assert_eq!(figures.len(), 21, "{figures:#?}");
    for figure in figures {
        assert!(!figure["name"].as_str().unwrap().is_empty());
        assert!(["1/s", "us"].contains(&figure["unit"].as_str().unwrap()));
        for field in ["value", "limit", "ratio"] {
            assert!(figure[field].as_f64().unwrap() > 0.0, "{figure}");
        }
        assert!(figure["target"].as_f64().unwrap() >= 0.0, "{figure}");
    }
}
