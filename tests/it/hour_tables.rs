//! Hours by an authority's table: the tables of the packs side by side, caps under any load, and
//! what a claim leaves behind.

use creditbank_domain::amount::{Amount, Unit};
use creditbank_domain::authz::{Grant, KeepRegister, PostOutcomes, Role};
use creditbank_domain::catalogue::AmountRule;
use creditbank_domain::conversion::Document;
use creditbank_domain::correction::Change;
use creditbank_domain::hour_table::{ActivityFacts, SizeUnit};
use creditbank_domain::identifier::IdentifierKind;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::EntryRef;
use creditbank_domain::text::{CourseCode, SourceRef};
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{
    ClaimedHours, HourClaim, NewCatalogueVersion, NewHourTable, approve_hour_table, claim_hours,
    propose_hour_table,
};
use kit::{
    TestBank, UNIVERSITY, code_of, course, day, grade, hundredths, operator, person, resident_id,
    together,
};
use serde_json::Value;
use uuid::Uuid;

const PACKS: [&str; 3] = [
    include_str!("../../packs/hours/a.json"),
    include_str!("../../packs/hours/b.json"),
    include_str!("../../packs/hours/c.json"),
];
const A: (&str, &str) = ("example-province-a", "HT-A");
const B: (&str, &str) = ("example-province-b", "HT-B");
const C: (&str, &str) = ("example-association-c", "HT-C");

fn table(pack: &str) -> NewHourTable {
    let pack: Value = serde_json::from_str(pack).unwrap();
    let text = |name: &str| pack[name].as_str().unwrap().to_owned();
    NewHourTable {
        authority: text("authority"),
        code: text("code"),
        version: u32::try_from(pack["version"].as_u64().unwrap()).unwrap(),
        document: Document {
            number: pack["document"]["number"].as_str().unwrap().to_owned(),
            title: pack["document"]["title"].as_str().unwrap().to_owned(),
        },
        valid_from: day(&text("valid_from")),
        valid_to: pack["valid_to"].as_str().map(day),
        content: serde_json::from_value(pack["table"].clone()).unwrap(),
    }
}

fn propose(bank: &TestBank, table: &NewHourTable) -> Result<Uuid, LedgerError> {
    propose_hour_table(
        bank.ledger(),
        &operator::<KeepRegister>(),
        table,
        "one",
        bank.now(),
    )
}

fn approve(bank: &TestBank, id: Uuid, by: &str) -> Result<(), LedgerError> {
    approve_hour_table(
        bank.ledger(),
        &operator::<KeepRegister>(),
        id,
        by,
        bank.now(),
    )
}

/// A bank with the three tables, and an entry under which the university records activities.
fn bank() -> TestBank {
    let bank = TestBank::start();
    let most = Amount::new(Unit::Hour, hundredths("200.00")).unwrap();
    bank.publish(&[NewCatalogueVersion {
        amounts: vec![AmountRule::StatedUpTo(most)],
        repeatable: true,
        ..course(UNIVERSITY, "RESEARCH", "1.00")
    }]);
    for pack in PACKS {
        let id = propose(&bank, &table(pack)).unwrap();
        approve(&bank, id, "two").unwrap();
    }
    bank
}

fn project(class: &str, rank: u32, of: u32, on: &str) -> ActivityFacts {
    ActivityFacts {
        profession: "education".to_owned(),
        activity: "project".to_owned(),
        class: Some(class.to_owned()),
        rank: Some(rank),
        of: Some(of),
        size: None,
        done_on: day(on),
    }
}

fn sized(activity: &str, unit: SizeUnit, count: u32, on: &str) -> ActivityFacts {
    ActivityFacts {
        activity: activity.to_owned(),
        class: None,
        rank: None,
        of: None,
        size: Some((unit, count)),
        ..project("A", 1, 1, on)
    }
}

