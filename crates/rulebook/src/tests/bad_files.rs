use super::{GOOD, lines, with};
use crate::parse;

/// The first fault of a document, as line:column, pointer and code.
pub(super) fn first(bytes: &[u8]) -> String {
    let faults = parse(bytes).expect_err("it was read");
    let first = &faults[0];
    let (line, column) = (first.line, first.column);
    format!("{line}:{column} {} {}", first.pointer, first.fault.code)
}

#[test]
fn what_cannot_be_read_at_all_is_refused_with_its_place() {
    let check = |bytes: &[u8], expected: &str| {
        assert_eq!(
            first(bytes),
            expected,
            "{}",
            String::from_utf8_lossy(&bytes[..60.min(bytes.len())])
        );
    };
    check(b"", "1:1  RULES_EMPTY");
    check(b"# only a comment", "1:1  RULES_EMPTY");
    check(b"null", "1:1  RULES_WRONG_TYPE");
    check(b"[]", "1:1  RULES_WRONG_TYPE");
    check(b"just words", "1:1  RULES_WRONG_TYPE");
    // A line that begins with a tab goes on with the value before it.
    check(b"format: 1\n\tcode: x\n", "1:9  RULES_SYNTAX");
    check(b"document:\n\t- x\n", "2:2  RULES_SYNTAX");
    check(b"format: 1\ncode: [a, b\n", "3:1  RULES_SYNTAX");
    check(b"{\"format\": 1, \"code\": }x", "1:24  RULES_SYNTAX");
    check(b"format: 1\ncode: \xff\xfe\n", "2:7  RULES_NOT_UTF8");
    check(
        b"format: 1\ncode: &a x\nreceiving: *a\n",
        "2:7 /code RULES_ALIAS",
    );
    check(b"format: 1\nreceiving: *a\n", "2:12  RULES_SYNTAX");
    check(b"format: 1\n<<: {code: x}\n", "2:1  RULES_ALIAS");
    check(b"format: !!int 1\n", "1:9 /format RULES_TAG");
    check(b"format: 1\n---\nformat: 1\n", "2:1  RULES_SECOND_DOCUMENT");
    check(b"format: 1\n? [a]\n: b\n", "2:3  RULES_NAME");
    check(
        b"format: 1\ncode: a\ncode: b\n",
        "3:1 /code RULES_DUPLICATE_FIELD",
    );
    check(
        b"format: 1\ndocument:\n  title: a\n  number: b\n  title: c\n",
        "5:3 /document/title RULES_DUPLICATE_FIELD",
    );
}

