use proptest::prelude::*;

use super::*;
use crate::amount::Hundredths;

fn score(text: &str) -> Grade {
    Grade::Score(text.parse().unwrap())
}

fn word(word: GradeWord) -> Grade {
    Grade::Word(word)
}

/// Asserts the grade, or the code; `None` is a result that is not there yet.
fn check(cell: &str, marks: &[&str], expected: Result<Option<Grade>, &str>) {
    let read = read_grade(cell, marks)
        .map_err(GradeError::code)
        .map(|reading| match reading {
            GradeReading::Achieved(grade) => Some(grade),
            GradeReading::NotYet => None,
        });
    assert_eq!(read, expected, "{cell:?} {marks:?}");
}

#[test]
fn the_rows_of_a_qiangzhi_export_are_read() {
    let row = |cell: &str, mark: &str, nature: &str, expected, attempt| {
        check(cell, &[mark, nature], Ok(expected));
        assert_eq!(
            read_attempt(&[mark, nature]),
            attempt,
            "{mark:?} {nature:?}"
        );
    };
    row("87", "", "正常考试", Some(score("87")), Attempt::First);
    row(
        "良好",
        "",
        "正常考试",
        Some(word(GradeWord::Good)),
        Attempt::First,
    );
    row("通过", "", "正常考试", Some(Grade::Passed), Attempt::First);
    row("52", "", "正常考试", Some(score("52")), Attempt::First);
    row("85.5 分", "", "", Some(score("85.5")), Attempt::First);
    row("68", "补考", "补考一", Some(score("68")), Attempt::Resit);
    row("", "缺考", "正常考试", Some(Grade::Absent), Attempt::First);
    row("", "缓考", "正常考试", None, Attempt::First);
    row(
        "0",
        "作弊",
        "正常考试",
        Some(Grade::Cheated),
        Attempt::First,
    );
    row("免修", "", "免修", Some(Grade::Exempted), Attempt::First);
    row(
        "优秀",
        "",
        "正常考试",
        Some(word(GradeWord::Excellent)),
        Attempt::First,
    );
    row(
        "８５",
        "学分认定",
        "认定",
        Some(score("85")),
        Attempt::First,
    );
}

#[test]
fn grade_cells_are_read_exactly_or_refused() {
    let ok = |cell: &str, grade| check(cell, &[], Ok(Some(grade)));
    ok("0", score("0"));
    ok(" 100.00　", score("100"));
    ok("８５．５", score("85.5"));
    ok("中等", word(GradeWord::Medium));
    ok("及格", word(GradeWord::Pass));
    ok("不及格", word(GradeWord::Fail));
    ok("合格", Grade::Passed);
    ok("Ｐ", Grade::Passed);
    ok("np", Grade::NotPassed);
    ok("不合格", Grade::NotPassed);
    ok("A＋", Grade::Letter(Letter::APlus));
    ok("b−", Grade::Letter(Letter::BMinus));
    ok("F", Grade::Letter(Letter::F));
    ok("Distinction", Grade::Distinction);
    ok("PASS", Grade::Passed);
    ok("Fail", Grade::NotPassed);
    ok("Withdrawn", Grade::Withdrawn);
    ok("免考", Grade::Exempted);
    ok("旷考", Grade::Absent);
    ok("舞弊", Grade::Cheated);
    ok("取消", Grade::Cancelled);
    check("缓补", &[], Ok(None));
    let refused = |cell: &str, code| check(cell, &[], Err(code));
    refused("", "GRADE_MISSING");
    refused(" 　", "GRADE_MISSING");
    refused("——", "GRADE_MISSING");
    refused("补考", "GRADE_MISSING");
    refused("100.01", "GRADE_OUT_OF_RANGE");
    refused("101", "GRADE_OUT_OF_RANGE");
    refused("99999999999999999999", "GRADE_OUT_OF_RANGE");
    refused("-1", "GRADE_OUT_OF_RANGE");
    refused("85.555", "GRADE_TOO_PRECISE");
    refused("85分制", "GRADE_UNKNOWN");
    refused("8 5", "GRADE_UNKNOWN");
    refused("8.5E1", "GRADE_UNKNOWN");
    refused("E", "GRADE_UNKNOWN");
    refused("缺考(0)", "GRADE_UNKNOWN");
    refused("张三", "GRADE_UNKNOWN");
}

