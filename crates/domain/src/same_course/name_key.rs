//! What two spellings of one course name have in common.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

/// The form in which the spellings of a course name are one text. For comparing only.
///
/// | what is written | becomes | because |
/// |---|---|---|
/// | full width, circled, bracketed, compatibility forms | NFKC | keyboards and old fonts differ, the character does not |
/// | upper case | lower case | |
/// | spaces, punctuation, brackets | nothing | `C++`, `C#` and `C` are three languages, so `+` and `#` stay behind a Latin word |
/// | `Ⅱ`; at the end of a word `II`, `二`, `贰`, `02`; the same in brackets | `2` | schools number the parts of a course in all these ways |
/// | 与, 和, 及, 以及, 及其, `、`, `&`, `and` | 与 | all say "and". Folded, not dropped: 和声学 is harmony, 声学 is acoustics |
/// | 的 | nothing | only ties an attribute to its noun: 管理的艺术, 管理艺术 |
///
/// What stays apart on purpose: 上 and 下, the numbers themselves, and words such as 概论, 导论,
/// 基础 or 原理, which are different courses of one field. A Chinese numeral within a word (三维)
/// is a part of the word. Spaces count only between two Latin letters or two digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameKey(String);

/// Every pass may join what the last one brought together; more than a few never change anything.
const PASSES_MAX: usize = 8;

impl NameKey {
    /// The key of a name. A name of nothing but marks is its own key.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let mut key = folded(name);
        if key.is_empty() {
            let marks = plain(name).chars().filter(|it| !is_blank(*it)).collect();
            return Self(marks);
        }
        for _ in 0..PASSES_MAX {
            let again = folded(&key);
            if again.is_empty() || again == key {
                break;
            }
            key = again;
        }
        Self(key)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A part of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// A word of letters that are not Chinese.
    Letters(String),
    Digits(String),
    /// A run of Chinese numerals.
    Numerals(String),
    Other(char),
    And,
    /// Punctuation: the end of a word, and nothing else.
    Break,
}

fn folded(name: &str) -> String {
    let pieces = joined(pieces(&plain(name)));
    let mut key = String::with_capacity(name.len());
    for (position, piece) in pieces.iter().enumerate() {
        let next = pieces.get(position.saturating_add(1));
        let ends_word = matches!(next, None | Some(Piece::Break | Piece::And));
        match piece {
            Piece::Letters(word) => match roman(word).filter(|_| ends_word) {
                Some(number) => push_number(&mut key, &number.to_string()),
                None => key.push_str(word),
            },
            Piece::Numerals(word) => match chinese(word).filter(|_| ends_word) {
                Some(number) => push_number(&mut key, &number.to_string()),
                None => key.push_str(word),
            },
            Piece::Digits(digits) => {
                let significant = digits.trim_start_matches('0');
                let number = if significant.is_empty() {
                    "0"
                } else {
                    significant
                };
                push_number(&mut key, number);
            }
            Piece::Other(character) => key.push(*character),
            Piece::And => key.push('与'),
            Piece::Break => {}
        }
    }
    key
}

/// One width, one case, one way to write each character.
fn plain(name: &str) -> String {
    let mut apart = String::with_capacity(name.len());
    for character in name.chars() {
        match number_sign(character) {
            Some(number) => apart.push_str(&format!(" {number} ")),
            None => apart.push(character),
        }
    }
    let lower = apart.nfkc().collect::<String>().to_lowercase();
    lower.nfkc().collect()
}

/// 数学1(1) is not 数学11.
fn push_number(key: &mut String, number: &str) {
    if key.ends_with(|character: char| character.is_ascii_digit()) {
        key.push('.');
    }
    key.push_str(number);
}

