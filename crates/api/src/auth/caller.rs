//! Whom a token names, and what becomes of a person who signed in.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Actor, Denied, Role, Scopes};
use creditbank_domain::fault::Fault;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::person::{Login, Membership, Standing};

use crate::problem::ApiError;

/// The header by which a person with several memberships says for which one they act.
pub(crate) const ACTING_FOR: &str = "creditbank-acting-for";
/// Its value for a membership of the bank itself.
const BANK: &str = "bank";
/// Its value for nobody but oneself.
const MYSELF: &str = "myself";

/// Whom a verified token names.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// A program; the register of clients has the last word.
    Client(Actor),
    /// A person who signed in at an identity provider; the register of people has the last word.
    Login(Login),
}

/// The login of whoever signed in, kept with the request.
#[derive(Clone)]
pub(crate) struct CallerLogin(pub(crate) Login);

/// What a person is at this moment, for the institution that they name.
///
/// Whoever signed in may claim an account and see their own one; a membership comes on top.
pub(super) fn acting(
    standing: Option<&Standing>,
    acting_for: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Actor, ApiError> {
    let memberships = standing.map_or(&[][..], |standing| &standing.memberships);
    let counting: Vec<&Membership> = memberships.iter().filter(|it| it.counts_at(now)).collect();
    if let Some(standing) = standing
        && let Some(helper) = acting_for.and_then(|name| helping(standing, name, now))
    {
        return Ok(helper);
    }
    let chosen = match (acting_for, counting.as_slice()) {
        (Some(MYSELF), _) | (None, []) => None,
        (None, [only]) => Some(*only),
        (None, _) => return Err(not_chosen(&counting)),
        (Some(name), _) => {
            let named = counting.iter().find(|it| name_of(it) == name);
            Some(*named.ok_or(ApiError::Denied(Denied::NoRight))?)
        }
    };
    let mut roles = chosen.map_or_else(Vec::new, |membership| membership.roles.clone());
    roles.push(Role::Learner);
    Ok(Actor {
        person: standing.map(|standing| standing.person),
        institution: chosen.and_then(|membership| membership.institution),
        learner: standing.and_then(|standing| standing.learner),
        roles,
        ..Actor::default()
    })
}

/// Somebody who acts for a learner, with no more than that learner said and nothing of their own.
fn helping(standing: &Standing, named: &str, now: DateTime<Utc>) -> Option<Actor> {
    let number: LearnerNo = named.parse().ok()?;
    let mut said = standing.helps.iter();
    let help = said.find(|help| help.learner == number && now < help.until)?;
    Some(Actor {
        person: Some(standing.person),
        learner: Some(help.learner),
        roles: vec![Role::Helper],
        scopes: Scopes::Only(help.scopes.clone()),
        ..Actor::default()
    })
}

fn name_of(membership: &Membership) -> &str {
    membership.institution_code.as_deref().unwrap_or(BANK)
}

fn not_chosen(memberships: &[&Membership]) -> ApiError {
    let names: Vec<&str> = memberships.iter().map(|it| name_of(it)).collect();
    let names = names.join(", ");
    let fault = Fault::new(
        "ACTING_FOR_MISSING",
        format!("您在多处任职,请在 Creditbank-Acting-For 请求头中写明其一:{names},或 {MYSELF}"),
        format!(
            "you are a member of several; name one in the Creditbank-Acting-For header: {names}, \
             or {MYSELF}"
        ),
    );
    ApiError::header("Creditbank-Acting-For", fault)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use creditbank_domain::authz::Scope;
    use creditbank_domain::ids::{InstitutionId, PersonId};
    use creditbank_domain::person::Help;
    use uuid::Uuid;

    use super::super::fixture::{learner_no, now};
    use super::*;

    fn membership(code: Option<&str>, role: Role) -> Membership {
        let number = code.map(|code| u128::try_from(code.len()).unwrap());
        Membership {
            institution: number.map(|n| InstitutionId::from_uuid(Uuid::from_u128(n))),
            institution_code: code.map(str::to_owned),
            roles: vec![role],
            from: now(),
            until: None,
        }
    }

    fn standing(memberships: Vec<Membership>) -> Standing {
        Standing {
            person: PersonId::from_uuid(Uuid::from_u128(1)),
            memberships,
            learner: Some(learner_no()),
            helps: Vec::new(),
        }
    }

    fn check(memberships: &[Membership], named: Option<&str>, expected: Result<&[Role], u16>) {
        let standing = standing(memberships.to_vec());
        let got = acting(Some(&standing), named, now());
        let got = got.map(|actor| {
            assert_eq!(actor.learner, Some(learner_no()));
            actor.roles
        });
        let got = got.map_err(|error| error.problem().status);
        assert_eq!(
            got.as_deref().map_err(|status| *status),
            expected,
            "{named:?}"
        );
    }

    #[test]
    fn a_person_acts_for_one_membership_at_a_time_and_says_which() {
        let school = membership(Some("A1"), Role::SchoolOfficer);
        let bank = membership(None, Role::Secretariat);
        let one = [school.clone()];
        check(&[], None, Ok(&[Role::Learner]));
        check(&one, None, Ok(&[Role::SchoolOfficer, Role::Learner]));
        check(&one, Some("A1"), Ok(&[Role::SchoolOfficer, Role::Learner]));
        check(&one, Some("myself"), Ok(&[Role::Learner]));
        check(&one, Some("B22"), Err(403));
        check(&one, Some("bank"), Err(403));
        let both = [school, bank];
        check(&both, None, Err(400));
        check(&both, Some("bank"), Ok(&[Role::Secretariat, Role::Learner]));
        check(&both, Some("A1"), Ok(&[Role::SchoolOfficer, Role::Learner]));
    }

    #[test]
    fn a_helper_acts_for_the_learner_who_said_so_and_only_so_far_and_so_long() {
        let theirs = LearnerNo::from_random(7);
        let mut standing = standing(vec![membership(Some("A1"), Role::Registrar)]);
        standing.helps = vec![Help {
            learner: theirs,
            scopes: vec![Scope::LearnersRead],
            until: now() + TimeDelta::hours(1),
        }];
        let as_helper = |later: TimeDelta| {
            let asked = acting(Some(&standing), Some(&theirs.printed()), now() + later);
            asked.map_err(|error| error.problem().status)
        };
        let helper = as_helper(TimeDelta::zero()).unwrap();
        assert_eq!(
            helper.roles,
            [Role::Helper],
            "nothing of one's own comes with it"
        );
        assert_eq!((helper.learner, helper.institution), (Some(theirs), None));
        assert_eq!(helper.scopes, Scopes::Only(vec![Scope::LearnersRead]));
        assert_eq!(
            as_helper(TimeDelta::hours(1)).unwrap_err(),
            403,
            "it is over"
        );
        let strange = LearnerNo::from_random(8).printed();
        let strange = acting(Some(&standing), Some(&strange), now());
        assert_eq!(
            strange.map_err(|error| error.problem().status).unwrap_err(),
            403
        );
    }

    #[test]
    fn a_membership_that_ended_or_is_to_come_gives_nothing() {
        let mut ended = membership(Some("A1"), Role::Registrar);
        ended.from = now() - TimeDelta::days(2);
        ended.until = Some(now());
        let mut coming = membership(Some("A1"), Role::Registrar);
        coming.from = now() + TimeDelta::seconds(1);
        for membership in [ended, coming] {
            let one = [membership];
            check(&one, None, Ok(&[Role::Learner]));
            check(&one, Some("A1"), Err(403));
        }
        let nobody = acting(None, None, now()).unwrap();
        assert_eq!((nobody.person, nobody.learner), (None, None));
        assert_eq!(nobody.roles, [Role::Learner]);
    }
}
