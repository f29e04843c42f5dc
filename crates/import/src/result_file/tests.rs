use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::encoding::Encoding;

struct Files {
    original: PathBuf,
    out: PathBuf,
    _directory: TempDir,
}

fn files(bytes: &[u8]) -> Files {
    let directory = tempfile::tempdir().unwrap();
    let original = directory.path().join("original");
    std::fs::write(&original, bytes).unwrap();
    Files {
        original,
        out: directory.path().join("out"),
        _directory: directory,
    }
}

fn result_of(bytes: &[u8]) -> Vec<u8> {
    let files = files(bytes);
    write_result_file(&files.original, None, &files.out, &mut |line_no| {
        Ok(if line_no % 2 == 0 {
            LineNote::new("已入账", "", "")
        } else {
            LineNote::new("已拒绝", "COURSE_MISSING", "「课程代码」列:没有填写, 请补")
        })
    })
    .unwrap();
    std::fs::read(&files.out).unwrap()
}

const HEADER: &str = "学号,课程代码,成绩";

#[test]
fn a_gbk_file_comes_back_in_gbk_with_its_own_bytes() {
    let original = format!("某校,,\r\n{HEADER}\r\n1,\"M,1\",60\r\n2,,\r\n合计,,\r\n");
    let expected = format!(
        "某校,,\r\n{HEADER},行状态,错误代码,说明\r\n\
         1,\"M,1\",60,已拒绝,COURSE_MISSING,\"「课程代码」列:没有填写, 请补\"\r\n\
         2,,,已入账,,\r\n合计,,\r\n"
    );
    for encoding in [
        Encoding::Gb18030,
        Encoding::Utf8,
        Encoding::Utf8Bom,
        Encoding::Utf16Le,
    ] {
        let bytes = [encoding.bom(), &encoding.encode(&original)].concat();
        let wanted = [encoding.bom(), &encoding.encode(&expected)].concat();
        assert_eq!(result_of(&bytes), wanted, "{encoding:?}");
    }
}

#[test]
fn short_records_are_filled_up_and_the_last_line_end_is_not_invented() {
    let result = result_of(format!("{HEADER}\n1").as_bytes());
    let text = String::from_utf8(result).unwrap();
    assert_eq!(text, format!("{HEADER},行状态,错误代码,说明\n1,,,已入账,,"));
}

#[test]
fn lines_that_could_not_be_read_come_back_too() {
    let long = "x".repeat(crate::limits::RECORD_BYTES_MAX + 5);
    let mut bytes = format!("{HEADER}\n{long}\n1,\"M1,60\n").into_bytes();
    bytes.extend_from_slice(b"2,\xFF,60\n");
    bytes.extend_from_slice("3,课,60\n".as_bytes());
    let result = result_of(&bytes);
    let lines: Vec<_> = result.split(|byte| *byte == b'\n').collect();
    assert!(lines[1].starts_with(long.as_bytes()));
    let quoted = "\"1,\"\"M1,60\",,,已拒绝,";
    assert!(
        lines[2].starts_with(quoted.as_bytes()),
        "an open quote does not swallow the notes"
    );
    assert!(lines[3].starts_with(b"2,\xFF,60,"));
}

#[test]
fn what_looks_like_a_formula_is_made_harmless() {
    for text in ["=1+1", "+1", "-1", "@x", "\tx", "\rx"] {
        assert_eq!(LineNote::new(text, "", "").cells[0], format!("'{text}"));
    }
    assert_eq!(LineNote::new("已入账", "", "a=b").cells[2], "a=b");
}

#[test]
fn notes_of_a_workbook_never_cover_a_cell_and_other_sheets_stay() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("成绩").unwrap();
    let rows: [&[&str]; 2] = [
        &["学号", "课程代码", "成绩"],
        &["1", "M1", "60", "", "=旁注"],
    ];
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
    book.add_worksheet()
        .set_name("说明页")
        .unwrap()
        .write_number(0, 0, 7.0)
        .unwrap();
    let files = files(&book.save_to_buffer().unwrap());
    write_result_file(&files.original, None, &files.out, &mut |_| {
        Ok(LineNote::new("已入账", "", "好"))
    })
    .unwrap();
    let headings = ColumnMapping::default();
    let headings = crate::header::Headings::new(&headings);
    let mut table = Table::open(&crate::input::Input::of(&files.out), &headings).unwrap();
    assert_eq!(table.sheets(), ["成绩", "说明页"]);
    let rows = table.first_rows("成绩").unwrap();
    let shown: Vec<_> = rows[1]
        .cells()
        .iter()
        .map(crate::cell::Cell::shown)
        .collect();
    assert_eq!(shown, ["1", "M1", "60", "", "=旁注", "已入账", "", "好"]);
    assert_eq!(
        table.first_rows("说明页").unwrap()[0].cells()[0].shown(),
        "7"
    );
}

#[test]
fn formulas_of_the_institution_go_back_as_texts_and_every_other_byte_as_it_was() {
    let original = format!(
        "=HYPERLINK(1),,\r\n{HEADER}\r\n=cmd,\"=\"\"M\"\"\",60\r\n-3,\"+86\",'=x\r\n\
         \"-\",@SUM(A1),-3\r\n1,M,2,=pushed\r\n合计,,\r\n"
    );
    let expected = format!(
        "'=HYPERLINK(1),,\r\n{HEADER},行状态,错误代码,说明\r\n\
         '=cmd,\"'=\"\"M\"\"\",60,已拒绝,COURSE_MISSING,\"「课程代码」列:没有填写, 请补\"\r\n\
         -3,\"+86\",'=x,已入账,,\r\n\
         -,'@SUM(A1),-3,已拒绝,COURSE_MISSING,\"「课程代码」列:没有填写, 请补\"\r\n\
         1,M,2,'=pushed,已入账,,\r\n合计,,\r\n"
    );
    for encoding in [Encoding::Gb18030, Encoding::Utf8Bom, Encoding::Utf16Be] {
        let bytes = [encoding.bom(), &encoding.encode(&original)].concat();
        let wanted = [encoding.bom(), &encoding.encode(&expected)].concat();
        let result = result_of(&bytes);
        assert_eq!(
            encoding.decode(&result),
            encoding.decode(&wanted),
            "{encoding:?}"
        );
        // What came back is sound: it goes back as it is, but for the notes.
        assert!(!encoding.decode(&result_of(&result)).unwrap().contains("''"));
    }
}
