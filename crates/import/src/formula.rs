//! What a spreadsheet would run when it opens the file that comes back.
//!
//! A cell that a spreadsheet takes for a formula goes back with an apostrophe before it, which
//! tells every spreadsheet that it is text; and exactly that apostrophe is no part of what a cell
//! says when the file is sent again. So the same file is the same records, however often it goes to
//! and fro.

use std::borrow::Cow;

/// How a formula may begin.
const BEGINNINGS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// True for what a spreadsheet may run. A signed number is none, nor is a dash or a blank: nothing
/// but `+` and `-`, then nothing but digits and points.
pub(crate) fn is_formula(text: &str) -> bool {
    let unsigned = text.trim_start_matches(['+', '-']);
    let is_number = unsigned.chars().all(|c| c.is_ascii_digit() || c == '.');
    let is_signed = unsigned.len() < text.len();
    text.starts_with(BEGINNINGS) && !(is_signed && is_number) && !text.trim().is_empty()
}

/// The text as it goes back.
pub(crate) fn neutral(text: &str) -> Cow<'_, str> {
    if is_formula(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// What a cell says: without the apostrophe that only keeps it from being a formula.
pub(crate) fn meant(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(formula) if is_formula(formula) => formula,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_are_told_from_numbers_dashes_and_texts() {
        for formula in [
            "=1+1",
            "@x",
            "+cmd|' /C calc'!A0",
            "-A1",
            "\t=x",
            "\rx",
            "+86 138",
            "=",
            "@",
        ] {
            assert!(is_formula(formula), "{formula:?}");
            assert_eq!(neutral(formula), format!("'{formula}"));
        }
        for text in [
            "",
            "-3",
            "+86",
            "-0.5",
            "+8613800000000",
            "-",
            "--",
            "\t",
            "a=b",
            "'=x",
            " =x",
            "60",
            "'",
        ] {
            assert!(!is_formula(text), "{text:?}");
            assert_eq!(neutral(text), text);
        }
    }

    #[test]
    fn only_an_apostrophe_before_a_formula_is_no_part_of_the_text() {
        for (written, said) in [
            ("'=1", "=1"),
            ("'@x", "@x"),
            ("''=1", "''=1"),
            ("'-3", "'-3"),
            ("'abc", "'abc"),
            ("'", "'"),
            ("=1", "=1"),
        ] {
            assert_eq!(meant(written), said, "{written}");
        }
    }

    proptest! {
        #[test]
        fn what_goes_back_says_the_same_and_is_no_formula(text in "['=+@\\-\t\r 1a]{0,6}") {
            let back = neutral(&text).into_owned();
            prop_assert_eq!(meant(&back), meant(&text));
            prop_assert!(!is_formula(&back));
            prop_assert_eq!(neutral(&back), back.as_str(), "once is enough");
        }
    }
}
