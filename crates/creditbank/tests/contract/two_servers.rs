//! Two servers over one ledger: an idempotency key is one key, and a budget one budget, whoever is
//! asked.

use std::sync::Barrier;
use std::thread;

use creditbank_domain::authz::Role;
use kit::{SCHOOL, outcome};
use serde_json::{Value, json};

use crate::bank::Bank;
use crate::server::Server;

const RACES: usize = 12;
/// To each server, at one moment.
const RACERS: usize = 4;

struct Answer {
    status: u16,
    replayed: bool,
    body: Value,
}

fn post(address: &str, token: &str, path: &str, key: &str, body: &Value) -> Answer {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut answer = agent
        .post(format!("http://{address}{path}"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("idempotency-key", key)
        .send(body.to_string())
        .unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    Answer {
        status: answer.status().as_u16(),
        replayed: answer.headers().contains_key("idempotency-replayed"),
        body: serde_json::from_str(&text).unwrap(),
    }
}

/// Sends one request to both servers by many threads at one moment.
fn race(servers: &[Server; 2], token: &str, path: &str, key: &str, body: &Value) -> Vec<Answer> {
    let start = Barrier::new(2 * RACERS);
    thread::scope(|scope| {
        let racers: Vec<_> = (0..2 * RACERS)
            .map(|racer| {
                let (start, server) = (&start, &servers[racer % 2]);
                scope.spawn(move || {
                    start.wait();
                    post(server.address(), token, path, key, body)
                })
            })
            .collect();
        racers.into_iter().map(|it| it.join().unwrap()).collect()
    })
}

/// One effect and one answer; whoever came while it was still being made was told so.
fn hold_one_answer(answers: &[Answer], made: u16) {
    let done: Vec<_> = answers.iter().filter(|it| it.status < 300).collect();
    for answer in answers {
        assert!(
            [made, 409, 503].contains(&answer.status),
            "{} {}",
            answer.status,
            answer.body
        );
    }
    let first: Vec<_> = done.iter().filter(|it| !it.replayed).collect();
    assert_eq!(first.len(), 1, "one was the first");
    assert!(
        done.iter().all(|it| it.body == first[0].body),
        "all were told the same"
    );
}

#[test]
fn a_key_that_races_through_two_servers_has_one_effect_and_one_answer() {
    let bank = Bank::start();
    let servers = [Server::start(&bank), Server::start(&bank)];
    let registrar = bank.token(Some(SCHOOL), &[Role::Registrar]);
    let officer = bank.token(Some(SCHOOL), &[Role::SchoolOfficer]);
    for number in 0..RACES {
        let name = format!("race-{number}");
        let body = outcome("CERT-A").student(&name).source(&name).json();
        let answers = race(&servers, &registrar, "/v1/outcomes", &name, &body);
        hold_one_answer(&answers, 201);
        let posted = answers.iter().find(|it| it.status == 201).unwrap();
        let learner = posted.body["learner_no"].as_str().unwrap();
        let lot = &posted.body["lots"][0]["lot_id"];
        let hold = json!({
            "lot_id": lot, "amount": { "unit": "credit", "amount": "1.00" },
            "purpose": "title_review", "expires_at": "2099-01-01T00:00:00Z",
        });
        let path = format!("/v1/learners/{learner}/holds");
        hold_one_answer(&race(&servers, &officer, &path, &name, &hold), 201);
        let batch = json!({ "outcomes": [
            outcome("CERT-B").student(&name).source(&format!("{name}-b")).json(),
        ] });
        let answers = race(&servers, &registrar, "/v1/outcome-batches", &name, &batch);
        hold_one_answer(&answers, 200);
        // The key is the content's: the other server knows that too.
        let other = outcome("CERT-C")
            .student(&name)
            .source(&format!("{name}-c"))
            .json();
        let address = servers[1].address();
        let refused = post(address, &registrar, "/v1/outcomes", &name, &other);
        let code = refused.body["code"].as_str();
        assert_eq!(
            (refused.status, code),
            (422, Some("IDEMPOTENCY_KEY_REUSED"))
        );
    }
    let counted = |table: &str| bank.sql(&format!("select count(*) from {table}"));
    assert_eq!(counted("outcomes"), (2 * RACES).to_string());
    assert_eq!(
        bank.sql("select sum(held) from lots"),
        (100 * RACES).to_string()
    );
    bank.audit();
    for server in servers {
        server.stop();
    }
}

/// What a caller may ask of all servers together, however the balancer deals.
#[test]
fn two_servers_that_share_a_budget_answer_as_often_as_one() {
    let bank = Bank::start();
    let limited = [
        ("CREDITBANK_RATE_READS", "8/3600"),
        ("CREDITBANK_SERVERS", "2"),
    ];
    let servers = [(); 2].map(|()| Server::start_with(&bank, &limited));
    let token = bank.token(Some(SCHOOL), &[Role::Registrar]);
    let ask = |turn: usize| {
        let address = servers[turn % 2].address();
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        let asked = agent.get(format!("http://{address}/v1/events"));
        let asked = asked.header("authorization", format!("Bearer {token}"));
        asked.call().unwrap().status().as_u16()
    };
    let answers: Vec<u16> = (0..20).map(ask).collect();
    assert_eq!(answers[..8], [200; 8]);
    assert!(answers[8..].iter().all(|it| *it == 429), "{answers:?}");
    for server in servers {
        server.stop();
    }
}
