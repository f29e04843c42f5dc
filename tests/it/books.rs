//! Balances of the past and statements against an independent count, and what movements say.

mod count;
mod story;

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, TimeDelta};
use creditbank_domain::amount::Unit;
use creditbank_domain::authz::{Grant, ReadLearner, Role, Subject, authorize};
use creditbank_domain::calendar::{bank_day, last_moment};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::LedgerError;
use creditbank_ledger::reads::{self, AsOf};
use kit::{RECEIVING, SCHOOL, TestBank, UNIVERSITY, day, outcome};
use proptest::prelude::*;

use count::{accounts, assert_runs_on, count, dump, told, without_issuer};
use story::{happen, happenings, learner_of, post_at, training};

/// A learner of school and university with something in every state: used, cut, held, lapsed.
fn lived_in() -> (TestBank, LearnerNo) {
    let bank = TestBank::start();
    bank.publish(&[training()]);
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    for certificate in ["CERT-B", "CERT-C", "CERT-D"] {
        bank.post(SCHOOL, outcome(certificate).build());
    }
    let _ = bank.decide(bank.request(&[number]).cohort_id);
    bank.post(SCHOOL, outcome("CERT-LOW").build());
    let _ = bank.request(&[number]);
    // Lapsed since the end of October.
    let lapsed = outcome("TRAIN").learner_no(number).on("2025-12-31");
    bank.post(UNIVERSITY, lapsed.build());
    bank.post(
        UNIVERSITY,
        outcome("TRAIN").learner_no(number).on("2026-06-01").build(),
    );
    (bank, number)
}

#[test]
fn as_of_now_by_the_moment_recorded_is_the_balance_of_today() {
    let (bank, number) = lived_in();
    let now = bank.now();
    let everybody = [
        bank.own_account(number),
        part(&bank, SCHOOL, number),
        part(&bank, RECEIVING, number),
        part(&bank, UNIVERSITY, number),
    ];
    for grant in everybody {
        let today = reads::balance(bank.ledger(), &grant, bank_day(now)).unwrap();
        let then = reads::balance_as_of(bank.ledger(), &grant, AsOf::Recorded(now)).unwrap();
        assert_eq!(today, then);
        assert!(!today.rows.is_empty());
    }
    let whole = bank.balance_as_of(number, AsOf::Recorded(now));
    assert_eq!(told(&whole), count(dump(&bank).iter(), bank_day(now)));
    let expired = whole.by_unit.iter().map(|unit| unit.expired.to_string());
    assert_eq!(expired.collect::<Vec<_>>(), ["2.00", "30.00"]);
}

/// What an institution may see of a learner.
fn part(bank: &TestBank, institution: &str, number: LearnerNo) -> Grant<ReadLearner> {
    let registrar = bank.actor(Role::Registrar, institution);
    authorize(&registrar, Subject::Learner(number)).unwrap()
}

#[test]
fn what_was_learned_early_and_recorded_late_counts_from_either_day_as_asked() {
    let bank = TestBank::start();
    let number = bank
        .post(SCHOOL, outcome("CERT-A").on("2026-01-31").build())
        .learner_no;
    let available = |as_of| {
        let view = bank.balance_as_of(number, as_of);
        view.by_unit.first().map(|unit| unit.available.to_string())
    };
    let recorded = bank_day(TestBank::opening());
    assert_eq!(available(AsOf::Learned(day("2026-01-30"))), None);
    assert_eq!(
        available(AsOf::Learned(day("2026-01-31"))),
        Some("6.00".to_owned())
    );
    let end_of = |day| AsOf::Recorded(last_moment(day));
    assert_eq!(available(end_of(day("2026-01-31"))), None);
    assert_eq!(available(end_of(recorded.pred_opt().unwrap())), None);
    assert_eq!(available(end_of(recorded)), Some("6.00".to_owned()));
    // To the microsecond.
    let moment = bank.movements(number)[0].recorded_at;
    assert_eq!(available(AsOf::Recorded(moment)), Some("6.00".to_owned()));
    let before = moment - TimeDelta::microseconds(1);
    assert_eq!(available(AsOf::Recorded(before)), None);
}

#[test]
fn nothing_then_is_an_answer_and_nothing_ever_is_not() {
    let (bank, number) = lived_in();
    let early = AsOf::Learned(day("1950-01-01"));
    let ask = |grant| reads::balance_as_of(bank.ledger(), &grant, early);
    assert_eq!(ask(part(&bank, SCHOOL, number)).unwrap().rows, []);
    let other = bank
        .post(SCHOOL, outcome("CERT-A").student("S2").build())
        .learner_no;
    for answer in [
        ask(part(&bank, UNIVERSITY, other)),
        ask(bank.own_account(LearnerNo::from_random(7))),
    ] {
        assert!(matches!(answer, Err(LedgerError::NotFound)));
    }
}

