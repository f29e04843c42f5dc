//! What a statement holds and refuses, and what every kind of movement says of itself.

use creditbank_domain::authz::{PostOutcomes, Role, Subject, authorize};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{NewCatalogueVersion, Origin, post_outcomes};
use creditbank_ledger::reads::{self, AsOf, MovementView, STATEMENT_MOVEMENTS_MAX};
use kit::{SCHOOL, TestBank, UNIVERSITY, course, day, outcome};

#[test]
fn a_statement_of_too_many_movements_asks_for_a_shorter_period() {
    let bank = TestBank::start();
    bank.publish(&[NewCatalogueVersion {
        repeatable: true,
        ..course(UNIVERSITY, "TALK", "0.10")
    }]);
    let grant = bank.grant::<PostOutcomes>(Role::Registrar, UNIVERSITY);
    let most = usize::try_from(STATEMENT_MOVEMENTS_MAX).unwrap();
    let report = |n: usize| outcome("TALK").source(&format!("talk {n}")).build();
    let reports: Vec<_> = (0..most).map(report).collect();
    let now = bank.now();
    post_outcomes(bank.ledger(), &grant, &reports, Origin::Api, now).unwrap();
    let number = bank.post(UNIVERSITY, outcome("MATH101").build()).learner_no;
    let today = bank_day(now);
    let ask = || reads::statement(bank.ledger(), &bank.own_account(number), today, today);
    let refused = ask().unwrap_err();
    assert_eq!(refused.fault().unwrap().code, "STATEMENT_TOO_LONG");
    // The one too many away, it is whole.
    bank.database()
        .sql(
            "set session_replication_role = replica; \
             delete from transfers where lot_id in (select lot_id from lots where issued = 400); \
             delete from outcome_sources where outcome_id in \
                (select outcome_id from lots where issued = 400); \
             delete from outcomes where outcome_id in \
                (select outcome_id from lots where issued = 400); \
             delete from lots where issued = 400",
        )
        .unwrap();
    let statement = ask().unwrap();
    assert_eq!(statement.movements.len(), most);
    assert_eq!(statement.units[0].closing.available.to_string(), "200.00");
}

#[test]
fn a_period_has_its_days_in_order_and_somebody_it_is_about() {
    let bank = TestBank::start();
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    let own = bank.own_account(number);
    let ask = |grant, from, to| reads::statement(bank.ledger(), grant, day(from), day(to));
    let refused = ask(&own, "2026-11-23", "2026-11-22").unwrap_err();
    assert_eq!(refused.fault().unwrap().code, "PERIOD_REVERSED");
    let statement = ask(&own, "2026-11-22", "2026-11-22").unwrap();
    assert_eq!(statement.movements.len(), 1);
    let before = ask(&own, "1950-01-01", "2026-11-21").unwrap();
    assert_eq!((before.units.len(), before.movements.len()), (0, 0));
    let after = ask(&own, "2026-11-23", "2100-12-31").unwrap();
    assert_eq!(after.units[0].opening, after.units[0].closing);
    let stranger = bank.actor(Role::Registrar, UNIVERSITY);
    let stranger = authorize(&stranger, Subject::Learner(number)).unwrap();
    let hidden = ask(&stranger, "2026-11-22", "2026-11-22");
    assert!(matches!(hidden, Err(LedgerError::NotFound)));
}

/// A learner to whom everything happened: withdrawn, corrected, expired, held, used in part, released
/// and given back.
fn much_happened() -> (TestBank, LearnerNo) {
    let bank = TestBank::start();
    bank.publish(&[NewCatalogueVersion {
        usable_months: Some(3),
        ..course(UNIVERSITY, "SHORT", "1.00")
    }]);
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    bank.post(SCHOOL, outcome("CERT-B").source("b").build());
    let lot = bank.post(SCHOOL, outcome("CERT-C").build()).lots[0].lot_id;
    let short = outcome("SHORT").learner_no(number).on("2026-07-20");
    bank.post(UNIVERSITY, short.build());
    assert_eq!(bank.expire_at(bank.now()).expired, 1);
    bank.withdraw(SCHOOL, "S1/CERT-A/2026-01-31/first");
    bank.correct(SCHOOL, "b", kit::grade("91"));
    let hold = bank.try_hold(SCHOOL, number, lot, "4.00").unwrap();
    bank.try_settle(SCHOOL, number, hold, "3.00").unwrap();
    bank.try_release(SCHOOL, number, hold).unwrap();
    bank.try_reverse_hold(number, hold).unwrap();
    (bank, number)
}

