use super::{GOOD, context, good, lines, read, with};
use crate::{LintContext, Severity, lint};

/// What is found in a document, as place and code, errors marked.
fn found(text: &str) -> Vec<String> {
    let findings = lint(&read(text), &context());
    let found = findings.iter().map(|finding| {
        let mark = match finding.severity {
            Severity::Error => "!",
            Severity::Warning => "",
        };
        format!(
            "{} {}{mark}",
            finding.fault.pointer, finding.fault.fault.code
        )
    });
    found.collect()
}

/// The good document with one more rule, before the tests.
fn and(rule: &str) -> String {
    with("tests:\n", &format!("{rule}\ntests:\n"))
}

#[test]
fn a_clean_document_has_no_findings() {
    let findings: Vec<_> = lint(&good(), &context())
        .into_iter()
        .map(|it| it.fault)
        .collect();
    assert_eq!(findings, [], "{}", lines(&findings));
}

#[test]
fn a_rule_that_another_one_makes_needless_is_found() {
    let check = |rule: &str, expected: &[&str]| {
        assert_eq!(found(&and(rule)), expected, "{rule}");
    };
    let r1 = "level: {framework: CN10, at_least";
    // A higher level, a better grade, a category beside, a part of the course: R1 does it all.
    for narrower in [
        format!("{{entries: [95001/A], minimum_grade: 75, {r1}: 5}}}}"),
        format!("{{entries: [95001/A], minimum_grade: 90, {r1}: 4}}}}"),
        format!("{{entries: [95001/A], categories: [course], minimum_grade: 75, {r1}: 4}}}}"),
        format!("{{entries: [95001/A], minimum_grade: 75, earned_within_months: 9, {r1}: 4}}}}"),
    ] {
        let rule = format!("  - {{code: R3, when: {narrower}, gives: [{{course: C1}}]}}");
        check(&rule, &["/rules/2 RULES_UNREACHABLE!"]);
    }
    check(
        &format!(
            "  - {{code: R3, when: {{entries: [95001/A], minimum_grade: 75, {r1}: 4}}}}, gives: [{{course: C1, credits: 5}}]}}"
        ),
        &["/rules/2 RULES_UNREACHABLE!"],
    );
    check(
        &format!(
            "  - {{code: R3, when: {{entries: [95001/A], minimum_grade: 75, {r1}: 4}}}}, gives: [{{course: C1}}]}}"
        ),
        &["/rules/2 RULES_TWINS!"],
    );
    check(
        &format!(
            "  - {{code: R3, when: {{all_of: [{{entries: [95001/A], minimum_grade: 75, {r1}: 4}}}}, {{entries: [95001/Z]}}]}}, gives: [{{course: C1}}]}}"
        ),
        &["/rules/2 RULES_UNREACHABLE!"],
    );
    // A wider one makes the older one needless.
    check(
        "  - {code: R3, when: {entries: [95001/A, 95001/D]}, gives: [{course: C1}]}",
        &["/rules/0 RULES_UNREACHABLE!"],
    );
    // Neither is wider than the other.
    for other in [
        format!("{{entries: [95001/A], minimum_grade: 60, {r1}: 5}}}}"),
        "{entries: [95001/A], minimum_grade: 75, level: {framework: EQF, at_least: 4}}".to_owned(),
        format!("{{entries: [95001/A], minimum_grade: 75, unit: hour, {r1}: 4}}}}"),
    ] {
        check(
            &format!("  - {{code: R3, when: {other}, gives: [{{course: C1}}]}}"),
            &[],
        );
    }
}

#[test]
fn some_of_several_is_compared_by_what_is_left() {
    let three = "{entries: [95001/B], unit: hour}, {categories: [training], unit: hour, amount_at_least: 16}, \
         {entries: [95001/Q], unit: hour}";
    let rule = |when: &str, gives: &str| {
        format!("  - {{code: R3, when: {{{when}}}, gives: [{{course: C2{gives}}}]}}")
    };
    // The whole course for any two of three; two of B, hours, Q do not always hold two of R2's.
    assert_eq!(
        found(&and(&rule(
            &format!("at_least: {{needed: 2, of: [{three}]}}"),
            ", credits: 1"
        ))),
        [""; 0]
    );
    // All three of them hold two of R2's, but what R2 gives is a part of the amounts.
    assert_eq!(
        found(&and(&rule(&format!("all_of: [{three}]"), ", credits: 1"))),
        [""; 0]
    );
    let fixed = and(&rule(&format!("all_of: [{three}]"), ", credits: 1")).replacen(
        "ratio: 1/16, rounding: half_up",
        "credits: 1",
        1,
    );
    let found = found(&fixed);
    assert_eq!(
        found.last().map(String::as_str),
        Some("/rules/2 RULES_UNREACHABLE!")
    );
}

#[test]
fn a_cap_that_can_never_cut_is_found() {
    // Both courses of the part come to 9.50; 35 % of 20 is 7.00 and cuts.
    let check = |percent: &str, expected: &[&str]| {
        let text = with("percent: 35", &format!("percent: {percent}"));
        assert_eq!(found(&text), expected, "{percent}");
    };
    check("47.49", &[]);
    check("47.50", &["/caps/0 RULES_CAP_NEVER_BINDS"]);
    let text = with("most: {credits: 8}", "most: {credits: 9.50}");
    assert_eq!(found(&text), ["/caps/1 RULES_CAP_NEVER_BINDS"]);
    // A share of the programme hangs on the programme.
    let text = with("part: 必修, most: {percent: 35}", "most: {percent: 100}");
    assert_eq!(found(&text), ["/parts/0 RULES_UNUSED_PART"]);
    let text = with(
        "shape: period, begins: [03-01], most: {credits: 8}",
        "shape: certificate, most: {credits: 6}",
    );
    assert_eq!(found(&text), ["/caps/1 RULES_CAP_NEVER_BINDS"]);
}

#[test]
fn twin_caps_are_found_whatever_the_order_of_their_words() {
    let caps = "caps:\n  - {code: A, shape: source, categories: [course, training], most: {credits: 5}}\n  \
         - {code: B, shape: source, categories: [training, course], most: {credits: 4}}\n";
    let text = with("caps:\n", caps);
    assert_eq!(found(&text), ["/caps/1 RULES_CAP_TWINS!"]);
    // By another measure it is another cap: at most 5 credits, and at most 20 %.
    let text = text.replacen("most: {credits: 4}", "most: {percent: 20}", 1);
    assert_eq!(found(&text), [""; 0]);
}

#[test]
fn what_is_over_unused_or_untested_is_found() {
    let late = LintContext {
        today: super::day("2026-09-01"),
        others: Vec::new(),
        rivals: Vec::new(),
    };
    let findings = lint(&good(), &late);
    assert_eq!(findings[0].fault.fault.code, "RULES_OVER");
    assert_eq!(findings[0].severity, Severity::Warning);
    let text = with("courses: [C9]", "courses: []");
    assert_eq!(
        found(&text),
        [
            "/courses/2 RULES_UNUSED_COURSE",
            "/parts/1 RULES_EMPTY_PART"
        ]
    );
    let untested = GOOD.split("tests:").next().unwrap();
    assert_eq!(found(untested), ["/tests RULES_NO_TESTS"]);
}
