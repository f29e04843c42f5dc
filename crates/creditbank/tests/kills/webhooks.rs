//! Webhooks of the built server, verified by a receiver that knows nothing of ours; and SIGKILL
//! between what happens and what is told of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kit::{PROGRAMME, RECEIVING, outcome};
use rand::RngExt as _;
use serde_json::{Value, json};

use crate::bank::Bank;
use crate::receiver::Receiver;
use crate::server::Server;

/// Calls the API as one of the bank's clients.
struct Client {
    token: String,
    address: String,
}

impl Client {
    fn new(bank: &Bank, server: &Server, name: &str) -> Self {
        Self {
            token: bank.token(name),
            address: server.address().to_owned(),
        }
    }

    /// The status and the body of an answer; nothing where the line broke.
    fn try_post(&self, path: &str, key: &str, body: &Value) -> Option<(u16, Value)> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        let mut answer = agent
            .post(format!("http://{}{path}", self.address))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .send(body.to_string())
            .ok()?;
        let text = answer.body_mut().read_to_string().ok()?;
        Some((answer.status().as_u16(), serde_json::from_str(&text).ok()?))
    }

    fn post(&self, path: &str, key: &str, body: &Value) -> Value {
        let (status, body) = self.try_post(path, key, body).unwrap();
        assert!(status < 300, "{path}: {status} {body}");
        body
    }

    /// The whole feed as this client sees it.
    fn feed(&self) -> Vec<Value> {
        let (mut events, mut cursor) = (Vec::new(), String::new());
        loop {
            let mut answer = ureq::get(format!(
                "http://{}/v1/events?limit=200{cursor}",
                self.address
            ))
            .header("authorization", format!("Bearer {}", self.token))
            .call()
            .unwrap();
            let text = answer.body_mut().read_to_string().unwrap();
            let page: Value = serde_json::from_str(&text).unwrap();
            events.extend(page["events"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return events,
            }
        }
    }

    fn open(&self, receiver: &Receiver) -> (String, String) {
        let body = json!({ "url": receiver.url() });
        let opened = self.post("/v1/webhook-endpoints", &receiver.url(), &body);
        let text = |name: &str| opened[name].as_str().unwrap().to_owned();
        (text("endpoint_id"), text("secret"))
    }
}

fn report(source: &str) -> Value {
    outcome("CERT-A").student(source).source(source).json()
}

#[test]
fn an_independent_receiver_verifies_deliveries_also_while_a_secret_is_replaced() {
    let bank = Bank::start();
    let server = Server::start(&bank);
    let receiver = Receiver::start(bank.home(), "secrets");
    let school = Client::new(&bank, &server, "school");
    let (endpoint, old) = school.open(&receiver);
    let wrong = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    // Nobody is ready yet; what is refused comes again.
    school.post("/v1/outcomes", "first", &report("first"));
    let path = format!("/v1/webhook-endpoints/{endpoint}");
    std::thread::sleep(Duration::from_millis(800));
    receiver.verify_by(&[wrong, &old]);
    let taken = receiver.wait(|taken| !taken.is_empty());
    let first = &taken[0];
    assert_eq!(first["verified_by"], json!([false, true]), "{first}");
    assert_eq!(first["tampered"], false);
    let media = "application/cloudevents+json; charset=utf-8";
    assert_eq!(first["content_type"], media);
    let (body, told) = (&first["body"], &school.feed()[0]);
    assert_eq!(
        body["data"], *told,
        "the data are the event as the feed has it"
    );
    assert_eq!(body["specversion"], "1.0");
    assert_eq!(body["type"], "cn.creditbank.lot.issued");
    assert_eq!(body["id"], told["subject_id"]);
    let lot = told["lot_id"].as_str().unwrap();
    assert_eq!(body["subject"], format!("lots/{lot}"));
    // Both sign during the overlap, the new one alone after it.
    let rotated = school.post(&format!("{path}/secrets"), "rotate", &json!({}));
    let new = rotated["secret"].as_str().unwrap();
    receiver.verify_by(&[new, &old, wrong]);
    school.post(&format!("{path}/test"), "ping", &json!({}));
    let taken = receiver.wait(|taken| taken.len() > 1);
    assert_eq!(taken[1]["body"]["type"], "cn.creditbank.ping");
    assert_eq!(taken[1]["verified_by"], json!([true, true, false]));
    let at_once = json!({ "overlap_hours": 0 });
    let rotated = school.post(&format!("{path}/secrets"), "at-once", &at_once);
    let newest = rotated["secret"].as_str().unwrap();
    receiver.verify_by(&[newest, new, &old]);
    let again = format!(
        "{path}/deliveries/{}/redelivery",
        taken[1]["webhook_id"].as_str().unwrap()
    );
    school.post(&again, "again", &json!({}));
    let taken = receiver.wait(|taken| taken.len() > 2);
    assert_eq!(taken[2]["verified_by"], json!([true, false, false]));
    assert_eq!(taken[2]["webhook_id"], taken[1]["webhook_id"]);
    assert_eq!(taken[2]["body"], taken[1]["body"]);
    server.stop();
}