#[test]
fn every_kind_of_movement_says_why_and_on_which_document() {
    let (bank, number) = much_happened();
    let movements = bank.movements(number);
    assert!(movements.iter().all(|it| it.explanation_zh.is_some()));
    assert!(movements.iter().all(|it| it.explanation_en.is_some()));
    let document = Some("教务更正〔2026〕3号");
    let check = |kind: &str, code: &str, reason: Option<&str>, cited: Option<&str>, words: &str| {
        let of_kind = |it: &&MovementView| it.kind == kind && it.entry_code == code;
        let movement = movements.iter().rfind(of_kind);
        let movement = movement.unwrap_or_else(|| panic!("no {kind} of {code}"));
        assert_eq!(movement.reason.as_deref(), reason, "{kind} of {code}");
        assert_eq!(
            movement.document_number.as_deref(),
            cited,
            "{kind} of {code}"
        );
        let told = movement.explanation_en.as_deref().unwrap();
        assert!(told.contains(words), "{kind} of {code}: {told}");
    };
    let clerical = Some("CLERICAL_ERROR");
    check("issue", "CERT-A", None, None, "grade 85.00");
    check(
        "withdraw",
        "CERT-A",
        clerical,
        document,
        "withdrawn: it was entered wrongly",
    );
    check(
        "withdraw",
        "CERT-B",
        clerical,
        document,
        "corrected: it was entered wrongly",
    );
    // What took its place says so too.
    check(
        "issue",
        "CERT-B",
        clerical,
        document,
        "corrected: it was entered wrongly",
    );
    check(
        "expire",
        "SHORT",
        None,
        None,
        "could be used until 2026-10-20",
    );
    for kind in ["hold", "settle", "release"] {
        check(kind, "CERT-C", None, None, "for a title review");
    }
    let mistaken = Some("CORRECTION_MISTAKEN");
    check(
        "reverse",
        "CERT-C",
        mistaken,
        document,
        "the use of the hold was reversed",
    );
    let held = movements.iter().find(|it| it.kind == "hold").unwrap();
    assert_eq!(held.purpose.as_deref(), Some("title_review"));
    let last = movements.last().unwrap();
    assert!(last.correction_id.is_some() && last.hold_id.is_some());
    let after = last.after;
    assert_eq!(
        [
            after.available,
            after.held,
            after.used,
            after.expired,
            after.withdrawn
        ]
        .map(|sum| sum.to_string()),
        ["12.00", "0.00", "0.00", "1.00", "12.00"]
    );
}

#[test]
fn as_of_the_moment_of_each_movement_the_balance_is_what_it_left() {
    let (bank, number) = much_happened();
    let movements = bank.movements(number);
    let lapsed = movements.iter().position(|it| it.kind == "expire").unwrap();
    let moments = movements[lapsed..].chunk_by(|one, next| one.recorded_at == next.recorded_at);
    let mut checked = 0;
    for moment in moments {
        let last = moment.last().unwrap();
        let then = bank.balance_as_of(number, AsOf::Recorded(last.recorded_at));
        let sums = then.by_unit[0];
        let told = [
            sums.available,
            sums.held,
            sums.used,
            sums.expired,
            sums.withdrawn,
        ];
        let after = last.after;
        let left = [
            after.available,
            after.held,
            after.used,
            after.expired,
            after.withdrawn,
        ];
        assert_eq!(told, left, "{}", last.kind);
        checked += 1;
    }
    assert!(checked >= 6, "{checked}");
    let now = bank.now();
    let today = reads::balance(bank.ledger(), &bank.own_account(number), bank_day(now)).unwrap();
    assert_eq!(bank.balance_as_of(number, AsOf::Recorded(now)), today);
}

#[test]
fn what_a_correction_takes_from_a_conversion_is_explained_where_it_falls() {
    let bank = TestBank::start();
    let number = bank
        .post(SCHOOL, outcome("CERT-A").source("a").build())
        .learner_no;
    let _ = bank.decide(bank.request(&[number]).cohort_id);
    bank.correct(SCHOOL, "a", kit::grade("61"));
    let movements = bank.movements(number);
    let settled = movements.iter().find(|it| it.kind == "settle").unwrap();
    // What was decided then is still what explains what was done then.
    let told = settled.explanation_en.as_deref().unwrap();
    assert!(told.contains("granted 6.00"), "{told}");
    assert_eq!(settled.reason, None);
    let taken: Vec<&MovementView> = movements
        .iter()
        .filter(|it| it.kind == "withdraw")
        .collect();
    assert!(taken.len() >= 2, "{movements:?}");
    for movement in taken {
        assert!(movement.reason.is_some() && movement.document_number.is_some());
    }
    let statement = bank.statement(number, day("2026-11-22"), day("2026-11-22"));
    assert_eq!(statement.movements, movements);
}
