//! What is in the bank when requests are made up: of everything that an address or a body can name
//! some, under the names that the document gives them.

use std::collections::BTreeMap;

use creditbank_domain::authz::Role;
use creditbank_domain::learner_no::LearnerNo;
use kit::{PROGRAMME, RECEIVING, SCHOOL, UNIVERSITY, outcome};
use serde_json::{Value, json};

use crate::bank::Bank;
use crate::client::Client;

/// How many learners of the school there are.
const LEARNERS: usize = 10;

/// See the module.
#[derive(Default)]
pub(crate) struct Things(BTreeMap<&'static str, Vec<Value>>);

/// Somebody at the server.
struct Desk<'a> {
    client: Client,
    address: &'a str,
}

impl Desk<'_> {
    fn done(&self, path: &str, body: &Value) -> Value {
        let key = format!("arrange-{}", rand::random::<u64>());
        let answer = self.client.post(self.address, path, &key, body);
        assert!(answer.status < 300, "{path}: {}", answer.body);
        answer.body
    }

    fn seen(&self, path: &str) -> Value {
        self.client.get(self.address, path).expect(200)
    }
}

impl Things {
    pub(crate) fn arrange(bank: &Bank, address: &str) -> Self {
        let desk = |institution, roles: &[Role]| Desk {
            client: Client {
                token: bank.token(institution, roles),
            },
            address,
        };
        let mut things = Self::default();
        let roles = [Role::Registrar, Role::SchoolOfficer, Role::InstitutionAdmin];
        things.of_the_school(&desk(Some(SCHOOL), &roles));
        things.of_the_university(&desk(Some(UNIVERSITY), &[Role::Registrar]));
        things.of_the_bank(&desk(None, &[Role::Secretariat]));
        for institution in [RECEIVING, SCHOOL, UNIVERSITY] {
            things.add("institution", &json!(institution));
        }
        for (name, value) in [
            ("receiving_institution", RECEIVING),
            ("programme", PROGRAMME),
            ("owner", SCHOOL),
            ("unit", "credit"),
        ] {
            things.add(name, &json!(value));
        }
        for course in ["CERT-A", "CERT-B", "CERT-LOW", "MATH101"] {
            things.add("entry.code", &json!(course));
        }
        things
    }

    fn add(&mut self, name: &'static str, value: &Value) {
        assert!(!value.is_null(), "there is no {name}");
        self.0.entry(name).or_default().push(value.clone());
    }

    fn first(&self, name: &str) -> &Value {
        &self.0[name][0]
    }

    /// Learners with their certificates, requests, a draft, a hold, a consent, a program, an endpoint.
    fn of_the_school(&mut self, desk: &Desk<'_>) {
        for nth in 0..LEARNERS {
            let report = outcome("CERT-A")
                .student(&format!("XS{nth}"))
                .source(&format!("s-{nth}"));
            let posted = desk.done("/v1/outcomes", &report.json());
            for name in ["learner_no", "outcome_id"] {
                self.add(name, &posted[name]);
            }
            self.add("lot_id", &posted["lots"][0]["lot_id"]);
            self.add("source_ref", &json!(format!("s-{nth}")));
        }
        let learner = |nth: usize| {
            json!({
                "receiving_institution": RECEIVING,
                "programme": PROGRAMME,
                "learners": [{ "learner_no": self.0["learner_no"][nth] }],
            })
        };
        let asked = [0, 1, 2, 3].map(|nth| desk.done("/v1/conversion-requests", &learner(nth)));
        let drafted = [4, 5].map(|nth| desk.done("/v1/conversion-drafts", &learner(nth)));
        for cohort in &asked {
            self.add("cohort_id", &cohort["cohort_id"]);
            self.add("request_id", &cohort["requests"][0]["request_id"]);
        }
        for draft in &drafted {
            self.add("draft_id", &draft["draft_id"]);
        }
        let of = |nth: usize| format!("/v1/learners/{}", text(&self.0["learner_no"][nth]));
        let hold = json!({
            "lot_id": self.0["lot_id"][6],
            "amount": { "unit": "credit", "amount": "1.00" },
            "purpose": "community",
            "expires_at": chrono::Utc::now() + chrono::TimeDelta::days(30),
        });
        let held = desk.done(&format!("{}/holds", of(6)), &hold);
        let consent = json!({
            "institution": RECEIVING,
            "purpose": "admission",
            "document_number": "同意书〔2026〕1号",
        });
        let consent = desk.done(&format!("{}/consents", of(7)), &consent);
        self.add("hold_id", &held["hold_id"]);
        self.add("consent_id", &consent["consent_id"]);
        let endpoint = json!({ "url": "https://hooks.example.edu.cn/" });
        let endpoint = desk.done("/v1/webhook-endpoints", &endpoint);
        self.add("endpoint_id", &endpoint["endpoint_id"]);
        let path = format!(
            "/v1/webhook-endpoints/{}/test",
            text(&endpoint["endpoint_id"])
        );
        self.add("delivery_id", &desk.done(&path, &json!({}))["delivery_id"]);
        let new = json!({ "name": "made", "institution": SCHOOL, "roles": ["registrar"],
                          "scopes": ["outcomes:write"] });
        let client = desk.done("/v1/clients", &new);
        self.add("client_id", &client["client_id"]);
        let path = format!("/v1/clients/{}/secrets", text(&client["client_id"]));
        let secret = desk.done(&path, &json!({ "overlap_hours": 1 }));
        self.add("secret_id", &secret["secrets"][0]["secret_id"]);
    }

