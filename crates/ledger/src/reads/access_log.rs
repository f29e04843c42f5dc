//! Who wrote what, and who was refused.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, ReadAccessLog, View};
use creditbank_domain::ids::PersonId;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::reads::remits::supervised;
use crate::store::Ledger;
use crate::tables::access_log::{self, EntryRow};

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessOutcome {
    /// It was done: the entry was written in the transaction that did it.
    Done,
    /// It was refused, with this status and code.
    Refused {
        /// The HTTP status.
        status: i16,
        /// The code.
        code: String,
    },
}

/// A write, or access that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessEntry {
    /// Its id.
    pub entry_id: Uuid,
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// By which program.
    pub client_name: Option<String>,
    /// By which person.
    pub person: Option<PersonId>,
    /// For which institution, by its code.
    pub institution_code: Option<String>,
    /// As what.
    pub roles: Vec<String>,
    /// The action of the policy.
    pub action: Option<String>,
    /// Method and pattern of the address, of what was refused.
    pub route: Option<String>,
    /// What it was about.
    pub subject_kind: Option<String>,
    /// Which one.
    pub subject_id: Option<Uuid>,
    /// How it ended.
    pub outcome: AccessOutcome,
    /// The network that it came from.
    pub network: Option<String>,
    /// Tells addresses apart without naming one.
    pub address_tag: Option<String>,
    /// The request.
    pub trace_id: Option<String>,
}

impl From<EntryRow> for AccessEntry {
    fn from(row: EntryRow) -> Self {
        Self {
            entry_id: row.entry_id,
            occurred_at: row.occurred_at,
            client_name: row.client_name,
            person: row.person_id.map(PersonId::from_uuid),
            institution_code: row.institution_code,
            roles: row.roles,
            action: row.action,
            route: row.route,
            subject_kind: row.subject_kind,
            subject_id: row.subject_id,
            outcome: match (row.status, row.code) {
                (Some(status), Some(code)) => AccessOutcome::Refused { status, code },
                _ => AccessOutcome::Done,
            },
            network: row.network,
            address_tag: row.address_tag,
            trace_id: row.trace_id,
        }
    }
}

/// Writes and refusals, the newest first; a regulator sees those of the institutions that it
/// supervises today.
///
/// # Errors
/// [`LedgerError::NotFound`] for whoever does not see the whole bank.
pub fn access_log(
    ledger: &Ledger,
    grant: &Grant<ReadAccessLog>,
    (before, limit): (Option<Uuid>, u32),
    today: NaiveDate,
) -> Result<Vec<AccessEntry>, LedgerError> {
    let View::Whole = grant.view() else {
        return Err(LedgerError::NotFound);
    };
    ledger.read(grant, |conn| {
        let supervised = supervised(conn, grant, today)?;
        let institutions = supervised.map(|codes| codes.into_iter().collect());
        let rows = access_log::list(conn, institutions, before, limit)?;
        Ok(rows.into_iter().map(AccessEntry::from).collect())
    })
}
