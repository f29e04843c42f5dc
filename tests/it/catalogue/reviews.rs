//! The review clock: an entry that is late warns, then earns nothing, and is listed.

use creditbank_domain::authz::Role;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::PostedOutcome;
use creditbank_ledger::reads::{self, OverdueEntry};
use kit::{SCHOOL, TestApp, TestBank, UNIVERSITY, day, keeper, outcome, posting, reviewed};
use serde_json::json;

/// A bank with an entry that was reviewed on 2023-07-24: due on 2025-07-24, 30 days of grace.
fn bank() -> TestBank {
    let bank = TestBank::start();
    bank.publish(&[reviewed(UNIVERSITY, "LATE", 24, 30)]);
    assert!(bank.try_review(UNIVERSITY, "LATE", "2023-07-24").unwrap());
    bank
}

fn post(bank: &TestBank, on: &str) -> PostedOutcome {
    let report = outcome("LATE").student(on).on(on);
    bank.post(UNIVERSITY, report.build())
}

fn said(posted: &PostedOutcome) -> (usize, Vec<&'static str>, Option<&'static str>) {
    let warnings = posted.warnings.iter().map(|fault| fault.code).collect();
    let reason = posted.earned_nothing.map(|code| code.as_str());
    (posted.lots.len(), warnings, reason)
}

#[test]
fn an_overdue_entry_warns_for_its_days_of_grace_and_then_earns_nothing() {
    let bank = bank();
    let check = |on: &str, expected: (usize, Vec<&'static str>, Option<&'static str>)| {
        assert_eq!(said(&post(&bank, on)), expected, "{on}");
    };
    check("2025-07-24", (1, vec![], None));
    check("2025-07-25", (1, vec!["REVIEW_OVERDUE"], None));
    check("2025-08-23", (1, vec!["REVIEW_OVERDUE"], None));
    check("2025-08-24", (0, vec![], Some("REVIEW_OVERDUE")));
    check("2026-11-22", (0, vec![], Some("REVIEW_OVERDUE")));
    // What was learned in time counts however late it is posted.
    check("2024-01-31", (1, vec![], None));
    // Reviewed late, the clock begins anew, also for the days between.
    assert!(bank.try_review(UNIVERSITY, "LATE", "2025-09-01").unwrap());
    check("2025-08-25", (1, vec![], None));
    check("2026-11-21", (1, vec![], None));
}

#[test]
fn a_review_of_29_february_is_due_on_the_28th() {
    let bank = TestBank::start();
    bank.publish(&[reviewed(UNIVERSITY, "LATE", 24, 1)]);
    let _ = bank.try_review(UNIVERSITY, "LATE", "2024-02-29").unwrap();
    let check = |on: &str, expected: (usize, usize)| {
        let posted = post(&bank, on);
        assert_eq!((posted.lots.len(), posted.warnings.len()), expected, "{on}");
    };
    check("2026-02-28", (1, 0));
    check("2026-03-01", (1, 1));
    check("2026-03-02", (0, 0));
}

#[test]
fn the_same_report_is_answered_with_its_warning_whatever_was_reviewed_since() {
    let bank = bank();
    let first = post(&bank, "2025-08-01");
    let again = |expected: usize| {
        let report = outcome("LATE").student("2025-08-01").on("2025-08-01");
        let answer = bank
            .try_post(UNIVERSITY, &[report.build()])
            .unwrap()
            .remove(0);
        let creditbank_ledger::flows::PostAnswer::AlreadyPosted(posted) = answer else {
            panic!("{answer:?}");
        };
        assert_eq!(posted.warnings.len(), expected);
        assert_eq!(posted.warnings, first.warnings);
    };
    again(1);
    let _ = bank.try_review(UNIVERSITY, "LATE", "2025-08-10").unwrap();
    again(1);
    assert!(post(&bank, "2025-08-02").warnings.is_empty());
}

#[test]
fn a_correction_of_an_old_outcome_keeps_its_credit_after_the_entry_lapsed() {
    let bank = bank();
    let posted = post(&bank, "2025-07-01");
    let source = "2025-07-01/LATE/2025-07-01/first";
    let _ = bank.correct(UNIVERSITY, source, kit::grade("91"));
    assert_eq!(bank.credits(posted.learner_no).0, "3.00");
}

#[test]
fn a_review_is_recorded_once_of_an_entry_that_is_there_and_never_beforehand() {
    let bank = bank();
    assert!(!bank.try_review(UNIVERSITY, "LATE", "2023-07-24").unwrap());
    let code = |refused: Result<bool, LedgerError>| refused.unwrap_err().fault().unwrap().code;
    let future = bank.try_review(UNIVERSITY, "LATE", "2026-11-23");
    assert_eq!(code(future), "REVIEW_IN_FUTURE");
    assert!(bank.try_review(UNIVERSITY, "LATE", "2026-11-22").unwrap());
    assert_eq!(
        code(bank.try_review(SCHOOL, "LATE", "2023-01-01")),
        "OUTCOME_UNKNOWN"
    );
    assert_eq!(
        code(bank.try_review("99999", "LATE", "2023-01-01")),
        "INSTITUTION_UNKNOWN"
    );
    let changed = bank
        .database()
        .sql("update catalogue_reviews set reviewed_on = '2026-01-01'");
    assert!(changed.is_err());
}

