//! What an institution itself says of a result: passed or not, beside the grade.

use creditbank_domain::fault::Fault;
use creditbank_domain::grade::{Grade, MinimumGrade};

use crate::dictionary::Field;
use crate::fold;
use crate::line_cells::LineCells;

/// The institution's own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// 是, Y, passed
    Passed,
    /// 否, N, failed
    Failed,
}

impl Verdict {
    /// The grade where there is no other.
    pub(crate) fn grade(self) -> String {
        match self {
            Self::Passed => "通过",
            Self::Failed => "不通过",
        }
        .to_owned()
    }
}

/// Reads the column, where there is one and it is filled.
pub(crate) fn read_verdict(cells: LineCells<'_>) -> Result<Option<Verdict>, Fault> {
    let Some(text) = cells.text(Field::Verdict) else {
        return Ok(None);
    };
    match fold::key(&text).as_str() {
        "是" | "y" | "yes" | "true" | "1" | "通过" | "合格" | "passed" | "pass" | "p" => {
            Ok(Some(Verdict::Passed))
        }
        "否" | "n" | "no" | "false" | "0" | "不通过" | "不合格" | "failed" | "fail" | "f" => {
            Ok(Some(Verdict::Failed))
        }
        _ => Err(cells.fault(
            Field::Verdict,
            "VERDICT_UNKNOWN",
            "应填写 是 或 否",
            "write yes or no",
        )),
    }
}

/// True where the word and the grade on our scale say different things: a 45 that passed is of
/// another scale, and which one, only a mapping can say.
pub(crate) fn denies(verdict: Option<Verdict>, grade: Grade) -> bool {
    let passes = grade.passes(MinimumGrade::Pass);
    match verdict {
        None => false,
        Some(Verdict::Passed) => !passes,
        Some(Verdict::Failed) => passes,
    }
}

/// The refusal of such a line.
pub(crate) fn contradiction(cells: LineCells<'_>, field: Field) -> Fault {
    let (zh, en) = (
        "成绩与该校所写的是否通过不一致(可能是另一种评分制);请用列映射的 grade_words 说明该成绩",
        "the grade and the institution's own verdict disagree (another scale?); \
         say in grade_words of a column mapping what the grade means",
    );
    cells.fault(field, "GRADE_CONTRADICTS_VERDICT", zh, en)
}
