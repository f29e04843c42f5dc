//! What those who govern are asked about in the matrix.

use creditbank_api::NewClientSecret;
use creditbank_domain::authz::Role;
use creditbank_domain::governance::MeetingKind;
use creditbank_domain::ids::PersonId;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::person::Login;
use creditbank_domain::text::{InstitutionCode, PersonName};
use creditbank_ledger::flows::{
    NewClient, NewClientKey, NewCommittee, NewMeeting, NewMember, NewMembership, NewSecret,
    add_client_key, add_client_secret, add_person, draft_rule_set, give_membership,
    register_client, register_committee, register_governance,
};
use kit::{RECEIVING, SCHOOL, TestApp, TestBank, day, keeper};
use serde_json::{Value, json};
use uuid::Uuid;

/// The document of the world.
pub(super) const NUMBER: &str = "继教合作联盟〔2021〕12号";
pub(super) const COMMITTEE: &str = "C-1";

/// One of everything.
pub(super) struct Governing {
    /// A draft of the receiving university's.
    pub(super) rule_set: String,
    content: String,
    pub(super) meeting: String,
    /// Of somebody at the school.
    pub(super) membership: String,
    /// A program of the school, a secret of it and a key's name.
    pub(super) client: [String; 3],
    /// Given by the learner.
    pub(super) consent: String,
    seated: PersonId,
    /// Two reviewers of the receiving university.
    reviewers: [Uuid; 2],
}

impl Governing {
    pub(super) fn arrange(app: &TestApp, learner: LearnerNo) -> Self {
        let bank = app.bank();
        let (ledger, keeper, now) = (bank.ledger(), keeper(), bank.now());
        let mut rules = kit::rule_set_of_the_world();
        rules.valid_from = day("2027-01-01");
        let document = rules.document();
        let rule_set = draft_rule_set(ledger, &keeper, &document, "drafter", now);
        let seated = person(bank, "seated");
        let committee = NewCommittee {
            code: COMMITTEE.to_owned(),
            title: "专门委员会".to_owned(),
            members: vec![NewMember {
                member: seated.to_string(),
                institution: None,
                since: day("2021-06-18"),
            }],
        };
        register_committee(ledger, &keeper, &committee, now).unwrap();
        register_governance(ledger, &keeper, (&[], &[meeting()]), now).unwrap();
        let meeting = bank
            .database()
            .sql("select meeting_id from meetings")
            .unwrap();
        let membership = NewMembership {
            person: person(bank, "member"),
            institution: Some(InstitutionCode::new(SCHOOL).unwrap()),
            roles: vec![Role::Reviewer],
            from: now,
            until: None,
        };
        let membership = give_membership(ledger, &keeper, &membership, now).unwrap();
        let reviewer = |roles: &[Role]| app.client(Some(RECEIVING), None, roles).as_uuid();
        Self {
            rule_set: rule_set.unwrap().unwrap().to_string(),
            content: creditbank_rulebook::export(&document),
            meeting: meeting.trim().to_owned(),
            membership: membership.to_string(),
            client: client(bank),
            consent: consent(bank, learner),
            seated,
            reviewers: [
                reviewer(&[Role::Reviewer]),
                reviewer(&[Role::Reviewer, Role::Registrar]),
            ],
        }
    }

