//! What systems export and call .xls: web pages with tables, workbooks of Office 2003 in XML.

use encoding_rs::{BIG5, GB18030};

use super::workbooks::{ROWS, as_csv};
use super::*;
use crate::result_file::{LineNote, result_file_name, write_result_file};

/// A page as such systems make it: nothing is closed, and styles look like cells.
fn page(charset: &str) -> String {
    let row = |(nth, cells): (usize, &&[&str])| {
        let name = if nth == 1 { "TH" } else { "td" };
        let cells: String = cells
            .iter()
            .map(|cell| format!("<{name} align=center>&nbsp;{cell}\n"))
            .collect();
        format!("<tr height=20>{cells}")
    };
    let rows: String = ROWS.iter().enumerate().map(row).collect();
    format!(
        "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><head>\
         <meta http-equiv=Content-Type content=\"text/html; charset={charset}\">\
         <style>td {{ mso-number-format:\"\\@\" }} <td>学号</style></head>\n<BODY>学号 above\
         <TABLE border=1>{rows}</BODY>"
    )
}

/// The same rows as Office 2003 writes them.
fn xml_book() -> String {
    let cell = |cell: &&str| {
        let kind = if cell.parse::<f64>().is_ok() && !cell.starts_with('0') {
            "Number"
        } else {
            "String"
        };
        format!("<Cell><Data ss:Type=\"{kind}\">{cell}</Data></Cell>")
    };
    let row = |row: &&[&str]| format!("<Row>{}</Row>", row.iter().map(cell).collect::<String>());
    book_of(&ROWS.iter().map(row).collect::<String>())
}

fn book_of(rows: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n\
         <Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" \
         xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\">\
         <Styles><Style ss:ID=\"a\"/></Styles><Worksheet ss:Name=\"成绩\">\
         <Table ss:ExpandedColumnCount=\"6\"><Column/>{rows}</Table></Worksheet></Workbook>"
    )
}

pub(super) fn a_small_page() -> Vec<u8> {
    page("utf-8").into_bytes()
}

pub(super) fn a_small_xml_book() -> Vec<u8> {
    xml_book().into_bytes()
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

fn code(text: impl AsRef<[u8]>) -> &'static str {
    TestFile::new(text).read().unwrap_err().code
}

#[test]
fn a_page_and_an_xml_workbook_are_the_same_lines_as_the_csv() {
    let expected = as_csv();
    let marked = [b"\xEF\xBB\xBF".as_slice(), page("gb2312").as_bytes()].concat();
    let kinds = [
        ("utf-8", page("utf-8").into_bytes()),
        ("utf-8 that says gb2312", page("gb2312").into_bytes()),
        ("utf-8 with a mark", marked),
        ("utf-16", utf16(&page("utf-16"))),
        ("gb2312", GB18030.encode(&page("gb2312")).0.into_owned()),
        (
            "gbk that says nothing",
            GB18030.encode(&page("")).0.into_owned(),
        ),
        (
            "gbk that says utf-8",
            GB18030.encode(&page("utf-8")).0.into_owned(),
        ),
        ("xml", xml_book().into_bytes()),
    ];
    for (kind, bytes) in kinds {
        let lines = TestFile::new(bytes).read().unwrap();
        assert_eq!(told(&lines), told(&expected), "{kind}");
    }
}

#[test]
fn a_page_in_big5_is_read_where_it_says_so() {
    let text = "<table><tr><td>student_number<td>course_code<td>term<td>grade<td>name\
                <tr><td>1<td>M<td>2024-2025-1<td>60<td>歐陽";
    let said = format!("<meta charset=big5>{text}");
    let lines = TestFile::new(BIG5.encode(&said).0).read().unwrap();
    let content = lines[0].content.as_ref().unwrap();
    let outcome = format!("{content:?}");
    assert!(outcome.contains("M"), "{outcome}");
    assert_eq!(line_nos(&lines), [2]);
}

