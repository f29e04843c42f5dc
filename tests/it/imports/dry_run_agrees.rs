//! A dry run looks where the real one writes, by other statements. Whatever stands in the books and
//! in the file, it has to say the same of every line.

use std::collections::BTreeMap;

use creditbank_domain::authz::KeepRegister;
use creditbank_domain::conversion::Document;
use creditbank_domain::text::{CourseCode, InstitutionCode};
use creditbank_ledger::flows::{
    CourseRef, NewCatalogueVersion, NewDuplicateGroup, SameCourses, register_same_courses,
};
use kit::{TestBank, UNIVERSITY, course, day, dry_run, operator, posting};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{TestFile, figures, told};

/// Which learner, under which name, course, grade and record id, and what is to be done.
type Row = (u8, u8, usize, usize, u8, u8);

const HEADER: &str = "学号,姓名,学期,课程代码,成绩,成绩编号,操作,更正原因,更正文号\n";
const COURSES: [&str; 6] = ["MATH101", "PE102", "AGAIN", "TWIN-A", "TWIN-B", "UNKNOWN"];

/// Few of each, so that lines meet each other and what is in the books.
fn rows(courses: &'static [usize], records: u8, actions: u8) -> impl Strategy<Value = Vec<Row>> {
    let course = proptest::sample::select(courses);
    vec(
        (0..5_u8, 0..9_u8, course, 0..4_usize, 0..records, 0..actions),
        0..14,
    )
}

/// The same with record ids from this one on, all different.
fn numbered(first: u8, rows: Vec<Row>) -> Vec<Row> {
    let numbered = (first..).zip(rows);
    numbered
        .map(|(record, row)| (row.0, row.1, row.2, row.3, record, row.5))
        .collect()
}

fn file(case: u32, rows: &[Row]) -> TestFile {
    let mut text = HEADER.to_owned();
    for (learner, name, course, grade, record, action) in rows {
        let name = if *name == 0 { "赵六" } else { "钱七" };
        let (course, grade) = (COURSES[*course], ["60", "45", "缺考", "90"][*grade]);
        let action = match action {
            10 => "更正,GRADE_APPEAL,教字〔2026〕1号",
            11 => "撤销,GRADE_APPEAL,教字〔2026〕2号",
            _ => ",,",
        };
        text += &format!(
            "{case}-{learner},{name},2025-2026-1,{course},{grade},{case}-R{record},{action}\n"
        );
    }
    TestFile::new(text)
}

fn bank() -> TestBank {
    let bank = TestBank::start();
    let again = NewCatalogueVersion {
        repeatable: true,
        ..course(UNIVERSITY, "AGAIN", "1.00")
    };
    let twins = ["TWIN-A", "TWIN-B"];
    let versions = twins.map(|code| course(UNIVERSITY, code, "2.00"));
    bank.publish(&[vec![again], versions.to_vec()].concat());
    let reference = |code: &str| CourseRef {
        owner: InstitutionCode::new(UNIVERSITY).unwrap(),
        code: CourseCode::new(code).unwrap(),
    };
    let group = NewDuplicateGroup {
        code: "TWINS".to_owned(),
        courses: twins.map(reference).to_vec(),
        valid_from: day("2020-01-01"),
        valid_to: None,
    };
    let lists = SameCourses {
        document: Document {
            number: "同课目录〔2020〕1号".to_owned(),
            title: "同课目录".to_owned(),
        },
        duplicates: vec![group],
        substitutes: Vec::new(),
    };
    let keeper = operator::<KeepRegister>();
    register_same_courses(bank.ledger(), &keeper, &lists, bank.now()).unwrap();
    bank
}

/// Imports a history, tries a file, posts it, and compares line by line. Gives how often each
/// status and code was said.
fn compare(bank: &TestBank, case: u32, history: &[Row], rows: &[Row]) -> BTreeMap<String, usize> {
    let _ = bank.import(UNIVERSITY, &file(case, history).path, &posting());
    let file = file(case, rows);
    let books = bank.row_counts();
    let tried = bank.import(UNIVERSITY, &file.path, &dry_run());
    assert_eq!(bank.row_counts(), books, "a dry run posts nothing");
    let posted = bank.import(UNIVERSITY, &file.path, &posting());
    let said = told(bank, UNIVERSITY, posted.import_id);
    assert_eq!(told(bank, UNIVERSITY, tried.import_id), said);
    assert_eq!(figures(&tried), figures(&posted));
    assert_eq!(tried.accounts_opened, posted.accounts_opened);
    let mut seen = BTreeMap::new();
    for (_, status, codes) in said {
        *seen
            .entry(format!("{} {codes}", status.as_str()))
            .or_default() += 1;
    }
    *seen.entry("posted plainly".to_owned()).or_default() += figures(&posted)[1] as usize;
    seen
}

/// So many random histories and files over the same bank, each with learners of its own.
fn compare_many(
    bank: &TestBank,
    first: u32,
    histories: impl Strategy<Value = (Vec<Row>, Vec<Row>)>,
) -> BTreeMap<String, usize> {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(60));
    let seen = std::cell::RefCell::new(BTreeMap::new());
    let case = std::cell::Cell::new(first);
    runner
        .run(&histories, |(history, rows)| {
            case.set(case.get() + 1);
            for (what, count) in compare(bank, case.get(), &history, &rows) {
                *seen.borrow_mut().entry(what).or_default() += count;
            }
            Ok(())
        })
        .unwrap();
    seen.into_inner()
}

#[test]
fn a_dry_run_says_of_every_line_what_posting_says() {
    let bank = bank();
    // Records all different within the file: nothing but looking is needed.
    let apart = (rows(&[0, 1, 2, 5], 1, 1), rows(&[0, 1, 2, 5], 1, 1));
    let apart = apart.prop_map(|(history, rows)| {
        let rows: Vec<Row> = history
            .iter()
            .skip(3)
            .take(4)
            .copied()
            .chain(rows)
            .collect();
        (numbered(0, history), numbered(3, rows))
    });
    let apart = compare_many(&bank, 0, apart);
    // Records that meet, twins, corrections and withdrawals.
    let close = (
        rows(&[0, 1, 2, 3, 4], 6, 1),
        rows(&[0, 1, 2, 3, 4, 5], 8, 12),
    );
    let close = compare_many(&bank, 1_000, close);
    for said in [
        "posted plainly",
        "posted ALREADY_CREDITED",
        "already_posted ",
        "rejected NAME_MISMATCH",
        "rejected OUTCOME_UNKNOWN",
        "rejected SOURCE_REF_CONFLICT",
    ] {
        assert!(apart.contains_key(said), "{said} is tried: {apart:?}");
    }
    assert!(
        close.keys().any(|said| said.contains("DUPLICATE_NAME")),
        "{close:?}"
    );
    assert!(
        close.keys().any(|said| said.contains("CORRECT")),
        "{close:?}"
    );
}

#[test]
fn a_record_id_is_free_again_where_the_line_that_had_it_is_refused() {
    let bank = bank();
    // The second line calls the learner of the first otherwise; the third has its record id.
    let rows = [(4, 1, 0, 0, 0, 0), (4, 0, 0, 0, 8, 0), (0, 1, 0, 0, 8, 0)];
    let seen = compare(&bank, 1, &[], &rows);
    let expected = [("posted plainly", 2), ("rejected NAME_MISMATCH", 1)];
    let expected = expected.map(|(what, count)| (what.to_owned(), count));
    assert_eq!(seen, BTreeMap::from(expected));
}