/// `Ⅱ`, `②`, `²`: one character that is a whole number, wherever it stands and whatever is beside
/// it. NFKC would make letters of the first and one number of `1②`.
fn number_sign(character: char) -> Option<String> {
    let code = u32::from(character);
    match code {
        0x2160..=0x216B => return Some((code - 0x215F).to_string()),
        0x2170..=0x217B => return Some((code - 0x216F).to_string()),
        // Digits, of full width too, are digits of a longer number.
        0..=0x7F | 0xFF10..=0xFF19 => return None,
        _ => {}
    }
    let written: String = std::iter::once(character).nfkc().collect();
    let is_number = written.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(written)
}

fn pieces(plain: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut spaced = false;
    for character in plain.chars() {
        // 的 says no more than the space between two words.
        if is_blank(character) || character == '的' {
            spaced = true;
            continue;
        }
        let mut fresh = piece_of(character);
        if fresh == Piece::Break && matches!(character, '+' | '#') {
            let after_word = matches!(
                pieces.last(),
                Some(Piece::Letters(_) | Piece::Other('+' | '#'))
            );
            if after_word {
                fresh = Piece::Other(character);
            }
        }
        match (pieces.last_mut(), &fresh) {
            (Some(Piece::Letters(word)), Piece::Letters(more)) if !spaced => word.push_str(more),
            (Some(Piece::Digits(word)), Piece::Digits(more)) if !spaced => word.push_str(more),
            (Some(Piece::Numerals(word)), Piece::Numerals(more)) => word.push_str(more),
            _ => pieces.push(fresh),
        }
        spaced = false;
    }
    pieces
}

fn piece_of(character: char) -> Piece {
    match character {
        '0'..='9' => Piece::Digits(character.to_string()),
        '、' | '&' => Piece::And,
        _ if numeral(character).is_some() => Piece::Numerals(character.to_string()),
        _ if is_ideograph(character) => Piece::Other(character),
        _ if character.is_alphanumeric() => Piece::Letters(character.to_string()),
        _ => Piece::Break,
    }
}

/// Puts the words for "and" together.
fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (joined.last(), &piece) {
            // 及其, once 及 was read.
            (Some(Piece::Other('及')), Piece::Other('其')) => {
                joined.pop();
                joined.push(Piece::And);
            }
            (Some(Piece::Other('以')), Piece::Other('及')) => {
                joined.pop();
                joined.push(piece);
            }
            (_, Piece::Letters(word)) if word == "and" => joined.push(Piece::And),
            (_, Piece::Other('与' | '和')) => joined.push(Piece::And),
            _ => joined.push(piece),
        }
    }
    for piece in &mut joined {
        if *piece == Piece::Other('及') {
            *piece = Piece::And;
        }
    }
    joined
}

fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}'
        )
}

const fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// `i` to `xii`, as courses are numbered.
fn roman(word: &str) -> Option<u32> {
    const NUMBERS: [(&str, u32); 12] = [
        ("i", 1),
        ("ii", 2),
        ("iii", 3),
        ("iv", 4),
        ("v", 5),
        ("vi", 6),
        ("vii", 7),
        ("viii", 8),
        ("ix", 9),
        ("x", 10),
        ("xi", 11),
        ("xii", 12),
    ];
    let found = NUMBERS.into_iter().find(|(roman, _)| *roman == word);
    found.map(|(_, number)| number)
}

const fn numeral(character: char) -> Option<u32> {
    Some(match character {
        '一' | '壹' => 1,
        '二' | '贰' => 2,
        '三' | '叁' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        '十' | '拾' => 10,
        _ => return None,
    })
}

/// 一 to 九十九; `None` where the run is no number, as in 一二.
fn chinese(word: &str) -> Option<u32> {
    let mut digits = word.chars().filter_map(numeral);
    match (digits.next()?, digits.next(), digits.next(), digits.next()) {
        (one, None, ..) => Some(one),
        (10, Some(ones @ 1..=9), None, _) => Some(10_u32.saturating_add(ones)),
        (tens @ 2..=9, Some(10), None, _) => Some(tens.saturating_mul(10)),
        (tens @ 2..=9, Some(10), Some(ones @ 1..=9), None) => {
            Some(tens.saturating_mul(10).saturating_add(ones))
        }
        _ => None,
    }
}
