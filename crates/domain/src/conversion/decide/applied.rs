//! One application that grants something: what each of its lots carries of each of its courses.

use super::figures::Counted;
use super::refusals::{self, Told};
use super::settled::Settled;
use super::shares::{divide, divide_among, hundredth_each, part_down, part_up};
use super::ways::Way;
use crate::amount::{AmountError, Hundredths};
use crate::conversion::candidate::Candidate;
use crate::conversion::decision::{DecidedLine, Verdict};
use crate::conversion::rule::{ArticulationRule, Effect};

/// An application of a rule with what it came to.
pub(super) struct Applied<'s, 'a> {
    rule: &'a ArticulationRule,
    /// What is usable of all lots.
    usable: Hundredths,
    carriers: Vec<Carrier<'a>>,
    courses: Vec<Course<'s, 'a>>,
}

/// A lot that is used.
struct Carrier<'a> {
    rank: usize,
    candidate: &'a Candidate,
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
    gross: Hundredths,
    granted: Hundredths,
}

impl<'s, 'a> Applied<'s, 'a> {
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
        let each_needs = ways.needs(application)?;
        let granted = Hundredths::sum(courses.iter().map(|course| course.granted))?;
        let gross = rule.gross(usable)?;
        let weights: Vec<Hundredths> = courses.iter().map(|course| course.granted).collect();
        let mut carriers = Vec::with_capacity(each_needs.len());
        let lots = application.lots.iter().zip(ways.lots_of(application));
        for ((rank, lot), needs) in lots.zip(each_needs) {
            carriers.push(Carrier {
                rank: *rank,
                candidate: lot.candidate,
                needs,
                used: divide(part_up(needs, granted, gross)?, &weights)?,
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
                    lot_id: carrier.candidate.lot_id,
                    outcome_id: carrier.candidate.outcome_id,
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

    /// What is requested of each lot and granted for it: by what each of them is needed for, at
    /// least a hundredth, and exactly the whole together.
    fn shares(
        &self,
        course: &Course<'_, '_>,
    ) -> Result<Vec<(Hundredths, Hundredths)>, AmountError> {
        let needs: Vec<Hundredths> = self.carriers.iter().map(|carrier| carrier.needs).collect();
        let (mut so_far, mut given) = (Hundredths::ZERO, Hundredths::ZERO);
        let mut shares = Vec::with_capacity(needs.len());
        for requested in divide_among(course.gross, &needs)? {
            so_far = so_far.plus(requested)?;
            let until_here = part_down(course.granted, so_far, course.gross)?;
            shares.push((requested, until_here.minus(given)?));
            given = until_here;
        }
        Ok(shares)
    }

    fn told(
        &self,
        settled: &Settled<'_, 'a>,
        course: &Course<'_, 'a>,
        carrier: &Carrier<'a>,
        share: Option<(Hundredths, Hundredths)>,
    ) -> Result<Told, AmountError> {
        let Some((number, way)) = course.way else {
            return Ok(refusals::closed(
                &settled.ways.inputs,
                self.rule,
                course.effect,
            ));
        };
        if course.granted.is_zero() {
            return refusals::lost(settled, way, carrier.rank);
        }
        let in_full = course.granted == course.gross;
        let standings = settled.standings(way, Some(number), in_full)?;
        let explanation = Counted {
            rule: self.rule,
            effect: course.effect,
            usable: self.usable,
            unit: carrier.candidate.unit,
            standings: &standings,
            gross: course.gross,
            granted: course.granted,
            share,
        }
        .text(settled.ways);
        let missing = course.gross.minus(course.granted)?;
        let tightest = standings.first();
        Ok(Told {
            reason: tightest.map_or(refusals::UNPROVEN, |it| it.limit.cap.shape.reason()),
            explanation,
            remedy: tightest.map(|it| it.remedy(missing)),
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
        let lots = ways.applications.get(number).map_or(0, |it| it.lots.len());
        let mut courses = Vec::with_capacity(rule.effects.len());
        for (nth, effect) in rule.effects.iter().enumerate() {
            let gross = effect.gross(usable)?;
            if gross < hundredth_each(lots) {
                continue;
            }
            let given = settled.granted(number, nth);
            courses.push(Self {
                effect,
                way: ways.way(number, nth),
                gross,
                granted: given.map_or(Hundredths::ZERO, |given| given.granted),
            });
        }
        Ok(courses)
    }
}
