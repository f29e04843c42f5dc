//! Every write with a file leaves one event of the audit. They are asked of a server without workers, so
//! nobody else writes anything meanwhile.

use std::collections::BTreeSet;

use creditbank_domain::authz::Role;
use kit::contract::WRITES_WITH_FILES;
use kit::{PROGRAMME, RECEIVING, SCHOOL, UNIVERSITY};
use serde_json::{Value, json};

use crate::bank::Bank;
use crate::client::{Answer, Client, PINYIN, pinyin, transcript};
use crate::server::Server;

const WORKERS: &str = "CREDITBANK_IMPORT_WORKERS";

/// A form with a file, and what else is said beside it.
fn form(said: &str, content: &str) -> String {
    format!(
        "{said}--cut\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n\
         {content}\r\n--cut--\r\n"
    )
}

fn order() -> String {
    let order = json!({
        "receiving_institution": RECEIVING,
        "programme": PROGRAMME,
        "reference": "2026夏",
    });
    format!(
        "--cut\r\ncontent-disposition: form-data; name=\"order\"\r\n\
         content-type: application/json\r\n\r\n{order}\r\n"
    )
}

/// Which writes left one event.
struct Writes<'b> {
    bank: &'b Bank,
    done: BTreeSet<&'static str>,
}

impl Writes<'_> {
    fn events(&self) -> usize {
        let counted = self.bank.sql("select count(*) from audit_events");
        counted.parse().unwrap()
    }

    /// Sends it, and once more, which is answered by one of these and noted so many times.
    fn held(
        &mut self,
        pattern: &'static str,
        (again, noted): (&[u16], usize),
        send: impl Fn(&str) -> Answer,
    ) -> Value {
        let server = Server::start_with(self.bank, &[(WORKERS, "0")]);
        let before = self.events();
        let first = send(server.address());
        assert!(first.status < 300, "{pattern}: {}", first.body);
        assert_eq!(self.events(), before + 1, "{pattern}");
        let second = send(server.address());
        assert!(again.contains(&second.status), "{pattern}: {}", second.body);
        assert_eq!(self.events(), before + 1 + noted, "{pattern}: once more");
        self.done.insert(pattern);
        first.body
    }
}

#[test]
fn every_write_with_a_file_leaves_one_event() {
    let bank = Bank::start();
    let client = |institution, role| Client {
        token: bank.token(Some(institution), &[role]),
    };
    let registrar = client(UNIVERSITY, Role::Registrar);
    let admin = client(UNIVERSITY, Role::InstitutionAdmin);
    let officer = client(SCHOOL, Role::SchoolOfficer);
    let mut writes = Writes {
        bank: &bank,
        done: BTreeSet::new(),
    };
    // That somebody goes on with an import is told of them.
    writes.held("/v1/imports", (&[202], 1), |at| {
        let other = transcript(PINYIN, 10..13);
        registrar.form(at, "/v1/imports", form("", &other))
    });
    writes.held("/v1/conversion-cohorts", (&[202], 1), |at| {
        officer.form(
            at,
            "/v1/conversion-cohorts",
            form(&order(), "学号\r\nS1\r\n"),
        )
    });

    let content = transcript(PINYIN, 0..3);
    let server = Server::start_with(&bank, &[(WORKERS, "0")]);
    let careful = json!({ "approval_required": true });
    let settings = "/v1/import-settings";
    admin
        .post(server.address(), settings, "careful", &careful)
        .expect(200);
    let job = registrar.announce(server.address(), &content, json!({}));
    drop(server);
    // The place of its bytes is taken, so they are not taken twice.
    writes.held("/v1/import-jobs/{job_id}/upload", (&[409], 0), |at| {
        Answer {
            status: registrar.part(at, &job, (0, content.as_bytes())),
            body: Value::Null,
        }
    });

    let working = |state| {
        let server = Server::start(&bank);
        registrar.until_state(server.address(), &job, state);
    };
    working("awaiting_answers");
    let (path, said) = (format!("{job}/answers"), json!({ "mapping": pinyin() }));
    writes.held("/v1/import-jobs/{job_id}/answers", (&[200], 0), |at| {
        registrar.post(at, &path, "answer", &said)
    });
    working("awaiting_approval");
    let (path, yes) = (format!("{job}/approval"), json!({ "verdict": "approve" }));
    writes.held("/v1/import-jobs/{job_id}/approval", (&[200], 0), |at| {
        admin.post(at, &path, "approve", &yes)
    });
    assert_eq!(writes.done, WRITES_WITH_FILES.into());
}
