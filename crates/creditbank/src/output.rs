//! The one place that writes to the terminal.
//!
//! A reader that goes away (`| head`) is no error: what it no longer wants is not written.

use std::fmt;
use std::io::{self, Write};

/// Writes a line for people or programs to standard output.
macro_rules! say {
    ($($text:tt)*) => { $crate::output::line(format_args!($($text)*)) };
}

/// Writes a line about trouble or progress to standard error.
macro_rules! warn_user {
    ($($text:tt)*) => { $crate::output::error_line(format_args!($($text)*)) };
}

pub(crate) use {say, warn_user};

pub(crate) fn line(text: fmt::Arguments<'_>) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

pub(crate) fn error_line(text: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// How many columns a text takes in a terminal: Chinese characters take two.
pub(crate) fn width(text: &str) -> usize {
    text.chars()
        .map(|character| if is_wide(character) { 2 } else { 1 })
        .sum()
}

fn is_wide(character: char) -> bool {
    matches!(character,
        '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{303E}' | '\u{3041}'..='\u{A4CF}'
        | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}'
        | '\u{FF00}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}' | '\u{20000}'..='\u{3FFFD}')
}

/// The text with blanks behind it up to `columns`.
pub(crate) fn left(text: &str, columns: usize) -> String {
    let blanks = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(blanks))
}

/// The text with blanks before it up to `columns`.
pub(crate) fn right(text: &str, columns: usize) -> String {
    let blanks = columns.saturating_sub(width(text));
    format!("{}{text}", " ".repeat(blanks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_and_latin_text_line_up() {
        assert_eq!(width("学分 credit"), 11);
        assert_eq!(left("学分", 6), "学分  ");
        assert_eq!(right("6.00", 6), "  6.00");
        assert_eq!(left("继续教育", 4), "继续教育");
    }
}
