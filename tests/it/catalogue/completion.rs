//! The course of 28 owners, and hours beside credits.

use creditbank_domain::amount::{Amount, Unit};
use creditbank_domain::authz::Role;
use creditbank_domain::catalogue::AmountRule;
use creditbank_domain::completion::Thresholds;
use creditbank_domain::correction::Corrected;
use creditbank_ledger::flows::{NewCatalogueVersion, VersionDetails};
use kit::{
    NO_BUILDER, OutcomeBuilder, TestApp, TestBank, UNIVERSITY, builders, course, guide, hundredths,
    outcome, posting,
};
use serde_json::json;

use super::refused;

const PATH: &str = "/v1/outcomes";

fn of(student: &str) -> OutcomeBuilder {
    outcome("GUIDE")
        .student(student)
        .source(student)
        .grade("80")
}

#[actix_web::test]
async fn the_guide_of_28_owners_is_credited_when_26_lectures_and_the_exam_are_done() {
    let app = TestApp::start().await;
    app.bank().publish_guide();
    let builder = app.caller(&[Role::Registrar], &builders()[0]);
    let written = app.written();
    let half = of("S1").progress(25, "100").json();
    let answer = builder.post(PATH, "k-1", &half).await;
    let answer = answer.refused(422, "COMPLETION_IN_PROGRESS");
    assert_eq!(
        answer.first_error(),
        ("/progress", "COMPLETION_IN_PROGRESS")
    );
    assert!(answer.text.contains("25 / 26"), "{}", answer.text);
    assert_eq!(
        app.written(),
        written,
        "what is not there yet is no outcome"
    );
    // The same reference when it is over.
    let done = of("S1").progress(26, "60").json();
    let answer = builder.post(PATH, "k-2", &done).await.expect(201);
    assert_eq!(answer.body["lots"][0]["amount"], json!("2.00"));
    let failed = of("S2").progress(26, "59").json();
    let answer = builder.post(PATH, "k-3", &failed).await.expect(201);
    assert_eq!(answer.body["earned_nothing"]["code"], "EXAM_TOO_LOW");
    assert_eq!(answer.body["lots"], json!([]));
    let unstated = of("S3").json();
    let answer = builder.post(PATH, "k-4", &unstated).await;
    answer.refused(422, "COMPLETION_UNSTATED");
    let beyond = of("S3").progress(27, "60").json();
    let answer = builder.post(PATH, "k-5", &beyond).await;
    answer.refused(422, "PROGRESS_IMPOSSIBLE");
}

#[actix_web::test]
async fn every_owner_posts_the_guide_once_for_a_learner_and_nobody_else_may() {
    let app = TestApp::start().await;
    let bank = app.bank();
    bank.publish_guide();
    let first = bank.post(&builders()[0], of("S1").progress(26, "60").build());
    let number = first.learner_no;
    assert_eq!(bank.credits(number).0, "2.00");
    for builder in &builders()[1..] {
        let report = of("S1").learner_no(number).progress(26, "90");
        let again = bank.post(builder, report.owned_by(&builders()[0]).build());
        assert!(again.lots.is_empty());
        let reason = again.earned_nothing.map(|code| code.as_str());
        assert_eq!(reason, Some("ALREADY_CREDITED"), "{builder}");
    }
    assert_eq!(bank.credits(number).0, "2.00");
    let stranger = app.caller(&[Role::Registrar], NO_BUILDER);
    let report = of("S9").progress(26, "60").owned_by(&builders()[0]);
    let answer = stranger.post(PATH, "k-1", &report.json()).await;
    answer.refused(403, "ENTRY_NOT_OWNED");
}

