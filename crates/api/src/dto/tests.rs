use chrono::NaiveDate;
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{LotId, OutcomeId, TransferId};
use creditbank_domain::outcome::{LearnerRef, ReportedOutcome};
use creditbank_ledger::flows::{DecisionOrder, PostAnswer, PostedLot, PostedOutcome};
use creditbank_ledger::reads::{self, MovementView, RejectedLearner};
use serde_json::{Value, json};
use uuid::Uuid;

use super::conversion::{ConversionBody, DecisionBody};
use super::conversion_view::CohortView;
use super::learner::MovementsView;
use super::outcome::OutcomeBody;
use super::outcome_view::BatchView;
use crate::auth::fixture::{learner_no, now};
use crate::problem::{Place, PlacedFault};

fn today() -> NaiveDate {
    now().date_naive()
}

fn outcome() -> Value {
    json!({
        "source_ref": " r-1 ", "learner": {"learner_no": learner_no().printed()},
        "entry": {"code": "MATH101"}, "grade": "87.5", "awarded_on": "2024-02-29",
    })
}

fn read(body: Value) -> Result<ReportedOutcome, Vec<PlacedFault>> {
    let body: OutcomeBody = serde_json::from_value(body).unwrap();
    body.read(&Place::root(), today())
}

fn places(faults: &[PlacedFault]) -> Vec<(&str, &str)> {
    let place = |it: &PlacedFault| it.pointer.is_some();
    assert!(faults.iter().all(place));
    faults
        .iter()
        .map(|it| (it.pointer.as_deref().unwrap(), it.fault.code.as_ref()))
        .collect()
}

fn check(change: Value, expected: &[(&str, &str)]) {
    let mut body = outcome();
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    assert_eq!(places(&read(body).unwrap_err()), expected, "{change}");
}

#[test]
fn an_outcome_becomes_what_it_means() {
    let mut body = outcome();
    body["attempt"] = json!("retake");
    body["stated"] = json!([{"unit": "credit", "amount": "3.5"}, {"unit": "hour", "amount": "0"}]);
    body["entry"]["owner"] = json!("10357");
    let read = read(body).unwrap();
    assert_eq!(read.source_ref.as_str(), "r-1");
    assert_eq!(read.learner, LearnerRef::Number(learner_no()));
    assert_eq!(read.entry.owner.unwrap().as_str(), "10357");
    assert_eq!(read.grade.to_string(), "87.50");
    assert_eq!(read.attempt.as_str(), "retake");
    let stated: Vec<_> = read
        .stated
        .iter()
        .map(|it| (it.unit, it.hundredths.get()))
        .collect();
    assert_eq!(stated.len(), 2);
    assert_eq!(stated[0].1, 350);
}

#[test]
fn each_value_without_meaning_is_named_at_its_place() {
    check(
        json!({"source_ref": "  "}),
        &[("/source_ref", "TEXT_MISSING")],
    );
    check(
        json!({"source_ref": "x".repeat(201)}),
        &[("/source_ref", "TEXT_TOO_LONG")],
    );
    check(
        json!({"source_ref": "a\u{0}b"}),
        &[("/source_ref", "TEXT_CONTROL_CHARACTER")],
    );
    check(
        json!({"entry": {"code": ""}}),
        &[("/entry/code", "TEXT_MISSING")],
    );
    check(json!({"grade": "101"}), &[("/grade", "GRADE_OUT_OF_RANGE")]);
    check(
        json!({"grade": "wonderful"}),
        &[("/grade", "GRADE_UNKNOWN")],
    );
    check(
        json!({"attempt": "fourth"}),
        &[("/attempt", "ATTEMPT_UNKNOWN")],
    );
    for date in [
        "2023-02-29",
        "2024-02-30",
        "2024-2-9",
        "20240209",
        "2024-02-09T00:00",
        "+024-1-1",
    ] {
        check(
            json!({"awarded_on": date}),
            &[("/awarded_on", "DATE_INVALID")],
        );
    }
    for date in ["1949-12-31", "2101-01-01", "0001-01-01", "9999-12-31"] {
        check(
            json!({"awarded_on": date}),
            &[("/awarded_on", "DATE_OUT_OF_RANGE")],
        );
    }
    let stated = |unit: &str, amount: &str| json!({"unit": unit, "amount": amount});
    let one = |unit, amount| json!({"stated": [stated(unit, amount)]});
    check(
        one("credit", "3.505"),
        &[("/stated/0/amount", "AMOUNT_TOO_PRECISE")],
    );
    check(
        one("credit", "-1"),
        &[("/stated/0/amount", "AMOUNT_NOT_A_NUMBER")],
    );
    check(
        one("credit", "1e3"),
        &[("/stated/0/amount", "AMOUNT_NOT_A_NUMBER")],
    );
    check(one("kilo", "1"), &[("/stated/0/unit", "UNIT_UNKNOWN")]);
    let twice = json!({"stated": [stated("credit", "1"), stated("credit", "2")]});
    check(twice, &[("/stated/1", "UNIT_REPEATED")]);
    let many = json!({"stated": vec![stated("credit", "1"); 5]});
    let found = read_changed(many);
    assert!(places(&found).contains(&("/stated", "SIZE_OUT_OF_RANGE")));
}

