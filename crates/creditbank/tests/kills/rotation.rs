//! Servers that share a bank change over to other signing keys, and nobody notices.

use std::time::{Duration, Instant};

use kit::UNIVERSITY;
use serde_json::Value;

use crate::bank::Bank;
use crate::server::Server;

const ROTATIONS: usize = 3;

fn run(bank: &Bank, arguments: &[&str]) -> String {
    let output = bank.command().args(arguments).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{arguments:?}: {told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    told.trim().to_owned()
}

/// A token of a server, for the client.
fn token(server: &Server, (id, secret): (&str, &str)) -> String {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", secret),
    ];
    let address = format!("http://{}/oauth/token", server.address());
    let mut answer = ureq::post(&address).send_form(form).unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    let body: Value = serde_json::from_str(&text).unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

fn kid(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

/// Every server takes every token, whoever signed it and with which key.
fn taken_everywhere(servers: &[Server], tokens: &[String]) {
    for server in servers {
        for token in tokens {
            let address = format!("http://{}/v1/totals", server.address());
            let asked = ureq::get(&address).header("authorization", format!("Bearer {token}"));
            let answer = asked.call();
            let kid = kid(token);
            assert_eq!(answer.unwrap().status(), 200, "key {kid}");
        }
    }
}

#[test]
fn two_servers_change_over_to_other_keys_without_a_refused_token() {
    let bank = Bank::start();
    let mut servers = vec![Server::start(&bank), Server::start(&bank)];
    let registered = [
        "client",
        "add",
        "--name",
        "rotating",
        "--institution",
        UNIVERSITY,
    ];
    let id = run(&bank, &[&registered[..], &["--role", "registrar"]].concat());
    let made = run(&bank, &["client", "secret", "add", "--name", "rotating"]);
    let (_, secret) = made.split_once(' ').unwrap();
    let client = (id.as_str(), secret);

    let mut tokens = Vec::new();
    for _ in 0..ROTATIONS {
        tokens.extend(servers.iter().map(|server| token(server, client)));
        taken_everywhere(&servers, &tokens);
        run(&bank, &["keys", "rotate", "--now"]);
        // Those that run hold the former keys for a while; one that starts signs with the new one.
        tokens.extend(servers.iter().map(|server| token(server, client)));
        servers.push(Server::start(&bank));
        tokens.extend(servers.last().map(|server| token(server, client)));
        taken_everywhere(&servers, &tokens);
    }
    let mut kids: Vec<String> = tokens.iter().map(|token| kid(token)).collect();
    kids.sort();
    kids.dedup();
    assert_eq!(kids.len(), ROTATIONS + 1, "every key signed something");

    // What a lost key signed is refused everywhere once it is noticed.
    let lost = token(servers.last().unwrap(), client);
    run(&bank, &["keys", "rotate", "--lost"]);
    let fresh = Server::start(&bank);
    let address = format!("http://{}/v1/totals", fresh.address());
    let asked = ureq::get(&address).header("authorization", format!("Bearer {lost}"));
    let begun = Instant::now();
    assert!(matches!(asked.call(), Err(ureq::Error::StatusCode(401))));
    assert!(begun.elapsed() < Duration::from_secs(5));
}
