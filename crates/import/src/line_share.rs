//! A score that is most likely a share: 85 % in a spreadsheet is kept as 0.85.
//!
//! Read as it stands it would be recorded as a fail of the learner, and nobody would be told.

use creditbank_domain::fault::Fault;
use creditbank_domain::grade::Score;

use crate::dictionary::Field;
use crate::fold;
use crate::line_cells::LineCells;

/// Where a score begins: whoever has less than this of a hundred, and more than nothing.
const ONE: u16 = 100;

/// True of what lies between 0 and 1, unless the cell says that it counts in points: `0.5分`.
pub(crate) fn is_like_a_share(score: Score, text: &str) -> bool {
    (1..ONE).contains(&score.hundredths()) && !fold::trimmed(text).ends_with('分')
}

/// Why it is refused, and how to say what is meant.
pub(crate) fn share(cells: LineCells<'_>, field: Field) -> Fault {
    cells.fault(
        field,
        "GRADE_BELOW_ONE",
        "成绩小于 1:百分比格式的 85% 在表格中存为 0.85;请改为 0 到 100 的分数,确为此分的请写明“分”,例如 0.5分",
        "the grade is below 1: a spreadsheet keeps 85 % as 0.85; write a score from 0 to 100, \
         or 0.5分 where so few points are meant",
    )
}
