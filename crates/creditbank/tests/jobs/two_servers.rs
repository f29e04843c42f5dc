//! Two servers behind a balancer: one store, one database, a directory each. Whichever took a part,
//! whichever dies, the file is whole for the other.

use creditbank_domain::authz::Role;
use kit::{FakeS3, UNIVERSITY};
use serde_json::json;

use crate::bank::Bank;
use crate::client::{Client, KNOWN, agent, transcript};
use crate::server::Server;

const LINES: usize = 1_000;

struct Place<'a> {
    bank: &'a Bank,
    store: &'a FakeS3,
}

impl Place<'_> {
    /// A server with a directory that no other one has.
    fn server(&self, name: &str, workers: &str) -> Server {
        let settings = self.store.settings();
        let directory = self.bank.home().join(name);
        Server::start_with(
            self.bank,
            &[
                ("CREDITBANK_STORAGE_DIR", directory.to_str().unwrap()),
                ("CREDITBANK_EVIDENCE_BUCKET", &settings.bucket),
                ("CREDITBANK_EVIDENCE_PREFIX", &settings.prefix),
                ("CREDITBANK_EVIDENCE_ENDPOINT", &settings.endpoint),
                ("CREDITBANK_EVIDENCE_REGION", &settings.region),
                ("CREDITBANK_EVIDENCE_ACCESS_KEY_ID", &settings.access_key_id),
                (
                    "CREDITBANK_EVIDENCE_SECRET_ACCESS_KEY",
                    &settings.secret_access_key,
                ),
                ("CREDITBANK_IMPORT_WORKERS", workers),
                ("CREDITBANK_IMPORT_LEASE_SECONDS", "1"),
                ("CREDITBANK_IMPORT_LINES_PER_TRANSACTION", "5"),
            ],
        )
    }

    /// How many files a server keeps for itself.
    fn kept_by(&self, name: &str) -> usize {
        let folders = ["sealed", "open", "uploads"].map(|it| self.bank.home().join(name).join(it));
        let count = |folder| std::fs::read_dir(folder).unwrap().count();
        folders.into_iter().map(count).sum()
    }
}

fn result_of(client: &Client, at: &str, import: &str) -> String {
    let mut answer = agent()
        .get(format!("http://{at}{import}/result"))
        .header("authorization", format!("Bearer {}", client.token))
        .call()
        .unwrap();
    assert_eq!(answer.status(), 200);
    answer.body_mut().read_to_string().unwrap()
}

#[test]
fn parts_go_to_either_server_and_the_job_ends_although_both_that_took_them_are_killed() {
    let (bank, store) = (Bank::start(), FakeS3::start());
    let place = Place {
        bank: &bank,
        store: &store,
    };
    let university = Client {
        token: bank.token(Some(UNIVERSITY), &[Role::Registrar]),
    };
    let mut one = place.server("one", "0");
    let mut other = place.server("other", "2");
    let content = transcript(KNOWN, 0..LINES);
    let job = university.announce(one.address(), &content, json!({}));
    for (nth, part) in content.as_bytes().chunks(4_000).enumerate() {
        let (here, there) = if nth % 2 == 0 {
            (&one, &other)
        } else {
            (&other, &one)
        };
        let seen = university.get(there.address(), &job).expect(200);
        assert_eq!(
            seen["upload"]["received"],
            nth * 4_000,
            "as the other one knows it"
        );
        let sent = university.part(here.address(), &job, (nth * 4_000, part));
        assert_eq!(sent, 204);
        if nth == 2 {
            // The one that took the first parts dies, and comes again with nothing of its own.
            one.kill();
            one = place.server("one again", "0");
        }
    }
    // The other one works at parts that it never took, until it dies too.
    let begun = |seen: &serde_json::Value| seen["progress"]["lines_read"].as_u64().unwrap() > 0;
    let seen = university.until(one.address(), &job, begun);
    assert_eq!(seen["state"], "queued", "not done yet");
    other.kill();
    let third = place.server("third", "1");
    let done = university.until_state(one.address(), &job, "finished");
    assert_eq!(done["progress"]["lines_read"], LINES);
    let outcomes = "select count(*) || ' ' || count(distinct source_ref) from outcomes";
    assert_eq!(bank.sql(outcomes), format!("{LINES} {LINES}"));
    let import = format!("/v1/imports/{}", done["import_id"].as_str().unwrap());
    // Made by one server, and read by another as it is kept.
    let made = result_of(&university, one.address(), &import);
    assert_eq!(made.matches("已入账").count(), LINES);
    let before = store.objects().len();
    assert_eq!(result_of(&university, third.address(), &import), made);
    assert_eq!(store.objects().len(), before, "not made again");
    for name in ["one", "one again", "other", "third"] {
        assert_eq!(place.kept_by(name), 0, "{name}");
    }
    for (key, bytes) in store.objects() {
        let open = |words: &str| bytes.windows(words.len()).any(|it| it == words.as_bytes());
        assert!(!open("S0000") && !open("MATH101"), "{key} lies open");
    }
    bank.audit();
}