fn claim(source: &str, by: (&str, &str), facts: ActivityFacts) -> HourClaim {
    HourClaim {
        source_ref: SourceRef::new(source).unwrap(),
        learner: person(
            &[(IdentifierKind::ResidentId, &resident_id("1990-01-01", 1))],
            "",
        ),
        entry: EntryRef {
            owner: None,
            code: CourseCode::new("RESEARCH").unwrap(),
        },
        authority: by.0.to_owned(),
        table: by.1.to_owned(),
        facts,
    }
}

fn submit(bank: &TestBank, claim: &HourClaim) -> Result<ClaimedHours, LedgerError> {
    let grant: Grant<PostOutcomes> = bank.grant(Role::Registrar, UNIVERSITY);
    claim_hours(bank.ledger(), &grant, claim, bank.now())
}

fn given(bank: &TestBank, source: &str, by: (&str, &str), facts: ActivityFacts) -> String {
    submit(bank, &claim(source, by, facts))
        .unwrap()
        .given
        .to_string()
}

fn hours_of(bank: &TestBank, learner: LearnerNo) -> String {
    bank.balance(learner, Unit::Hour).available.to_string()
}

#[test]
fn tables_side_by_side_give_one_activity_different_hours() {
    let bank = bank();
    let done = project("A", 3, 5, "2025-06-01");
    assert_eq!(given(&bank, "a", A, done.clone()), "40.00");
    assert_eq!(given(&bank, "b", B, done.clone()), "30.00");
    assert_eq!(given(&bank, "c", C, done), "16.00");
    // Class A is not class B.
    let claimed = submit(&bank, &claim("d", A, project("B", 3, 5, "2026-06-01"))).unwrap();
    assert_eq!(
        (claimed.given.to_string(), claimed.row.as_str()),
        ("20.00".to_owned(), "PROJ-B-2-5")
    );
    assert_eq!(claimed.outcome.lots.len(), 1);
    assert_eq!(hours_of(&bank, claimed.outcome.learner_no), "106.00");
}

#[test]
fn the_version_in_force_on_the_day_of_the_appraisal_decides() {
    let bank = bank();
    let mut newer = table(PACKS[0]);
    newer.version = 2;
    newer.valid_from = day("2026-01-01");
    let fewer = PACKS[0].replace("\"40.00\"", "\"24.00\"");
    newer.content = table(&fewer).content;
    let id = propose(&bank, &newer).unwrap();
    let before = given(&bank, "unapproved", A, project("A", 3, 5, "2026-01-01"));
    assert_eq!(before, "40.00", "what nobody approved decides nothing");
    approve(&bank, id, "two").unwrap();
    bank.try_change(UNIVERSITY, "unapproved", Change::Withdraw)
        .unwrap();
    assert_eq!(
        given(&bank, "old", A, project("A", 3, 5, "2025-12-31")),
        "40.00"
    );
    assert_eq!(
        given(&bank, "new", A, project("B", 1, 5, "2026-01-01")),
        "24.00"
    );
    let none = submit(&bank, &claim("early", A, project("A", 3, 5, "2024-12-31")));
    assert_eq!(code_of(&none), "HOUR_TABLE_NOT_IN_FORCE");
    let gap = submit(&bank, &claim("gap", A, project("A", 6, 9, "2025-12-31")));
    assert_eq!(code_of(&gap), "NOT_IN_TABLE");
}

#[test]
fn a_cap_is_straddled_with_the_arithmetic_shown_and_counts_in_its_own_year() {
    let bank = bank();
    assert_eq!(
        given(&bank, "1", A, project("A", 3, 5, "2025-12-31")),
        "40.00"
    );
    let cut = submit(&bank, &claim("2", A, project("B", 1, 5, "2025-01-01"))).unwrap();
    assert_eq!(
        (cut.by_row.to_string(), cut.given.to_string()),
        ("40.00".to_owned(), "20.00".to_owned())
    );
    assert!(
        cut.explanation_zh.contains("已计 40.00,余 20.00"),
        "{}",
        cut.explanation_zh
    );
    let full = submit(&bank, &claim("3", A, project("B", 3, 5, "2025-06-01")));
    assert_eq!(code_of(&full), "CAP_PERIOD");
    assert_eq!(
        given(&bank, "3", A, project("B", 3, 5, "2026-01-01")),
        "20.00"
    );
    // Table B's year begins on 1 March; 2024 has a 29 February.
    assert_eq!(
        given(&bank, "4", B, project("A", 1, 1, "2023-03-01")),
        "30.00"
    );
    assert_eq!(
        given(&bank, "5", B, project("A", 1, 1, "2024-02-29")),
        "6.00"
    );
    assert_eq!(
        given(&bank, "6", B, project("A", 1, 1, "2024-03-01")),
        "30.00"
    );
}

