//! SIGKILL while files arrive in parts and are imported: two institutions at once, a file twice,
//! its halves in both orders. Whoever died with what in hand, the books are those of a bank where
//! nobody did, outcome by outcome.

use std::time::{Duration, Instant};

use kit::{SCHOOL, UNIVERSITY};
use rand::RngExt as _;
use serde_json::{Value, json};

use crate::bank::Bank;
use crate::rounds;
use crate::server::Server;

const LINES: usize = 1_200;
/// How often somebody dies where nothing else is said.
const KILLS: u32 = 20;
/// How many files are sent at first.
const SENT_FIRST: usize = 7;
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

/// All that files left in the books, whatever the ids and the order: each outcome with its lots and
/// transfers, and of each learner how many outcomes and what sum there is.
const BOOKS: &str = "\
    select concat_ws(' ', i.code, o.source_ref, e.code, o.grade, o.attempt, o.awarded_on, o.origin, \
        o.stated, coalesce(o.earned_nothing, '-'), \
        (select string_agg(concat_ws('/', l.unit, l.available, l.held, l.used, l.expired, \
                l.withdrawn, l.earned_on, l.expires_on), ';' order by l.unit) \
            from lots l where l.learner_id = o.learner_id and l.outcome_id = o.outcome_id), \
        (select string_agg(concat_ws('/', t.kind, l.unit, t.amount, t.from_account, t.to_account, \
                t.effective_on), ';' order by t.kind, l.unit, t.amount) \
            from transfers t join lots l using (learner_id, lot_id) \
            where l.learner_id = o.learner_id and l.outcome_id = o.outcome_id), \
        (select count(*) from outcomes n where n.learner_id = o.learner_id), \
        (select sum(l.available) from lots l where l.learner_id = o.learner_id)) \
    from outcomes o join catalogue_entries e using (entry_id) \
        join institutions i on i.institution_id = o.institution_id \
    order by i.code, o.source_ref";

/// How many rows there are of whatever a line makes.
const ROWS: &str = "\
    select concat_ws(' ', (select count(*) from learners), (select count(*) from learner_numbers), \
        (select count(*) from identity.identifiers), (select count(*) from outcome_sources), \
        (select count(*) from outcomes), (select count(*) from lots), \
        (select count(*) from transfers))";

fn books(bank: &Bank) -> Vec<String> {
    let lines = bank.text(BOOKS);
    let rows = bank.text(ROWS);
    lines.lines().map(str::to_owned).chain([rows]).collect()
}

/// The books where nobody dies and each institution sends its lines once, in one file.
fn undisturbed() -> Vec<String> {
    let bank = Bank::start();
    for (institution, course) in [(SCHOOL, "CERT-A"), (UNIVERSITY, "MATH101")] {
        let file = bank.home().join(format!("{institution}.csv"));
        std::fs::write(&file, transcript(course, 0..LINES)).unwrap();
        let mut import = bank.command();
        import.arg("import").arg(&file);
        let done = import
            .args(["--institution", institution])
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
    }
    books(&bank)
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
        Sender::new(&bank, "university", "u-whole-again.csv", whole.clone()),
        Sender::new(&bank, "university", "u-first-half-again.csv", first),
        Sender::new(&bank, "university", "u-second-half-again.csv", second),
    ];
    let rounds = rounds().max(KILLS);
    let deadline = Instant::now() + PATIENCE + Duration::from_secs(5) * rounds;
    let some_time = || Duration::from_millis(rand::rng().random_range(50..1_000));
    let mut next_kill = Instant::now() + some_time();
    let mut sent = senders.len();
    while !senders.is_empty() || kills < rounds {
        assert!(
            Instant::now() < deadline,
            "{} jobs are not done",
            senders.len()
        );
        if senders.is_empty() {
            // Nobody dies over nothing: the same lines once more.
            let name = format!("u-whole-{sent}.csv");
            senders.push(Sender::new(&bank, "university", &name, whole.clone()));
            sent += 1;
        }
        senders.retain_mut(|sender| !sender.step(server.address()));
        if kills < rounds && Instant::now() >= next_kill && !senders.is_empty() {
            server.kill();
            server = start();
            kills += 1;
            next_kill = Instant::now() + some_time();
        }
    }
    server.stop();
    eprintln!("{kills} kills over {sent} files");
    let (found, expected) = (books(&bank), undisturbed());
    assert_eq!(found.len(), 2 * LINES + 1, "a line for each outcome");
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected, "after {kills} kills");
    }
    assert_eq!(found.len(), expected.len());
    let counts = bank
        .pairs("select sum(posted) || ' ' || sum(posted + already_posted + rejected) from imports");
    // Five files of the whole or of two halves, and what was sent on top.
    let read = 5 * LINES + (sent - SENT_FIRST) * LINES;
    assert_eq!(counts, [((2 * LINES).to_string(), read.to_string())]);
    let states = bank.pairs("select state || ' ' || count(*) from imports group by state");
    assert_eq!(states, [("finished".to_owned(), sent.to_string())]);
    bank.audit("after imports");
}