#[actix_web::test]
async fn the_same_progress_answers_as_the_first_time_and_other_progress_is_a_conflict() {
    let app = TestApp::start().await;
    app.bank().publish_guide();
    let builder = app.caller(&[Role::Registrar], &builders()[0]);
    let body = of("S1").progress(26, "60").json();
    let first = builder.post(PATH, "k-1", &body).await.expect(201);
    let again = builder.post(PATH, "k-2", &body).await.expect(200);
    assert_eq!(first.body, again.body);
    for (key, other) in [
        ("k-3", of("S1").progress(26, "61")),
        ("k-4", of("S1").progress(26, "60").attended(1, 2)),
        // In progress and without any: what is recorded comes first.
        ("k-5", of("S1").progress(25, "60")),
        ("k-6", of("S1")),
    ] {
        let answer = builder.post(PATH, key, &other.json()).await;
        let answer = answer.refused(409, "SOURCE_REF_CONFLICT");
        assert!(
            answer.text.contains("progress exam=60.00;lectures=26"),
            "{}",
            answer.text
        );
    }
    let batch = json!({ "outcomes": [body, of("S2").progress(25, "").json()] });
    let answer = builder.post("/v1/outcome-batches", "k-7", &batch).await;
    let answer = answer.expect(200);
    let codes = |at: usize, member: &str| answer.body["results"][at][member].clone();
    assert_eq!(codes(0, "status"), "already_posted");
    assert_eq!(codes(1, "fault")["code"], "COMPLETION_IN_PROGRESS");
}

#[actix_web::test]
async fn progress_that_means_nothing_is_refused_with_its_place() {
    let app = TestApp::start().await;
    app.bank().publish_guide();
    let builder = app.caller(&[Role::Registrar], &builders()[0]);
    let mut key = 0;
    let mut ask = async |progress: serde_json::Value, status: u16, place: &str, code: &str| {
        let mut body = of("S1").json();
        body["progress"] = progress;
        key += 1;
        let answer = builder.post(PATH, &format!("k-{key}"), &body).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!(answer.first_error(), (place, code));
    };
    let at = |member: &str| format!("/progress/{member}");
    let exam = at("exam_score");
    ask(
        json!({ "exam_score": "100.01" }),
        422,
        &exam,
        "GRADE_OUT_OF_RANGE",
    )
    .await;
    ask(
        json!({ "exam_score": "60.001" }),
        422,
        &exam,
        "GRADE_TOO_PRECISE",
    )
    .await;
    let attended = at("attended_minutes");
    let more = json!({ "attended_minutes": 61, "held_minutes": 60 });
    ask(more, 422, &attended, "ATTENDANCE_IMPOSSIBLE").await;
    ask(
        json!({ "held_minutes": 60 }),
        422,
        &attended,
        "MINUTES_MISSING",
    )
    .await;
    let held = at("held_minutes");
    ask(
        json!({ "attended_minutes": 60 }),
        422,
        &held,
        "MINUTES_MISSING",
    )
    .await;
    let mut unknown = of("S1").json();
    unknown["progress"] = json!({ "lectures": 26 });
    let answer = builder.post(PATH, "unknown", &unknown).await;
    assert_eq!(answer.status, 400);
    app.assert_nothing_written();
}

#[test]
fn attendance_of_86_67_percent_reaches_80_and_78_33_does_not() {
    let bank = TestBank::start();
    bank.publish(&[NewCatalogueVersion {
        details: VersionDetails {
            completion: Some(Thresholds {
                attendance: Some("80".parse().unwrap()),
                ..Thresholds::default()
            }),
            ..VersionDetails::default()
        },
        ..course(UNIVERSITY, "TALK", "1.00")
    }]);
    let attended = |minutes: u32| {
        let report = outcome("TALK").student(&format!("S{minutes}"));
        bank.post(UNIVERSITY, report.attended(minutes, 60).build())
    };
    assert_eq!(attended(52).lots.len(), 1);
    assert_eq!(attended(48).lots.len(), 1);
    let reason = attended(47).earned_nothing.map(|code| code.as_str());
    assert_eq!(reason, Some("ATTENDANCE_TOO_LOW"));
}

