//! One application that grants something: what each of its lots carries of each of its courses.

use super::figures::Counted;
use super::fit::too_few;
use super::inputs::Lot;
use super::refusals::{self, Told};
use super::settled::Settled;
use super::shares::{divide, divide_among, divide_with_all, hundredth_each, part_down, part_up};
use super::stood::{Share, StoodCourse};
use super::ways::Way;
use crate::amount::{AmountError, Hundredths, Unit};
use crate::conversion::decision::{DecidedLine, Verdict};
use crate::conversion::rule::{ArticulationRule, Effect};

/// An application of a rule with what it came to.
pub(super) struct Applied<'s, 'a> {
    rule: &'a ArticulationRule,
    /// What is usable of all lots.
    usable: Hundredths,
    carriers: Vec<Carrier<'s, 'a>>,
    courses: Vec<Course<'s, 'a>>,
}

/// A lot that is used.
struct Carrier<'s, 'a> {
    rank: usize,
    lot: &'s Lot<'a>,
    /// What is used of it where all is granted.
    needs: Hundredths,
    /// What is used of it for each course.
    used: Vec<Hundredths>,
}

/// A course that the rule gives.
struct Course<'s, 'a> {
    effect: &'a Effect,
    /// None where the course cannot be given.
    way: Option<(usize, &'s Way)>,
    /// What it was granted before, where that is judged again.
    stood: Option<&'a StoodCourse>,
    /// What the rule gives for the lots.
    gross: Hundredths,
    granted: Hundredths,
}

impl<'s, 'a> Applied<'s, 'a> {
    /// Nothing where there is no such application.
    pub(super) fn of(
        settled: &Settled<'s, 'a>,
        number: usize,
    ) -> Result<Option<Self>, AmountError> {
        let ways = settled.ways;
        let Some(application) = ways.applications.get(number) else {
            return Ok(None);
        };
        let Some(rule) = ways.rule(application) else {
            return Ok(None);
        };
        let usable = ways.usable(application)?;
        let courses = Course::all(settled, number, rule, usable)?;
        let weights: Vec<Hundredths> = courses.iter().map(|course| course.granted).collect();
        let granted = Hundredths::sum(weights.iter().copied())?;
        let gross = rule.gross(usable)?;
        let mut carriers = Vec::with_capacity(application.lots.len());
        let lots = application.lots.iter().zip(ways.lots_of(application));
        let courses_given = weights.iter().filter(|weight| !weight.is_zero()).count();
        for ((rank, lot), needs) in lots.zip(ways.needs(application)?) {
            let used = part_up(needs, granted, gross)?.max(hundredth_each(courses_given));
            carriers.push(Carrier {
                rank: *rank,
                lot,
                needs,
                used: divide_with_all(used, &weights)?,
            });
        }
        Ok(Some(Self {
            rule,
            usable,
            carriers,
            courses,
        }))
    }

    /// A line for each lot and course, with the lot's rank.
    pub(super) fn lines(
        &self,
        settled: &Settled<'_, 'a>,
    ) -> Result<Vec<(usize, DecidedLine)>, AmountError> {
        let mut lines = Vec::new();
        for (nth, course) in self.courses.iter().enumerate() {
            let shares = self.shares(course)?;
            for (carrier, (requested, granted)) in self.carriers.iter().zip(shares) {
                let share = (self.carriers.len() > 1).then_some((requested, granted));
                let told = self.told(settled, course, carrier, share)?;
                let line = DecidedLine {
                    lot_id: carrier.lot.candidate.lot_id,
                    outcome_id: carrier.lot.candidate.outcome_id,
                    rule_code: Some(self.rule.code.clone()),
                    target: Some(course.effect.course),
                    requested,
                    used: carrier.used.get(nth).copied().unwrap_or_default(),
                    granted,
                    books: course.effect.books,
                    verdict: Verdict::of(granted, requested, told.reason),
                    explanation: told.explanation,
                    remedy: told.remedy.filter(|_| granted < requested),
                };
                lines.push((carrier.rank, line));
            }
        }
        Ok(lines)
    }

