//! A file that comes back and is sent again is the same records, formulas and all.

use proptest::prelude::*;

use super::*;
use crate::result_file::{LineNote, write_result_file};

const HEADINGS: [&str; 7] = [
    "学号",
    "姓名",
    "课程代码",
    "成绩",
    "学期",
    "成绩编号",
    "学分",
];

/// Texts of which many are formulas, and some only look like it.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[=+@\\-]{0,2}[A-Z0-9][A-Z0-9.·,\"]{0,5}",
        "'[=+@'\\-]{1,2}[A-Z0-9]{0,4}",
        "[+\\-][0-9.]{0,4}",
        "[\t\r]?[A-Z0-9]{1,4}",
    ]
}

fn rows() -> impl Strategy<Value = Vec<[String; 7]>> {
    let grade = prop::sample::select(vec!["60", "85.5", "-", "=60", "+60", "通过"]);
    let row =
        (cell(), cell(), cell(), grade, cell()).prop_map(|(number, name, code, grade, id)| {
            let (grade, term) = (grade.to_owned(), "2024-2025-1".to_owned());
            [number, name, code, grade, term, id, "2".to_owned()]
        });
    proptest::collection::vec(row, 1..6)
}

fn written(kind: usize, rows: &[[String; 7]]) -> Vec<u8> {
    let headings = HEADINGS.map(str::to_owned);
    let all: Vec<_> = std::iter::once(&headings).chain(rows).collect();
    if kind == 0 {
        let rows: Vec<Vec<&str>> = { all.iter() }
            .map(|row| row.iter().map(String::as_str).collect())
            .collect();
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        return workbook(&rows).save_to_buffer().unwrap();
    }
    if kind == 1 {
        let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
        let courses = rows.iter().map(|[number, name, code, grade, ..]| {
            let [number, name, code] = [number, name, code].map(|it| escaped(it));
            format!(
                "<elmo><learner><identifier type=\"studentNumber\">{number}</identifier>\
                 <givenNames/><familyName>{name}</familyName></learner><report>\
                 <learningOpportunitySpecification><identifier type=\"local\">{code}</identifier>\
                 <specifies><learningOpportunityInstance><date>2024-06-30</date>\
                 <resultLabel>{grade}</resultLabel></learningOpportunityInstance></specifies>\
                 </learningOpportunitySpecification></report></elmo>"
            )
        });
        let inner = courses.collect::<String>();
        return format!("<tors-get-response>{inner}</tors-get-response>").into_bytes();
    }
    let delimiter = [",", "\t", ";"][kind % 3];
    let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    let lines = all.iter().map(|row| {
        let cells: Vec<_> = row.iter().map(quoted).collect();
        cells.join(delimiter)
    });
    lines.collect::<Vec<_>>().join("\r\n").into_bytes()
}

/// What each line is: an outcome, or the codes of what is wrong with it.
fn contents(lines: &[ImportLine]) -> Vec<Result<crate::LineContent, Vec<&'static str>>> {
    let of = |line: &ImportLine| {
        let content = line.content.clone();
        content.map_err(|faults| faults.iter().map(|fault| fault.code).collect())
    };
    lines.iter().map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_comes_back_and_is_sent_again_is_the_same_records(kind in 0_usize..6, rows in rows()) {
        let file = TestFile::new(written(kind, &rows));
        let Ok(first) = file.read() else {
            return Ok(());
        };
        let mut file = file;
        for _ in 0..2 {
            let back = file.path.with_extension("back");
            write_result_file(&file.path, None, &back, &mut |_| {
                Ok(LineNote::new("已拒绝", "GRADE_MISSING", "=没有填写"))
            })
            .unwrap();
            file = TestFile::new(std::fs::read(&back).unwrap());
            let again = file.read().unwrap();
            prop_assert_eq!(contents(&again), contents(&first));
        }
    }
}
