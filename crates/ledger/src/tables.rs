//! One file per table: its rows and the statements on it, one statement a function, connection
//! first. Reads take a connection, writes a transaction. Nothing here opens one or decides.

pub(crate) mod access_log;
pub(crate) mod api_clients;
pub(crate) mod appointments;
pub(crate) mod arrangements;
pub(crate) mod articulation_rules;
pub(crate) mod audit_events;
pub(crate) mod catalogue;
pub(crate) mod catalogue_list;
pub(crate) mod catalogue_reviews;
pub(crate) mod catalogue_subcategories;
pub(crate) mod claim_codes;
pub(crate) mod client_secrets;
pub(crate) mod cohort_files;
pub(crate) mod cohort_lines;
pub(crate) mod committees;
pub(crate) mod consents;
pub(crate) mod conversion_drafts;
pub(crate) mod conversion_figures;
pub(crate) mod conversion_inputs;
pub(crate) mod conversion_lines;
pub(crate) mod conversion_requests;
pub(crate) mod corrections;
pub(crate) mod document_facts;
pub(crate) mod due_items;
pub(crate) mod duplicate_candidates;
pub(crate) mod events;
pub(crate) mod evidence;
pub(crate) mod gradings;
pub(crate) mod helper_consents;
pub(crate) mod holds;
pub(crate) mod hour_claims;
pub(crate) mod hour_tables;
pub(crate) mod idempotency_keys;
pub(crate) mod identifiers;
pub(crate) mod import_changes;
pub(crate) mod import_credits;
pub(crate) mod import_files;
pub(crate) mod import_job_learners;
pub(crate) mod import_job_turns;
pub(crate) mod import_jobs;
pub(crate) mod import_lines;
pub(crate) mod import_mappings;
pub(crate) mod import_names;
pub(crate) mod import_questions;
pub(crate) mod import_results;
pub(crate) mod import_settings;
pub(crate) mod import_signatures;
pub(crate) mod imports;
pub(crate) mod inbox;
pub(crate) mod institutions;
pub(crate) mod joint_lots;
mod kept_names;
pub(crate) mod key_checks;
pub(crate) mod learner_merges;
pub(crate) mod learners;
pub(crate) mod level_frameworks;
pub(crate) mod login_attempts;
pub(crate) mod lot_expiry;
pub(crate) mod lots;
pub(crate) mod mapping_versions;
pub(crate) mod meetings;
pub(crate) mod memberships;
pub(crate) mod merge_collisions;
pub(crate) mod migrations;
pub(crate) mod notices;
pub(crate) mod outcomes;
pub(crate) mod people;
pub(crate) mod person_accounts;
pub(crate) mod person_digests;
pub(crate) mod programmes;
pub(crate) mod readings;
pub(crate) mod remits;
pub(crate) mod request_queue;
pub(crate) mod request_steps;
pub(crate) mod resolutions;
pub(crate) mod resubmissions;
pub(crate) mod review_chains;
pub(crate) mod rule_set_documents;
pub(crate) mod rule_set_list;
pub(crate) mod rule_set_programmes;
pub(crate) mod rule_set_votes;
pub(crate) mod rule_sets;
pub(crate) mod same_courses;
pub(crate) mod sequencer;
pub(crate) mod signing_keys;
pub(crate) mod standing_outcomes;
pub(crate) mod totals;
pub(crate) mod transfers;
pub(crate) mod trials;
pub(crate) mod webhook_deliveries;
pub(crate) mod webhook_endpoints;
pub(crate) mod webhook_secrets;
pub(crate) mod work_calendar;

use creditbank_domain::amount::Hundredths;
use creditbank_domain::catalogue::Level;
use creditbank_domain::consent::StatedBasis;

use crate::error::LedgerError;

/// Reads what is stored of a stated basis: its word, and the number of its document.
pub(crate) fn stated_basis(
    (basis, document): (Option<&str>, Option<&str>),
    place: &'static str,
) -> Result<Option<StatedBasis>, LedgerError> {
    let Some(basis) = basis else {
        return Ok(None);
    };
    let stated = StatedBasis::new(parsed(basis, place)?, document);
    stated.map(Some).map_err(|_| LedgerError::Corrupt(place))
}

/// Reads a stored amount; `place` names the column, for the bug report if it is negative.
pub(crate) fn hundredths(value: i64, place: &'static str) -> Result<Hundredths, LedgerError> {
    Hundredths::new(value).map_err(|_| LedgerError::Corrupt(place))
}

/// Reads a stored word or text back into its type; `place` names the column.
pub(crate) fn parsed<T: std::str::FromStr>(
    text: &str,
    place: &'static str,
) -> Result<T, LedgerError> {
    text.parse().map_err(|_| LedgerError::Corrupt(place))
}

/// Reads what is stored of an amount that is mostly nothing.
pub(crate) fn accepted(text: Option<&str>, place: &'static str) -> Result<Hundredths, LedgerError> {
    text.map_or(Ok(Hundredths::ZERO), |text| parsed(text, place))
}

/// Reads a stored count.
pub(crate) fn count(value: i64, place: &'static str) -> Result<u64, LedgerError> {
    u64::try_from(value).map_err(|_| LedgerError::Corrupt(place))
}

/// Reads a stored level: the database keeps both of its columns or neither.
pub(crate) fn level(framework: Option<String>, value: Option<i16>) -> Option<Level> {
    let (framework, value) = framework.zip(value)?;
    Some(Level { framework, value })
}
