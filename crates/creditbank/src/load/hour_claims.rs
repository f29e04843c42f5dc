//! Activities that are claimed by an hour table, as one JSON document.

use chrono::NaiveDate;
use creditbank_domain::calendar::parse_day;
use creditbank_domain::hour_table::{ActivityFacts, SizeUnit};
use creditbank_domain::identifier::{Identifier, IdentifierKind};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::{EntryRef, LearnerRef};
use creditbank_domain::text::{CourseCode, SourceRef, bounded};
use creditbank_ledger::flows::HourClaim;
use serde::Deserialize;

use super::pack::{at, read_json};
use crate::problem::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimFile {
    source_ref: String,
    learner_no: Option<String>,
    identifier: Option<IdentifierFile>,
    entry: String,
    authority: String,
    table: String,
    profession: String,
    activity: String,
    class: Option<String>,
    rank: Option<u32>,
    of: Option<u32>,
    size: Option<SizeFile>,
    done_on: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentifierFile {
    kind: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SizeFile {
    unit: String,
    count: u32,
}

/// Reads a list of claims; a fault names its place, never an identifier.
pub(crate) fn read_hour_claims(bytes: &[u8], today: NaiveDate) -> Result<Vec<HourClaim>, Problem> {
    let file: Vec<ClaimFile> = read_json(bytes)?;
    let claims = file.iter().enumerate();
    claims
        .map(|(position, claim)| claim.read(position, today))
        .collect()
}

impl ClaimFile {
    fn read(&self, position: usize, today: NaiveDate) -> Result<HourClaim, Problem> {
        let place = |field: &str| format!("/{position}/{field}");
        let text = |field: &str, text: &str| at(&place(field), bounded("text", text, 80));
        let class = self.class.as_deref().map(|class| text("class", class));
        let size = self.size.as_ref().map(|size| {
            let unit = at(&place("size/unit"), size.unit.parse::<SizeUnit>())?;
            Ok::<_, Problem>((unit, size.count))
        });
        Ok(HourClaim {
            source_ref: at(&place("source_ref"), SourceRef::new(&self.source_ref))?,
            learner: self.learner(position, today)?,
            entry: EntryRef {
                owner: None,
                code: at(&place("entry"), CourseCode::new(&self.entry))?,
            },
            authority: text("authority", &self.authority)?,
            table: text("table", &self.table)?,
            facts: ActivityFacts {
                profession: text("profession", &self.profession)?,
                activity: text("activity", &self.activity)?,
                class: class.transpose()?,
                rank: self.rank,
                of: self.of,
                size: size.transpose()?,
                done_on: at(&place("done_on"), parse_day(&self.done_on))?,
            },
        })
    }

    fn learner(&self, position: usize, today: NaiveDate) -> Result<LearnerRef, Problem> {
        match (&self.learner_no, &self.identifier) {
            (Some(number), None) => {
                let number = at(
                    &format!("/{position}/learner_no"),
                    number.parse::<LearnerNo>(),
                )?;
                Ok(LearnerRef::Number(number))
            }
            (None, Some(said)) => {
                let place = format!("/{position}/identifier");
                let kind = at(
                    &format!("{place}/kind"),
                    said.kind.parse::<IdentifierKind>(),
                )?;
                let read = Identifier::parse(kind, &said.value, today);
                Ok(LearnerRef::Identified {
                    identifiers: at(&format!("{place}/value"), read)?.into(),
                    name: None,
                })
            }
            _ => at(
                &format!("/{position}"),
                Err("either learner_no or identifier"),
            ),
        }
    }
}