#[test]
fn the_strongest_of_cell_and_marks_counts() {
    let ok = |cell: &str, marks: &[&str], grade| check(cell, marks, Ok(grade));
    ok("85", &["作弊"], Some(Grade::Cheated));
    ok("缺考", &["作弊"], Some(Grade::Cheated));
    ok("缓考", &["取消"], Some(Grade::Cancelled));
    ok("85", &["取消"], Some(Grade::Cancelled));
    ok("0", &["缓考"], None);
    ok("缺考", &["缓考"], None);
    ok("0", &["旷考"], Some(Grade::Absent));
    ok("免修", &["缺考"], Some(Grade::Absent));
    ok("0", &["免修"], Some(score("0")));
    ok("不合格", &["认定"], Some(Grade::NotPassed));
    ok("", &["", "免考"], Some(Grade::Exempted));
    ok("—", &["认定"], Some(Grade::Exempted));
    ok("补考", &["缺考"], Some(Grade::Absent));
    ok("78", &["补考、作弊"], Some(Grade::Cheated));
    // A mark excuses no grade cell that is not understood.
    check("??", &["作弊"], Err("GRADE_UNKNOWN"));
    check("", &["正常考试"], Err("GRADE_MISSING"));
    check("", &["通过"], Err("GRADE_MISSING"));
}

#[test]
fn unknown_marks_are_ignored_unless_they_qualify_one_that_decides() {
    check(
        "78",
        &["体育俱乐部", "缓考申请未批准"],
        Ok(Some(score("78"))),
    );
    check("78", &["缓考 未批准"], Err("GRADE_UNKNOWN"));
    check("", &["缺考（病假）"], Err("GRADE_UNKNOWN"));
    check("85", &["认定（省级）"], Ok(Some(score("85"))));
    check("", &["认定（省级）"], Err("GRADE_UNKNOWN"));
    check("85", &["作弊，记过", "作弊"], Ok(Some(Grade::Cheated)));
}

#[test]
fn attempts_are_read_from_whole_words() {
    let attempt = |marks: &[&str], expected| assert_eq!(read_attempt(marks), expected, "{marks:?}");
    attempt(&[], Attempt::First);
    attempt(&["", "正常"], Attempt::First);
    attempt(&["补考二"], Attempt::Resit);
    attempt(&["补考（一）"], Attempt::Resit);
    attempt(&["补考２"], Attempt::Resit);
    attempt(&["重修"], Attempt::Retake);
    attempt(&["补考", "重修一"], Attempt::Retake);
    attempt(&["重修补考"], Attempt::Retake);
    attempt(&["缺考,补考"], Attempt::Resit);
    attempt(&["重修费已交", "补考申请"], Attempt::First);
    attempt(&["二次补考"], Attempt::Resit);
    attempt(&["清考"], Attempt::Resit);
    attempt(&["毕业前补考"], Attempt::Resit);
    attempt(&["再修"], Attempt::Retake);
    attempt(&["正常考试", "刷分"], Attempt::Retake);
    attempt(&["正考"], Attempt::First);
}

#[test]
fn grades_meet_a_minimum_by_the_stated_table() {
    let reaches = |grade: Grade, least: &str, above: &str| {
        assert!(grade.passes(least.parse().unwrap()), "{grade} {least}");
        assert!(!grade.passes(above.parse().unwrap()), "{grade} {above}");
    };
    reaches(score("60"), "pass", "60.01");
    reaches(score("59.99"), "59.99", "pass");
    reaches(word(GradeWord::Excellent), "90", "90.01");
    reaches(word(GradeWord::Good), "80", "80.01");
    reaches(word(GradeWord::Medium), "70", "70.01");
    reaches(word(GradeWord::Pass), "pass", "60.01");
    reaches(Grade::Letter(Letter::APlus), "90", "90.01");
    reaches(Grade::Letter(Letter::BMinus), "80", "80.01");
    reaches(Grade::Letter(Letter::C), "70", "70.01");
    reaches(Grade::Letter(Letter::DMinus), "pass", "60.01");
    reaches(Grade::Passed, "pass", "60.01");
    reaches(Grade::Distinction, "pass", "60.01");
    reaches(Grade::Exempted, "pass", "60.01");
    for grade in [
        word(GradeWord::Fail),
        Grade::Letter(Letter::F),
        Grade::NotPassed,
        Grade::Absent,
        Grade::Cheated,
        Grade::Cancelled,
        Grade::Withdrawn,
    ] {
        assert!(!grade.passes("0".parse().unwrap()), "{grade}");
    }
}

