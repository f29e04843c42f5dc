//! Old and free workbooks: .xls and .ods.

use std::io::Write;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

pub(super) const ROWS: &[&[&str]] = &[
    &["某校成绩单"],
    &["学号", "姓名", "学期", "课程代码", "学分", "成绩"],
    &["007", "㐂田一", "2024-2025-1", "M1", "2.5", "85.5"],
    &["008", "李\u{3000}明", "2024-2025-1", "M1", "2.5", "缺考"],
    &["合计"],
];

/// The same rows as CSV: what every workbook of them has to give.
pub(super) fn as_csv() -> Vec<ImportLine> {
    let rows: Vec<_> = ROWS.iter().map(|row| row.join(",")).collect();
    TestFile::new(rows.join("\n")).read().unwrap()
}

fn number(cell: &str) -> Option<f64> {
    // What stands in the columns of figures is a number, as a spreadsheet would store it.
    ["2.5", "85.5"]
        .contains(&cell)
        .then(|| cell.parse().unwrap())
}

/// An .ods of these rows: figures as numbers, a column and two rows that repeat as blanks do.
fn ods(content: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let parts = [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content),
    ];
    for (name, text) in parts {
        writer
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn ods_content(rows: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><office:document-content \
         xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\"><office:body><office:spreadsheet>\
         <table:table table:name=\"成绩\"><table:table-column/>{rows}</table:table>\
         </office:spreadsheet></office:body></office:document-content>"
    )
}

fn ods_rows() -> String {
    let cell = |cell: &&str| match number(cell) {
        Some(_) => format!(
            "<table:table-cell office:value-type=\"float\" office:value=\"{cell}\">\
             <text:p>{cell}</text:p></table:table-cell>"
        ),
        None => format!(
            "<table:table-cell office:value-type=\"string\">\n <text:p>{cell}</text:p>\
             </table:table-cell>"
        ),
    };
    let row = |row: &&[&str]| {
        let cells: String = row.iter().map(cell).collect();
        format!(
            "<table:table-row>{cells}<table:table-cell table:number-columns-repeated=\"16378\"/>\
             </table:table-row>"
        )
    };
    let rows: String = ROWS.iter().map(row).collect();
    format!(
        "{rows}<table:table-row table:number-rows-repeated=\"1048571\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>"
    )
}

fn xls(rows: &[&[&str]]) -> Vec<u8> {
    xls_claiming(rows, &[])
}

/// One whose sheet says that it spans something.
fn xls_claiming(rows: &[&[&str]], claim: &[u8]) -> Vec<u8> {
    xls_of(rows, claim, Vec::new(), 0)
}

/// One with a table of strings, whose first one stands in so many cells below the rows.
fn xls_of(rows: &[&[&str]], claim: &[u8], table: Vec<u8>, labels: u16) -> Vec<u8> {
    let mut globals = Vec::new();
    let mut sheet = Vec::new();
    let record = |into: &mut Vec<u8>, kind: u16, body: &[u8]| {
        into.extend(kind.to_le_bytes());
        into.extend(u16::try_from(body.len()).unwrap().to_le_bytes());
        into.extend(body);
    };
    let begin = |kind: u16| {
        [0x0600_u16, kind, 0, 0, 0, 0, 0, 0]
            .map(u16::to_le_bytes)
            .concat()
    };
    record(&mut sheet, 0x0809, &begin(0x10));
    if !claim.is_empty() {
        record(&mut sheet, 0x0200, claim);
    }
    for (row, cells) in (0_u16..).zip(rows) {
        for (column, cell) in (0_u16..).zip(*cells) {
            let place = [row, column, 0].map(u16::to_le_bytes).concat();
            if let Some(number) = number(cell) {
                record(
                    &mut sheet,
                    0x0203,
                    &[place, number.to_le_bytes().to_vec()].concat(),
                );
            } else {
                let units: Vec<u16> = cell.encode_utf16().collect();
                let length = u16::try_from(units.len()).unwrap().to_le_bytes();
                let text = units
                    .into_iter()
                    .flat_map(u16::to_le_bytes)
                    .collect::<Vec<_>>();
                record(
                    &mut sheet,
                    0x0204,
                    &[place, length.to_vec(), vec![1], text].concat(),
                );
            }
        }
    }
    for label in 0..labels {
        let place = [100 + label, 9, 0, 0, 0].map(u16::to_le_bytes).concat();
        record(&mut sheet, 0x00FD, &place);
    }
    record(&mut sheet, 0x000A, &[]);
    record(&mut globals, 0x0809, &begin(5));
    record(&mut globals, 0x0042, &1200_u16.to_le_bytes());
    if !table.is_empty() {
        record(&mut globals, 0x00FC, &table);
    }
    let name = "成绩"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect::<Vec<_>>();
    let bound = 4 + 8 + name.len();
    let at = u32::try_from(globals.len() + bound + 4).unwrap();
    let body = [at.to_le_bytes().to_vec(), vec![0, 0, 2, 1], name].concat();
    record(&mut globals, 0x0085, &body);
    let wanted = usize::try_from(at).unwrap();
    record(&mut globals, 0x000A, &[]);
    assert_eq!(globals.len(), wanted);
    let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    let mut stream = file.create_stream("/Workbook").unwrap();
    stream.write_all(&[globals, sheet].concat()).unwrap();
    drop(stream);
    file.flush().unwrap();
    file.into_inner().into_inner()
}

