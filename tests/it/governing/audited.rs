//! The writes that the matrix does not get done, by whoever can do them: one event each, and none for
//! the same again.

use std::collections::BTreeSet;

use creditbank_domain::authz::Role;
use creditbank_domain::learner_no::LearnerNo;
use kit::{Answer, Caller, RECEIVING, SCHOOL, TestBank, evidence_form, outcome, pdf};
use serde_json::{Value, json};

use super::{House, rules};
use crate::api::authz::DONE_BY_OTHERS;

const REQUESTS: &str = "/v1/conversion-requests";

impl House {
    fn signed_in(&self, name: &str) -> Caller {
        let token = self.provider.token(name, TestBank::opening());
        self.app.bearer(&token)
    }

    /// Somebody of the school, with an outcome of theirs.
    fn learner(&self, student: &str) -> LearnerNo {
        let report = outcome("CERT-A").student(student).build();
        self.bank().post(SCHOOL, report).learner_no
    }

    /// The address of a new request for a learner of the school.
    fn request(&self, student: &str) -> String {
        let cohort = self.bank().request(&[self.learner(student)]);
        format!("{REQUESTS}/{}", cohort.requests[0].request_id)
    }
}

/// Which writes left one event.
struct Writes<'h> {
    house: &'h House,
    done: BTreeSet<&'static str>,
}

impl Writes<'_> {
    async fn held(&mut self, pattern: &'static str, send: impl AsyncFn() -> Answer) -> Value {
        let events = || self.house.app.rows("audit_events");
        let before = events();
        let first = send().await;
        assert!(first.status < 300, "{pattern}: {}", first.text);
        assert_eq!(events(), before + 1, "{pattern}");
        let again = send().await;
        assert!(again.status < 300, "{pattern}: {}", again.text);
        assert_eq!(again.body, first.body, "{pattern}");
        assert_eq!(events(), before + 1, "{pattern}: once more");
        self.done.insert(pattern);
        first.body
    }

    async fn post(
        &mut self,
        pattern: &'static str,
        (caller, path): (&Caller, &str),
        body: Value,
    ) -> Value {
        self.held(pattern, async || caller.post(path, pattern, &body).await)
            .await
    }
}

async fn requests(writes: &mut Writes<'_>) {
    let house = writes.house;
    let school = house.app.caller(&[Role::SchoolOfficer], SCHOOL);
    let reviewer = house.app.caller(&[Role::Reviewer], RECEIVING);
    let drafted = json!({
        "receiving_institution": RECEIVING,
        "programme": kit::PROGRAMME,
        "learners": [{ "learner_no": house.learner("XS1").as_str() }],
    });
    let draft = school
        .post("/v1/conversion-drafts", "draft", &drafted)
        .await;
    let draft = draft.expect(201).body["draft_id"].clone();
    let path = format!("/v1/conversion-drafts/{}/discard", draft.as_str().unwrap());
    let pattern = "/v1/conversion-drafts/{draft_id}/discard";
    writes.post(pattern, (&school, &path), json!({})).await;

    let request = house.request("XS2");
    let decision = format!("{request}/decision");
    let ask = json!({ "decision": "ask", "text": "请补交证书扫描件" });
    let _ = reviewer.post(&decision, "ask", &ask).await.expect(200);
    let path = format!("{request}/evidence");
    let form = || evidence_form(&path, "other", "a.pdf", &pdf("x"));
    let pattern = "/v1/conversion-requests/{request_id}/evidence";
    let piece = writes
        .held(pattern, async || school.send(form()).await)
        .await;
    let path = format!(
        "{path}/{}/withdrawal",
        piece["evidence_id"].as_str().unwrap()
    );
    let pattern = "/v1/conversion-requests/{request_id}/evidence/{evidence_id}/withdrawal";
    let text = json!({ "text": "说明" });
    writes.post(pattern, (&school, &path), text.clone()).await;
    let path = format!("{request}/answer");
    let pattern = "/v1/conversion-requests/{request_id}/answer";
    writes.post(pattern, (&school, &path), text.clone()).await;
    let path = format!("{request}/withdrawal");
    let pattern = "/v1/conversion-requests/{request_id}/withdrawal";
    writes.post(pattern, (&school, &path), text).await;
}

async fn checks(writes: &mut Writes<'_>) {
    let house = writes.house;
    house.bank().check_first();
    let low = outcome("CERT-LOW").student("XS3").build();
    let number = house.bank().post(SCHOOL, low).learner_no;
    let request = house.bank().request(&[number]).requests[0].request_id;
    let secretariat = house.app.caller(&[Role::Secretariat], RECEIVING);
    let path = format!("{REQUESTS}/{request}/check");
    let pattern = "/v1/conversion-requests/{request_id}/check";
    let pass = json!({ "decision": "pass" });
    writes.post(pattern, (&secretariat, &path), pass).await;
}

async fn people(writes: &mut Writes<'_>) {
    let house = writes.house;
    let number = house.learner("XS4");
    let registrar = house.app.caller(&[Role::Registrar], SCHOOL);
    let path = format!("/v1/learners/{number}/claim-codes");
    let issued = registrar.post(&path, "code", &json!({})).await.expect(201);
    let body = json!({ "code": issued.body["code"] });
    let portal = house.signed_in("xiaoming");
    let pattern = "/v1/account-claims";
    writes.post(pattern, (&portal, pattern), body).await;

    house.somebody("reviewer", Some(RECEIVING), Role::Reviewer);
    let _ = house.request("XS5");
    house.bank().sequence();
    let reviewer = house.signed_in("reviewer");
    let told = reviewer.get("/v1/notices").await.expect(200).body;
    let body = json!({ "up_to": told["notices"][0]["notice_id"] });
    let pattern = "/v1/notice-marks";
    writes.post(pattern, (&reviewer, pattern), body).await;
}

async fn rule_sets(writes: &mut Writes<'_>) {
    let house = writes.house;
    for name in ["sec", "sec-2"] {
        house.somebody(name, None, Role::Secretariat);
    }
    let [one, other] = ["sec", "sec-2"].map(|name| house.signed_in(name));
    let pattern = "/v1/rule-sets";
    let listed = one.get(pattern).await.expect(200).body;
    let in_force = listed["rule_sets"][0]["rule_set_id"].as_str().unwrap();
    let body = json!({ "content": rules::content("{people: 2}") });
    let drafted = writes.post(pattern, (&one, pattern), body).await;
    let id = drafted["rule_set"]["rule_set_id"].as_str().unwrap();
    let path = format!("{pattern}/{id}/proposal");
    let _ = one.post(&path, "propose", &json!({})).await.expect(200);
    let path = format!("{pattern}/{id}/votes");
    let vote = json!({ "vote": "approve" });
    let votes = "/v1/rule-sets/{rule_set_id}/votes";
    writes.post(votes, (&other, &path), vote).await;
    let path = format!("{pattern}/{in_force}/retirement");
    let retirement = "/v1/rule-sets/{rule_set_id}/retirement";
    writes.post(retirement, (&one, &path), json!({})).await;
}

#[actix_web::test]
async fn what_only_others_than_those_of_the_matrix_do_leaves_one_event_too() {
    let house = House::open().await;
    let mut writes = Writes {
        house: &house,
        done: BTreeSet::new(),
    };
    requests(&mut writes).await;
    people(&mut writes).await;
    checks(&mut writes).await;
    rule_sets(&mut writes).await;
    assert_eq!(writes.done, DONE_BY_OTHERS.into());
}
