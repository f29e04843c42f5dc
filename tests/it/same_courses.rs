//! One course under several names: of twins on a list one is credited, and a name alone refuses
//! nobody.

use creditbank_domain::authz::KeepRegister;
use creditbank_domain::conversion::Document;
use creditbank_domain::correction::Change;
use creditbank_domain::identifier::IdentifierKind;
use creditbank_domain::merging::CollisionKind;
use creditbank_domain::outcome::LearnerRef;
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::text::{CourseCode, InstitutionCode};
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{
    CourseRef, NewDuplicateGroup, NewSubstitute, PostAnswer, PostedOutcome, SameCourses,
    register_same_courses,
};
use creditbank_ledger::reads::same_names;
use kit::{
    RECEIVING, SCHOOL, TestBank, UNIVERSITY, code_of, course, day, grade, operator, outcome,
    person, resident_id, together,
};

fn reference(owner: &str, code: &str) -> CourseRef {
    CourseRef {
        owner: InstitutionCode::new(owner).unwrap(),
        code: CourseCode::new(code).unwrap(),
    }
}

fn group(code: &str, from: &str, to: Option<&str>, courses: &[(&str, &str)]) -> NewDuplicateGroup {
    NewDuplicateGroup {
        code: code.to_owned(),
        courses: courses
            .iter()
            .map(|(owner, code)| reference(owner, code))
            .collect(),
        valid_from: day(from),
        valid_to: to.map(day),
    }
}

fn lists(duplicates: Vec<NewDuplicateGroup>, substitutes: Vec<NewSubstitute>) -> SameCourses {
    SameCourses {
        document: Document {
            number: "同课目录〔2025〕1号".to_owned(),
            title: "同课目录".to_owned(),
        },
        duplicates,
        substitutes,
    }
}

fn load(bank: &TestBank, lists: &SameCourses) -> Result<(u32, u32), LedgerError> {
    let keeper = operator::<KeepRegister>();
    register_same_courses(bank.ledger(), &keeper, lists, bank.now())
        .map(|counts| (counts.added, counts.already_there))
}

const TWINS: [(&str, &str); 3] = [(UNIVERSITY, "GS1"), (RECEIVING, "GS-A"), (SCHOOL, "GS-X")];

/// A bank in which 高等数学 is three courses of three institutions, and one course by the list from
/// 2025 on.
fn bank() -> TestBank {
    let bank = TestBank::start();
    let titles = ["高等数学(一)", "高等数学Ⅰ", "高等数学 1"];
    let courses = TWINS.iter().zip(titles).map(|((owner, code), title)| {
        let mut version = course(owner, code, "4.00");
        version.title = title.to_owned();
        version
    });
    bank.publish(&courses.collect::<Vec<_>>());
    bank
}

fn bank_with_twins() -> TestBank {
    let bank = bank();
    let twins = group("GS", "2025-01-01", None, &TWINS);
    assert_eq!(
        load(&bank, &lists(vec![twins], Vec::new())).unwrap(),
        (1, 0)
    );
    bank
}

fn somebody(number: u32) -> LearnerRef {
    person(
        &[(
            IdentifierKind::ResidentId,
            &resident_id("1990-01-01", number),
        )],
        "",
    )
}

fn twin_of(posted: &PostedOutcome) -> (Option<ReasonCode>, Option<String>) {
    let twin = posted.twin.as_ref();
    let name = twin.map(|twin| format!("{} {} {}", twin.owner, twin.code, twin.title));
    (posted.earned_nothing, name)
}

fn duplicate(twin: &str) -> (Option<ReasonCode>, Option<String>) {
    (Some(ReasonCode::DuplicateName), Some(twin.to_owned()))
}

#[test]
fn a_twin_at_another_institution_earns_nothing_and_names_the_one_that_is_credited() {
    let bank = bank_with_twins();
    let report = |code: &str| outcome(code).person(somebody(1)).source(code);
    let first = bank.post(UNIVERSITY, report("GS1").build());
    let second = bank.post(RECEIVING, report("GS-A").build());
    assert_eq!((first.lots.len(), second.lots.len()), (1, 0));
    assert_eq!(first.learner_no, second.learner_no);
    assert_eq!(twin_of(&second), duplicate("90001 GS1 高等数学(一)"));
    let told = second.why_nothing().unwrap();
    assert_eq!(told.code, "DUPLICATE_NAME");
    assert!(
        told.zh.contains("高等数学(一)") && told.en.contains("90001 GS1"),
        "{told}"
    );
    // The same again answers as the first time, twin and all.
    let again = bank.try_post(RECEIVING, &[report("GS-A").build()]).unwrap();
    let PostAnswer::AlreadyPosted(again) = &again[0] else {
        panic!("{again:?}");
    };
    assert_eq!(twin_of(again), twin_of(&second));
    // Another attempt at the credited course is what it always was.
    let resit = bank.post(UNIVERSITY, report("GS1").source("again").build());
    assert_eq!(twin_of(&resit), (Some(ReasonCode::AlreadyCredited), None));
    assert_eq!(bank.credits(first.learner_no).0, "4.00");
}

