//! Opening accounts, several identifiers, duplicates and merges over HTTP.

use creditbank_domain::authz::Role;
use kit::{Caller, SCHOOL, TestApp, UNIVERSITY, outcome, resident_id};
use serde_json::{Value, json};

fn account(card: &str, student: &str, name: &str) -> Value {
    json!({
        "identifiers": [
            { "kind": "resident_id", "value": card },
            { "kind": "student_number", "value": student },
        ],
        "name": name,
    })
}

fn registrar(app: &TestApp, institution: &str) -> Caller {
    app.caller(&[Role::Registrar], institution)
}

fn secretariat(app: &TestApp) -> Caller {
    app.caller(&[Role::Secretariat], UNIVERSITY)
}

#[actix_web::test]
async fn an_account_is_opened_once_and_answers_with_its_number() {
    let app = TestApp::start().await;
    let caller = registrar(&app, UNIVERSITY);
    let body = account(&resident_id("1990-01-01", 1), "2026010001", "王小明");
    let opened = caller.post("/v1/learners", "a", &body).await.expect(201);
    let number = opened.body["learner_no"].as_str().unwrap().to_owned();
    assert_eq!(
        opened.header("location"),
        format!("/v1/learners/{number}/balance")
    );
    let replayed = caller.post("/v1/learners", "a", &body).await.expect(201);
    assert!(replayed.replayed() && replayed.body == opened.body);
    let again = caller.post("/v1/learners", "b", &body).await.expect(200);
    assert_eq!(again.body, opened.body);
    // Another institution knows the card only, and learns the same number.
    let card_only = json!({ "identifiers": [body["identifiers"][0]] });
    let elsewhere = registrar(&app, SCHOOL)
        .post("/v1/learners", "c", &card_only)
        .await;
    assert_eq!(elsewhere.expect(200).body, opened.body);
    assert_eq!(
        (app.rows("learners"), app.rows("identity.identifiers")),
        (1, 2)
    );
    // It has recorded nothing of the learner, so it sees no balance.
    let balance = format!("/v1/learners/{number}/balance");
    let hidden = registrar(&app, SCHOOL).get(&balance).await;
    hidden.refused(404, "NOT_FOUND");
}

#[actix_web::test]
async fn what_contradicts_the_bank_is_409_and_tells_nobody() {
    let app = TestApp::start().await;
    let caller = registrar(&app, UNIVERSITY);
    let (one, two) = (resident_id("1990-01-01", 1), resident_id("1991-02-02", 2));
    let first = account(&one, "2026010001", "王小明");
    let _ = caller.post("/v1/learners", "a", &first).await.expect(201);
    let second = account(&two, "2026010002", "李小红");
    let _ = caller.post("/v1/learners", "b", &second).await.expect(201);
    let crossed = account(&one, "2026010002", "王小明");
    let refused = caller.post_in_english("/v1/learners", "c", &crossed).await;
    assert!(
        refused.text.contains("resident_id, student_number"),
        "{}",
        refused.text
    );
    refused.refused(409, "IDENTITY_MISMATCH");
    let renamed = account(&one, "2026010001", "王大明");
    caller
        .post("/v1/learners", "d", &renamed)
        .await
        .refused(409, "NAME_MISMATCH");
    // The same over posting, at the member that says who.
    let mut report = outcome("MATH101").source("r-1").json();
    report["learner"] = renamed;
    let refused = caller.post("/v1/outcomes", "e", &report).await;
    assert_eq!(refused.first_error(), ("/learner", "NAME_MISMATCH"));
    refused.refused(409, "NAME_MISMATCH");
    report["learner"] = first;
    let _ = caller.post("/v1/outcomes", "f", &report).await.expect(201);
    assert_eq!((app.rows("learners"), app.rows("outcomes")), (2, 1));
}

#[actix_web::test]
async fn what_cannot_be_read_is_refused_at_its_place() {
    let app = TestApp::start().await;
    let caller = registrar(&app, UNIVERSITY);
    let mut wrong = account("110105194912310021", "2026010001", "王小明");
    let refused = caller.post("/v1/learners", "a", &wrong).await;
    assert_eq!(
        refused.first_error(),
        ("/identifiers/0/value", "IDENTIFIER_CHECK_DIGIT")
    );
    wrong["identifiers"] = json!([]);
    caller
        .post("/v1/learners", "b", &wrong)
        .await
        .refused(400, "INVALID_BODY");
    let both = json!({
        "identifier": { "kind": "student_number", "value": "1" },
        "identifiers": [{ "kind": "student_number", "value": "1" }],
    });
    let mut report = outcome("MATH101").json();
    report["learner"] = both;
    let refused = caller.post("/v1/outcomes", "c", &report).await;
    assert_eq!(refused.first_error(), ("/learner", "LEARNER_AMBIGUOUS"));
    let nine: Vec<Value> = (0..9)
        .map(|at| json!({ "kind": "student_number", "value": at.to_string() }))
        .collect();
    report["learner"] = json!({ "identifiers": nine });
    let refused = caller.post("/v1/outcomes", "d", &report).await;
    assert_eq!(
        refused.first_error(),
        ("/learner/identifiers", "IDENTIFIER_COUNT")
    );
    let many: Vec<Value> = (0..1001)
        .map(|at| json!({ "identifiers": [{ "kind": "student_number", "value": format!("N-{at}") }] }))
        .collect();
    let batch = json!({ "accounts": many });
    caller
        .post("/v1/learner-batches", "e", &batch)
        .await
        .refused(400, "INVALID_BODY");
    app.assert_nothing_written();
}

