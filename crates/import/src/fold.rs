//! Folding of cells: what looks the same to a registrar is the same to the reader.
//!
//! Only for comparing and for columns of figures; what is stored keeps the original characters.

use crate::formula;

/// Trims every kind of space, ideographic and zero-width ones too; nothing inside changes.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(is_blank)
}

/// Full-width letters, digits and signs as their ASCII twins, trimmed.
pub(crate) fn half_width(text: &str) -> String {
    trimmed(text).chars().map(to_half_width).collect()
}

/// The form in which headings, terms and words are compared: half width, without white space and
/// the asterisk of required columns, lower case.
pub(crate) fn key(text: &str) -> String {
    formula::meant(text)
        .chars()
        .filter(|character| !is_blank(*character))
        .map(to_half_width)
        .filter(|character| *character != '*')
        .flat_map(char::to_lowercase)
        .collect()
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{200B}' | '\u{2060}' | '\u{FEFF}')
}

fn to_half_width(character: char) -> char {
    match character {
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character)
        }
        '\u{3000}' => ' ',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_fold_to_one_key_whatever_their_width_space_and_case() {
        for heading in [
            "课程 代码",
            "＊课程代码",
            "课程\n代码",
            " *课程代码\u{3000}",
        ] {
            assert_eq!(key(heading), "课程代码", "{heading:?}");
        }
        assert_eq!(key("ＣＯＵＲＳＥ Code"), "coursecode");
    }

    #[test]
    fn only_the_ends_are_trimmed() {
        assert_eq!(trimmed("\u{3000}李\u{3000}明\u{FEFF}"), "李\u{3000}明");
        assert_eq!(half_width(" ８５．５ "), "85.5");
    }
}