    /// An outcome that was taken back, and a job that waits for its file.
    fn of_the_university(&mut self, desk: &Desk<'_>) {
        let report = outcome("MATH101").student("DX1").source("u-1");
        desk.done("/v1/outcomes", &report.json());
        let because = json!({ "reason": "CLERICAL_ERROR", "document_number": "更正〔2026〕3号" });
        let withdrawal = json!({ "source_ref": "u-1", "because": because });
        let taken_back = desk.done("/v1/withdrawals", &withdrawal);
        self.add("correction_id", &taken_back["correction_id"]);
        let file = json!({ "file_name": "a.csv", "byte_count": 3 });
        let job = desk.done("/v1/import-jobs", &file);
        self.add("job_id", &job["job_id"]);
    }

    /// What is registered, somebody with a membership, and accounts of one person.
    fn of_the_bank(&mut self, desk: &Desk<'_>) {
        let rules = desk.seen("/v1/rule-sets");
        self.add("rule_set_id", &rules["rule_sets"][0]["rule_set_id"]);
        let entries = desk.seen("/v1/catalogue-entries");
        for entry in entries["entries"].as_array().unwrap() {
            self.add("entry_id", &entry["entry_id"]);
        }
        let document = json!({ "number": "示〔2026〕1号", "title": "示例", "kind": "notice" });
        desk.done("/v1/documents", &document);
        self.add("document_number", &document["number"]);
        let meeting = json!({ "code": "m-1", "kind": "working", "title_zh": "推进会",
                              "held_on": "2026-11-20" });
        let meeting = desk.done("/v1/meetings", &meeting);
        self.add("meeting_id", &meeting["meeting_id"]);
        let somebody = json!({
            "login": { "issuer": "https://id.test", "subject": "钱", "name": "钱老师" },
            "institution": SCHOOL,
            "roles": ["reviewer"],
        });
        let membership = desk.done("/v1/memberships", &somebody);
        self.add("membership_id", &membership["membership_id"]);
        self.add("person_id", &membership["person_id"]);
        let member = json!({ "person_id": self.first("person_id"), "since": "2026-07-01" });
        let committee = json!({ "code": "C-1", "title": "委员会", "members": [member] });
        desk.done("/v1/committees", &committee);
        self.add("committee_code", &committee["code"]);
        let [survivor, absorbed] = [8, 9].map(|nth| self.0["learner_no"][nth].clone());
        let merge = json!({
            "survivor": survivor,
            "absorbed": absorbed,
            "reason": "OPENED_TWICE",
            "document_number": "合〔2026〕1号",
        });
        let merge = desk.done("/v1/learner-merges", &merge);
        self.add("merge_id", &merge["merge_id"]);
    }

    /// Who asked for a conversion.
    pub(crate) fn learner(&self) -> LearnerNo {
        text(self.first("learner_no")).parse().unwrap()
    }

    /// As the hooks read it.
    pub(crate) fn json(&self) -> String {
        json!(self.0).to_string()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
