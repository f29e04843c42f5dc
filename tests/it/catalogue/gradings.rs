//! Grading schemes: registered, attached to versions, and asked of every grade.

use creditbank_domain::conversion::Document;
use creditbank_domain::fault::Fault;
use creditbank_domain::grade::MinimumGrade;
use creditbank_domain::grading::{ComparisonRow, ComparisonTable, GradingScheme, Steps};
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{
    Gradings, NewCatalogueVersion, NewDefaultScheme, PostAnswer, RegisterCounts, VersionDetails,
    register_gradings,
};
use kit::{SCHOOL, TestBank, UNIVERSITY, course, day, keeper, outcome};

use super::refused;

/// The five words, and the numbers from 5.0 to 1.0, with a table between them.
pub(crate) fn gradings() -> Gradings {
    let scheme = |code: &str, steps, pass: &str| GradingScheme {
        code: code.to_owned(),
        steps,
        pass: pass.to_owned(),
        source: "测试".to_owned(),
    };
    let words = ["优秀", "良好", "中等", "及格", "不及格"].map(str::to_owned);
    let numbers = Steps::Numbers {
        worst: kit::hundredths("5"),
        best: kit::hundredths("1"),
    };
    Gradings {
        document: Document {
            number: "成绩对照〔2025〕2号".to_owned(),
            title: "成绩对照表".to_owned(),
        },
        schemes: vec![
            scheme("CN5", Steps::Named(words.to_vec()), "及格"),
            scheme("DE", numbers, "4.0"),
        ],
        tables: vec![table("DE-CN5", "2020-01-01", None)],
        defaults: Vec::new(),
    }
}

pub(crate) fn table(code: &str, from: &str, to: Option<&str>) -> ComparisonTable {
    let row = |from: &str, to: &str, equals: &str| ComparisonRow {
        from: from.to_owned(),
        to: to.to_owned(),
        equals: equals.to_owned(),
    };
    ComparisonTable {
        code: code.to_owned(),
        from: "DE".to_owned(),
        to: "CN5".to_owned(),
        document_number: "成绩对照〔2025〕2号".to_owned(),
        valid_from: day(from),
        valid_to: to.map(day),
        rows: vec![
            row("1.5", "1", "优秀"),
            row("2.5", "1.6", "良好"),
            row("4", "2.6", "及格"),
        ],
    }
}

pub(crate) fn load(bank: &TestBank, gradings: &Gradings) -> Result<RegisterCounts, Fault> {
    let loaded = register_gradings(bank.ledger(), &keeper(), gradings, bank.now());
    loaded.map_err(|error| match error {
        LedgerError::Refused(fault) | LedgerError::Conflict(fault) => fault,
        other => panic!("{other:?}"),
    })
}

pub(crate) fn graded(owner: &str, number: &str, scheme: &str) -> NewCatalogueVersion {
    NewCatalogueVersion {
        details: VersionDetails {
            grading: Some(scheme.to_owned()),
            ..VersionDetails::default()
        },
        ..course(owner, number, "6.00")
    }
}

