//! Who wrote what and who was refused: written down, append-only, for the auditor and regulator.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use actix_web::test::TestRequest;
use creditbank_api::RateLimits;
use creditbank_domain::authz::Role;
use kit::{Caller, SCHOOL, TestApp, TestServer, UNIVERSITY, outcome};
use serde_json::Value;

const FROM: &str = "203.0.113.9:4711";

/// The log once it has so many entries, all of its pages.
async fn log(auditor: &Caller, expected: usize) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let mut entries = Vec::new();
        let mut path = "/v1/access-log?limit=3".to_owned();
        loop {
            let page = auditor.get(&path).await.expect(200).body;
            entries.extend(page["entries"].as_array().unwrap().clone());
            let Some(cursor) = page["next_cursor"].as_str() else {
                break;
            };
            path = format!("/v1/access-log?limit=3&cursor={cursor}");
        }
        if entries.len() >= expected || begun.elapsed() > Duration::from_secs(10) {
            assert_eq!(entries.len(), expected, "{entries:#?}");
            return entries;
        }
        actix_web::rt::time::sleep(Duration::from_millis(20)).await;
    }
}

fn get(path: &str) -> TestRequest {
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    TestRequest::get()
        .uri(path)
        .peer_addr(FROM.parse().unwrap())
        .insert_header(("traceparent", trace))
}

