//! Formats that are no tables.

use super::*;
use crate::result_file::{LineNote, result_file_name, write_result_file};

mod clr;
mod elmo;
mod json_lines;
pub(super) mod one_roster;
mod packed;
mod pesc;
mod published;
mod signatures;
mod verified;

/// Code, grade, day and hundredths of a credit of every outcome.
fn courses(lines: &[ImportLine]) -> Vec<(String, String, String, Option<i64>)> {
    let outcomes = lines.iter().filter_map(|line| line.report());
    let told = outcomes.map(|one| {
        let stated = one.stated.first().map(|stated| stated.hundredths.get());
        let texts = [
            one.entry.code.to_string(),
            one.grade.to_string(),
            one.awarded_on.to_string(),
        ];
        let [code, grade, on] = texts;
        (code, grade, on, stated)
    });
    told.collect()
}

fn course(
    code: &str,
    grade: &str,
    on: &str,
    stated: Option<i64>,
) -> (String, String, String, Option<i64>) {
    (code.to_owned(), grade.to_owned(), on.to_owned(), stated)
}

/// The file as it comes back, every line with a note of its own.
fn result_of(file: &TestFile, options: &ReadOptions) -> String {
    let out = file.path.with_extension("result");
    write_result_file(&file.path, options.mapping.as_ref(), &out, &mut |line_no| {
        Ok(
            LineNote::new("已拒绝", "OUTCOME_UNKNOWN", &format!("第{line_no}行"))
                .in_english("unknown"),
        )
    })
    .unwrap();
    std::fs::read_to_string(out).unwrap()
}

/// A result that came back as a table of records, sent again, is the same outcomes.
fn assert_comes_back(file: &TestFile, options: &ReadOptions) {
    assert_eq!(result_file_name("a.b", &file.path).unwrap(), "a.result.csv");
    let again = TestFile::new(result_of(file, options))
        .read_with(options)
        .unwrap();
    let outcomes = |lines: &[ImportLine]| {
        let contents = lines.iter().map(|line| line.report().cloned());
        contents.collect::<Vec<_>>()
    };
    let first = file.read_with(options).unwrap();
    assert_eq!(outcomes(&again), outcomes(&first));
}
