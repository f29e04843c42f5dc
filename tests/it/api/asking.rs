//! Asking over HTTP: drafts, learners for themselves, again; forty at once, and many decided by one.

use std::collections::BTreeMap;

use actix_web::test::TestRequest;
use creditbank_domain::authz::Role;
use kit::{Caller, RECEIVING, UNIVERSITY};
use serde_json::{Value, json};

use super::conversions::{Conversions, PATH, credits, request_path};
use super::{as_the_rules_say, decision_of, order};

const DRAFTS: &str = "/v1/conversion-drafts";
const MANY: &str = "/v1/conversion-decisions";

fn id_of(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_school_drafts_looks_corrects_submits_and_asks_again() {
    let all = Conversions::start().await;
    let number = all.learner("XS20230001", &["CERT-A", "CERT-B"], "85");
    let draft = all
        .school
        .post(DRAFTS, "k-1", &order(&["XS20230001"]))
        .await
        .expect(201);
    assert_eq!(draft.header("etag"), "\"1\"");
    let path = format!("{DRAFTS}/{}", id_of(&draft.body, "draft_id"));
    assert_eq!(draft.header("location"), path);
    assert_eq!(draft.body["learners"][0]["proposal"]["granted"], "12.00");
    assert_eq!(
        all.app.bank().credits(number),
        credits("12.00", "0.00", "0.00")
    );
    let seen = all.school.get(&path).await.expect(200);
    assert_eq!(seen.body["learners"], draft.body["learners"]);
    let unreadable = all
        .school
        .post(
            &format!("{path}/revision"),
            "k-2",
            &json!({
                "receiving_institution": RECEIVING,
                "programme": kit::PROGRAMME,
                "learners": [{ "learner_no": "7" }],
            }),
        )
        .await
        .refused(422, "INVALID_VALUES");
    assert_eq!(unreadable.first_error().0, "/learners/0/learner_no");
    let revision = format!("{path}/revision");
    let revised = all
        .school
        .post(&revision, "k-3", &order(&["XS20230001"]))
        .await;
    assert_eq!(revised.expect(200).body["version"], 2);
    let submission = format!("{path}/submission");
    let stale = TestRequest::post()
        .uri(&submission)
        .insert_header(("idempotency-key", "k-4"))
        .insert_header(("if-match", "\"1\""))
        .set_json(json!({}));
    all.school.send(stale).await.refused(412, "VERSION_STALE");
    let listed = all.school.get(DRAFTS).await.expect(200);
    assert_eq!(listed.body["drafts"].as_array().unwrap().len(), 1);
    let elsewhere = all.app.caller(&[Role::SchoolOfficer], UNIVERSITY);
    assert_eq!(
        elsewhere.get(DRAFTS).await.expect(200).body["drafts"],
        json!([])
    );
    elsewhere.get(&path).await.refused(404, "NOT_FOUND");
    let sent = all
        .school
        .post(&submission, "k-5", &json!({}))
        .await
        .expect(201);
    assert_eq!(
        sent.body["requests"][0]["lines"].as_array().unwrap().len(),
        2
    );
    assert_eq!(
        all.app.bank().credits(number),
        credits("0.00", "12.00", "0.00")
    );
    all.school
        .post(&submission, "k-6", &json!({}))
        .await
        .refused(409, "DRAFT_SUBMITTED");
    let request = request_path(&sent, 0);
    let text = json!({ "text": "报错专业" });
    all.school
        .post(&format!("{request}/withdrawal"), "k-7", &text)
        .await
        .expect(200);
    let again = all
        .school
        .post(&format!("{request}/resubmission"), "k-8", &text)
        .await
        .expect(201);
    let follows = &again.body["progress"]["resubmits"];
    assert_eq!(*follows, sent.body["requests"][0]["request_id"]);
    assert_eq!(
        again.header("location"),
        format!("{PATH}/{}", id_of(&again.body, "request_id"))
    );
}

#[actix_web::test]
async fn a_learner_asks_answers_takes_back_and_appeals_and_a_stranger_finds_nothing() {
    let all = Conversions::start().await;
    let number = all.learner("XS20230001", &["CERT-A"], "85");
    let stranger = all.learner("XS20230002", &["CERT-A"], "85");
    let (learner, stranger) = (all.app.learner(number), all.app.learner(stranger));
    let body = json!({
        "receiving_institution": RECEIVING,
        "programme": kit::PROGRAMME,
        "learners": [{ "learner_no": number.as_str() }],
    });
    stranger
        .post(PATH, "s-1", &body)
        .await
        .refused(404, "NOT_FOUND");
    let asked = learner.post(PATH, "k-1", &body).await.expect(201);
    let request = &asked.body["requests"][0];
    assert!(request.get("requesting_institution").is_none(), "{request}");
    let path = request_path(&asked, 0);
    let text = json!({ "text": "说明" });
    for (nth, step) in ["withdrawal", "answer", "appeal", "resubmission"]
        .iter()
        .enumerate()
    {
        let path = format!("{path}/{step}");
        stranger
            .post(&path, &format!("s-2{nth}"), &text)
            .await
            .refused(404, "NOT_FOUND");
        all.school
            .post(&path, &format!("s-3{nth}"), &text)
            .await
            .refused(404, "NOT_FOUND");
    }
    // A school does not see what its learner asked of others.
    all.school.get(&path).await.refused(404, "NOT_FOUND");
    let ask = json!({ "decision": "ask", "text": "请补交" });
    all.reviewer
        .post(&decision_of(&path), "d-1", &ask)
        .await
        .expect(200);
    learner
        .post(&format!("{path}/answer"), "k-2", &text)
        .await
        .expect(200);
    let refuse = json!({ "decision": "refuse", "text": "不相当" });
    all.reviewer
        .post(&decision_of(&path), "d-2", &refuse)
        .await
        .expect(200);
    let appeal = learner
        .post(&format!("{path}/appeal"), "k-3", &text)
        .await
        .expect(201);
    let appeal = format!("{PATH}/{}", id_of(&appeal.body, "request_id"));
    learner.get(&appeal).await.expect(200);
    let back = learner
        .post(&format!("{appeal}/withdrawal"), "k-4", &text)
        .await
        .expect(200);
    assert_eq!(back.body["state"], "withdrawn");
    assert_eq!(
        all.app.bank().credits(number),
        credits("6.00", "0.00", "0.00")
    );
}

#[actix_web::test]
async fn forty_learners_of_a_school_come_to_31_granted_5_in_part_and_4_refused() {
    let all = Conversions::start().await;
    let bank = all.app.bank();
    bank.check_first();
    let secretariat = all.app.caller(&[Role::Secretariat], RECEIVING);
    let kinds = |nth: usize| match nth {
        0..31 => vec!["CERT-A"],
        31..36 => vec!["CERT-A", "CERT-B", "CERT-C", "CERT-D"],
        _ => vec!["CERT-LOW"],
    };
    let students: Vec<String> = (0..40).map(|nth| format!("XS2023{nth:04}")).collect();
    let numbers: Vec<_> = (0..40)
        .map(|nth| all.learner(&students[nth], &kinds(nth), "85"))
        .collect();
    let named: Vec<&str> = students.iter().map(String::as_str).collect();
    let asked = all.ask("k-1", &named).await;
    let requests = asked.body["requests"].as_array().unwrap();
    assert_eq!(requests.len(), 40);
    let sums = async |caller: &Caller, cohort: &str| -> BTreeMap<String, i64> {
        let cohort = caller.get(cohort).await.expect(200);
        sums_of(cohort.body["requests"].as_array().unwrap())
    };
    let cohort = format!("/v1/conversion-cohorts/{}", id_of(&asked.body, "cohort_id"));
    let before = sums(&all.school, &cohort).await;
    // The bank's check passes what is certain; four wait for the secretariat.
    let marked = secretariat
        .get(&format!("{PATH}?party=bank&marked=true"))
        .await
        .expect(200);
    let waiting = marked.body["requests"].as_array().unwrap().clone();
    assert_eq!(waiting.len(), 4);
    let done = all
        .reviewer
        .post(MANY, "d-1", &as_the_rules_say())
        .await
        .expect(200);
    assert_eq!(done.body["requests"].as_array().unwrap().len(), 36);
    assert_eq!(done.body["exceptions"], json!([]));
    let between = sums(&all.school, &cohort).await;
    for (nth, request) in waiting.iter().enumerate() {
        let path = format!("{PATH}/{}", id_of(request, "request_id"));
        all.reviewer
            .post(
                &decision_of(&path),
                &format!("e-{nth}"),
                &as_the_rules_say(),
            )
            .await
            .refused(409, "NOT_THIS_STAGE");
        let pass = json!({ "decision": "pass" });
        secretariat
            .post(&format!("{path}/check"), &format!("c-{nth}"), &pass)
            .await
            .expect(200);
    }
    let done = all
        .reviewer
        .post(MANY, "d-2", &as_the_rules_say())
        .await
        .expect(200);
    let exceptions = done.body["exceptions"].as_array().unwrap();
    assert!(
        exceptions
            .iter()
            .all(|it| it["fault"]["code"] == "NOTHING_GRANTED")
    );
    let listed: Vec<Value> = { exceptions.iter() }
        .map(|it| json!({ "request_id": it["request_id"] }))
        .collect();
    let body = json!({ "decision": "as_the_rules_say", "requests": listed });
    let done = all.reviewer.post(MANY, "d-3", &body).await.expect(200);
    assert_eq!(done.body["requests"].as_array().unwrap().len(), 4);
    let ended = all.school.get(&cohort).await.expect(200);
    let counts = json!({ "granted": 31, "partly": 5, "refused": 4, "withdrawn": 0, "open": 0 });
    assert_eq!(ended.body["counts"], counts);
    for line in ended.body["requests"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(lines)
    {
        let said = line["explanation"]["zh"].as_str().unwrap();
        assert!(said.contains("继教合作联盟〔2021〕12号"), "{said}");
        assert_eq!(
            line["verdict"] != "granted",
            line["reason"]["code"].is_string()
        );
    }
    // At every moment: asked for is granted, cut, refused or open.
    let after = sums_of(ended.body["requests"].as_array().unwrap());
    for moment in [&before, &between, &after] {
        let asked = 31 * 600 + 5 * 2400 + 4 * 600;
        assert_eq!(moment.values().sum::<i64>(), asked, "{moment:?}");
    }
    assert_eq!(
        (before["open"], after.get("open")),
        (31 * 600 + 5 * 2400 + 4 * 600, None)
    );
    assert_eq!(after["granted"], 31 * 600 + 5 * 2170);
    assert_eq!(bank.credits(numbers[39]), credits("6.00", "0.00", "0.00"));
    assert_eq!(bank.credits(numbers[31]).1, "0.00");
}

fn lines(request: &Value) -> Vec<Value> {
    request["lines"].as_array().unwrap().clone()
}

/// Hundredths of what was asked for, by what became of them.
pub(super) fn sums_of(requests: &[Value]) -> BTreeMap<String, i64> {
    let hundredths = |value: &Value| {
        value
            .as_str()
            .unwrap()
            .replace('.', "")
            .parse::<i64>()
            .unwrap()
    };
    let mut sums = BTreeMap::new();
    for line in requests.iter().flat_map(lines) {
        let (asked, granted) = (hundredths(&line["requested"]), hundredths(&line["granted"]));
        let mut add = |what: &str, amount| *sums.entry(what.to_owned()).or_insert(0) += amount;
        if line["proposal_only"] == true {
            add("open", asked);
            continue;
        }
        add("granted", granted);
        let rest = if granted == 0 { "refused" } else { "cut" };
        add(rest, asked - granted);
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

#[actix_web::test]
async fn of_sixteen_reviewers_who_decide_one_request_at_one_moment_one_wins() {
    let all = Conversions::start().await;
    let number = all.learner("XS20230001", &["CERT-A"], "85");
    let path = decision_of(&request_path(&all.ask("k-1", &["XS20230001"]).await, 0));
    let others = [
        Role::Registrar,
        Role::SchoolOfficer,
        Role::InstitutionAdmin,
        Role::Auditor,
    ];
    // A client for each of sixteen sets of roles: sixteen different hands.
    let reviewers: Vec<Caller> = (0..16_usize)
        .map(|nth| {
            let more = others
                .iter()
                .enumerate()
                .filter(|(bit, _)| nth >> bit & 1 == 1);
            let roles: Vec<Role> = more
                .map(|(_, role)| *role)
                .chain([Role::Reviewer])
                .collect();
            all.app.caller(&roles, RECEIVING)
        })
        .collect();
    let deciding = { reviewers.into_iter().enumerate() }.map(|(nth, reviewer)| {
        let seen = if nth % 2 == 0 { "\"0\"" } else { "*" };
        let request = TestRequest::post()
            .uri(&path)
            .insert_header(("idempotency-key", format!("d-{nth}")))
            .insert_header(("if-match", seen))
            .set_json(as_the_rules_say());
        actix_web::rt::spawn(async move { reviewer.send(request).await })
    });
    let deciding: Vec<_> = deciding.collect();
    let mut codes: BTreeMap<u16, usize> = BTreeMap::new();
    for answer in deciding {
        *codes.entry(answer.await.unwrap().status).or_default() += 1;
    }
    assert_eq!(codes.remove(&200), Some(1), "{codes:?}");
    assert!(
        codes.keys().all(|code| [409, 412].contains(code)),
        "{codes:?}"
    );
    assert_eq!(codes.values().sum::<usize>(), 15);
    assert_eq!(
        all.app.bank().credits(number),
        credits("6.00", "0.00", "6.00")
    );
}

#[actix_web::test]
async fn what_cannot_be_said_of_many_is_refused_and_changes_nothing() {
    let all = Conversions::start().await;
    all.learner("XS20230001", &["CERT-A"], "85");
    let asked = all.ask("k-1", &["XS20230001"]).await;
    let id = &asked.body["requests"][0]["request_id"];
    let listed = json!([{ "request_id": id }]);
    let before = all.app.written();
    for (nth, (body, code)) in [
        (
            json!({ "decision": "refuse", "text": "否" }),
            "LIST_REQUIRED",
        ),
        (
            json!({ "decision": "as_the_rules_say", "requests": listed, "limit": 3 }),
            "LIMIT_WITH_LIST",
        ),
        (
            json!({ "decision": "as_the_rules_say", "text": "好" }),
            "TEXT_WITHOUT_REFUSAL",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let refused = all.reviewer.post(MANY, &format!("d-{nth}"), &body).await;
        let refused = refused.refused(422, "INVALID_VALUES");
        assert_eq!(refused.first_error().1, code);
    }
    assert_eq!(before, all.app.written());
    let refuse = json!({ "decision": "refuse", "text": "材料不全", "requests": listed });
    let elsewhere = all.app.caller(&[Role::Reviewer], UNIVERSITY);
    let foreign = elsewhere.post(MANY, "f-1", &refuse).await.expect(200);
    assert_eq!(foreign.body["exceptions"][0]["fault"]["code"], "NOT_FOUND");
    let done = all.reviewer.post(MANY, "d-9", &refuse).await.expect(200);
    assert_eq!(done.body["requests"][0]["state"], "refused");
    let again = all.reviewer.post(MANY, "d-9", &refuse).await.expect(200);
    assert!(again.replayed());
}
