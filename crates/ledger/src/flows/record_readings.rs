//! Who read whose account: written down by whoever shows it, in batches, off the way of the read.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Action, Grant, Role, View};
use creditbank_domain::ids::{ClientId, InstitutionId, PersonId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::reading::{ReadKind, ReadPurpose};

use crate::error::LedgerError;
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
        // A helper sees what is the learner's own, and is somebody else.
        if matches!(grant.view(), View::OnlyOwn(_)) && !actor.roles.contains(&Role::Helper) {
            return None;
        }
        Some(Self {
            learner,
            read_at: now,
            what,
            institution: actor.institution,
            client: actor.client,
            person: actor.person,
            purpose,
        })
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
        }
        readings::insert_all(tx, columns)
    })
}
