//! Attendance lists of meetings.

use super::*;

const HEAD: &str = "会议主题,继续教育讲座,,,\n会议开始时间,2026-11-22 09:00:00,,,\n\
                    会议结束时间,2026-11-22 10:00:00,,,\n学号,姓名,入会时间,离会时间,备注\n";

fn course() -> ReadOptions {
    mapping(r#"{"course": "TR-1"}"#)
}

/// Line, minutes attended and held, the grade, of every line that is an outcome.
fn minutes(lines: &[ImportLine]) -> Vec<(u64, u32, u32, String)> {
    let outcomes = lines.iter().filter_map(|line| {
        let one = line.report()?;
        let attendance = one.progress.attendance?;
        Some((
            line.line_no,
            attendance.attended(),
            attendance.held(),
            one.grade.to_string(),
        ))
    });
    outcomes.collect()
}

#[test]
fn times_are_merged_and_86_7_percent_passes_80_and_78_3_does_not() {
    let csv = format!(
        "{HEAD}01,张三,2026-11-22 08:50:00,2026-11-22 09:30:00,\n\
         02,李四,2026-11-22 09:13:00,2026-11-22 10:05:00,\n\
         01,张三,2026-11-22 09:20:00,2026-11-22 09:52:00,手机\n\
         02,李四,2026-11-22 09:20:00,2026-11-22 09:20:00,\n"
    );
    let lines = TestFile::new(csv).read_with(&course()).unwrap();
    let expected = [
        (5, 52, 60, "passed".to_owned()),
        (6, 47, 60, "not_passed".to_owned()),
    ];
    assert_eq!(minutes(&lines), expected);
    let first = lines[0].report().unwrap();
    assert_eq!(first.entry.code.as_str(), "TR-1");
    assert_eq!(first.awarded_on, day("2026-11-22"));
    assert_eq!(lines[0].report().unwrap().learner, named("01", "张三"));
}

#[test]
fn a_mapping_says_what_the_list_does_not_and_english_exports_are_read() {
    let csv = "Name,student_id,Join Time,Leave Time,Duration\n\
               A Lee,S1,11/22/2026 01:00:00 PM,11/22/2026 01:45:59 PM,46\n\
               B Ray,S2,03/07/2026 13:00,11/22/2026 01:45:59 PM,46\n\
               C Roy,S3,11/22/2026 01:45:59 PM,11/22/2026 01:00:00 PM,46\n";
    let file = TestFile::new(csv);
    let missing = file.read_with(&course()).unwrap();
    assert_eq!(
        faults(&missing)[0],
        (2, vec!["HELD_MINUTES_MISSING"]),
        "nothing says how long it was, and nothing is guessed"
    );
    let said =
        mapping(r#"{"course": "TR-1", "attendance": {"held_minutes": 60, "percent_min": "75"}}"#);
    let lines = file.read_with(&said).unwrap();
    assert_eq!(minutes(&lines), [(2, 45, 60, "passed".to_owned())]);
    let expected = [(3, vec!["TIME_INVALID"]), (4, vec!["TIME_INVALID"])];
    assert_eq!(faults(&lines), expected);
}

#[test]
fn one_person_in_two_courses_is_two_lines_and_nobody_s_row_is_refused() {
    let csv = "学号,课程代码,入会时间,离会时间,应到分钟\n\
               01,A,2026-11-22 09:00,2026-11-22 10:00,60\n\
               01,B,2026-11-22 10:00,2026-11-22 10:30,60\n\
               ,A,2026-11-22 09:00,2026-11-22 10:00,60\n";
    let lines = TestFile::new(csv).read().unwrap();
    let expected = [
        (2, 60, 60, "passed".to_owned()),
        (3, 30, 60, "not_passed".to_owned()),
    ];
    assert_eq!(minutes(&lines), expected);
    assert_eq!(faults(&lines), [(4, vec!["LEARNER_MISSING"])]);
}
