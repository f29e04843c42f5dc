//! Every way to apply the rules to the lots at hand.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::inputs::{Inputs, Lot};
use crate::conversion::rule::{Condition, Source};

/// How many applications are looked at in all; more than that is said in the decision.
pub(super) const APPLICATIONS_MAX: usize = 20_000;
/// How many lots are tried for sources in all.
const STEPS_MAX: usize = 400_000;

/// A rule with the lots that satisfy its condition, by their rank, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Application {
    pub(super) rule: usize,
    pub(super) lots: Vec<usize>,
}

/// All applications in the order of the rules, then of the lots' ages; false where there are more.
pub(super) fn applications(inputs: &Inputs<'_>, lots: &[Lot<'_>]) -> (Vec<Application>, bool) {
    let mut searches: Vec<Pending<'_>> = Vec::new();
    for (nth, rule) in inputs.rule_set.rules.iter().enumerate() {
        if rule.effects.iter().any(|effect| inputs.is_open(effect))
            && let Some(need) = Need::of(&rule.condition, lots, inputs.today)
        {
            searches.push(Pending {
                rule: nth,
                need,
                found: None,
            });
        }
    }
    let (mut steps, mut room) = (STEPS_MAX, APPLICATIONS_MAX);
    let mut complete = true;
    // Every rule has an equal share of the bounds. What the small ones leave goes to those that
    // need more than theirs: they begin anew, and then keep what they find.
    for last in [false, true] {
        let mut waiting = searches.iter().filter(|it| it.found.is_none()).count();
        for pending in searches.iter_mut().filter(|it| it.found.is_none()) {
            let mut search = Search {
                lots,
                chosen: Vec::new(),
                found: BTreeSet::new(),
                steps: steps / waiting.max(1),
                room: room / waiting.max(1),
            };
            waiting = waiting.saturating_sub(1);
            let steps_given = search.steps;
            let all_found = search.satisfy(Some(&Todo::one(&pending.need))).is_ok();
            steps -= steps_given - search.steps;
            if all_found || last {
                room -= search.found.len();
                pending.found = Some(search.found);
            }
            complete &= all_found || !last;
        }
    }
    let found = searches
        .into_iter()
        .flat_map(|Pending { rule, found, .. }| {
            let found = found.into_iter().flatten();
            found.map(move |lots| Application { rule, lots })
        });
    (found.collect(), complete)
}

/// A rule whose condition can be satisfied.
struct Pending<'a> {
    rule: usize,
    need: Need<'a>,
    /// The sets of lots that satisfy it, once all are known or the bounds are reached.
    found: Option<BTreeSet<Vec<usize>>>,
}

/// A condition with the lots that fit each of its sources; what cannot be had is left out.
enum Need<'a> {
    Source {
        source: &'a Source,
        fits: Vec<usize>,
    },
    Some {
        needed: usize,
        of: Vec<Self>,
    },
}

impl<'a> Need<'a> {
    /// Nothing where the lots cannot satisfy it.
    fn of(condition: &'a Condition, lots: &[Lot<'_>], today: NaiveDate) -> Option<Self> {
        let (needed, of) = match condition {
            Condition::Source(source) => {
                let fits: Vec<usize> = (0..)
                    .zip(lots)
                    .filter(|(_, lot)| source.fits(lot, today))
                    .map(|(rank, _)| rank)
                    .collect();
                return (!fits.is_empty()).then_some(Self::Source { source, fits });
            }
            Condition::AllOf(of) => (of.len(), of),
            Condition::AtLeast { needed, of } => (usize::try_from(*needed).ok()?, of),
        };
        let can = of.iter().filter_map(|part| Self::of(part, lots, today));
        let of: Vec<Self> = can.collect();
        (of.len() >= needed).then_some(Self::Some { needed, of })
    }

    /// Whether the two are satisfied by the same lots.
    fn is_twin(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Source { source: one, .. }, Self::Source { source: two, .. }) => one == two,
            _ => false,
        }
    }
}