#[test]
fn one_course_gives_3_credits_and_48_hours() {
    let bank = TestBank::start();
    let fixed = |unit, text| AmountRule::Fixed(Amount::new(unit, hundredths(text)).unwrap());
    bank.publish(&[NewCatalogueVersion {
        amounts: vec![fixed(Unit::Credit, "3.00"), fixed(Unit::Hour, "48.00")],
        ..course(UNIVERSITY, "BOTH", "3.00")
    }]);
    let posted = bank.post(UNIVERSITY, outcome("BOTH").build());
    let given: Vec<String> = posted
        .lots
        .iter()
        .map(|lot| lot.amount.to_string())
        .collect();
    assert_eq!(given, ["3.00 credit", "48.00 hour"]);
    let balance = |unit| bank.balance(posted.learner_no, unit).available.to_string();
    assert_eq!(
        (balance(Unit::Credit), balance(Unit::Hour)),
        ("3.00".into(), "48.00".into())
    );
}

#[test]
fn a_correction_of_the_exam_takes_the_credit_away_and_gives_it_back() {
    let bank = TestBank::start();
    bank.publish_guide();
    let owner = &builders()[0];
    let posted = bank.post(owner, of("S1").progress(26, "60").build());
    let to = |exam: &str| Corrected {
        progress: Some(of("S1").progress(26, exam).build().progress),
        ..Corrected::default()
    };
    let fallen = bank.correct(owner, "S1", to("59"));
    let successor = fallen.successor.unwrap();
    let reason = successor.earned_nothing.map(|code| code.as_str());
    assert_eq!(reason, Some("EXAM_TOO_LOW"));
    assert_eq!(bank.credits(posted.learner_no).0, "0.00");
    // Posting what stands now is a repetition.
    let again = bank.try_post(owner, &[of("S1").progress(26, "59").build()]);
    assert!(format!("{again:?}").contains("AlreadyPosted"), "{again:?}");
    let _ = bank.correct(owner, "S1", to("88"));
    assert_eq!(bank.credits(posted.learner_no).0, "2.00");
}

#[test]
fn a_file_states_the_progress_of_its_lines() {
    let bank = TestBank::start();
    bank.publish_guide();
    let csv = "成绩编号,学号,姓名,学期,课程代码,成绩,完成讲数,课程考试成绩\n\
               a,1,张三,2024-2025-1,GUIDE,80,26,60\n\
               b,2,李四,2024-2025-1,GUIDE,80,25,60\n\
               c,3,王五,2024-2025-1,GUIDE,80,26,59\n\
               d,4,赵六,2024-2025-1,GUIDE,80,,\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("guide.csv");
    std::fs::write(&file, csv).unwrap();
    let owner = &builders()[0];
    let view = bank.import(owner, &file, &posting());
    assert_eq!((view.posted, view.rejected), (2, 2));
    let codes: Vec<String> = bank
        .line_results(owner, view.import_id)
        .iter()
        .flat_map(|line| line.faults.iter().map(|fault| fault.code.clone()))
        .collect();
    let expected = [
        "COMPLETION_IN_PROGRESS",
        "EXAM_TOO_LOW",
        "COMPLETION_UNSTATED",
    ];
    assert_eq!(codes, expected);
}

#[test]
fn a_rule_asks_for_no_more_lectures_than_there_are() {
    let bank = TestBank::start();
    bank.publish_guide();
    let of = |lectures| {
        let mut version = guide();
        version.valid_from = "2020-01-01".parse().unwrap();
        version.details.completion = Some(Thresholds {
            lectures: Some(lectures),
            ..Thresholds::default()
        });
        version
    };
    let fault = refused(&bank, of(27));
    assert_eq!(fault.code, "COMPLETION_RULE");
    assert!(
        fault.en.contains("26") && fault.zh.contains("26"),
        "{fault}"
    );
    assert_eq!(refused(&bank, of(0)).code, "COMPLETION_RULE");
    let mut hollow = of(26);
    hollow.details.modules[0].lectures = 0;
    assert_eq!(refused(&bank, hollow).code, "MODULE_EMPTY");
    bank.publish(&[of(26)]);
    // The same again is there; another rule of the same day is a conflict.
    bank.publish(&[of(26), guide()]);
    assert_eq!(refused(&bank, of(25)).code, "REGISTERED_OTHERWISE");
}
