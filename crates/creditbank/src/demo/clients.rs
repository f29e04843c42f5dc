//! The people of the demo: a registrar, a school officer, a reviewer and a learner.

use chrono::{DateTime, Utc};
use creditbank_api::DEMO_ISSUER;
use creditbank_domain::authz::{Actor, KeepRegister, Role};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::person::Login;
use creditbank_domain::text::{InstitutionCode, PersonName, TextError};
use creditbank_ledger::Ledger;
use creditbank_ledger::flows::{self, NewClient, NewMembership};
use creditbank_ledger::reads::{self, ClientView};

use super::files::{SCHOOL, UNIVERSITY};
use crate::operator;
use crate::problem::Problem;

/// Registers a client of an institution, or finds it.
pub(crate) fn of_institution(
    ledger: &Ledger,
    role: Role,
    code: &str,
    now: DateTime<Utc>,
) -> Result<ClientView, Problem> {
    let client = NewClient {
        name: format!("demo-{role}-{code}"),
        institution: InstitutionCode::new(code).ok(),
        learner_no: None,
        roles: vec![role],
    };
    registered(ledger, &client, now)
}

/// The technical school's officer, who asks.
pub(crate) fn officer(ledger: &Ledger, now: DateTime<Utc>) -> Result<ClientView, Problem> {
    of_institution(ledger, Role::SchoolOfficer, SCHOOL, now)
}

/// The university's reviewer, who decides.
pub(crate) fn reviewer(ledger: &Ledger, now: DateTime<Utc>) -> Result<ClientView, Problem> {
    of_institution(ledger, Role::Reviewer, UNIVERSITY, now)
}

/// The learner's own portal.
pub(crate) fn learner(
    ledger: &Ledger,
    learner_no: LearnerNo,
    now: DateTime<Utc>,
) -> Result<ClientView, Problem> {
    let client = NewClient {
        name: format!("demo-learner-{learner_no}"),
        institution: None,
        learner_no: Some(learner_no),
        roles: vec![Role::Learner],
    };
    registered(ledger, &client, now)
}

/// The client as the policy sees it.
pub(crate) fn actor(client: &ClientView) -> Actor {
    Actor {
        client: Some(client.client_id),
        institution: client.institution,
        roles: client.roles.clone(),
        ..Actor::default()
    }
}

fn registered(
    ledger: &Ledger,
    client: &NewClient,
    now: DateTime<Utc>,
) -> Result<ClientView, Problem> {
    let grant = operator::for_bank::<KeepRegister>()?;
    flows::register_client(ledger, &grant, client, now)?;
    let found = reads::client_by_name(ledger, &grant, &client.name)?;
    found.ok_or_else(|| Problem::new("CLIENT_UNKNOWN", "客户端未登记", "the client is not there"))
}

/// Who signs in to the demo: the login, the name, for whom and as what. Nobody real.
const PEOPLE: [(&str, &str, Option<&str>, Role); 5] = [
    ("registrar", "演示教务员", Some(UNIVERSITY), Role::Registrar),
    ("reviewer", "演示评审员", Some(UNIVERSITY), Role::Reviewer),
    ("officer", "演示学籍员", Some(SCHOOL), Role::SchoolOfficer),
    ("secretariat", "演示秘书", None, Role::Secretariat),
    ("regulator", "演示监管员", None, Role::Regulator),
];

/// Makes the demo's people known; those who are stay.
pub(crate) fn people(ledger: &Ledger, now: DateTime<Utc>) -> Result<(), Problem> {
    let grant = operator::for_bank::<KeepRegister>()?;
    for (subject, name, institution, role) in PEOPLE {
        let unfit = |error: TextError| Problem::internal(&error);
        let login = Login::new(DEMO_ISSUER, subject).map_err(unfit)?;
        if reads::person_by_login(ledger, &login)?.is_some() {
            continue;
        }
        let name = PersonName::new(name).map_err(unfit)?;
        let person = flows::add_person(ledger, &grant, &name, Some(&login), now)?;
        let membership = NewMembership {
            person,
            institution: institution
                .map(InstitutionCode::new)
                .transpose()
                .map_err(unfit)?,
            roles: vec![role],
            from: now,
            until: None,
        };
        flows::give_membership(ledger, &grant, &membership, now)?;
    }
    Ok(())
}
