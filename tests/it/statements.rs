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

/// Writes down, as the flows do, that a lot was withdrawn, another expired, a third was held for
/// something and used, and that use reversed.
fn write_later_entries(bank: &TestBank) {
    bank.database()
        .sql(
            "begin; \
             create temp table lot as select l.*, e.code from lots l \
                join outcomes o using (learner_id, outcome_id) join catalogue_entries e using (entry_id); \
             insert into corrections (learner_id, correction_id, kind, outcome_id, reason, \
                document_number, recorded_at) select learner_id, outcome_id, 'withdraw', outcome_id, \
                'RESULT_WITHOUT_CREDIT', '校教字〔2026〕7号', '2026-11-24T01:00:00Z' from lot \
                where code = 'CERT-A'; \
             insert into transfers (learner_id, transfer_id, lot_id, kind, from_account, to_account, \
                amount, recorded_at, effective_on, correction_id) select learner_id, \
                gen_random_uuid(), lot_id, 'withdraw', 'available', 'withdrawn', issued, \
                '2026-11-24T01:00:00Z', '2026-11-24', outcome_id from lot where code = 'CERT-A'; \
             update lots set available = 0, withdrawn = issued where lot_id in \
                (select lot_id from lot where code = 'CERT-A'); \
             insert into transfers (learner_id, transfer_id, lot_id, kind, from_account, to_account, \
                amount, recorded_at, effective_on) select learner_id, gen_random_uuid(), lot_id, \
                'expire', 'available', 'expired', issued, '2026-11-25T01:00:00Z', '2026-11-25' \
                from lot where code = 'SHORT'; \
             update lots set available = 0, expired = issued where lot_id in \
                (select lot_id from lot where code = 'SHORT'); \
             insert into holds (learner_id, hold_id, lot_id, institution_id, purpose, amount, settled, \
                released, made_at, expires_at) select learner_id, outcome_id, lot_id, \
                (select institution_id from institutions where code = '95001'), 'title_review', 400, \
                300, 100, '2026-11-26T01:00:00Z', '2026-12-26T01:00:00Z' from lot where code = 'CERT-B'; \
             insert into corrections (learner_id, correction_id, kind, hold_id, reason, \
                document_number, recorded_at) select learner_id, lot_id, 'reverse_hold', outcome_id, \
                'OTHER', '秘字〔2026〕1号', '2026-11-27T01:00:00Z' from lot where code = 'CERT-B'; \
             insert into transfers (learner_id, transfer_id, lot_id, kind, from_account, to_account, \
                amount, recorded_at, effective_on, hold_id, correction_id) \
                select learner_id, gen_random_uuid(), lot_id, k.kind, k.giver, k.taker, k.amount, \
                k.at::timestamptz, k.at::timestamptz::date, outcome_id, \
                case k.kind when 'reverse' then lot_id end from lot, \
                (values ('hold', 'available', 'held', 400, '2026-11-26T01:00:00Z'), \
                        ('settle', 'held', 'used', 300, '2026-11-26T02:00:00Z'), \
                        ('release', 'held', 'available', 100, '2026-11-26T03:00:00Z'), \
                        ('reverse', 'used', 'available', 300, '2026-11-27T01:00:00Z')) \
                as k (kind, giver, taker, amount, at) where code = 'CERT-B'; \
             commit",
        )
        .unwrap();
}

fn with_later_entries() -> (TestBank, LearnerNo) {
    let bank = TestBank::start();
    bank.publish(&[NewCatalogueVersion {
        usable_months: Some(3),
        ..course(UNIVERSITY, "SHORT", "1.00")
    }]);
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    bank.post(SCHOOL, outcome("CERT-B").build());
    let short = outcome("SHORT").learner_no(number).on("2026-08-20");
    bank.post(UNIVERSITY, short.build());
    write_later_entries(&bank);
    (bank, number)
}

#[test]
fn every_kind_of_movement_says_why_and_on_which_document() {
    let (bank, number) = with_later_entries();
    let movements = bank.movements(number);
    let of = |kind: &str| -> &MovementView {
        let found = movements.iter().rfind(|it| it.kind == kind);
        found.unwrap_or_else(|| panic!("no {kind}"))
    };
    assert!(movements.iter().all(|it| it.explanation_zh.is_some()));
    assert!(movements.iter().all(|it| it.explanation_en.is_some()));
    let check = |kind: &str, reason: Option<&str>, document: Option<&str>, words: &str| {
        let movement = of(kind);
        assert_eq!(movement.reason.as_deref(), reason, "{kind}");
        assert_eq!(movement.document_number.as_deref(), document, "{kind}");
        let told = movement.explanation_en.as_deref().unwrap();
        assert!(told.contains(words), "{kind}: {told}");
    };
    check("issue", None, None, "grade 85.00");
    check(
        "withdraw",
        Some("RESULT_WITHOUT_CREDIT"),
        Some("校教字〔2026〕7号"),
        "withdrawn: this result earns nothing",
    );
    check("expire", None, None, "until 2026-11-2");
    check("hold", None, None, "title_review");
    check("settle", None, None, "title_review");
    check("release", None, None, "title_review");
    check(
        "reverse",
        Some("OTHER"),
        Some("秘字〔2026〕1号"),
        "reversed",
    );
    assert_eq!(of("hold").purpose.as_deref(), Some("title_review"));
    assert!(of("reverse").correction_id.is_some() && of("reverse").hold_id.is_some());
    let last = of("reverse").after;
    assert_eq!(
        [
            last.available,
            last.held,
            last.used,
            last.expired,
            last.withdrawn
        ]
        .map(|sum| sum.to_string()),
        ["6.00", "0.00", "0.00", "1.00", "6.00"]
    );
}

#[test]
fn later_entries_change_the_balance_from_their_day_and_moment_on() {
    let (bank, number) = with_later_entries();
    let sums = |on: &str| {
        let view = bank.balance_as_of(number, AsOf::Learned(day(on)));
        let unit = view.by_unit[0];
        [
            unit.available,
            unit.held,
            unit.used,
            unit.expired,
            unit.withdrawn,
        ]
        .map(|sum| sum.to_string())
        .join(" ")
    };
    assert_eq!(sums("2026-11-23"), "12.00 0.00 0.00 1.00 0.00");
    assert_eq!(sums("2026-11-24"), "6.00 0.00 0.00 1.00 6.00");
    assert_eq!(sums("2026-11-26"), "3.00 0.00 3.00 1.00 6.00");
    assert_eq!(sums("2026-11-27"), "6.00 0.00 0.00 1.00 6.00");
    let late = "2026-11-28T00:00:00Z".parse().unwrap();
    let now = bank.balance_as_of(number, AsOf::Recorded(late));
    let today = reads::balance(bank.ledger(), &bank.own_account(number), bank_day(late)).unwrap();
    assert_eq!(now, today);
    let statement = bank.statement(number, day("2026-11-25"), day("2026-11-26"));
    assert_eq!(statement.movements.len(), 4);
    let unit = statement.units[0];
    assert_eq!(unit.opening.available.to_string(), "7.00");
    assert_eq!(unit.closing.available.to_string(), "3.00");
    assert_eq!(unit.closing.expired.to_string(), "1.00");
}
