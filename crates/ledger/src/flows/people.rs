//! People who act: who they are, by which logins they are known, and what they may be for whom.
//!
//! What ends stays and says when: who did something can be found years later.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Action, Grant, KeepRegister, Role};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{LearnerId, MembershipId, PersonId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::person::Login;
use creditbank_domain::text::{InstitutionCode, PersonName};
use serde_json::json;

use super::register::institution_id;
use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::{Ledger, Tx};
use crate::tables::people::SealedLogin;
use crate::tables::{audit_events, learners, memberships, people, person_accounts};

/// What somebody is to be.
#[derive(Debug, Clone)]
pub struct NewMembership {
    /// Who.
    pub person: PersonId,
    /// For whom; the bank itself where there is none.
    pub institution: Option<InstitutionCode>,
    /// As what.
    pub roles: Vec<Role>,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when, where there is an end.
    pub until: Option<DateTime<Utc>>,
}

/// Makes a person known, under a name and a login.
///
/// # Errors
/// [`LedgerError::Conflict`] where the login is somebody's.
pub fn add_person(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    name: &PersonName,
    login: Option<&Login>,
    now: DateTime<Utc>,
) -> Result<PersonId, LedgerError> {
    ledger.write(|tx| {
        let person = open_named(tx, name, now)?;
        if let Some(login) = login {
            attach(tx, person, login, now)?;
        }
        let subject = ("person", Some(person.as_uuid()));
        audit_events::insert(tx, grant, subject, &json!({ "added": 1 }), now)?;
        Ok(person)
    })
}

/// A person of whom nothing is known yet.
pub(super) fn open_person(tx: &mut Tx<'_>, now: DateTime<Utc>) -> Result<PersonId, LedgerError> {
    let person = PersonId::from_uuid(new_id());
    people::insert(tx, person, now)?;
    Ok(person)
}

/// A person of whom no more than the name is known.
pub(super) fn open_named(
    tx: &mut Tx<'_>,
    name: &PersonName,
    now: DateTime<Utc>,
) -> Result<PersonId, LedgerError> {
    let person = open_person(tx, now)?;
    let owner = person.as_uuid();
    let sealed = tx
        .keys()
        .seal_to(owner.as_bytes(), name.reveal().as_bytes())?;
    people::insert_name(tx, person, &sealed, now)?;
    Ok(person)
}

/// Links a login to a person.
pub(super) fn attach(
    tx: &mut Tx<'_>,
    person: PersonId,
    login: &Login,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let owner = person.as_uuid();
    let row = SealedLogin {
        digest: tx.keys().login_digest(login),
        person,
        issuer: login.issuer(),
        sealed: tx
            .keys()
            .seal_to(owner.as_bytes(), login.subject().as_bytes())?,
    };
    if people::insert_login(tx, &row, now)? {
        return Ok(());
    }
    let known = people::find_login(tx.conn(), &row.digest)?.ok_or(LedgerError::Contended)?;
    if known.person_id == owner && known.ended_at.is_none() {
        return Ok(());
    }
    Err(LedgerError::Conflict(Fault::new(
        "LOGIN_TAKEN",
        "该登录已属于他人或已停用,请核对,或使用另一登录",
        "this login is another person's or was ended; check it, or use another one",
    )))
}

/// Links one more login to a person.
///
/// # Errors
/// [`LedgerError::NotFound`] for an unknown person, [`LedgerError::Conflict`] where the login is
/// somebody else's.
pub fn link_login(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    person: PersonId,
    login: &Login,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    ledger.write(|tx| {
        known(tx, person)?;
        attach(tx, person, login, now)?;
        let subject = ("person", Some(person.as_uuid()));
        let figures = json!({ "login_linked": login.issuer() });
        audit_events::insert(tx, grant, subject, &figures, now)
    })
}

/// Ends a login: nobody signs in by it any more.
///
/// # Errors
/// [`LedgerError::NotFound`] where no person has it.
pub fn end_login(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    login: &Login,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    ledger.write(|tx| {
        let digest = tx.keys().login_digest(login);
        let row = people::find_login(tx.conn(), &digest)?.ok_or(LedgerError::NotFound)?;
        if !people::end_login(tx, &digest, now)? {
            return Err(LedgerError::NotFound);
        }
        let subject = ("person", Some(row.person_id));
        let figures = json!({ "login_ended": login.issuer() });
        audit_events::insert(tx, grant, subject, &figures, now)
    })
}

