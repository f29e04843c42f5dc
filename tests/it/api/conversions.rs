//! Conversions over HTTP: asked for, held, granted, explained line by line.

use creditbank_domain::authz::Role;
use creditbank_domain::learner_no::LearnerNo;
use insta::assert_json_snapshot;
use kit::{Answer, Caller, RECEIVING, SCHOOL, TestApp, outcome};
use serde_json::json;

use super::{as_the_rules_say, decision_of, order};

pub(super) const PATH: &str = "/v1/conversion-requests";

/// The world, and those who ask and decide in it.
pub(super) struct Conversions {
    pub(super) app: TestApp,
    pub(super) school: Caller,
    pub(super) reviewer: Caller,
}

impl Conversions {
    pub(super) async fn start() -> Self {
        let app = TestApp::start().await;
        let school = app.caller(&[Role::SchoolOfficer], SCHOOL);
        let reviewer = app.caller(&[Role::Reviewer], RECEIVING);
        Self {
            app,
            school,
            reviewer,
        }
    }

    /// A learner of the school with these certificates, all at this grade.
    pub(super) fn learner(&self, student: &str, certificates: &[&str], grade: &str) -> LearnerNo {
        let mut number = None;
        for certificate in certificates {
            let report = outcome(certificate).student(student).grade(grade).build();
            number = Some(self.app.bank().post(SCHOOL, report).learner_no);
        }
        number.expect("at least one certificate")
    }

    pub(super) async fn ask(&self, key: &str, students: &[&str]) -> Answer {
        self.school
            .post(PATH, key, &order(students))
            .await
            .expect(201)
    }
}

pub(super) fn cohort_path(answer: &Answer) -> String {
    let path = format!(
        "/v1/conversion-cohorts/{}",
        answer.body["cohort_id"].as_str().unwrap()
    );
    assert_eq!(answer.header("location"), path);
    path
}

pub(super) fn request_path(answer: &Answer, nth: usize) -> String {
    format!(
        "{PATH}/{}",
        answer.body["requests"][nth]["request_id"].as_str().unwrap()
    )
}

pub(super) fn credits(available: &str, held: &str, used: &str) -> (String, String, String) {
    (available.to_owned(), held.to_owned(), used.to_owned())
}

