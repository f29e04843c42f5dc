//! Working days, and the stages that an institution arranges.

use chrono::{Datelike as _, Days};
use creditbank_domain::authz::{Actor, KeepRegister, Subject, authorize};
use creditbank_domain::calendar::{DayKind, WorkCalendar, bank_day, first_moment};
use creditbank_domain::process::Party;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{self, NewCalendarYear};
use creditbank_ledger::reads::RequestState;
use kit::{TestBank, code_of, hand, keeper, stage};

use super::{RULES, request};

#[test]
fn what_is_late_is_told_once_and_holidays_are_not_days() {
    let bank = TestBank::start();
    let today = bank_day(bank.now());
    // The two weeks that follow are free.
    let days = (1..=14).map(|n| (today + Days::new(n), DayKind::Holiday, "休".to_owned()));
    let year = i16::try_from(today.year()).unwrap();
    let calendar = NewCalendarYear {
        year,
        source: "test".into(),
        example: true,
        days: days
            .filter(|(day, ..)| day.year() == i32::from(year))
            .collect(),
    };
    let load = |year: &NewCalendarYear| {
        flows::load_calendar_year(bank.ledger(), &keeper(), year, bank.now())
    };
    assert!(load(&calendar).unwrap());
    assert!(!load(&calendar).unwrap());
    let mut other = calendar.clone();
    other.days.pop();
    assert!(matches!(load(&other), Err(LedgerError::Conflict(_))));
    let sent = request(&bank, "S1", &["CERT-A"]);
    let due_on = sent.way.due_on.unwrap();
    let free = calendar.days.iter().map(|(day, kind, _)| (*day, *kind));
    let counted = WorkCalendar::new([i32::from(year)], free);
    assert_eq!(Some(due_on), counted.after(today, 15));
    assert!(due_on > WorkCalendar::default().after(today, 15).unwrap());
    let keeper = authorize::<KeepRegister>(&Actor::operator(), Subject::Bank).unwrap();
    let told = |on| {
        flows::keep_house(bank.ledger(), &keeper, first_moment(on))
            .unwrap()
            .escalated
    };
    assert_eq!(told(due_on), 0);
    let next = due_on + Days::new(1);
    assert_eq!((told(next), told(next)), (1, 0));
}

#[test]
fn a_chain_that_nobody_could_walk_is_refused_and_a_second_one_of_a_day_is_a_conflict() {
    let bank = TestBank::start();
    let today = bank_day(bank.now());
    let one = |approvals, reviewers| vec![(stage(Party::Receiving, approvals, 5), reviewers)];
    for wrong in [
        vec![],
        vec![(stage(Party::Bank, 1, 5), vec![])],
        one(2, vec![hand(1)]),
    ] {
        assert_eq!(code_of(&bank.try_chain(today, wrong)), "REVIEW_CHAIN");
    }
    assert!(bank.try_chain(today, one(1, vec![])).unwrap());
    assert!(!bank.try_chain(today, one(1, vec![])).unwrap());
    let other = bank.try_chain(today, one(2, vec![]));
    assert!(matches!(other, Err(LedgerError::Conflict(_))));
    // A request that is on its way keeps its stages.
    let sent = request(&bank, "S1", &["CERT-A"]);
    bank.try_chain(today + Days::new(1), one(9, vec![]))
        .unwrap();
    let tomorrow = bank.now() + Days::new(1);
    let decided = bank
        .say(2, (sent.request_id, None), &RULES, tomorrow)
        .unwrap();
    assert_eq!(decided.state, RequestState::Granted);
}
