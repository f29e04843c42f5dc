//! Whether the client of a token is still honoured: the bank's own register has the last word.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use creditbank_domain::authz::{Actor, Role, Scopes};
use creditbank_domain::ids::{ClientId, InstitutionId, PersonId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::reads;

use super::TokenRefusal;
use crate::handle::LedgerHandle;
use crate::problem::ApiError;

/// Clients remembered at most; a bank has some thousands.
const REMEMBERED_MAX: usize = 20_000;

/// What the register says of a client; `None` where it is unknown or inactive.
type Standing = Option<Arc<Registered>>;

struct Registered {
    institution: Option<InstitutionId>,
    learner: Option<LearnerNo>,
    roles: Vec<Role>,
    scopes: Scopes,
    keeper: Option<PersonId>,
}

/// The register of clients as seen from here. Clones share what they remember.
#[derive(Clone)]
pub struct ClientRegister {
    remembered: Option<Arc<Remembered>>,
}

struct Remembered {
    for_at_most: Duration,
    clients: Mutex<HashMap<ClientId, (Instant, Standing)>>,
}

impl fmt::Debug for ClientRegister {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = if self.remembered.is_some() {
            "checked"
        } else {
            "trusting"
        };
        write!(f, "ClientRegister({mode})")
    }
}

impl ClientRegister {
    /// Asks the ledger for every client and remembers the answer for 30 seconds.
    #[must_use]
    pub fn checked() -> Self {
        Self::checked_every(Duration::from_secs(30))
    }

    /// Asks the ledger for every client and remembers the answer for so long.
    #[must_use]
    pub fn checked_every(for_at_most: Duration) -> Self {
        let clients = Mutex::default();
        Self {
            remembered: Some(Arc::new(Remembered {
                for_at_most,
                clients,
            })),
        }
    }

    /// Believes what the issuer signed, without a register of our own.
    #[must_use]
    pub const fn trusting() -> Self {
        Self { remembered: None }
    }

    /// The actor as far as the register confirms it: of its own institution, for its own account
    /// where it is a learner's client, with the roles and scopes that both the token and the register
    /// give it.
    pub(crate) async fn confirm(
        &self,
        actor: Actor,
        ledger: &LedgerHandle,
    ) -> Result<Actor, ApiError> {
        let Some(remembered) = &self.remembered else {
            return Ok(actor);
        };
        let refused = || ApiError::Unauthenticated(TokenRefusal::UnknownClient);
        let client = actor.client.ok_or_else(refused)?;
        let standing = match remembered.recall(client) {
            Some(standing) => standing,
            None => remembered.learn(client, ledger).await?,
        };
        standing
            .and_then(|registered| confirmed(actor, &registered))
            .ok_or_else(refused)
    }
}

fn confirmed(mut actor: Actor, registered: &Registered) -> Option<Actor> {
    if actor.institution.is_some() && actor.institution != registered.institution {
        return None;
    }
    // A client without an account of its own, a portal, serves whoever signed in there.
    if registered.learner.is_some()
        && actor.learner.is_some()
        && actor.learner != registered.learner
    {
        return None;
    }
    actor.roles.retain(|role| registered.roles.contains(role));
    actor.scopes = actor.scopes.within(&registered.scopes);
    actor.keeper = registered.keeper;
    Some(actor)
}

impl Remembered {
    fn recall(&self, client: ClientId) -> Option<Standing> {
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let (learnt_at, standing) = clients.get(&client)?;
        (learnt_at.elapsed() < self.for_at_most).then(|| standing.clone())
    }

    async fn learn(&self, client: ClientId, ledger: &LedgerHandle) -> Result<Standing, ApiError> {
        let found = ledger
            .run(move |ledger| reads::client(ledger, client))
            .await?;
        let standing = found.filter(|found| found.active).map(|found| {
            Arc::new(Registered {
                institution: found.institution,
                learner: found.learner_no,
                roles: found.roles,
                scopes: found.scopes,
                keeper: found.keeper,
            })
        });
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= REMEMBERED_MAX {
            clients.clear();
        }
        clients.insert(client, (Instant::now(), standing.clone()));
        Ok(standing)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_learners_client_is_for_that_learner_alone() {
        let mine = Some(LearnerNo::from_random(1));
        let check = |token: Option<LearnerNo>, register: Option<LearnerNo>| {
            let actor = Actor {
                learner: token,
                roles: vec![Role::Learner],
                ..Actor::default()
            };
            let registered = Registered {
                institution: None,
                learner: register,
                roles: vec![Role::Learner],
                scopes: Scopes::All,
                keeper: None,
            };
            confirmed(actor, &registered).is_some()
        };
        assert!(check(mine, mine));
        assert!(check(mine, None));
        assert!(check(None, mine));
        assert!(!check(Some(LearnerNo::from_random(1 << 40)), mine));
    }

    fn check(token: Option<u128>, register: Option<u128>, roles: &[Role]) -> Option<Vec<Role>> {
        let id = |id| InstitutionId::from_uuid(Uuid::from_u128(id));
        let actor = Actor {
            institution: token.map(id),
            roles: vec![Role::Registrar, Role::Reviewer],
            ..Actor::default()
        };
        let registered = Registered {
            institution: register.map(id),
            learner: None,
            roles: roles.to_vec(),
            scopes: Scopes::All,
            keeper: None,
        };
        confirmed(actor, &registered).map(|actor| actor.roles)
    }

    #[test]
    fn the_register_narrows_what_a_token_says() {
        let both = [Role::Registrar, Role::Auditor];
        assert_eq!(check(Some(1), Some(1), &both), Some(vec![Role::Registrar]));
        assert_eq!(check(None, Some(1), &both), Some(vec![Role::Registrar]));
        assert_eq!(check(Some(1), Some(2), &both), None);
        assert_eq!(check(Some(1), None, &both), None);
        assert_eq!(check(Some(1), Some(1), &[]), Some(Vec::new()));
    }
}