#[actix_web::test]
async fn a_request_is_held_decided_and_granted_with_rule_document_and_arithmetic() {
    let all = Conversions::start().await;
    let number = all.learner("XS20230001", &["CERT-A"], "85");
    let asked = all.ask("k-1", &["XS20230001"]).await;
    assert_eq!(
        asked.body["counts"],
        json!({ "granted": 0, "partly": 0, "refused": 0, "withdrawn": 0, "open": 1 })
    );
    assert_eq!(asked.body["requests"][0]["lines"][0]["proposal_only"], true);
    assert_eq!(
        all.app.bank().credits(number),
        credits("0.00", "6.00", "0.00")
    );
    let path = request_path(&asked, 0);
    let decided = all
        .reviewer
        .post(&decision_of(&path), "d-1", &as_the_rules_say())
        .await;
    let decided = decided.expect(200);
    assert_json_snapshot!(decided.body, {
        ".request_id" => "[id]", ".cohort_id" => "[id]", ".learner_no" => "[learner_no]",
        ".lines[].outcome_id" => "[id]", ".lines[].lot_id" => "[id]",
        ".lines[].grant_outcome_id" => "[id]",
    }, @r#"
    {
      "basis": {
        "article": "《个人信息保护法》第十三条第一款第(二)项 / PIPL article 13 (2)",
        "kind": "contract",
        "stated": false
      },
      "cohort_id": "[id]",
      "decided_at": "2026-11-22T01:00:00Z",
      "hold_expires_at": "2026-12-25T15:59:59.999999Z",
      "learner_no": "[learner_no]",
      "lines": [
        {
          "entry_title": "课程CERT-A",
          "explanation": {
            "en": "课程COURSE-A: PROGRAMME: 35 % of 62.00 = 21.70; used 0.00; left 21.70; granted 6.00 of 6.00, under 继教合作联盟〔2021〕12号 (RS-1 version 1 R-A)",
            "zh": "依据继教合作联盟〔2021〕12号(RS-1 第1版 R-A):课程COURSE-A;PROGRAMME:62.00 的 35 % = 21.70;已用 0.00;剩余 21.70;申请 6.00,授予 6.00"
          },
          "grant_outcome_id": "[id]",
          "granted": "6.00",
          "line_no": 1,
          "lot_id": "[id]",
          "outcome_id": "[id]",
          "proposal_only": false,
          "requested": "6.00",
          "rule_code": "R-A",
          "target_title": "课程COURSE-A",
          "used": "6.00",
          "verdict": "granted"
        }
      ],
      "programme": {
        "code": "P1",
        "title": "测试专业"
      },
      "progress": {
        "party": "receiving",
        "stage": {
          "en": "decision of the receiving institution",
          "zh": "接收机构决定"
        },
        "stage_no": 1,
        "stages": 1,
        "steps": [
          {
            "kind": "sent",
            "party": "applicant",
            "step_no": 0,
            "taken_at": "2026-11-22T01:00:00Z"
          },
          {
            "kind": "approved",
            "party": "receiving",
            "step_no": 1,
            "taken_at": "2026-11-22T01:00:00Z"
          }
        ],
        "turn": "nobody"
      },
      "receiving_institution": "90002",
      "request_id": "[id]",
      "requested_at": "2026-11-22T01:00:00Z",
      "requesting_institution": "95001",
      "rule_set": {
        "code": "RS-1",
        "document_number": "继教合作联盟〔2021〕12号",
        "version": 1
      },
      "state": "granted",
      "version": 1
    }
    "#);
    assert_eq!(
        all.app.bank().credits(number),
        credits("6.00", "0.00", "6.00")
    );
    // School, receiver and learner read the same.
    for reader in [&all.school, &all.reviewer, &all.app.learner(number)] {
        assert_eq!(reader.get(&path).await.expect(200).body, decided.body);
        let cohort = reader.get(&cohort_path(&asked)).await.expect(200);
        assert_eq!(cohort.body["requests"], json!([decided.body]));
    }
}

#[actix_web::test]
async fn a_cohort_is_answered_learner_by_learner_and_decided_at_once() {
    let all = Conversions::start().await;
    all.learner("XS20230001", &["CERT-A", "CERT-B"], "85");
    all.learner(
        "XS20230002",
        &["CERT-A", "CERT-B", "CERT-C", "CERT-D"],
        "85",
    );
    all.learner("XS20230003", &["CERT-A"], "65");
    let mut body = order(&["XS20230001", "XS20230002", "XS20230003", "XS20239999"]);
    let unreadable = json!({ "learner_no": "22222222222X" });
    body["learners"]
        .as_array_mut()
        .unwrap()
        .insert(1, unreadable);
    let asked = all.school.post(PATH, "k-1", &body).await.expect(201);
    assert_eq!(asked.body["counts"]["open"], 3);
    let rejected: Vec<_> = asked.body["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            (
                it["index"].as_u64().unwrap(),
                it["fault"]["code"].as_str().unwrap(),
            )
        })
        .collect();
    // Places are those of the body, the unreadable one counted.
    assert_eq!(
        rejected,
        [
            (1, "LEARNER_NO_CHECK_CHARACTER"),
            (4, "NO_CONVERTIBLE_OUTCOMES")
        ]
    );
    let path = decision_of(&cohort_path(&asked));
    let decided = all
        .reviewer
        .post(&path, "d-1", &as_the_rules_say())
        .await
        .expect(200);
    let expected = json!({ "granted": 1, "partly": 1, "refused": 1, "withdrawn": 0, "open": 0 });
    assert_eq!(decided.body["counts"], expected);
    let lines: Vec<_> = decided.body["requests"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|request| request["lines"].as_array().unwrap())
        .collect();
    let cut: Vec<_> = lines
        .iter()
        .filter(|line| line["verdict"] == "cut")
        .collect();
    assert_eq!((cut.len(), &cut[0]["granted"]), (1, &json!("3.70")));
    assert_eq!(cut[0]["reason"]["code"], "CAP_PROGRAMME");
    let arithmetic = "35 % of 62.00 = 21.70; used 18.00; left 3.70; granted 3.70 of 6.00";
    assert!(
        cut[0]["explanation"]["en"]
            .as_str()
            .unwrap()
            .contains(arithmetic)
    );
    let refused = lines
        .iter()
        .find(|line| line["verdict"] == "refused")
        .unwrap();
    assert_eq!(refused["reason"]["code"], "GRADE_TOO_LOW");
    assert!(refused.get("grant_outcome_id").is_none());
}

