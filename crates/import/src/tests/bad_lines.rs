//! Lines that are refused while their neighbours go on.

use proptest::prelude::*;

use super::*;
use crate::encoding::Encoding;
use crate::limits::RECORD_BYTES_MAX;

const HEADER: &str = "学号,姓名,学期,课程代码,学分,成绩\n";
const GOOD: &str = "1,张三丰,2024-2025-1,M1,3,60\n";

/// One bad line between two good ones: its place and codes, and nothing else is lost.
fn check(bad: &[u8], expected: &[&str]) {
    let bytes = [
        HEADER.as_bytes(),
        GOOD.as_bytes(),
        bad,
        b"\n",
        GOOD.as_bytes(),
    ]
    .concat();
    let lines = TestFile::new(bytes).read().unwrap();
    assert_eq!(
        faults(&lines),
        [(3, expected.to_vec())],
        "{:?}",
        String::from_utf8_lossy(bad)
    );
    assert_eq!(line_nos(&lines), [2, 3, 4]);
}

#[test]
fn every_bad_line_has_its_codes_and_its_place() {
    check("2,,2024-2025-1,M1,3,60".as_bytes(), &["NAME_MISSING"]);
    check(",李四,2024-2025-1,M1,3,60".as_bytes(), &["LEARNER_MISSING"]);
    check("2,李四,,M1,3,60".as_bytes(), &["DATE_MISSING"]);
    check("2,李四,2025秋,M1,3,60".as_bytes(), &["TERM_UNKNOWN"]);
    check("2,李四,2024-2025-1,,3,60".as_bytes(), &["COURSE_MISSING"]);
    check(
        "2,李四,1948-1949-1,M1,3,60".as_bytes(),
        &["DATE_OUT_OF_RANGE"],
    );
    check(
        "2,李四,2024-2025-1,M1,3.125,60".as_bytes(),
        &["AMOUNT_TOO_PRECISE"],
    );
    check(
        "2,李四,2024-2025-1,M1,-3,60".as_bytes(),
        &["AMOUNT_NOT_A_NUMBER"],
    );
    check(
        "2,李四,2024-2025-1,M1,99999999,60".as_bytes(),
        &["AMOUNT_TOO_LARGE"],
    );
    check(
        "2,李四,2024-2025-1,M1,3,101".as_bytes(),
        &["GRADE_OUT_OF_RANGE"],
    );
    check("2,李四,2024-2025-1,M1,3,".as_bytes(), &["GRADE_MISSING"]);
    check(
        "2,李四,2024-2025-1,M1,3,very good".as_bytes(),
        &["GRADE_UNKNOWN"],
    );
    check(
        "2,李四,2024-2025-1,M1,3,缓考".as_bytes(),
        &["RESULT_NOT_YET"],
    );
    check(
        "1.1E+17,李四,2024-2025-1,M1,3,60".as_bytes(),
        &["IDENTIFIER_ROUNDED"],
    );
    check(
        "2,李四,2024-2025-1,M1,3,60,70".as_bytes(),
        &["MORE_CELLS_THAN_HEADINGS"],
    );
    check("2,李\0四,2024-2025-1,M1,3,60".as_bytes(), &["CELL_NUL"]);
    check(
        "2,李\u{1}四,2024-2025-1,M1,3,60".as_bytes(),
        &["NAME_INVALID"],
    );
    check(b"2,\xFF\xFE,2024-2025-1,M1,3,60", &["CELL_ENCODING"]);
    check(
        "2,\"李四,2024-2025-1,M1,3,60".as_bytes(),
        &["QUOTE_UNCLOSED"],
    );
    check(
        ",".repeat(crate::limits::COLUMNS_MAX).as_bytes(),
        &["TOO_MANY_COLUMNS"],
    );
    check(
        "x".repeat(RECORD_BYTES_MAX + 1).as_bytes(),
        &["LINE_TOO_LONG"],
    );
}

#[test]
fn progress_that_cannot_be_is_refused() {
    let check = |cells: &str, expected: &[&'static str]| {
        let csv = format!(
            "学号,学期,课程代码,成绩,完成讲数,课程考试成绩,出勤分钟,应到分钟\n1,2024-2025-1,A1,80,{cells}\n"
        );
        let lines = TestFile::new(csv).read().unwrap();
        assert_eq!(faults(&lines), [(2, expected.to_vec())], "{cells}");
    };
    check("二十六,,,", &["COUNT_INVALID"]);
    check("-1,,,", &["COUNT_INVALID"]);
    check(",101,,", &["GRADE_OUT_OF_RANGE"]);
    check(",,61,60", &["ATTENDANCE_IMPOSSIBLE"]);
    check(",,0,0", &["ATTENDANCE_IMPOSSIBLE"]);
    check(",,52,", &["MINUTES_MISSING"]);
    check(
        "x,101,,60",
        &["COUNT_INVALID", "GRADE_OUT_OF_RANGE", "MINUTES_MISSING"],
    );
}

