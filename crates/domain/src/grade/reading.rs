//! What the cells 成绩 and 成绩标识, 考试性质, 备注 of an institution's file say together.
//!
//! Only whole words of the vocabulary are read; nothing is searched for inside a sentence.

use super::{Attempt, Grade, GradeError, GradeReading, GradeWord, Letter};
use crate::identifier::fold;

/// Words that have a meaning in a mark cell as well as in the grade cell.
const SPECIAL: [(&str, GradeReading); 11] = [
    ("缓考", GradeReading::NotYet),
    ("缓补", GradeReading::NotYet),
    ("缺考", GradeReading::Achieved(Grade::Absent)),
    ("旷考", GradeReading::Achieved(Grade::Absent)),
    ("作弊", GradeReading::Achieved(Grade::Cheated)),
    ("舞弊", GradeReading::Achieved(Grade::Cheated)),
    ("取消", GradeReading::Achieved(Grade::Cancelled)),
    ("免修", GradeReading::Achieved(Grade::Exempted)),
    ("免考", GradeReading::Achieved(Grade::Exempted)),
    ("认定", GradeReading::Achieved(Grade::Exempted)),
    ("学分认定", GradeReading::Achieved(Grade::Exempted)),
];

/// Words that are a result in the grade cell and nothing anywhere else; English in any case.
const RESULTS: [(&str, Grade); 18] = [
    ("优秀", Grade::Word(GradeWord::Excellent)),
    ("优", Grade::Word(GradeWord::Excellent)),
    ("良好", Grade::Word(GradeWord::Good)),
    ("良", Grade::Word(GradeWord::Good)),
    ("中等", Grade::Word(GradeWord::Medium)),
    ("中", Grade::Word(GradeWord::Medium)),
    ("及格", Grade::Word(GradeWord::Pass)),
    ("不及格", Grade::Word(GradeWord::Fail)),
    ("通过", Grade::Passed),
    ("合格", Grade::Passed),
    ("P", Grade::Passed),
    ("Pass", Grade::Passed),
    ("不通过", Grade::NotPassed),
    ("不合格", Grade::NotPassed),
    ("NP", Grade::NotPassed),
    ("Fail", Grade::NotPassed),
    ("Distinction", Grade::Distinction),
    ("Withdrawn", Grade::Withdrawn),
];

/// Words that say which attempt it was, beside 补考 and 重修 with a numeral.
const ATTEMPTS: [(&str, Attempt); 22] = [
    ("正常", Attempt::First),
    ("正常考试", Attempt::First),
    ("正常修读", Attempt::First),
    ("正考", Attempt::First),
    ("初修", Attempt::First),
    ("初考", Attempt::First),
    ("首修", Attempt::First),
    ("首考", Attempt::First),
    ("二次补考", Attempt::Resit),
    ("第二次补考", Attempt::Resit),
    ("毕业补考", Attempt::Resit),
    ("毕业前补考", Attempt::Resit),
    ("结业补考", Attempt::Resit),
    ("清考", Attempt::Resit),
    ("毕业清考", Attempt::Resit),
    ("重考", Attempt::Resit),
    ("再修", Attempt::Retake),
    ("重读", Attempt::Retake),
    ("重学", Attempt::Retake),
    ("重新修读", Attempt::Retake),
    ("刷分", Attempt::Retake),
    ("刷分重修", Attempt::Retake),
];

/// Reads the grade cell together with the cells that qualify it.
///
/// Of all that is said the strongest counts: 作弊 and 舞弊, then 取消, then 缓考 and 缓补, then
/// 缺考 and 旷考, then the result in the grade cell, last 免修, 免考, 认定 and 学分认定. So a
/// cheat's 0 or 85 is a cheat, the 0 that stands in for a deferred examination is no result yet,
/// and 学分认定 beside a score leaves the score.
///
/// A grade cell must be understood whatever the marks say, but empty, a dash or an attempt (补考)
/// all say nothing. A mark cell is split at spaces, punctuation and brackets; a mark that is not in
/// the vocabulary is ignored, unless it shares its cell with a mark that decides: 缓考 未批准 may
/// mean the opposite, so that is refused.
///
/// # Errors
/// [`GradeError`] where the cell is not understood, or nothing says what the result is.
pub fn read_grade(cell: &str, marks: &[&str]) -> Result<GradeReading, GradeError> {
    let written = read_cell(cell)?;
    let marked = marks
        .iter()
        .filter_map(|mark| strongest_in(mark))
        .max_by_key(|mark| (strength(mark.reading), !mark.amid_unknown));
    match (written, marked) {
        (None, None) => Err(GradeError::Missing),
        (Some(written), Some(mark)) if strength(mark.reading) > strength(written) => mark.decides(),
        (Some(written), _) => Ok(written),
        (None, Some(mark)) => mark.decides(),
    }
}

