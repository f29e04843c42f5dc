//! Who read an account.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, ReadReadings, Subject, View};
use creditbank_domain::consent::ReadBasis;
use creditbank_domain::ids::{ConsentId, PersonId};
use creditbank_domain::reading::{ReadKind, ReadPurpose};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::readings::{self, ReadingRow};
use crate::tables::{learners, parsed};

/// That somebody read an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingView {
    /// Its id.
    pub reading_id: Uuid,
    /// When.
    pub read_at: DateTime<Utc>,
    /// What was shown.
    pub what: ReadKind,
    /// For which institution, by its code; the bank itself where there is none.
    pub institution_code: Option<String>,
    /// What that institution is called.
    pub institution_name: Option<String>,
    /// By which program.
    pub client_name: Option<String>,
    /// By which person.
    pub person: Option<PersonId>,
    /// Why, where the reader said so.
    pub purpose: Option<ReadPurpose>,
    /// By what right; none for looks that are older than the question.
    pub basis: Option<ReadBasis>,
    /// The consent, where it was one.
    pub consent_id: Option<ConsentId>,
}

impl TryFrom<ReadingRow> for ReadingView {
    type Error = LedgerError;

    fn try_from(row: ReadingRow) -> Result<Self, LedgerError> {
        let purpose = row.purpose.as_deref();
        let basis = row.basis.as_deref();
        Ok(Self {
            reading_id: row.reading_id,
            read_at: row.read_at,
            what: parsed(&row.what, "readings.what")?,
            institution_code: row.institution_code,
            institution_name: row.institution_name,
            client_name: row.client_name,
            person: row.person_id.map(PersonId::from_uuid),
            purpose: purpose
                .map(|word| parsed(word, "readings.purpose"))
                .transpose()?,
            basis: basis
                .map(|word| parsed(word, "readings.basis"))
                .transpose()?,
            consent_id: row.consent_id.map(ConsentId::from_uuid),
        })
    }
}

/// Who read the account that the grant is for, or one that is merged with it: the newest first.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is no such account for this grant.
pub fn readings(
    ledger: &Ledger,
    grant: &Grant<ReadReadings>,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<ReadingView>, LedgerError> {
    let (Subject::Learner(number), View::Whole | View::OnlyOwn(_)) =
        (grant.subject(), grant.view())
    else {
        return Err(LedgerError::NotFound);
    };
    ledger.read(grant, |conn| {
        let found = learners::find_by_number(conn, number)?.ok_or(LedgerError::NotFound)?;
        let members: Vec<Uuid> = found.members().iter().map(|id| id.as_uuid()).collect();
        let rows = readings::list(conn, &members, before, limit)?;
        rows.into_iter().map(ReadingView::try_from).collect()
    })
}
