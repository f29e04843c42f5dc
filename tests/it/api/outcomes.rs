//! `POST /v1/outcomes`: what is answered the first time, again, and to a contradiction.

use actix_web::test::TestRequest;
use creditbank_domain::amount::Unit;
use creditbank_domain::authz::Role;
use insta::assert_json_snapshot;
use kit::{Caller, RECEIVING, TestApp, UNIVERSITY, outcome};
use serde_json::json;

const PATH: &str = "/v1/outcomes";

async fn start() -> (TestApp, Caller) {
    let app = TestApp::start().await;
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    (app, registrar)
}

#[actix_web::test]
async fn a_new_outcome_is_201_with_its_lots_and_in_the_balance() {
    let (app, registrar) = start().await;
    let body = outcome("MATH101").student("XS20230001").json();
    let answer = registrar.post(PATH, "k-1", &body).await.expect(201);
    assert!(!answer.replayed());
    assert_json_snapshot!(answer.body, {
        ".outcome_id" => "[id]", ".learner_no" => "[learner_no]", ".lots[].lot_id" => "[id]",
    }, @r#"
    {
      "learner_no": "[learner_no]",
      "lots": [
        {
          "amount": "4.00",
          "lot_id": "[id]",
          "unit": "credit"
        }
      ],
      "outcome_id": "[id]"
    }
    "#);
    let number = answer.body["learner_no"].as_str().unwrap().parse().unwrap();
    assert_eq!(app.bank().credits(number).0, "4.00");
}

#[actix_web::test]
async fn what_earns_nothing_is_201_with_its_reason_and_no_lot() {
    let (app, registrar) = start().await;
    let body = outcome("MATH101").student("XS20230001").grade("52").json();
    let answer = registrar.post(PATH, "k-1", &body).await.expect(201);
    assert_json_snapshot!(answer.body, {
        ".outcome_id" => "[id]", ".learner_no" => "[learner_no]",
    }, @r#"
    {
      "earned_nothing": {
        "code": "GRADE_TOO_LOW",
        "en": "the grade is below the minimum",
        "zh": "成绩低于最低要求"
      },
      "learner_no": "[learner_no]",
      "lots": [],
      "outcome_id": "[id]"
    }
    "#);
    assert_eq!((app.rows("outcomes"), app.rows("lots")), (1, 0));
}

#[actix_web::test]
async fn the_same_key_answers_as_the_first_time_and_posts_once() {
    let (app, registrar) = start().await;
    let body = outcome("MATH101").student("XS20230001").json();
    let first = registrar.post(PATH, "k-1", &body).await.expect(201);
    let written = app.written();
    // A structured-field string names the same key.
    for key in ["k-1", "\"k-1\""] {
        let again = registrar.post(PATH, key, &body).await.expect(201);
        assert_eq!((again.replayed(), again.body), (true, first.body.clone()));
    }
    assert_eq!(app.written(), written);
}

#[actix_web::test]
async fn a_key_used_for_another_body_is_refused_and_a_fresh_one_taken() {
    let (app, registrar) = start().await;
    let first = outcome("MATH101").student("XS20230001").json();
    let other = outcome("PE102").student("XS20230001").json();
    let _ = registrar.post(PATH, "k-1", &first).await.expect(201);
    let written = app.written();
    let refused = registrar.post(PATH, "k-1", &other).await;
    refused.refused(422, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(app.written(), written);
    let _ = registrar.post(PATH, "k-2", &other).await.expect(201);
}

#[actix_web::test]
async fn a_key_belongs_to_its_client() {
    let (app, registrar) = start().await;
    let another = app.caller(&[Role::Registrar], RECEIVING);
    let body = outcome("MATH101").student("XS20230001").json();
    let _ = registrar.post(PATH, "k-1", &body).await.expect(201);
    let body = outcome("COURSE-A").student("XS20230001").json();
    let answer = another.post(PATH, "k-1", &body).await.expect(201);
    assert!(!answer.replayed());
}

#[actix_web::test]
async fn without_a_key_nothing_is_posted() {
    let (app, registrar) = start().await;
    let body = outcome("MATH101").student("XS20230001").json();
    let request = || TestRequest::post().uri(PATH).set_json(&body);
    let answer = registrar
        .send(request())
        .await
        .refused(400, "IDEMPOTENCY_KEY_MISSING");
    assert_eq!(
        answer.first_error(),
        ("Idempotency-Key", "IDEMPOTENCY_KEY_MISSING")
    );
    app.assert_nothing_written();
    let with_key = request().insert_header(("idempotency-key", "k"));
    let _ = registrar.send(with_key).await.expect(201);
}

#[actix_web::test]
async fn the_same_source_under_another_key_is_200_with_the_same_body() {
    let (app, registrar) = start().await;
    let body = outcome("MATH101")
        .student("XS20230001")
        .source("2024-1-0001")
        .json();
    let first = registrar.post(PATH, "k-1", &body).await.expect(201);
    let again = registrar.post(PATH, "k-2", &body).await.expect(200);
    assert_eq!((again.replayed(), again.text), (false, first.text));
    // And this answer is kept too, with its own status.
    let replay = registrar.post(PATH, "k-2", &body).await.expect(200);
    assert!(replay.replayed());
    assert_eq!(
        (
            app.rows("outcomes"),
            app.rows("lots"),
            app.rows("transfers")
        ),
        (1, 1, 1)
    );
}

#[actix_web::test]
async fn other_content_of_a_source_is_409_and_names_every_difference() {
    let (app, registrar) = start().await;
    let base = || {
        outcome("MATH101")
            .student("XS20230001")
            .source("2024-1-0001")
    };
    let _ = registrar
        .post(PATH, "k-1", &base().grade("71").json())
        .await
        .expect(201);
    let written = app.written();
    let other = base()
        .grade("58")
        .on("2026-01-30")
        .stating(Unit::Credit, "5.00")
        .json();
    let answer = registrar.post_in_english(PATH, "k-2", &other).await;
    let answer = answer.refused(409, "SOURCE_REF_CONFLICT");
    assert_eq!(answer.first_error(), ("/source_ref", "SOURCE_REF_CONFLICT"));
    for difference in [
        "grade 71.00 ≠ 58.00",
        "awarded_on 2026-01-31 ≠ 2026-01-30",
        "credit=5.00",
    ] {
        for language in ["zh", "en"] {
            let words = answer.body["reason"][language].as_str().unwrap();
            assert!(words.contains(difference), "{words}");
        }
    }
    assert_eq!(app.written(), written);
    // A refusal keeps nothing: the key is free for the corrected request.
    let _ = registrar
        .post(PATH, "k-2", &base().grade("71").json())
        .await
        .expect(200);
}

#[actix_web::test]
async fn a_learner_is_named_by_number_or_identifier_and_is_the_same_person() {
    let (app, registrar) = start().await;
    let body = outcome("MATH101").student("XS20230001").json();
    let first = registrar.post(PATH, "k-1", &body).await.expect(201);
    let mut by_number = outcome("PE102").source("s-2").json();
    // As it is printed for people, in groups.
    let number: creditbank_domain::learner_no::LearnerNo =
        first.body["learner_no"].as_str().unwrap().parse().unwrap();
    by_number["learner"] = json!({ "learner_no": number.printed() });
    let second = registrar.post(PATH, "k-2", &by_number).await.expect(201);
    assert_eq!(second.body["learner_no"], first.body["learner_no"]);
    assert_eq!(app.bank().credits(number).0, "5.50");
    assert_eq!(app.rows("learners"), 1);
}