#[test]
fn all_faults_of_a_line_are_told_at_once() {
    check(
        ",,2024-02-30,,abc,101".as_bytes(),
        &[
            "NAME_MISSING",
            "LEARNER_MISSING",
            "COURSE_MISSING",
            "GRADE_OUT_OF_RANGE",
            "TERM_UNKNOWN",
            "AMOUNT_NOT_A_NUMBER",
        ],
    );
}

#[test]
fn faults_name_the_column_and_never_the_person() {
    let csv = "身份证号,姓名,课程代码,获得日期,成绩\n\
               11010519491231002A,王小明明,M1,2024-02-30,九十\n";
    let lines = TestFile::new(csv).read().unwrap();
    let faults = lines[0].content.clone().unwrap_err();
    let codes: Vec<_> = faults.iter().map(|fault| fault.code).collect();
    assert_eq!(codes[1..], ["GRADE_UNKNOWN", "DATE_INVALID"]);
    let text: String = faults
        .iter()
        .map(|fault| format!("{}{}", fault.zh, fault.en))
        .collect();
    for column in ["「身份证号」列", "「成绩」列", "「获得日期」列"] {
        assert!(text.contains(column), "{text}");
    }
    for personal in ["11010519491231002A", "王小明明", "九十"] {
        assert!(!text.contains(personal), "{text}");
    }
}

#[test]
fn rounded_numbers_in_a_workbook_are_refused_and_others_lose_no_digit() {
    let mut book = workbook(&[&["学号", "课程代码", "学期", "成绩", "学分"]]);
    let sheet = book.worksheet_from_index(0).unwrap();
    let ids = [1.101_011_990_030_712e17, 1e15, 20_260_001.0];
    for (row, id) in (1..).zip(ids) {
        sheet.write_number(row, 0, id).unwrap();
        sheet.write_string(row, 1, "M1").unwrap();
        sheet.write_string(row, 2, "2024-2025-1").unwrap();
        sheet.write_number(row, 3, 86.5).unwrap();
        sheet.write_number(row, 4, 3.0).unwrap();
    }
    let lines = TestFile::new(book.save_to_buffer().unwrap())
        .read()
        .unwrap();
    let rounded = vec!["IDENTIFIER_ROUNDED"];
    assert_eq!(faults(&lines), [(2, rounded.clone()), (3, rounded)]);
    assert_eq!(
        lines[2].report().unwrap().clone().learner,
        student("20260001")
    );
}

#[test]
fn rounded_record_ids_never_make_one_outcome_of_two() {
    let csv = "成绩编号,学号,学期,课程代码,成绩\n2.02501E+17,1,2024-2025-1,M1,60\n";
    let lines = TestFile::new(csv).read().unwrap();
    assert_eq!(faults(&lines), [(2, vec!["IDENTIFIER_ROUNDED"])]);
}

#[test]
fn a_formula_s_error_value_is_refused() {
    let mut book = workbook(&[&["学号", "课程代码", "学期", "成绩"]]);
    let sheet = book.worksheet_from_index(0).unwrap();
    sheet.write_string(1, 0, "1").unwrap();
    sheet.write_string(1, 1, "M1").unwrap();
    sheet.write_string(1, 2, "2024-2025-1").unwrap();
    let formula = rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!");
    sheet.write_formula(1, 3, formula).unwrap();
    let lines = TestFile::new(book.save_to_buffer().unwrap())
        .read()
        .unwrap();
    assert_eq!(faults(&lines), [(2, vec!["CELL_ERROR"])]);
}

