//! Whose outcome a line is: by everything that it says of the learner.

use chrono::NaiveDate;
use creditbank_domain::fault::Fault;
use creditbank_domain::identifier::{
    Identifier, IdentifierError, IdentifierKind, PersonIdentifiers,
};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::LearnerRef;
use creditbank_domain::text::PersonName;

use crate::dictionary::Field;
use crate::faults;
use crate::fold;
use crate::header::Header;
use crate::line_cells::LineCells;

/// The columns that name a learner, the surest first.
pub(crate) const LEARNER_FIELDS: [Field; 4] = [
    Field::LearnerNo,
    Field::NationalId,
    Field::Passport,
    Field::StudentNumber,
];

/// Those of them that name a person beyond the bank, the surest first.
const IDENTIFIER_FIELDS: [Field; 3] = [Field::NationalId, Field::Passport, Field::StudentNumber];

/// The learner of a line: by the bank's own number where there is one, else by every identifier
/// that is filled, the surest first.
///
/// A filled column that is wrong is a fault: without it the line could be another person's.
pub(crate) fn read_learner(
    cells: LineCells<'_>,
    beside: Option<&LearnerRef>,
    today: NaiveDate,
    found: &mut Vec<Fault>,
) -> Option<LearnerRef> {
    let name = read_name(cells, found);
    if let Some(learner) = beside {
        return Some(learner.clone());
    }
    if cells.text(Field::LearnerNo).is_some() {
        return match read_number(cells) {
            Ok(number) => Some(LearnerRef::Number(number)),
            Err(fault) => {
                found.push(fault);
                None
            }
        };
    }
    let mut identifiers = Vec::new();
    let mut wrong = false;
    for field in IDENTIFIER_FIELDS {
        if cells.text(field).is_none() {
            continue;
        }
        match read_identifier(cells, field, today) {
            Ok(identifier) => identifiers.push(identifier),
            Err(fault) => {
                found.push(fault);
                wrong = true;
            }
        }
    }
    if wrong {
        return None;
    }
    let Some(identifiers) = PersonIdentifiers::new(identifiers) else {
        found.push(missing(cells.header()));
        return None;
    };
    Some(LearnerRef::Identified { identifiers, name })
}

fn missing(header: &Header) -> Fault {
    let columns: Vec<_> = LEARNER_FIELDS
        .into_iter()
        .filter(|field| header.has(*field))
        .map(|field| header.shown(field))
        .collect();
    faults::in_column(
        "LEARNER_MISSING",
        &columns.join(""),
        "没有填写学习者",
        "the learner is missing",
    )
}

fn read_number(cells: LineCells<'_>) -> Result<LearnerNo, Fault> {
    let field = Field::LearnerNo;
    cells.refuse_errors(field)?;
    cells.refuse_rounded(field)?;
    let text = cells.text(field).unwrap_or_default();
    text.parse::<LearnerNo>()
        .map_err(|wrong| cells.refused(field, wrong))
}

fn read_identifier(
    cells: LineCells<'_>,
    field: Field,
    today: NaiveDate,
) -> Result<Identifier, Fault> {
    cells.refuse_errors(field)?;
    cells.refuse_rounded(field)?;
    let text = cells.text(field).unwrap_or_default();
    let identifier = match field {
        Field::NationalId => read_document(cells, &text, today),
        Field::Passport => Identifier::parse(IdentifierKind::Passport, &text, today),
        _ => Identifier::parse(IdentifierKind::StudentNumber, &text, today),
    };
    identifier.map_err(|wrong| cells.refused(field, wrong))
}

/// 证件号码 with 证件类型 beside it may be any document; without it, a national card.
fn read_document(
    cells: LineCells<'_>,
    text: &str,
    today: NaiveDate,
) -> Result<Identifier, IdentifierError> {
    let Some(word) = cells.text(Field::DocumentKind).map(|word| fold::key(&word)) else {
        return Identifier::recognise_national(text, today);
    };
    if matches!(word.as_str(), "身份证" | "居民身份证") {
        return Identifier::recognise_national(text, today);
    }
    let kinds = IdentifierKind::ALL
        .into_iter()
        .filter(|kind| *kind != IdentifierKind::StudentNumber);
    let kind = kinds
        .into_iter()
        .find(|kind| kind.zh() == word || kind.as_str() == word);
    Identifier::parse(kind.ok_or(IdentifierError::UnknownKind)?, text, today)
}

fn read_name(cells: LineCells<'_>, found: &mut Vec<Fault>) -> Option<PersonName> {
    cells.header().columns(Field::Name)?;
    let Some(text) = cells.text(Field::Name) else {
        let fault = cells.fault(
            Field::Name,
            "NAME_MISSING",
            "没有填写姓名",
            "the name is missing",
        );
        found.push(fault);
        return None;
    };
    let name = cells.refuse_errors(Field::Name).and_then(|()| {
        PersonName::new(&text).map_err(|wrong| {
            let zh = "姓名过长或含有控制字符";
            cells.fault(Field::Name, "NAME_INVALID", zh, &wrong.to_string())
        })
    });
    name.map_err(|fault| found.push(fault)).ok()
}
