//! The queues of what has to be written down: when they are full, and at the end.

use std::time::{Duration, Instant};

use creditbank_domain::authz::Role;
use creditbank_domain::learner_no::LearnerNo;
use kit::{Caller, SCHOOL, TestApp, TestServer, outcome};

/// More lines than fit while the database takes none: one waits, and one is under way.
const ROOM: usize = 3;
const ASKED: usize = 12;

async fn cramped() -> (TestApp, Caller, LearnerNo) {
    let app = TestApp::start_as(TestServer {
        lines_waiting_max: ROOM,
        ..TestServer::default()
    })
    .await;
    let report = outcome("CERT-A").student("XS1").build();
    let number = app.bank().post(SCHOOL, report).learner_no;
    let officer = app.caller(&[Role::SchoolOfficer], SCHOOL);
    (app, officer, number)
}

async fn until_rows(app: &TestApp, table: &str, expected: usize) {
    let begun = Instant::now();
    while app.rows(table) < expected && begun.elapsed() < Duration::from_secs(20) {
        actix_web::rt::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(app.rows(table), expected, "{table}");
}

#[actix_web::test]
async fn where_readings_cannot_be_written_nobody_reads_and_none_is_lost() {
    let (app, officer, number) = cramped().await;
    let balance = format!("/v1/learners/{number}/balance");
    let _ = officer.get(&balance).await.expect(200);
    until_rows(&app, "readings", 1).await;
    let lock = app.bank().database().hold_lock("readings");
    let (mut read, mut refused) = (1, 0);
    for _ in 0..ASKED {
        match officer.get(&balance).await.status {
            200 => read += 1,
            503 => {
                refused += 1;
                break;
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(refused, 1, "the queue never filled");
    lock.release();
    until_rows(&app, "readings", read).await;
    let _ = officer.get(&balance).await.expect(200);
    until_rows(&app, "readings", read + 1).await;
}

#[actix_web::test]
async fn where_refusals_cannot_be_written_the_answer_waits_for_nothing() {
    let (app, officer, _) = cramped().await;
    officer.get("/v1/access-log").await.refused(403, "NO_RIGHT");
    until_rows(&app, "access_log", 1).await;
    let lock = app.bank().database().hold_lock("access_log");
    let begun = Instant::now();
    for _ in 0..200 {
        officer.get("/v1/access-log").await.refused(403, "NO_RIGHT");
    }
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
    lock.release();
    // What fitted is written, and what comes afterwards too.
    let begun = Instant::now();
    while app.rows("access_log") < 2 && begun.elapsed() < Duration::from_secs(20) {
        actix_web::rt::time::sleep(Duration::from_millis(20)).await;
    }
    let written = app.rows("access_log");
    assert!((2..150).contains(&written), "{written}");
}

#[actix_web::test]
async fn an_orderly_end_writes_what_waits() {
    let (app, officer, number) = cramped().await;
    let balance = format!("/v1/learners/{number}/balance");
    let lock = app.bank().database().hold_lock("readings");
    let refusals = app.bank().database().hold_lock("access_log");
    for _ in 0..2 {
        let _ = officer.get(&balance).await.expect(200);
        officer.get("/v1/access-log").await.refused(403, "NO_RIGHT");
    }
    lock.release_in(0.5);
    refusals.release_in(0.5);
    let bank = app.keep_bank();
    drop((officer, app));
    let counted = bank
        .database()
        .sql("select (select count(*) from readings) || ' ' || (select count(*) from access_log)");
    assert_eq!(counted.unwrap().trim(), "2 2");
}
