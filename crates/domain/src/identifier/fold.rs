//! Folding of what people and old systems type: full-width characters, stray spaces, numbers that
//! a spreadsheet took for amounts.

/// Trims every kind of space (ideographic and zero-width ones too) and turns full-width
/// characters into ASCII. Nothing inside the text is dropped.
pub(crate) fn half_width(text: &str) -> String {
    let blank = |character: char| {
        character.is_whitespace() || matches!(character, '\u{200B}' | '\u{2060}' | '\u{FEFF}')
    };
    text.trim_matches(blank)
        .chars()
        .map(|character| match character {
            '\u{FF01}'..='\u{FF5E}' => {
                char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character)
            }
            '\u{3000}' => ' ',
            other => other,
        })
        .collect()
}

/// True for text that a spreadsheet made of a number: `1.10105E+17`, `110105491231002.0`.
///
/// Whatever had 16 or more digits has lost some, and leading zeros are gone in any case. `2E10`
/// without sign or point may be a real number of a school, so it does not count.
pub(crate) fn is_number_text(folded: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let Some((mantissa, exponent)) = folded.split_once(['E', 'e']) else {
        return folded.split_once('.').is_some_and(|(whole, decimals)| {
            digits(whole) && !decimals.is_empty() && decimals.bytes().all(|byte| byte == b'0')
        });
    };
    let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let marked = unsigned.len() < exponent.len() || mantissa.contains('.');
    marked && digits(unsigned) && digits(whole) && digits(decimals)
}

/// The first character, counted from 1, that does not pass its test.
pub(crate) fn first_wrong(text: &str, fits: impl Fn(usize, char) -> bool) -> Option<usize> {
    text.chars()
        .enumerate()
        .find(|(index, character)| !fits(*index, *character))
        .map(|(index, _)| index + 1)
}
