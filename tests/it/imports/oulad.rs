//! Real results of the Open University, through a saved mapping.

use std::collections::{BTreeMap, BTreeSet};

use creditbank_domain::amount::Hundredths;
use creditbank_import::{ColumnMapping, ImportOptions};
use kit::{TestBank, UNIVERSITY, course_up_to, posting, samples};

use super::figures;

const FILE: &str = "real-grades/oulad-part-studentInfo.csv";
const MAPPING: &str = include_str!("../../fixtures/oulad-mapping.json");

/// A row of the file as the csv crate reads it.
struct Studied {
    student: String,
    course: String,
    earned: Option<Hundredths>,
}

fn rows_of_the_file() -> Vec<Studied> {
    let mut reader = csv::Reader::from_path(samples().join(FILE)).unwrap();
    let headings = reader.headers().unwrap().clone();
    let column = |name: &str| headings.iter().position(|heading| heading == name).unwrap();
    let [module, presentation, student, credits, result] = [
        "code_module",
        "code_presentation",
        "id_student",
        "studied_credits",
        "final_result",
    ]
    .map(column);
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        let passed = match &row[result] {
            "Pass" | "Distinction" => true,
            "Fail" | "Withdrawn" => false,
            other => panic!("{other}"),
        };
        let hundredths = || Hundredths::new(row[credits].parse::<i64>().unwrap() * 100).unwrap();
        Studied {
            student: row[student].to_owned(),
            course: format!("{}-{}", &row[module], &row[presentation]),
            earned: passed.then(hundredths),
        }
    });
    rows.collect()
}

fn expected_balances(rows: &[Studied]) -> BTreeMap<String, Hundredths> {
    let mut sums: BTreeMap<String, Hundredths> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(row.student.clone()).or_default();
        *sum = sum.plus(row.earned.unwrap_or_default()).unwrap();
    }
    sums
}

fn mapped() -> ImportOptions {
    let mapping: ColumnMapping = serde_json::from_str(MAPPING).unwrap();
    ImportOptions {
        mapping: Some(mapping),
        ..posting()
    }
}

fn bank_for(rows: &[Studied]) -> TestBank {
    let bank = TestBank::start();
    let courses: BTreeSet<&str> = rows.iter().map(|row| row.course.as_str()).collect();
    let entry = |course: &&str| course_up_to(UNIVERSITY, course, "700.00");
    bank.publish(&courses.iter().map(entry).collect::<Vec<_>>());
    bank
}

#[test]
fn every_learner_s_balance_equals_an_independent_sum_over_the_file() {
    let rows = rows_of_the_file();
    let expected = expected_balances(&rows);
    let bank = bank_for(&rows);
    let view = bank.import(UNIVERSITY, &samples().join(FILE), &mapped());
    assert_eq!(figures(&view), [12_489, 12_489, 0, 0]);
    let students = u64::try_from(expected.len()).unwrap();
    assert_eq!((view.accounts_opened, students), (students, 12_400));
    assert_eq!(bank.row_counts()["learners"], students);

    let students: Vec<_> = expected.keys().cloned().collect();
    let learners = bank.learners_by_student_number(UNIVERSITY, &students);
    let mut balances = bank.credits_of_all();
    assert_eq!(balances.len(), expected.len());
    for (student, expected) in &expected {
        let balance = balances.remove(&learners[student]);
        assert_eq!(balance, Some(*expected), "student {student}");
    }
    assert!(
        balances.is_empty(),
        "two students never share an account: {balances:?}"
    );
}

#[test]
fn what_earns_nothing_is_recorded_with_its_reason_on_the_day_of_its_presentation() {
    let rows = rows_of_the_file();
    let bank = bank_for(&rows);
    let view = bank.import(UNIVERSITY, &samples().join(FILE), &mapped());
    let failed = rows.iter().filter(|row| row.earned.is_none()).count();
    assert_eq!(failed, 3_572);
    let results = super::told(&bank, UNIVERSITY, view.import_id);
    assert_eq!(results.len(), failed);
    assert!(results.iter().all(|(_, _, code)| code == "GRADE_TOO_LOW"));
    let days = bank.database().sql(
        "select distinct right(code, 5), awarded_on from outcomes \
         join catalogue_entries using (entry_id) order by 1",
    );
    assert_eq!(days.unwrap().trim(), "2013J|2014-05-31\n2014J|2015-05-31");
}

#[test]
fn the_next_file_of_the_layout_needs_no_mapping_and_the_same_lines_post_nothing() {
    let rows = rows_of_the_file();
    let bank = bank_for(&rows);
    let file = samples().join(FILE);
    let unmapped = super::refusal(&bank, UNIVERSITY, &file, &posting());
    assert_eq!(unmapped, "HEADER_NOT_FOUND");
    let first = bank.import(UNIVERSITY, &file, &mapped());
    assert_eq!(figures(&first), [12_489, 12_489, 0, 0]);
    let books = bank.row_counts();
    let again = bank.import(UNIVERSITY, &file, &posting());
    assert_eq!(figures(&again), [12_489, 0, 12_489, 0]);
    assert_eq!(again.accounts_opened, 0);
    assert_eq!(bank.row_counts(), books);
}