#[test]
fn several_caps_hold_at_once() {
    let bank = bank();
    let teaching = |minutes, on| sized("teaching", SizeUnit::Minutes, minutes, on);
    assert_eq!(given(&bank, "1", B, teaching(50, "2026-04-01")), "1.10");
    assert_eq!(
        given(&bank, "2", B, teaching(45 * 30, "2026-04-02")),
        "22.90"
    );
    assert_eq!(
        given(&bank, "3", B, project("A", 1, 1, "2026-04-03")),
        "24.00",
        "48 in all"
    );
    let visit = |days| sized("study_visit", SizeUnit::Days, days, "2025-05-01");
    assert_eq!(given(&bank, "4", C, visit(3)), "18.00");
    assert_eq!(given(&bank, "5", C, visit(9)), "18.00");
}

#[test]
fn the_same_claim_again_answers_as_the_first_time_whatever_was_claimed_since() {
    let bank = bank();
    let first = claim("1", A, project("A", 3, 5, "2025-06-01"));
    let answer = submit(&bank, &first).unwrap();
    given(&bank, "2", A, project("B", 1, 5, "2025-06-02"));
    let again = submit(&bank, &first).unwrap();
    assert!(again.already_posted && !answer.already_posted);
    assert_eq!((again.given, again.outcome), (answer.given, answer.outcome));
    assert_eq!(again.explanation_zh, answer.explanation_zh);
    let other = claim("1", A, project("A", 2, 5, "2025-06-01"));
    let refused = submit(&bank, &other);
    assert_eq!(code_of(&refused), "SOURCE_REF_CONFLICT");
    assert!(refused.unwrap_err().to_string().contains("rank"));
}

#[test]
fn what_is_withdrawn_leaves_room_and_a_claim_is_not_corrected_past_its_table() {
    let bank = bank();
    let first = submit(&bank, &claim("1", A, project("A", 1, 5, "2025-06-01"))).unwrap();
    let second = claim("2", A, project("B", 3, 5, "2025-06-01"));
    assert_eq!(code_of(&submit(&bank, &second)), "CAP_PERIOD");
    let corrected = bank.try_change(UNIVERSITY, "1", Change::Correct(grade("90")));
    assert_eq!(code_of(&corrected), "HOURS_BY_TABLE");
    let withdrawn = bank.try_change(UNIVERSITY, "1", Change::Withdraw).unwrap();
    bank.try_undo(withdrawn.correction_id).unwrap();
    assert_eq!(
        code_of(&submit(&bank, &second)),
        "CAP_PERIOD",
        "the undone one counts again"
    );
    bank.try_change(UNIVERSITY, "1", Change::Withdraw).unwrap();
    assert_eq!(submit(&bank, &second).unwrap().given.to_string(), "20.00");
    assert_eq!(hours_of(&bank, first.outcome.learner_no), "20.00");
}

#[test]
fn a_withdrawal_is_not_undone_where_later_claims_have_taken_the_room() {
    let bank = bank();
    let first = submit(&bank, &claim("1", A, project("A", 1, 5, "2025-06-01"))).unwrap();
    let withdrawn = bank.try_change(UNIVERSITY, "1", Change::Withdraw).unwrap();
    let second = claim("2", A, project("B", 3, 5, "2025-06-01"));
    assert_eq!(submit(&bank, &second).unwrap().given.to_string(), "20.00");
    let undone = bank.try_undo(withdrawn.correction_id);
    assert_eq!(code_of(&undone), "CAP_PERIOD");
    assert_eq!(hours_of(&bank, first.outcome.learner_no), "20.00");
    // The room is there again once the later one is gone.
    bank.try_change(UNIVERSITY, "2", Change::Withdraw).unwrap();
    bank.try_undo(withdrawn.correction_id).unwrap();
    assert_eq!(
        hours_of(&bank, first.outcome.learner_no),
        first.given.to_string()
    );
}

