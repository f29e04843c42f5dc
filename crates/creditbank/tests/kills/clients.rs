//! Sixteen clients, each of which sends one thing after the other until it is told that it was
//! done: the same thing under the same key, however often the line breaks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use kit::{PROGRAMME, RECEIVING, outcome};
use serde_json::{Value, json};

use crate::bank::Bank;

/// Half of them post single outcomes, a quarter batches; a quarter posts and converts.
const CLIENTS: usize = 16;
const BATCH: usize = 20;
/// How long one thing may take, with everything that is killed on the way.
const PATIENCE: Duration = Duration::from_secs(60);

/// What clients were told, all of them together.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Source references and the outcomes under which they were acknowledged.
    pub(crate) posted: Vec<(String, String)>,
    /// Requests that were decided.
    pub(crate) decided: BTreeSet<String>,
    /// Acknowledged when they were sent first.
    at_once: usize,
    /// Acknowledged when they were sent again, and had not been done.
    again: usize,
    /// Acknowledged when they were sent again, and had been done.
    replayed: usize,
    /// What else was answered on the way.
    refusals: BTreeMap<String, usize>,
}

impl Done {
    pub(crate) fn told(&self) -> String {
        format!(
            "{} outcomes, {} conversions; {} at once, {} again, {} again but done; {:?}",
            self.posted.len(),
            self.decided.len(),
            self.at_once,
            self.again,
            self.replayed,
            self.refusals,
        )
    }
}

/// What all clients of a round share.
struct Shared {
    address: Mutex<String>,
    ended: AtomicBool,
    numbers: AtomicUsize,
    round: u32,
    done: Mutex<Done>,
}

/// Clients at work.
pub(crate) struct Work {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Work {
    pub(crate) fn begin(bank: &Bank, address: &str, round: u32) -> Self {
        let shared = Arc::new(Shared {
            address: Mutex::new(address.to_owned()),
            ended: AtomicBool::new(false),
            numbers: AtomicUsize::new(0),
            round,
            done: Mutex::default(),
        });
        let threads = (0..CLIENTS).map(|n| {
            let client = Client::new(bank, Arc::clone(&shared));
            std::thread::spawn(move || {
                while !client.shared.ended.load(Ordering::Relaxed) {
                    match n % 4 {
                        0 | 1 => client.post_one(),
                        2 => client.post_batch(),
                        _ => client.convert(),
                    }
                }
            })
        });
        let threads = threads.collect();
        Self { shared, threads }
    }

    /// Tells the clients where the server is by now.
    pub(crate) fn go_on_at(&self, address: &str) {
        address.clone_into(&mut self.shared.address.lock().unwrap());
    }

    /// Lets everybody finish, and gives what they were told.
    pub(crate) fn end(self) -> Done {
        self.shared.ended.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().unwrap();
        }
        let mut done = std::mem::take(&mut *self.shared.done.lock().unwrap());
        done.posted.sort();
        done
    }
}

struct Client {
    shared: Arc<Shared>,
    agent: ureq::Agent,
    tokens: BTreeMap<&'static str, String>,
}

impl Client {
    fn new(bank: &Bank, shared: Arc<Shared>) -> Self {
        let names = ["university", "school", "officer", "reviewer"];
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(15)))
            .build();
        Self {
            shared,
            agent: agent.into(),
            tokens: names.map(|name| (name, bank.token(name))).into(),
        }
    }

    /// A name that nobody has used.
    fn name(&self) -> String {
        let number = self.shared.numbers.fetch_add(1, Ordering::Relaxed);
        format!("r{}-{number}", self.shared.round)
    }

    fn post_one(&self) {
        self.post("university", "MATH101");
    }

    fn post(&self, by: &str, entry: &str) -> String {
        let name = self.name();
        let body = outcome(entry).student(&name).source(&name).json();
        let answer = self.send(by, "/v1/outcomes", &body);
        self.acknowledged(&name, &answer);
        name
    }

    fn post_batch(&self) {
        let names: Vec<String> = (0..BATCH).map(|_| self.name()).collect();
        let outcomes = names
            .iter()
            .map(|name| outcome("PE102").student(name).source(name).json());
        let body = json!({ "outcomes": outcomes.collect::<Vec<_>>() });
        let answer = self.send("university", "/v1/outcome-batches", &body);
        for (name, result) in names.iter().zip(answer["results"].as_array().unwrap()) {
            assert_eq!(result["status"], "posted", "{result}");
            self.acknowledged(name, &result["outcome"]);
        }
    }

    fn convert(&self) {
        let student = self.post("school", "CERT-A");
        let learner = json!({ "identifier": { "kind": "student_number", "value": student } });
        let body = json!({
            "receiving_institution": RECEIVING,
            "programme": PROGRAMME,
            "learners": [learner],
        });
        let asked = self.send("officer", "/v1/conversion-requests", &body);
        let request = asked["requests"][0]["request_id"].as_str().unwrap();
        let path = format!("/v1/conversion-requests/{request}/decision");
        let decided = self.send(
            "reviewer",
            &path,
            &json!({ "decision": "as_the_rules_say" }),
        );
        assert_eq!(decided["state"], "granted", "{decided}");
        let mut done = self.shared.done.lock().unwrap();
        assert!(done.decided.insert(request.to_owned()), "decided twice");
    }

    fn acknowledged(&self, source: &str, outcome: &Value) {
        let id = outcome["outcome_id"].as_str().unwrap().to_owned();
        let mut done = self.shared.done.lock().unwrap();
        done.posted.push((source.to_owned(), id));
    }

    /// Sends one thing until it is done.
    fn send(&self, by: &str, path: &str, body: &Value) -> Value {
        let key = self.name();
        let deadline = Instant::now() + PATIENCE;
        for attempt in 0_u32.. {
            let refusal = match self.try_send(by, path, &key, body) {
                Ok((status, replayed, text)) if status < 300 => {
                    let mut done = self.shared.done.lock().unwrap();
                    match (attempt, replayed) {
                        (0, _) => done.at_once += 1,
                        (_, false) => done.again += 1,
                        (_, true) => done.replayed += 1,
                    }
                    return serde_json::from_str(&text).unwrap();
                }
                // A bank without its database says so: 503 and nothing else.
                Ok((status, _, text)) if status != 503 => panic!("{path}: {status} {text}"),
                Ok((status, ..)) => status.to_string(),
                Err(_) => "no answer".to_owned(),
            };
            let mut done = self.shared.done.lock().unwrap();
            *done.refusals.entry(refusal).or_default() += 1;
            drop(done);
            assert!(Instant::now() < deadline, "{path} was not done in time");
            std::thread::sleep(Duration::from_millis(20));
        }
        unreachable!("the deadline comes first")
    }

    /// Status, whether the answer was given before, and the body.
    fn try_send(
        &self,
        by: &str,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Result<(u16, bool, String), ureq::Error> {
        let address = self.shared.address.lock().unwrap().clone();
        let mut answer = self
            .agent
            .post(format!("http://{address}{path}"))
            .header("authorization", format!("Bearer {}", self.tokens[by]))
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .send(body.to_string())?;
        let replayed = answer
            .headers()
            .get("idempotency-replayed")
            .is_some_and(|value| value == "true");
        let text = answer.body_mut().read_to_string()?;
        Ok((answer.status().as_u16(), replayed, text))
    }
}