/// A piece of the good document, what stands there instead, and the first fault.
const VALUES: [(&str, &str, &str); 49] = [
    (
        "{entries: [95001/B], unit: hour}",
        "{entries: [95001/B]}",
        "30:33 /rules/1/gives/0/ratio RULES_MIXED_UNITS",
    ),
    ("code: R-T", "code: \"R\\u0001T\"", "3:7 /code RULES_TEXT"),
    ("format: 1", "format: 2", "1:9 /format RULES_COUNT"),
    ("code: R-T", "cod: R-T", "1:1 /code RULES_MISSING_FIELD"),
    (
        "valid_from: 2021-09-01",
        "valid_from: 2021-9-1",
        "5:13 /valid_from RULES_DAY",
    ),
    (
        "valid_from: 2021-09-01",
        "valid_from: 2021-02-30",
        "5:13 /valid_from RULES_DAY",
    ),
    (
        "valid_to: 2026-08-31",
        "valid_to: 2021-08-31",
        "6:11 /valid_to RULES_ENDS_BEFORE_IT_BEGINS",
    ),
    (
        "{people: 2}",
        "{people: 1}",
        "7:20 /approval/people RULES_COUNT",
    ),
    (
        "{people: 2}",
        "{committee: X}",
        "7:11 /approval/quorum RULES_MISSING_FIELD",
    ),
    (
        "{people: 2}",
        "{people: 2, quorum: 2}",
        "7:11 /approval RULES_APPROVAL",
    ),
    (
        "credits: 3.50",
        "credits: 3.505",
        "10:37 /courses/1/credits RULES_AMOUNT",
    ),
    (
        "credits: 3.50",
        "credits: .nan",
        "10:37 /courses/1/credits RULES_AMOUNT",
    ),
    (
        "credits: 3.50",
        "credits: 1e3",
        "10:37 /courses/1/credits RULES_AMOUNT",
    ),
    (
        "credits: 3.50",
        "credits: 0x10",
        "10:37 /courses/1/credits RULES_AMOUNT",
    ),
    (
        "credits: 3.50",
        "credits: -3.50",
        "10:37 /courses/1/credits RULES_AMOUNT",
    ),
    (
        "credits: 3.50",
        "credits: 3,50",
        "10:39 /courses/1/50 RULES_UNKNOWN_FIELD",
    ),
    (
        "credits: 3.50",
        "credits: 0.00",
        "10:37 /courses/1/credits RULES_ZERO",
    ),
    (
        "credits: 3.50",
        "credits: 1000000.01",
        "10:37 /courses/1/credits RULES_AMOUNT",
    ),
    (
        "credits: 3.50",
        "credits: ~",
        "10:5 /courses/1/credits RULES_MISSING_FIELD",
    ),
    (
        "credits: 3.50",
        "credits: [3]",
        "10:37 /courses/1/credits RULES_WRONG_TYPE",
    ),
    ("code: C2", "code: C1", "10:12 /courses/1/code RULES_TWICE"),
    (
        "courses: [C1, C2]",
        "courses: [C1, C3]",
        "13:55 /parts/0/courses/1 RULES_UNKNOWN_COURSE",
    ),
    (
        "replaceable: false",
        "replaceable: no",
        "14:40 /parts/1/replaceable RULES_TRUTH",
    ),
    (
        "courses: [C9]",
        "courses: [C1]",
        "21:22 /rules/0/gives/0/course RULES_NEVER_REPLACED",
    ),
    (
        "shape: programme",
        "shape: program",
        "16:22 /caps/0/shape RULES_UNKNOWN_WORD",
    ),
    (
        "part: 必修, most",
        "part: 选修, most",
        "16:39 /caps/0/part RULES_UNKNOWN_PART",
    ),
    (
        "credits: 20, courses",
        "courses",
        "16:39 /caps/0/part RULES_PART_WITHOUT_CREDITS",
    ),
    (
        "percent: 35",
        "percent: 101",
        "16:59 /caps/0/most/percent RULES_SHARE",
    ),
    (
        "percent: 35",
        "percent: 100.01",
        "16:59 /caps/0/most/percent RULES_SHARE",
    ),
    (
        "percent: 35",
        "percent: 0",
        "16:59 /caps/0/most/percent RULES_ZERO",
    ),
    (
        "percent: 35",
        "percent: 35%",
        "16:59 /caps/0/most/percent RULES_AMOUNT",
    ),
    (
        "most: {percent: 35}",
        "least: {percent: 35}",
        "16:5 /caps/0/most RULES_MISSING_FIELD",
    ),
    (
        "[03-01]",
        "[02-29]",
        "17:39 /caps/1/begins/0 RULES_MONTH_DAY",
    ),
    ("[03-01]", "[]", "17:38 /caps/1/begins RULES_NO_PERIODS"),
    (
        "95001/A]",
        "95001-A]",
        "20:22 /rules/0/when/entries/0 RULES_ENTRY",
    ),
    (
        "minimum_grade: 75",
        "minimum_grade: 101",
        "20:47 /rules/0/when/minimum_grade RULES_GRADE",
    ),
    (
        "minimum_grade: 75",
        "minimal_grade: 75",
        "20:32 /rules/0/when/minimal_grade RULES_UNKNOWN_FIELD",
    ),
    (
        "at_least: 4",
        "at_least: -1",
        "20:86 /rules/0/when/level/at_least RULES_COUNT",
    ),
    (
        "gives: [{course: C1}]",
        "gives: []",
        "21:12 /rules/0/gives RULES_NO_COURSE",
    ),
    (
        "gives: [{course: C1}]",
        "gives: [{course: C1}, {course: C1}]",
        "21:36 /rules/0/gives/1/course RULES_COURSE_TWICE",
    ),
    (
        "needed: 2",
        "needed: 4",
        "25:17 /rules/1/when/at_least/needed RULES_NEEDED",
    ),
    (
        "needed: 2",
        "needed: 0",
        "25:17 /rules/1/when/at_least/needed RULES_COUNT",
    ),
    (
        "unit: hour, amount",
        "unit: hours, amount",
        "28:44 /rules/1/when/at_least/of/1/unit RULES_UNKNOWN_WORD",
    ),
    (
        "ratio: 1/16",
        "ratio: 0/16",
        "30:33 /rules/1/gives/0/ratio RULES_RATIO",
    ),
    (
        "ratio: 1/16",
        "ratio: 1/0",
        "30:33 /rules/1/gives/0/ratio RULES_RATIO",
    ),
    (
        "ratio: 1/16",
        "ratio: 0.0625",
        "30:33 /rules/1/gives/0/ratio RULES_RATIO",
    ),
    (
        "ratio: 1/16, rounding: half_up",
        "ratio: 1/16",
        "30:13 /rules/1/gives/0/rounding RULES_MISSING_FIELD",
    ),
    (
        "rule: R1, course: C1",
        "rule: R7, course: C1",
        "38:51 /tests/0/expect/lines/0/rule RULES_UNKNOWN_RULE",
    ),
    (
        "lines: [{outcome: a,",
        "lines: [{outcome: b,",
        "38:42 /tests/0/expect/lines/0/outcome RULES_UNKNOWN_OUTCOME",
    ),
];