#[test]
fn an_ods_and_an_xls_are_the_same_lines_as_the_csv() {
    let expected = as_csv();
    assert_eq!(line_nos(&expected), [3, 4]);
    for (kind, bytes) in [("ods", ods(&ods_content(&ods_rows()))), ("xls", xls(ROWS))] {
        let lines = TestFile::new(bytes).read().unwrap();
        assert_eq!(told(&lines), told(&expected), "{kind}");
    }
}

#[test]
fn they_come_back_as_xlsx_and_can_be_sent_again() {
    use crate::result_file::{LineNote, result_file_name, write_result_file};
    for bytes in [ods(&ods_content(&ods_rows())), xls(ROWS)] {
        let file = TestFile::new(bytes);
        assert_eq!(
            result_file_name("成绩.a", &file.path).unwrap(),
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

#[test]
fn rows_that_repeat_with_something_in_them_are_counted_and_never_beyond_a_sheet() {
    let head = "<table:table-row><table:table-cell><text:p>学号</text:p></table:table-cell>\
                <table:table-cell><text:p>课程代码</text:p></table:table-cell>\
                <table:table-cell><text:p>成绩</text:p></table:table-cell></table:table-row>";
    let body = |times: u64| {
        let cell = "<table:table-cell><text:p>1</text:p></table:table-cell>";
        format!(
            "{head}<table:table-row table:number-rows-repeated=\"{times}\">{cell}{cell}{cell}\
             </table:table-row>"
        )
    };
    let beside = mapping(r#"{"awarded_on": "2024-01-09"}"#);
    let lines = TestFile::new(ods(&ods_content(&body(3))))
        .read_with(&beside)
        .unwrap();
    assert_eq!(line_nos(&lines), [2, 3, 4]);
    let bomb = TestFile::new(ods(&ods_content(&body(u64::MAX))));
    assert_eq!(bomb.read_with(&beside).unwrap_err().code, "FILE_DAMAGED");
    let wide = format!(
        "{head}<table:table-row><table:table-cell table:number-columns-repeated=\"16384\">\
         <text:p>1</text:p></table:table-cell></table:table-row>"
    );
    let lines = TestFile::new(ods(&ods_content(&wide)))
        .read_with(&beside)
        .unwrap();
    assert_eq!(faults(&lines), [(2, vec!["TOO_MANY_COLUMNS"])]);
}

#[test]
fn an_xls_whose_two_cells_span_the_whole_sheet_is_refused_before_it_is_unpacked() {
    let mut rows = vec![vec!["1"]; 1];
    rows.extend(vec![Vec::new(); 60_000]);
    rows.push(vec![""; 250]);
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let code = TestFile::new(xls(&rows)).read().unwrap_err().code;
    assert_eq!(code, "FILE_TOO_LARGE_UNPACKED");
    let other = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    let other = other.into_inner().into_inner();
    assert_eq!(TestFile::new(other).read().unwrap_err().code, "FILE_KIND");
}

#[test]
fn a_doctype_in_an_ods_is_refused() {
    let content = ods_content(&ods_rows()).replace(
        "<office:document-content",
        "<!DOCTYPE x [<!ENTITY a \"b\">]><office:document-content",
    );
    assert_eq!(
        TestFile::new(ods(&content)).read().unwrap_err().code,
        "XML_DOCTYPE"
    );
}

/// For whoever breaks them.
pub(super) fn a_small_xls() -> Vec<u8> {
    xls(ROWS)
}

/// The same.
pub(super) fn a_small_ods() -> Vec<u8> {
    ods(&ods_content(&ods_rows()))
}

/// An .ods of these tables beside an empty one.
pub(super) fn ods_of(tables: &str) -> Vec<u8> {
    ods(&ods_content(&format!(
        "</table:table>{tables}<table:table>"
    )))
}

/// An .ods whose content is this, whatever it is.
pub(super) fn ods_with(content: &str) -> Vec<u8> {
    ods(content)
}

/// The content of the small .ods.
pub(super) fn a_small_ods_content() -> String {
    ods_content(&ods_rows())
}

#[test]
fn an_xls_that_claims_more_cells_than_may_be_is_refused_before_room_is_made_for_them() {
    let claims: [&[u8]; 4] = [
        // Rows 0 to 2^32 - 1 and 256 columns; a first row behind the last; too many; old form.
        &[0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 1, 0, 0],
        &[9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 4, 0, 0, 0],
        &[0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 255, 0, 0, 0],
        &[0, 0, 255, 255, 0, 0, 255, 0, 0, 0],
    ];
    for claim in claims {
        let bytes = xls_claiming(ROWS, claim);
        let code = TestFile::new(bytes).read().unwrap_err().code;
        assert_eq!(code, "FILE_TOO_LARGE_UNPACKED", "{claim:?}");
    }
    let honest = xls_claiming(ROWS, &[0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 6, 0, 0, 0]);
    let lines = TestFile::new(honest).read().unwrap();
    assert_eq!(told(&lines), told(&as_csv()));
}

#[test]
fn an_xls_of_one_long_string_in_many_cells_is_refused_and_a_short_one_is_not() {
    let table = |length: u16| {
        let text = vec![b'x'; usize::from(length)];
        let strings = [length.to_le_bytes().to_vec(), vec![0], text].concat();
        [1_u32.to_le_bytes(), 1_u32.to_le_bytes()]
            .concat()
            .into_iter()
            .chain(strings)
            .collect()
    };
    let read = |length, labels| {
        let bytes = xls_of(ROWS, &[], table(length), labels);
        TestFile::new(bytes).read().err().map(|fault| fault.code)
    };
    assert_eq!(read(8_000, 40_000), Some("FILE_TOO_LARGE_UNPACKED"));
    assert_eq!(read(8, 100), None);
}

#[test]
fn an_xls_whose_two_sheets_are_one_place_is_damaged() {
    let sound = xls(ROWS);
    let file = cfb::CompoundFile::open(std::io::Cursor::new(sound)).unwrap();
    let mut file = file;
    let mut stream = Vec::new();
    std::io::Read::read_to_end(&mut file.open_stream("/Workbook").unwrap(), &mut stream).unwrap();
    let at = stream
        .windows(4)
        .position(|it| it == [0x85, 0, 12, 0])
        .unwrap();
    // The sheet begins within itself.
    stream[at + 4] += 4;
    let mut other = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    other
        .create_stream("/Workbook")
        .unwrap()
        .write_all(&stream)
        .unwrap();
    other.flush().unwrap();
    let bytes = other.into_inner().into_inner();
    assert_eq!(
        TestFile::new(bytes).read().unwrap_err().code,
        "FILE_DAMAGED"
    );
}
