//! The whole demo as a person runs it: the built binary on an empty directory, then again.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

fn demo(directory: &Path) -> anyhow::Result<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_creditbank"))
        .args(["demo", "--once", "--json", "--data-dir"])
        .arg(directory)
        .env_remove("DATABASE_URL")
        .env_remove("CREDITBANK_IDENTITY_KEY")
        .output()?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{:?}: {complaint}", output.status);
    serde_json::from_slice(&output.stdout).context("one JSON object on standard output")
}

fn import(file: &str, read: u64, posted: u64, already_posted: u64) -> Value {
    let rejected = read - posted - already_posted;
    json!({"file": file, "read": read, "posted": posted, "already_posted": already_posted,
           "rejected": rejected})
}

#[test]
fn the_demo_run_twice_posts_once_and_answers_the_same() {
    let home = tempfile::Builder::new()
        .prefix("creditbank-demo")
        .tempdir_in("/tmp")
        .unwrap();
    // The account that runs Postgres for root has to get in.
    fs::set_permissions(home.path(), Permissions::from_mode(0o755)).unwrap();
    let directory = home.path().join("demo");
    let first = demo(&directory).unwrap();
    assert_eq!(
        first["imports"],
        json!([
            import("transcript_90002.csv", 12_000, 11_983, 0),
            import("class_sheet_90001.xlsx", 60, 60, 0),
            import("school_95001.csv", 1_257, 1_251, 0),
        ])
    );
    let conversion = json!({"learners": 40, "granted": 31, "partly": 5, "refused": 4});
    assert_eq!(first["conversion"], conversion);
    assert_eq!(first["audit"], json!({"faults": 0}));
    let credit = &first["balance"]["by_unit"]["credit"];
    assert_eq!(
        (&credit["held"], &credit["used"]),
        (&json!("0.00"), &json!("21.70"))
    );

    let second = demo(&directory).unwrap();
    assert_eq!(
        second["imports"],
        json!([
            import("transcript_90002.csv", 12_000, 0, 11_983),
            import("class_sheet_90001.xlsx", 60, 0, 60),
            import("school_95001.csv", 1_257, 0, 1_251),
        ])
    );
    for part in ["conversion", "audit", "balance"] {
        assert_eq!(second[part], first[part], "{part}");
    }
}
