//! The model's conversions: request, hold, decide, settle, grant.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use creditbank_domain::amount::Unit;
use creditbank_domain::grade::Attempt;

use super::books::{Books, Content, User};
use super::operation::LEARNERS;
use super::world::{Rule, WAYS, Way, decimal, entry_of};

/// What a school asked for one learner.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) way: usize,
    pub(crate) learner: usize,
    pub(crate) asked_on: NaiveDate,
    pub(crate) ends: DateTime<Utc>,
    pub(crate) lines: Vec<Line>,
    /// The how manieth decision.
    pub(crate) decided: Option<usize>,
    pub(crate) reversed: bool,
}

/// One lot of a request.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) lot: usize,
    pub(crate) granted: i64,
    pub(crate) grant: Option<usize>,
}

/// What a line is judged by, beside its lot.
pub(crate) struct Ground {
    pub(crate) way: usize,
    pub(crate) day: NaiveDate,
    /// What stands granted in the programme.
    pub(crate) granted: i64,
    pub(crate) credited: BTreeSet<&'static str>,
}

impl Ground {
    pub(crate) fn way(&self) -> &'static Way {
        &WAYS[self.way]
    }
}

fn rule_for(way: &'static Way, code: &str) -> Option<&'static Rule> {
    way.rules.iter().find(|rule| rule.source == code)
}

impl Books {
    /// Everything of the school's own that is free, of whichever account. The request stands under
    /// the one that the learner is shown as.
    pub(crate) fn ask(&mut self, way: usize, learner: usize) -> String {
        let today = self.today();
        let learner = self.shown_as(learner);
        let accounts: BTreeSet<usize> = (0..LEARNERS)
            .filter(|account| self.are_one(*account, learner))
            .collect();
        let request = self.requests.len();
        let mut lines = Vec::new();
        let mut asked = Vec::new();
        for (number, lot) in self.lots.iter_mut().enumerate() {
            let outcome = &self.outcomes[lot.outcome];
            let own = accounts.contains(&lot.learner) && outcome.by == WAYS[way].asks;
            let free = lot.withdrawn == 0 && !lot.has_ended(today) && lot.available > 0;
            if own && free && lot.unit == Unit::Credit {
                let most = rule_for(&WAYS[way], outcome.entry.code).map(|rule| rule.credits);
                let wanted = lot.available.min(most.unwrap_or(lot.available));
                lot.hold(User::Request(request), wanted);
                asked.push(wanted);
                lines.push(Line {
                    lot: number,
                    granted: 0,
                    grant: None,
                });
            }
        }
        if lines.is_empty() {
            return "NO_CONVERTIBLE_OUTCOMES".to_owned();
        }
        self.requests.push(Request {
            way,
            learner,
            asked_on: today,
            ends: self.now + Days::new(60),
            lines,
            decided: None,
            reversed: false,
        });
        format!("asked for {}", amounts(asked))
    }

    pub(crate) fn ground(&self, request: usize) -> Ground {
        let Request {
            way,
            learner,
            asked_on,
            ..
        } = self.requests[request];
        let others = self.requests.iter();
        let others = others.filter(|one| one.way == way && self.are_one(one.learner, learner));
        Ground {
            way,
            day: asked_on,
            granted: others
                .flat_map(|one| &one.lines)
                .map(|line| line.granted)
                .sum(),
            credited: self.credited(learner),
        }
    }

    /// The best result that counts for a lot: that of any attempt at the same that stands.
    fn best_score(&self, lot: usize) -> i64 {
        let own = &self.outcomes[self.lots[lot].outcome];
        let attempts = self.outcomes.iter().filter(|one| {
            one.stands
                && self.are_one(one.content.learner, own.content.learner)
                && one.entry.code == own.entry.code
        });
        let best = attempts.map(|one| one.content.score).max();
        best.unwrap_or(0).max(own.content.score)
    }

    /// What a rule gives for `usable` of a lot: the course and how much of it.
    pub(crate) fn judge(
        &self,
        lot: usize,
        usable: i64,
        ground: &Ground,
    ) -> Option<(&'static str, i64)> {
        let outcome = &self.outcomes[self.lots[lot].outcome];
        let rule = rule_for(ground.way(), outcome.entry.code)?;
        let young = rule
            .within_months
            .is_none_or(|months| outcome.content.on + Months::new(months) >= ground.day);
        let due = young
            && self.best_score(lot) >= rule.minimum
            && usable >= rule.credits
            && !ground.credited.contains(rule.target);
        let left = (ground.way().cap - ground.granted).max(0);
        let given = rule.credits.min(left);
        (due && given > 0).then_some((rule.target, given))
    }

    /// By the rules, or nothing at all.
    pub(crate) fn decide(&mut self, request: usize, refuse: bool) -> String {
        if self.requests[request].decided.is_some() {
            return "ALREADY_DECIDED".to_owned();
        }
        let user = User::Request(request);
        let mut ground = self.ground(request);
        let mut order: Vec<usize> = (0..self.requests[request].lines.len()).collect();
        order.sort_by_key(|line| {
            let lot = self.requests[request].lines[*line].lot;
            let outcome = self.lots[lot].outcome;
            (self.outcomes[outcome].content.on, outcome, lot)
        });
        let mut targets = vec![None; order.len()];
        for line in order {
            let lot = self.requests[request].lines[line].lot;
            let held = self.lots[lot].held_by(user);
            // The accounts may have been separated since: it is another learner's lot by then.
            let ours = self.are_one(self.lots[lot].learner, self.requests[request].learner);
            let judged = (held > 0 && ours && !refuse)
                .then(|| self.judge(lot, held, &ground))
                .flatten();
            let granted = judged.map_or(0, |(_, amount)| amount);
            if let Some((target, amount)) = judged {
                ground.granted += amount;
                ground.credited.insert(target);
                targets[line] = Some(target);
            }
            self.lots[lot].settle(user, granted);
            self.lots[lot].release(user, held - granted);
            self.requests[request].lines[line].granted = granted;
        }
        for (line, target) in targets.into_iter().enumerate() {
            if let Some(target) = target {
                self.grant(request, line, target);
            }
        }
        self.decisions += 1;
        let one = &mut self.requests[request];
        one.decided = Some(self.decisions);
        let granted = one.lines.iter().map(|line| line.granted).collect();
        format!("granted {}", amounts(granted))
    }

    /// A grant is an outcome of the receiving institution, with the result that it was given for.
    fn grant(&mut self, request: usize, line: usize, target: &'static str) {
        let Line { lot, granted, .. } = self.requests[request].lines[line];
        let content = Content {
            learner: self.requests[request].learner,
            score: self.best_score(lot),
            attempt: Attempt::First,
            on: self.today(),
            stated: None,
        };
        let by = WAYS[self.requests[request].way].grants;
        let worth = [(Unit::Credit, granted, None)];
        let grant = self.record(by, entry_of(target), content, &worth);
        self.requests[request].lines[line].grant = Some(grant);
    }
}

/// Amounts in a form that does not depend on their order.
pub(crate) fn amounts(mut all: Vec<i64>) -> String {
    all.sort_unstable();
    let all: Vec<String> = all.into_iter().map(decimal).collect();
    all.join(" + ")
}
