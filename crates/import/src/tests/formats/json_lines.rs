use super::*;

const LINES: &str = concat!(
    "{\"student_number\":\"007\",\"name\":\"𠮷野\",\"term\":\"2024-2025-1\",\"course_code\":\"M1\",",
    "\"credits\":2.50,\"grade\":85.5,\"marks\":[\"补考\"]}\n\n",
    "{\"student_number\":\"008\",\"name\":\"李四\",\"awarded_on\":\"2024-01-09\",\"course_code\":\"M1\",",
    "\"grade\":null,\"verdict\":true}\r\n",
);

#[test]
fn a_line_is_an_object_and_says_what_a_row_would() {
    let lines = TestFile::new(LINES).read().unwrap();
    assert_eq!(line_nos(&lines), [1, 3]);
    let expected = [
        course("M1", "85.50", "2025-01-31", Some(250)),
        course("M1", "passed", "2024-01-09", None),
    ];
    assert_eq!(courses(&lines), expected);
    let csv = "学号,姓名,学期,课程代码,学分,成绩,备注\n007,𠮷野,2024-2025-1,M1,2.5,85.5,补考\n";
    let row = TestFile::new(csv).read().unwrap();
    assert_eq!(
        lines[0].report().unwrap(),
        row[0].report().unwrap(),
        "the same grade in any layout is the same outcome"
    );
}

#[test]
fn every_bad_line_has_its_code_and_the_others_go_on() {
    let bad = [
        ("{\"student_number\":", "JSON_INVALID"),
        ("[1]", "JSON_INVALID"),
        ("{\"student_number\":7}", "JSON_VALUE"),
        ("{\"course_code\":[\"M1\"]}", "JSON_VALUE"),
        ("{\"shoe_size\":\"42\"}", "JSON_MEMBER"),
        ("{\"joined_at\":\"x\"}", "JSON_MEMBER"),
        ("{\"grade\":1,\"grade\":2}", "JSON_MEMBER_TWICE"),
        ("{\"name\":\"a\\u0000\"}", "CELL_NUL"),
    ];
    let body: Vec<_> = bad.iter().map(|(line, _)| *line).collect();
    let file = TestFile::new(format!("{LINES}{}\n", body.join("\n")));
    let lines = file.read().unwrap();
    let expected: Vec<_> = (4..)
        .zip(bad)
        .map(|(no, (_, code))| (no, vec![code]))
        .collect();
    assert_eq!(faults(&lines), expected);
    let mut bytes = LINES.as_bytes().to_vec();
    bytes.extend_from_slice(b"{\"name\":\"\xFF\"}\n");
    let lines = TestFile::new(bytes).read().unwrap();
    assert_eq!(faults(&lines), [(4, vec!["CELL_ENCODING"])]);
}

#[test]
fn it_comes_back_as_json_lines_with_three_members_more_and_can_be_sent_again() {
    let file = TestFile::new(format!("{LINES}not json\n"));
    assert_eq!(
        result_file_name("a.jsonl", &file.path).unwrap(),
        "a.result.jsonl"
    );
    let result = result_of(&file, &options());
    let told: Vec<serde_json::Value> = result
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(told[0]["credits"].to_string(), "2.5");
    assert!(
        result.contains("\"credits\":2.50"),
        "the digits stay as they were"
    );
    assert_eq!(told[0]["status"], "已拒绝");
    assert_eq!(told[0]["codes"][0], "OUTCOME_UNKNOWN");
    assert_eq!(told[1]["explanation"]["zh"], "第3行");
    assert_eq!(told[1]["explanation"]["en"], "unknown");
    assert_eq!(told[2]["line"], "not json");
    let again = TestFile::new(&result);
    let outcomes = |file: &TestFile| courses(&file.read().unwrap());
    assert_eq!(outcomes(&again), outcomes(&file));
    assert_eq!(
        result_of(&again, &options()).matches("\"status\"").count(),
        3
    );
}

#[test]
fn the_committed_schema_takes_what_the_reader_takes_and_refuses_what_it_refuses() {
    let schema = include_str!("../../../../../docs/import-line.schema.json");
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let valid =
        |line: &str| serde_json::from_str(line).is_ok_and(|value| validator.is_valid(&value));
    assert!(LINES.lines().filter(|line| !line.is_empty()).all(valid));
    for line in [
        "{\"student_number\":7}",
        "{\"course_code\":[\"M1\"]}",
        "{\"shoe_size\":\"42\"}",
        "[1]",
    ] {
        assert!(!valid(line), "{line}");
    }
    let members = schema["properties"].as_object().unwrap();
    let known = members
        .keys()
        .filter(|name| !["status", "codes", "explanation"].contains(&name.as_str()));
    for name in known {
        let line = format!("{{\"{name}\":\"\"}}");
        let lines = TestFile::new(format!("{LINES}{line}\n")).read().unwrap();
        let told = faults(&lines);
        assert!(!told[0].1.contains(&"JSON_MEMBER"), "{name}");
    }
}
