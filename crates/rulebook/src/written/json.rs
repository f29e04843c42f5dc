//! JSON without a space to choose.

use super::Written;

pub(super) fn json(written: &Written) -> String {
    let mut out = String::new();
    write(&mut out, written);
    out
}

fn write(out: &mut String, written: &Written) {
    match written {
        Written::Text(text) => out.push_str(&quoted(text)),
        Written::Bare(text) => out.push_str(text),
        Written::List(items) => {
            out.push('[');
            for (nth, item) in items.iter().enumerate() {
                if nth > 0 {
                    out.push(',');
                }
                write(out, item);
            }
            out.push(']');
        }
        Written::Fields(fields) => {
            out.push('{');
            for (nth, (name, value)) in fields.iter().enumerate() {
                if nth > 0 {
                    out.push(',');
                }
                out.push_str(&quoted(name));
                out.push(':');
                write(out, value);
            }
            out.push('}');
        }
    }
}

/// A text in quotes, as JSON and YAML both read it.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            // What one of the two does not take as it is, or what a reader may take for a break.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