/// Gives a person roles at an institution, or at the bank itself.
///
/// # Errors
/// [`LedgerError::NotFound`] for an unknown person, [`LedgerError::Refused`] for roles that nobody
/// is given and times in the wrong order, [`LedgerError::Conflict`] where the person has a
/// membership there that was not ended.
pub fn give_membership(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    new: &NewMembership,
    now: DateTime<Utc>,
) -> Result<MembershipId, LedgerError> {
    ledger.write(|tx| give(tx, grant, new, now))
}

/// Gives a membership inside a transaction.
pub(super) fn give<A: Action>(
    tx: &mut Tx<'_>,
    grant: &Grant<A>,
    new: &NewMembership,
    now: DateTime<Utc>,
) -> Result<MembershipId, LedgerError> {
    check(new)?;
    known(tx, new.person)?;
    let institution = new.institution.as_ref();
    let institution = institution
        .map(|code| institution_id(tx, code))
        .transpose()?;
    let row = memberships::NewRow {
        id: MembershipId::from_uuid(new_id()),
        person: new.person,
        institution,
        roles: &new.roles,
        from: new.from,
        until: new.until,
        given_by: grant.actor().person,
    };
    if !memberships::insert(tx, &row, now)? {
        return Err(LedgerError::Conflict(Fault::new(
            "MEMBER_ALREADY",
            "此人在该机构已有任职,请先结束原任职",
            "this person is a member there already; end that membership first",
        )));
    }
    let subject = ("membership", Some(row.id.as_uuid()));
    audit_events::insert(
        tx,
        grant,
        subject,
        &json!({ "roles": role_words(new) }),
        now,
    )?;
    Ok(row.id)
}

fn role_words(new: &NewMembership) -> Vec<&'static str> {
    new.roles.iter().map(|role| role.as_str()).collect()
}

fn check(new: &NewMembership) -> Result<(), LedgerError> {
    let refused = |code, zh: &str, en: &str| Err(LedgerError::Refused(Fault::new(code, zh, en)));
    // Learners are what their account makes them, operators have the command line.
    // Whom a learner authorised is a helper by that alone.
    let given = |role: &Role| !matches!(role, Role::Learner | Role::Helper | Role::Operator);
    if new.roles.is_empty() || !new.roles.iter().all(given) {
        return refused(
            "ROLE_NOT_GIVEN",
            "任职至少有一个角色,且不能是 learner、helper 或 operator",
            "a membership has at least one role, and none of learner, helper and operator",
        );
    }
    if new.roles.contains(&Role::Registrar) && new.roles.contains(&Role::Checker) {
        return refused(
            "ROLES_EXCLUDE_EACH_OTHER",
            "经办(registrar)与复核(checker)须为两人",
            "registrar and checker are two people: whoever hands in does not agree to it",
        );
    }
    if new.until.is_some_and(|until| until <= new.from) {
        return refused(
            "MEMBERSHIP_ENDS_FIRST",
            "任职的结束时间须晚于开始时间",
            "a membership ends after it begins",
        );
    }
    Ok(())
}

/// Ends a membership from now on.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is none such that was not ended.
pub fn end_membership(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    membership: MembershipId,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    ledger.write(|tx| {
        if !memberships::end(tx, membership, grant.actor().person, now)? {
            return Err(LedgerError::NotFound);
        }
        let subject = ("membership", Some(membership.as_uuid()));
        audit_events::insert(tx, grant, subject, &json!({ "ended": 1 }), now)
    })
}

/// Takes an account away from whoever claimed it, so that it can be claimed again.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is no such account, or it is nobody's.
pub fn release_account(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    learner: LearnerNo,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    ledger.write(|tx| {
        let found = learners::find_by_number(tx.conn(), learner)?.ok_or(LedgerError::NotFound)?;
        let learner: LearnerId = found.account.learner_id;
        if !person_accounts::end(tx, learner, now)? {
            return Err(LedgerError::NotFound);
        }
        let subject = ("account", Some(learner.as_uuid()));
        audit_events::insert(tx, grant, subject, &json!({ "released": 1 }), now)
    })
}

pub(super) fn known(tx: &mut Tx<'_>, person: PersonId) -> Result<(), LedgerError> {
    if people::exists(tx.conn(), person)? {
        Ok(())
    } else {
        Err(LedgerError::NotFound)
    }
}
