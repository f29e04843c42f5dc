//! Input that is made to be slow: eight times as much of it is about eight times the work.
//!
//! Work is the time that the thread was on a processor, so that others on the machine do not count;
//! where the system does not tell that, nothing is compared.

use serde_json::{Value, json};

use super::*;

/// Nanoseconds that this thread has worked.
fn worked() -> Option<u64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse().ok()
}

/// The least work of two tries.
fn work(file: &TestFile, options: &ReadOptions) -> Option<u64> {
    let tries = (0..2).map(|_| {
        let before = worked()?;
        let _ = file.read_with(options);
        worked()?.checked_sub(before)
    });
    tries.min().flatten()
}

fn assert_linear(what: &str, options: &ReadOptions, small: usize, make: &dyn Fn(usize) -> String) {
    let [few, many] = [small, small * 8].map(|count| TestFile::new(make(count)));
    let few_work = work(&few, options);
    let many_work = work(&many, options);
    if let (Some(few), Some(many)) = (few_work, many_work) {
        // Linear is 8, a square 64; below a millisecond the clock is too coarse.
        let few = few.max(1_000_000);
        assert!(many < few * 30, "{what}: {few} ns, then {many} ns");
    }
}

fn beside() -> ReadOptions {
    ReadOptions {
        learner: Some(student("7")),
        ..options()
    }
}

fn badge(id: usize, subject: Value) -> Value {
    let mut subject = subject;
    subject["achievement"]["id"] = json!(format!("urn:{id}"));
    json!({"type": ["OpenBadgeCredential"], "credentialSubject": subject, "validFrom": "2024-01-01"})
}

fn record(badges: &[Value], associations: &[Value]) -> String {
    json!({"type": ["ClrCredential"], "credentialSubject":
        {"verifiableCredential": badges, "association": associations}})
    .to_string()
}

fn child(of: usize, id: usize) -> Value {
    json!({"associationType": "isChildOf", "sourceId": format!("urn:{id}"),
        "targetId": format!("urn:{of}")})
}

#[test]
fn intervals_that_all_overlap_are_merged_in_about_linear_time() {
    let options = mapping(r#"{"course": "TR-1", "attendance": {"held_minutes": 60}}"#);
    assert_linear("overlaps", &options, 2_000, &|count| {
        let row = |at: usize| {
            let (minute, second) = (at / 60 % 30, at % 60);
            format!("1,2026-11-22 09:{minute:02}:{second:02},2026-11-22 09:59:00\n")
        };
        let rows: String = (0..count).rev().map(row).collect();
        format!("学号,入会时间,离会时间\n{rows}")
    });
}

#[test]
fn quotes_that_never_close_cost_their_lines_and_no_more() {
    assert_linear("quotes", &options(), 200, &|count| {
        let rows = "1,\"M1,2024-2025-1,60\n".repeat(count);
        format!("学号,课程代码,学期,成绩\n{rows}")
    });
}

#[test]
fn many_headings_and_long_cells_are_about_linear() {
    assert_linear("headings", &options(), 255, &|count| {
        let wide: Vec<_> = (0..count).map(|index| format!("备注{index}")).collect();
        let head = format!("学号,课程代码,学期,成绩,{}\n", wide.join(","));
        let row = format!("1,M1,2024-2025-1,60,{}\n", vec!["x"; count].join(","));
        // Above the header stand rows that could be one.
        format!("{}{head}{}", "学号,,成绩\n".repeat(28), row.repeat(10))
    });
    assert_linear("cells", &options(), 2_000, &|count| {
        let cell = "\"\"".repeat(count);
        format!(
            "学号,课程代码,学期,成绩,备注\n{}",
            format!("1,M1,2024-2025-1,60,\"{cell}\"\n").repeat(20)
        )
    });
}

#[test]
fn a_record_s_results_and_parts_are_about_linear() {
    assert_linear("parts", &beside(), 1_000, &|count| {
        let badges: Vec<_> = (0..count).map(|id| badge(id, json!({}))).collect();
        let parts: Vec<_> = (1..count).map(|id| child(0, id)).collect();
        record(&badges, &parts)
    });
    assert_linear("results", &beside(), 2_000, &|count| {
        let described =
            |id: usize| json!({"id": format!("urn:r{id}"), "resultType": "RubricScore"});
        let result = |id: usize| json!({"resultDescription": format!("urn:r{id}"), "value": "1"});
        let subject = json!({
            "achievement": {"resultDescription": (0..count).map(described).collect::<Vec<_>>()},
            "result": (0..count).map(result).collect::<Vec<_>>(),
        });
        badge(0, subject).to_string()
    });
}

#[test]
fn parts_of_parts_beyond_any_record_are_refused_before_they_fill_the_stack() {
    let badges: Vec<_> = (0..9_000).map(|id| badge(id, json!({}))).collect();
    let chain: Vec<_> = (1..9_000).map(|id| child(id - 1, id)).collect();
    let file = TestFile::new(record(&badges, &chain));
    assert_eq!(
        file.read_with(&beside()).unwrap_err().code,
        "NESTED_TOO_DEEP"
    );
    let shallow = TestFile::new(record(&badges[..60], &chain[..59]));
    assert_eq!(shallow.read_with(&beside()).unwrap().len(), 1);
}

#[test]
fn more_sheets_or_blocks_than_any_school_has_are_refused() {
    let table = |index: usize| format!("<table:table table:name=\"s{index}\"/>");
    let tables: String = (0..300).map(table).collect();
    let many = super::workbooks::ods_of(&tables);
    assert_eq!(
        TestFile::new(many).read().unwrap_err().code,
        "FILE_TOO_LARGE_UNPACKED"
    );
    let blocks = format!("学号{}\n", ",课程代码,成绩".repeat(1_000));
    assert_eq!(
        TestFile::new(blocks).read().unwrap_err().code,
        "LAYOUT_SIDE_BY_SIDE"
    );
}

#[test]
fn elements_with_many_attributes_namespaces_and_names_are_about_linear() {
    assert_linear("attributes", &beside(), 100, &|count| {
        let attributes: String = (0..100)
            .map(|at| format!(" xmlns:a{at}=\"urn:{at}\""))
            .collect();
        let course = format!(
            "<learningOpportunitySpecification{attributes}><identifier type=\"local\">C\
             </identifier></learningOpportunitySpecification>"
        );
        format!("<elmo><report>{}</report></elmo>", course.repeat(count))
    });
}
