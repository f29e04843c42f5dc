//! The transcript of one person as 强智 exports it, which names nobody: the learner is said beside it.

use creditbank_domain::authz::Role;
use creditbank_ledger::flows::publish_catalogue;
use kit::{SCHOOL, UNIVERSITY, keeper, qiangzhi_courses, samples};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::bank::Bank;
use crate::client::{Client, KNOWN, transcript};
use crate::command_line::submit;
use crate::questions::outcomes;
use crate::server::Server;

const NUMBER: &str = "QZ2024-080177";
const NAME: &str = "欧阳锋华";
/// Whose transcript the very same bytes are as well.
const OTHER: &str = "QZ2024-080188";

/// Whose it is as well, as an answer says.
const THIRD: &str = "QZ2024-080199";

/// Nobody's: its last digit is wrong.
const WRONG: &str = "110105194912310021";

const ALOUD: (&str, &str) = ("CREDITBANK_LOG", "trace,hyper=off");

fn said(number: &str) -> Value {
    json!({ "identifier": { "kind": "student_number", "value": number }, "name": NAME })
}

/// The file of the sample, whose courses the university has.
fn published(bank: &Bank) -> Vec<u8> {
    let courses = qiangzhi_courses();
    publish_catalogue(bank.ledger(), &keeper(), &courses, chrono::Utc::now()).unwrap();
    std::fs::read(samples().join("spreadsheets/zh-qiangzhi-gbk.csv")).unwrap()
}

struct Registrar<'a> {
    client: Client,
    file: &'a [u8],
}

impl Registrar<'_> {
    /// What the bank says to the announcement of the file.
    fn announce(&self, at: &str, learner: Option<Value>) -> (u16, Value) {
        let mut body = json!({
            "file_name": "cjd.csv", "byte_count": self.file.len(),
            "sha256": hex::encode(Sha256::digest(self.file)),
        });
        if let Some(learner) = learner {
            body["learner"] = learner;
        }
        let key = format!("announce-{}", rand::random::<u64>());
        let answer = self.client.post(at, "/v1/import-jobs", &key, &body);
        (answer.status, answer.body)
    }

    fn until_state(&self, at: &str, job: &Value, state: &str) -> Value {
        self.client.until_state(at, &place(job), state)
    }
}

fn place(job: &Value) -> String {
    format!("/v1/import-jobs/{}", job["job_id"].as_str().unwrap())
}

/// What a student's lots come to.
fn credits(bank: &Bank) -> String {
    bank.sql("select string_agg(sum, ' ') from (select sum(available)::text as sum from lots group by learner_id order by 1) s")
}

/// Everything that tells of jobs, as the database holds it, shows nobody: not as text, not as bytes.
fn nobody_lies_open(bank: &Bank) {
    let tables = [
        "import_jobs",
        "import_job_learners",
        "import_files",
        "import_questions",
        "imports",
        "import_lines",
        "idempotency_keys",
        "audit_events",
        "events",
        "outcomes",
    ];
    for table in tables {
        let rows = bank.sql(&format!("select t::text from {table} t"));
        for somebody in [NUMBER, NAME, OTHER, THIRD] {
            let bytes = hex::encode(somebody);
            assert!(
                !rows.contains(somebody) && !rows.contains(&bytes),
                "somebody lies open in {table}"
            );
        }
    }
}

