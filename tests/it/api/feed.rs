//! The change feed and the totals over HTTP.

use std::collections::BTreeSet;

use creditbank_domain::authz::Role;
use kit::{Caller, RECEIVING, SCHOOL, TestApp, UNIVERSITY, outcome};
use serde_json::{Value, json};

/// A conversion of one certificate, and four outcomes of the university.
async fn start() -> TestApp {
    let app = TestApp::start().await;
    let bank = app.bank();
    let certificate = outcome("CERT-A").student("XS20230001").build();
    let number = bank.post(SCHOOL, certificate).learner_no;
    for student in ["DX20230001", "DX20230002", "DX20230003"] {
        bank.post(UNIVERSITY, outcome("MATH101").student(student).build());
    }
    let failed = outcome("PE102").student("DX20230001").grade("31").build();
    bank.post(UNIVERSITY, failed);
    let _ = bank.decide(bank.request(&[number]).cohort_id);
    bank.sequence();
    bank.roll_up();
    app
}

/// Follows the feed to its present end and gives the events and where to go on.
async fn follow(caller: &Caller, mut cursor: Option<String>, limit: usize) -> (Vec<Value>, String) {
    let mut events = Vec::new();
    loop {
        let place = cursor.map_or(String::new(), |cursor| format!("&cursor={cursor}"));
        let answer = caller
            .get(&format!("/v1/events?limit={limit}{place}"))
            .await;
        let body = answer.expect(200).body;
        let page = body["events"].as_array().unwrap();
        assert!(page.len() <= limit);
        events.extend(page.iter().cloned());
        let resume = body["resume_cursor"].as_str().unwrap().to_owned();
        match body.get("next_cursor") {
            Some(next) => {
                assert_eq!((next.as_str(), page.len()), (Some(resume.as_str()), limit));
                cursor = Some(resume);
            }
            None => return (events, resume),
        }
    }
}

fn seqs(events: &[Value]) -> Vec<u64> {
    events
        .iter()
        .map(|it| it["seq"].as_u64().unwrap())
        .collect()
}

#[actix_web::test]
async fn the_whole_bank_is_numbered_without_a_gap_and_read_once_in_pages_of_any_size() {
    let app = start().await;
    for role in [Role::Auditor, Role::Secretariat] {
        let caller = app.caller(&[role], UNIVERSITY);
        let (all, _) = follow(&caller, None, 200).await;
        assert_eq!(seqs(&all), (1..=10).collect::<Vec<_>>());
        for limit in [1, 3, 10] {
            assert_eq!(follow(&caller, None, limit).await.0, all, "{limit}");
        }
    }
}

#[actix_web::test]
async fn the_end_of_the_feed_gives_a_place_to_come_back_to() {
    let app = start().await;
    let auditor = app.caller(&[Role::Auditor], UNIVERSITY);
    let (_, end) = follow(&auditor, None, 5).await;
    let (nothing, same) = follow(&auditor, Some(end.clone()), 5).await;
    assert_eq!((nothing.len(), &same), (0, &end));
    let bank = app.bank();
    bank.post(UNIVERSITY, outcome("MATH101").student("DX20230009").build());
    bank.sequence();
    let (new, later) = follow(&auditor, Some(end.clone()), 5).await;
    assert_eq!(seqs(&new), [11]);
    assert_ne!(later, end);
    // Whoever came before there was anything keeps a good place too.
    let empty = TestApp::start().await;
    let auditor = empty.caller(&[Role::Auditor], UNIVERSITY);
    let (nothing, beginning) = follow(&auditor, None, 5).await;
    assert_eq!(nothing.len(), 0);
    let bank = empty.bank();
    bank.post(UNIVERSITY, outcome("MATH101").student("DX20230001").build());
    bank.sequence();
    assert_eq!(seqs(&follow(&auditor, Some(beginning), 5).await.0), [1]);
}

#[actix_web::test]
async fn an_institution_reads_its_own_events_whole_and_no_other() {
    let app = start().await;
    let auditor = app.caller(&[Role::Auditor], UNIVERSITY);
    let (all, _) = follow(&auditor, None, 200).await;
    let of = async |role: Role, institution: &str| {
        let (events, _) = follow(&app.caller(&[role], institution), None, 2).await;
        assert!(events.iter().all(|event| all.contains(event)));
        seqs(&events)
    };
    assert_eq!(of(Role::Registrar, UNIVERSITY).await, [2, 3, 4, 5]);
    assert_eq!(of(Role::SchoolOfficer, SCHOOL).await, [1, 6, 7, 8, 9, 10]);
    assert_eq!(of(Role::Reviewer, RECEIVING).await, [6, 7, 8, 9, 10]);
}

