//! People who act.

use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::ids::{MembershipId, PersonId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::person::{Login, Membership, Standing};
use creditbank_domain::text::PersonName;
use diesel::prelude::*;

use crate::error::LedgerError;
use crate::identity::IdentityKeys;
use crate::store::Ledger;
use crate::tables::people::PersonRow;
use crate::tables::{helper_consents, memberships, parsed, people, person_accounts};

/// A person as the register shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonView {
    /// Who.
    pub person: PersonId,
    /// What they are called, where that was told.
    pub name: Option<PersonName>,
    /// What they are.
    pub memberships: Vec<(MembershipId, Membership)>,
    /// Their own account.
    pub learner: Option<LearnerNo>,
}

/// What a person is at present, by a login. No grant: this is how a caller becomes an actor.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn person_by_login(ledger: &Ledger, login: &Login) -> Result<Option<Standing>, LedgerError> {
    let digest = ledger.keys().login_digest(login);
    ledger.read(|conn| {
        let found = people::find_login(conn, &digest)?;
        found
            .filter(|row| row.ended_at.is_none())
            .map(|row| standing(conn, PersonId::from_uuid(row.person_id)))
            .transpose()
    })
}

fn standing(conn: &mut PgConnection, person: PersonId) -> Result<Standing, LedgerError> {
    let rows = memberships::list_of(conn, person)?;
    Ok(Standing {
        person,
        memberships: rows
            .into_iter()
            .map(Membership::try_from)
            .collect::<Result<_, _>>()?,
        learner: own_account(conn, person)?,
        helps: helper_consents::list_of(conn, person)?,
    })
}

fn own_account(
    conn: &mut PgConnection,
    person: PersonId,
) -> Result<Option<LearnerNo>, LedgerError> {
    let number = person_accounts::find_number(conn, person)?;
    number
        .map(|number| parsed(&number, "learners.learner_no"))
        .transpose()
}

/// Everybody who acts, in the order in which they came.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn list_people(
    ledger: &Ledger,
    _grant: &Grant<KeepRegister>,
) -> Result<Vec<PersonView>, LedgerError> {
    ledger.read(|conn| {
        people::list(conn, None)?
            .into_iter()
            .map(|row| person_view(conn, ledger.keys(), &row))
            .collect()
    })
}

fn person_view(
    conn: &mut PgConnection,
    keys: &IdentityKeys,
    row: &PersonRow,
) -> Result<PersonView, LedgerError> {
    let person = PersonId::from_uuid(row.person_id);
    let name = row
        .sealed_name
        .as_deref()
        .map(|sealed| name(keys, person, sealed));
    let memberships = memberships::list_of(conn, person)?.into_iter().map(|row| {
        let id = MembershipId::from_uuid(row.membership_id);
        Ok((id, Membership::try_from(row)?))
    });
    Ok(PersonView {
        person,
        name: name.transpose()?,
        memberships: memberships.collect::<Result<_, LedgerError>>()?,
        learner: own_account(conn, person)?,
    })
}

pub(super) fn name(
    keys: &IdentityKeys,
    person: PersonId,
    sealed: &[u8],
) -> Result<PersonName, LedgerError> {
    let wrong = || LedgerError::Corrupt("identity.person_names.sealed");
    let opened = keys.open_of(person.as_uuid().as_bytes(), sealed)?;
    let text = String::from_utf8(opened).map_err(|_| wrong())?;
    PersonName::new(&text).map_err(|_| wrong())
}
