//! People appointed by those who are signed in: an institution's admin its own people to roles of
//! the institution, the secretariat anybody to anything but learner and operator.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, KeepMemberships, Role, View};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{MembershipId, PersonId};
use creditbank_domain::person::Login;
use creditbank_domain::text::{InstitutionCode, PersonName};
use serde_json::json;

use super::people::{NewMembership, attach, give, known, open_named};
use crate::error::LedgerError;
use crate::reads::{AppointmentView, appointment};
use crate::store::{Ledger, Tx};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::{appointments, audit_events, institutions, memberships, people};

/// Who is to be appointed.
#[derive(Debug, Clone)]
pub enum Appointee {
    /// Somebody who is known.
    Known(PersonId),
    /// Whoever signs in by this login, called so where nobody is known by it yet.
    Login(Login, PersonName),
}

/// What somebody is to be, and for whom.
#[derive(Debug, Clone)]
pub struct Appointment {
    /// Who.
    pub who: Appointee,
    /// For whom; the bank itself where there is none.
    pub institution: Option<InstitutionCode>,
    /// As what.
    pub roles: Vec<Role>,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when, where there is an end.
    pub until: Option<DateTime<Utc>>,
}

/// Appoints somebody.
///
/// # Errors
/// [`LedgerError::NotFound`] for an unknown person or another institution;
/// [`LedgerError::Refused`] for roles that the caller does not give, for oneself and for what
/// contradicts itself; [`LedgerError::Conflict`] where the person is a member there or the login is
/// ended.
pub fn appoint_once(
    ledger: &Ledger,
    grant: &Grant<KeepMemberships>,
    order: &Appointment,
    request: &Once<'_, AppointmentView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, request, now, |tx| {
        may_give(tx, grant, order)?;
        let person = appointee(tx, &order.who, now)?;
        if grant.actor().person == Some(person) {
            return Err(LedgerError::Refused(oneself()));
        }
        let new = NewMembership {
            person,
            institution: order.institution.clone(),
            roles: order.roles.clone(),
            from: order.from,
            until: order.until,
        };
        let id = give(tx, grant, &new, now)?;
        let keys = tx.keys();
        appointment(tx.conn(), keys, id)
    })
}

/// Ends a membership from now on.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is none such that was not ended, also another
/// institution's.
pub fn end_appointment_once(
    ledger: &Ledger,
    grant: &Grant<KeepMemberships>,
    membership: MembershipId,
    request: &Once<'_, AppointmentView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, request, now, |tx| {
        let row = appointments::find(tx.conn(), membership)?.ok_or(LedgerError::NotFound)?;
        if let View::OnlyOf(own) = grant.view()
            && row.institution_id != Some(own.as_uuid())
        {
            return Err(LedgerError::NotFound);
        }
        if !memberships::end(tx, membership, grant.actor().person, now)? {
            return Err(LedgerError::NotFound);
        }
        let subject = ("membership", Some(membership.as_uuid()));
        audit_events::insert(tx, grant, subject, &json!({ "ended": 1 }), now)?;
        let keys = tx.keys();
        appointment(tx.conn(), keys, membership)
    })
}

/// An institution's admin gives only what reaches no further than the institution.
fn may_give(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepMemberships>,
    order: &Appointment,
) -> Result<(), LedgerError> {
    let View::OnlyOf(own) = grant.view() else {
        return Ok(());
    };
    let named = order.institution.as_ref();
    let named = named.map(|code| institutions::find_by_code(tx.conn(), code));
    let named = named.transpose()?.flatten();
    if named.is_none_or(|row| row.institution_id != own.as_uuid()) {
        return Err(LedgerError::NotFound);
    }
    match order.roles.iter().find(|role| !of_an_institution(**role)) {
        Some(role) => Err(LedgerError::Refused(beyond(*role))),
        None => Ok(()),
    }
}

const fn of_an_institution(role: Role) -> bool {
    match role {
        Role::Registrar
        | Role::Checker
        | Role::SchoolOfficer
        | Role::Reviewer
        | Role::InstitutionAdmin => true,
        Role::CommitteeMember
        | Role::Secretariat
        | Role::Regulator
        | Role::Auditor
        | Role::Employer
        | Role::Learner
        | Role::Helper
        | Role::Operator => false,
    }
}

/// The person who is meant; whoever has a login that nobody has yet becomes known.
pub(super) fn appointee(
    tx: &mut Tx<'_>,
    who: &Appointee,
    now: DateTime<Utc>,
) -> Result<PersonId, LedgerError> {
    match who {
        Appointee::Known(person) => {
            known(tx, *person)?;
            Ok(*person)
        }
        Appointee::Login(login, name) => {
            let digest = tx.keys().login_digest(login);
            match people::find_login(tx.conn(), &digest)? {
                Some(row) if row.ended_at.is_none() => Ok(PersonId::from_uuid(row.person_id)),
                // Said by `attach`, which refuses a login that was ended.
                Some(_) | None => {
                    let person = open_named(tx, name, now)?;
                    attach(tx, person, login, now)?;
                    Ok(person)
                }
            }
        }
    }
}

fn beyond(role: Role) -> Fault {
    Fault::new(
        "ROLE_BEYOND_INSTITUTION",
        format!("角色 {role} 的权限超出本机构,由秘书处任命"),
        format!("the role {role} reaches beyond the institution; the secretariat gives it"),
    )
}

fn oneself() -> Fault {
    Fault::new(
        "MEMBERSHIP_OWN",
        "不能任命自己,请由他人任命",
        "nobody appoints themselves; somebody else has to",
    )
}
