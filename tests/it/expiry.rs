//! Lots that end: warned of in time, moved on their day, whatever else happens to them.

use chrono::{Days, NaiveDate, NaiveTime};
use creditbank_domain::amount::Unit;
use creditbank_domain::authz::{Actor, Grant, KeepRegister, Subject, authorize};
use creditbank_ledger::flows::publish_catalogue;
use kit::{SCHOOL, TestBank, UNIVERSITY, course, day, grade, outcome};

/// A course whose credits can be used for a year.
fn bank_with_a_year() -> TestBank {
    let bank = TestBank::start();
    let keeper: Grant<KeepRegister> = authorize(&Actor::operator(), Subject::Bank).unwrap();
    let mut entry = course(UNIVERSITY, "YEAR", "3.00");
    entry.usable_months = Some(12);
    publish_catalogue(bank.ledger(), &keeper, &[entry], bank.now()).unwrap();
    bank
}

/// Nine in the morning of that day in China.
fn morning(day: NaiveDate) -> chrono::DateTime<chrono::Utc> {
    day.and_time(NaiveTime::from_hms_opt(1, 0, 0).unwrap())
        .and_utc()
}

#[test]
fn a_lot_expires_on_the_day_after_its_last_and_once() {
    let bank = bank_with_a_year();
    let posted = bank.post(UNIVERSITY, outcome("YEAR").on("2026-06-30").build());
    let last = posted.lots[0].expires_on.unwrap();
    assert_eq!(last, day("2027-06-30"));
    assert_eq!(bank.expire_at(morning(last)).expired, 0);
    let next = last.checked_add_days(Days::new(1)).unwrap();
    assert_eq!(bank.expire_at(morning(next)).expired, 1);
    assert_eq!(bank.expire_at(morning(next)).expired, 0);
    let balance = bank.balance(posted.learner_no, Unit::Credit);
    assert_eq!(
        (balance.available.to_string(), balance.expired.to_string()),
        ("0.00".into(), "3.00".into())
    );
    let last = bank.movements(posted.learner_no).pop().unwrap();
    assert_eq!((last.kind.as_str(), last.effective_on), ("expire", next));
    // What expired is withdrawn like anything else.
    bank.correct(UNIVERSITY, "S1/YEAR/2026-06-30/first", grade("30"));
    let balance = bank.balance(posted.learner_no, Unit::Credit);
    assert_eq!(balance.withdrawn.to_string(), "3.00");
}

#[test]
fn what_was_held_over_the_last_day_expires_when_it_comes_back() {
    let bank = bank_with_a_year();
    let posted = bank.post(UNIVERSITY, outcome("YEAR").on("2025-11-22").build());
    let (learner, lot) = (posted.learner_no, posted.lots[0].lot_id);
    assert_eq!(posted.lots[0].expires_on, Some(day("2026-11-22")));
    let hold = bank.try_hold(UNIVERSITY, learner, lot, "2.00").unwrap();
    let next = morning(day("2026-11-23"));
    assert_eq!(bank.expire_at(next).expired, 1);
    bank.try_release(UNIVERSITY, learner, hold).unwrap();
    assert_eq!(bank.expire_at(next).expired, 1);
    let balance = bank.balance(learner, Unit::Credit);
    assert_eq!(balance.expired.to_string(), "3.00");
}

#[test]
fn warnings_are_given_180_90_and_30_days_ahead_each_once() {
    let bank = bank_with_a_year();
    let posted = bank.post(UNIVERSITY, outcome("YEAR").on("2026-06-30").build());
    bank.post(SCHOOL, outcome("CERT-A").build());
    let last = posted.lots[0].expires_on.unwrap();
    let warned = |days_ahead| {
        let now = morning(last.checked_sub_days(Days::new(days_ahead)).unwrap());
        (bank.expire_at(now).warned, bank.expire_at(now).warned)
    };
    assert_eq!(warned(181), (0, 0));
    assert_eq!(warned(180), (1, 0));
    assert_eq!(warned(91), (0, 0));
    assert_eq!(warned(90), (1, 0));
    assert_eq!(warned(30), (1, 0));
    assert_eq!(warned(0), (0, 0));
    let told = bank
        .database()
        .sql("select distinct kind, figures->>'available', figures->>'expires_on' from notices")
        .unwrap();
    assert_eq!(told.trim(), "lot_expires_soon|3.00|2027-06-30");
}

#[test]
fn a_lot_that_comes_late_gets_the_nearest_warning_only() {
    let bank = bank_with_a_year();
    let posted = bank.post(UNIVERSITY, outcome("YEAR").on("2025-12-01").build());
    assert_eq!(posted.lots[0].expires_on, Some(day("2026-12-01")));
    assert_eq!(bank.expire_at(bank.now()).warned, 1);
    let days = bank
        .database()
        .sql("select days_ahead from expiry_warnings")
        .unwrap();
    assert_eq!(days.trim(), "30");
}

#[test]
fn two_servers_expire_and_warn_each_lot_once() {
    let bank = bank_with_a_year();
    for student in 0..40 {
        for entry_day in ["2025-11-01", "2025-12-01"] {
            let report = outcome("YEAR")
                .student(&format!("S{student}"))
                .on(entry_day);
            // Credited once, so a learner a lot.
            let report = if entry_day == "2025-12-01" {
                report.student(&format!("T{student}"))
            } else {
                report
            };
            bank.post(UNIVERSITY, report.build());
        }
    }
    let now = bank.now();
    let done: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| bank.expire_at(now)))
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let expired: usize = done.iter().map(|one| one.expired).sum();
    let warned: usize = done.iter().map(|one| one.warned).sum();
    assert_eq!((expired, warned), (40, 40));
}
