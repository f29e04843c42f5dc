//! Caps as they apply to the grants at hand: what each of them counts, and what it leaves.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::acceptance::Acceptance;
use super::inputs::Inputs;
use crate::amount::{AmountError, Hundredths};
use crate::conversion::candidate::PastSource;
use crate::conversion::rule::{Cap, CapShape, MonthDay, Most, Programme, RuleSet};
use crate::ids::{EntryId, InstitutionId, OutcomeId};
use crate::reason::ReasonCode;

/// What a cap counts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    Everything,
    Institution(InstitutionId),
    Period {
        from: NaiveDate,
        /// The first day of the next one.
        until: NaiveDate,
    },
    Outcome(OutcomeId),
}

/// A cap for one group.
#[derive(Debug, Clone)]
pub(super) struct Limit<'a> {
    pub(super) cap: &'a Cap,
    pub(super) group: Group,
    /// What a share is of, or what the inside is a part of.
    pub(super) base: Hundredths,
    /// The most of this group.
    pub(super) most: Hundredths,
    /// What stood before the request.
    pub(super) before: Hundredths,
    /// The coded reason where it cuts.
    pub(super) reason: ReasonCode,
}

impl Limit<'_> {
    /// What is left where so much is used.
    pub(super) fn left(&self, used: Hundredths) -> Hundredths {
        self.most.minus(used).unwrap_or_default()
    }
}

/// Every cap and group that a grant of the request may fall under, by a number.
#[derive(Default)]
pub(super) struct Limits<'a> {
    numbers: BTreeMap<(usize, Group), usize>,
    all: Vec<Limit<'a>>,
}

impl<'a> Limits<'a> {
    /// The numbers of the limits that count a grant; limits not met before get the next ones.
    pub(super) fn counting(
        &mut self,
        inputs: &Inputs<'a>,
        course: EntryId,
        sources: &[PastSource],
    ) -> Result<Vec<usize>, AmountError> {
        let mut numbers = Vec::new();
        for (nth, cap) in inputs.rule_set.caps.iter().enumerate() {
            for group in cap.groups(inputs.rule_set, course, sources) {
                let number = match self.numbers.get(&(nth, group)) {
                    Some(number) => *number,
                    None => self.add(inputs, nth, cap, group)?,
                };
                numbers.push(number);
            }
        }
        let accepted = (inputs.rule_set.caps.len()..).zip(inputs.accepted);
        for (nth, accepted) in accepted {
            if sources
                .iter()
                .any(|source| source.outcome_id == accepted.outcome)
            {
                numbers.push(self.accepting(nth, accepted));
            }
        }
        Ok(numbers)
    }

    fn add(
        &mut self,
        inputs: &Inputs<'a>,
        nth: usize,
        cap: &'a Cap,
        group: Group,
    ) -> Result<usize, AmountError> {
        let base = cap.base(inputs.rule_set, inputs.programme);
        let mut before = Hundredths::ZERO;
        for past in &inputs.history.grants {
            let groups = cap.groups(inputs.rule_set, past.course, &past.sources);
            if groups.contains(&group) {
                before = before.plus(past.granted)?;
            }
        }
        let most = cap.limit(base)?;
        let reason = cap.shape.reason();
        Ok(self.push(
            (nth, group),
            Limit {
                cap,
                group,
                base,
                most,
                before,
                reason,
            },
        ))
    }

    /// What somebody accepts of an outcome of the request: nothing stood before.
    fn accepting(&mut self, nth: usize, accepted: &'a Acceptance) -> usize {
        let group = Group::Outcome(accepted.outcome);
        if let Some(number) = self.numbers.get(&(nth, group)) {
            return *number;
        }
        let Acceptance { cap, reason, .. } = accepted;
        let most = match cap.most {
            Most::Credits(most) => most,
            Most::Share(_) => Hundredths::ZERO,
        };
        let (base, before, reason) = (most, Hundredths::ZERO, *reason);
        self.push(
            (nth, group),
            Limit {
                cap,
                group,
                base,
                most,
                before,
                reason,
            },
        )
    }