#[test]
fn a_lot_over_its_last_day_has_expired_as_of_that_day_and_not_before() {
    let (bank, number) = lived_in();
    let hours = |as_of| {
        let view = bank.balance_as_of(number, as_of);
        let hours = view
            .by_unit
            .into_iter()
            .find(|sums| sums.unit == Unit::Hour);
        let hours = hours.expect("hours");
        (hours.available.to_string(), hours.expired.to_string())
    };
    let check = |on, available: &str, expired: &str| {
        assert_eq!(
            hours(AsOf::Learned(day(on))),
            (available.to_owned(), expired.to_owned()),
            "{on}"
        );
    };
    check("2026-05-31", "30.00", "0.00");
    check("2026-10-30", "60.00", "0.00");
    check("2026-11-01", "30.00", "30.00");
    check("2027-03-31", "30.00", "30.00");
    check("2027-04-02", "0.00", "60.00");
    // The same of a moment to come: what the books say now, on that day.
    assert_eq!(
        hours(AsOf::Recorded(last_moment(day("2027-04-02")))).1,
        "60.00"
    );
}

#[test]
fn the_balance_after_each_movement_runs_on_over_units_pages_and_what_is_shown() {
    let (bank, number) = lived_in();
    for grant in [
        bank.own_account(number),
        part(&bank, SCHOOL, number),
        part(&bank, UNIVERSITY, number),
    ] {
        let page = |after, limit| reads::movements(bank.ledger(), &grant, after, limit).unwrap();
        let all = page(None, 1000);
        let end = assert_runs_on(&all, BTreeMap::new());
        assert!(all.is_sorted_by_key(|it| (it.recorded_at, it.transfer_id)));
        let now = bank.now();
        let closing = reads::balance_as_of(bank.ledger(), &grant, AsOf::Recorded(now)).unwrap();
        for unit in closing.by_unit {
            let accounts = without_issuer(&end[&unit.unit]);
            let of = |account: &str| accounts.get(account).copied().unwrap_or_default();
            assert_eq!(of("held"), unit.held.get());
            // Nothing moved what lapsed.
            assert_eq!(of("available"), unit.available.get() + unit.expired.get());
        }
        for limit in [1, 2, 3, 7] {
            let mut walked = Vec::new();
            let mut after = None;
            loop {
                let next = page(after, limit);
                let Some(last) = next.last() else { break };
                after = Some(last.transfer_id);
                walked.extend(next);
            }
            assert_eq!(walked, all, "pages of {limit}");
        }
    }
}

#[test]
fn movements_stand_in_the_order_in_which_they_were_recorded_whatever_their_ids() {
    let bank = TestBank::start();
    let first = bank.now();
    let late = first + TimeDelta::days(3);
    post_at(&bank, SCHOOL, outcome("CERT-B").build(), late);
    post_at(&bank, SCHOOL, outcome("CERT-A").build(), first);
    let number = learner_of(&bank, SCHOOL, outcome("CERT-B").build());
    let movements = bank.movements(number);
    let codes: Vec<&str> = movements.iter().map(|it| it.entry_code.as_str()).collect();
    assert_eq!(codes, ["CERT-A", "CERT-B"]);
    assert!(movements[0].transfer_id > movements[1].transfer_id);
    let own = bank.own_account(number);
    let after = Some(movements[0].transfer_id);
    assert_eq!(
        reads::movements(bank.ledger(), &own, after, 10).unwrap(),
        movements[1..]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// On every day, by either way of asking, the balance is the sum of what had happened.
    #[test]
    fn a_balance_of_the_past_is_what_an_independent_count_says(story in happenings()) {
        let bank = TestBank::start();
        let (number, last) = happen(&bank, &story);
        let rows = dump(&bank);
        let mut on = day("2026-11-20");
        while on <= last {
            let recorded = bank.balance_as_of(number, AsOf::Recorded(last_moment(on)));
            let then = rows.iter().filter(|row| bank_day(row.recorded_at) <= on);
            prop_assert_eq!(told(&recorded), count(then, on), "recorded {}", on);
            let learned = bank.balance_as_of(number, AsOf::Learned(on));
            let then = rows.iter().filter(|row| row.effective_on <= on);
            prop_assert_eq!(told(&learned), count(then, on), "learned {}", on);
            on = on + Days::new(3);
        }
    }

    /// Cut into periods anywhere: opening and movements make up the closing sums, each period begins
    /// where the one before ended, and no movement is lost or told twice.
    #[test]
    fn statements_of_adjoining_periods_fit_together(
        story in happenings(), cuts in proptest::collection::vec(0..60_u64, 0..4),
    ) {
        let bank = TestBank::start();
        let (number, last) = happen(&bank, &story);
        let mut firsts: Vec<NaiveDate> =
            cuts.iter().map(|days| day("2026-11-20") + Days::new(*days)).collect();
        firsts.extend([day("2000-01-01"), last + Days::new(1)]);
        firsts.sort();
        firsts.dedup();
        let mut carried: BTreeMap<Unit, BTreeMap<String, i64>> = BTreeMap::new();
        let mut told = Vec::new();
        for pair in firsts.windows(2) {
            let statement = bank.statement(number, pair[0], pair[1] - Days::new(1));
            for unit in &statement.units {
                let before = carried.get(&unit.unit).map(without_issuer).unwrap_or_default();
                prop_assert_eq!(accounts(unit.opening), before);
            }
            carried = assert_runs_on(&statement.movements, carried);
            for unit in &statement.units {
                prop_assert_eq!(accounts(unit.closing), without_issuer(&carried[&unit.unit]));
            }
            told.extend(statement.movements);
        }
        let all: Vec<_> = bank.movements(number).into_iter()
            .filter(|it| bank_day(it.recorded_at) <= last).collect();
        prop_assert_eq!(told, all);
    }
}