#[test]
fn sixteen_claims_at_one_moment_never_exceed_the_cap() {
    let bank = bank();
    for round in 1..=4 {
        let year = 2022 + round;
        let answers = together(|n| {
            let facts = sized(
                "teaching",
                SizeUnit::Minutes,
                180,
                &format!("{year}-05-{:02}", n + 1),
            );
            submit(&bank, &claim(&format!("{round}-{n}"), B, facts))
        });
        let learner = answers.iter().flatten().next().unwrap().outcome.learner_no;
        let won: i64 = answers.iter().flatten().map(|one| one.given.get()).sum();
        assert_eq!(won, 2400, "4.00 each, 24.00 a year");
        let refused = answers.iter().filter(|answer| answer.is_err());
        assert!(
            refused
                .clone()
                .all(|answer| code_of(answer) == "CAP_PERIOD")
        );
        assert_eq!(refused.count(), 10);
        assert_eq!(
            hours_of(&bank, learner),
            hundredths(&format!("{}", 24 * round)).to_string()
        );
    }
}

#[test]
fn a_bad_table_is_refused_with_its_place_and_an_approved_one_is_final() {
    let bank = bank();
    let refused = |from: &str, to: &str| {
        let bad = PACKS[0]
            .replacen(from, to, 1)
            .replace("\"version\": 1", "\"version\": 9");
        assert_ne!(bad, PACKS[0], "{from}");
        match propose(&bank, &table(&bad)) {
            Err(LedgerError::Refused(fault)) => (fault.code, fault.en),
            other => panic!("{other:?}"),
        }
    };
    let (code, en) = refused("\"from\": 2", "\"from\": 1");
    assert_eq!(code, "HOUR_TABLE_OVERLAP");
    assert!(en.contains("PROJ-A-1 and PROJ-A-2-5"), "{en}");
    let (code, en) = refused("\"gives\": \"60.00\"", "\"gives\": \"60.005\"");
    assert!(
        code == "HOUR_TABLE_VALUE" && en.contains("/table/rows/0/gives"),
        "{en}"
    );
    let (code, en) = refused("\"year_starts\": \"01-01\"", "\"year_starts\": \"02-29\"");
    assert!(
        code == "HOUR_TABLE_VALUE" && en.contains("/table/caps/0/year_starts"),
        "{en}"
    );
    let (code, en) = refused("\"unit\": \"hour\"", "\"unit\": \"hours\"");
    assert!(
        code == "HOUR_TABLE_VALUE" && en.contains("/table/unit"),
        "{en}"
    );
    let (code, _) = refused(
        "\"project\",\n          \"paper\"",
        "\"project\",\n          \"song\"",
    );
    assert_eq!(code, "HOUR_TABLE_CAP_OF_NOTHING");
    // The same version with other content, and approval by oneself.
    let other = PACKS[0].replace("\"60.00\"", "\"61.00\"");
    assert_eq!(
        code_of(&propose(&bank, &table(&other))),
        "REGISTERED_OTHERWISE"
    );
    let next = PACKS[0].replace("\"version\": 1", "\"version\": 2");
    let id = propose(&bank, &table(&next)).unwrap();
    assert_eq!(propose(&bank, &table(&next)).unwrap(), id);
    assert_eq!(code_of(&approve(&bank, id, "one")), "ONE_APPROVER");
    let attacks = [
        "update hour_tables set state = 'proposed', approved_by = null, approved_at = null",
        "update hour_tables set content = '{}'",
        "delete from hour_tables",
        "update hour_claims set given = 1",
    ];
    for attack in attacks {
        assert!(bank.database().sql(attack).is_err(), "{attack}");
    }
}
