//! How far a learner came in a course, as institutions send it.

use creditbank_domain::completion::{Attendance, Progress};
use creditbank_domain::fault::Fault;
use creditbank_domain::grade::Score;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::{Place, Placed, PlacedFault};

/// How far a learner came in a course.
///
/// An entry with a completion rule asks for what the rule is about. While lectures are missing
/// there is no outcome yet: 422 `COMPLETION_IN_PROGRESS`, and nothing is kept.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProgressBody {
    /// Lectures (讲) that are done.
    #[schema(example = 26, maximum = 4_294_967_295_u32)]
    pub(crate) lectures_done: Option<u32>,
    /// The score of the exam, from 0 to 100 with at most two decimals.
    #[schema(max_length = 20, example = "60.00")]
    pub(crate) exam_score: Option<String>,
    /// Minutes that the learner was there; with `held_minutes`.
    #[schema(example = 52, maximum = 4_294_967_295_u32)]
    pub(crate) attended_minutes: Option<u32>,
    /// Minutes that were held; with `attended_minutes`.
    #[schema(example = 60, maximum = 4_294_967_295_u32)]
    pub(crate) held_minutes: Option<u32>,
}

impl ProgressBody {
    /// What it means, or everything that is wrong with it.
    pub(crate) fn read(&self, at: &Place) -> Result<Progress, Vec<PlacedFault>> {
        let mut placed = Placed::at(at);
        let exam = self.exam_score.as_deref().map(str::parse::<Score>);
        let exam = placed.take("exam_score", exam.transpose());
        let attendance = match (self.attended_minutes, self.held_minutes) {
            (Some(attended), Some(held)) => {
                let read = Attendance::new(attended, held).map(Some);
                placed.take("attended_minutes", read)
            }
            (None, None) => Some(None),
            (Some(_), None) => placed.take("held_minutes", Err(minutes_apart())),
            (None, Some(_)) => placed.take("attended_minutes", Err(minutes_apart())),
        };
        match (exam, attendance) {
            (Some(exam), Some(attendance)) => Ok(Progress {
                lectures_done: self.lectures_done,
                exam,
                attendance,
            }),
            _ => Err(placed.into_faults()),
        }
    }
}

fn minutes_apart() -> Fault {
    Fault::new(
        "MINUTES_MISSING",
        "出勤分钟数与应到分钟数应同时填报",
        "minutes attended and minutes held are stated together",
    )
}
