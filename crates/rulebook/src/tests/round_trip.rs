use std::sync::LazyLock;

use creditbank_domain::amount::{Hundredths, Unit};
use creditbank_domain::catalogue::{Category, Level};
use creditbank_domain::conversion::{
    BookedGrade, CapShape, Document, Gives, MonthDay, Most, Ratio, Rounding,
};
use creditbank_domain::grade::{Grade, MinimumGrade};
use creditbank_domain::grading::{GradingScheme, Steps};
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::text::{CourseCode, InstitutionCode};
use proptest::prelude::*;
use proptest::sample::select;

use super::{day, good};
use crate::document::*;
use crate::fault::Places;
use crate::{canonical_json, diff, export, parse, schema};

fn text() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a", "Z", "0", "7", "-", "_", " ", ":", ": ", "#", " #", "'", "\"", "\\", "{", "}", "[",
        "]", ",", "&", "*", "!", "|", ">", "%", "@", "`", "?", "- ", "~", "null", "true", "1e3",
        ".5", "课", "程", "〔", "𠮷", "é", "\u{2028}", "\u{feff}", "\u{a0}", "/", "=", "<<",
    ]);
    proptest::collection::vec(piece, 0..6)
        .prop_map(|pieces| format!("x{}x", pieces.concat()))
        .prop_flat_map(|inner| {
            select(vec![
                inner.trim_matches('x').trim().to_owned(),
                inner.clone(),
                "true".to_owned(),
                "012".to_owned(),
            ])
        })
        .prop_filter("not empty", |text| !text.is_empty())
}

fn institution() -> impl Strategy<Value = InstitutionCode> {
    select(vec!["90002", "00123", "null", "a b", "甲:乙"])
        .prop_map(|code| InstitutionCode::new(code).unwrap())
}

fn amount() -> impl Strategy<Value = Hundredths> {
    (1_i64..10_000).prop_map(|value| Hundredths::new(value).unwrap())
}

fn level() -> impl Strategy<Value = Level> {
    (text(), 0_i16..100).prop_map(|(framework, value)| Level { framework, value })
}

fn entry() -> impl Strategy<Value = EntryRef> {
    // Never of the receiving institution: nothing here is about cycles.
    select(vec!["A", "B/2", "丙 3", "[x]"]).prop_map(|code| EntryRef {
        owner: InstitutionCode::new("95001").unwrap(),
        code: CourseCode::new(code).unwrap(),
    })
}

fn source() -> impl Strategy<Value = DocumentSource> {
    let lists = (
        proptest::collection::vec(entry(), 1..3),
        proptest::collection::vec(select(Category::ALL), 0..3),
        proptest::collection::vec(institution(), 0..3),
    );
    let plain = select(vec!["pass", "0", "59.99", "100"]);
    let grades = prop_oneof![
        plain.prop_map(|it| DocumentMinimum::Plain(it.parse::<MinimumGrade>().unwrap())),
        select(vec![("五级", "良好"), ("DE", "2.7")]).prop_map(|(scheme, grade)| {
            DocumentMinimum::InScheme {
                scheme: scheme.to_owned(),
                grade: grade.to_owned(),
            }
        }),
    ];
    let rest = (
        select(&Unit::ALL[..]),
        grades,
        proptest::option::of(level()),
        proptest::option::of(1_u32..1_200),
        proptest::option::of(amount()),
    );
    (lists, rest).prop_map(|((entries, categories, issuers), rest)| {
        let (unit, grade, level, earned_within_months, amount_at_least) = rest;
        DocumentSource {
            entries,
            categories,
            issuers,
            unit,
            minimum_grade: grade,
            level,
            earned_within_months,
            amount_at_least,
        }
    })
}

fn when() -> impl Strategy<Value = When> {
    source()
        .prop_map(When::Source)
        .prop_recursive(2, 8, 3, |inner| {
            let of = proptest::collection::vec(inner, 1..4);
            (of, 0..3).prop_map(|(of, kind)| match kind {
                0 => When::AllOf(of),
                1 => When::AnyOf(of),
                _ => When::AtLeast {
                    needed: u32::try_from(of.len()).unwrap(),
                    of,
                },
            })
        })
}

