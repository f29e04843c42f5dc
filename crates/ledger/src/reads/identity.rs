//! Who a learner is: opened for those who may see the whole account, and written down each time.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, ReadLearner};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::identifier::{Identifier, IdentifierKind};
use creditbank_domain::text::PersonName;
use serde_json::json;

use crate::error::LedgerError;
use crate::reads::account_of;
use crate::store::Ledger;
use crate::tables::{audit_events, identifiers, parsed};

/// A learner's name and the masked forms of the identifiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityView {
    /// What the learner is called, where a report said so.
    pub name: Option<PersonName>,
    /// What kind of identifier, and its ends: never the whole.
    pub identifiers: Vec<(IdentifierKind, String)>,
}

/// Who the learner that the grant is for is. Leaves an audit event.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is no such learner for this grant, also for an
/// institution: it knows its own students, and not who they are elsewhere.
pub fn identity(
    ledger: &Ledger,
    grant: &Grant<ReadLearner>,
    now: DateTime<Utc>,
) -> Result<IdentityView, LedgerError> {
    ledger.write(|tx| {
        let (account, only) = account_of(tx.conn(), grant)?;
        if only.is_some() {
            return Err(LedgerError::NotFound);
        }
        let learner = account.learner_id;
        let mut shown = Vec::new();
        for row in identifiers::list_of(tx.conn(), learner)? {
            let kind: IdentifierKind = parsed(&row.kind, "identity.identifiers.kind")?;
            let text = tx.keys().open(learner, &row.sealed)?;
            let identifier = Identifier::parse(kind, &text, bank_day(now))
                .map_err(|_| LedgerError::Corrupt("identity.identifiers.sealed"))?;
            shown.push((kind, identifier.masked()));
        }
        let name = identifiers::find_name(tx.conn(), learner)?
            .map(|sealed| tx.keys().open(learner, &sealed))
            .transpose()?
            .map(|name| PersonName::new(&name))
            .transpose()
            .map_err(|_| LedgerError::Corrupt("identity.names.sealed"))?;
        let subject = ("identity", Some(learner.as_uuid()));
        let figures = json!({ "identifiers": shown.len() });
        audit_events::insert(tx, grant, subject, &figures, now)?;
        Ok(IdentityView {
            name,
            identifiers: shown,
        })
    })
}
