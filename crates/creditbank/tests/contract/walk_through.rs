//! `docs/CLIENT.md` runs as it stands.

use std::path::Path;
use std::process::Command;

use creditbank_domain::authz::Role;
use kit::{RECEIVING, SCHOOL};

use crate::bank::Bank;
use crate::server::Server;

/// The blocks of a language, in their order.
fn blocks(page: &str, language: &str) -> String {
    let fence = format!("```{language}\n");
    let parts = page.split(fence.as_str()).skip(1);
    parts
        .map(|part| part.split("```").next().unwrap())
        .collect()
}

#[test]
fn the_first_client_of_the_docs_works_as_it_stands() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/CLIENT.md");
    let page = std::fs::read_to_string(path).unwrap();
    let bank = Bank::start();
    let server = Server::start(&bank);
    let clients = [
        ("REGISTRAR", bank.secret(SCHOOL, Role::Registrar)),
        ("OFFICER", bank.secret(SCHOOL, Role::SchoolOfficer)),
        ("REVIEWER", bank.secret(RECEIVING, Role::Reviewer)),
    ];
    for (program, language) in [("bash", "bash"), ("python3", "python")] {
        let script = blocks(&page, language);
        assert!(script.len() > 1_000, "{language} has no blocks");
        let arguments = match program {
            "bash" => vec!["-euo", "pipefail", "-c", &script],
            _ => vec!["-c", &script],
        };
        let ended = Command::new(program)
            .args(arguments)
            .current_dir(bank.home())
            .env("BANK", format!("http://{}", server.address()))
            .envs(clients.iter().map(|(name, secret)| (name, secret)))
            .output()
            .unwrap();
        let said = [ended.stdout, ended.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(ended.status.success(), "{language}:\n{said}");
        assert!(said.contains("granted 6.00"), "{language}:\n{said}");
    }
    let granted = "select count(*) from conversion_requests where state = 'granted'";
    assert_eq!(bank.sql(granted), "2");
    assert_eq!(
        bank.sql("select count(*) from outcomes where source_ref like 'CJ2026-%'"),
        "2"
    );
    let page = std::fs::read_to_string(bank.home().join("explained.html")).unwrap();
    assert!(page.contains("INVALID_VALUES"), "{page}");
    bank.audit();
    server.stop();
}