fn effect() -> impl Strategy<Value = DocumentEffect> {
    let gives = prop_oneof![
        Just(Gives::Course),
        amount().prop_map(Gives::Fixed),
        (1_u32.., 1_u32.., select(Rounding::ALL)).prop_map(|(upper, lower, rounding)| {
            Gives::Proportional {
                ratio: Ratio::new(upper, lower).unwrap(),
                rounding,
            }
        }),
    ];
    (gives, select(BookedGrade::ALL)).prop_map(|(gives, books)| DocumentEffect {
        course: CourseCode::new("C1").unwrap(),
        gives,
        books,
    })
}

fn cap() -> impl Strategy<Value = DocumentCap> {
    let shape = prop_oneof![
        Just(CapShape::Programme),
        Just(CapShape::Source),
        Just(CapShape::Institution),
        Just(CapShape::Period(vec![
            MonthDay::new(3, 1).unwrap(),
            MonthDay::new(12, 31).unwrap()
        ])),
        Just(CapShape::Certificate),
        Just(CapShape::Inside),
    ];
    let most = prop_oneof![
        amount().prop_map(Most::Credits),
        amount().prop_map(Most::Share)
    ];
    let categories = proptest::collection::vec(select(Category::ALL), 1..3);
    let institutions = proptest::collection::vec(institution(), 0..3);
    (shape, most, categories, institutions, proptest::bool::ANY).prop_map(
        |(shape, most, categories, institutions, of_part)| DocumentCap {
            code: "上限 1".to_owned(),
            shape,
            part: of_part.then(|| "P".to_owned()),
            categories,
            institutions,
            most,
        },
    )
}

fn expected(verdict: ExpectedVerdict, granted: Hundredths) -> Expected {
    let refused = matches!(verdict, ExpectedVerdict::Refused(_));
    let granted = if refused { Hundredths::ZERO } else { granted };
    Expected {
        total: Hundredths::ZERO,
        lines: vec![ExpectedLine {
            outcome: "乙 #1".to_owned(),
            rule: refused.then(|| "R".to_owned()),
            course: (!refused).then(|| CourseCode::new("C1").unwrap()),
            granted,
            verdict,
        }],
    }
}

fn test() -> impl Strategy<Value = DocumentTest> {
    let outcome = (
        entry(),
        proptest::option::of(institution()),
        select(Category::ALL),
        select(&Unit::ALL[..]),
        amount(),
        select(&TestState::ALL[..]),
        select(vec![
            ("passed", None),
            ("87.5", None),
            ("A+", None),
            ("fail", Some("五级")),
            ("4.3", Some("DE")),
        ]),
        proptest::option::of(level()),
    );
    let verdict = prop_oneof![
        Just(ExpectedVerdict::Granted),
        select(ReasonCode::ALL).prop_map(ExpectedVerdict::Cut),
        select(ReasonCode::ALL).prop_map(ExpectedVerdict::Refused),
    ];
    (text(), outcome, verdict, amount(), institution()).prop_map(
        |(name, outcome, verdict, granted, issuer)| {
            let (entry, of, category, unit, amount, state, grade, level) = outcome;
            let refused = matches!(verdict, ExpectedVerdict::Refused(_));
            DocumentTest {
                name,
                today: day("2024-02-29"),
                programme_credits: granted,
                outcomes: vec![TestOutcome {
                    id: "乙 #1".to_owned(),
                    entry,
                    issuer: of,
                    category,
                    unit,
                    amount,
                    state,
                    grade: grade.0.parse::<Grade>().unwrap(),
                    grading: grade.1.map(str::to_owned),
                    level,
                    awarded_on: day("1999-12-31"),
                }],
                history: vec![TestGrant {
                    course: CourseCode::new("old").unwrap(),
                    granted,
                    rests_on: vec![TestPast {
                        outcome: (!refused).then(|| "乙 #1".to_owned()),
                        category,
                        issuer,
                        awarded_on: day("2001-01-01"),
                    }],
                }],
                has: vec![CourseCode::new("old 2").unwrap()],
                expect: expected(verdict, granted),
            }
        },
    )
}

/// A part is taken of amounts of one unit only.
fn of_hours(when: &mut When) {
    match when {
        When::Source(source) => source.unit = Unit::Hour,
        When::AllOf(of) | When::AnyOf(of) | When::AtLeast { of, .. } => {
            of.iter_mut().for_each(of_hours);
        }
    }
}

fn part(course: CourseCode, credits: Hundredths) -> DocumentPart {
    DocumentPart {
        code: "P".to_owned(),
        title: "部分".to_owned(),
        credits: Some(credits),
        courses: vec![course],
        replaceable: true,
    }
}

