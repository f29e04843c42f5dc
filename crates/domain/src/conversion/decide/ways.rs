//! Everything that the rules could grant for the lots at hand, as a problem for the planner.

use std::collections::BTreeMap;

use super::applications::{Application, applications};
use super::fit::SMALLEST;
use super::inputs::{Inputs, Lot};
use super::limits::Limits;
use super::shares::{divide_among, hundredth_each};
use crate::amount::{AmountError, Hundredths, Unit};
use crate::conversion::candidate::PastSource;
use crate::conversion::plan::{PlanOption, PlanProblem};
use crate::conversion::rule::{ArticulationRule, Effect};
use crate::ids::{EntryId, OutcomeId};

/// One effect of one application that could be granted.
#[derive(Debug, Clone)]
pub(super) struct Way {
    /// Of which application.
    pub(super) application: usize,
    /// Which effect of its rule.
    pub(super) effect: usize,
    /// What it gives before any cap.
    pub(super) gross: Hundredths,
    /// The limits that count it.
    pub(super) limits: Vec<usize>,
}

/// All of them.
pub(super) struct Ways<'a> {
    pub(super) inputs: Inputs<'a>,
    /// Every lot once, the oldest first; a lot's place here is its rank.
    pub(super) lots: Vec<Lot<'a>>,
    pub(super) applications: Vec<Application>,
    pub(super) ways: Vec<Way>,
    pub(super) limits: Limits<'a>,
    /// False where there were more applications than are looked at.
    pub(super) complete: bool,
}

impl<'a> Ways<'a> {
    pub(super) fn of(inputs: Inputs<'a>) -> Result<Self, AmountError> {
        let lots = inputs.lots();
        let (applications, complete) = applications(&inputs, &lots);
        let mut all = Self {
            inputs,
            lots,
            applications: Vec::new(),
            ways: Vec::new(),
            limits: Limits::default(),
            complete,
        };
        for application in applications {
            all.add(application)?;
        }
        Ok(all)
    }

    fn add(&mut self, application: Application) -> Result<(), AmountError> {
        let Some(rule) = self.inputs.rule_set.rules.get(application.rule) else {
            return Ok(());
        };
        let smallest = rule.smallest();
        if self
            .lots_of(&application)
            .any(|lot| lot.amount() < smallest)
        {
            return Ok(());
        }
        let usable = self.usable(&application)?;
        let sources = self.sources(&application);
        for (nth, effect) in rule.effects.iter().enumerate() {
            let gross = self.at_most(&application, effect, effect.gross(usable)?)?;
            if gross >= self.least(&application) && self.inputs.is_open(effect) {
                let limits = self
                    .limits
                    .counting(&self.inputs, effect.course, &sources)?;
                self.ways.push(Way {
                    application: self.applications.len(),
                    effect: nth,
                    gross,
                    limits,
                });
            }
        }
        self.applications.push(application);
        Ok(())
    }

    /// What stood is not exceeded by any of the lots.
    fn at_most(
        &self,
        application: &Application,
        effect: &Effect,
        gross: Hundredths,
    ) -> Result<Hundredths, AmountError> {
        let Some(stood) = self.inputs.stood.and_then(|stood| stood.of(effect)) else {
            return Ok(gross);
        };
        let shares = stood.shares(self.lots_of(application).map(|lot| lot.position));
        let stood = Hundredths::sum(shares.iter().map(|share| share.granted))?;
        Ok(gross.min(stood))
    }

    /// Every lot carries a hundredth at least, else there would be lines about nothing. What stood
    /// is shared as it stood.
    pub(super) fn least(&self, application: &Application) -> Hundredths {
        match self.inputs.stood {
            None => hundredth_each(application.lots.len()),
            Some(_) => SMALLEST,
        }
    }

    /// What the caps count of an application.
    fn sources(&self, application: &Application) -> Vec<PastSource> {
        let lots = self.lots_of(application);
        lots.map(|lot| lot.candidate.source()).collect()
    }