fn rejected(bank: &TestBank, report: kit::OutcomeBuilder) -> Fault {
    match bank
        .try_post(UNIVERSITY, &[report.build()])
        .unwrap()
        .remove(0)
    {
        PostAnswer::Rejected(fault) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_grade_outside_the_versions_scheme_is_refused_with_its_grades_and_changes_nothing() {
    let bank = TestBank::start();
    load(&bank, &gradings()).unwrap();
    bank.publish(&[
        graded(UNIVERSITY, "WORD", "CN5"),
        graded(UNIVERSITY, "NUMBER", "DE"),
    ]);
    let fault = rejected(&bank, outcome("WORD").grade("85"));
    assert_eq!(fault.code, "GRADE_NOT_IN_SCHEME");
    assert!(
        fault.zh.contains("CN5: 优秀、良好、中等、及格、不及格"),
        "{}",
        fault.zh
    );
    assert!(
        fault.en.contains("grading scheme") && fault.en.contains("CN5"),
        "{}",
        fault.en
    );
    let fault = rejected(&bank, outcome("NUMBER").grade("5.01"));
    assert_eq!(fault.code, "GRADE_NOT_IN_SCHEME");
    assert!(fault.en.contains("DE: 5.00 – 1.00"), "{}", fault.en);
    let rows = bank
        .database()
        .sql("select count(*) from outcomes")
        .unwrap();
    assert_eq!(rows.trim(), "0");
    // The nearest grades that are of the scheme, the worst that passes and the best that does not.
    let earned = |code: &str, student: &str, grade: &str| {
        let report = outcome(code).student(student).grade(grade).build();
        bank.post(UNIVERSITY, report).earned_nothing
    };
    assert_eq!(earned("WORD", "S1", "pass"), None);
    assert_eq!(earned("WORD", "S2", "fail"), Some(ReasonCode::GradeTooLow));
    assert_eq!(earned("NUMBER", "S1", "4"), None);
    assert_eq!(
        earned("NUMBER", "S2", "4.01"),
        Some(ReasonCode::GradeTooLow)
    );
    assert_eq!(earned("NUMBER", "S3", "exempted"), None);
    // The same figure without a scheme is a score, and far from a pass.
    let plain = outcome("MATH101").student("S1").grade("4").build();
    let plain = bank.post(UNIVERSITY, plain);
    assert_eq!(plain.earned_nothing, Some(ReasonCode::GradeTooLow));
}

#[test]
fn loading_again_changes_nothing_and_a_table_ends_once_before_another_takes_its_place() {
    let bank = TestBank::start();
    let pack = gradings();
    assert_eq!(load(&bank, &pack).unwrap().added, 3);
    assert_eq!(load(&bank, &pack).unwrap().already_there, 3);
    let code = |pack: &Gradings| load(&bank, pack).unwrap_err().code;
    let mut other = pack.clone();
    other.schemes[1].pass = "3.0".to_owned();
    assert_eq!(code(&other), "REGISTERED_OTHERWISE");
    let mut other = pack.clone();
    other.tables[0].rows[0].equals = "良好".to_owned();
    assert_eq!(code(&other), "REGISTERED_OTHERWISE");
    let second = Gradings {
        tables: vec![table("DE-CN5-2", "2026-01-01", None)],
        ..pack.clone()
    };
    assert_eq!(code(&second), "GRADING_TABLE_RIVAL");
    let ended = Gradings {
        tables: vec![table("DE-CN5", "2020-01-01", Some("2025-12-31"))],
        ..pack.clone()
    };
    assert_eq!(load(&bank, &ended).unwrap().added, 1);
    assert_eq!(load(&bank, &second).unwrap().added, 1);
    assert_eq!(code(&pack), "REGISTERED_OTHERWISE", "an end is said once");
    let mut unknown = pack.clone();
    unknown.schemes.clear();
    unknown.tables = vec![ComparisonTable {
        from: "XX".to_owned(),
        ..table("XX-CN5", "2020-01-01", None)
    }];
    assert_eq!(code(&unknown), "GRADING_SCHEME_UNKNOWN");
    // The database refuses the same, whoever asks.
    for (attack, expected) in [
        ("update grading_schemes set pass = '1'", "is refused"),
        ("delete from grading_table_rows", "is refused"),
        (
            "update grading_table_rows set equals = '优秀'",
            "is refused",
        ),
        (
            "update grading_tables set valid_from = '2000-01-01'",
            "is refused",
        ),
        (
            "update grading_tables set valid_to = '2030-01-01' where code = 'DE-CN5'",
            "said before",
        ),
        (
            "insert into grading_tables (code, from_scheme, to_scheme, document_number, \
                 valid_from, created_at) select 'X', from_scheme, to_scheme, document_number, \
                 '2027-01-01', now() from grading_tables where code = 'DE-CN5-2'",
            "another one leads",
        ),
        (
            "insert into grading_table_rows values ('DE-CN5', 9, '5', '4.1', '不及格')",
            "completed before",
        ),
    ] {
        let refused = bank.database().sql(attack).unwrap_err();
        assert!(refused.contains(expected), "{attack}: {refused}");
    }
}

#[test]
fn a_version_names_a_known_scheme_in_which_its_minimum_can_be_reached() {
    let bank = TestBank::start();
    let fault = refused(&bank, graded(UNIVERSITY, "WORD", "CN5"));
    assert_eq!(fault.code, "GRADING_SCHEME_UNKNOWN");
    load(&bank, &gradings()).unwrap();
    let sixty: MinimumGrade = "60".parse().unwrap();
    for scheme in ["CN5", "DE"] {
        let version = NewCatalogueVersion {
            minimum_grade: sixty,
            ..graded(UNIVERSITY, "WORD", scheme)
        };
        let fault = refused(&bank, version);
        assert_eq!(fault.code, "MINIMUM_NOT_IN_SCHEME");
        assert!(
            fault.zh.contains(scheme) && fault.en.contains("60.00"),
            "{fault}"
        );
    }
    bank.publish(&[graded(UNIVERSITY, "WORD", "CN5")]);
    // The same again is there already, with another scheme it is another version.
    bank.publish(&[graded(UNIVERSITY, "WORD", "CN5")]);
    let fault = refused(&bank, graded(UNIVERSITY, "WORD", "DE"));
    assert_eq!(fault.code, "REGISTERED_OTHERWISE");
    let planted = bank.database().sql(
        "insert into catalogue_gradings select version_id, 'DE' from catalogue_versions \
         where title = '课程MATH101'",
    );
    assert!(planted.unwrap_err().contains("completed before"));
}

#[test]
fn an_institutions_scheme_is_that_of_its_new_versions_and_of_no_older_one() {
    let bank = TestBank::start();
    let plain = course(UNIVERSITY, "BEFORE", "1.00");
    bank.publish(std::slice::from_ref(&plain));
    let from = |institution: &str, scheme: &str| NewDefaultScheme {
        institution: InstitutionCode::new(institution).unwrap(),
        valid_from: day("2015-01-01"),
        scheme: scheme.to_owned(),
    };
    let pack = Gradings {
        defaults: vec![from(UNIVERSITY, "DE")],
        ..gradings()
    };
    assert_eq!(load(&bank, &pack).unwrap().added, 4);
    let other = Gradings {
        defaults: vec![from(UNIVERSITY, "CN5")],
        ..gradings()
    };
    assert_eq!(
        load(&bank, &other).unwrap_err().code,
        "REGISTERED_OTHERWISE"
    );
    // Published before, and said again: it stays without one.
    bank.publish(&[plain]);
    let starts = |number: &str, on: &str| NewCatalogueVersion {
        valid_from: day(on),
        ..course(UNIVERSITY, number, "1.00")
    };
    bank.publish(&[starts("OLD", "2014-12-31"), starts("NEW", "2015-01-01")]);
    let named = NewCatalogueVersion {
        valid_from: day("2015-01-01"),
        ..graded(UNIVERSITY, "NAMED", "CN5")
    };
    bank.publish(&[named, course(SCHOOL, "ELSEWHERE", "1.00")]);
    let attached = "select e.code, g.scheme from catalogue_gradings g \
                    join catalogue_versions v using (version_id) \
                    join catalogue_entries e using (entry_id) order by e.code";
    let attached = bank.database().sql(attached).unwrap();
    assert_eq!(attached.trim(), "NAMED|CN5\nNEW|DE");
}
