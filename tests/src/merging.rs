//! Merging accounts and separating them again, as the secretariat does.

use creditbank_domain::authz::{Actor, Grant, MergeLearners, Role, Subject, authorize};
use creditbank_domain::ids::MergeId;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::merging::{CollisionKind, CollisionState, MergeReason, UnmergeReason};
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{
    MergeOrder, UnmergeOrder, merge_learners_once, unmerge_learners_once,
};
use creditbank_ledger::reads::{self, MergeView};

use crate::bank::{TestBank, once};

/// What the policy gives the secretariat for the whole bank.
///
/// # Panics
/// Where the policy gives it nothing.
#[must_use]
pub fn secretariat() -> Grant<MergeLearners> {
    let actor = Actor {
        roles: vec![Role::Secretariat],
        ..Actor::default()
    };
    authorize(&actor, Subject::Bank).unwrap()
}

/// The open collisions of a merge, by kind, sorted.
#[must_use]
pub fn open_collisions(merge: &MergeView) -> Vec<CollisionKind> {
    let open = merge
        .collisions
        .iter()
        .filter(|collision| collision.state == CollisionState::Open);
    let mut kinds: Vec<CollisionKind> = open.map(|collision| collision.kind).collect();
    kinds.sort_unstable();
    kinds
}

impl TestBank {
    /// Merges two accounts under a new idempotency key.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn try_merge(
        &self,
        survivor: LearnerNo,
        absorbed: LearnerNo,
    ) -> Result<MergeView, LedgerError> {
        let order = MergeOrder {
            survivor,
            absorbed,
            reason: MergeReason::DifferentNumbers,
            document_number: "合并〔2026〕1号".to_owned(),
        };
        let (grant, now) = (secretariat(), self.now());
        once(|request| merge_learners_once(self.ledger(), &grant, &order, request, now))
    }

    /// As [`Self::try_merge`], which must succeed.
    ///
    /// # Panics
    /// Where it does not.
    pub fn merge(&self, survivor: LearnerNo, absorbed: LearnerNo) -> MergeView {
        self.try_merge(survivor, absorbed).unwrap()
    }

    /// Takes a merge back under a new idempotency key.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn try_unmerge(&self, merge: MergeId) -> Result<MergeView, LedgerError> {
        let order = UnmergeOrder {
            reason: UnmergeReason::DifferentPeople,
            document_number: "合并〔2026〕2号".to_owned(),
        };
        let (grant, now) = (secretariat(), self.now());
        once(|request| unmerge_learners_once(self.ledger(), &grant, merge, &order, request, now))
    }

    /// As [`Self::try_unmerge`], which must succeed.
    ///
    /// # Panics
    /// Where it does not.
    pub fn unmerge(&self, merge: MergeId) -> MergeView {
        self.try_unmerge(merge).unwrap()
    }

    /// A merge as it is now.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    pub fn merge_now(&self, merge: MergeId) -> MergeView {
        reads::learner_merge(self.ledger(), &secretariat(), merge).unwrap()
    }
}