#[test]
fn of_twins_in_one_batch_the_first_is_credited() {
    let bank = bank_with_twins();
    bank.publish(&[course(UNIVERSITY, "GS2", "4.00")]);
    let more = group(
        "MORE",
        "2025-01-01",
        None,
        &[(UNIVERSITY, "GS2"), (UNIVERSITY, "MATH101")],
    );
    load(&bank, &lists(vec![more], Vec::new())).unwrap();
    let reports = [
        outcome("PE102").source("d").build(),
        outcome("MATH101").source("c").build(),
        outcome("GS2").source("b").build(),
        outcome("MATH101").source("a").build(),
    ];
    let answers = bank.try_post(UNIVERSITY, &reports).unwrap();
    let told: Vec<_> = answers
        .iter()
        .map(|answer| match answer {
            PostAnswer::Posted(posted) => (posted.lots.len(), twin_of(posted)),
            other => panic!("{other:?}"),
        })
        .collect();
    let already = (Some(ReasonCode::AlreadyCredited), None);
    assert_eq!(told[0], (1, (None, None)));
    assert_eq!(told[2], (0, duplicate("90001 MATH101 课程MATH101")));
    // Which of two attempts at one course is credited is not the list's business.
    assert_eq!(
        (
            told[1].0 + told[3].0,
            told[1].1 == already || told[3].1 == already
        ),
        (1, true)
    );
}

#[test]
fn sixteen_twins_at_one_moment_credit_one() {
    let bank = bank_with_twins();
    for round in 0..10 {
        let answers = together(|n| {
            let (owner, code) = TWINS[n % 3];
            let report = outcome(code)
                .person(somebody(round))
                .source(&format!("{round}-{n}"));
            bank.post(owner, report.build())
        });
        let credited: Vec<_> = answers
            .iter()
            .filter(|posted| !posted.lots.is_empty())
            .collect();
        assert_eq!(credited.len(), 1, "{answers:?}");
        for posted in answers.iter().filter(|posted| posted.lots.is_empty()) {
            let reason = posted.earned_nothing.unwrap();
            assert_eq!(posted.twin.is_some(), reason == ReasonCode::DuplicateName);
            assert!(posted.twin.is_some() || reason == ReasonCode::AlreadyCredited);
        }
        assert_eq!(bank.credits(credited[0].learner_no).0, "4.00");
    }
}

#[test]
fn a_list_that_is_loaded_while_twins_are_posted_is_seen_by_whoever_comes_after_it() {
    for round in 0..5 {
        let bank = bank();
        let twins = lists(vec![group("GS", "2025-01-01", None, &TWINS)], Vec::new());
        let answers = together(|n| {
            if n == 7 {
                load(&bank, &twins).unwrap();
                return None;
            }
            let (owner, code) = TWINS[n % 3];
            Some(
                bank.post(
                    owner,
                    outcome(code)
                        .person(somebody(round))
                        .source(&n.to_string())
                        .build(),
                ),
            )
        });
        let posted: Vec<_> = answers.into_iter().flatten().collect();
        let later = bank.post(
            SCHOOL,
            outcome("GS-X")
                .person(somebody(round))
                .source("late")
                .build(),
        );
        assert!(
            later.lots.is_empty(),
            "credited before or by the list: {posted:?}"
        );
        // Before the list each of the three courses may have been credited, after it none more.
        let lots = posted
            .iter()
            .filter(|posted| !posted.lots.is_empty())
            .count();
        assert!((1..=3).contains(&lots), "{posted:?}");
    }
}

#[test]
fn a_group_counts_on_its_days_and_sees_what_was_credited_before_it_was_loaded() {
    let bank = bank();
    let post = |owner: &str, code: &str, learner: u32, on: &str| {
        let report = outcome(code)
            .person(somebody(learner))
            .on(on)
            .source(&format!("{learner}{code}{on}"));
        bank.post(owner, report.build())
    };
    let before = post(UNIVERSITY, "GS1", 1, "2025-06-01");
    let twins = group("GS", "2025-01-01", Some("2025-12-31"), &TWINS);
    load(&bank, &lists(vec![twins], Vec::new())).unwrap();
    assert_eq!(before.lots.len(), 1);
    let reason = |posted: PostedOutcome| posted.earned_nothing;
    assert_eq!(
        reason(post(RECEIVING, "GS-A", 1, "2025-12-31")),
        Some(ReasonCode::DuplicateName)
    );
    assert_eq!(reason(post(SCHOOL, "GS-X", 1, "2026-01-01")), None);
    assert_eq!(reason(post(RECEIVING, "GS-A", 2, "2024-12-31")), None);
    assert_eq!(
        reason(post(SCHOOL, "GS-X", 2, "2025-01-01")),
        Some(ReasonCode::DuplicateName)
    );
}

