//! Many single posts at one moment: whatever goes into the ledger together, each is answered as if
//! it had been alone.

use creditbank_domain::authz::Role;
use kit::{Answer, Caller, SCHOOL, TestApp, UNIVERSITY, outcome};
use serde_json::Value;

const PATH: &str = "/v1/outcomes";

/// Sends them all at once and gives the answers in their order.
async fn all_at_once(requests: &[(&Caller, String, Value)]) -> Vec<Answer> {
    let sent: Vec<_> = requests
        .iter()
        .map(|(caller, key, body)| {
            let (caller, key, body) = ((*caller).clone(), key.clone(), body.clone());
            actix_web::rt::spawn(async move { caller.post(PATH, &key, &body).await })
        })
        .collect();
    let mut answers = Vec::with_capacity(sent.len());
    for answer in sent {
        answers.push(answer.await.unwrap());
    }
    answers
}

#[actix_web::test]
async fn sixty_four_posts_at_once_are_each_answered_exactly() {
    let app = TestApp::start().await;
    let university = app.caller(&[Role::Registrar], UNIVERSITY);
    let school = app.caller(&[Role::Registrar], SCHOOL);
    let math = |student: &str| outcome("MATH101").student(student);
    let old = math("old").json();
    let first = university.post(PATH, "old", &old).await.expect(201);
    let contested = math("contested").source("c-0");
    let _ = university
        .post(PATH, "c-0", &contested.clone().json())
        .await
        .expect(201);

    let mut requests: Vec<(&Caller, String, Value)> = Vec::new();
    let mut expected = Vec::new();
    let mut add = |caller, key: String, body, status: u16, code: &'static str| {
        requests.push((caller, key, body));
        expected.push((status, code));
    };
    for n in 0..6 {
        for m in 0..4 {
            let body = math(&format!("S{n}-{m}")).json();
            add(&university, format!("good-{n}-{m}"), body, 201, "");
        }
        add(&university, "old".to_owned(), old.clone(), 201, "");
        let other = math(&format!("other-{n}")).json();
        add(
            &university,
            "old".to_owned(),
            other,
            422,
            "IDEMPOTENCY_KEY_REUSED",
        );
        let conflict = contested.clone().grade("58").json();
        add(
            &university,
            format!("conflict-{n}"),
            conflict,
            409,
            "SOURCE_REF_CONFLICT",
        );
        let foreign = outcome("CERT-A").student(&format!("foreign-{n}")).json();
        add(
            &university,
            format!("foreign-{n}"),
            foreign,
            403,
            "ENTRY_NOT_OWNED",
        );
    }
    for n in 0..8 {
        let body = outcome("CERT-A").student(&format!("T{n}")).json();
        add(&school, format!("good-{n}"), body, 201, "");
    }
    for _ in 0..4 {
        add(
            &university,
            "same-key".to_owned(),
            math("same").json(),
            201,
            "",
        );
    }
    for n in 0..4 {
        // 201 for whichever comes first, 200 for the others.
        add(&university, format!("twin-{n}"), math("twin").json(), 0, "");
    }
    assert_eq!(requests.len(), 64);

    let answers = all_at_once(&requests).await;
    for ((_, key, _), (answer, (status, code))) in
        requests.iter().zip(answers.iter().zip(&expected))
    {
        let expected = (if *status == 0 { answer.status } else { *status }, *code);
        assert_eq!(
            (answer.status, answer.code()),
            expected,
            "{key}: {}",
            answer.text
        );
        if key == "old" && answer.status == 201 {
            assert_eq!((answer.replayed(), &answer.body), (true, &first.body));
        }
    }
    let same = &answers[56..60];
    assert_eq!(same.iter().filter(|answer| !answer.replayed()).count(), 1);
    assert!(same.iter().all(|answer| answer.body == same[0].body));
    let twins = &answers[60..];
    assert_eq!(
        twins.iter().filter(|answer| answer.status == 201).count(),
        1
    );
    assert_eq!(
        twins.iter().filter(|answer| answer.status == 200).count(),
        3
    );
    assert!(twins.iter().all(|answer| answer.body == twins[0].body));

    // 2 before, 24 + 8 good ones, one under the one key, one of the twins; refusals left nothing.
    assert_eq!((app.rows("outcomes"), app.rows("learners")), (36, 36));
    assert_eq!(app.rows("idempotency_keys"), 2 + 24 + 8 + 1 + 4);
    // The key of a refused request is free.
    let _ = university
        .post(PATH, "foreign-0", &math("foreign-0").json())
        .await
        .expect(201);
}

#[actix_web::test]
async fn a_client_of_another_institution_never_gets_an_answer_of_the_same_key() {
    let app = TestApp::start().await;
    let university = app.caller(&[Role::Registrar], UNIVERSITY);
    let school = app.caller(&[Role::Registrar], SCHOOL);
    let mut requests = Vec::new();
    for n in 0..16 {
        let key = format!("k-{n}");
        let body = outcome("MATH101").student(&format!("S{n}")).json();
        requests.push((&university, key.clone(), body));
        let body = outcome("CERT-A").student(&format!("S{n}")).json();
        requests.push((&school, key, body));
    }
    let answers = all_at_once(&requests).await;
    for (at, answer) in answers.iter().enumerate() {
        let amount = if at % 2 == 0 { "4.00" } else { "6.00" };
        assert_eq!((answer.status, answer.replayed()), (201, false));
        assert_eq!(answer.body["lots"][0]["amount"], amount);
    }
}