/// Reads from the same cells which attempt it was: 重修 before 补考, nothing means the first.
#[must_use]
pub fn read_attempt(marks: &[&str]) -> Attempt {
    let attempts = marks.iter().flat_map(|mark| {
        words(&fold::half_width(mark))
            .filter_map(attempt_of)
            .collect::<Vec<_>>()
    });
    attempts.max().unwrap_or(Attempt::First)
}

struct Mark {
    reading: GradeReading,
    amid_unknown: bool,
}

impl Mark {
    const fn decides(&self) -> Result<GradeReading, GradeError> {
        if self.amid_unknown {
            Err(GradeError::UnknownMark)
        } else {
            Ok(self.reading)
        }
    }
}

fn strongest_in(mark: &str) -> Option<Mark> {
    let folded = fold::half_width(mark);
    let reading = words(&folded)
        .filter_map(special)
        .max_by_key(|it| strength(*it))?;
    let known = |word| special(word).is_some() || attempt_of(word).is_some();
    Some(Mark {
        reading,
        amid_unknown: !words(&folded).all(known),
    })
}

fn read_cell(cell: &str) -> Result<Option<GradeReading>, GradeError> {
    let folded = fold::half_width(cell).replace('\u{2212}', "-");
    let dash = |character| matches!(character, '-' | '\u{2010}'..='\u{2015}');
    if folded.chars().all(dash) || attempt_of(&folded).is_some() {
        return Ok(None);
    }
    if let Some(reading) = special(&folded) {
        return Ok(Some(reading));
    }
    let result = RESULTS
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(&folded));
    if let Some((_, grade)) = result {
        return Ok(Some(GradeReading::Achieved(*grade)));
    }
    let grade = match folded.to_ascii_uppercase().parse::<Letter>() {
        Ok(letter) => Grade::Letter(letter),
        Err(_) => {
            let points = folded.strip_suffix('分').map(str::trim_end);
            Grade::Score(points.unwrap_or(&folded).parse()?)
        }
    };
    Ok(Some(GradeReading::Achieved(grade)))
}

fn special(word: &str) -> Option<GradeReading> {
    SPECIAL
        .iter()
        .find(|(known, _)| *known == word)
        .map(|(_, reading)| *reading)
}

/// `补考`, `补考一`, `重修2` and the like, or a word of [`ATTEMPTS`].
fn attempt_of(word: &str) -> Option<Attempt> {
    let known = ATTEMPTS.iter().find(|(known, _)| *known == word);
    if let Some((_, attempt)) = known {
        return Some(*attempt);
    }
    let (attempt, rest) = if let Some(rest) = word.strip_prefix("重修") {
        (Attempt::Retake, rest)
    } else {
        (Attempt::Resit, word.strip_prefix("补考")?)
    };
    let rest = rest.strip_prefix("补考").unwrap_or(rest);
    let numeral =
        |character: char| character.is_ascii_digit() || "一二三四五六七八九十".contains(character);
    rest.chars().all(numeral).then_some(attempt)
}

/// Which of two readings counts; see [`read_grade`].
const fn strength(reading: GradeReading) -> u8 {
    match reading {
        GradeReading::Achieved(Grade::Cheated) => 5,
        GradeReading::Achieved(Grade::Cancelled) => 4,
        GradeReading::NotYet => 3,
        GradeReading::Achieved(Grade::Absent) => 2,
        GradeReading::Achieved(
            Grade::Score(_)
            | Grade::Word(_)
            | Grade::Letter(_)
            | Grade::Passed
            | Grade::NotPassed
            | Grade::Distinction
            | Grade::Withdrawn,
        ) => 1,
        GradeReading::Achieved(Grade::Exempted) => 0,
    }
}

fn words(folded: &str) -> impl Iterator<Item = &str> {
    let separates = |character: char| {
        character.is_whitespace()
            || matches!(
                character,
                ',' | ';' | ':' | '/' | '|' | '(' | ')' | '[' | ']' | '+' | '、'
            )
            || matches!(character, '。' | '【' | '】' | '·')
    };
    folded.split(separates).filter(|word| !word.is_empty())
}
