//! `POST /v1/outcome-batches`: every line answered, good ones posted, the whole thing once.

use creditbank_domain::authz::Role;
use kit::{Answer, Caller, TestApp, UNIVERSITY, outcome};
use serde_json::{Value, json};

const PATH: &str = "/v1/outcome-batches";

async fn start() -> (TestApp, Caller) {
    let app = TestApp::start().await;
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    (app, registrar)
}

/// Five kinds of lines in turn: two good ones of a new learner, an unknown course, a day that the
/// calendar does not have, and the first of the five again.
fn mixed(lines: usize) -> Value {
    let line = |n: usize| {
        let student = format!("XS2023{:04}", n / 5);
        let math = || {
            outcome("MATH101")
                .student(&student)
                .source(&format!("m-{}", n / 5))
                .json()
        };
        match n % 5 {
            0 | 4 => math(),
            1 => outcome("PE102").student(&student).json(),
            2 => outcome("NOWHERE").student(&student).json(),
            _ => {
                let mut body = math();
                body["source_ref"] = json!(format!("d-{n}"));
                body["awarded_on"] = json!("2026-02-30");
                body
            }
        }
    };
    json!({ "outcomes": (0..lines).map(line).collect::<Vec<_>>() })
}

fn results(answer: &Answer) -> &[Value] {
    answer.body["results"].as_array().unwrap()
}

#[actix_web::test]
async fn a_thousand_mixed_lines_are_each_answered_and_the_good_ones_posted() {
    let (app, registrar) = start().await;
    let answer = registrar.post(PATH, "k-1", &mixed(1_000)).await.expect(200);
    let expected = json!({ "posted": 400, "already_posted": 200, "rejected": 400 });
    assert_eq!(answer.body["counts"], expected);
    assert_eq!(results(&answer).len(), 1_000);
    for (n, result) in results(&answer).iter().enumerate() {
        let (status, code, opened) = match n % 5 {
            0 => ("posted", None, true),
            1 => ("posted", None, true),
            2 => ("rejected", Some("OUTCOME_UNKNOWN"), false),
            3 => ("rejected", Some("DATE_INVALID"), false),
            _ => ("already_posted", None, false),
        };
        assert_eq!(
            (&result["index"], &result["status"]),
            (&json!(n), &json!(status))
        );
        assert_eq!(result["fault"]["code"].as_str(), code, "{result}");
        assert_eq!(result["account_opened"], opened, "{result}");
        assert_eq!(result["outcome"].is_object(), code.is_none(), "{result}");
    }
    assert_eq!(
        results(&answer)[3]["errors"][0]["pointer"],
        "/outcomes/3/awarded_on"
    );
    assert_eq!(
        results(&answer)[4]["outcome"],
        results(&answer)[0]["outcome"]
    );
    // 200 learners with 4.00 and 1.50.
    assert_eq!(
        (app.rows("learners"), app.rows("outcomes"), app.rows("lots")),
        (200, 400, 400)
    );
    let sum = app
        .bank()
        .database()
        .sql("select sum(available) from lots")
        .unwrap();
    assert_eq!(sum.trim(), "110000");
}

#[actix_web::test]
async fn what_a_rejected_line_is_told_repeats_nobody() {
    let (_app, registrar) = start().await;
    let mut batch = mixed(5);
    batch["outcomes"][2]["learner"]["identifier"]["kind"] = json!("resident_id");
    let answer = registrar.post(PATH, "k-1", &batch).await.expect(200);
    let rejected: Vec<_> = results(&answer)
        .iter()
        .filter(|it| it["status"] == "rejected")
        .collect();
    assert_eq!(rejected.len(), 2);
    for result in rejected {
        let text = result.to_string();
        assert!(
            !text.contains("XS2023") && !text.contains("测试学员"),
            "{text}"
        );
    }
}

#[actix_web::test]
async fn no_line_and_one_too_many_are_refused_whole() {
    let (app, registrar) = start().await;
    for lines in [0, 1_001] {
        let answer = registrar
            .post(PATH, "k-1", &mixed(lines))
            .await
            .refused(400, "INVALID_BODY");
        assert_eq!(answer.first_error(), ("/outcomes", "SIZE_OUT_OF_RANGE"));
    }
    app.assert_nothing_written();
    let answer = registrar.post(PATH, "k-1", &mixed(1)).await.expect(200);
    assert_eq!(answer.body["counts"]["posted"], 1);
}

#[actix_web::test]
async fn a_line_of_another_shape_refuses_the_whole_and_is_placed() {
    let (app, registrar) = start().await;
    let mut batch = mixed(5);
    batch["outcomes"][4]["colour"] = json!("red");
    let answer = registrar
        .post(PATH, "k-1", &batch)
        .await
        .refused(400, "INVALID_BODY");
    assert_eq!(
        answer.first_error(),
        ("/outcomes/4/colour", "FIELD_UNKNOWN")
    );
    app.assert_nothing_written();
}

#[actix_web::test]
async fn eight_who_send_one_batch_under_one_key_post_it_once_and_hear_the_same() {
    let (app, registrar) = start().await;
    let batch = mixed(250);
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (registrar, batch) = (registrar.clone(), batch.clone());
            actix_web::rt::spawn(async move { registrar.post(PATH, "k-1", &batch).await })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap().expect(200));
    }
    assert_eq!(answers.iter().filter(|it| !it.replayed()).count(), 1);
    assert!(answers.iter().all(|it| it.text == answers[0].text));
    let expected = json!({ "posted": 100, "already_posted": 50, "rejected": 100 });
    assert_eq!(answers[0].body["counts"], expected);
    assert_eq!(
        (app.rows("outcomes"), app.rows("idempotency_keys")),
        (100, 1)
    );
}

#[actix_web::test]
async fn eight_who_send_one_batch_under_their_own_keys_post_it_once() {
    let (app, registrar) = start().await;
    // Many small meetings find more than one large one.
    for round in 0..20 {
        let lines = (0..10).map(|n| {
            outcome("MATH101")
                .student(&format!("XS{round:04}{n:04}"))
                .json()
        });
        let batch = json!({ "outcomes": lines.collect::<Vec<_>>() });
        let tasks: Vec<_> = (0..8)
            .map(|n| {
                let (registrar, batch) = (registrar.clone(), batch.clone());
                let key = format!("k-{round}-{n}");
                actix_web::rt::spawn(async move { registrar.post(PATH, &key, &batch).await })
            })
            .collect();
        let mut posted = 0;
        for task in tasks {
            let answer = task.await.unwrap().expect(200);
            posted += answer.body["counts"]["posted"].as_u64().unwrap();
            assert_eq!(answer.body["counts"]["rejected"], 0, "{}", answer.text);
        }
        assert_eq!(posted, 10);
    }
    assert_eq!((app.rows("outcomes"), app.rows("learners")), (200, 200));
}