impl Source {
    /// Whether a lot is what it asks for.
    pub(super) fn fits(&self, lot: &Lot<'_>, today: NaiveDate) -> bool {
        lot.is_there()
            && self.names(lot.candidate)
            && self.misfit(lot.candidate, lot.amount(), today).is_none()
    }
}

/// What is still to be satisfied: some of these, then the rest.
struct Todo<'t, 'a> {
    needed: usize,
    of: &'t [Need<'a>],
    /// Where the first of these is the twin of the one before it, it takes a younger lot: which of
    /// two twins takes which lot makes no difference.
    after: Option<(&'t Need<'a>, usize)>,
    rest: Option<&'t Self>,
}

impl<'t, 'a> Todo<'t, 'a> {
    const fn one(need: &'t Need<'a>) -> Self {
        Self {
            needed: 1,
            of: std::slice::from_ref(need),
            after: None,
            rest: None,
        }
    }
}

/// There is more than the bounds let be looked at.
struct TooMany;

struct Search<'l> {
    lots: &'l [Lot<'l>],
    chosen: Vec<usize>,
    found: BTreeSet<Vec<usize>>,
    steps: usize,
    room: usize,
}

impl Search<'_> {
    fn satisfy(&mut self, todo: Option<&Todo<'_, '_>>) -> Result<(), TooMany> {
        let Some(todo) = todo else {
            return self.note();
        };
        if todo.needed == 0 {
            return self.satisfy(todo.rest);
        }
        let Some((first, others)) = todo.of.split_first() else {
            return Ok(());
        };
        let then = |of, after| Todo {
            needed: todo.needed - 1,
            of,
            after,
            rest: todo.rest,
        };
        match first {
            Need::Source { fits, .. } => {
                let twin = todo.after.filter(|(before, _)| first.is_twin(before));
                let from = twin.map_or(0, |(_, rank)| rank + 1);
                for rank in fits.iter().copied().filter(|rank| *rank >= from) {
                    self.steps = self.steps.checked_sub(1).ok_or(TooMany)?;
                    if self.is_free(rank) {
                        self.chosen.push(rank);
                        let done = self.satisfy(Some(&then(others, Some((first, rank)))));
                        self.chosen.pop();
                        done?;
                    }
                }
            }
            Need::Some { needed, of } => {
                let rest = then(others, None);
                self.satisfy(Some(&Todo {
                    needed: *needed,
                    of,
                    after: None,
                    rest: Some(&rest),
                }))?;
            }
        }
        self.without(first, others, todo)
    }

    /// The ways that leave the first one out, and with it its twins: which of them is left out
    /// makes no difference either.
    fn without<'t, 'a>(
        &mut self,
        first: &Need<'a>,
        others: &'t [Need<'a>],
        todo: &Todo<'t, 'a>,
    ) -> Result<(), TooMany> {
        let twins = others.iter().take_while(|other| other.is_twin(first));
        let of = others.get(twins.count()..).unwrap_or_default();
        if of.len() < todo.needed {
            return Ok(());
        }
        self.satisfy(Some(&Todo {
            needed: todo.needed,
            of,
            after: None,
            rest: todo.rest,
        }))
    }

    /// Whether the lot's outcome is not used by the application yet, by this lot or another.
    fn is_free(&self, rank: usize) -> bool {
        let outcome = |rank: usize| self.lots.get(rank).map(|lot| lot.candidate.outcome_id);
        let wanted = outcome(rank);
        self.chosen.iter().all(|chosen| outcome(*chosen) != wanted)
    }

    fn note(&mut self) -> Result<(), TooMany> {
        let mut lots = self.chosen.clone();
        lots.sort_unstable();
        if self.found.contains(&lots) {
            return Ok(());
        }
        self.room = self.room.checked_sub(1).ok_or(TooMany)?;
        self.found.insert(lots);
        Ok(())
    }
}