fn read_changed(change: Value) -> Vec<PlacedFault> {
    let mut body = outcome();
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    read(body).unwrap_err()
}

#[test]
fn a_learner_is_named_in_exactly_one_way() {
    let learner = |learner: Value| json!({ "learner": learner });
    let number = learner_no().to_string();
    let mut mistyped = number.clone();
    let last = if mistyped.pop() == Some('A') {
        'B'
    } else {
        'A'
    };
    mistyped.push(last);
    let identifier = |kind: &str, value: &str| json!({"kind": kind, "value": value});
    let student = identifier("student_number", "2023010101");
    check(learner(json!({})), &[("/learner", "LEARNER_AMBIGUOUS")]);
    let both = json!({"learner_no": number, "identifier": student});
    check(learner(both), &[("/learner", "LEARNER_AMBIGUOUS")]);
    let mistyped = json!({ "learner_no": mistyped });
    check(
        learner(mistyped),
        &[("/learner/learner_no", "LEARNER_NO_CHECK_CHARACTER")],
    );
    let named = json!({"learner_no": number, "name": "王小明"});
    check(
        learner(named),
        &[("/learner/name", "NAME_WITHOUT_IDENTIFIER")],
    );
    let resident = json!({"identifier": identifier("resident_id", "11010519491231002Y")});
    check(
        learner(resident),
        &[("/learner/identifier/value", "IDENTIFIER_CHARACTER")],
    );
    let unknown = json!({"identifier": identifier("library_card", "1")});
    check(
        learner(unknown),
        &[("/learner/identifier/kind", "IDENTIFIER_KIND")],
    );
    let mut body = outcome();
    body["learner"] = json!({"identifier": student, "name": "王小明"});
    assert!(matches!(
        read(body).unwrap().learner,
        LearnerRef::Identified { name: Some(_), .. }
    ));
}

#[test]
fn all_faults_of_an_outcome_are_told_at_once() {
    let change = json!({"source_ref": "", "grade": "x", "awarded_on": "x", "entry": {"code": ""}});
    let expected = [
        ("/source_ref", "TEXT_MISSING"),
        ("/entry/code", "TEXT_MISSING"),
        ("/grade", "GRADE_UNKNOWN"),
        ("/awarded_on", "DATE_INVALID"),
    ];
    check(change, &expected);
}

fn posted(id: u128) -> PostedOutcome {
    let amount = creditbank_domain::amount::Amount::new(
        creditbank_domain::amount::Unit::Credit,
        "3.5".parse().unwrap(),
    );
    let lot_id = LotId::from_uuid(Uuid::from_u128(id));
    PostedOutcome {
        outcome_id: OutcomeId::from_uuid(Uuid::from_u128(id)),
        learner_no: learner_no(),
        account_opened: false,
        lots: vec![PostedLot {
            lot_id,
            amount: amount.unwrap(),
            expires_on: None,
        }],
        earned_nothing: None,
        twin: None,
        warnings: Vec::new(),
    }
}

fn unreadable() -> Option<Vec<PlacedFault>> {
    let fault = Fault::new("DATE_INVALID", "中", "en");
    Some(vec![PlacedFault::at(
        &Place::root().child("outcomes").child(1),
        fault,
    )])
}

