//! The people of the demo: a registrar, a school officer, a reviewer and a learner.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Actor, KeepRegister, Role};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::Ledger;
use creditbank_ledger::flows::{self, NewClient};
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
