//! Two servers of one bank: whoever guesses at secrets has a few tries at both together, what was
//! read or refused is written down however a server ends, and no log holds a secret.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use kit::outcome;

use crate::bank::Bank;
use crate::server::Server;

const TRIES: usize = 6;
const TALKATIVE: [(&str, &str); 2] = [
    ("CREDITBANK_LOG", "trace,hyper=off"),
    ("CREDITBANK_LOGIN_FAILURES", "6/900"),
];

fn agent() -> ureq::Agent {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .build();
    agent.into()
}

/// The status that a client gets at the token endpoint.
fn login(address: &str, client: &str, secret: &str) -> u16 {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client),
        ("client_secret", secret),
    ];
    let asked = agent().post(format!("http://{address}/oauth/token"));
    asked.send_form(form).unwrap().status().as_u16()
}

#[test]
fn at_two_servers_together_a_secret_is_guessed_a_few_times() {
    let bank = Bank::start();
    let servers = [
        Server::start_with(&bank, &TALKATIVE),
        Server::start_with(&bank, &TALKATIVE),
    ];
    let (client, secret) = bank.client_with_secret();
    for server in &servers {
        assert_eq!(login(server.address(), &client, &secret), 200);
    }
    let (refused, put_off) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for n in 0..16 {
            let address = servers[n % 2].address();
            let (client, refused, put_off) = (&client, &refused, &put_off);
            scope.spawn(move || {
                for guess in 0..2 {
                    let wrong = format!("cbs_{n}{guess}{}", "A".repeat(62));
                    match login(address, client, &wrong) {
                        401 => refused.fetch_add(1, Ordering::Relaxed),
                        429 => put_off.fetch_add(1, Ordering::Relaxed),
                        other => panic!("{other}"),
                    };
                }
            });
        }
    });
    let counted = (refused.into_inner(), put_off.into_inner());
    assert_eq!(counted, (TRIES, 32 - TRIES));
    // Also the right one has to wait now, at both.
    for server in &servers {
        assert_eq!(login(server.address(), &client, &secret), 429);
    }
    let kept = bank.count("login_attempts");
    assert_eq!(kept, TRIES, "tries are written down, good ones struck out");
    for server in servers {
        let said = server.end();
        assert!(said.contains("/oauth/token"), "nothing was logged: {said}");
        assert!(!said.contains(&secret), "the log holds the secret");
        assert!(!said.contains("AAAAAAAAAAAAAAAA"), "the log holds a guess");
    }
}

#[test]
fn what_was_read_and_refused_is_written_down_when_a_server_ends_and_no_log_names_anybody() {
    let bank = Bank::start();
    let server = Server::start_with(&bank, &TALKATIVE);
    let ask = |by: &str, path: &str| {
        let asked = agent().get(format!("http://{}{path}", server.address()));
        let token = format!("Bearer {}", bank.token(by));
        asked.header("authorization", token).call().unwrap()
    };
    let report = outcome("CERT-A")
        .student("XS-SECRET-1")
        .source("s-1")
        .json();
    let posted = agent()
        .post(format!("http://{}/v1/outcomes", server.address()))
        .header("authorization", format!("Bearer {}", bank.token("school")))
        .header("idempotency-key", "key-that-is-mine")
        .header("content-type", "application/json")
        .send(report.to_string())
        .unwrap();
    assert_eq!(posted.status(), 201);
    let number = bank.text("select learner_no from learners");
    let balance = format!("/v1/learners/{number}/balance");
    for _ in 0..40 {
        assert_eq!(ask("officer", &balance).status(), 200);
        assert_eq!(ask("university", "/v1/access-log").status(), 403);
    }
    let said = server.end();
    assert_eq!(bank.count("readings"), 40);
    assert_eq!(bank.count("access_log"), 40);
    let token = bank.token("officer");
    let signature = token.rsplit('.').next().unwrap();
    for secret in [
        &number,
        "XS-SECRET-1",
        signature,
        "key-that-is-mine",
        crate::bank::IDENTITY_KEY,
        "测试学员",
    ] {
        let line = said.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "the log holds a secret");
    }
    assert!(said.contains("/v1/learners/{learner_no}/balance"), "{said}");
}

#[test]
fn a_killed_server_loses_the_lines_of_its_last_moment_and_no_more() {
    let bank = Bank::start();
    let mut server = Server::start(&bank);
    let asked = |server: &Server| {
        let asked = agent().get(format!("http://{}/v1/access-log", server.address()));
        let token = format!("Bearer {}", bank.token("university"));
        asked
            .header("authorization", token)
            .call()
            .unwrap()
            .status()
    };
    for _ in 0..20 {
        assert_eq!(asked(&server), 403);
    }
    let begun = Instant::now();
    while bank.count("access_log") < 20 && begun.elapsed() < Duration::from_secs(2) {
        std::thread::sleep(Duration::from_millis(10));
    }
    // Later than a moment after they were answered nothing is lost.
    server.kill();
    assert_eq!(bank.count("access_log"), 20);
}