#[actix_web::test]
async fn a_request_repeated_under_its_key_is_made_once() {
    let all = Conversions::start().await;
    all.learner("XS20230001", &["CERT-A"], "85");
    let first = all.ask("k-1", &["XS20230001"]).await;
    let written = all.app.written();
    let again = all.ask("k-1", &["XS20230001"]).await;
    assert_eq!(
        (again.replayed(), again.text.as_str()),
        (true, first.text.as_str())
    );
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(all.app.written(), written);
    // Under another key there is nothing left to ask for.
    let other = all.school.post(PATH, "k-2", &order(&["XS20230001"])).await;
    let other = other.refused(422, "NO_REQUEST_MADE");
    assert_eq!(
        other.first_error(),
        ("/learners/0", "NO_CONVERTIBLE_OUTCOMES")
    );
    assert_eq!(all.app.written(), written);
}

#[actix_web::test]
async fn a_learner_of_a_cohort_sees_the_own_request_only() {
    let all = Conversions::start().await;
    let number = all.learner("XS20230001", &["CERT-A"], "85");
    all.learner("XS20230002", &["CERT-A"], "85");
    let asked = all.ask("k-1", &["XS20230001", "XS20230002"]).await;
    let cohort = all
        .app
        .learner(number)
        .get(&cohort_path(&asked))
        .await
        .expect(200);
    let requests = cohort.body["requests"].as_array().unwrap();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0]["learner_no"], number.as_str());
    assert_eq!(cohort.body["counts"]["open"], 1);
}

#[actix_web::test]
async fn an_order_for_nobody_or_an_unknown_programme_makes_nothing() {
    let all = Conversions::start().await;
    all.learner("XS20230001", &["CERT-A"], "85");
    let written = all.app.written();
    let answer = all
        .school
        .post(PATH, "k", &order(&[]))
        .await
        .refused(400, "INVALID_BODY");
    assert_eq!(answer.first_error(), ("/learners", "SIZE_OUT_OF_RANGE"));
    for (member, value, code) in [
        ("programme", "P9", "PROGRAMME_UNKNOWN"),
        ("receiving_institution", "99999", "INSTITUTION_UNKNOWN"),
    ] {
        let mut body = order(&["XS20230001"]);
        body[member] = json!(value);
        all.school.post(PATH, "k", &body).await.refused(422, code);
    }
    assert_eq!(all.app.written(), written);
    let _ = all.ask("k", &["XS20230001"]).await;
}

#[actix_web::test]
async fn a_request_may_name_the_rule_set_that_is_to_decide_and_one_not_in_force_is_refused() {
    let all = Conversions::start().await;
    all.learner("XS20230001", &["CERT-A"], "85");
    let named = |rule_set: &str| {
        let mut body = order(&["XS20230001"]);
        body["rule_set"] = json!(rule_set);
        body
    };
    let none = all.school.post(PATH, "k-1", &named("RS-9")).await;
    let none = none.expect(422);
    assert_eq!(none.body["code"], "RULE_SET_NOT_IN_FORCE", "{}", none.body);
    let blank = all.school.post(PATH, "k-2", &named(" ")).await.expect(422);
    assert_eq!(blank.body["code"], "INVALID_VALUES", "{}", blank.body);
    let asked = all
        .school
        .post(PATH, "k-3", &named("RS-1"))
        .await
        .expect(201);
    assert_eq!(asked.body["requests"][0]["rule_set"]["code"], "RS-1");
}
