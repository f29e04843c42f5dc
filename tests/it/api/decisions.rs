//! Decisions over HTTP: one for each request, by whom it concerns and nobody else.

use creditbank_domain::authz::Role;
use kit::{RECEIVING, SCHOOL, UNIVERSITY, outcome};
use serde_json::json;

use super::conversions::{Conversions, PATH, cohort_path, credits, request_path};
use super::{as_the_rules_say, decision_of, order};

#[actix_web::test]
async fn a_decision_is_replayed_under_its_key_and_refused_under_another() {
    let all = Conversions::start().await;
    let number = all.learner("XS20230001", &["CERT-A"], "85");
    let asked = all.ask("k-1", &["XS20230001"]).await;
    let path = decision_of(&request_path(&asked, 0));
    let first = all
        .reviewer
        .post(&path, "d-1", &as_the_rules_say())
        .await
        .expect(200);
    let written = all.app.written();
    let replay = all
        .reviewer
        .post(&path, "d-1", &as_the_rules_say())
        .await
        .expect(200);
    assert_eq!((replay.replayed(), replay.text), (true, first.text));
    let refuse = json!({ "decision": "refuse", "text": "证明材料不清晰" });
    for path in [&path, &decision_of(&cohort_path(&asked))] {
        for order in [as_the_rules_say(), refuse.clone()] {
            all.reviewer
                .post(path, "d-2", &order)
                .await
                .refused(409, "ALREADY_DECIDED");
        }
    }
    all.reviewer
        .post(&path, "d-1", &refuse)
        .await
        .refused(422, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(all.app.written(), written);
    assert_eq!(
        all.app.bank().credits(number),
        credits("6.00", "0.00", "6.00")
    );
}

#[actix_web::test]
async fn a_refusal_needs_its_reason_releases_the_lots_and_tells_it() {
    let all = Conversions::start().await;
    let number = all.learner("XS20230001", &["CERT-A"], "85");
    let asked = all.ask("k-1", &["XS20230001"]).await;
    let path = decision_of(&request_path(&asked, 0));
    let check = async |body: serde_json::Value, place: &str, code: &str| {
        let answer = all
            .reviewer
            .post(&path, "d", &body)
            .await
            .refused(422, "INVALID_VALUES");
        assert_eq!(answer.first_error(), (place, code));
    };
    check(json!({ "decision": "refuse" }), "/text", "TEXT_MISSING").await;
    let with_text = json!({ "decision": "as_the_rules_say", "text": "x" });
    check(with_text, "/text", "TEXT_WITHOUT_REFUSAL").await;
    let answer = all
        .reviewer
        .post(&path, "d", &json!({ "decision": "perhaps" }))
        .await;
    let answer = answer.refused(400, "INVALID_BODY");
    assert_eq!(answer.first_error(), ("/decision", "WORD_UNKNOWN"));
    assert_eq!(
        all.app.bank().credits(number),
        credits("0.00", "6.00", "0.00")
    );
    let refuse = json!({ "decision": "refuse", "text": "证明材料不清晰" });
    let refused = all.reviewer.post(&path, "d", &refuse).await.expect(200);
    assert_eq!(refused.body["state"], "refused");
    let line = &refused.body["lines"][0];
    assert_eq!(
        (&line["granted"], &line["reason"]["code"]),
        (&json!("0.00"), &json!("OTHER"))
    );
    assert!(
        line["explanation"]["zh"]
            .as_str()
            .unwrap()
            .contains("证明材料不清晰")
    );
    assert_eq!(
        all.app.bank().credits(number),
        credits("6.00", "0.00", "0.00")
    );
}

#[actix_web::test]
async fn a_stranger_finds_no_request_and_decides_none() {
    let all = Conversions::start().await;
    all.learner("XS20230001", &["CERT-A"], "85");
    let asked = all.ask("k-1", &["XS20230001"]).await;
    let (request, cohort) = (request_path(&asked, 0), cohort_path(&asked));
    let elsewhere = all
        .app
        .caller(&[Role::SchoolOfficer, Role::Reviewer], UNIVERSITY);
    let other = all.learner("XS20230002", &["CERT-B"], "85");
    let written = all.app.written();
    for caller in [&elsewhere, &all.app.learner(other)] {
        for path in [&request, &cohort] {
            caller.get(path).await.refused(404, "NOT_FOUND");
        }
    }
    // The school itself sees its request and cannot decide it either: another institution does.
    let officer = all
        .app
        .caller(&[Role::SchoolOfficer, Role::Reviewer], SCHOOL);
    for caller in [&elsewhere, &officer] {
        for path in [&request, &cohort] {
            let answer = caller
                .post(&decision_of(path), "d", &as_the_rules_say())
                .await;
            answer.refused(404, "NOT_FOUND");
        }
    }
    let unknown = "/v1/conversion-requests/01900000-0000-7000-8000-000000000000";
    all.reviewer.get(unknown).await.refused(404, "NOT_FOUND");
    assert_eq!(all.app.written(), written);
    let _ = all.reviewer.get(&request).await.expect(200);
}

#[actix_web::test]
async fn whoever_asked_may_not_decide_and_a_colleague_may() {
    let all = Conversions::start().await;
    let both = all
        .app
        .caller(&[Role::SchoolOfficer, Role::Reviewer], RECEIVING);
    let bank = all.app.bank();
    bank.post(RECEIVING, outcome("COURSE-A").student("XS20230001").build());
    let asked = both
        .post(PATH, "k-1", &order(&["XS20230001"]))
        .await
        .expect(201);
    let written = all.app.written();
    for path in [
        decision_of(&request_path(&asked, 0)),
        decision_of(&cohort_path(&asked)),
    ] {
        both.post(&path, "d-1", &as_the_rules_say())
            .await
            .refused(422, "OWN_REQUEST");
    }
    assert_eq!(all.app.written(), written);
    let path = decision_of(&request_path(&asked, 0));
    let _ = all
        .reviewer
        .post(&path, "d-1", &as_the_rules_say())
        .await
        .expect(200);
}