#[test]
fn a_wrong_value_is_refused_with_its_line_column_and_pointer() {
    let mut wrong = Vec::new();
    for (piece, other, expected) in VALUES {
        let text = with(piece, other);
        let found = first(text.as_bytes());
        if found != expected {
            wrong.push(format!("{other}: expected {expected}, found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_faults_are_told_in_the_order_of_their_places() {
    let text = with("unit: hour, amount", "unit: hours, amount").replacen(
        "percent: 35",
        "percent: 101",
        1,
    );
    let text = text.replacen("code: R-T", "codes: R-T", 1);
    let faults = parse(text.as_bytes()).unwrap_err();
    assert_eq!(
        lines(&faults),
        "1:1 /code RULES_MISSING_FIELD: field code is missing\n\
         3:1 /codes RULES_UNKNOWN_FIELD: there is no field codes; is it code?; the fields are \
         format, receiving, code, programmes, document, valid_from, valid_to, approval, source, \
         example, schemes, courses, parts, caps, rules, tests\n\
         16:59 /caps/0/most/percent RULES_SHARE: a share of 101.00 % is more than 100 %\n\
         28:44 /rules/1/when/at_least/of/1/unit RULES_UNKNOWN_WORD: hours is not one of credit, \
         hour, point, ceu"
    );
}

#[test]
fn rules_that_go_round_are_refused_naming_the_way() {
    let text = with("[95001/A]", "[95001/A, 90002/C2]");
    let text = text.replacen(
        "{entries: [95001/B], unit: hour}",
        "{entries: [90002/C1]}",
        1,
    );
    let faults = parse(text.as_bytes()).unwrap_err();
    assert_eq!(
        lines(&faults),
        "20:31 /rules/0/when/entries/1 RULES_CYCLE: rules go round: C1 → (R2) C2 → (R1) C1"
    );
    let alone = with("[95001/A]", "[90002/C1]");
    let faults = parse(alone.as_bytes()).unwrap_err();
    assert_eq!(
        lines(&faults),
        "20:22 /rules/0/when/entries/0 RULES_CYCLE: rules go round: C1 → (R1) C1"
    );
    let chain = with("[95001/A]", "[90002/C2]");
    assert!(parse(chain.as_bytes()).is_ok(), "a chain is no cycle");
}

#[test]
fn amounts_are_read_from_their_text() {
    for (written, read) in [
        ("6.10", "6.10"),
        ("0.1", "0.10"),
        ("6.500", "6.50"),
        ("'6.29'", "6.29"),
    ] {
        let document = super::read(&with("credits: 3.50", &format!("credits: {written}")));
        assert_eq!(document.courses[1].credits.to_string(), read);
    }
}

#[test]
fn codes_keep_their_leading_noughts() {
    let document = super::read(&GOOD.replace("\"90002\"", "00123"));
    assert_eq!(document.receiving.as_str(), "00123");
}
