//! Which reads show a learner's account, and that each of them is written down.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use creditbank_api::ENDPOINTS;
use creditbank_domain::authz::Role;
use kit::{RECEIVING, SCHOOL, TestApp, UNIVERSITY, order_for, outcome, resident_id};
use serde_json::json;

/// What shows learners' accounts to others, with what is written down.
const NOTED: &[(&str, &str)] = &[
    ("/v1/learners/{learner_no}/balance", "balance"),
    ("/v1/learners/{learner_no}/movements", "movements"),
    ("/v1/learners/{learner_no}/statement", "statement"),
    ("/v1/learners/{learner_no}/outlooks", "outlooks"),
    ("/v1/learners/{learner_no}/readings", "readings"),
    ("/v1/learners/{learner_no}/consents", "consents"),
    ("/v1/learners/{learner_no}/helpers", "helpers"),
    ("/v1/duplicate-candidates", "duplicates"),
    ("/v1/learner-merges/{merge_id}", "duplicates"),
    ("/v1/conversion-requests", "request_list"),
    ("/v1/conversion-requests/{request_id}", "conversion_request"),
    ("/v1/conversion-cohorts/{cohort_id}", "conversion_request"),
    ("/v1/conversion-requests/{request_id}/evidence", "evidence"),
    (
        "/v1/conversion-requests/{request_id}/evidence/{evidence_id}",
        "evidence",
    ),
    ("/v1/conversion-drafts/{draft_id}", "draft"),
];

/// What an institution sent itself, or is told of what it did: nothing of an account beyond that.
const ITS_OWN: &[&str] = &[
    "/v1/imports/{import_id}",
    "/v1/imports/{import_id}/result",
    "/v1/import-jobs",
    "/v1/import-jobs/{job_id}",
    "/v1/import-jobs/{job_id}/upload",
    "/v1/import-jobs/{job_id}/questions",
    "/v1/import-settings",
    "/v1/import-mappings",
    "/v1/conversion-cohorts/{cohort_id}/file",
    "/v1/conversion-cohorts/{cohort_id}/result",
    // How many learners each has, and none of them.
    "/v1/conversion-drafts",
    "/v1/events",
    "/v1/notices",
    "/v1/webhook-endpoints",
    "/v1/webhook-endpoints/{endpoint_id}",
    "/v1/webhook-endpoints/{endpoint_id}/deliveries",
];

/// What names no learner at all.
const NOBODY: &[&str] = &[
    "/v1/catalogue-entries",
    "/v1/catalogue-entries/{entry_id}",
    "/v1/overdue-entries",
    "/v1/totals",
    "/v1/conversion-figures",
    "/v1/published-figures",
    "/v1/documents",
    "/v1/documents/{document_number}",
    "/v1/meetings",
    "/v1/meetings/{meeting_id}",
    "/v1/rule-sets",
    "/v1/rule-sets/{rule_set_id}",
    "/v1/rule-sets/{rule_set_id}/changes",
    "/v1/committees",
    "/v1/memberships",
    "/v1/clients",
    "/v1/clients/{client_id}",
    "/v1/review-chains",
    "/v1/review-delegations",
    "/v1/work-calendars",
    // Who was refused what: an account's number was asked for, and nothing of it shown.
    "/v1/access-log",
];

#[test]
fn of_every_read_it_is_said_whether_it_shows_somebodys_account() {
    let noted = NOTED.iter().map(|(path, _)| path);
    let said: Vec<&&str> = noted.chain(ITS_OWN).chain(NOBODY).collect();
    let said_once: BTreeSet<&str> = said.iter().map(|path| **path).collect();
    assert_eq!(said.len(), said_once.len(), "each of them once");
    let reads = ENDPOINTS
        .iter()
        .filter(|endpoint| endpoint.method == "GET" && endpoint.path.starts_with("/v1/"));
    let reads: BTreeSet<&str> = reads.map(|endpoint| endpoint.path).collect();
    assert_eq!(reads, said_once);
}

/// How often each kind was written down, once there are so many.
async fn noted(app: &TestApp, expected: &[(&str, u32)]) {
    let expected: Vec<String> = expected
        .iter()
        .map(|(what, count)| format!("{what}|{count}"))
        .collect();
    let counted = "select what, count(*) from readings group by what order by what";
    let begun = Instant::now();
    loop {
        let found = app.bank().database().sql(counted).unwrap();
        let found: Vec<&str> = found.lines().collect();
        if found == expected {
            return;
        }
        let waited = begun.elapsed() > Duration::from_secs(10);
        assert!(!waited, "{found:?} is not {expected:?}");
        actix_web::rt::time::sleep(Duration::from_millis(20)).await;
    }
}

#[actix_web::test]
async fn lists_drafts_and_what_surrounds_an_account_are_noted_for_each_learner_they_show() {
    let app = TestApp::start().await;
    let bank = app.bank();
    let post = |student: &str| {
        let report = outcome("CERT-A").student(student).build();
        bank.post(SCHOOL, report).learner_no
    };
    let (one, two, three) = (post("XS1"), post("XS2"), post("XS3"));
    let draft = bank.draft_as(&bank.school_asks(), &order_for(&[one, three]));
    let draft = format!("/v1/conversion-drafts/{}", draft.unwrap().draft_id);
    let _ = bank.request(&[one, two]);
    let officer = app.caller(&[Role::SchoolOfficer], SCHOOL);
    let _ = officer.get(&draft).await.expect(200);
    let reviewer = app.caller(&[Role::Reviewer], RECEIVING);
    let queue = "/v1/conversion-requests";
    let _ = reviewer.get(queue).await.expect(200);
    // Who is not on the page is not shown.
    let _ = reviewer.get(&format!("{queue}?limit=1")).await.expect(200);
    let auditor = app.caller(&[Role::Auditor], SCHOOL);
    for what in ["consents", "readings"] {
        let path = format!("/v1/learners/{one}/{what}");
        let _ = auditor.get(&path).await.expect(200);
        let _ = app.learner(one).get(&path).await.expect(200);
    }
    let merge = format!("/v1/learner-merges/{}", bank.merge(two, three).merge_id);
    let secretariat = app.caller(&[Role::Secretariat], SCHOOL);
    let _ = secretariat.get(&merge).await.expect(200);
    for (institution, number, nth) in [(UNIVERSITY, "DX1", 1), (SCHOOL, "XS9", 2)] {
        let card = resident_id("1990-01-01", nth);
        let body = json!({
            "identifiers": [
                { "kind": "resident_id", "value": card },
                { "kind": "student_number", "value": number },
            ],
            "name": "王小明",
        });
        let registrar = app.caller(&[Role::Registrar], institution);
        let _ = registrar
            .post("/v1/learners", number, &body)
            .await
            .expect(201);
    }
    let candidates = secretariat
        .get("/v1/duplicate-candidates")
        .await
        .expect(200);
    assert_eq!(candidates.body["candidates"].as_array().unwrap().len(), 1);
    noted(
        &app,
        &[
            ("consents", 1),
            ("draft", 2),
            ("duplicates", 4),
            ("readings", 1),
            ("request_list", 3),
        ],
    )
    .await;
}
