//! Who a learner is: opened for those who may see the whole account, and written down each time.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, ReadLearner};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::identifier::{Identifier, IdentifierKind};
use creditbank_domain::ids::LearnerId;
use creditbank_domain::text::PersonName;
use serde_json::json;

use crate::error::LedgerError;
use crate::identity::IdentityKeys;
use crate::reads::account_of;
use crate::store::Ledger;
use crate::tables::identifiers::StoredIdentifierRow;
use crate::tables::{audit_events, identifiers, parsed};

/// A learner's name and the masked forms of the identifiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityView {
    /// What the learner is called, where a report said so.
    pub name: Option<PersonName>,
    /// What kind of identifier, and its ends: never the whole.
    pub identifiers: Vec<(IdentifierKind, String)>,
}

/// Kind and masked form of a stored identifier.
pub(super) fn masked(
    keys: &IdentityKeys,
    row: &StoredIdentifierRow,
    today: NaiveDate,
) -> Result<(IdentifierKind, String), LedgerError> {
    let kind: IdentifierKind = parsed(&row.kind, "identity.identifiers.kind")?;
    let text = keys.open(LearnerId::from_uuid(row.learner_id), &row.sealed)?;
    let identifier = Identifier::parse(kind, &text, today)
        .map_err(|_| LedgerError::Corrupt("identity.identifiers.sealed"))?;
    Ok((kind, identifier.masked()))
}

/// A stored name.
pub(super) fn name(
    keys: &IdentityKeys,
    learner: LearnerId,
    sealed: &[u8],
) -> Result<PersonName, LedgerError> {
    PersonName::new(&keys.open(learner, sealed)?)
        .map_err(|_| LedgerError::Corrupt("identity.names.sealed"))
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
    ledger.write(grant, |tx| {
        let (account, only) = account_of(tx.conn(), grant)?;
        if only.is_some() {
            return Err(LedgerError::NotFound);
        }
        let learner = account.learner_id;
        let mut shown = Vec::new();
        for row in identifiers::list_of(tx.conn(), &account.members)? {
            shown.push(masked(tx.keys(), &row, bank_day(now))?);
        }
        let mut names = identifiers::list_names(tx.conn(), &account.members)?;
        // The account's own name; that of one merged into it only where it has none.
        names.sort_by_key(|(named, _)| (*named != learner, *named));
        let name = names
            .first()
            .map(|(named, sealed)| name(tx.keys(), *named, sealed));
        let name = name.transpose()?;
        let subject = ("identity", Some(learner.as_uuid()));
        let figures = json!({ "identifiers": shown.len() });
        audit_events::insert(tx, grant, subject, &figures, now)?;
        Ok(IdentityView {
            name,
            identifiers: shown,
        })
    })
}
