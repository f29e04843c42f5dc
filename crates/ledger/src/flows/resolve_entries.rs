//! Which catalogue version a report means.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{InstitutionId, VersionId};
use creditbank_domain::outcome::EntryRef;
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::recognition::Refusal;
use creditbank_domain::review::ReviewStanding;
use creditbank_domain::text::CourseCode;
use diesel::pg::PgConnection;

use crate::error::LedgerError;
use crate::tables::catalogue::{self, OwnedVersion};

/// The part of the catalogue that a batch names, by code.
pub(crate) struct Catalogue {
    by_code: HashMap<String, Vec<OwnedVersion>>,
    /// Most batches have none, and are not asked about them line by line.
    has_review_clocks: bool,
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
        let mut has_review_clocks = false;
        let mut by_code: HashMap<String, Vec<OwnedVersion>> = HashMap::new();
        for owned in catalogue::list_by_codes(conn, &codes)? {
            has_review_clocks |= owned.version.review.is_some();
            by_code
                .entry(owned.version.code.as_str().to_owned())
                .or_default()
                .push(owned);
        }
        Ok(Self {
            by_code,
            has_review_clocks,
        })
    }

    /// The version in force on the day. Without an owner in the reference: the institution's own
    /// entry, else one that it co-owns.
    pub(crate) fn resolve(
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
        let versions = named.into_iter();
        OwnedVersion::in_force(
            versions.filter(|owned| owned.version.entry_id == chosen),
            day,
        )
        .ok_or_else(|| {
            refuse(
                ReasonCode::OutcomeVersionNotValidThen,
                format!("{} {day}", entry.code),
            )
        })
    }

    /// What is to be said of an outcome that was recorded under a version, though it counts: that
    /// the entry was overdue for review, as far as the bank knew `at` that moment.
    pub(crate) fn warnings(
        &self,
        code: &CourseCode,
        version: VersionId,
        awarded_on: NaiveDate,
        at: Option<DateTime<Utc>>,
    ) -> Vec<Fault> {
        if !self.has_review_clocks {
            return Vec::new();
        }
        let versions = self.by_code.get(code.as_str()).into_iter().flatten();
        let owned = { versions }.find(|owned| owned.version.version_id == version);
        let review = owned.and_then(|owned| match at {
            Some(moment) => owned.review_known_at(moment),
            None => owned.review(),
        });
        let overdue = review.filter(|it| it.standing_on(awarded_on) == ReviewStanding::Overdue);
        let warning = overdue.map(|it| Fault::of_reason(ReasonCode::ReviewOverdue, &it.figures()));
        warning.into_iter().collect()
    }
}
