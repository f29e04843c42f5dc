//! Outcomes as institutions send them.

use chrono::NaiveDate;
use creditbank_domain::amount::{AmountError, Hundredths, Unit};
use creditbank_domain::calendar::parse_day;
use creditbank_domain::fault::Fault;
use creditbank_domain::grade::{Attempt, Grade, GradeError};
use creditbank_domain::outcome::{EntryRef, ReportedOutcome, StatedAmount};
use creditbank_domain::text::{CourseCode, InstitutionCode, SourceRef};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::person::LearnerBody;
use super::progress::ProgressBody;
use crate::extract::limit_faults;
use crate::problem::{Place, Placed, PlacedFault};

/// A learning outcome: who achieved what, when, with which result.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::outcome()))]
pub(crate) struct OutcomeBody {
    /// Your own record id: the same one again is the same outcome. It lies in the clear, in books and
    /// exports: no number, name or date of birth of the learner belongs into it.
    #[schema(min_length = 1, max_length = 200, example = "CJ2024-0048213")]
    pub(crate) source_ref: String,
    /// Whose it is.
    pub(crate) learner: LearnerBody,
    /// What was achieved.
    pub(crate) entry: EntryBody,
    /// The result: a score (`87` or `87.50`), a letter (`A-`) or a word (`excellent`, `passed`,
    /// `exempted`, `absent`).
    #[schema(min_length = 1, max_length = 20, example = "87.00")]
    pub(crate) grade: String,
    /// Which try at it this was.
    #[schema(
        default = "first", example = "first",
        extensions(("x-words" = json!(Attempt::ALL.map(Attempt::as_str)))),
    )]
    pub(crate) attempt: Option<String>,
    /// The day it was achieved, in China.
    #[schema(format = Date, example = "2024-07-01")]
    pub(crate) awarded_on: String,
    /// The amounts you give, at most one a unit; absent to take the catalogue's.
    #[validate(length(max = 4))]
    #[serde(default)]
    #[schema(max_items = 4)]
    pub(crate) stated: Vec<StatedBody>,
    /// How far the learner came; needed where the entry has a completion rule.
    pub(crate) progress: Option<ProgressBody>,
}

/// A catalogue entry.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntryBody {
    /// The code of the institution that owns it; yours where absent.
    #[schema(max_length = 40, example = "10357")]
    pub(crate) owner: Option<String>,
    /// The owner's code of the course, certificate or activity.
    #[schema(min_length = 1, max_length = 80, example = "MATH101")]
    pub(crate) code: String,
}

/// An amount that the institution states.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatedBody {
    /// What is counted.
    #[schema(example = "credit", extensions(("x-words" = json!(Unit::ALL.map(Unit::as_str)))))]
    pub(crate) unit: String,
    /// A decimal text with at most two decimals.
    #[schema(
        pattern = r"^\d{1,7}(\.\d{1,2}0*)?$",
        max_length = 20,
        example = "3.50"
    )]
    pub(crate) amount: String,
}

/// Many outcomes, each answered on its own.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::batch()))]
pub(crate) struct BatchBody {
    /// The outcomes.
    #[validate(length(min = 1, max = 1000))]
    #[schema(min_items = 1, max_items = 1000)]
    pub(crate) outcomes: Vec<OutcomeBody>,
}

impl OutcomeBody {
    /// What it means, or everything that is wrong with it.
    pub(crate) fn read(
        &self,
        at: &Place,
        today: NaiveDate,
    ) -> Result<ReportedOutcome, Vec<PlacedFault>> {
        let mut placed = Placed::at(at);
        let limits = self.validate().map_err(|errors| limit_faults(&errors, at));
        let within_limits = placed.take_all(limits);
        let source_ref = placed.take("source_ref", SourceRef::new(&self.source_ref));
        let learner = placed.take_all(self.learner.read(&at.child("learner"), today));
        let entry = placed.take_all(self.entry.read(&at.child("entry")));
        let grade = placed.take("grade", self.grade.parse::<Grade>());
        let attempt = placed.take("attempt", read_attempt(self.attempt.as_deref()));
        let awarded_on = placed.take("awarded_on", parse_day(&self.awarded_on));
        let stated = placed.take_all(read_stated(&self.stated, &at.child("stated")));
        let progress = self.progress.as_ref();
        let progress = progress.map(|body| body.read(&at.child("progress")));
        let progress = placed.take_all(progress.transpose());
        let (Some(()), Some(source_ref), Some(learner), Some(entry)) =
            (within_limits, source_ref, learner, entry)
        else {
            return Err(placed.into_faults());
        };
        let (Some(grade), Some(attempt), Some(awarded_on), Some(stated), Some(progress)) =
            (grade, attempt, awarded_on, stated, progress)
        else {
            return Err(placed.into_faults());
        };
        Ok(ReportedOutcome {
            source_ref,
            learner,
            entry,
            grade,
            attempt,
            awarded_on,
            stated,
            stated_level: None,
            progress: progress.unwrap_or_default(),
        })
    }
}

impl EntryBody {
    fn read(&self, at: &Place) -> Result<EntryRef, Vec<PlacedFault>> {
        let mut placed = Placed::at(at);
        let owner = self.owner.as_deref().map(InstitutionCode::new).transpose();
        let owner = placed.take("owner", owner);
        let code = placed.take("code", CourseCode::new(&self.code));
        match (owner, code) {
            (Some(owner), Some(code)) => Ok(EntryRef { owner, code }),
            _ => Err(placed.into_faults()),
        }
    }
}

fn read_attempt(text: Option<&str>) -> Result<Attempt, GradeError> {
    text.map_or(Ok(Attempt::First), str::parse)
}

pub(super) fn read_stated(
    stated: &[StatedBody],
    at: &Place,
) -> Result<Vec<StatedAmount>, Vec<PlacedFault>> {
    let mut placed = Placed::at(at);
    let mut amounts: Vec<StatedAmount> = Vec::new();
    for (index, body) in stated.iter().enumerate() {
        let Some(amount) = placed.take_all(body.read(&at.child(index))) else {
            continue;
        };
        if amounts.iter().any(|earlier| earlier.unit == amount.unit) {
            placed.refuse(&index.to_string(), unit_repeated());
        }
        amounts.push(amount);
    }
    if placed.is_empty() {
        Ok(amounts)
    } else {
        Err(placed.into_faults())
    }
}

impl StatedBody {
    pub(super) fn read(&self, at: &Place) -> Result<StatedAmount, Vec<PlacedFault>> {
        let mut placed = Placed::at(at);
        let unit: Result<Unit, AmountError> = self.unit.parse();
        let unit = placed.take("unit", unit);
        let hundredths: Result<Hundredths, AmountError> = self.amount.parse();
        let hundredths = placed.take("amount", hundredths);
        match (unit, hundredths) {
            (Some(unit), Some(hundredths)) => Ok(StatedAmount { unit, hundredths }),
            _ => Err(placed.into_faults()),
        }
    }
}

fn unit_repeated() -> Fault {
    Fault::new(
        "UNIT_REPEATED",
        "同一计量单位只能填报一次",
        "a unit is stated at most once",
    )
}
