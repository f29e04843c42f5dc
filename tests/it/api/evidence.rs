//! Evidence over HTTP: attached, sealed, shown to whom it concerns, taken back and destroyed.

mod store;

use actix_web::test::TestRequest;
use creditbank_domain::authz::Role;
use creditbank_domain::evidence::{BYTES_MAX, FILES_MAX};
use creditbank_domain::ids::EvidenceId;
use kit::{Answer, Caller, RECEIVING, SCHOOL, UNIVERSITY, evidence_form, pdf};
use serde_json::json;

use super::conversions::{Conversions, request_path};
use super::{as_the_rules_say, decision_of};

pub(super) const NAME: &str = "张三的证书 2024.pdf";

/// A request of the school, and where its evidence is.
pub(super) async fn asked(all: &Conversions) -> (String, String) {
    all.learner("XS20230001", &["CERT-A"], "85");
    let request = request_path(&all.ask("k-1", &["XS20230001"]).await, 0);
    let evidence = format!("{request}/evidence");
    (request, evidence)
}

pub(super) async fn attach(caller: &Caller, path: &str, bytes: &[u8]) -> Answer {
    caller
        .send(evidence_form(path, "certificate", NAME, bytes))
        .await
}

pub(super) fn id_of(answer: &Answer) -> EvidenceId {
    let id = answer.body["evidence_id"].as_str().unwrap();
    EvidenceId::from_uuid(id.parse().unwrap())
}

fn place(evidence: &str, answer: &Answer) -> String {
    format!("{evidence}/{}", id_of(answer))
}

