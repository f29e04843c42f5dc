//! The arguments of a decision, and the lots of it in the order of their age.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::acceptance::Acceptance;
use super::fit::SMALLEST;
use super::stood::Stood;
use crate::amount::Hundredths;
use crate::conversion::candidate::{Candidate, History};
use crate::conversion::rule::{Effect, Programme, RuleSet};
use crate::reason::ReasonCode;

/// What a decision is made of.
#[derive(Clone, Copy)]
pub(super) struct Inputs<'a> {
    pub(super) candidates: &'a [Candidate],
    /// What a reviewer accepts in part.
    pub(super) accepted: &'a [Acceptance],
    pub(super) rule_set: &'a RuleSet,
    pub(super) programme: &'a Programme,
    pub(super) history: &'a History,
    pub(super) today: NaiveDate,
    /// What was granted by an earlier decision, where that is judged again.
    pub(super) stood: Option<&'a Stood>,
}

/// A lot of the request; those that can be used and those that cannot.
#[derive(Clone, Copy)]
pub(super) struct Lot<'a> {
    /// Where it stands among the candidates as given.
    pub(super) position: usize,
    pub(super) candidate: &'a Candidate,
    /// What there is of it, or why there is nothing.
    pub(super) usable: Result<Hundredths, ReasonCode>,
}

impl<'a> Inputs<'a> {
    /// Every lot once, the oldest first.
    pub(super) fn lots(&self) -> Vec<Lot<'a>> {
        let mut all: Vec<Lot<'a>> = self
            .candidates
            .iter()
            .enumerate()
            .map(|(position, candidate)| Lot {
                position,
                candidate,
                usable: self.usable(candidate),
            })
            .collect();
        all.sort_by_key(|lot| lot.candidate.age());
        let mut seen = BTreeSet::new();
        all.retain(|lot| seen.insert(lot.candidate.lot_id));
        all
    }

    /// An outcome on which a grant of the programme rests is used, even if a part of its lot, or
    /// another lot of it, is left: two requests are never worth more than one.
    fn usable(&self, candidate: &Candidate) -> Result<Hundredths, ReasonCode> {
        let usable = candidate.state.usable()?;
        if self.history.rests_on(candidate.outcome_id) {
            return Err(ReasonCode::OutcomeAlreadyUsed);
        }
        Ok(usable)
    }

    /// Whether the course of an effect can still be given.
    pub(super) fn is_open(&self, effect: &Effect) -> bool {
        let stood = self.stood.is_none_or(|stood| stood.of(effect).is_some());
        let replaceable = self.rule_set.never_replaced(effect.course).is_none();
        stood && replaceable && !self.history.has(effect.course)
    }
}

impl Lot<'_> {
    /// What is usable of it, nothing where it cannot be used.
    pub(super) fn amount(&self) -> Hundredths {
        self.usable.unwrap_or_default()
    }

    /// Whether there is anything of it to be used.
    pub(super) fn is_there(&self) -> bool {
        self.amount() >= SMALLEST
    }
}
