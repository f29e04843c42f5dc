//! schemathesis makes up requests from the document the server serves, right ones and wrong ones,
//! and finds nothing: no 5xx, no answer that the document does not have, no wrong request that is
//! taken. `tests/contract/schemathesis.toml` says what it checks.

use std::path::{Path, PathBuf};
use std::process::Command;

use creditbank_domain::authz::Role;
use kit::{RECEIVING, SCHOOL};

use crate::bank::Bank;
use crate::server::Server;
use crate::things::Things;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs it as somebody, on the operations that somebody may call.
fn run(
    bank: &Bank,
    server: &Server,
    things: &str,
    (token, operations): (&str, &str),
) -> (bool, String) {
    let program = root().join("target/schemathesis/bin/schemathesis");
    assert!(
        program.is_file(),
        "schemathesis is not installed: run scripts/setup.sh test"
    );
    let seed = std::env::var("CREDITBANK_CONTRACT_SEED").unwrap_or_else(|_| "1".to_owned());
    let ended = Command::new(program)
        .arg("--no-color")
        .arg("--config-file")
        .arg(root().join("tests/contract/schemathesis.toml"))
        .args(["run", "--include-operation-id-regex", operations])
        .args(["--seed", &seed, "--header"])
        .arg(format!("Authorization: Bearer {token}"))
        .arg(format!("http://{}/openapi.json", server.address()))
        .current_dir(bank.home())
        .env("PYTHONPATH", root().join("tests/contract"))
        .env("SCHEMATHESIS_HOOKS", "schemathesis_hooks")
        .env("CREDITBANK_THINGS", things)
        .output()
        .unwrap();
    let said = [ended.stdout, ended.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (ended.status.success(), said)
}

#[test]
fn what_schemathesis_makes_up_finds_no_fault() {
    let bank = Bank::start();
    let server = Server::start(&bank);
    let things = Things::arrange(&bank, server.address());
    let told = things.json();
    let school = [Role::Registrar, Role::SchoolOfficer, Role::InstitutionAdmin];
    let callers = [
        ("school", bank.token(Some(SCHOOL), &school), "."),
        (
            "reviewer",
            bank.token(Some(RECEIVING), &[Role::Reviewer, Role::InstitutionAdmin]),
            "(?i)conversion|evidence|figures|rule|review",
        ),
        (
            "secretariat",
            bank.token(None, &[Role::Secretariat]),
            "(?i)merge|candidate|collision|overdue|revers|check|balance|document|meeting|resolution\
             |committee|seat|membership|rule|calendar|chain|delegation|readings|access",
        ),
        (
            "learner",
            bank.token_of(things.learner(), Role::Learner),
            "(?i)^get|draft|request|consent|helper",
        ),
    ];
    for (name, token, operations) in callers {
        let (content, said) = run(&bank, &server, &told, (&token, operations));
        eprintln!("{name}: {}", said.lines().last().unwrap_or_default());
        assert!(content, "{name}:\n{said}");
    }
    bank.audit();
    server.stop();
}