#[test]
fn a_batch_answers_every_line_in_its_place_and_the_counts_add_up() {
    let answers = [
        PostAnswer::Posted(posted(1)),
        PostAnswer::Rejected(Fault::new("BASE_TERM", "中", "en")),
        PostAnswer::AlreadyPosted(posted(2)),
    ];
    let view = BatchView::merge(&[None, unreadable(), None, None, unreadable()], &answers);
    let view = serde_json::to_value(view).unwrap();
    assert_eq!(
        view["counts"],
        json!({"posted": 1, "already_posted": 1, "rejected": 3})
    );
    let told: Vec<_> = view["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            (
                it["index"].as_u64().unwrap(),
                it["status"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        (0, "posted"),
        (1, "rejected"),
        (2, "rejected"),
        (3, "already_posted"),
        (4, "rejected"),
    ];
    assert_eq!(told, expected);
    assert_eq!(view["results"][0]["outcome"]["lots"][0]["amount"], "3.50");
    assert_eq!(view["results"][1]["fault"]["code"], "DATE_INVALID");
    assert_eq!(view["results"][1]["errors"][0]["pointer"], "/outcomes/1");
    assert_eq!(view["results"][2]["fault"]["code"], "BASE_TERM");
    assert!(view["results"][2].get("errors").is_none());
}

fn order(learners: Value) -> Value {
    json!({"receiving_institution": "10357", "programme": "EE-2024", "learners": learners})
}

#[test]
fn one_unreadable_learner_does_not_keep_the_others_waiting() {
    let number = learner_no().to_string();
    let learners = json!([{"learner_no": "x"}, {"learner_no": number}]);
    let body: ConversionBody = serde_json::from_value(order(learners)).unwrap();
    let read = body.read(today()).map_err(|_| ()).unwrap();
    assert_eq!(read.order.learners.len(), 1);
    let faults = read.unreadable[0].as_ref().unwrap();
    assert_eq!(
        places(faults),
        [("/learners/0/learner_no", "LEARNER_NO_LENGTH")]
    );
    let nobody: ConversionBody =
        serde_json::from_value(order(json!([{"learner_no": "x"}]))).unwrap();
    let faults = nobody.read(today()).map(|_| ()).unwrap_err();
    assert_eq!(
        places(&faults),
        [("/learners/0/learner_no", "LEARNER_NO_LENGTH")]
    );
}

#[test]
fn rejected_learners_keep_the_places_that_the_client_gave_them() {
    let fault = Fault::new("LEARNER_UNKNOWN", "中", "en");
    let cohort = reads::CohortView {
        cohort_id: creditbank_domain::ids::CohortId::from_uuid(Uuid::from_u128(1)),
        requests: Vec::new(),
        rejected: vec![RejectedLearner { position: 1, fault }],
        granted: 0,
        partly: 0,
        refused: 0,
        withdrawn: 0,
        open: 0,
    };
    // Sent: unreadable, readable, unreadable, readable; the ledger rejects its second.
    let sent = [unreadable(), None, unreadable(), None];
    let view = CohortView::from(&cohort).with_unreadable(&sent);
    let told: Vec<_> = view
        .rejected
        .iter()
        .map(|it| (it.index, it.fault.code.as_ref()))
        .collect();
    let expected = [
        (0, "DATE_INVALID"),
        (2, "DATE_INVALID"),
        (3, "LEARNER_UNKNOWN"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_decision_has_a_text_when_and_only_when_it_refuses() {
    let read = |body: Value| serde_json::from_value::<DecisionBody>(body).unwrap().read();
    let code = |body| {
        read(body).map(|_| ()).unwrap_err()[0]
            .fault
            .code
            .to_string()
    };
    let rules = read(json!({"decision": "as_the_rules_say"}));
    assert!(matches!(rules, Ok(DecisionOrder::AsTheRulesSay)));
    let refuse = read(json!({"decision": "refuse", "text": " 材料不全 "}));
    assert!(matches!(refuse, Ok(DecisionOrder::Refuse { text }) if text == "材料不全"));
    assert_eq!(code(json!({"decision": "refuse"})), "TEXT_MISSING");
    assert_eq!(
        code(json!({"decision": "refuse", "text": "x".repeat(501)})),
        "TEXT_TOO_LONG"
    );
    let with_text = json!({"decision": "as_the_rules_say", "text": "x"});
    assert_eq!(code(with_text), "TEXT_WITHOUT_REFUSAL");
}

fn movement(id: u128) -> MovementView {
    MovementView {
        transfer_id: TransferId::from_uuid(Uuid::from_u128(id)),
        recorded_at: now(),
        effective_on: today(),
        kind: "issue".to_owned(),
        from_account: "issuer".to_owned(),
        to_account: "available".to_owned(),
        unit: creditbank_domain::amount::Unit::Credit,
        amount: "3.5".parse().unwrap(),
        lot_id: LotId::from_uuid(Uuid::from_u128(id)),
        outcome_id: OutcomeId::from_uuid(Uuid::from_u128(id)),
        institution_code: "10357".to_owned(),
        institution_name: "安徽大学".to_owned(),
        entry_code: "MATH101".to_owned(),
        entry_title: "高等数学".to_owned(),
        request_id: None,
        hold_id: None,
        purpose: None,
        correction_id: None,
        reason: None,
        explanation_zh: None,
        explanation_en: None,
        document_number: None,
        after: reads::Sums::default(),
    }
}

#[test]
fn the_last_page_has_no_cursor() {
    let rows = [movement(1), movement(2), movement(3)];
    let page = MovementsView::page(&rows, 2);
    assert_eq!(page.movements.len(), 2);
    assert_eq!(
        page.next_cursor,
        crate::extract::cut(&rows, 2, |row| row.transfer_id.as_uuid()).1
    );
    assert_eq!(MovementsView::page(&rows, 3).next_cursor, None);
    assert_eq!(MovementsView::page(&[], 50).next_cursor, None);
    let view = serde_json::to_value(MovementsView::page(&rows, 3)).unwrap();
    assert_eq!(view["movements"][0]["recorded_at"], "2026-03-01T08:00:00Z");
    assert_eq!(view["movements"][0]["amount"], "3.50");
}