#[test]
fn a_poisoned_line_of_a_gbk_file_is_the_only_one_lost() {
    let gbk = |text: &str| Encoding::Gb18030.encode(text);
    let good: Vec<_> = (0..9).flat_map(|_| gbk(GOOD)).collect();
    let bytes = [
        gbk(HEADER),
        b"2,\xFF\xFF,2024-2025-1,M1,3,60\n".to_vec(),
        good,
    ]
    .concat();
    let lines = TestFile::new(bytes).read().unwrap();
    assert_eq!(faults(&lines), [(2, vec!["CELL_ENCODING"])]);
    assert_eq!(lines.len(), 10);
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic_or_lose_a_line_number(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        let file = [HEADER.as_bytes(), &bytes].concat();
        if let Ok(lines) = TestFile::new(file).read() {
            let numbers = line_nos(&lines);
            prop_assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn any_text_in_the_cells_gives_a_line_or_coded_faults(
        cells in proptest::collection::vec("[^\"\r\n\0]{0,12}", 6),
    ) {
        let quoted: Vec<_> = cells.iter().map(|cell| format!("\"{cell}\"")).collect();
        let file = format!("{HEADER}{}\n{GOOD}", quoted.join(","));
        let lines = TestFile::new(file).read().unwrap();
        let last = lines.last().unwrap();
        prop_assert!(last.line_no == 3 && last.content.is_ok());
        let faults = lines.iter().filter_map(|line| line.content.as_ref().err());
        prop_assert!(faults.flatten().all(|fault| !fault.code.is_empty()));
    }
}

/// A file of some lines of either encoding: the places and codes of those that are refused.
fn mixed(lines: &[(Encoding, &str)]) -> Result<Vec<(u64, Vec<&'static str>)>, &'static str> {
    let bytes: Vec<u8> = lines
        .iter()
        .flat_map(|(encoding, line)| encoding.encode(line))
        .collect();
    let lines = TestFile::new(bytes).read().map_err(|fault| fault.code)?;
    Ok(faults(&lines))
}

#[test]
fn a_small_file_of_two_encodings_is_read_in_the_encoding_of_its_header() {
    let (utf8, gb) = (Encoding::Utf8, Encoding::Gb18030);
    let wrong = |line| (line, vec!["CELL_ENCODING"]);
    // Names of an even number of characters: in UTF-8 they could be read as GB 18030 too.
    let other = "2,欧阳,2024-2025-1,M1,3,60\n";
    for [of_header, of_others] in [[utf8, gb], [gb, utf8]] {
        let one = [
            (of_header, HEADER),
            (of_header, GOOD),
            (of_header, other),
            (of_others, GOOD),
        ];
        assert_eq!(mixed(&one), Ok(vec![wrong(4)]), "{of_header:?}");
        let even = [(of_header, HEADER), (of_others, other)];
        assert_eq!(mixed(&even), Ok(vec![wrong(2)]), "{of_header:?}");
        // Most lines are of the other encoding, and still only they are lost.
        let most = [
            (of_others, "某某大学成绩单\n"),
            (of_header, HEADER),
            (of_others, other),
            (of_others, GOOD),
            (of_header, GOOD),
            (of_others, GOOD),
        ];
        assert_eq!(
            mixed(&most),
            Ok(vec![wrong(3), wrong(4), wrong(6)]),
            "{of_header:?}"
        );
    }
}

#[test]
fn a_header_of_ascii_says_nothing_of_the_encoding_and_most_lines_decide() {
    let (utf8, gb) = (Encoding::Utf8, Encoding::Gb18030);
    let header = "student_id,name,term,course_id,credits,grade\n";
    let of = |encoding, count: usize| vec![(encoding, GOOD); count];
    let file = |lines: Vec<_>| [vec![(utf8, header)], lines].concat();
    assert_eq!(mixed(&file(of(gb, 3))), Ok(vec![]));
    let wrong = |line| (line, vec!["CELL_ENCODING"]);
    let few_utf8 = [of(gb, 3), of(utf8, 1)].concat();
    assert_eq!(mixed(&file(few_utf8)), Ok(vec![wrong(5)]));
    let few_gb = [of(utf8, 3), of(gb, 1)].concat();
    assert_eq!(mixed(&file(few_gb)), Ok(vec![wrong(5)]));
}

#[test]
fn a_score_below_one_is_taken_for_a_share_unless_it_says_points() {
    let read = |grade: &str| {
        let text = format!("学号,课程代码,学期,成绩\n1,M1,2024-2025-1,{grade}\n");
        TestFile::new(text).read().unwrap()
    };
    for share in ["0.85", "０.９９", "0.01"] {
        assert_eq!(
            faults(&read(share)),
            [(2, vec!["GRADE_BELOW_ONE"])],
            "{share}"
        );
    }
    for score in ["0", "0.00", "1", "1.5", "0.85分"] {
        assert_eq!(faults(&read(score)), [], "{score}");
    }
}