    /// What is sent, where it is about those who govern.
    pub(super) fn body(&self, pattern: &str, key: &str) -> Option<Value> {
        Some(match pattern {
            "/v1/documents" => {
                json!({ "number": "示〔2026〕1号", "title": "示例", "kind": "notice" })
            }
            "/v1/meetings" => json!({ "code": "m-1", "kind": "working", "title_zh": "推进会",
                                      "held_on": "2026-11-20" }),
            "/v1/meetings/{meeting_id}/resolutions" => {
                json!({ "no": 1, "text_zh": "通过", "outcome": "adopted",
                        "rule_set_id": self.rule_set })
            }
            "/v1/rule-sets" => json!({ "content": self.content }),
            "/v1/rule-sets/{rule_set_id}/votes" => json!({ "vote": "approve" }),
            "/v1/rule-sets/{rule_set_id}/proposal"
            | "/v1/rule-sets/{rule_set_id}/retirement"
            | "/v1/memberships/{membership_id}/end"
            | "/v1/clients/{client_id}/secrets/{secret_id}/end"
            | "/v1/clients/{client_id}/keys/{kid}/end"
            | "/v1/clients/{client_id}/end"
            | "/v1/learners/{learner_no}/helpers/{helper_id}/end" => json!({}),
            "/v1/committees" => json!({ "code": "C-2", "title": "委员会", "members": [] }),
            "/v1/committees/{committee_code}/departures" => {
                json!({ "member": self.seated.to_string(), "last_day": "2026-11-30" })
            }
            "/v1/memberships" => json!({
                "login": { "issuer": "https://id.test", "subject": key, "name": "钱老师" },
                "institution": SCHOOL, "roles": ["reviewer"],
            }),
            "/v1/clients" => json!({
                "name": key, "institution": SCHOOL, "roles": ["institution_admin"],
                "scopes": ["clients:write"],
            }),
            "/v1/clients/{client_id}/secrets" => json!({ "overlap_hours": 7 }),
            "/v1/clients/{client_id}/keys" => json!({ "jwk": jwk(key) }),
            "/v1/learners/{learner_no}/helpers" => json!({
                "login": { "issuer": "https://id.test", "subject": key, "name": "孙先生" },
                "scopes": ["learners:read"], "until": "2026-12-31T00:00:00Z",
            }),
            "/v1/review-chains" => json!({
                "institution": RECEIVING, "valid_from": "2027-01-01", "document_number": "示〔2026〕2号",
                "document_title": "示例", "answer_days": 10,
                "stages": [{ "name_zh": "审定", "name_en": "decision", "party": "receiving",
                             "approvals": 1, "working_days": 15 }],
            }),
            "/v1/review-delegations" => json!({
                "institution": RECEIVING, "absent": self.reviewers[0],
                "delegate": self.reviewers[1], "from": "2026-12-01", "to": "2026-12-05",
            }),
            "/v1/notice-marks" => json!({ "up_to": Uuid::nil() }),
            "/v1/work-calendars" => json!({
                "year": 2030, "source": "示例", "example": true,
                "days": [{ "day": "2030-01-01", "kind": "holiday", "name": "元旦" }],
            }),
            _ => return None,
        })
    }
}

fn jwk(kid: &str) -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid,
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" })
}

/// One that nobody of the matrix calls as.
fn client(bank: &TestBank) -> [String; 3] {
    let (ledger, keeper, now) = (bank.ledger(), keeper(), bank.now());
    let new = NewClient {
        name: "kept".to_owned(),
        institution: Some(InstitutionCode::new(SCHOOL).unwrap()),
        learner_no: None,
        roles: vec![Role::InstitutionAdmin],
    };
    let id = register_client(ledger, &keeper, &new, now).unwrap();
    let made = NewClientSecret::generate().unwrap();
    let secret = NewSecret {
        id: made.id,
        hash: &made.hash,
        expires_at: None,
    };
    add_client_secret(ledger, &keeper, "kept", &secret, now).unwrap();
    let key = NewClientKey {
        kid: "first",
        algorithm: "EdDSA",
        jwk: &jwk("first"),
    };
    add_client_key(ledger, &keeper, "kept", &key, now).unwrap();
    [id.to_string(), made.id.to_string(), "first".to_owned()]
}

fn meeting() -> NewMeeting {
    NewMeeting {
        code: "m-0".to_owned(),
        kind: MeetingKind::Committee,
        title: ("工作会议".to_owned(), None),
        held_on: day("2026-11-16"),
        place: None,
        called_by: None,
        minutes: None,
        committee: Some(COMMITTEE.to_owned()),
        business_zh: None,
        source: None,
        attendees: Vec::new(),
        resolutions: Vec::new(),
    }
}

fn person(bank: &TestBank, subject: &str) -> PersonId {
    let login = Login::new("https://id.test", subject).unwrap();
    let name = PersonName::new("李老师").unwrap();
    add_person(bank.ledger(), &keeper(), &name, Some(&login), bank.now()).unwrap()
}

/// What the learner said of a helper.
fn consent(bank: &TestBank, learner: LearnerNo) -> String {
    let helper = person(bank, "helper");
    let statement = format!(
        "insert into helper_consents (consent_id, learner_id, helper_id, scopes, until_at, given_at) \
         select gen_random_uuid(), learner_id, '{helper}', array['learners:read'], \
             '2026-12-31', '2026-11-01' \
         from learners where learner_no = '{learner}' returning consent_id"
    );
    let said = bank.database().sql(&statement).unwrap();
    said.lines().next().unwrap().trim().to_owned()
}

/// As it stands in an address.
pub(super) fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
