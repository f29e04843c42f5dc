//! Access that was refused: written down in batches, off the way of the answer.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{ActionName, Actor, Occasion};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::ids::{ClientId, InstitutionId, PersonId};
use creditbank_domain::learner_no::LearnerNo;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::sight::OwnWork;
use crate::store::Ledger;
use crate::tables::access_log::{self, Columns};

/// What the address of a request names.
#[derive(Debug, Clone)]
pub enum RefusedSubject {
    /// Something with an id.
    Id(Uuid),
    /// A learner.
    Learner(LearnerNo),
    /// What no id and no number is.
    Unreadable,
}

/// That somebody was refused.
#[derive(Debug, Clone)]
pub struct RefusedAccess {
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// Whoever asked, where that was known.
    pub actor: Option<Actor>,
    /// What was asked for, where the policy has it.
    pub action: Option<ActionName>,
    /// Method and pattern of the address.
    pub route: String,
    /// What the address names, and what kind of thing that is.
    pub subject: Option<(String, RefusedSubject)>,
    /// The status answered.
    pub status: u16,
    /// The code answered.
    pub code: String,
    /// The whole address of who asked: never written down, only its digest.
    pub address: Option<String>,
    /// The request.
    pub occasion: Arc<Occasion>,
}

/// Writes refusals down, all of them or none.
///
/// # Errors
/// [`LedgerError::Unavailable`]; they have to be written again then.
pub fn record_access(ledger: &Ledger, refused: &[RefusedAccess]) -> Result<usize, LedgerError> {
    ledger.write(OwnWork::LoggingRefusals, |tx| {
        let mut columns = Columns::default();
        for one in refused {
            add(&mut columns, one);
            let tag = one.address.as_deref();
            let tag = tag.map(|address| tx.keys().pseudonym(address));
            columns.address_tags.push(tag);
        }
        access_log::insert_all(tx, columns)
    })
}

fn add(columns: &mut Columns, one: &RefusedAccess) {
    let actor = one.actor.as_ref();
    columns.add_id();
    columns.occurred_at.push(one.occurred_at);
    let client = actor.and_then(|it| it.client).map(ClientId::as_uuid);
    columns.clients.push(client);
    let person = actor.and_then(|it| it.person).map(PersonId::as_uuid);
    columns.people.push(person);
    let institution = actor.and_then(|it| it.institution);
    columns
        .institutions
        .push(institution.map(InstitutionId::as_uuid));
    let roles: Vec<&str> = actor
        .map(|it| it.roles.iter().map(|role| role.as_str()).collect())
        .unwrap_or_default();
    columns.roles.push(roles.join(","));
    columns.actions.push(one.action.map(ActionName::as_str));
    columns.routes.push(one.route.clone());
    let kind = one.subject.as_ref().map(|(kind, _)| kind.clone());
    columns.subject_kinds.push(kind);
    let (id, number) = match one.subject.as_ref().map(|(_, subject)| subject) {
        Some(RefusedSubject::Id(id)) => (Some(*id), None),
        Some(RefusedSubject::Learner(number)) => (None, Some(number.as_str().to_owned())),
        Some(RefusedSubject::Unreadable) | None => (None, None),
    };
    columns.subject_ids.push(id);
    columns.learner_nos.push(number);
    columns
        .statuses
        .push(i16::try_from(one.status).unwrap_or(i16::MAX));
    columns.codes.push(one.code.clone());
    columns.networks.push(one.occasion.network.clone());
    columns.trace_ids.push(one.occasion.trace_id.clone());
}

/// Forgets refusals of before a moment, never those of the last half year.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn forget_access(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    before: DateTime<Utc>,
) -> Result<usize, LedgerError> {
    ledger.write(grant, |tx| access_log::forget_before(tx, before))
}
