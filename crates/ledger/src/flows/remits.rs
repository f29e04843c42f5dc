//! Where institutions are, what they belong to, and what regulators supervise of it.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::text::InstitutionCode;
use serde_json::json;

use super::arrange_reviews::recorded_by;
use super::register::{RegisterCounts, institution_id, registered_otherwise};
use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::audit_events;
use crate::tables::remits::{self, PlaceRow};

/// The area and the sectors of an institution from a day on.
#[derive(Debug, Clone)]
pub struct NewPlace {
    /// Which.
    pub institution: InstitutionCode,
    /// From.
    pub valid_from: NaiveDate,
    /// GB/T 2260, six digits.
    pub area_code: String,
    /// Words such as education or health.
    pub sectors: Vec<String>,
}

/// What a regulator supervises.
#[derive(Debug, Clone)]
pub struct NewRemit {
    /// The regulator.
    pub regulator: InstitutionCode,
    /// GB/T 2260 of two, four or six digits; every area where there is none.
    pub area_code: Option<String>,
    /// The sector; every one where there is none.
    pub sector: Option<String>,
    /// From.
    pub valid_from: NaiveDate,
    /// To, that day included.
    pub valid_to: Option<NaiveDate>,
}

/// Registers places and remits; what is there already stays.
///
/// # Errors
/// [`LedgerError::Refused`] for an unknown institution, [`LedgerError::Conflict`] where an
/// institution is elsewhere from that day.
pub fn register_places(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    (places, remits): (&[NewPlace], &[NewRemit]),
    now: DateTime<Utc>,
) -> Result<RegisterCounts, LedgerError> {
    ledger.write(|tx| {
        let mut counts = RegisterCounts::default();
        let by = (recorded_by(grant), now);
        for new in places {
            let row = PlaceRow {
                institution_id: institution_id(tx, &new.institution)?.as_uuid(),
                valid_from: new.valid_from,
                area_code: new.area_code.clone(),
                sectors: new.sectors.clone(),
            };
            let inserted = remits::insert_place(tx, &row, by)?;
            if !inserted && !remits::is_place(tx.conn(), &row)? {
                let key = format!("{} {}", new.institution, new.valid_from);
                return Err(registered_otherwise("所在地区/place", &key));
            }
            counts.add(inserted);
        }
        for new in remits {
            let regulator = institution_id(tx, &new.regulator)?;
            let scope = (new.area_code.as_deref(), new.sector.as_deref());
            let days = (new.valid_from, new.valid_to);
            counts.add(remits::insert_remit(tx, regulator, scope, days, by)?);
        }
        let figures = json!({ "places": places.len(), "remits": remits.len() });
        audit_events::insert(tx, grant, ("supervision", None), &figures, now)?;
        Ok(counts)
    })
}
