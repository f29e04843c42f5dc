//! Memberships as those who give them see them.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, KeepMemberships, Role, View};
use creditbank_domain::ids::{MembershipId, PersonId};
use creditbank_domain::text::PersonName;
use diesel::prelude::*;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::identity::IdentityKeys;
use crate::reads::people::name;
use crate::store::Ledger;
use crate::tables::appointments::AppointmentRow;
use crate::tables::{appointments, parsed};

/// A membership with whose it is.
#[derive(Debug, Clone)]
pub struct AppointmentView {
    /// Its id.
    pub membership: MembershipId,
    /// Who.
    pub person: PersonId,
    /// What they are called, where that was told.
    pub name: Option<PersonName>,
    /// The institution's code; the bank itself where there is none.
    pub institution: Option<String>,
    /// As what.
    pub roles: Vec<Role>,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub until: Option<DateTime<Utc>>,
    /// From when it was taken away.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A page of memberships in the order in which they were given: an institution's own, or all.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn list_appointments(
    ledger: &Ledger,
    grant: &Grant<KeepMemberships>,
    page: (Option<Uuid>, u32),
) -> Result<Vec<AppointmentView>, LedgerError> {
    let only = match grant.view() {
        View::Whole => None,
        View::OnlyOf(own) => Some(own),
        View::OnlyOwn(_) => return Err(LedgerError::NotFound),
    };
    let rows = ledger.read(|conn| appointments::list(conn, only, page))?;
    let views = rows.into_iter().map(|row| view(ledger.keys(), row));
    views.collect()
}

pub(crate) fn appointment(
    conn: &mut PgConnection,
    keys: &IdentityKeys,
    id: MembershipId,
) -> Result<AppointmentView, LedgerError> {
    let row = appointments::find(conn, id)?.ok_or(LedgerError::NotFound)?;
    view(keys, row)
}

fn view(keys: &IdentityKeys, row: AppointmentRow) -> Result<AppointmentView, LedgerError> {
    let person = PersonId::from_uuid(row.person_id);
    let sealed = row.sealed_name.as_deref();
    let roles = row.roles.iter();
    Ok(AppointmentView {
        membership: MembershipId::from_uuid(row.membership_id),
        person,
        name: sealed
            .map(|sealed| name(keys, person, sealed))
            .transpose()?,
        institution: row.institution_code,
        roles: roles
            .map(|role| parsed(role, "memberships.roles"))
            .collect::<Result<_, _>>()?,
        from: row.from_at,
        until: row.until_at,
        ended_at: row.ended_at,
    })
}