#[actix_web::test]
async fn a_batch_answers_for_everybody() {
    let app = TestApp::start().await;
    let caller = registrar(&app, UNIVERSITY);
    let card = resident_id("1990-01-01", 1);
    let batch = json!({ "accounts": [
        account(&card, "2026010001", "王小明"),
        account("110105194912310021", "2026010002", "李小红"),
        account(&card, "2026010001", "张大山"),
        account(&card, "2026010001", "王 小明"),
    ] });
    let answer = caller
        .post("/v1/learner-batches", "a", &batch)
        .await
        .expect(200);
    assert_eq!(
        answer.body["counts"],
        json!({ "opened": 1, "already_open": 1, "rejected": 2 })
    );
    let results = &answer.body["results"];
    assert_eq!(
        results[0]["account"]["learner_no"],
        results[3]["account"]["learner_no"]
    );
    assert_eq!(
        results[1]["errors"][0]["pointer"],
        "/accounts/1/identifiers/0/value"
    );
    assert_eq!(results[2]["fault"]["code"], "NAME_MISMATCH");
    assert!(!answer.text.contains(&card) && !answer.text.contains("王"));
}

#[actix_web::test]
async fn the_secretariat_finds_duplicates_page_by_page_and_nothing_is_written_out() {
    let app = TestApp::start().await;
    let open = |institution: &'static str, at: u32, name: &'static str| {
        let caller = registrar(&app, institution);
        let body = account(&resident_id("1990-01-01", at), &format!("20260{at}"), name);
        let key = format!("{institution}-{at}");
        async move { caller.post("/v1/learners", &key, &body).await.expect(201) }
    };
    for (at, name) in [(1, "王小明"), (2, "李小红"), (3, "张大山")] {
        assert!(
            open(UNIVERSITY, at, name)
                .await
                .body
                .get("warnings")
                .is_none()
        );
        let warned = open(SCHOOL, at + 10, name).await;
        assert_eq!(warned.body["warnings"][0]["code"], "DUPLICATE_POSSIBLE");
        assert!(!warned.text.contains(name));
    }
    let caller = secretariat(&app);
    let page = caller
        .get("/v1/duplicate-candidates?limit=2")
        .await
        .expect(200);
    assert_eq!(page.body["candidates"].as_array().unwrap().len(), 2);
    let pair = &page.body["candidates"][0];
    let accounts = pair["accounts"].as_array().unwrap();
    assert_eq!(
        (accounts.len(), &accounts[0]["masked_name"]),
        (2, &json!("王*"))
    );
    assert_eq!(accounts[0]["opened_by"], UNIVERSITY);
    let card = resident_id("1990-01-01", 1);
    let masked = accounts[0]["identifiers"][0]["masked"]
        .as_str()
        .unwrap()
        .to_owned()
        + accounts[0]["identifiers"][1]["masked"].as_str().unwrap();
    assert!(masked.contains("***") && !page.text.contains(&card) && !page.text.contains("小明"));
    let cursor = page.body["next_cursor"].as_str().unwrap();
    let rest = caller
        .get(&format!("/v1/duplicate-candidates?cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!(rest.body["candidates"].as_array().unwrap().len(), 1);
    assert!(rest.body.get("next_cursor").is_none());
    assert_eq!(
        app.rows("audit_events where subject_kind = 'duplicate_candidates'"),
        2
    );
    // One is dismissed, another merged; one is left.
    let id = |at: usize| {
        page.body["candidates"][at]["candidate_id"]
            .as_str()
            .unwrap()
    };
    let dismissal = format!("/v1/duplicate-candidates/{}/dismissal", id(0));
    let document = json!({ "document_number": "核〔2026〕1号" });
    let dismissed = caller.post(&dismissal, "d-1", &document).await.expect(200);
    assert_eq!(dismissed.body["state"], "dismissed");
    caller
        .post(&dismissal, "d-2", &document)
        .await
        .refused(409, "ALREADY_SETTLED");
    let other = &page.body["candidates"][1]["accounts"];
    let merge = json!({
        "survivor": other[0]["learner_no"],
        "absorbed": other[1]["learner_no"],
        "reason": "DIFFERENT_NUMBERS",
        "document_number": "核〔2026〕2号",
    });
    let merged = caller
        .post("/v1/learner-merges", "m-1", &merge)
        .await
        .expect(201);
    assert_eq!(merged.body["collisions"][0]["kind"], "identifier_differs");
    let left = caller.get("/v1/duplicate-candidates").await.expect(200);
    assert_eq!(left.body["candidates"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_merge_is_seen_settled_and_taken_back() {
    let app = TestApp::start().await;
    let post = |student: &str| {
        let report = outcome("MATH101").student(student).build();
        app.bank().post(UNIVERSITY, report).learner_no
    };
    let (one, two) = (post("2026010001"), post("2026010002"));
    let caller = secretariat(&app);
    let body = json!({
        "survivor": one.as_str(),
        "absorbed": two.as_str(),
        "reason": "OPENED_TWICE",
        "document_number": "合〔2026〕1号",
    });
    let merged = caller
        .post("/v1/learner-merges", "a", &body)
        .await
        .expect(201);
    let at = merged.header("location").to_owned();
    assert_eq!(caller.get(&at).await.expect(200).body, merged.body);
    let collision = &merged.body["collisions"][0];
    assert_eq!(
        collision["figures"],
        json!({
            "entry": "MATH101", "unit": "credit", "first_issued": "4.00", "second_issued": "4.00",
        })
    );
    let replayed = caller
        .post("/v1/learner-merges", "a", &body)
        .await
        .expect(201);
    assert!(replayed.replayed() && replayed.body == merged.body);
    caller
        .post("/v1/learner-merges", "b", &body)
        .await
        .refused(409, "ALREADY_MERGED");
    // Either number shows what both have, under the survivor's number.
    let balance = caller
        .get(&format!("/v1/learners/{two}/balance"))
        .await
        .expect(200);
    assert_eq!(balance.body["learner_no"], one.as_str());
    assert_eq!(balance.body["by_unit"][0]["available"], "8.00");
    let settlement = format!(
        "/v1/merge-collisions/{}/settlement",
        collision["collision_id"].as_str().unwrap()
    );
    let document = json!({ "document_number": "合〔2026〕2号" });
    let settled = caller.post(&settlement, "c", &document).await.expect(200);
    assert_eq!(settled.body["collisions"][0]["state"], "settled");
    caller
        .post(&settlement, "d", &document)
        .await
        .refused(409, "ALREADY_SETTLED");
    let reversal = json!({ "reason": "DIFFERENT_PEOPLE", "document_number": "合〔2026〕3号" });
    let path = format!("{at}/reversal");
    let separated = caller.post(&path, "e", &reversal).await.expect(200);
    assert_eq!(separated.body["reversal"]["reason"], "DIFFERENT_PEOPLE");
    caller
        .post(&path, "f", &reversal)
        .await
        .refused(409, "ALREADY_UNMERGED");
    let balance = caller
        .get(&format!("/v1/learners/{two}/balance"))
        .await
        .expect(200);
    assert_eq!(balance.body["learner_no"], two.as_str());
}

#[actix_web::test]
async fn a_merge_that_means_nothing_is_refused_and_writes_nothing() {
    let app = TestApp::start().await;
    let caller = secretariat(&app);
    let one = app
        .bank()
        .post(UNIVERSITY, outcome("MATH101").build())
        .learner_no;
    let body = |survivor: &str, absorbed: &str, reason: &str| {
        json!({
            "survivor": survivor, "absorbed": absorbed, "reason": reason, "document_number": "1",
        })
    };
    let unknown = creditbank_domain::learner_no::LearnerNo::from_random(5);
    let merges = "/v1/learner-merges";
    let same = body(one.as_str(), one.as_str(), "OTHER");
    caller
        .post(merges, "a", &same)
        .await
        .refused(422, "SAME_ACCOUNT");
    let nobody = body(one.as_str(), unknown.as_str(), "OTHER");
    caller
        .post(merges, "b", &nobody)
        .await
        .refused(422, "LEARNER_UNKNOWN");
    let refused = caller
        .post(merges, "c", &body(one.as_str(), "x", "other"))
        .await;
    let codes: Vec<&str> = refused.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["LEARNER_NO_LENGTH", "WORD_UNKNOWN"]);
    let missing = "/v1/learner-merges/0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c01";
    caller.get(missing).await.refused(404, "NOT_FOUND");
    let reversal = json!({ "reason": "OTHER", "document_number": "1" });
    let path = format!("{missing}/reversal");
    caller
        .post(&path, "d", &reversal)
        .await
        .refused(404, "NOT_FOUND");
    assert_eq!(app.rows("learner_merges"), 0);
}
