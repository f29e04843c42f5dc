//! Rows that hold several records, headers of two rows, several sheets.

use super::*;
use crate::result_file::{LineNote, write_result_file};

fn told_of(csv: &str) -> Vec<(u64, String, String)> {
    let lines = TestFile::new(csv).read().unwrap();
    let told = lines.into_iter().map(|line| {
        let one = line.report().unwrap().clone();
        (
            line.line_no,
            one.entry.code.to_string(),
            one.grade.to_string(),
        )
    });
    told.collect()
}

#[test]
fn blocks_side_by_side_are_the_same_outcomes_as_below_each_other() {
    let beside = "学号,课程代码,学期,成绩,,学号,课程代码,学期,成绩\n\
                  01,M1,2024-2025-1,60,,02,M1,2024-2025-1,70\n\
                  03,M2,2024-2025-1,80,,合计,,,\n04,M2,2024-2025-1,90,,,,,\n合计,,,,,制表人:王,,,\n";
    let below = "学号,课程代码,学期,成绩\n01,M1,2024-2025-1,60\n02,M1,2024-2025-1,70\n\
                 03,M2,2024-2025-1,80\n04,M2,2024-2025-1,90\n";
    let read = |csv: &str| {
        let lines = TestFile::new(csv).read().unwrap();
        let outcomes = lines.iter().map(|line| line.report().unwrap().clone());
        (line_nos(&lines), outcomes.collect::<Vec<_>>())
    };
    let (places, outcomes) = read(beside);
    assert_eq!(places, [2001, 2002, 3001, 4001]);
    assert_eq!(outcomes, read(below).1);
}

#[test]
fn a_learner_s_columns_left_of_the_blocks_belong_to_all_of_them() {
    let csv = "学号,姓名,学期,课程代码,成绩,备注,课程代码,成绩,备注\n\
               01,张三,2024-2025-1,M1,60,,M2,,缓考\n02,李四,2024-2025-1,,,,M2,75,\n";
    let lines = TestFile::new(csv).read().unwrap();
    assert_eq!(line_nos(&lines), [2001, 2002, 3002]);
    assert_eq!(faults(&lines), [(2002, vec!["RESULT_NOT_YET"])]);
    let fault = &lines[1].content.as_ref().unwrap_err()[0];
    assert!(
        fault.zh.contains("2#2") && fault.en.contains("2#2"),
        "{fault}"
    );
}

#[test]
fn a_row_of_blocks_comes_back_with_one_note_that_tells_them_apart() {
    let csv = "学号,课程代码,学期,成绩,学号,课程代码,学期,成绩\n\
               01,M1,2024-2025-1,60,02,M1,2024-2025-1,70\n";
    let file = TestFile::new(csv);
    let out = file.path.with_extension("out");
    write_result_file(&file.path, None, &out, &mut |line_no| {
        Ok(match line_no {
            2001 => LineNote::new("已入账", "", ""),
            _ => LineNote::new("已拒绝", "OUTCOME_UNKNOWN", "没有该课程"),
        })
    })
    .unwrap();
    let text = std::fs::read_to_string(&out).unwrap();
    let rows: Vec<_> = text.lines().collect();
    assert!(rows[0].ends_with(",行状态,错误代码,说明"));
    assert!(rows[1].ends_with("70,已入账/已拒绝,#2 OUTCOME_UNKNOWN,#2 没有该课程"));
    // And it can be sent again.
    let again = read_lines(&out, &options(), &pseudonym).unwrap();
    assert_eq!(told(&again), told(&file.read().unwrap()));
}

#[test]
fn an_nad_upload_drops_a_card_number_and_skips_empty_subjects() {
    let csv = "ORG_NAME,REGN_NO,CNAME,AADHAAR_NO,COURSE_NAME,SESSION,SEM,DOI,SUB1NM,SUB1,SUB1_TOT,\
               SUB1_GRADE,SUB1_CREDIT,SUB1_CREDIT_ELIGIBILITY,SUB2NM,SUB2,SUB2_TOT,SUB2_GRADE,\
               SUB2_CREDIT,SUB2_CREDIT_ELIGIBILITY\n\
               X,007,ASHA RAO,999941057058,BSc,2025-26,3,15/06/2026,A,C1,78,A,4,Y,,,,,,\n\
               X,008,RAVI RAO,999941057058,BSc,2025-26,3,06/15/2026,A,C1,78,A,4,Y,B,C2,31,F,4,Y\n";
    let lines = TestFile::new(csv).read().unwrap();
    assert_eq!(line_nos(&lines), [2001, 3001, 3002]);
    let expected = [
        (3001, vec!["DATE_INVALID"]),
        (3002, vec!["GRADE_CONTRADICTS_VERDICT", "DATE_INVALID"]),
    ];
    assert_eq!(faults(&lines), expected);
    assert!(!format!("{lines:?}").contains("999941057058"));
}

#[test]
fn a_header_of_two_rows_is_read_as_one() {
    let csv = "某校成绩单,,,,,,\n学号,姓名,课程代码,学期,成绩,,\n,,,,平时,期末,总评\n\
               01,张三,M1,2024-2025-1,70,80,77\n制表人:王,,,,,,\n";
    assert_eq!(told_of(csv), [(4, "M1".to_owned(), "77.00".to_owned())]);
}

#[test]
fn every_sheet_with_a_header_is_read_where_the_mapping_says_so() {
    let mut book = Workbook::new();
    let sheets: [(&str, &[&[&str]]); 3] = [
        ("说明", &[&["请按模板填写"]]),
        (
            "一班",
            &[
                &["学号", "课程代码", "学期", "成绩"],
                &["1", "M1", "2024-2025-1", "60"],
            ],
        ),
        (
            "二班",
            &[
                &["成绩", "学期", "课程代码", "学号"],
                &["x", "2024-2025-1", "M1", "2"],
            ],
        ),
    ];
    for (name, rows) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        for (row, cells) in (0..).zip(rows) {
            for (column, cell) in (0..).zip(*cells) {
                sheet.write_string(row, column, *cell).unwrap();
            }
        }
    }
    let file = TestFile::new(book.save_to_buffer().unwrap());
    assert_eq!(file.read().unwrap_err().code, "SHEETS_AMBIGUOUS");
    let lines = file.read_with(&mapping(r#"{"sheet": "*"}"#)).unwrap();
    assert_eq!(line_nos(&lines), [20_000_002, 30_000_002]);
    assert_eq!(faults(&lines), [(30_000_002, vec!["GRADE_UNKNOWN"])]);
    let fault = &lines[1].content.as_ref().unwrap_err()[0];
    assert!(fault.zh.contains("二班!2"), "{}", fault.zh);
    let out = file.path.with_extension("xlsx");
    let every = mapping(r#"{"sheet": "*"}"#);
    let mut noted = Vec::new();
    write_result_file(&file.path, every.mapping.as_ref(), &out, &mut |line_no| {
        noted.push(line_no);
        Ok(LineNote::new("已入账", "", ""))
    })
    .unwrap();
    assert_eq!(noted, line_nos(&lines));
    assert_eq!(
        told(&read_lines(&out, &every, &pseudonym).unwrap()),
        told(&lines)
    );
}
