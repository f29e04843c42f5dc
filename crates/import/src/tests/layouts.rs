//! Layouts that differ and mean the same.

use creditbank_domain::grade::{Attempt, Grade};

use super::*;
use crate::encoding::Encoding;

fn outcomes(csv: &str) -> Vec<ReportedOutcome> {
    outcomes_with(csv, &options())
}

fn outcomes_with(csv: &str, options: &ReadOptions) -> Vec<ReportedOutcome> {
    let lines = TestFile::new(csv).read_with(options).unwrap();
    lines
        .into_iter()
        .map(|line| line.report().unwrap().clone())
        .collect()
}

fn score(text: &str) -> Grade {
    Grade::Score(text.parse().unwrap())
}

#[test]
fn the_same_grade_in_any_layout_is_the_same_outcome() {
    let one = outcomes("学号,学期,课程代码,成绩,学分\n01,2024-2025-1,M1,60,3\n");
    let layouts = [
        "课程编号;学年;学期;学籍号;总评成绩;学分\nM1;2024-2025;1;01;60;3.0\n",
        "成绩\t学分\t开课学期\t课程号\t学号\n６０\t３\t2024-2025学年第一学期\tM1\t\u{3000}01\n",
        "某大学成绩单,,,,\n\n序号,学号,学期,课程代码,成绩,学分\n1,01,2024-2025-1,M1,60,3\n\
         合计,,,,,3\n制表人：王老师,,,,,\n",
        "学号,学期,课程代码,成绩,学分\r\n01,2024-2025-1,M1,60,3\r\n\
         学号,学期,课程代码,成绩,学分\r\n,,,,\r\n",
        "学号,学期,课程代码,成绩,学分\r01,2024-2025-1,M1,60,3\r",
    ];
    for layout in layouts {
        assert_eq!(outcomes(layout), one, "{layout:?}");
    }
}

#[test]
fn the_derived_reference_hides_the_person_and_tells_terms_and_attempts_apart() {
    let all = outcomes(
        "学号,学期,课程代码,成绩,考试性质\n\
         0099887766,2024-2025-1,M1,50,\n0099887766,2024-2025-1,M1,60,补考\n\
         0099887766,2024-2025-2,M1,70,\n0099887767,2024-2025-1,M1,50,\n",
    );
    let mut refs: Vec<_> = all
        .iter()
        .map(|outcome| outcome.source_ref.as_str())
        .collect();
    assert!(refs.iter().all(|one| !one.contains("00998877")));
    refs.sort_unstable();
    refs.dedup();
    assert_eq!(refs.len(), 4);
}

#[test]
fn the_institution_s_own_record_id_is_the_reference() {
    let csv = "成绩编号,学号,学期,课程代码,成绩\nR-1,01,2024-2025-1,M1,60\n,01,2024-2025-1,M1,60\n";
    let lines = TestFile::new(csv).read().unwrap();
    assert_eq!(lines[0].report().unwrap().source_ref.as_str(), "R-1");
    assert_eq!(faults(&lines), [(3, vec!["SOURCE_REF_MISSING"])]);
}

