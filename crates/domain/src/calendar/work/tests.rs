use proptest::prelude::*;

use super::*;
use crate::calendar::parse_day;

fn day(text: &str) -> NaiveDate {
    parse_day(text).unwrap()
}

/// The National Day of 2026: seven days free, a Sunday before and a Saturday after it worked.
fn october() -> WorkCalendar {
    let free = (1..=7).map(|of| {
        (
            NaiveDate::from_ymd_opt(2026, 10, of).unwrap(),
            DayKind::Holiday,
        )
    });
    let worked = ["2026-09-20", "2026-10-10"].map(|text| (day(text), DayKind::MadeUp));
    WorkCalendar::new([2026], free.chain(worked))
}

#[test]
fn holidays_are_passed_over_and_made_up_days_count() {
    let check = |from: &str, days, end: &str| {
        assert_eq!(
            october().after(day(from), days),
            Some(day(end)),
            "{from} + {days}"
        );
    };
    check("2026-09-30", 0, "2026-09-30");
    check("2026-09-30", 1, "2026-10-08");
    check("2026-09-30", 3, "2026-10-10");
    check("2026-09-30", 4, "2026-10-12");
    check("2026-09-19", 1, "2026-09-20");
    // Sent on a day that is free: the first working day is the first of the term.
    check("2026-10-03", 1, "2026-10-08");
    check("2026-11-20", 5, "2026-11-27");
    let plain = WorkCalendar::default();
    assert_eq!(plain.after(day("2026-09-30"), 1), Some(day("2026-10-01")));
    assert!(october().knows(2026) && !october().knows(2027));
    assert_eq!(plain.after(NaiveDate::MAX, 1), None);
}

#[test]
fn the_applicants_days_are_not_the_reviewers() {
    let calendar = october();
    // Monday; two days used by Wednesday, when something is asked for; answered a week later.
    let clock = WorkClock::start(5, day("2026-11-02"));
    assert_eq!(clock.due_on(&calendar), Some(day("2026-11-09")));
    let paused = clock.pause(&calendar, day("2026-11-04"));
    assert_eq!((paused.due_on(&calendar), paused.is_paused()), (None, true));
    assert_eq!(paused.left_on(&calendar, day("2026-12-31")), 3);
    let again = paused.resume(day("2026-11-11"));
    assert_eq!(again.due_on(&calendar), Some(day("2026-11-16")));
    assert_eq!(again.left_on(&calendar, day("2026-11-17")), 0);
    assert_eq!(again.resume(day("2027-01-01")), again);
}

proptest! {
    #[test]
    fn a_term_ends_where_its_days_are_counted(from in 0_i64..20_000, days in 0_u32..400) {
        let from = day("1990-01-01") + chrono::TimeDelta::days(from);
        let calendar = october();
        let end = calendar.after(from, days).unwrap();
        prop_assert_eq!(calendar.between(from, end), days);
        prop_assert!(days == 0 || calendar.is_worked(end));
        prop_assert_eq!(calendar.between(end, from), 0);
    }

    /// However often it is stopped, a clock counts what was worked while it ran.
    #[test]
    fn pauses_only_move_the_end(term in 1_u32..40, turns in prop::collection::vec((0_u32..6, 0_u32..30), 0..6)) {
        let calendar = october();
        let mut today = day("2026-09-01");
        let mut clock = WorkClock::start(term, today);
        let mut ran = 0;
        for (running, waiting) in turns {
            let stopped = today + chrono::Days::new(running.into());
            ran += calendar.between(today, stopped);
            clock = clock.pause(&calendar, stopped);
            today = stopped + chrono::Days::new(waiting.into());
            clock = clock.resume(today);
        }
        prop_assert_eq!(clock.spent_by(&calendar, today), ran);
        let end = calendar.after(today, term.saturating_sub(ran)).unwrap();
        prop_assert_eq!(clock.due_on(&calendar), Some(end));
    }
}
