//! What is said of a value that cannot be read.

use std::fmt::Display;

use creditbank_domain::fault::Fault;
use creditbank_domain::text::TextError;

use crate::fault::shown;
use crate::tree::Node;

pub(super) fn not_fields(node: &Node) -> Fault {
    wrong_type(node, ("一组字段", "a group of fields"))
}

pub(super) fn not_a_list(node: &Node) -> Fault {
    wrong_type(node, ("列表", "a list"))
}

pub(super) fn not_a_value(node: &Node) -> Fault {
    wrong_type(node, ("单个值", "a single value"))
}

fn wrong_type(node: &Node, (needs_zh, needs_en): (&str, &str)) -> Fault {
    let (zh, en) = node.kind();
    Fault::new(
        "RULES_WRONG_TYPE",
        format!("此处应为{needs_zh},现为{zh}"),
        format!("here stands {en} where {needs_en} is needed"),
    )
}

/// The fields that may stand there, the likeliest first.
pub(super) fn unknown_field(name: &str, allowed: &[&str]) -> Fault {
    let mut near: Vec<&str> = allowed.to_vec();
    near.sort_by_key(|word| edits(name, word));
    let meant = near.first().filter(|word| edits(name, word) <= 2);
    let (name, allowed) = (shown(name), allowed.join(", "));
    let (zh, en) = meant.map_or_else(Default::default, |word| {
        (format!("是否指 {word}?"), format!("; is it {word}?"))
    });
    Fault::new(
        "RULES_UNKNOWN_FIELD",
        format!("没有字段 {name}。{zh}可用字段:{allowed}"),
        format!("there is no field {name}{en}; the fields are {allowed}"),
    )
}

/// How many letters have to be changed, added or left out to make one word of another.
fn edits(a: &str, b: &str) -> usize {
    let other: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    // Nothing as long as this is a slip of a field's name.
    for (nth, letter) in a.chars().take(60).enumerate() {
        let mut next = vec![nth + 1];
        for (left, (above, pair)) in other.iter().zip(row.windows(2)).enumerate() {
            let &[diagonal, up] = pair else { continue };
            let beside = next.get(left).copied().unwrap_or_default();
            let changed = diagonal + usize::from(*above != letter);
            next.push(changed.min(up + 1).min(beside + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

pub(super) fn missing(name: &str) -> Fault {
    Fault::new(
        "RULES_MISSING_FIELD",
        format!("缺少字段 {name}"),
        format!("field {name} is missing"),
    )
}

pub(super) fn text(error: TextError) -> Fault {
    let zh = match &error {
        TextError::Empty { .. } => "文字不能为空".to_owned(),
        TextError::TooLong { characters_max, .. } => format!("文字最多 {characters_max} 个字"),
        TextError::ControlCharacter { .. } => "文字含有控制字符".to_owned(),
    };
    Fault::new("RULES_TEXT", zh, error.to_string())
}

pub(super) fn unknown_word<T: Display>(written: &str, all: &[T]) -> Fault {
    let written = shown(written);
    let words: Vec<String> = all.iter().map(ToString::to_string).collect();
    let words = words.join(", ");
    Fault::new(
        "RULES_UNKNOWN_WORD",
        format!("{written} 不在可用值之中:{words}"),
        format!("{written} is not one of {words}"),
    )
}

pub(super) fn not_a_day(written: &str) -> Fault {
    let written = shown(written);
    Fault::new(
        "RULES_DAY",
        format!("{written} 不是日期,请写成 2021-09-01"),
        format!("{written} is not a day; write it like 2021-09-01"),
    )
}

pub(super) fn not_a_count(written: &str, least: u32, most: u32) -> Fault {
    let written = shown(written);
    Fault::new(
        "RULES_COUNT",
        format!("{written} 不是 {least} 至 {most} 之间的整数"),
        format!("{written} is not a whole number from {least} to {most}"),
    )
}

pub(super) fn not_a_truth(written: &str) -> Fault {
    let written = shown(written);
    Fault::new(
        "RULES_TRUTH",
        format!("{written} 不是 true 或 false"),
        format!("{written} is neither true nor false"),
    )
}