#[actix_web::test]
async fn a_file_is_kept_sealed_and_comes_back_as_it_was_to_whom_it_concerns() {
    let all = Conversions::start().await;
    let (_, evidence) = asked(&all).await;
    let file = pdf("certificate of somebody");
    let attached = attach(&all.school, &evidence, &file).await.expect(201);
    let place = place(&evidence, &attached);
    assert_eq!(attached.header("location"), place);
    assert_eq!(
        (&attached.body["media_type"], &attached.body["byte_count"]),
        (&json!("application/pdf"), &json!(file.len()))
    );
    // What is kept is not what was handed in, and the ledger's tables do not know its name.
    let sealed = all.app.vault().fetch(id_of(&attached)).await.unwrap();
    assert!(!sealed.windows(11).any(|window| window == b"certificate"));
    let database = all.app.bank().database();
    let rows = database.sql("select e::text from evidence e").unwrap();
    assert!(!rows.contains("张三"), "{rows}");
    let number = database.sql("select learner_no from learners").unwrap();
    let learner = all.app.learner(number.trim().parse().unwrap());
    let secretariat = all.app.caller(&[Role::Secretariat], SCHOOL);
    for caller in [&all.school, &all.reviewer, &secretariat, &learner] {
        let list = caller.get(&evidence).await.expect(200);
        assert_eq!(list.body["evidence"][0], attached.body);
        assert_eq!(list.body["evidence"][0]["file_name"], NAME);
        let shown = caller.get(&place).await.expect(200);
        assert_eq!(shown.text.as_bytes(), file);
        assert_eq!(shown.header("content-type"), "application/pdf");
        assert_eq!(shown.header("x-content-type-options"), "nosniff");
        let disposition = shown.header("content-disposition");
        assert!(
            disposition.starts_with("attachment; filename*=UTF-8''"),
            "{disposition}"
        );
    }
    // Three others looked, twice each; the learner sees it, and who.
    let path = format!("/v1/learners/{}/readings", number.trim());
    let looked = loop {
        let page = learner.get(&path).await.expect(200).body;
        let looked = page["readings"].as_array().unwrap().clone();
        if looked.len() >= 6 {
            break looked;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    assert_eq!(looked.len(), 6);
    assert!(looked.iter().all(|look| look["what"] == "evidence"));
    assert!(looked.iter().any(|look| look["institution"] == RECEIVING));
}

#[actix_web::test]
async fn what_a_file_is_decides_and_not_what_it_is_called() {
    let all = Conversions::start().await;
    let (_, evidence) = asked(&all).await;
    let mut program = b"MZ".to_vec();
    program.resize(4_096, 0);
    let told = attach(&all.school, &evidence, &program).await;
    let told = told.refused(422, "EVIDENCE_TYPE");
    assert!(told.text.contains("portable-executable"), "{}", told.text);
    let page = b"<html><script>alert(1)</script></html>";
    attach(&all.school, &evidence, page)
        .await
        .refused(422, "EVIDENCE_TYPE");
    attach(&all.school, &evidence, b"")
        .await
        .refused(400, "INVALID_BODY");
    let odd = evidence_form(&evidence, "passport", NAME, &pdf("x"));
    let odd = all.school.send(odd).await.refused(400, "INVALID_BODY");
    assert_eq!(odd.first_error(), ("kind", "EVIDENCE_KIND_UNKNOWN"));
    // Cut off in the middle of the file.
    let cut = TestRequest::post()
        .uri(&evidence)
        .insert_header(("content-type", "multipart/form-data; boundary=b"))
        .set_payload(
            "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF",
        );
    all.school.send(cut).await.refused(400, "BODY_INCOMPLETE");
    assert_eq!(all.app.rows("evidence"), 0);
    let called_otherwise = evidence_form(&evidence, "other", "setup.exe", &pdf("x"));
    let taken = all.school.send(called_otherwise).await.expect(201);
    assert_eq!(taken.body["media_type"], "application/pdf");
}

#[actix_web::test]
async fn ten_mebibytes_are_taken_and_one_byte_more_is_not() {
    let all = Conversions::start().await;
    let (_, evidence) = asked(&all).await;
    let mut most = pdf("large");
    most.resize(usize::try_from(BYTES_MAX).unwrap(), b'x');
    let mut more = most.clone();
    more.push(b'x');
    attach(&all.school, &evidence, &more)
        .await
        .refused(413, "BODY_TOO_LARGE");
    let taken = attach(&all.school, &evidence, &most).await.expect(201);
    let shown = all
        .reviewer
        .get(&place(&evidence, &taken))
        .await
        .expect(200);
    assert!(shown.text.as_bytes() == most);
}

#[actix_web::test]
async fn the_same_file_is_one_piece_and_the_twenty_first_other_one_is_refused() {
    let all = Conversions::start().await;
    let (_, evidence) = asked(&all).await;
    let first = attach(&all.school, &evidence, &pdf("0")).await.expect(201);
    let again = attach(&all.school, &evidence, &pdf("0")).await.expect(200);
    assert_eq!(first.body, again.body);
    for nth in 1..FILES_MAX {
        let _ = attach(&all.school, &evidence, &pdf(&nth.to_string()))
            .await
            .expect(201);
    }
    let more = pdf("one more");
    attach(&all.school, &evidence, &more)
        .await
        .refused(422, "EVIDENCE_TOO_MANY");
    let again = attach(&all.school, &evidence, &pdf("0")).await.expect(200);
    assert_eq!(first.body, again.body);
    let back = format!("{}/withdrawal", place(&evidence, &first));
    let _ = all
        .school
        .post(&back, "w-1", &json!({ "text": "传错" }))
        .await
        .expect(200);
    let _ = attach(&all.school, &evidence, &more).await.expect(201);
}

#[actix_web::test]
async fn a_stranger_finds_neither_request_nor_file() {
    let all = Conversions::start().await;
    let (_, evidence) = asked(&all).await;
    let attached = attach(&all.school, &evidence, &pdf("x")).await.expect(201);
    let file = place(&evidence, &attached);
    all.learner("XS20230002", &["CERT-B"], "85");
    let other = request_path(&all.ask("k-2", &["XS20230002"]).await, 0);
    let elsewhere = format!("{other}/evidence/{}", id_of(&attached));
    all.school.get(&elsewhere).await.refused(404, "NOT_FOUND");
    let stranger = all.app.caller(&[Role::SchoolOfficer], UNIVERSITY);
    let reviewer = all.app.caller(&[Role::Reviewer], UNIVERSITY);
    for caller in [&stranger, &reviewer] {
        caller.get(&evidence).await.refused(404, "NOT_FOUND");
        caller.get(&file).await.refused(404, "NOT_FOUND");
    }
    attach(&stranger, &evidence, &pdf("y"))
        .await
        .refused(404, "NOT_FOUND");
    // Who decides does not make evidence.
    attach(&all.reviewer, &evidence, &pdf("y"))
        .await
        .refused(403, "NO_RIGHT");
    let back = format!("{file}/withdrawal");
    let why = json!({ "text": "传错" });
    stranger
        .post(&back, "w-1", &why)
        .await
        .refused(404, "NOT_FOUND");
    let elsewhere = format!("{elsewhere}/withdrawal");
    all.school
        .post(&elsewhere, "w-2", &why)
        .await
        .refused(404, "NOT_FOUND");
    assert_eq!(all.app.rows("evidence"), 1);
}

#[actix_web::test]
async fn a_request_that_has_ended_takes_nothing_more_and_gives_nothing_back() {
    let all = Conversions::start().await;
    let (request, evidence) = asked(&all).await;
    let attached = attach(&all.school, &evidence, &pdf("x")).await.expect(201);
    let path = decision_of(&request);
    let decided = all.reviewer.post(&path, "d-1", &as_the_rules_say()).await;
    let _ = decided.expect(200);
    let ended = attach(&all.school, &evidence, &pdf("late")).await;
    ended.refused(409, "ALREADY_DECIDED");
    let back = format!("{}/withdrawal", place(&evidence, &attached));
    let why = json!({ "text": "传错" });
    all.school
        .post(&back, "w-1", &why)
        .await
        .refused(409, "ALREADY_DECIDED");
    // What it rested on stays, and a retry of what was attached in time is told so.
    let _ = all
        .reviewer
        .get(&place(&evidence, &attached))
        .await
        .expect(200);
    let again = attach(&all.school, &evidence, &pdf("x")).await.expect(200);
    assert_eq!(again.body, attached.body);
}

#[actix_web::test]
async fn an_answer_names_what_was_attached_for_it_and_nothing_else() {
    let all = Conversions::start().await;
    let (request, evidence) = asked(&all).await;
    let ask = json!({ "decision": "ask", "text": "请补交证书扫描件" });
    let _ = all
        .reviewer
        .post(&decision_of(&request), "d-1", &ask)
        .await
        .expect(200);
    let attached = attach(&all.school, &evidence, &pdf("x")).await.expect(201);
    let gone = attach(&all.school, &evidence, &pdf("wrong"))
        .await
        .expect(201);
    let back = format!("{}/withdrawal", place(&evidence, &gone));
    let _ = all
        .school
        .post(&back, "w-1", &json!({ "text": "传错" }))
        .await
        .expect(200);
    let named = |ids: &[EvidenceId]| {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        json!({ "text": "已补交", "evidence": ids })
    };
    let (one, gone) = (id_of(&attached), id_of(&gone));
    let answer = format!("{request}/answer");
    for (key, ids) in [
        ("a-1", vec![one, one]),
        ("a-2", vec![gone]),
        ("a-3", vec![one, gone]),
    ] {
        let refused = all.school.post(&answer, key, &named(&ids)).await;
        refused.refused(422, "EVIDENCE_UNKNOWN");
    }
    let still = all.school.get(&request).await.expect(200);
    assert_eq!(still.body["progress"]["turn"], "applicant");
    let _ = all
        .school
        .post(&answer, "a-4", &named(&[one]))
        .await
        .expect(200);
    let list = all.reviewer.get(&evidence).await.expect(200);
    assert_eq!(list.body["evidence"][0]["answers_step"], 2);
    assert_eq!(list.body["evidence"][1]["withdrawn_because"], "传错");
}

#[actix_web::test]
async fn a_learner_attaches_to_a_request_that_the_learner_sent_and_to_no_other() {
    let all = Conversions::start().await;
    let number = all.learner("XS20230001", &["CERT-A"], "85");
    let request = request_path(&all.ask("k-1", &["XS20230001"]).await, 0);
    let evidence = format!("{request}/evidence");
    let learner = all.app.learner(number);
    attach(&learner, &evidence, &pdf("x"))
        .await
        .refused(404, "NOT_FOUND");
    let sent = "update conversion_requests set requesting_institution_id = null";
    all.app.bank().database().sql(sent).unwrap();
    let attached = attach(&learner, &evidence, &pdf("x")).await.expect(201);
    assert!(
        attached.body.get("institution").is_none(),
        "{}",
        attached.text
    );
}