#[test]
fn the_transcript_of_one_person_is_posted_for_whom_the_institution_said_and_tells_nobody_who() {
    let bank = Bank::start();
    let file = published(&bank);
    let university = Registrar {
        client: Client {
            token: bank.token(Some(UNIVERSITY), &[Role::Registrar]),
        },
        file: &file,
    };
    let mut server = Server::start_with(&bank, &[ALOUD, ("CREDITBANK_IMPORT_WORKERS", "0")]);
    let (status, job) = university.announce(server.address(), Some(said(NUMBER)));
    assert_eq!((status, &job["learner_beside"]), (201, &json!(true)));
    let client = &university.client;
    let sent = client.part(server.address(), &place(&job), (0, &file));
    assert_eq!(sent, 204);
    // It dies between the upload and the first turn; whoever comes next knows for whom it is.
    server.kill();
    let server = Server::start_with(&bank, &[ALOUD]);
    let at = server.address();
    let done = university.until_state(at, &job, "finished");
    assert_eq!(done["progress"]["lines_read"], 11);
    assert_eq!(
        (outcomes(&bank).as_str(), credits(&bank).as_str()),
        ("10", "2200")
    );

    // The same again is the same job; for somebody else it is another, whose bytes are here.
    let (status, same) = university.announce(at, Some(said(NUMBER)));
    assert_eq!((status, &same["job_id"]), (200, &job["job_id"]));
    assert_eq!(same["recognised"], true);
    let (status, other) = university.announce(at, Some(said(OTHER)));
    assert_eq!((status, &other["state"]), (201, &json!("queued")));
    university.until_state(at, &other, "finished");
    assert_eq!(
        (outcomes(&bank).as_str(), credits(&bank).as_str()),
        ("20", "2200 2200")
    );
    // For nobody it is a third, and asks.
    let (status, third) = university.announce(at, None);
    assert_eq!((status, &third["learner_beside"]), (201, &json!(false)));
    university.until_state(at, &third, "awaiting_answers");
    let asked = client
        .get(at, &format!("{}/questions", place(&third)))
        .expect(200);
    assert_eq!(
        asked["questions"]["missing"]["code"],
        "LEARNER_COLUMN_MISSING"
    );

    // It is told, once for a key, and goes on; to another institution it does not exist.
    let answers = format!("{}/answers", place(&third));
    let whose = json!({ "learner": said(THIRD) });
    let school = Client {
        token: bank.token(Some(SCHOOL), &[Role::Registrar]),
    };
    assert_eq!(school.post(at, &answers, "theirs", &whose).status, 404);
    let mut wrong = whose.clone();
    wrong["learner"]["identifier"] = json!({ "kind": "resident_id", "value": WRONG });
    let refused = client.post(at, &answers, "wrong", &wrong);
    assert_eq!(
        (refused.status, &refused.body["errors"][0]["pointer"]),
        (422, &json!("/learner/identifier/value"))
    );
    let told = client.post(at, &answers, "whose", &whose).expect(200);
    assert_eq!(told["learner_beside"], true);
    let replayed = client.post(at, &answers, "whose", &whose).expect(200);
    assert_eq!(replayed, told);
    let other = client.post(at, &answers, "whose", &json!({ "learner": said(OTHER) }));
    assert_eq!(
        (other.status, &other.body["code"]),
        (422, &json!("IDEMPOTENCY_KEY_REUSED"))
    );
    university.until_state(at, &third, "finished");
    assert_eq!(
        (outcomes(&bank).as_str(), credits(&bank).as_str()),
        ("30", "2200 2200 2200")
    );

    // Who it is, is told neither to the institution itself nor to any other.
    assert_eq!(school.get(at, &place(&job)).status, 404);
    let listed = client.get(at, "/v1/import-jobs").expect(200).to_string();
    for somebody in [NUMBER, NAME, OTHER, THIRD] {
        assert!(!listed.contains(somebody), "{listed}");
    }
    nobody_lies_open(&bank);
    let log = server.end();
    assert!(log.contains("/v1/import-jobs"), "a talkative log");
    for somebody in [NUMBER, NAME, OTHER, THIRD] {
        assert!(!log.contains(somebody), "somebody stands in the log");
    }
    bank.audit();
}

#[test]
fn the_learner_beside_the_file_comes_in_a_form_and_by_the_command_line_too() {
    let bank = Bank::start();
    let file = published(&bank);
    let server = Server::start_with(&bank, &[ALOUD]);
    let at = server.address();
    let client = Client {
        token: bank.token(Some(UNIVERSITY), &[Role::Registrar]),
    };
    let form = |learner: &str| {
        let mut body = format!(
            "--cut\r\ncontent-disposition: form-data; name=\"learner\"\r\n\r\n{learner}\r\n--cut\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"cjd.csv\"\r\n\r\n"
        )
        .into_bytes();
        body.extend(&file);
        body.extend(b"\r\n--cut--\r\n");
        let told = client.form(at, "/v1/imports", body);
        (told.status, told.body)
    };
    let wrong = json!({ "identifier": { "kind": "resident_id", "value": WRONG }, "name": NAME });
    let (status, told) = form(&wrong.to_string());
    assert_eq!(
        (status, &told["errors"][0]["pointer"]),
        (422, &json!("/learner/identifier/value"))
    );
    assert!(!told.to_string().contains(WRONG), "{told}");
    let (status, told) = form("{\"name\": ");
    assert_eq!(
        (status, &told["errors"][0]["parameter"]),
        (400, &json!("learner"))
    );
    assert_eq!(outcomes(&bank), "0");
    let (status, told) = form(&said(NUMBER).to_string());
    assert_eq!(status, 202, "{told}");
    let import = format!("/v1/imports/{}", told["import_id"].as_str().unwrap());
    client.until(at, &import, |seen| seen["state"] == "finished");
    assert_eq!(
        (outcomes(&bank).as_str(), credits(&bank).as_str()),
        ("10", "2200")
    );
    let listed = client.get(at, "/v1/import-jobs").expect(200);
    assert_eq!(listed["jobs"][0]["learner_beside"], true);

    let named = ["--learner-student-no", OTHER, "--learner-name", NAME];
    let (_, told) = submit(&bank, "cjd.csv", &file, &named);
    assert!(told.contains("finished"), "{told}");
    assert_eq!(
        (outcomes(&bank).as_str(), credits(&bank).as_str()),
        ("20", "2200 2200")
    );
    nobody_lies_open(&bank);

    // A file that names its learners is for nobody else.
    let content = transcript(KNOWN, 0..3);
    let job = client.hand_in(at, &content, json!({ "learner": said(NUMBER) }));
    let failed = client.until_state(at, &job, "failed");
    assert_eq!(failed["failure"]["code"], "LEARNER_NAMED_TWICE");
    assert_eq!(outcomes(&bank), "20");
    let log = server.end();
    for somebody in [NUMBER, NAME, OTHER, WRONG] {
        assert!(!log.contains(somebody), "somebody stands in the log");
    }
}
