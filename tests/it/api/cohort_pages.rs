//! A cohort over HTTP, whole or in pages.

use creditbank_domain::authz::Role;
use kit::{RECEIVING, SCHOOL, TestApp, UNIVERSITY, outcome};
use serde_json::{Value, json};

#[actix_web::test]
async fn a_cohort_comes_whole_or_in_pages_that_leave_nothing_out_and_count_all_of_it() {
    let app = TestApp::start().await;
    let numbers: Vec<_> = (0..7)
        .map(|nth| {
            let code = if nth < 3 { "CERT-A" } else { "CERT-LOW" };
            let report = outcome(code).student(&format!("XS{nth}")).build();
            app.bank().post(SCHOOL, report).learner_no
        })
        .collect();
    let cohort = app.bank().request(&numbers).cohort_id;
    let open = format!("/v1/conversion-cohorts/{cohort}");
    let school = app.caller(&[Role::SchoolOfficer], SCHOOL);
    let before = school.get(&format!("{open}?limit=2")).await.expect(200);
    assert_eq!(before.body["counts"]["open"], 7);
    let _ = app.bank().decide(cohort);
    let reviewer = app.caller(&[Role::Reviewer], RECEIVING);
    for caller in [&school, &reviewer] {
        let whole = caller.get(&open).await.expect(200).body;
        let all = whole["requests"].as_array().unwrap();
        assert_eq!((all.len(), whole.get("next_cursor")), (7, None));
        let counts = json!({ "granted": 3, "partly": 0, "refused": 4, "withdrawn": 0, "open": 0 });
        assert_eq!(whole["counts"], counts);
        for limit in [1, 3, 7, 8] {
            let mut path = format!("{open}?limit={limit}");
            let mut paged: Vec<Value> = Vec::new();
            loop {
                let page = caller.get(&path).await.expect(200).body;
                assert_eq!(page["counts"], counts, "of the whole cohort");
                let requests = page["requests"].as_array().unwrap();
                assert!(requests.len() <= limit);
                paged.extend(requests.iter().cloned());
                let Some(cursor) = page["next_cursor"].as_str() else {
                    break;
                };
                assert_eq!(requests.len(), limit, "a page before the last one is full");
                path = format!("{open}?limit={limit}&cursor={cursor}");
            }
            assert_eq!(&paged, all, "in pages of {limit}");
        }
    }
    for (query, place, code) in [
        ("limit=0", "limit", "LIMIT_OUT_OF_RANGE"),
        ("cursor=x", "cursor", "CURSOR_UNKNOWN"),
    ] {
        let refused = school.get(&format!("{open}?{query}")).await;
        let refused = refused.refused(400, "QUERY_PARAMETER_INVALID");
        assert_eq!(refused.first_error(), (place, code));
    }
    let stranger = app.caller(&[Role::SchoolOfficer], UNIVERSITY);
    let _ = stranger
        .get(&format!("{open}?limit=2"))
        .await
        .refused(404, "NOT_FOUND");
}
