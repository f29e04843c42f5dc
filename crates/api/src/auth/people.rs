//! What the bank knows of people who sign in, remembered for a moment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use creditbank_domain::person::{Login, Standing};
use creditbank_ledger::reads;

use crate::handle::LedgerHandle;
use crate::problem::ApiError;

/// People remembered at most.
const REMEMBERED_MAX: usize = 20_000;

type Known = Option<Arc<Standing>>;

/// The register of people as seen from here.
pub(super) struct PersonRegister {
    for_at_most: Duration,
    people: Mutex<HashMap<Login, (Instant, Known)>>,
}

impl PersonRegister {
    pub(super) fn checked_every(for_at_most: Duration) -> Self {
        Self {
            for_at_most,
            people: Mutex::default(),
        }
    }

    /// What a person is; nothing where the login is nobody's.
    pub(super) async fn standing(
        &self,
        login: &Login,
        ledger: &LedgerHandle,
    ) -> Result<Known, ApiError> {
        if let Some(known) = self.recall(login) {
            return Ok(known);
        }
        let asked = login.clone();
        let found = ledger
            .run(move |ledger| reads::person_by_login(ledger, &asked))
            .await?;
        let known = found.map(Arc::new);
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if people.len() >= REMEMBERED_MAX {
            people.clear();
        }
        people.insert(login.clone(), (Instant::now(), known.clone()));
        Ok(known)
    }

    /// Asks again next time: what this person is changed here.
    pub(super) fn forget(&self, login: &Login) {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        people.remove(login);
    }

    fn recall(&self, login: &Login) -> Option<Known> {
        let people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        let (learnt_at, known) = people.get(login)?;
        (learnt_at.elapsed() < self.for_at_most).then(|| known.clone())
    }
}