#[test]
fn a_filled_resit_or_retake_column_is_the_result() {
    let all = outcomes(
        "学年,学期,学号,课程代码,成绩,补考成绩,重修成绩,重修标记\n\
         2024-2025,1,1,M1,50,,,0\n2024-2025,1,1,M1,50,62,,0\n\
         2024-2025,1,1,M1,50,,75,0\n2024-2025,1,2,M1,80,,,1\n",
    );
    let found: Vec<_> = all
        .iter()
        .map(|outcome| (outcome.grade, outcome.attempt))
        .collect();
    let expected = [
        (score("50"), Attempt::First),
        (score("62"), Attempt::Resit),
        (score("75"), Attempt::Retake),
        (score("80"), Attempt::Retake),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_learner_is_named_by_every_column_that_is_filled_the_surest_first() {
    let all = outcomes(
        "学号,身份证号,姓名,学期,课程代码,成绩\n\
         01,11010519491231002X,张三,2024-2025-1,M1,60\n01,,张三,2024-2025-1,M2,60\n",
    );
    let kinds = |outcome: &ReportedOutcome| match &outcome.learner {
        LearnerRef::Identified { identifiers, .. } => {
            identifiers.iter().map(Identifier::kind).collect::<Vec<_>>()
        }
        LearnerRef::Number(_) => panic!("no learner number here"),
    };
    let (card, student) = (IdentifierKind::ResidentId, IdentifierKind::StudentNumber);
    assert_eq!(kinds(&all[0]), [card, student]);
    assert_eq!(kinds(&all[1]), [student]);
    // A further identifier is no other outcome: the reference is made of the surest one.
    let without = outcomes("身份证号,学期,课程代码,成绩\n11010519491231002X,2024-2025-1,M1,60\n");
    assert_eq!(without[0].source_ref, all[0].source_ref);
}

#[test]
fn every_identifier_that_is_filled_has_to_be_right() {
    let csv = "学号,身份证号,护照号,学期,课程代码,成绩\n\
               01,110105194912310021,E1,2024-2025-1,M1,60\n\
               2.02E+11,11010519491231002X,,2024-2025-1,M1,60\n";
    let lines = TestFile::new(csv).read().unwrap();
    let expected = [
        (2, vec!["IDENTIFIER_CHECK_DIGIT", "IDENTIFIER_LENGTH"]),
        (3, vec!["IDENTIFIER_ROUNDED"]),
    ];
    assert_eq!(faults(&lines), expected);
}

#[test]
fn a_document_column_beside_the_number_says_which_document_it_is() {
    let csv = "证件类型,证件号码,姓名,课程代码,获得日期,成绩\n\
               护照,E12345678,张三,M1,2024-01-09,60\n\
               身份证,11010519491231002X,李四,M1,2024-01-09,60\n\
               军官证,123456,王五,M1,2024-01-09,60\n";
    let lines = TestFile::new(csv).read().unwrap();
    assert_eq!(faults(&lines), [(4, vec!["IDENTIFIER_KIND"])]);
}

#[test]
fn a_date_column_comes_before_the_term_and_the_mapping_s_days_before_the_calendar_s() {
    let csv = "学号,学期,获得日期,课程代码,成绩\n1,2024-2025-1,2025/1/9,M1,60\n\
               2,2024-2025-1,,M1,60\n3,,,M1,60\n";
    let options =
        mapping(r#"{"term_dates": {"2024-2025-1": "2025-01-20"}, "awarded_on": "2025-03-01"}"#);
    let days: Vec<_> = outcomes_with(csv, &options)
        .iter()
        .map(|one| one.awarded_on.to_string())
        .collect();
    assert_eq!(days, ["2025-01-09", "2025-01-20", "2025-03-01"]);
}

#[test]
fn a_mapping_translates_words_courses_and_hours() {
    let csv = "学号,学期,课程代码,成绩,总学时,学分\n1,2024-2025-1,A1,A*,32,\n\
               1,2024-2025-1,A2,ungraded,16,2\n";
    let options = mapping(
        r#"{"columns": {"hours": {"columns": ["总学时"]}}, "courses": {"A1": "OUR-1"},
            "grade_words": {"A*": "优秀", "Ungraded": "not_passed"}}"#,
    );
    let all = outcomes_with(csv, &options);
    assert_eq!(all[0].entry.code.as_str(), "OUR-1");
    assert_eq!(
        (all[0].grade.zh(), all[1].grade),
        ("优秀".to_owned(), Grade::NotPassed)
    );
    let stated: Vec<_> = all.iter().map(|outcome| outcome.stated.len()).collect();
    assert_eq!(stated, [1, 2], "a blank credit cell states nothing");
}

#[test]
fn a_line_states_how_far_the_learner_came_or_nothing() {
    let csv = "学号,学期,课程代码,成绩,完成讲数,课程考试成绩,出勤分钟,应到分钟\n\
               1,2024-2025-1,A1,80,26,60.5,52,60\n1,2024-2025-1,A2,80,,,,\n";
    let all = outcomes_with(csv, &mapping("{}"));
    let progress = all[0].progress;
    assert_eq!(progress.lectures_done, Some(26));
    assert_eq!(progress.exam.unwrap().to_string(), "60.50");
    assert_eq!(progress.attendance.unwrap().percent().to_string(), "86.67");
    assert!(all[1].progress.is_empty());
}

#[test]
fn one_file_is_the_same_in_every_encoding() {
    let csv = "学号,姓名,学期,课程代码,课程名称,成绩\n\
               1,𠮷野,2024-2025-1,M1,\"“互联网+”大赛, 省级\n二等奖\",60\n2,张三,2024-2025-1,M1,体育,70\n";
    let plain = TestFile::new(csv).read().unwrap();
    assert_eq!(
        line_nos(&plain),
        [2, 4],
        "a line is named by where its record begins"
    );
    let all = [
        Encoding::Utf8Bom,
        Encoding::Utf16Le,
        Encoding::Utf16Be,
        Encoding::Gb18030,
    ];
    for encoding in all {
        let bytes = [encoding.bom(), &encoding.encode(csv)].concat();
        let again = TestFile::new(bytes).read().unwrap();
        assert_eq!(told(&again), told(&plain), "{encoding:?}");
    }
}

#[test]
fn a_workbook_s_dates_are_days_and_its_titles_are_passed_over() {
    let mut book = workbook(&[
        &["2024 年成绩单"],
        &[],
        &["学号", "课程代码", "获得日期", "成绩"],
    ]);
    let sheet = book.worksheet_from_index(0).unwrap();
    sheet
        .merge_range(0, 0, 0, 3, "2024 年成绩单", &rust_xlsxwriter::Format::new())
        .unwrap();
    let date = rust_xlsxwriter::ExcelDateTime::parse_from_str("2024-01-09").unwrap();
    let format = rust_xlsxwriter::Format::new().set_num_format("yyyy/m/d");
    sheet.write_string(3, 0, "007").unwrap();
    sheet.write_string(3, 1, "M1").unwrap();
    sheet
        .write_datetime_with_format(3, 2, &date, &format)
        .unwrap();
    sheet.write_number(3, 3, 88.0).unwrap();
    let lines = TestFile::new(book.save_to_buffer().unwrap())
        .read()
        .unwrap();
    assert_eq!(line_nos(&lines), [4]);
    let outcome = lines[0].report().unwrap().clone();
    assert_eq!(
        (outcome.awarded_on, outcome.grade),
        (day("2024-01-09"), score("88"))
    );
    assert_eq!(outcome.learner, student("007"));
}
