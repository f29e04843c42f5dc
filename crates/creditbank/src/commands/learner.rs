//! The learner of a file that has no column for it, as the command line names them.

use clap::Args;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::identifier::{Identifier, IdentifierKind};
use creditbank_domain::outcome::LearnerRef;
use creditbank_domain::text::PersonName;

use crate::clock;
use crate::problem::Problem;

/// Who it is.
#[derive(Debug, Args)]
pub(crate) struct LearnerArguments {
    /// The student number of the one learner of a file that has no column for it
    #[arg(long)]
    learner_student_no: Option<String>,
    /// That learner's name
    #[arg(long, requires = "learner_student_no")]
    learner_name: Option<String>,
}

impl LearnerArguments {
    /// What they mean; nobody where no number is given.
    pub(crate) fn read(&self) -> Result<Option<LearnerRef>, Problem> {
        let Some(number) = &self.learner_student_no else {
            return Ok(None);
        };
        let today = bank_day(clock::now());
        let identifier = Identifier::parse(IdentifierKind::StudentNumber, number, today)
            .map_err(|wrong| Problem::new(wrong.code(), "学号有误", wrong.to_string()))?;
        let name = self
            .learner_name
            .as_deref()
            .map(PersonName::new)
            .transpose();
        let name =
            name.map_err(|wrong| Problem::new("NAME_INVALID", "姓名有误", wrong.to_string()))?;
        Ok(Some(LearnerRef::Identified {
            identifiers: identifier.into(),
            name,
        }))
    }
}