#[test]
fn they_come_back_as_xlsx_and_can_be_sent_again() {
    for bytes in [page("gb2312").into_bytes(), xml_book().into_bytes()] {
        let file = TestFile::new(bytes);
        assert_eq!(
            result_file_name("成绩.xls", &file.path).unwrap(),
            "成绩.result.xlsx"
        );
        let out = file.path.with_extension("xlsx");
        write_result_file(&file.path, None, &out, &mut |_| {
            Ok(LineNote::new("已入账", "", ""))
        })
        .unwrap();
        let again = read_lines(&out, &options(), &pseudonym).unwrap();
        assert_eq!(told(&again), told(&as_csv()));
    }
}

const HEAD: &str = "<tr><th>学号</th><th>课程代码</th><th>学期</th><th>成绩</th></tr>";

/// The cells of a table, as a CSV of them reads.
fn reads_as(table: &str, csv: &str) {
    let lines = TestFile::new(format!("<html><table>{HEAD}{table}</table></html>"));
    let expected = TestFile::new(format!("学号,课程代码,学期,成绩\n{csv}"));
    let (lines, expected) = (lines.read().unwrap(), expected.read().unwrap());
    assert!(!expected.is_empty());
    assert_eq!(told(&lines), told(&expected), "{table}");
}

#[test]
fn what_spans_columns_and_rows_stands_in_the_first_of_them() {
    // The course is written once for both rows; the second one then lacks it and says so.
    reads_as(
        "<tr><td>1</td><td rowspan=2>M1</td><td>2024-2025-1</td><td>60</td></tr>\
         <tr><td>2</td><td>2024-2025-1</td><td>70</td></tr>\
         <tr><td>3</td><td>M3</td><td>2024-2025-1</td><td>80</td></tr>",
        "1,M1,2024-2025-1,60\n2,,2024-2025-1,70\n3,M3,2024-2025-1,80\n",
    );
    reads_as(
        "<tr><td colspan=2>1</td><td>2024-2025-1</td><td>60</td></tr>",
        "1,,2024-2025-1,60\n",
    );
}

#[test]
fn a_number_is_what_the_spreadsheet_keeps_and_not_what_it_shows() {
    reads_as(
        "<tr><td x:num=\"202100123456\">2.021E+11</td><td x:str>M1</td>\
         <td x:num=\"45474\">2024-2025-1</td><td x:num=\"85.45\" align=right>85.5</td></tr>",
        "202100123456,M1,2024-2025-1,85.45\n",
    );
    reads_as(
        "<tr><td x:num>007</td><td>M1</td><td>2024-2025-1</td><td>85</td></tr>",
        "007,M1,2024-2025-1,85\n",
    );
    let broken = "<tr><td>1<td>M1<td>2024-2025-1<td x:num=\"1E999\">85</table>";
    let file = TestFile::new(format!("<table>{HEAD}{broken}"));
    assert_eq!(faults(&file.read().unwrap()), [(2, vec!["CELL_ERROR"])]);
}

#[test]
fn breaks_entities_and_tables_in_cells_are_read_as_a_browser_shows_them() {
    reads_as(
        "<tr><td><b>1</b></td><td>M<br>1</td><td>&#50;024-2025-1</td><td>\n 6<i>0</i>\n</td></tr>",
        "1,M 1,2024-2025-1,60\n",
    );
    reads_as(
        "<tr><td>1<table><tr><td>学号<td>8</table></td><td>M1</td><td>2024-2025-1</td>\
         <td>60<script>if (1 < 2) '<td>9'</script></td></tr>",
        "1,M1,2024-2025-1,60\n",
    );
}