    /// What is requested of each lot and granted for it: by what each of them is needed for among
    /// those of its unit, at least a hundredth, and exactly the whole together. What stood is shared as it stood, so
    /// that no line gets more than it had.
    fn shares(
        &self,
        course: &Course<'_, '_>,
    ) -> Result<Vec<(Hundredths, Hundredths)>, AmountError> {
        if let Some(stood) = self.stood_shares(course) {
            let weights: Vec<Hundredths> = stood.iter().map(|share| share.granted).collect();
            let granted = divide(course.granted, &weights)?;
            let requested = stood.into_iter().map(|share| share.requested);
            return Ok(requested.zip(granted).collect());
        }
        let carriers = self.carriers.iter();
        let weights: Vec<(Unit, Hundredths)> = carriers
            .map(|carrier| (carrier.lot.candidate.unit, carrier.needs))
            .collect();
        let (mut so_far, mut given) = (Hundredths::ZERO, Hundredths::ZERO);
        let mut shares = Vec::with_capacity(weights.len());
        for requested in divide_among(course.gross, &weights)? {
            so_far = so_far.plus(requested)?;
            let until_here = part_down(course.granted, so_far, course.gross)?;
            shares.push((requested, until_here.minus(given)?));
            given = until_here;
        }
        Ok(shares)
    }

    /// What was requested of its lots and granted for them, where that is judged again.
    fn stood_shares(&self, course: &Course<'_, '_>) -> Option<Vec<Share>> {
        let places = self.carriers.iter().map(|carrier| carrier.lot.position);
        course.stood.map(|stood| stood.shares(places))
    }

    /// What is asked for: what the rule gives, or what was asked for once.
    fn asked(&self, course: &Course<'_, '_>) -> Result<Hundredths, AmountError> {
        match self.stood_shares(course) {
            Some(shares) => Hundredths::sum(shares.iter().map(|share| share.requested)),
            None => Ok(course.gross),
        }
    }

    fn told(
        &self,
        settled: &Settled<'_, 'a>,
        course: &Course<'_, 'a>,
        carrier: &Carrier<'_, 'a>,
        share: Option<(Hundredths, Hundredths)>,
    ) -> Result<Told, AmountError> {
        let Some((number, way)) = course.way else {
            let inputs = &settled.ways.inputs;
            return Ok(refusals::closed(inputs, self.rule, course.effect));
        };
        if course.granted.is_zero() {
            return refusals::lost(settled, way, carrier.rank);
        }
        let asked = self.asked(course)?;
        let in_full = course.granted == asked;
        let standings = settled.standings(way, Some(number), in_full)?;
        let explanation = Counted {
            rule: self.rule,
            effect: course.effect,
            usable: self.usable,
            unit: carrier.lot.candidate.unit,
            standings: &standings,
            gross: asked,
            granted: course.granted,
            share,
        };
        let explanation = explanation.text(settled.ways);
        // What is cut fills the cap that cuts it; a search that was stopped may leave room.
        let cuts = course.granted < way.gross;
        let tightest = standings.first();
        let tightest = tightest.filter(|it| cuts && it.left() <= course.granted);
        let missing = asked.minus(course.granted)?;
        let by_stood = course.stood.and_then(|stood| stood.reason);
        Ok(Told {
            reason: match tightest {
                Some(tightest) => tightest.limit.reason,
                // It is all that the lots come to now, or all that it ever was.
                None if course.granted == course.gross => too_few(carrier.lot.candidate.unit),
                None => by_stood.unwrap_or(refusals::UNPROVEN),
            },
            explanation,
            remedy: tightest.map(|tightest| tightest.remedy(missing)),
        })
    }
}

impl<'s, 'a> Course<'s, 'a> {
    /// The courses of a rule that come to anything at all.
    fn all(
        settled: &Settled<'s, 'a>,
        number: usize,
        rule: &'a ArticulationRule,
        usable: Hundredths,
    ) -> Result<Vec<Self>, AmountError> {
        let ways = settled.ways;
        let Some(application) = ways.applications.get(number) else {
            return Ok(Vec::new());
        };
        let mut courses = Vec::with_capacity(rule.effects.len());
        for (nth, effect) in rule.effects.iter().enumerate() {
            let gross = effect.gross(usable)?;
            if gross < ways.least(application) {
                continue;
            }
            let given = settled.granted(number, nth);
            courses.push(Self {
                effect,
                way: ways.way(number, nth),
                stood: ways.inputs.stood.and_then(|stood| stood.of(effect)),
                gross,
                granted: given.map_or(Hundredths::ZERO, |given| given.granted),
            });
        }
        Ok(courses)
    }
}