    fn push(&mut self, key: (usize, Group), limit: Limit<'a>) -> usize {
        let number = self.all.len();
        self.all.push(limit);
        self.numbers.insert(key, number);
        number
    }

    pub(super) fn get(&self, number: usize) -> Option<&Limit<'a>> {
        self.all.get(number)
    }

    /// What each of them leaves to the request.
    pub(super) fn room(&self) -> Vec<Hundredths> {
        let left = self.all.iter().map(|limit| limit.left(limit.before));
        left.collect()
    }
}

impl Cap {
    /// The groups that count a grant of a course that rests on these outcomes.
    fn groups(&self, rule_set: &RuleSet, course: EntryId, sources: &[PastSource]) -> Vec<Group> {
        if !self.counts_course(rule_set, course) {
            return Vec::new();
        }
        let anything = self.categories.is_empty() && self.institutions.is_empty();
        let counted: Vec<&PastSource> = sources
            .iter()
            .filter(|source| self.counts(rule_set, source))
            .collect();
        // What rests on nothing that is known counts where everything does.
        let is_for_all = anything && self.shape != CapShape::Inside;
        if counted.is_empty() && !(is_for_all && sources.is_empty()) {
            return Vec::new();
        }
        let mut groups = match &self.shape {
            CapShape::Programme | CapShape::Source | CapShape::Inside => vec![Group::Everything],
            CapShape::Institution => {
                let issuers = counted.iter().map(|source| source.issuer);
                issuers.map(Group::Institution).collect()
            }
            CapShape::Certificate => {
                let outcomes = counted.iter().map(|source| source.outcome_id);
                outcomes.map(Group::Outcome).collect()
            }
            CapShape::Period(begins) => {
                let newest = sources.iter().map(|source| source.awarded_on).max();
                let period = newest.and_then(|day| period(begins, day));
                period.into_iter().collect()
            }
        };
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    /// Whether grants of the course count, as far as its part goes.
    pub(super) fn counts_course(&self, rule_set: &RuleSet, course: EntryId) -> bool {
        self.part.as_ref().is_none_or(|code| {
            let part = rule_set.part(code);
            part.is_some_and(|part| part.courses.contains(&course))
        })
    }

    fn counts(&self, rule_set: &RuleSet, source: &PastSource) -> bool {
        let category = self.categories.is_empty() || self.categories.contains(&source.category);
        let named = self.institutions.contains(&source.issuer);
        let issuer = match self.shape {
            CapShape::Inside => !named && source.issuer != rule_set.receiving,
            _ => named || self.institutions.is_empty(),
        };
        category && issuer
    }

    /// The credits of the part or the programme. A part whose credits nobody stated leaves no
    /// room, so that a rule set that was never checked grants too little rather than too much.
    pub(super) fn base(&self, rule_set: &RuleSet, programme: &Programme) -> Hundredths {
        match &self.part {
            None => programme.total_credits,
            Some(code) => {
                let part = rule_set.part(code);
                part.and_then(|part| part.credits).unwrap_or_default()
            }
        }
    }

    /// The most that it lets be granted.
    pub(super) fn limit(&self, base: Hundredths) -> Result<Hundredths, AmountError> {
        let stated = self.most.of(base)?;
        Ok(match self.shape {
            CapShape::Inside => base.minus(stated).unwrap_or_default(),
            _ => stated,
        })
    }
}

impl Most {
    /// So many credits, where a share is of this.
    pub(super) fn of(self, base: Hundredths) -> Result<Hundredths, AmountError> {
        match self {
            Self::Credits(credits) => Ok(credits),
            Self::Share(share) => base.share_rounded_down(share),
        }
    }
}

/// The period in which a day lies.
fn period(begins: &[MonthDay], day: NaiveDate) -> Option<Group> {
    let year = day.year();
    let mut days: Vec<NaiveDate> = (year - 1..=year + 1)
        .flat_map(|year| begins.iter().filter_map(move |begin| begin.in_year(year)))
        .collect();
    days.sort_unstable();
    let from = days.iter().rev().find(|begin| **begin <= day)?;
    let until = days.iter().find(|begin| **begin > day)?;
    Some(Group::Period {
        from: *from,
        until: *until,
    })
}