/// Posts and converts until something breaks; the line may break at any word.
fn go_on(school: &Client, officer: &Client, reviewer: &Client, round: u32) {
    for number in 0.. {
        let name = format!("r{round}-{number}");
        let Some(_) = school.try_post("/v1/outcomes", &name, &report(&name)) else {
            return;
        };
        let request = json!({
            "receiving_institution": RECEIVING,
            "programme": PROGRAMME,
            "learners": [{ "identifier": { "kind": "student_number", "value": name } }],
        });
        let asked = officer.try_post("/v1/conversion-requests", &name, &request);
        let Some((201, cohort)) = asked else { return };
        let id = cohort["cohort_id"].as_str().unwrap();
        let path = format!("/v1/conversion-cohorts/{id}/decision");
        let decision = json!({ "decision": "as_the_rules_say" });
        let Some((200, _)) = reviewer.try_post(&path, &name, &decision) else {
            return;
        };
    }
}

#[test]
fn a_kill_between_decision_and_delivery_loses_no_event_and_invents_none() {
    let bank = Bank::start();
    let mut server = Server::start(&bank);
    let receivers = ["school", "receiving"].map(|name| Receiver::start(bank.home(), name));
    let clients = ["school", "receiving"];
    for (name, receiver) in clients.iter().zip(&receivers) {
        let (_, secret) = Client::new(&bank, &server, name).open(receiver);
        receiver.verify_by(&[&secret]);
    }
    for round in 0..crate::rounds() {
        let client = |name| Client::new(&bank, &server, name);
        let (school, officer) = (client("school"), client("officer"));
        let reviewer = client("reviewer");
        let busy = std::thread::spawn(move || go_on(&school, &officer, &reviewer, round));
        let moment = rand::rng().random_range(100..900);
        std::thread::sleep(Duration::from_millis(moment));
        server.kill();
        busy.join().unwrap();
        server = Server::start(&bank);
    }
    for (name, receiver) in clients.iter().zip(&receivers) {
        // What the sequencer had not told yet is in the feed a moment after the start.
        std::thread::sleep(Duration::from_secs(2));
        let feed = Client::new(&bank, &server, name).feed();
        assert!(!feed.is_empty());
        let happened: BTreeMap<u64, &Value> = feed
            .iter()
            .map(|it| (it["seq"].as_u64().unwrap(), it))
            .collect();
        let seq = |it: &Value| it["body"]["data"]["seq"].as_u64().unwrap();
        let taken = receiver.wait(|taken| {
            let told: BTreeSet<u64> = taken.iter().map(seq).collect();
            told.len() >= happened.len()
        });
        let mut ids: BTreeMap<u64, BTreeSet<&str>> = BTreeMap::new();
        for delivery in &taken {
            let told = happened.get(&seq(delivery)).copied();
            assert_eq!(
                Some(&delivery["body"]["data"]),
                told,
                "{name}: it did not happen"
            );
            let id = delivery["webhook_id"].as_str().unwrap();
            ids.entry(seq(delivery)).or_default().insert(id);
        }
        assert_eq!(ids.len(), happened.len());
        assert!(
            ids.values().all(|ids| ids.len() == 1),
            "one webhook-id an event"
        );
        eprintln!("{name}: {} events, {} deliveries", ids.len(), taken.len());
    }
    server.stop();
}
