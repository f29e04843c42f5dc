//! Records that a catalogue entry was reviewed.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::EntryId;
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::text::{CourseCode, DocumentNumber, InstitutionCode, bounded};
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::register::{institution_id, registered_otherwise};
use crate::store::{Ledger, Tx};
use crate::tables::catalogue_reviews::{self, NewReview, RecordedReview};
use crate::tables::{audit_events, catalogue};

/// A review that took place.
#[derive(Debug, Clone)]
pub struct ReviewOrder {
    /// Who registered the entry.
    pub owner: InstitutionCode,
    /// The owner's code of it.
    pub code: CourseCode,
    /// The day on which it was reviewed.
    pub reviewed_on: NaiveDate,
    /// The committee or office that reviewed it; never a person.
    pub reviewed_by: String,
    /// The document that says so.
    pub document: DocumentNumber,
}

/// Records a review; the same one again changes nothing. True where it is new.
///
/// # Errors
/// [`LedgerError::Refused`] where the entry is unknown or the day lies in the future,
/// [`LedgerError::Conflict`] where a review of that day says something else.
pub fn record_review(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    order: &ReviewOrder,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let today = bank_day(now);
    if order.reviewed_on > today {
        let figures = format!("{} > {today}", order.reviewed_on);
        let future = Fault::new(
            "REVIEW_IN_FUTURE",
            format!("复审日期在未来({figures})"),
            format!("the review lies in the future ({figures})"),
        );
        return Err(LedgerError::Refused(future));
    }
    let reviewed_by = bounded("reviewer", &order.reviewed_by, 100)
        .map_err(|wrong| LedgerError::Refused(wrong.into()))?;
    ledger.write(grant, |tx| {
        let entry_id = entry_of(tx, order)?;
        let review = NewReview {
            entry_id,
            reviewed_on: order.reviewed_on,
            reviewed_by: &reviewed_by,
            document: &order.document,
            client: grant.actor().client,
        };
        let inserted = catalogue_reviews::insert(tx, &review, now)?;
        let there = catalogue_reviews::find(tx.conn(), entry_id, order.reviewed_on)?;
        let said = RecordedReview {
            reviewed_by: reviewed_by.clone(),
            document_number: order.document.as_str().to_owned(),
        };
        if there.as_ref() != Some(&said) {
            let key = format!("{} {}", order.code, order.reviewed_on);
            return Err(registered_otherwise("复审/review", &key));
        }
        if inserted {
            let subject = ("catalogue_review", Some(entry_id.as_uuid()));
            let figures = json!({ "reviewed_on": order.reviewed_on });
            audit_events::insert(tx, grant, subject, &figures, now)?;
        }
        Ok(inserted)
    })
}

fn entry_of(tx: &mut Tx<'_>, order: &ReviewOrder) -> Result<EntryId, LedgerError> {
    let owner = institution_id(tx, &order.owner)?;
    let versions = catalogue::list_by_codes(tx.conn(), &[order.code.as_str()])?;
    let found = versions.iter().find(|owned| owned.owner_id == owner);
    let entry = found.map(|owned| owned.version.entry_id);
    let unknown = || Fault::of_reason(ReasonCode::OutcomeUnknown, order.code.as_str());
    entry.ok_or_else(|| LedgerError::Refused(unknown()))
}
