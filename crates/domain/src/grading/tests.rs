use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn named(code: &str, steps: &[&str], pass: &str) -> GradingScheme {
    GradingScheme {
        code: code.to_owned(),
        steps: Steps::Named(steps.iter().map(|step| (*step).to_owned()).collect()),
        pass: pass.to_owned(),
        source: "a test".to_owned(),
    }
}

fn numbers(code: &str, worst: &str, best: &str, pass: &str) -> GradingScheme {
    GradingScheme {
        steps: Steps::Numbers {
            worst: worst.parse().unwrap(),
            best: best.parse().unwrap(),
        },
        ..named(code, &[], pass)
    }
}

pub(crate) fn five() -> GradingScheme {
    named("CN5", &["优秀", "良好", "中等", "及格", "不及格"], "及格")
}

pub(crate) fn hundred() -> GradingScheme {
    numbers("CN100", "0", "100", "60")
}

pub(crate) fn german() -> GradingScheme {
    numbers("DE", "5", "1", "4")
}

pub(crate) fn table() -> ComparisonTable {
    let row = |from: &str, to: &str, equals: &str| ComparisonRow {
        from: from.to_owned(),
        to: to.to_owned(),
        equals: equals.to_owned(),
    };
    ComparisonTable {
        code: "T".to_owned(),
        from: "DE".to_owned(),
        to: "CN5".to_owned(),
        document_number: "例〔2025〕1号".to_owned(),
        valid_from: day("2025-01-01"),
        valid_to: Some(day("2025-12-31")),
        rows: vec![
            row("1.5", "1", "优秀"),
            row("2.5", "1.6", "良好"),
            row("4", "3.6", "及格"),
        ],
    }
}

fn german_against(grade: &str, minimum: &str, on: &str) -> Comparison {
    compare((grade, &german()), (minimum, &five()), &[table()], day(on))
}

#[test]
fn grades_of_one_scheme_compare_by_their_order() {
    let check = |scheme: &GradingScheme, grade, minimum, wanted| {
        let found = compare((grade, scheme), (minimum, scheme), &[], day("2025-06-01"));
        assert_eq!(found, wanted, "{grade} {minimum}");
    };
    check(&five(), "良好", "中等", Comparison::Passes(None));
    check(&five(), "中等", "良好", Comparison::Fails(None));
    check(&german(), "1.3", "2", Comparison::Passes(None));
    check(&german(), "2.01", "2", Comparison::Fails(None));
    check(&hundred(), "60.00", "60", Comparison::Passes(None));
    assert!(german().passes("4.0") && !german().passes("4.1") && !german().passes("6"));
    assert!(five().passes("及格") && !five().passes("不及格") && !five().passes("优"));
}

fn score(text: &str) -> Grade {
    Grade::Score(text.parse().unwrap())
}

#[test]
fn a_scheme_admits_its_own_grades_and_what_is_no_grade_of_any() {
    for scheme in [five(), hundred(), german()] {
        for beside in [
            Grade::Exempted,
            Grade::Absent,
            Grade::Cheated,
            Grade::Withdrawn,
        ] {
            assert!(scheme.admits(beside), "{beside} {}", scheme.code);
        }
        assert!(!scheme.admits(Grade::Passed) && !scheme.admits("A".parse().unwrap()));
    }
    assert!(five().admits("good".parse().unwrap()) && !five().admits(score("85")));
    assert!(german().admits(score("1.3")) && german().admits(score("5")));
    assert!(!german().admits(score("0.99")) && !german().admits(score("5.01")));
    assert!(!german().admits("good".parse().unwrap()));
    assert_eq!(
        five().step_of("excellent".parse().unwrap()).unwrap(),
        "优秀"
    );
}

#[test]
fn a_scheme_says_what_earns_whichever_way_its_numbers_run() {
    let earns = |scheme: GradingScheme, grade: Grade, minimum: &str| {
        scheme.earns(grade, minimum.parse().unwrap())
    };
    assert!(earns(german(), score("4"), "pass") && !earns(german(), score("4.01"), "pass"));
    assert!(earns(german(), score("2"), "2") && !earns(german(), score("2.1"), "2"));
    // A minimum never makes a fail earn.
    assert!(earns(german(), score("4"), "5") && !earns(german(), score("4.5"), "5"));
    assert!(earns(hundred(), score("60"), "0") && !earns(hundred(), score("59.99"), "0"));
    assert!(earns(five(), "pass".parse().unwrap(), "pass"));
    assert!(!earns(five(), "fail".parse().unwrap(), "pass"));
    assert!(earns(german(), Grade::Exempted, "pass") && !earns(german(), Grade::Exempted, "2"));
    assert!(!earns(german(), Grade::Absent, "pass"));
    assert!(five().has_minimum("pass".parse().unwrap()));
    assert!(!five().has_minimum("60".parse().unwrap()));
    assert!(german().has_minimum("4".parse().unwrap()));
    assert!(!german().has_minimum("60".parse().unwrap()));
}