#[actix_web::test]
async fn an_event_tells_ids_amount_and_institution_and_nothing_personal() {
    let app = start().await;
    let auditor = app.caller(&[Role::Auditor], UNIVERSITY);
    let (all, _) = follow(&auditor, None, 200).await;
    let issued = &all[0];
    let names: BTreeSet<&str> = issued
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected = [
        "amount",
        "effective_on",
        "institution_code",
        "kind",
        "learner_no",
        "lot_id",
        "outcome_id",
        "recorded_at",
        "seq",
        "subject_id",
        "unit",
    ];
    assert_eq!(names, BTreeSet::from(expected));
    assert_eq!(issued["kind"], "lot.issued");
    assert_eq!(
        (&issued["amount"], &issued["unit"]),
        (&json!("6.00"), &json!("credit"))
    );
    assert_eq!(issued["institution_code"], SCHOOL);
    assert_eq!(all[4]["kind"], "outcome.recorded");
    assert_eq!(
        all[4]["figures"],
        json!({ "earned_nothing": "GRADE_TOO_LOW" })
    );
    let text = Value::from(all).to_string();
    for personal in ["测试学员", "XS2023", "DX2023"] {
        assert!(!text.contains(personal), "{personal}");
    }
}

#[actix_web::test]
async fn a_place_or_period_that_cannot_be_is_refused() {
    let app = start().await;
    let auditor = app.caller(&[Role::Auditor], UNIVERSITY);
    let get = async |path: &str| auditor.get(path).await;
    // The cursor of event 11, which is not there.
    get("/v1/events?cursor=AAAAAAAAAAs")
        .await
        .refused(409, "CURSOR_AHEAD");
    get("/v1/events?cursor=__________8")
        .await
        .refused(409, "CURSOR_AHEAD");
    let _ = get("/v1/events?cursor=AAAAAAAAAAo").await.expect(200);
    for path in [
        "/v1/events?cursor=x",
        "/v1/events?limit=201",
        "/v1/events?after=1",
        "/v1/totals?to=2026-02-30",
        "/v1/totals?day=2026-02-20",
    ] {
        get(path).await.refused(400, "QUERY_PARAMETER_INVALID");
    }
    for path in [
        "/v1/totals?from=2026-11-23",
        "/v1/totals?from=2026-01-01&to=2026-12-31",
    ] {
        get(path).await.refused(422, "INVALID_VALUES");
    }
}

#[actix_web::test]
async fn totals_say_what_there_was_what_changed_and_how_far_they_count() {
    let app = start().await;
    let auditor = app.caller(&[Role::Auditor], UNIVERSITY);
    let body = auditor.get("/v1/totals").await.expect(200).body;
    assert_eq!(
        (&body["from"], &body["to"]),
        (&json!("2026-11-01"), &json!("2026-11-22"))
    );
    assert_eq!(body["up_to_seq"], 10);
    let figures = |lots: u32, issued: &str, available: &str, used: &str| {
        json!({
            "lots_issued": lots, "issued": issued, "available": available, "held": "0.00",
            "used": used, "expired": "0.00", "withdrawn": "0.00",
        })
    };
    let nothing = figures(0, "0.00", "0.00", "0.00");
    let total = |institution: &str, sums: Value| {
        let mut day = sums.clone();
        day["day"] = json!("2026-11-22");
        json!({
            "institution_code": institution, "unit": "credit", "category": "course",
            "opening": nothing, "days": [day], "closing": sums,
        })
    };
    let university = total(UNIVERSITY, figures(3, "12.00", "12.00", "0.00"));
    let receiving = total(RECEIVING, figures(1, "6.00", "6.00", "0.00"));
    let school = total(SCHOOL, figures(1, "6.00", "0.00", "6.00"));
    assert_eq!(body["totals"], json!([university, receiving, school]));
    let own = app
        .caller(&[Role::Registrar], SCHOOL)
        .get("/v1/totals")
        .await;
    assert_eq!(own.expect(200).body["totals"], json!([school]));
    let later = auditor
        .get("/v1/totals?from=2026-12-01&to=2026-12-31")
        .await;
    let later = &later.expect(200).body["totals"][2];
    assert_eq!(
        (&later["days"], &later["opening"]),
        (&json!([]), &school["closing"])
    );
}
