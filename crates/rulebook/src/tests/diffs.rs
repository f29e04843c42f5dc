use super::{GOOD, good, read, with};
use crate::{ChangeKind, diff};

fn texts(piece: &str, other: &str) -> Vec<String> {
    let changes = diff(&good(), &read(&with(piece, other)));
    changes.into_iter().map(|change| change.text.en).collect()
}

#[test]
fn the_same_rules_laid_out_otherwise_are_no_change() {
    let flat = crate::canonical_json(&good());
    assert_eq!(diff(&good(), &read(&flat)), []);
    assert_eq!(texts("credits: 3.50", "credits: '3.5'"), [""; 0]);
}

#[test]
fn a_changed_field_is_told_from_and_to() {
    assert_eq!(
        texts("minimum_grade: 75", "minimum_grade: 80"),
        ["rules R1 when minimum_grade: from \"75.00\" to \"80.00\""]
    );
    assert_eq!(
        texts("percent: 35", "percent: 40"),
        ["caps P most percent: from \"35.00\" to \"40.00\""]
    );
    assert_eq!(
        texts("valid_to: 2026-08-31\n", ""),
        ["valid_to removed: \"2026-08-31\""]
    );
    let change = &diff(
        &good(),
        &read(&with("minimum_grade: 75", "minimum_grade: 80")),
    )[0];
    assert_eq!(
        change.text.zh,
        "规则 R1 条件 最低成绩:由 \"75.00\" 改为 \"80.00\""
    );
    assert_eq!(change.path, "rules/R1/when/minimum_grade");
}

#[test]
fn rules_and_caps_that_come_and_go_are_told_whole() {
    let cap = "  - {code: Y, shape: period, begins: [03-01], most: {credits: 8}}\n";
    assert_eq!(
        texts(cap, ""),
        [
            "caps Y removed: {\"code\":\"Y\",\"shape\":\"period\",\"begins\":[\"03-01\"],\
          \"most\":{\"credits\":\"8.00\"}}"
        ]
    );
    let without = read(&with(cap, ""));
    let changes = diff(&without, &good());
    let kinds: Vec<_> = changes
        .iter()
        .map(|it| (it.kind, it.path.as_str()))
        .collect();
    assert_eq!(kinds, [(ChangeKind::Added, "caps/Y")]);
}

#[test]
fn another_order_is_told_as_such() {
    let (c1, c2) = (
        "  - {code: C1, title: 课程一, credits: 6}\n",
        "  - {code: C2, title: 课程二, credits: 3.50}\n",
    );
    let text = GOOD.replacen(&format!("{c1}{c2}"), &format!("{c2}{c1}"), 1);
    let changes = diff(&good(), &read(&text));
    assert_eq!(changes.len(), 1);
    assert_eq!(
        changes[0].text.en,
        "order of courses: from [\"C1\",\"C2\",\"C9\"] to [\"C2\",\"C1\",\"C9\"]"
    );
}
