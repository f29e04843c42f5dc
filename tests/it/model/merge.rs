//! The model's merges: an alias, by which nothing that was recorded moves.

use super::books::Books;
use super::operation::Operation;
use super::play::{Both, Stage, pick};
use super::tell::said;

/// One account shown as another.
#[derive(Debug, Clone)]
pub(crate) struct Merge {
    pub(crate) survivor: usize,
    pub(crate) absorbed: usize,
    pub(crate) stands: bool,
}

impl Books {
    /// The account that an account is shown as: itself, mostly.
    pub(crate) fn shown_as(&self, learner: usize) -> usize {
        let merges = self.merges.iter();
        let mut of_it = merges.filter(|merge| merge.stands && merge.absorbed == learner);
        of_it.next().map_or(learner, |merge| merge.survivor)
    }

    /// Whether two accounts are one learner's.
    pub(crate) fn are_one(&self, one: usize, other: usize) -> bool {
        self.shown_as(one) == self.shown_as(other)
    }

    /// Only flat stars: whoever is absorbed absorbs nobody, whoever absorbs is not absorbed.
    pub(crate) fn merge(&mut self, survivor: usize, absorbed: usize) -> String {
        let mut standing = self.merges.iter().filter(|merge| merge.stands);
        let refusal = if survivor == absorbed {
            "SAME_ACCOUNT"
        } else if self.are_one(survivor, absorbed) {
            "ALREADY_MERGED"
        } else if self.shown_as(absorbed) != absorbed {
            "ABSORBED_BEFORE"
        } else if self.shown_as(survivor) != survivor {
            "SURVIVOR_ABSORBED"
        } else if standing.any(|merge| merge.survivor == absorbed) {
            "ABSORBED_HAS_OTHERS"
        } else {
            self.merges.push(Merge {
                survivor,
                absorbed,
                stands: true,
            });
            "merged"
        };
        refusal.to_owned()
    }

    pub(crate) fn unmerge(&mut self, merge: usize) -> String {
        let one = &mut self.merges[merge];
        if std::mem::take(&mut one.stands) {
            "separated".to_owned()
        } else {
            "ALREADY_UNMERGED".to_owned()
        }
    }
}

impl Stage<'_> {
    pub(super) fn act_on_merges(&mut self, operation: &Operation) -> Option<Both> {
        match operation {
            Operation::Merge { survivor, absorbed } => {
                let of = |learner: &usize| self.learners[*learner];
                let done = self.bank.try_merge(of(survivor), of(absorbed));
                self.merges.extend(done.as_ref().ok().map(|it| it.merge_id));
                let bank = said(&done, |_| "merged".to_owned());
                Some((self.books.merge(*survivor, *absorbed), bank))
            }
            Operation::Unmerge { merge } => {
                let nth = pick(*merge, self.merges.len())?;
                let done = self.bank.try_unmerge(self.merges[nth]);
                let bank = said(&done, |_| "separated".to_owned());
                Some((self.books.unmerge(nth), bank))
            }
            _ => None,
        }
    }
}
