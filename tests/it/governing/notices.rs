//! What people are told in the application: each what concerns them, and nobody anything else.

use actix_web::test::TestRequest;
use creditbank_domain::authz::Role;
use creditbank_domain::ids::PersonId;
use creditbank_domain::learner_no::LearnerNo;
use kit::{RECEIVING, SCHOOL, UNIVERSITY, outcome};
use serde_json::{Value, json};

use super::House;

fn kinds(page: &Value) -> Vec<&str> {
    { page["notices"].as_array().unwrap().iter() }
        .map(|it| it["kind"].as_str().unwrap())
        .collect()
}

/// Makes an account somebody's own.
fn claim(house: &House, person: PersonId, number: LearnerNo) {
    let statement = format!(
        "insert into person_accounts (learner_id, person_id, linked_at) \
         select learner_id, '{person}', '2026-01-01' from learners where learner_no = '{number}'"
    );
    house.bank().database().sql(&statement).unwrap();
}

#[actix_web::test]
async fn everybody_is_told_what_concerns_them_and_nothing_is_written_when_something_is_posted() {
    let house = House::open().await;
    let bank = house.bank();
    house.somebody("reviewer", Some(RECEIVING), Role::Reviewer);
    house.somebody("officer", Some(SCHOOL), Role::SchoolOfficer);
    house.somebody("registrar", Some(UNIVERSITY), Role::Registrar);
    house.somebody("stranger", Some(UNIVERSITY), Role::Reviewer);
    let student = house.bank().person(&house.provider.issuer, "student");
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    claim(&house, student, number);
    bank.sequence();
    assert_eq!(
        house.app.rows("notice_audiences"),
        0,
        "a posting addresses nobody"
    );
    let told = house.get("student", "/v1/notices").await.expect(200).body;
    assert_eq!(
        (kinds(&told), &told["unread"]),
        (vec!["outcome_posted"], &json!(1))
    );
    let cohort = bank.request(&[number]);
    let _ = bank.decide(cohort.cohort_id);
    bank.sequence();
    let reviewer = house.get("reviewer", "/v1/notices").await.expect(200).body;
    assert_eq!(kinds(&reviewer), ["request_sent"]);
    let officer = house.get("officer", "/v1/notices").await.expect(200).body;
    assert_eq!(kinds(&officer), ["request_decided"]);
    let request = cohort.requests[0].request_id.to_string();
    assert_eq!(officer["notices"][0]["request_id"], request.as_str());
    for nobody in ["stranger", "registrar"] {
        let told = house.get(nobody, "/v1/notices").await.expect(200).body;
        assert_eq!(
            (kinds(&told), &told["unread"]),
            (Vec::new(), &json!(0)),
            "{nobody}"
        );
    }
    let student = house.get("student", "/v1/notices").await.expect(200).body;
    // The grant is an outcome of its own.
    let expected = [
        "request_decided",
        "outcome_posted",
        "request_sent",
        "outcome_posted",
    ];
    let mut told = kinds(&student);
    told.sort_unstable();
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(told, expected);
    // No learner number and no name in what staff are told.
    for page in [&reviewer, &officer] {
        assert!(!page.to_string().contains(number.as_str()), "{page}");
    }
}

#[actix_web::test]
async fn reading_one_or_all_up_to_one_leaves_what_comes_later_unread() {
    let house = House::open().await;
    let bank = house.bank();
    house.somebody("reviewer", Some(RECEIVING), Role::Reviewer);
    house.somebody("colleague", Some(RECEIVING), Role::Reviewer);
    house.somebody("officer", Some(SCHOOL), Role::SchoolOfficer);
    let send = |student: &str| {
        let number = bank
            .post(SCHOOL, outcome("CERT-A").student(student).build())
            .learner_no;
        let _ = bank.request(&[number]);
        bank.sequence();
    };
    for student in ["XS1", "XS2", "XS3"] {
        send(student);
    }
    let first = house
        .get("reviewer", "/v1/notices?limit=2")
        .await
        .expect(200);
    assert_eq!(first.body["unread"], 3);
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let rest = house
        .get("reviewer", &format!("/v1/notices?cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!(kinds(&rest.body).len(), 1);
    let oldest = rest.body["notices"][0]["notice_id"].clone();
    let middle = first.body["notices"][1]["notice_id"].clone();
    let tag = first.headers.get("etag").unwrap().clone();
    let same = |tag| {
        TestRequest::get()
            .uri("/v1/notices?limit=2")
            .insert_header(("authorization", house.bearer("reviewer")))
            .insert_header(("if-none-match", tag))
    };
    assert_eq!(house.app.send(same(tag.clone())).await.status, 304);
    let mark = "/v1/notice-marks";
    let one = house
        .post("reviewer", mark, &json!({ "notice_id": oldest }))
        .await
        .expect(200);
    assert_eq!(one.body["unread"], 2);
    assert_eq!(
        house.app.send(same(tag)).await.status,
        200,
        "it is another page now"
    );
    let up_to = house
        .post("reviewer", mark, &json!({ "up_to": middle }))
        .await
        .expect(200);
    assert_eq!(up_to.body["unread"], 1);
    send("XS4");
    let now = house.get("reviewer", "/v1/notices").await.expect(200).body;
    let read: Vec<bool> = { now["notices"].as_array().unwrap().iter() }
        .map(|it| it["read"].as_bool().unwrap())
        .collect();
    assert_eq!(read, [false, false, true, true]);
    // A colleague has read nothing, and nobody marks what they were not told.
    let colleague = house.get("colleague", "/v1/notices").await.expect(200).body;
    assert_eq!(colleague["unread"], 4);
    let _ = house
        .post("officer", mark, &json!({ "notice_id": oldest }))
        .await
        .expect(404);
    let program = house.app.caller(&[Role::Reviewer], RECEIVING);
    let program = program
        .post(mark, "k", &json!({ "notice_id": oldest }))
        .await
        .expect(422);
    assert_eq!(program.code(), "NOTICES_OF_A_PERSON");
    let both = json!({ "notice_id": oldest, "up_to": middle });
    let both = house.post("reviewer", mark, &both).await.expect(422);
    assert_eq!(both.body["errors"][0]["code"], "MARK_AMBIGUOUS");
}

#[actix_web::test]
async fn what_is_due_awaits_until_it_is_done() {
    let house = House::open().await;
    let bank = house.bank();
    house.somebody("reviewer", Some(RECEIVING), Role::Reviewer);
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    let cohort = bank.request(&[number]);
    let due = async || {
        let told = house.get("reviewer", "/v1/notices").await.expect(200).body;
        told["due"].as_array().unwrap().clone()
    };
    assert_eq!(
        due().await,
        Vec::<Value>::new(),
        "there are 15 working days"
    );
    let soon = "update request_standings set due_on = '2026-11-23'";
    let _ = bank.database().sql(soon);
    let item = due().await;
    assert_eq!(item[0]["kind"], "review_due");
    let request = cohort.requests[0].request_id.to_string();
    assert_eq!(item[0]["subject_id"], request.as_str());
    let _ = bank
        .database()
        .sql("update request_standings set due_on = '2026-12-11'");
    let _ = bank.decide(cohort.cohort_id);
    assert_eq!(due().await, Vec::<Value>::new());
}
