//! Whom a learner has authorised to act for them.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, KeepHelpers, Scope, Subject};
use creditbank_domain::ids::{HelperConsentId, LearnerId, PersonId};
use diesel::prelude::*;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::helper_consents::ConsentRow;
use crate::tables::{helper_consents, learners};

/// That somebody may act for a learner.
#[derive(Debug, Clone)]
pub struct HelperView {
    /// Its id.
    pub consent: HelperConsentId,
    /// Who may act.
    pub helper: PersonId,
    /// For what.
    pub scopes: Vec<Scope>,
    /// From when.
    pub given_at: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// From when it counts no more, where it was ended.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A page of them in the order in which they were said, the ended ones too.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is no such account.
pub fn helpers(
    ledger: &Ledger,
    grant: &Grant<KeepHelpers>,
    page: (Option<Uuid>, u32),
) -> Result<Vec<HelperView>, LedgerError> {
    let rows = ledger.read(|conn| {
        let learner = learner_of(conn, grant)?;
        helper_consents::list(conn, learner, page)
    })?;
    rows.into_iter().map(helper_view).collect()
}

/// The account that the grant is for; that which it is merged into speaks for itself.
pub(crate) fn learner_of(
    conn: &mut PgConnection,
    grant: &Grant<KeepHelpers>,
) -> Result<LearnerId, LedgerError> {
    let Subject::Learner(number) = grant.subject() else {
        return Err(LedgerError::NotFound);
    };
    let found = learners::find_by_number(conn, number)?.ok_or(LedgerError::NotFound)?;
    Ok(found.account.learner_id)
}

pub(crate) fn helper_view(row: ConsentRow) -> Result<HelperView, LedgerError> {
    Ok(HelperView {
        consent: HelperConsentId::from_uuid(row.consent_id),
        helper: PersonId::from_uuid(row.helper_id),
        scopes: helper_consents::scopes(&row.scopes)?,
        given_at: row.given_at,
        until: row.until_at,
        ended_at: row.ended_at,
    })
}
