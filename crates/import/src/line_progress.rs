//! How far a learner came in a course, as a line states it.

use creditbank_domain::completion::{Attendance, Progress};
use creditbank_domain::fault::Fault;
use creditbank_domain::grade::Score;

use crate::dictionary::Field;
use crate::fold;
use crate::line_cells::LineCells;

/// Reads the progress of a line, or adds everything that is wrong with it; a blank cell states
/// nothing.
pub(crate) fn read_progress(cells: LineCells<'_>, found: &mut Vec<Fault>) -> Progress {
    let fields = [
        Field::LecturesDone,
        Field::ExamScore,
        Field::AttendedMinutes,
        Field::HeldMinutes,
    ];
    if !fields.into_iter().any(|field| cells.header().has(field)) {
        return Progress::default();
    }
    let mut keep = |read: Result<Option<u32>, Fault>| {
        read.map_err(|fault| found.push(fault)).unwrap_or_default()
    };
    let lectures_done = keep(count(cells, Field::LecturesDone));
    let attended = keep(count(cells, Field::AttendedMinutes));
    let held = keep(count(cells, Field::HeldMinutes));
    let exam = text(cells, Field::ExamScore).and_then(|text| {
        let score = text.map(|text| text.parse::<Score>()).transpose();
        score.map_err(|wrong| cells.refused(Field::ExamScore, wrong))
    });
    let exam = exam.map_err(|fault| found.push(fault)).unwrap_or_default();
    let attendance = match (attended, held) {
        (Some(attended), Some(held)) => Attendance::new(attended, held)
            .map_err(|wrong| found.push(cells.refused(Field::AttendedMinutes, wrong)))
            .ok(),
        (None, None) => None,
        _ => {
            let (zh, en) = (
                "出勤分钟与应到分钟应同时填写",
                "minutes attended and minutes held are stated together",
            );
            found.push(cells.fault(Field::AttendedMinutes, "MINUTES_MISSING", zh, en));
            None
        }
    };
    Progress {
        lectures_done,
        exam,
        attendance,
    }
}

fn text(cells: LineCells<'_>, field: Field) -> Result<Option<String>, Fault> {
    cells.refuse_errors(field)?;
    Ok(cells.text(field).map(|text| fold::half_width(&text)))
}

fn count(cells: LineCells<'_>, field: Field) -> Result<Option<u32>, Fault> {
    let text = text(cells, field)?;
    let count = text.map(|text| text.parse::<u32>()).transpose();
    count.map_err(|_| {
        let (zh, en) = ("应填写整数", "write a whole number");
        cells.fault(field, "COUNT_INVALID", zh, en)
    })
}
