//! Who read whose account: written down by whoever shows it, in batches, off the way of the read.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Action, Grant, Role, View};
use creditbank_domain::consent::ReadBasis;
use creditbank_domain::ids::{ClientId, ConsentId, InstitutionId, PersonId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::reading::{ReadKind, ReadPurpose};

use crate::error::LedgerError;
use crate::reads::Disclosure;
use crate::store::Ledger;
use crate::tables::readings::{self, Columns};

/// That somebody read an account. Made of the grant by which they did, so that it cannot say
/// anything else.
#[derive(Debug, Clone)]
pub struct Reading {
    learner: LearnerNo,
    read_at: DateTime<Utc>,
    what: ReadKind,
    institution: Option<InstitutionId>,
    client: Option<ClientId>,
    person: Option<PersonId>,
    purpose: Option<ReadPurpose>,
    basis: ReadBasis,
    consent: Option<ConsentId>,
}

impl Reading {
    /// What there is to write down; nothing where learners look at their own account.
    #[must_use]
    pub fn of<A: Action>(
        grant: &Grant<A>,
        learner: LearnerNo,
        (what, purpose): (ReadKind, Option<ReadPurpose>),
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let actor = grant.actor();
        let basis = match grant.view() {
            // A helper sees what is the learner's own, and is somebody else.
            View::OnlyOwn(_) if !actor.roles.contains(&Role::Helper) => return None,
            View::OnlyOwn(_) => ReadBasis::Consent,
            View::OnlyOf(_) => ReadBasis::OwnRecords,
            View::Whole => ReadBasis::Bank,
        };
        Some(Self {
            learner,
            read_at: now,
            what,
            institution: actor.institution,
            client: actor.client,
            person: actor.person,
            purpose,
            basis,
            consent: None,
        })
    }

    /// As [`Self::of`], of a look at a request: for conversion where nothing else is said, and by
    /// what the request rests on where the reader did not ask for it.
    #[must_use]
    pub fn of_request<A: Action>(
        grant: &Grant<A>,
        request: &Disclosure,
        (what, purpose): (ReadKind, Option<ReadPurpose>),
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let why = (what, purpose.or(Some(ReadPurpose::Conversion)));
        let mut reading = Self::of(grant, request.learner_no, why, now)?;
        if matches!(grant.view(), View::OnlyOf(reader) if Some(reader) != request.requesting) {
            reading.basis = request.basis.basis.into();
            reading.consent = request.basis.consent_id;
        }
        Some(reading)
    }
}

/// Writes readings down, all of them or none.
///
/// # Errors
/// [`LedgerError::Unavailable`]; they have to be written again then.
pub fn record_readings(ledger: &Ledger, readings: &[Reading]) -> Result<usize, LedgerError> {
    ledger.write(|tx| {
        let mut columns = Columns::default();
        for reading in readings {
            columns
                .learner_nos
                .push(reading.learner.as_str().to_owned());
            columns.read_at.push(reading.read_at);
            columns.what.push(reading.what.as_str());
            columns
                .institutions
                .push(reading.institution.map(InstitutionId::as_uuid));
            columns.clients.push(reading.client.map(ClientId::as_uuid));
            columns.people.push(reading.person.map(PersonId::as_uuid));
            columns
                .purposes
                .push(reading.purpose.map(ReadPurpose::as_str));
            columns.bases.push(reading.basis.as_str());
            columns
                .consents
                .push(reading.consent.map(ConsentId::as_uuid));
        }
        readings::insert_all(tx, columns)
    })
}
