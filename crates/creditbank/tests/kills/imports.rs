//! SIGKILL while files arrive in parts and are imported: two institutions at once, a file twice,
//! its halves in both orders. Every line is in the books once, whoever died with it in hand.

use std::time::{Duration, Instant};

use kit::{SCHOOL, UNIVERSITY};
use rand::RngExt as _;
use serde_json::{Value, json};

use crate::bank::Bank;
use crate::rounds;
use crate::server::Server;

const LINES: usize = 1_200;
const PART_BYTES: usize = 9_000;
const PATIENCE: Duration = Duration::from_secs(180);

fn transcript(course: &str, lines: std::ops::Range<usize>) -> String {
    let credits = if course == "CERT-A" { 6 } else { 4 };
    let mut text = "学号,学期,课程代码,学分,成绩\r\n".to_owned();
    for line in lines {
        text += &format!(
            "K{line:05},2024-2025-1,{course},{credits},{}\r\n",
            60 + line % 40
        );
    }
    text
}

/// Somebody who hands a file in and does not give up.
struct Sender {
    token: String,
    name: String,
    content: String,
    job: Option<String>,
}

impl Sender {
    fn new(bank: &Bank, client: &str, name: &str, content: String) -> Self {
        Self {
            token: bank.token(client),
            name: name.to_owned(),
            content,
            job: None,
        }
    }

    fn agent() -> ureq::Agent {
        ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into()
    }

    fn get(&self, address: &str, path: &str) -> Option<Value> {
        let mut answer = Self::agent()
            .get(format!("http://{address}{path}"))
            .header("authorization", format!("Bearer {}", self.token))
            .call()
            .ok()?;
        serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()
    }

    fn announce(&self, address: &str) -> Option<String> {
        let body = json!({
            "file_name": self.name, "byte_count": self.content.len(), "again": true,
        });
        let mut answer = Self::agent()
            .post(format!("http://{address}/v1/import-jobs"))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .header("idempotency-key", &self.name)
            .send(body.to_string())
            .ok()?;
        let body: Value = serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()?;
        body["job_id"].as_str().map(str::to_owned)
    }

    /// One step further, whatever the server can take just now; true when the job has ended.
    fn step(&mut self, address: &str) -> bool {
        let Some(job) = self.job.clone() else {
            self.job = self.announce(address);
            return false;
        };
        let path = format!("/v1/import-jobs/{job}");
        let Some(seen) = self.get(address, &path) else {
            return false;
        };
        match seen["state"].as_str() {
            Some("receiving") => {
                let at = usize::try_from(seen["upload"]["received"].as_u64().unwrap()).unwrap();
                let end = (at + PART_BYTES).min(self.content.len());
                let _ = Self::agent()
                    .patch(format!("http://{address}{path}/upload"))
                    .header("authorization", format!("Bearer {}", self.token))
                    .header("content-type", "application/offset+octet-stream")
                    .header("upload-offset", at.to_string())
                    .send(&self.content.as_bytes()[at..end]);
                false
            }
            Some("finished") => true,
            Some("queued") | None => false,
            other => panic!("{}: {other:?} {seen}", self.name),
        }
    }
}

#[test]
fn a_kill_at_any_moment_of_an_import_loses_and_doubles_no_line() {
    let bank = Bank::start();
    let start = || {
        let settings = [
            ("CREDITBANK_IMPORT_LEASE_SECONDS", "1"),
            ("CREDITBANK_IMPORT_LINES_PER_TRANSACTION", "20"),
        ];
        Server::start_with(&bank, &settings)
    };
    let mut server = start();
    let mut kills = 0;
    let whole = transcript("MATH101", 0..LINES);
    let halves = [0..LINES / 2, LINES / 2..LINES].map(|range| transcript("MATH101", range));
    let [first, second] = halves;
    let mut senders = vec![
        Sender::new(&bank, "university", "u-second-half.csv", second.clone()),
        Sender::new(
            &bank,
            "school",
            "s-whole.csv",
            transcript("CERT-A", 0..LINES),
        ),
        Sender::new(&bank, "university", "u-first-half.csv", first.clone()),
        Sender::new(&bank, "university", "u-whole.csv", whole.clone()),
        Sender::new(&bank, "university", "u-whole-again.csv", whole),
        Sender::new(&bank, "university", "u-first-half-again.csv", first),
        Sender::new(&bank, "university", "u-second-half-again.csv", second),
    ];
    let rounds = rounds().max(4);
    let deadline = Instant::now() + PATIENCE + Duration::from_secs(5) * rounds;
    let some_time = || Duration::from_millis(rand::rng().random_range(100..1_800));
    let mut next_kill = Instant::now() + some_time();
    while !senders.is_empty() || kills < rounds {
        assert!(
            Instant::now() < deadline,
            "{} jobs are not done",
            senders.len()
        );
        senders.retain_mut(|sender| !sender.step(server.address()));
        if kills < rounds && Instant::now() >= next_kill {
            server.kill();
            server = start();
            kills += 1;
            next_kill = Instant::now() + some_time();
        }
    }
    server.stop();
    let sums = bank.pairs(
        "select code || '/' || count(distinct source_ref) || '/' || count(*) || ' ' || \
             count(distinct learner_id) \
         from outcomes join catalogue_entries using (entry_id) group by code",
    );
    let lines = format!("{LINES}/{LINES}");
    let expected = [format!("CERT-A/{lines}"), format!("MATH101/{lines}")];
    let expected = expected.map(|sum| (sum, LINES.to_string()));
    assert_eq!(
        sums, expected,
        "{UNIVERSITY} and {SCHOOL}, after {kills} kills"
    );
    let counts = bank
        .pairs("select sum(posted) || ' ' || sum(posted + already_posted + rejected) from imports");
    let read = 2 * LINES + LINES + 2 * LINES;
    assert_eq!(counts, [((2 * LINES).to_string(), read.to_string())]);
    let states = bank.pairs("select state || ' ' || count(*) from imports group by state");
    assert_eq!(states, [("finished".to_owned(), "7".to_owned())]);
    bank.audit("after imports");
}