fn schemes() -> Vec<GradingScheme> {
    let scheme = |code: &str, steps, pass: &str| GradingScheme {
        code: code.to_owned(),
        steps,
        pass: pass.to_owned(),
        source: String::new(),
    };
    let words = ["优秀", "良好", "中等", "及格", "不及格"].map(str::to_owned);
    let numbers = Steps::Numbers {
        worst: "5".parse().unwrap(),
        best: "1".parse().unwrap(),
    };
    vec![
        scheme("五级", Steps::Named(words.to_vec()), "及格"),
        scheme("DE", numbers, "4"),
    ]
}

fn document() -> impl Strategy<Value = RuleDocument> {
    let header = (
        institution(),
        text(),
        text(),
        text(),
        proptest::option::of(text()),
        2_u32..9,
    );
    let body = (
        when(),
        effect(),
        cap(),
        test(),
        amount(),
        proptest::bool::ANY,
    );
    (header, body).prop_map(|(header, body)| {
        let (receiving, code, number, title, note, people) = header;
        let (mut when, effect, cap, test, credits, flag) = body;
        if matches!(effect.gives, Gives::Proportional { .. }) {
            of_hours(&mut when);
        }
        let course = CourseCode::new("C1").unwrap();
        RuleDocument {
            receiving,
            code: code.clone(),
            programmes: if flag { Vec::new() } else { vec![code.clone()] },
            document: Document {
                number,
                title: title.clone(),
            },
            valid_from: day("2020-02-29"),
            valid_to: flag.then(|| day("2020-02-29")),
            approval: if flag {
                Approval::People(people)
            } else {
                Approval::Committee {
                    code,
                    quorum: people,
                }
            },
            source: note.map(|note| format!("{note}\n{note}")),
            example: flag,
            schemes: schemes(),
            courses: vec![DocumentCourse {
                code: course.clone(),
                title,
                credits,
            }],
            parts: vec![part(course, credits)],
            caps: vec![cap],
            rules: vec![DocumentRule {
                code: "R".to_owned(),
                when,
                gives: vec![effect],
            }],
            tests: vec![test],
            places: Places::default(),
        }
    })
}

static VALIDATOR: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| jsonschema::validator_for(&schema()).unwrap());

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 200 } else { 2_000 }))]

    #[test]
    fn what_is_written_reads_as_the_same(document in document()) {
        let yaml = export(&document);
        let read = parse(yaml.as_bytes());
        prop_assert_eq!(read.as_ref(), Ok(&document), "{}", yaml);
        let json = canonical_json(&document);
        let read = parse(json.as_bytes());
        prop_assert_eq!(read.as_ref(), Ok(&document), "{}", json);
        prop_assert_eq!(export(&parse(json.as_bytes()).unwrap()), yaml);
    }

    #[test]
    fn what_is_written_is_of_the_schema(document in document()) {
        let json: serde_json::Value = serde_json::from_str(&canonical_json(&document)).unwrap();
        let errors: Vec<String> = VALIDATOR.iter_errors(&json).map(|error| format!("{} {error}", error.instance_path())).collect();
        prop_assert!(errors.is_empty(), "{:?}", errors);
    }

    #[test]
    fn there_is_a_difference_exactly_where_the_checksums_differ(a in document(), b in document()) {
        prop_assert_eq!(diff(&a, &b).is_empty(), a.checksum() == b.checksum());
        prop_assert_eq!(diff(&a, &b).is_empty(), a == b);
        prop_assert!(diff(&a, &a).is_empty());
    }
}

#[test]
fn the_exported_form_is_one_that_people_would_write() {
    let yaml = export(&good());
    assert!(
        yaml.starts_with("format: 1\nreceiving: \"90002\"\ncode: R-T\n"),
        "{yaml}"
    );
    assert!(
        yaml.contains("\n  - {code: C2, title: 课程二, credits: \"3.50\"}\n"),
        "{yaml}"
    );
    assert!(
        yaml.lines().all(|line| line.chars().count() <= 100),
        "{yaml}"
    );
}

#[test]
fn the_checksum_is_of_what_is_said() {
    let sum = good().checksum();
    assert_eq!(sum.to_string().len(), 64);
    assert_eq!(super::read(&canonical_json(&good())).checksum(), sum);
    let other = super::read(&super::with("percent: 35", "percent: 36"));
    assert_ne!(other.checksum(), sum);
}
