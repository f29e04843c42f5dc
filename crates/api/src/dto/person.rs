//! How a body names a learner. Personal data: none of these types can be printed.

use chrono::NaiveDate;
use creditbank_domain::fault::Fault;
use creditbank_domain::identifier::{
    Identifier, IdentifierError, IdentifierKind, PersonIdentifiers,
};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::LearnerRef;
use creditbank_domain::text::PersonName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::{Place, Placed, PlacedFault};

/// A learner, by the bank's own number, by one identifier or by several; exactly one of the three.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"learner_no": "7KQ4-M2XW-9PDJ"}))]
pub(crate) struct LearnerBody {
    /// The bank's number, 12 characters; hyphens and spaces aside.
    #[schema(max_length = 40)]
    pub(crate) learner_no: Option<String>,
    /// A number of the person; an account may be opened for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) identifier: Option<IdentifierBody>,
    /// Several numbers of one person, the surest first. Those that the bank knows have to lead to
    /// one account; those that it does not know yet are added to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 8)]
    pub(crate) identifiers: Option<Vec<IdentifierBody>>,
    /// The person's name, with identifiers only; kept sealed, and compared with the one that was
    /// stated before.
    #[schema(max_length = 120, example = "王小明")]
    pub(crate) name: Option<String>,
}

/// A number of a person.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentifierBody {
    /// Of which kind.
    #[schema(
        example = "student_number",
        extensions(("x-words" = json!(IdentifierKind::ALL.map(IdentifierKind::as_str)))),
    )]
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
        let learner = match (&self.learner_no, &self.identifier, &self.identifiers) {
            (Some(number), None, None) => {
                if self.name.is_some() {
                    placed.refuse("name", name_without_identifier());
                }
                placed
                    .take("learner_no", number.parse::<LearnerNo>())
                    .map(LearnerRef::Number)
            }
            (None, Some(identifier), None) => {
                let identifier = placed.take_all(identifier.read(&at.child("identifier"), today));
                let name = self.read_name(&mut placed);
                identified(identifier.map(PersonIdentifiers::from), name)
            }
            (None, None, Some(identifiers)) => {
                let at = at.child("identifiers");
                let identifiers = placed.take_all(read_several(identifiers, &at, today));
                let name = self.read_name(&mut placed);
                identified(identifiers, name)
            }
            _ => {
                placed.refuse("", one_of_both());
                None
            }
        };
        match learner {
            Some(learner) if placed.is_empty() => Ok(learner),
            _ => Err(placed.into_faults()),
        }
    }

    fn read_name(&self, placed: &mut Placed<'_>) -> Option<Option<PersonName>> {
        let name = self.name.as_deref().map(PersonName::new).transpose();
        placed.take("name", name)
    }
}

fn identified(
    identifiers: Option<PersonIdentifiers>,
    name: Option<Option<PersonName>>,
) -> Option<LearnerRef> {
    let (identifiers, name) = identifiers.zip(name)?;
    Some(LearnerRef::Identified { identifiers, name })
}

/// All of them, or everything that is wrong with any.
pub(super) fn read_several(
    bodies: &[IdentifierBody],
    at: &Place,
    today: NaiveDate,
) -> Result<PersonIdentifiers, Vec<PlacedFault>> {
    let mut placed = Placed::at(at);
    if bodies.is_empty() || bodies.len() > PersonIdentifiers::COUNT_MAX {
        placed.refuse("", identifier_count(bodies.len()));
        return Err(placed.into_faults());
    }
    let mut identifiers = Vec::with_capacity(bodies.len());
    for (index, body) in bodies.iter().enumerate() {
        identifiers.extend(placed.take_all(body.read(&at.child(index), today)));
    }
    match PersonIdentifiers::new(identifiers) {
        Some(identifiers) if placed.is_empty() => Ok(identifiers),
        _ => Err(placed.into_faults()),
    }
}

impl IdentifierBody {
    pub(super) fn read(
        &self,
        at: &Place,
        today: NaiveDate,
    ) -> Result<Identifier, Vec<PlacedFault>> {
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
        "请只提供 learner_no、identifier 和 identifiers 其中之一",
        "name the learner by one of learner_no, identifier and identifiers",
    )
}

fn identifier_count(found: usize) -> Fault {
    let most = PersonIdentifiers::COUNT_MAX;
    Fault::new(
        "IDENTIFIER_COUNT",
        format!("证件应为 1 到 {most} 个,现为 {found} 个"),
        format!("one person has 1 to {most} identifiers here, not {found}"),
    )
}

fn name_without_identifier() -> Fault {
    Fault::new(
        "NAME_WITHOUT_IDENTIFIER",
        "姓名只能与 identifier 或 identifiers 一起提供",
        "a name comes with identifiers only",
    )
}
