use proptest::prelude::*;

use super::*;

/// Thresholds as texts: lectures of 26, exam, attendance; nothing where empty.
fn rule(lectures: &str, exam: &str, attendance: &str) -> CompletionRule {
    fn read<T: FromStr<Err: fmt::Debug>>(text: &str) -> Option<T> {
        (!text.is_empty()).then(|| text.parse().unwrap())
    }
    let thresholds = Thresholds {
        lectures: read(lectures),
        exam: read(exam),
        attendance: read(attendance),
    };
    CompletionRule::new(thresholds, 26).unwrap()
}

fn progress(lectures: Option<u32>, exam: &str, minutes: Option<(u32, u32)>) -> Progress {
    Progress {
        lectures_done: lectures,
        exam: (!exam.is_empty()).then(|| exam.parse().unwrap()),
        attendance: minutes.map(|(attended, held)| Attendance::new(attended, held).unwrap()),
    }
}

fn said(completion: &Completion) -> String {
    match completion {
        Completion::Completed => "completed".to_owned(),
        Completion::InProgress { done, of } => format!("in progress {done} / {of}"),
        Completion::Failed(reason, figures) => format!("{reason}: {figures}"),
        Completion::Unstated(member) => format!("{member}?"),
        Completion::Impossible { done, of } => format!("impossible {done} / {of}"),
    }
}

#[test]
fn twenty_six_lectures_and_an_exam_of_sixty_complete_the_guide() {
    let guide = rule("26", "60", "");
    let check = |lectures: Option<u32>, exam: &str, expected: &str| {
        let found = judge(&guide, &progress(lectures, exam, None));
        assert_eq!(said(&found), expected, "{lectures:?} {exam}");
    };
    check(Some(26), "60", "completed");
    check(Some(26), "100", "completed");
    check(Some(26), "59.99", "EXAM_TOO_LOW: 59.99 < 60.00");
    check(Some(26), "0", "EXAM_TOO_LOW: 0.00 < 60.00");
    check(Some(26), "", "exam_score?");
    check(Some(25), "100", "in progress 25 / 26");
    check(Some(25), "", "in progress 25 / 26");
    // While lectures are missing nothing has failed.
    check(Some(25), "10", "in progress 25 / 26");
    check(Some(0), "", "in progress 0 / 26");
    check(Some(27), "100", "impossible 27 / 26");
    check(None, "100", "lectures_done?");
}

#[test]
fn fewer_than_all_lectures_may_suffice() {
    let check = |lectures: u32, expected: &str| {
        let found = judge(&rule("24", "", ""), &progress(Some(lectures), "", None));
        assert_eq!(said(&found), expected, "{lectures}");
    };
    check(23, "in progress 23 / 24");
    check(24, "completed");
    check(26, "completed");
    check(27, "impossible 27 / 26");
}

#[test]
fn attendance_is_compared_exactly() {
    let check = |attended: u32, held: u32, least: &str, expected: &str| {
        let stated = progress(None, "", Some((attended, held)));
        let found = judge(&rule("", "", least), &stated);
        assert_eq!(said(&found), expected, "{attended} / {held}");
    };
    check(52, 60, "80", "completed");
    check(48, 60, "80", "completed");
    check(
        47,
        60,
        "80",
        "ATTENDANCE_TOO_LOW: 47 / 60 = 78.33 % < 80.00 %",
    );
    check(60, 60, "100", "completed");
    check(
        59,
        60,
        "100",
        "ATTENDANCE_TOO_LOW: 59 / 60 = 98.33 % < 100.00 %",
    );
    check(0, 60, "0", "completed");
    // Rounded it would reach; it does not.
    check(52, 60, "86.66", "completed");
    check(
        52,
        60,
        "86.67",
        "ATTENDANCE_TOO_LOW: 52 / 60 = 86.67 % < 86.67 %",
    );
    let none = judge(&rule("", "", "80"), &Progress::default());
    assert_eq!(said(&none), "attended_minutes?");
}

#[test]
fn of_two_failures_attendance_is_told_and_nothing_is_left_unstated() {
    let both = rule("", "60", "80");
    let check = |exam: &str, minutes, expected: &str| {
        let found = judge(&both, &progress(None, exam, minutes));
        assert!(said(&found).starts_with(expected), "{found:?}");
    };
    check("59", Some((47, 60)), "ATTENDANCE_TOO_LOW");
    check("59", Some((48, 60)), "EXAM_TOO_LOW");
    check("60", Some((48, 60)), "completed");
    check("", Some((47, 60)), "exam_score?");
}

#[test]
fn minutes_and_thresholds_that_cannot_be_are_refused() {
    assert_eq!(Attendance::new(0, 0), Err(AttendanceError::NothingHeld));
    assert_eq!(Attendance::new(61, 60), Err(AttendanceError::MoreThanHeld));
    assert!(Attendance::new(60, 60).is_ok());
    let rule = |lectures, of| {
        let thresholds = Thresholds {
            lectures,
            ..Thresholds::default()
        };
        CompletionRule::new(thresholds, of)
    };
    assert_eq!(rule(None, 26), Err(CompletionRuleError::Empty));
    let out = CompletionRuleError::LecturesOutOfRange { of: 26 };
    assert_eq!(rule(Some(0), 26), Err(out));
    assert_eq!(rule(Some(27), 26), Err(out));
    assert!(rule(Some(26), 26).is_ok());
    assert_eq!("100.01".parse::<Percent>(), Err(AmountError::TooLarge));
    assert_eq!("86.67".parse::<Percent>().unwrap().to_string(), "86.67");
}

proptest! {
    #[test]
    fn a_threshold_is_reached_exactly_where_the_minutes_say_so(
        held in 1..100_000_u32, part in 0..=100_000_u32, least in 0..=10_000_i64,
    ) {
        let attended = part.min(held);
        let attendance = Attendance::new(attended, held).unwrap();
        let least = Percent::new(Hundredths::new(least).unwrap()).unwrap();
        let exact = i128::from(attended) * 10_000 >= i128::from(held) * i128::from(least.hundredths());
        prop_assert_eq!(attendance.reaches(least), exact);
        // What people read is never further than half a hundredth from the truth.
        let shown = i128::from(attendance.percent().hundredths()) * i128::from(held);
        let off = (shown - i128::from(attended) * 10_000).abs();
        prop_assert!(off * 2 <= i128::from(held), "{} {}", attended, held);
    }
}
