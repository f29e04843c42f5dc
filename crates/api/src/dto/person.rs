//! How a body names a learner. Personal data: none of these types can be printed.

use chrono::NaiveDate;
use creditbank_domain::fault::Fault;
use creditbank_domain::identifier::{Identifier, IdentifierError, IdentifierKind};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::LearnerRef;
use creditbank_domain::text::PersonName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::{Place, Placed, PlacedFault};

/// A learner, by the bank's own number or by an identifier; exactly one of the two.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"learner_no": "7KQ4-M2XW-9PDJ"}))]
pub(crate) struct LearnerBody {
    /// The bank's number, 12 characters; hyphens and spaces aside.
    #[schema(max_length = 40)]
    pub(crate) learner_no: Option<String>,
    /// A number of the person; an account may be opened for it.
    pub(crate) identifier: Option<IdentifierBody>,
    /// The person's name, with an identifier only; kept sealed.
    #[schema(max_length = 120, example = "王小明")]
    pub(crate) name: Option<String>,
}

/// A number of a person.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentifierBody {
    /// Of which kind: resident_id, residence_permit, foreign_permanent_residence,
    /// hk_macao_travel_permit, taiwan_travel_permit, passport or student_number.
    #[schema(example = "student_number")]
    pub(crate) kind: String,
    /// The number; a student number is one of the reporting institution.
    #[schema(min_length = 1, max_length = 40, example = "2023010101")]
    pub(crate) value: String,
}

impl LearnerBody {
    pub(crate) fn read(
        &self,
        at: &Place,
        today: NaiveDate,
    ) -> Result<LearnerRef, Vec<PlacedFault>> {
        let mut placed = Placed::at(at);
        let learner = match (&self.learner_no, &self.identifier) {
            (Some(number), None) => {
                if self.name.is_some() {
                    placed.refuse("name", name_without_identifier());
                }
                placed
                    .take("learner_no", number.parse::<LearnerNo>())
                    .map(LearnerRef::Number)
            }
            (None, Some(identifier)) => {
                let name = self.name.as_deref().map(PersonName::new).transpose();
                let name = placed.take("name", name);
                let identifier = placed.take_all(identifier.read(&at.child("identifier"), today));
                identifier
                    .zip(name)
                    .map(|(identifier, name)| LearnerRef::Identified { identifier, name })
            }
            (None, None) | (Some(_), Some(_)) => {
                placed.refuse("", one_of_both());
                None
            }
        };
        match learner {
            Some(learner) if placed.is_empty() => Ok(learner),
            _ => Err(placed.into_faults()),
        }
    }
}

impl IdentifierBody {
    fn read(&self, at: &Place, today: NaiveDate) -> Result<Identifier, Vec<PlacedFault>> {
        let mut placed = Placed::at(at);
        let kind: Result<IdentifierKind, IdentifierError> = self.kind.parse();
        let identifier = placed
            .take("kind", kind)
            .and_then(|kind| placed.take("value", Identifier::parse(kind, &self.value, today)));
        identifier.ok_or_else(|| placed.into_faults())
    }
}

fn one_of_both() -> Fault {
    Fault::new(
        "LEARNER_AMBIGUOUS",
        "请只提供 learner_no 和 identifier 其中之一",
        "name the learner by either learner_no or identifier",
    )
}

fn name_without_identifier() -> Fault {
    Fault::new(
        "NAME_WITHOUT_IDENTIFIER",
        "姓名只能与 identifier 一起提供",
        "a name comes with an identifier only",
    )
}
