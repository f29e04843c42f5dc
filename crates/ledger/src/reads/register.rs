//! The register: institutions, clients, and whether the database is ready.

use creditbank_domain::authz::{Grant, KeepRegister, Role, Scopes};
use creditbank_domain::ids::{ClientId, InstitutionId, PersonId};
use creditbank_domain::institution::Institution;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::text::InstitutionCode;

use crate::error::LedgerError;
use crate::sight::Sight;
use crate::store::Ledger;
use crate::tables::api_clients::{self, ClientRow};
use crate::tables::{institutions, parsed};

/// A program that calls the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientView {
    /// The subject of its tokens.
    pub client_id: ClientId,
    /// What it is called.
    pub name: String,
    /// For whom it acts.
    pub institution: Option<InstitutionId>,
    /// That institution's code.
    pub institution_code: Option<String>,
    /// Whose account it may see, for a learner's client.
    pub learner_no: Option<LearnerNo>,
    /// What it is.
    pub roles: Vec<Role>,
    /// To which of what its roles permit it is narrowed.
    pub scopes: Scopes,
    /// The person who holds its secrets.
    pub keeper: Option<PersonId>,
    /// Whether its tokens are honoured.
    pub active: bool,
}

impl TryFrom<ClientRow> for ClientView {
    type Error = LedgerError;

    fn try_from(row: ClientRow) -> Result<Self, LedgerError> {
        let number = row.learner_no.as_deref();
        Ok(Self {
            client_id: ClientId::from_uuid(row.client_id),
            name: row.name,
            institution: row.institution_id.map(InstitutionId::from_uuid),
            institution_code: row.institution_code,
            learner_no: number
                .map(|n| parsed(n, "api_clients.learner_no"))
                .transpose()?,
            roles: row
                .roles
                .iter()
                .map(|role| parsed(role, "api_clients.roles"))
                .collect::<Result<_, _>>()?,
            scopes: scopes(row.scopes.as_deref())?,
            keeper: row.keeper_id.map(PersonId::from_uuid),
            active: row.active,
        })
    }
}

/// As a column says it: everything where it is null.
pub(crate) fn scopes(column: Option<&[String]>) -> Result<Scopes, LedgerError> {
    let Some(words) = column else {
        return Ok(Scopes::All);
    };
    let read = words
        .iter()
        .map(|word| parsed(word, "api_clients.scopes"))
        .collect::<Result<_, _>>()?;
    Ok(Scopes::Only(read))
}

/// A client by the subject of its token. No grant: this is how a caller becomes an actor.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn client(ledger: &Ledger, id: ClientId) -> Result<Option<ClientView>, LedgerError> {
    ledger.read(Sight::GATE, |conn| {
        api_clients::find(conn, id)?
            .map(ClientView::try_from)
            .transpose()
    })
}

/// A client by its name.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn client_by_name(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    name: &str,
) -> Result<Option<ClientView>, LedgerError> {
    ledger.read(grant, |conn| {
        api_clients::find_by_name(conn, name)?
            .map(ClientView::try_from)
            .transpose()
    })
}

/// An institution by its code. Public: the register of institutions is open to everybody.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn institution_by_code(
    ledger: &Ledger,
    code: &InstitutionCode,
) -> Result<Option<Institution>, LedgerError> {
    ledger.read(Sight::PUBLIC, |conn| {
        institutions::find_by_code(conn, code)?
            .map(Institution::try_from)
            .transpose()
    })
}

/// How many migrations the database lacks; proves on the way that it answers. Public.
///
/// # Errors
/// [`LedgerError::Unavailable`] where it does not answer.
pub fn unapplied_migrations(ledger: &Ledger) -> Result<usize, LedgerError> {
    ledger.pending_migrations()
}
