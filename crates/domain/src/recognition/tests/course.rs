//! Courses that are completed by lectures, exam and attendance, and entries that are reviewed.

use super::*;
use crate::catalogue::Module;
use crate::completion::{Attendance, CompletionRule, Thresholds};
use crate::review::ReviewClock;

/// The guide: 26 lectures and an exam of 60.
fn guide(lectures_done: u32, exam: &str) -> Post {
    let mut post = Post::new();
    let module = |lectures| Module {
        title: "模块".to_owned(),
        lectures,
    };
    post.version.modules = [4, 4, 3, 3, 3, 3, 3, 3].map(module).to_vec();
    let lectures = post.version.lectures();
    let thresholds = Thresholds {
        lectures: Some(26),
        exam: Some("60".parse().unwrap()),
        attendance: None,
    };
    post.version.completion = Some(CompletionRule::new(thresholds, lectures).unwrap());
    post.outcome.progress = Progress {
        lectures_done: Some(lectures_done),
        exam: Some(exam.parse().unwrap()),
        attendance: None,
    };
    post
}

#[test]
fn a_course_that_is_not_over_is_no_outcome_and_one_that_fails_is_recorded() {
    check(&guide(26, "60"), EARNED);
    check(&guide(26, "59"), "nothing: EXAM_TOO_LOW");
    check(&guide(25, "60"), "COMPLETION_IN_PROGRESS: 25 / 26");
    check(&guide(27, "60"), "PROGRESS_IMPOSSIBLE: 27 / 26");
    let graded = |grade, expected: &str| check(&guide(25, "60").graded(grade), expected);
    // A low grade is no end of the course, leaving it is.
    graded(score("40"), "COMPLETION_IN_PROGRESS: 25 / 26");
    graded(Grade::Withdrawn, "nothing: RESULT_WITHOUT_CREDIT");
    graded(Grade::Absent, "nothing: RESULT_WITHOUT_CREDIT");
}

#[test]
fn what_a_rule_asks_for_is_stated_unless_the_grade_fails_anyway() {
    let unstated = |grade| {
        let mut post = guide(26, "60").graded(grade);
        post.outcome.progress = Progress::default();
        post
    };
    check(
        &unstated(Grade::Passed),
        "COMPLETION_UNSTATED: lectures_done",
    );
    check(&unstated(score("59")), "nothing: GRADE_TOO_LOW");
    check(
        &guide(26, "100").graded(score("59")),
        "nothing: GRADE_TOO_LOW",
    );
    // Without a rule progress is a fact like any other.
    let mut free = guide(3, "10");
    free.version.completion = None;
    check(&free, EARNED);
}

#[test]
fn attendance_decides_where_the_entry_asks_for_it() {
    let attended = |minutes: u32, expected: &str| {
        let mut post = Post::new();
        let thresholds = Thresholds {
            attendance: Some("80".parse().unwrap()),
            ..Thresholds::default()
        };
        post.version.completion = Some(CompletionRule::new(thresholds, 0).unwrap());
        post.outcome.progress.attendance = Some(Attendance::new(minutes, 60).unwrap());
        check(&post, expected);
    };
    attended(52, EARNED);
    attended(48, EARNED);
    attended(47, "nothing: ATTENDANCE_TOO_LOW");
}

#[test]
fn an_entry_that_was_not_reviewed_in_time_earns_nothing_after_its_grace() {
    let reviewed = |last: Option<&str>, on: &str, expected: &str| {
        let mut post = Post::new().on(on);
        post.version.review = Some(ReviewClock {
            months: 24,
            grace_days: 30,
        });
        post.last_review = last.map(day);
        post.today = day("2026-11-22");
        check(&post, expected);
    };
    let last = Some("2023-07-24");
    reviewed(last, "2025-07-24", EARNED);
    reviewed(last, "2025-08-23", EARNED);
    reviewed(last, "2025-08-24", "nothing: REVIEW_OVERDUE");
    // Posted late, learned in time.
    reviewed(last, "2021-01-01", EARNED);
    reviewed(Some("2025-09-01"), "2025-08-24", EARNED);
    // Never reviewed: the clock begins with the version, on 2020-01-01.
    reviewed(None, "2022-01-31", EARNED);
    reviewed(None, "2022-02-01", "nothing: REVIEW_OVERDUE");
    // A version that is newer than the review is reviewed material.
    reviewed(Some("2019-01-01"), "2022-01-31", EARNED);
}

#[test]
fn a_fail_is_told_before_the_review() {
    let mut post = guide(26, "59");
    post.version.review = Some(ReviewClock {
        months: 1,
        grace_days: 0,
    });
    check(&post, "nothing: EXAM_TOO_LOW");
    check(&post.graded(score("59")), "nothing: GRADE_TOO_LOW");
}