#[test]
fn texts_are_stable() {
    let text = |grade: Grade, name: &str, zh: &str| {
        assert_eq!(
            (grade.to_string(), grade.zh()),
            (name.to_owned(), zh.to_owned())
        );
    };
    text(score("87"), "87.00", "87.00");
    text(word(GradeWord::Excellent), "excellent", "优秀");
    text(word(GradeWord::Pass), "pass", "及格");
    text(Grade::Letter(Letter::AMinus), "A-", "A-");
    text(Grade::Passed, "passed", "通过");
    text(Grade::NotPassed, "not_passed", "不通过");
    text(Grade::Distinction, "distinction", "优异通过");
    text(Grade::Exempted, "exempted", "免修");
    text(Grade::Absent, "absent", "缺考");
    text(Grade::Cheated, "cheated", "作弊");
    text(Grade::Cancelled, "cancelled", "取消");
    text(Grade::Withdrawn, "withdrawn", "退修");
    assert_eq!("Excellent".parse::<Grade>(), Err(GradeError::UnknownWord));
    assert_eq!("".parse::<Grade>(), Err(GradeError::Missing));
    for attempt in Attempt::ALL {
        assert_eq!(attempt.as_str().parse(), Ok(attempt));
    }
    assert_eq!("again".parse::<Attempt>(), Err(GradeError::UnknownAttempt));
}

fn any_score() -> impl Strategy<Value = Score> {
    (0..=10_000_i64).prop_map(|it| Score::new(Hundredths::new(it).unwrap()).unwrap())
}

fn any_grade() -> impl Strategy<Value = Grade> {
    prop_oneof![
        any_score().prop_map(Grade::Score),
        prop::sample::select(&GradeWord::ALL[..]).prop_map(Grade::Word),
        prop::sample::select(&Letter::ALL[..]).prop_map(Grade::Letter),
        prop::sample::select(&Grade::NAMED[..]).prop_map(|(grade, ..)| grade),
    ]
}

proptest! {
    #[test]
    fn what_is_written_reads_back(grade in any_grade()) {
        prop_assert_eq!(grade.to_string().parse(), Ok(grade));
    }

    #[test]
    fn a_minimum_reads_back(score in any_score()) {
        for minimum in [MinimumGrade::Pass, MinimumGrade::Score(score)] {
            prop_assert_eq!(minimum.to_string().parse(), Ok(minimum));
        }
    }

    #[test]
    fn what_passes_a_minimum_passes_every_lower_one(
        grade in any_grade(), a in any_score(), b in any_score(),
    ) {
        let (low, high) = (a.min(b), a.max(b));
        if grade.passes(MinimumGrade::Score(high)) {
            prop_assert!(grade.passes(MinimumGrade::Score(low)));
        }
    }

    #[test]
    fn a_score_above_100_is_refused(hundredths in 10_001..=Hundredths::MAX.get()) {
        let amount = Hundredths::new(hundredths).unwrap();
        prop_assert_eq!(Score::new(amount), Err(GradeError::OutOfRange));
        prop_assert_eq!(amount.to_string().parse::<Score>(), Err(GradeError::OutOfRange));
    }

    #[test]
    fn a_decisive_mark_beats_every_score(
        score in any_score(), mark in prop::sample::select(vec!["作弊", "取消", "缓考", "缺考"]),
    ) {
        let read = read_grade(&score.to_string(), &[mark]).unwrap();
        prop_assert_ne!(read, GradeReading::Achieved(Grade::Score(score)));
    }

    #[test]
    fn no_text_panics(cell in "\\PC{0,12}", mark in "\\PC{0,12}") {
        let _ = read_grade(&cell, &[&mark]);
        let _ = read_attempt(&[&mark]);
        let _ = cell.parse::<Grade>();
    }
}