#[test]
fn grades_of_two_schemes_compare_only_by_a_stated_table() {
    let by_table = || Some("T".to_owned());
    let check =
        |grade, minimum, wanted| assert_eq!(german_against(grade, minimum, "2025-06-01"), wanted);
    check("1.3", "良好", Comparison::Passes(by_table()));
    check("2.5", "良好", Comparison::Passes(by_table()));
    check("2.5", "优秀", Comparison::Fails(by_table()));
    check("4.0", "及格", Comparison::Passes(by_table()));
    let why = |grade, minimum, on| match german_against(grade, minimum, on) {
        Comparison::NotComparable(why) => why.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        why("3.0", "及格", "2025-06-01"),
        "table T says nothing of 3.0"
    );
    assert_eq!(
        why("1.3", "良好", "2026-01-01"),
        "no table in force leads from DE to CN5"
    );
    assert_eq!(why("1.3", "B", "2025-06-01"), "B is no grade of CN5");
    assert_eq!(why("0.7", "良好", "2025-06-01"), "0.7 is no grade of DE");
    // In the other direction nobody stated anything, and two tables are never chained.
    let back = compare(
        ("优秀", &five()),
        ("2", &german()),
        &[table()],
        day("2025-06-01"),
    );
    assert!(matches!(
        back,
        Comparison::NotComparable(Incomparable::NoTable { .. })
    ));
    let second = ComparisonTable {
        code: "U".to_owned(),
        ..table()
    };
    let both = compare(
        ("1", &german()),
        ("优秀", &five()),
        &[table(), second],
        day("2025-06-01"),
    );
    assert!(matches!(
        both,
        Comparison::NotComparable(Incomparable::SeveralTables(..))
    ));
}

#[test]
fn schemes_and_tables_that_hold_no_order_are_refused() {
    assert_eq!(five().check(), Ok(()));
    assert_eq!(german().check(), Ok(()));
    assert!(named("X", &["A", "A"], "A").check().is_err());
    assert!(named("X", &["A"], "A").check().is_err());
    assert!(named("X", &["A", "B"], "C").check().is_err());
    assert!(numbers("X", "1", "1", "1").check().is_err());
    let not_recorded =
        |scheme: GradingScheme| matches!(scheme.check(), Err(SchemeFault::NotRecorded { .. }));
    assert!(not_recorded(named("X", &["HD", "D", "F"], "D")));
    assert!(not_recorded(numbers("X", "0", "110", "66")));
    // 优 and 优秀 are one grade, so they have no order.
    assert!(named("X", &["优秀", "优", "及格"], "及格").check().is_err());
    assert_eq!(named("X", &["通过", "不通过"], "通过").check(), Ok(()));
    let refused = |change: fn(&mut ComparisonTable)| {
        let mut table = table();
        change(&mut table);
        table.check(&german(), &five()).unwrap_err()
    };
    assert_eq!(table().check(&german(), &five()), Ok(()));
    assert_eq!(
        refused(|table| table.rows[1].to = "1.5".to_owned()),
        SchemeFault::Overlap("T".to_owned())
    );
    assert_eq!(
        refused(|table| table.rows[0].from = "0.9".to_owned()).to_string(),
        "0.9 is no grade of DE"
    );
    assert_eq!(
        refused(|table| table.rows[0].equals = "A".to_owned()).to_string(),
        "A is no grade of CN5"
    );
    let backwards = refused(|table| table.valid_to = table.valid_from.pred_opt());
    assert_eq!(backwards, SchemeFault::EndsBeforeItBegins("T".to_owned()));
    let wrong_way = refused(|table| {
        (table.rows[0].from, table.rows[0].to) = ("1".to_owned(), "1.5".to_owned())
    });
    assert_eq!(wrong_way, SchemeFault::Overlap("T".to_owned()));
}

fn counts(grades: &[&str], counts: &[u32]) -> Distribution {
    let pairs = grades.iter().zip(counts);
    Distribution {
        counts: pairs
            .map(|(grade, count)| ((*grade).to_owned(), *count))
            .collect(),
    }
}

const LETTERS: [&str; 5] = ["A", "B", "C", "D", "F"];
const WORDS: [&str; 5] = ["优秀", "良好", "中等", "及格", "不及格"];

fn letters() -> GradingScheme {
    named("L", &LETTERS, "D")
}

fn advised(grade: &str, ours: &[u32], theirs: &[u32]) -> Result<(String, Method), AdviceError> {
    let (ours, theirs) = (counts(&LETTERS, ours), counts(&WORDS, theirs));
    advise(grade, (&letters(), &ours), (&five(), &theirs)).map(|it| (it.grade, it.method))
}