#[test]
fn a_substitute_is_not_the_same_and_a_like_name_refuses_nobody() {
    let bank = bank();
    let stands = NewSubstitute {
        course: reference(RECEIVING, "GS-A"),
        stands_for: reference(UNIVERSITY, "GS1"),
        valid_from: day("2020-01-01"),
        valid_to: None,
    };
    let pack = lists(Vec::new(), vec![stands.clone()]);
    assert_eq!(load(&bank, &pack).unwrap(), (1, 0));
    assert_eq!(load(&bank, &pack).unwrap(), (0, 1));
    for (owner, code) in TWINS {
        let posted = bank.post(owner, outcome(code).person(somebody(1)).build());
        assert_eq!(posted.lots.len(), 1, "{code}");
    }
    let candidates = |on: &str| {
        let keeper = operator::<KeepRegister>();
        let found = same_names(bank.ledger(), &keeper, day(on)).unwrap();
        found
            .iter()
            .map(|one| (one.key.to_string(), one.courses.len()))
            .collect::<Vec<_>>()
    };
    assert_eq!(candidates("2026-01-01"), [("高等数学1".to_owned(), 3)]);
    let twins = group("GS", "2025-01-01", None, &TWINS);
    load(&bank, &lists(vec![twins], Vec::new())).unwrap();
    assert_eq!(candidates("2026-01-01"), []);
    assert_eq!(candidates("2024-12-31").len(), 1);
    // What ends differently is another statement.
    let ended = NewSubstitute {
        valid_to: Some(day("2030-01-01")),
        ..stands
    };
    assert_eq!(
        code_of(&load(&bank, &lists(Vec::new(), vec![ended]))),
        "REGISTERED_OTHERWISE"
    );
}

#[test]
fn once_the_credited_twin_is_withdrawn_the_other_can_be_posted_anew() {
    let bank = bank_with_twins();
    let report =
        |code: &str, source: &str| outcome(code).person(somebody(1)).source(source).build();
    let first = bank.post(UNIVERSITY, report("GS1", "one"));
    assert!(bank.post(RECEIVING, report("GS-A", "two")).lots.is_empty());
    // Corrected while the twin stands, it earns nothing again, and says beside what.
    let corrected = bank
        .try_change(RECEIVING, "two", Change::Correct(grade("90")))
        .unwrap();
    assert_eq!(
        twin_of(&corrected.successor.unwrap()),
        duplicate("90001 GS1 高等数学(一)")
    );
    let withdrawn = bank
        .try_change(UNIVERSITY, "one", Change::Withdraw)
        .unwrap();
    assert_eq!(bank.credits(first.learner_no).0, "0.00");
    let anew = bank.post(RECEIVING, report("GS-A", "three"));
    assert_eq!(anew.lots.len(), 1);
    // The withdrawal is undone: now the other one is the twin.
    bank.try_undo(withdrawn.correction_id).unwrap();
    assert_eq!(bank.credits(first.learner_no).0, "4.00");
}

mod lists;

#[test]
fn twins_that_two_accounts_had_before_they_were_merged_are_listed_for_a_human() {
    let bank = bank_with_twins();
    let post = |institution, code: &str, student: &str| {
        let report = outcome(code).student(student).build();
        bank.post(institution, report).learner_no
    };
    let one = post(UNIVERSITY, "GS1", "S1");
    let two = post(SCHOOL, "GS-X", "S2");
    let other = post(UNIVERSITY, "MATH101", "S3");
    let apart = bank.merge(one, other);
    assert_eq!(kit::open_collisions(&apart), []);
    let merge = bank.merge(one, two);
    let kinds = kit::open_collisions(&merge);
    assert_eq!(kinds, [CollisionKind::SameCourseCreditedTwice]);
    let figures = &merge.collisions[0].figures;
    assert_eq!(
        *figures,
        serde_json::json!({
            "list": "GS", "first_entry": "GS1", "second_entry": "GS-X", "unit": "credit",
            "first_issued": 400, "second_issued": 400,
        })
    );
    // The books stand as they are until somebody corrects them; a further twin earns nothing.
    assert_eq!(bank.credits(one).0, "12.00");
    let late = outcome("GS-A").student("S2").learner_no(one).build();
    let late = bank.post(RECEIVING, late);
    assert_eq!(late.earned_nothing, Some(ReasonCode::DuplicateName));
}