#[test]
fn the_list_names_what_is_overdue_on_a_day() {
    let bank = bank();
    bank.publish(&[
        reviewed(UNIVERSITY, "NEVER", 24, 0),
        reviewed(UNIVERSITY, "FRESH", 24, 0),
    ]);
    let _ = bank.try_review(UNIVERSITY, "FRESH", "2026-01-31").unwrap();
    let list = |on: &str, limit: usize| -> Vec<OverdueEntry> {
        reads::overdue_entries(bank.ledger(), &keeper(), day(on), None, limit).unwrap()
    };
    let codes = |on: &str| -> Vec<String> {
        let entries = list(on, 10);
        entries
            .iter()
            .map(|it| format!("{} {}", it.code, it.blocked))
            .collect()
    };
    // NEVER began with its version, on 2010-01-01.
    assert_eq!(codes("2012-01-01"), Vec::<String>::new());
    assert_eq!(codes("2025-07-24"), ["NEVER true"]);
    assert_eq!(codes("2025-07-25"), ["LATE false", "NEVER true"]);
    assert_eq!(codes("2025-08-24"), ["LATE true", "NEVER true"]);
    let first = list("2025-08-24", 1);
    assert_eq!(first.len(), 1);
    let after = Some(first[0].entry_id);
    let rest = reads::overdue_entries(bank.ledger(), &keeper(), day("2025-08-24"), after, 10);
    assert_eq!(rest.unwrap()[0].code.as_str(), "NEVER");
    assert_eq!(first[0].reviewed_on, Some(day("2023-07-24")));
    assert_eq!(first[0].review.due_on, day("2025-07-24"));
}

#[test]
fn a_line_of_a_file_is_posted_with_the_warning() {
    let bank = bank();
    let csv = "成绩编号,学号,姓名,获得日期,课程代码,成绩\n\
               a,1,张三,2025-07-24,LATE,80\n\
               b,2,李四,2025-07-25,LATE,80\n\
               c,3,王五,2025-08-24,LATE,80\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("late.csv");
    std::fs::write(&file, csv).unwrap();
    let view = bank.import(UNIVERSITY, &file, &posting());
    assert_eq!((view.posted, view.rejected), (3, 0));
    let lines: Vec<(u64, String)> = bank
        .line_results(UNIVERSITY, view.import_id)
        .iter()
        .map(|line| (line.line_no, line.faults[0].code.clone()))
        .collect();
    let overdue = || "REVIEW_OVERDUE".to_owned();
    assert_eq!(lines, [(3, overdue()), (4, overdue())]);
    let lots = bank.database().sql("select count(*) from lots").unwrap();
    assert_eq!(lots.trim(), "2");
}

#[actix_web::test]
async fn the_answer_over_http_has_the_warning_with_its_days() {
    let app = TestApp::start().await;
    let bank = app.bank();
    bank.publish(&[reviewed(UNIVERSITY, "LATE", 24, 30)]);
    let opening = TestBank::opening();
    let recorded = bank.try_review_at(UNIVERSITY, "LATE", "2023-07-24", opening);
    assert!(recorded.unwrap());
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    let report = |on: &str| outcome("LATE").student(on).on(on).json();
    let body = report("2025-07-25");
    let first = registrar
        .post("/v1/outcomes", "k-1", &body)
        .await
        .expect(201);
    let warning = &first.body["warnings"][0];
    assert_eq!(warning["code"], "REVIEW_OVERDUE");
    let figures = "2025-07-24 – 2025-08-24";
    assert!(
        warning["zh"].as_str().unwrap().contains(figures),
        "{warning}"
    );
    assert_eq!(first.body["lots"][0]["amount"], json!("3.00"));
    let again = registrar
        .post("/v1/outcomes", "k-2", &body)
        .await
        .expect(200);
    assert_eq!(again.body, first.body);
    let (late, fine) = (report("2025-08-24"), report("2025-07-24"));
    let late = registrar
        .post("/v1/outcomes", "k-3", &late)
        .await
        .expect(201);
    assert_eq!(late.body["earned_nothing"]["code"], "REVIEW_OVERDUE");
    assert_eq!(late.body.get("warnings"), None);
    let fine = registrar
        .post("/v1/outcomes", "k-4", &fine)
        .await
        .expect(201);
    assert_eq!(fine.body.get("warnings"), None);
}

#[actix_web::test]
async fn the_secretariat_reads_what_is_overdue_in_pages() {
    let app = TestApp::start().await;
    let bank = app.bank();
    for code in ["A", "B", "C"] {
        bank.publish(&[reviewed(UNIVERSITY, code, 24, 0)]);
    }
    let opening = TestBank::opening();
    let recorded = bank.try_review_at(UNIVERSITY, "B", "2026-01-31", opening);
    assert!(recorded.unwrap());
    let secretariat = app.caller(&[Role::Secretariat], SCHOOL);
    let path = "/v1/overdue-entries?limit=1";
    let first = secretariat.get(path).await.expect(200);
    assert_eq!(first.body["entries"][0]["code"], "A");
    assert_eq!(first.body["entries"][0]["due_on"], "2012-01-01");
    assert_eq!(first.body["entries"][0]["blocked"], true);
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let rest = secretariat.get(&format!("{path}&cursor={cursor}")).await;
    let rest = rest.expect(200);
    assert_eq!(rest.body["entries"][0]["code"], "C");
    assert_eq!(rest.body.get("next_cursor"), None);
}