#[test]
fn what_covers_half_of_the_stretch_is_advised_else_what_holds_its_middle() {
    let is = |grade: &str, method| Ok((grade.to_owned(), method));
    // A 10 % of 100; 优秀 20 % of 50: A lies whole in it. B is 10–40 %, 良好 20–60 %.
    let (ours, theirs) = ([10, 30, 40, 20, 7], [10, 20, 10, 10, 99]);
    assert_eq!(advised("A", &ours, &theirs), is("优秀", Method::Overlap));
    assert_eq!(advised("B", &ours, &theirs), is("良好", Method::Overlap));
    // C is 40–80 %: half in 良好, half in 中等; the better one.
    assert_eq!(advised("C", &ours, &theirs), is("良好", Method::Overlap));
    assert_eq!(advised("D", &ours, &theirs), is("及格", Method::Overlap));
    // One grade for all of them: 30 %, 40 %, 30 % cover no half; the middle lies in 良好.
    let pass_only = [0, 0, 0, 9, 1];
    assert_eq!(
        advised("D", &pass_only, &[3, 4, 3, 0, 5]),
        is("良好", Method::MidPoint)
    );
    let distributions = (
        counts(&LETTERS, &pass_only),
        counts(&WORDS, &[1, 1, 1, 0, 5]),
    );
    let advice = advise(
        "D",
        (&letters(), &distributions.0),
        (&five(), &distributions.1),
    )
    .unwrap();
    let shares: Vec<_> = advice
        .shares
        .iter()
        .map(|share| share.percent.to_string())
        .collect();
    assert_eq!(
        (shares, advice.totals),
        (vec!["33.33".to_owned(); 3], (9, 3))
    );
}

#[test]
fn what_the_distributions_say_nothing_of_is_not_advised() {
    let refused = |grade, ours: &[u32]| advised(grade, ours, &[1, 1, 1, 1, 1]).unwrap_err();
    let f = AdviceError::NotPassing("F".to_owned());
    assert_eq!(refused("F", &[1, 1, 1, 1, 1]), f);
    assert_eq!(
        refused("A", &[0, 1, 1, 1, 1]),
        AdviceError::NeverGiven("A".to_owned())
    );
    assert!(matches!(
        refused("E", &[1, 1, 1, 1, 1]),
        AdviceError::Grade(_)
    ));
    assert_eq!(
        refused("A", &[0, 0, 0, 0, 9]),
        AdviceError::Empty("L".to_owned())
    );
    let nobody = advised("A", &[1, 1, 1, 1, 1], &[0, 0, 0, 0, 9]);
    assert_eq!(nobody, Err(AdviceError::Empty("CN5".to_owned())));
    let twice = Distribution {
        counts: vec![("1.0".to_owned(), 1), ("1".to_owned(), 2)],
    };
    let found = advise("1", (&german(), &twice), (&german(), &twice));
    assert_eq!(found, Err(AdviceError::CountedTwice("1".to_owned())));
}

proptest! {
    #[test]
    fn a_better_grade_never_fails_where_a_worse_one_of_its_scheme_passes(
        one in 100_i64..=500, other in 100_i64..=500, least in 0_usize..5
    ) {
        let grade = |it: i64| score(&Hundredths::new(it).unwrap().to_string());
        let reaches = |it: i64| {
            let graded = SchemeGrade::of(grade(it), &german(), &[table()], day("2025-06-01"));
            graded.reaches(WORDS[least], &five()).ok().map(|(reached, _)| reached)
        };
        let (better, worse) = (one.min(other), one.max(other));
        if let (Some(better), Some(worse)) = (reaches(better), reaches(worse)) {
            prop_assert!(better || !worse);
        }
    }

    #[test]
    fn a_better_grade_is_never_advised_as_a_worse_one(
        ours in prop::collection::vec(1_u32..1000, 4), theirs in prop::collection::vec(0_u32..1000, 4)
    ) {
        prop_assume!(theirs.iter().sum::<u32>() > 0);
        let places: Vec<i64> = LETTERS[..4].iter().map(|grade| {
            five().place(&advised(grade, &ours, &theirs).unwrap().0).unwrap()
        }).collect();
        prop_assert!(places.is_sorted_by(|one, two| one >= two), "{places:?}");
    }

    #[test]
    fn one_distribution_advises_every_grade_as_itself_whatever_its_size(
        shape in prop::collection::vec(1_u32..1000, 4), times in 1_u32..1000
    ) {
        let larger: Vec<u32> = shape.iter().map(|count| count * times).collect();
        for (letter, word) in LETTERS[..4].iter().zip(WORDS) {
            let found = advised(letter, &shape, &larger).unwrap();
            prop_assert_eq!(found, (word.to_owned(), Method::Overlap));
        }
    }

    #[test]
    fn the_shares_of_a_grade_add_up_to_all_of_it(
        ours in prop::collection::vec(1_u32..1000, 4), theirs in prop::collection::vec(1_u32..1000, 4)
    ) {
        let distributions = (counts(&LETTERS, &ours), counts(&WORDS, &theirs));
        let advice = advise("B", (&letters(), &distributions.0), (&five(), &distributions.1)).unwrap();
        let sum: i64 = advice.shares.iter().map(|share| share.percent.get()).sum();
        // Each is rounded down by less than a hundredth.
        prop_assert!((9_996..=10_000).contains(&sum), "{sum}");
    }
}