#[test]
fn two_tables_with_a_header_are_sheets_to_choose_from() {
    let row = "<tr><td>1<td>M1<td>2024-2025-1<td>60";
    let text = format!(
        "<table><tr><td>某校</table><table>{HEAD}{row}</table><table>{HEAD}{row}{row}</table>"
    );
    let file = TestFile::new(&text);
    let fault = file.read().unwrap_err();
    assert_eq!(fault.code, "SHEETS_AMBIGUOUS");
    assert!(
        fault.zh.contains("表2") && fault.zh.contains("表3"),
        "{}",
        fault.zh
    );
    let lines = file.read_with(&mapping("{\"sheet\":\"表3\"}")).unwrap();
    assert_eq!(line_nos(&lines), [2, 3]);
    let lines = file.read_with(&mapping("{\"sheet\":\"*\"}")).unwrap();
    assert_eq!(line_nos(&lines), [20_000_002, 30_000_002, 30_000_003]);
}

#[test]
fn a_page_that_fills_the_memory_or_has_nothing_to_read_is_refused_and_its_neighbour_is_not() {
    let row = "<tr><td>1<td>M1<td>2024-2025-1<td>60";
    let within = |what: &str| format!("<html>{what}<table>{HEAD}{row}</table>");
    let long = |count: usize| within(&format!("<!--{}-->", "x".repeat(count)));
    assert_eq!(code(long(3 << 20)), "ELEMENT_TOO_LARGE");
    assert!(TestFile::new(long(1 << 19)).read().is_ok());
    let nested = |count: usize| within(&"<table><tr><td>".repeat(count));
    assert_eq!(code(nested(64)), "NESTED_TOO_DEEP");
    assert!(TestFile::new(nested(63)).read().is_ok());
    assert_eq!(code("<html><body>学号,课程代码,成绩"), "FILE_KIND");
    let wide = |count: usize| {
        let text = format!("<table>{HEAD}{row}<tr><td>2<td colspan={count}>M2<td>x</table>");
        faults(&TestFile::new(text).read().unwrap())
    };
    assert_eq!(wide(2_047), [(3, vec!["TOO_MANY_COLUMNS"])]);
    assert_ne!(wide(2_046), [(3, vec!["TOO_MANY_COLUMNS"])]);
}

#[test]
fn a_byte_of_no_encoding_is_refused_with_its_place() {
    let mut bytes = GB18030.encode(&page("gb2312")).0.into_owned();
    let at = bytes.len() - 20;
    bytes[at] = 0xFF;
    let fault = TestFile::new(bytes).read().unwrap_err();
    assert_eq!(fault.code, "FILE_ENCODING");
    assert!(fault.en.contains(&format!("at {at} ")), "{}", fault.en);
}

#[test]
fn cells_of_an_xml_workbook_stand_where_they_say() {
    let text = book_of(
        "<Row ss:Index=\"3\"><Cell><Data ss:Type=\"String\">学号</Data></Cell>\
         <Cell ss:MergeAcross=\"1\"><Data ss:Type=\"String\">课程代码</Data></Cell>\
         <Cell><Data ss:Type=\"String\">获得日期</Data></Cell>\
         <Cell><Data ss:Type=\"String\">成绩</Data><Comment><ss:Data>不是成绩</ss:Data></Comment>\
         </Cell></Row>\
         <Row ss:Index=\"7\"><Cell><Data ss:Type=\"Number\">202100123456</Data></Cell>\
         <Cell><Data ss:Type=\"String\"><B>M</B>1</Data></Cell>\
         <Cell ss:Index=\"4\"><Data ss:Type=\"DateTime\">2024-06-30T00:00:00.000</Data></Cell>\
         <Cell><Data ss:Type=\"Number\">85.5</Data><Comment><ss:Data>1</ss:Data></Comment></Cell>\
         </Row>\
         <Row><Cell><Data ss:Type=\"Number\">1</Data></Cell>\
         <Cell ss:Index=\"5\"><Data ss:Type=\"Error\">#N/A</Data></Cell></Row>",
    );
    let lines = TestFile::new(text).read().unwrap();
    let expected = "\n\n学号,课程代码,,获得日期,成绩\n\n\n\n202100123456,M1,,2024-06-30,85.5\n";
    let expected = TestFile::new(expected).read().unwrap();
    assert_eq!(told(&lines[..1]), told(&expected));
    assert_eq!(line_nos(&lines), [7, 8]);
    assert!(lines[1].content.is_err());
}