    pub(super) fn lots_of<'s>(
        &'s self,
        application: &'s Application,
    ) -> impl Iterator<Item = &'s Lot<'a>> + 's {
        let ranks = application.lots.iter();
        ranks.filter_map(|rank| self.lots.get(*rank))
    }

    /// What is usable of all its lots.
    pub(super) fn usable(&self, application: &Application) -> Result<Hundredths, AmountError> {
        Hundredths::sum(self.lots_of(application).map(Lot::amount))
    }

    /// How much of each of its lots is used where all is granted.
    pub(super) fn needs(&self, application: &Application) -> Result<Vec<Hundredths>, AmountError> {
        let amounts: Vec<Hundredths> = self.lots_of(application).map(Lot::amount).collect();
        match self.rule(application) {
            Some(rule) => rule.needs(self.unit(application), &amounts),
            None => Ok(amounts),
        }
    }

    /// The same with the unit of each: what its lots carry of a grant is divided by.
    pub(super) fn weights(
        &self,
        application: &Application,
    ) -> Result<Vec<(Unit, Hundredths)>, AmountError> {
        let units = self.lots_of(application).map(|lot| lot.candidate.unit);
        Ok(units.zip(self.needs(application)?).collect())
    }

    /// The unit of its lots, where that is one.
    pub(super) fn unit(&self, application: &Application) -> Unit {
        let first = self.lots_of(application).next();
        first.map_or(Unit::Credit, |lot| lot.candidate.unit)
    }

    /// A lot's share of what a way gives.
    pub(super) fn share(&self, way: &Way, rank: usize) -> Result<Hundredths, AmountError> {
        let Some(application) = self.applications.get(way.application) else {
            return Ok(way.gross);
        };
        let shares = divide_among(way.gross, &self.weights(application)?)?;
        let mut ranked = application.lots.iter().zip(shares);
        let own = ranked.find(|(other, _)| **other == rank);
        Ok(own.map_or(way.gross, |(_, share)| share))
    }

    /// Whether a way uses the lot of a rank.
    pub(super) fn uses(&self, way: &Way, rank: usize) -> bool {
        let application = self.applications.get(way.application);
        application.is_some_and(|it| it.lots.contains(&rank))
    }

    /// The way that is an effect of an application, with its number.
    pub(super) fn way(&self, application: usize, effect: usize) -> Option<(usize, &Way)> {
        let mut numbered = self.ways.iter().enumerate();
        numbered.find(|(_, way)| (way.application, way.effect) == (application, effect))
    }

    pub(super) fn rule(&self, application: &Application) -> Option<&'a ArticulationRule> {
        self.inputs.rule_set.rules.get(application.rule)
    }

    /// The application and the effect of a way.
    pub(super) fn parts(&self, way: &Way) -> Option<(&Application, &'a Effect)> {
        let application = self.applications.get(way.application)?;
        let effect = self.rule(application)?.effects.get(way.effect)?;
        Some((application, effect))
    }

    /// The same as the planner sees it: outcomes are its lots, since an outcome is used once
    /// whichever of its lots is.
    pub(super) fn problem(&self) -> PlanProblem {
        let mut outcomes: BTreeMap<OutcomeId, usize> = BTreeMap::new();
        for lot in &self.lots {
            let next = outcomes.len();
            outcomes.entry(lot.candidate.outcome_id).or_insert(next);
        }
        let mut courses: BTreeMap<EntryId, usize> = BTreeMap::new();
        let mut options = Vec::with_capacity(self.ways.len());
        for way in &self.ways {
            let Some((application, effect)) = self.parts(way) else {
                continue;
            };
            let next = courses.len();
            let mut lots: Vec<usize> = self
                .lots_of(application)
                .filter_map(|lot| outcomes.get(&lot.candidate.outcome_id).copied())
                .collect();
            lots.sort_unstable();
            options.push(PlanOption {
                application: way.application,
                lots,
                course: *courses.entry(effect.course).or_insert(next),
                gross: way.gross,
                caps: way.limits.clone(),
            });
        }
        PlanProblem {
            lot_count: outcomes.len(),
            course_count: courses.len(),
            room: self.limits.room(),
            options,
        }
    }
}
