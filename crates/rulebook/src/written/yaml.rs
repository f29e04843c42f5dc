//! YAML as people write it: blocks, and short lists and groups on one line.

use super::Written;
use super::json::quoted;

/// Columns up to which a list or a group stays on its line.
const WIDTH: usize = 96;

pub(super) fn yaml(written: &Written) -> String {
    let mut out = String::new();
    block(&mut out, written, 0, true);
    out
}

/// Writes at an indent; the first line begins where the cursor stands.
fn block(out: &mut String, written: &Written, indent: usize, top: bool) {
    let pad = " ".repeat(indent);
    match written {
        Written::Fields(fields) if !fields.is_empty() => {
            for (nth, (name, value)) in fields.iter().enumerate() {
                if nth > 0 {
                    out.push_str(&pad);
                }
                out.push_str(name);
                out.push(':');
                value_of(out, value, indent, indent + name.len() + 2, top);
            }
        }
        Written::List(items) if !items.is_empty() => {
            for (nth, item) in items.iter().enumerate() {
                if nth > 0 {
                    out.push_str(&pad);
                }
                out.push('-');
                out.push(' ');
                let line = flow(item);
                if indent + 2 + columns(&line) <= WIDTH {
                    out.push_str(&line);
                    out.push('\n');
                } else {
                    block(out, item, indent + 2, false);
                }
            }
        }
        other => {
            out.push_str(&flow(other));
            out.push('\n');
        }
    }
}

/// What stands behind a name. What stands at the top gets lines of its own, so that lists of rules
/// read alike however short they are.
fn value_of(out: &mut String, value: &Written, indent: usize, at: usize, top: bool) {
    let line = flow(value);
    let alone = matches!(value, Written::Text(_) | Written::Bare(_));
    let list_at_top = top && matches!(value, Written::List(items) if !items.is_empty());
    if alone || (!list_at_top && at + columns(&line) <= WIDTH) {
        out.push(' ');
        out.push_str(&line);
        out.push('\n');
        return;
    }
    let inner = indent + 2;
    out.push('\n');
    out.push_str(&" ".repeat(inner));
    block(out, value, inner, false);
}

fn flow(written: &Written) -> String {
    match written {
        Written::Text(text) => scalar(text),
        Written::Bare(text) => text.clone(),
        Written::List(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Written::Fields(fields) => {
            let fields = fields.iter();
            let fields: Vec<String> = fields
                .map(|(name, value)| format!("{name}: {}", flow(value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

/// A text without quotes where nobody can take it for anything else, in quotes otherwise.
fn scalar(text: &str) -> String {
    let letter = |c: char| c.is_ascii_alphabetic() || is_cjk(c);
    let inner = |c: char| letter(c) || c.is_ascii_digit() || matches!(c, '-' | '_' | '/' | '.');
    let plain = text.chars().next().is_some_and(letter) && text.chars().all(inner);
    let word = text.to_ascii_lowercase();
    // Words that YAML 1.1 readers take for a truth or for nothing.
    let taken = [
        "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf",
    ];
    if plain && !taken.contains(&word.as_str()) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

fn is_cjk(character: char) -> bool {
    matches!(character, '\u{4e00}'..='\u{9fff}')
}

/// Chinese characters are two columns wide.
fn columns(line: &str) -> usize {
    line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}
