//! How much memory a file takes, measured in a process of its own: reading every line, and writing
//! the file that comes back. Linux alone tells the high-water mark.

#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;

use super::*;
use crate::line::LineParser;
use crate::result_file::{LineNote, write_result_file};
use crate::sheet::Role;
use crate::transcript::Transcript;

/// The file that the child reads.
const FILE: &str = "CREDITBANK_MEMORY_FILE";
/// The claim of docs/IMPORT.md.
const MAX_KIB: u64 = 256 << 10;
const HEADINGS: [&str; 7] = [
    "学号",
    "姓名",
    "课程代码",
    "学分",
    "成绩",
    "获得日期",
    "成绩编号",
];

fn row(nth: usize) -> [String; 7] {
    [
        format!("S{nth:08}"),
        format!("学员{nth}"),
        format!("MATH{:03}", nth % 500),
        "4".to_owned(),
        (60 + nth % 40).to_string(),
        "2024-06-30".to_owned(),
        format!("XS2024-{nth:08}"),
    ]
}

fn csv(path: &Path, rows: usize) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    writeln!(file, "{}", HEADINGS.join(",")).unwrap();
    for nth in 0..rows {
        writeln!(file, "{}", row(nth).join(",")).unwrap();
    }
    file.flush().unwrap();
}

/// One with shared strings: three of each row stand in no other.
fn xlsx(path: &Path, rows: usize) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_low_memory().unwrap();
    let headings = HEADINGS.map(str::to_owned);
    for (at, cells) in (0..).zip(std::iter::once(headings).chain((0..rows).map(row))) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(at, column, cell).unwrap();
        }
    }
    book.save(path).unwrap();
}

/// Writes a file of so many rows.
type Write = fn(&Path, usize);

/// The high-water mark of a process that reads the file and writes its result file, in KiB.
fn peak_of(path: &Path, rows: usize) -> u64 {
    let child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "tests::memory::child",
            "--ignored",
            "--nocapture",
        ])
        .env(FILE, path)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(child.status.success(), "{told}");
    let number = |name: &str| {
        let behind = told.split_once(name).unwrap().1;
        let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().unwrap()
    };
    assert_eq!(number("lines="), u64::try_from(rows).unwrap(), "{told}");
    number("peak=")
}

fn peaks(write: Write, sizes: [usize; 2], extension: &str) -> [u64; 2] {
    let directory = tempfile::tempdir().unwrap();
    sizes.map(|rows| {
        let path = directory.path().join(format!("{rows}.{extension}"));
        write(&path, rows);
        peak_of(&path, rows)
    })
}

#[test]
fn the_lines_of_a_csv_take_no_memory_however_many_they_are() {
    let [few, many] = peaks(csv, [20_000, 100_000], "csv");
    assert!(many < 64 << 10, "{many} KiB");
    assert!(many < few + (4 << 10), "{few} KiB, then {many} KiB");
}

#[test]
fn three_hundred_thousand_rows_of_a_workbook_stay_below_what_is_claimed() {
    let [few, many] = peaks(xlsx, [10_000, 30_000], "xlsx");
    let of_300_000 = few + many.saturating_sub(few) * (300_000 - 10_000) / 20_000;
    assert!(of_300_000 < MAX_KIB, "{few} KiB, then {many} KiB");
}

fn page(path: &Path, rows: usize) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let headings = HEADINGS.map(str::to_owned);
    write!(file, "<html><table>").unwrap();
    for cells in std::iter::once(headings).chain((0..rows).map(row)) {
        writeln!(file, "<tr><td>{}", cells.join("</td><td>")).unwrap();
    }
    file.flush().unwrap();
}

#[test]
fn the_rows_of_a_page_take_no_memory_however_many_they_are() {
    let [few, many] = peaks(page, [10_000, 50_000], "xls");
    assert!(many < 64 << 10, "{many} KiB");
    assert!(many < few + (4 << 10), "{few} KiB, then {many} KiB");
}

/// As large and as full of markup as a document may be whose signature is looked into.
fn signed(path: &Path, rows: usize) {
    let made = include_str!("signed/unknown.xml");
    let (head, rest) = made.split_once("<report>").unwrap();
    let (_, signature) = rest.split_once("</report>").unwrap();
    let course = |nth: usize| {
        format!(
            "<learningOpportunitySpecification><identifier type=\"local\">C{nth}</identifier>\
             <title>{}</title><specifies><learningOpportunityInstance><date>2026-06-30</date>\
             <resultLabel>85</resultLabel></learningOpportunityInstance></specifies>\
             </learningOpportunitySpecification>",
            "课".repeat(270)
        )
    };
    let courses: String = (0..rows).map(course).collect();
    std::fs::write(path, format!("{head}<report>{courses}</report>{signature}")).unwrap();
}

#[test]
fn a_document_whose_signature_is_looked_into_stays_below_what_is_claimed() {
    let [few, many] = peaks(signed, [1, 7_000], "xml");
    assert!(
        many > few + (8 << 10),
        "{few} KiB, then {many} KiB: it was not looked into"
    );
    assert!(many < 96 << 10, "{few} KiB, then {many} KiB");
}

/// By hand: `cargo nextest run --workspace --run-ignored only -E 'test(at_full_size)'
/// --no-capture`; docs/IMPORT.md has the figures.
#[test]
#[ignore = "takes minutes"]
fn at_full_size_memory_is_as_claimed() {
    let cases: [(Write, usize, &str); 2] = [(csv, 5_000_000, "csv"), (xlsx, 300_000, "xlsx")];
    for (write, rows, extension) in cases {
        let [peak, _] = peaks(write, [rows, 1], extension);
        writeln!(std::io::stdout(), "{rows} rows of {extension}: {peak} KiB").unwrap();
        assert!(peak < MAX_KIB, "{peak} KiB");
    }
}

#[test]
#[ignore = "what the others start"]
fn child() {
    let Some(path) = std::env::var_os(FILE) else {
        return;
    };
    let path = Path::new(&path);
    let mut transcript = Transcript::open(path, None, &mut |_| None).unwrap();
    let (sheets, mapping) = (transcript.sheets.clone(), transcript.mapping.clone());
    let parser = LineParser {
        sheets: &sheets,
        mapping: &mapping,
        learner: None,
        today: day("2026-11-22"),
        pseudonym: &pseudonym,
    };
    let mut lines = 0;
    transcript
        .for_each_row(&mut |row, role| {
            if let Role::Lines(at) = role {
                for at in at {
                    assert!(parser.line(&row, &at).content.is_ok());
                    lines += 1;
                }
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    drop(transcript);
    let out = path.with_extension("back");
    write_result_file(path, None, &out, &mut |_| {
        Ok(LineNote::new("已入账", "", ""))
    })
    .unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.split_once("VmHWM:").unwrap().1.trim_start();
    let peak: String = peak.chars().take_while(char::is_ascii_digit).collect();
    writeln!(std::io::stdout(), "lines={lines} peak={peak}").unwrap();
}
