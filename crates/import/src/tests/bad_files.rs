//! Files that are refused as a whole, each with its own code.

use super::*;

fn code(bytes: impl AsRef<[u8]>) -> &'static str {
    TestFile::new(bytes).read().unwrap_err().code
}

#[test]
fn every_bad_file_has_its_own_code() {
    let no_learner = "姓名,课程代码,学期,成绩\n张三,M1,2024-2025-1,60\n";
    let no_grade = "学号,课程代码,学期,学分\n1,M1,2024-2025-1,3\n";
    let no_date = "学号,课程代码,成绩\n1,M1,60\n";
    let two_blocks = "学号,学分,课程代码,成绩,学号,学分,成绩\n1,3,M1,60,2,3,70\n";
    let two_grades = "学号,课程代码,学期,总评成绩,最终成绩\n1,M1,2024-2025-1,60,70\n";
    let cases: [(&[u8], &str); 13] = [
        (b"", "FILE_EMPTY"),
        (b"\xEF\xBB\xBF", "FILE_EMPTY"),
        (b"\n\n\n", "HEADER_NOT_FOUND"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1old excel", "FILE_DAMAGED"),
        (
            b"<html><table><tr><td>1</td></tr></table>",
            "HEADER_NOT_FOUND",
        ),
        (b"<html><p>1</p>", "FILE_KIND"),
        (b"PK\x03\x04 and no more", "FILE_DAMAGED"),
        (b"\xFF\xFF,\x80\x80\n\xFF,\xFF\n", "FILE_ENCODING"),
        (no_learner.as_bytes(), "LEARNER_COLUMN_MISSING"),
        (no_grade.as_bytes(), "COLUMN_MISSING"),
        (no_date.as_bytes(), "DATE_MISSING"),
        (two_blocks.as_bytes(), "LAYOUT_SIDE_BY_SIDE"),
        (two_grades.as_bytes(), "HEADER_AMBIGUOUS"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(
            code(bytes),
            expected,
            "{:?}",
            String::from_utf8_lossy(bytes)
        );
    }
}

#[test]
fn an_undecodable_file_names_the_byte() {
    let fault = TestFile::new(b"ab\n\xFF,\x80\n").read().unwrap_err();
    assert_eq!(fault.code, "FILE_ENCODING");
    assert!(fault.en.contains("byte at 3 "), "{}", fault.en);
}

#[test]
fn a_workbook_that_breaks_off_is_damaged() {
    let rows: &[&[&str]] = &[
        &["学号", "课程代码", "学期", "成绩"],
        &["1", "M1", "2024-2025-1", "60"],
    ];
    let whole = workbook(rows).save_to_buffer().unwrap();
    assert_eq!(TestFile::new(&whole).read().unwrap().len(), 1);
    for cut in [whole.len() / 3, whole.len() / 2, whole.len() - 10] {
        assert_eq!(code(&whole[..cut]), "FILE_DAMAGED", "{cut}");
    }
}

#[test]
fn two_sheets_with_a_header_need_a_choice() {
    let mut book = Workbook::new();
    for (name, number) in [("一班", "1"), ("二班", "2")] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        let cells = [
            ["学号", "课程代码", "学期", "成绩"],
            [number, "M1", "2024-2025-1", "60"],
        ];
        for (row, cells) in (0..).zip(cells) {
            for (column, cell) in (0..).zip(cells) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
    }
    let file = TestFile::new(book.save_to_buffer().unwrap());
    let refused = file.read().unwrap_err();
    assert_eq!(refused.code, "SHEETS_AMBIGUOUS");
    assert!(refused.zh.contains("一班") && refused.zh.contains("二班"));
    let chosen = file.read_with(&mapping(r#"{"sheet": "二班"}"#)).unwrap();
    let outcome = chosen[0].report().unwrap().clone();
    assert_eq!(outcome.learner, student("2"));
    let absent = file
        .read_with(&mapping(r#"{"sheet": "三班"}"#))
        .unwrap_err();
    assert_eq!(absent.code, "SHEET_NOT_FOUND");
}

#[test]
fn a_learner_is_named_in_one_place_only() {
    let file = TestFile::new("学号,课程代码,学期,成绩\n1,M1,2024-2025-1,60\n");
    let beside = ReadOptions {
        learner: Some(student("7")),
        ..options()
    };
    assert_eq!(
        file.read_with(&beside).unwrap_err().code,
        "LEARNER_NAMED_TWICE"
    );
}

#[test]
fn a_mapping_that_names_an_absent_column_is_told_so() {
    let file = TestFile::new("学号,课程代码,学期,成绩\n1,M1,2024-2025-1,60\n");
    let absent = mapping(r#"{"columns": {"grade": {"columns": ["平时成绩"]}}}"#);
    let refused = file.read_with(&absent).unwrap_err();
    assert_eq!(refused.code, "HEADER_NOT_FOUND");
    assert!(refused.zh.contains("平时成绩"));
}
