//! Which catalogue version a report means.

use std::collections::HashMap;

use chrono::NaiveDate;
use creditbank_domain::catalogue::CatalogueVersion;
use creditbank_domain::ids::InstitutionId;
use creditbank_domain::outcome::EntryRef;
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::recognition::Refusal;
use diesel::pg::PgConnection;

use crate::error::LedgerError;
use crate::tables::catalogue::{self, OwnedVersion};

/// The part of the catalogue that a batch names, by code.
pub(crate) struct Catalogue {
    by_code: HashMap<String, Vec<OwnedVersion>>,
}

impl Catalogue {
    /// Loads every entry with one of the codes, whoever owns it.
    pub(crate) fn load<'a>(
        conn: &mut PgConnection,
        entries: impl IntoIterator<Item = &'a EntryRef>,
    ) -> Result<Self, LedgerError> {
        let mut codes: Vec<&str> = entries
            .into_iter()
            .map(|entry| entry.code.as_str())
            .collect();
        codes.sort_unstable();
        codes.dedup();
        let mut by_code: HashMap<String, Vec<OwnedVersion>> = HashMap::new();
        for owned in catalogue::list_by_codes(conn, &codes)? {
            by_code
                .entry(owned.version.code.as_str().to_owned())
                .or_default()
                .push(owned);
        }
        Ok(Self { by_code })
    }

    /// The version in force on the day. Without an owner in the reference: the institution's own
    /// entry, else one that it co-owns.
    pub(crate) fn resolve(
        &self,
        entry: &EntryRef,
        institution: InstitutionId,
        day: NaiveDate,
    ) -> Result<&CatalogueVersion, Refusal> {
        let owned = self.resolve_owned(entry, institution, day)?;
        Ok(&owned.version)
    }

    /// As [`Self::resolve`], with what is known of the entry over all its versions.
    pub(crate) fn resolve_owned(
        &self,
        entry: &EntryRef,
        institution: InstitutionId,
        day: NaiveDate,
    ) -> Result<&OwnedVersion, Refusal> {
        let refuse = |code: ReasonCode, detail: String| Refusal { code, detail };
        let named: Vec<&OwnedVersion> = self
            .by_code
            .get(entry.code.as_str())
            .into_iter()
            .flatten()
            .filter(|owned| {
                entry
                    .owner
                    .as_ref()
                    .is_none_or(|owner| owner.as_str() == owned.owner_code)
            })
            .collect();
        if named.is_empty() {
            return Err(refuse(ReasonCode::OutcomeUnknown, entry.code.to_string()));
        }
        let own = named.iter().filter(|owned| owned.owner_id == institution);
        let co_owned = named
            .iter()
            .filter(|owned| owned.version.owners.contains(&institution));
        let Some(chosen) = own
            .chain(co_owned)
            .next()
            .map(|owned| owned.version.entry_id)
        else {
            return Err(refuse(ReasonCode::EntryNotOwned, entry.code.to_string()));
        };
        named
            .into_iter()
            .filter(|owned| owned.version.entry_id == chosen && owned.version.in_force_on(day))
            .max_by_key(|owned| owned.version.valid_from)
            .ok_or_else(|| {
                refuse(
                    ReasonCode::OutcomeVersionNotValidThen,
                    format!("{} {day}", entry.code),
                )
            })
    }
}