#[actix_web::test]
async fn every_refused_access_and_every_write_is_shown_with_who_what_which_where_and_how() {
    let app = TestApp::start_as(TestServer {
        rates: RateLimits {
            reads: "400/360000".parse().ok(),
            ..RateLimits::none()
        },
        ..TestServer::default()
    })
    .await;
    let number = app
        .bank()
        .post(SCHOOL, outcome("CERT-A").student("XS1").build())
        .learner_no;
    let auditor = app.caller(&[Role::Auditor], SCHOOL);
    let stranger = app.caller(&[Role::Registrar], UNIVERSITY);
    let before = app.rows("audit_events");
    let balance = format!("/v1/learners/{number}/balance");
    app.send(get(&balance)).await.refused(401, "TOKEN_MISSING");
    stranger.send(get(&balance)).await.refused(404, "NOT_FOUND");
    let unknown = format!("/v1/imports/{}", uuid::Uuid::from_u128(7));
    stranger.send(get(&unknown)).await.refused(404, "NOT_FOUND");
    stranger
        .send(get("/v1/access-log"))
        .await
        .refused(403, "NO_RIGHT");
    // What is wrong with a request is no access.
    stranger
        .send(get("/v1/events?x=1"))
        .await
        .refused(400, "QUERY_PARAMETER_INVALID");
    for n in 0..400 {
        let answer = stranger.send(get("/v1/events")).await;
        let expected = if n < 396 { 200 } else { 429 };
        assert_eq!(answer.status, expected, "{n}");
    }
    let report = outcome("MATH101").student("DX1").source("s-1").json();
    let post = TestRequest::post()
        .uri("/v1/outcomes")
        .peer_addr(FROM.parse().unwrap())
        .insert_header(("idempotency-key", "k-1"))
        .set_json(&report);
    let _ = stranger.send(post).await.expect(201);
    let entries = log(&auditor, before + 6).await;
    let ids: Vec<&str> = entries
        .iter()
        .map(|it| it["entry_id"].as_str().unwrap())
        .collect();
    assert!(
        ids.is_sorted_by(|one, other| one > other),
        "newest first: {ids:?}"
    );
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    let find = |status: u64, action: &str| {
        let mut found = entries
            .iter()
            .filter(|it| it["status"] == status && it["action"] == action);
        let one = found
            .next()
            .unwrap_or_else(|| panic!("{status} {action}: {entries:#?}"));
        assert!(
            found.next().is_none(),
            "{status} {action} twice: {entries:#?}"
        );
        one.clone()
    };
    let learner = app.bank().database().sql(&format!(
        "select learner_id from learners where learner_no = '{number}'"
    ));
    let foreign = find(404, "read_learner");
    assert_eq!(
        foreign["subject_id"].as_str().unwrap(),
        learner.unwrap().trim()
    );
    assert_eq!(foreign["subject_kind"], "learner_no");
    assert_eq!(foreign["code"], "NOT_FOUND");
    assert_eq!(foreign["institution"], UNIVERSITY);
    assert_eq!(foreign["roles"], serde_json::json!(["registrar"]));
    assert_eq!(foreign["route"], "GET /v1/learners/{learner_no}/balance");
    assert_eq!(foreign["network"], "203.0.113.0/24");
    assert_eq!(foreign["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    let nobody = find(401, "read_learner");
    assert!(nobody.get("client").is_none());
    assert_eq!(nobody["address_tag"], foreign["address_tag"]);
    assert_eq!(find(404, "read_import")["subject_kind"], "import_id");
    find(403, "read_access_log");
    // A flood is told once a minute.
    find(429, "read_events");
    let written = &entries.iter().find(|it| it["outcome"] == "done").unwrap();
    assert_eq!(written["action"], "post_outcomes");
    assert_eq!(written["network"], "203.0.113.0/24");
    assert_eq!(written["trace_id"].as_str().unwrap().len(), 32);
    let text = serde_json::to_string(&entries).unwrap();
    for secret in [number.as_str(), "203.0.113.9", "DX1"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let kept = app
        .bank()
        .database()
        .sql("select * from access_log")
        .unwrap();
    assert!(
        !kept.contains("203.0.113.9") && !kept.contains(number.as_str()),
        "{kept}"
    );
}

#[actix_web::test]
async fn nobody_rewrites_who_was_refused_and_it_is_forgotten_by_its_age_only() {
    let app = TestApp::start().await;
    let stranger = app.caller(&[Role::Registrar], UNIVERSITY);
    stranger
        .get("/v1/access-log")
        .await
        .refused(403, "NO_RIGHT");
    let auditor = app.caller(&[Role::Auditor], UNIVERSITY);
    let before = app.rows("audit_events");
    let _ = log(&auditor, before + 1).await;
    let database = app.bank().database();
    for attack in [
        "update access_log set code = 'NOTHING'",
        "delete from access_log",
        "truncate access_log",
        "update audit_events set action = 'nothing'",
        "delete from audit_events",
        "truncate audit_events",
    ] {
        assert!(database.sql(attack).is_err(), "the owner: {attack}");
        assert!(database.sql_as_application(attack).is_err(), "{attack}");
    }
    let forget = "select forget_access_log(now() + interval '100 years')";
    assert_eq!(database.sql_as_application(forget).unwrap().trim(), "0");
    let old = "insert into access_log select gen_random_uuid(), now() - interval '401 days', null, \
               null, null, '{}', null, 'GET /x', null, null, 404, 'NOT_FOUND', null, null, trace_id \
               from access_log";
    let _ = database.sql_as_application(old).unwrap();
    let forget = "select forget_access_log(now() - interval '400 days')";
    assert_eq!(database.sql_as_application(forget).unwrap().trim(), "1");
    assert_eq!(app.rows("access_log"), 1);
}

/// A flood says nothing new after its first lines, and must not push anybody else's out of the log.
#[actix_web::test]
async fn of_a_flood_of_refusals_the_first_ones_are_kept_and_everybody_elses() {
    let app = TestApp::start().await;
    let auditor = app.caller(&[Role::Auditor], SCHOOL);
    let prober = app.caller(&[Role::Registrar], UNIVERSITY);
    for n in 0..300 {
        let unknown = format!("/v1/imports/{}", uuid::Uuid::from_u128(n));
        prober.send(get(&unknown)).await.refused(404, "NOT_FOUND");
    }
    let other = app.caller(&[Role::Registrar], SCHOOL);
    let unknown = format!("/v1/imports/{}", uuid::Uuid::from_u128(7));
    other.send(get(&unknown)).await.refused(404, "NOT_FOUND");
    app.send(get("/v1/events"))
        .await
        .refused(401, "TOKEN_MISSING");
    let refused = "select count(*), count(distinct client_id) from access_log";
    // A budget of 120 a minute gives a few more while this runs.
    let begun = Instant::now();
    loop {
        let counted = app.bank().database().sql(refused).unwrap();
        let (lines, clients) = counted.trim().split_once('|').unwrap();
        let lines: u32 = lines.parse().unwrap();
        if clients == "2" && (122..200).contains(&lines) {
            return;
        }
        assert!(lines < 200, "{lines} lines of a flood");
        assert!(begun.elapsed() < Duration::from_secs(20), "{counted}");
        actix_web::rt::time::sleep(Duration::from_millis(50)).await;
    }
}
