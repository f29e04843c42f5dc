//! The model: everything in memory, amounts as plain hundredths, written from the design's words
//! and from none of the bank's code.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Months, NaiveDate, Utc};
use creditbank_domain::amount::Unit;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::grade::Attempt;

use super::convert::Request;
use super::correct::Correction;
use super::hold::Hold;
use super::merge::Merge;
use super::world::{Entry, decimal};

/// What a report says beside whose it is and what was learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content {
    /// The account under which it is recorded, whatever that is shown as by now.
    pub(crate) learner: usize,
    pub(crate) score: i64,
    pub(crate) attempt: Attempt,
    pub(crate) on: NaiveDate,
    /// Only where the catalogue leaves it to the institution.
    pub(crate) stated: Option<i64>,
}

/// An outcome that was recorded.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) by: &'static str,
    pub(crate) entry: &'static Entry,
    pub(crate) content: Content,
    pub(crate) stands: bool,
    /// It passed and had no credit, because another attempt has it.
    pub(crate) waiting: bool,
    /// What was recorded in its place.
    pub(crate) successor: Option<usize>,
}

/// An institution's record id and the outcome first posted under it.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) by: &'static str,
    pub(crate) name: String,
    pub(crate) first: usize,
}

/// Who holds or uses a part of a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum User {
    Request(usize),
    Hold(usize),
}

/// What somebody holds of a lot and has used of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Use {
    pub(crate) held: i64,
    pub(crate) used: i64,
}

/// A lot.
#[derive(Debug, Clone)]
pub(crate) struct Lot {
    pub(crate) learner: usize,
    pub(crate) outcome: usize,
    pub(crate) unit: Unit,
    pub(crate) issued: i64,
    pub(crate) available: i64,
    pub(crate) expired: i64,
    pub(crate) withdrawn: i64,
    pub(crate) expires_on: Option<NaiveDate>,
    pub(crate) uses: BTreeMap<User, Use>,
}

impl Lot {
    pub(crate) fn has_ended(&self, day: NaiveDate) -> bool {
        self.expires_on.is_some_and(|last| last < day)
    }

    pub(crate) fn held_by(&self, user: User) -> i64 {
        self.uses.get(&user).map_or(0, |one| one.held)
    }

    pub(crate) fn used_by(&self, user: User) -> i64 {
        self.uses.get(&user).map_or(0, |one| one.used)
    }

    pub(crate) fn hold(&mut self, user: User, amount: i64) {
        self.available -= amount;
        self.uses.entry(user).or_default().held += amount;
    }

    pub(crate) fn settle(&mut self, user: User, amount: i64) {
        let one = self.uses.entry(user).or_default();
        one.held -= amount;
        one.used += amount;
    }

    pub(crate) fn release(&mut self, user: User, amount: i64) {
        self.available += amount;
        self.uses.entry(user).or_default().held -= amount;
    }

    pub(crate) fn give_back(&mut self, user: User) -> i64 {
        let one = self.uses.entry(user).or_default();
        let back = std::mem::take(&mut one.used);
        self.available += back;
        back
    }

    /// Available, held, used, expired, withdrawn: as the transfers have it.
    pub(crate) fn sums(&self) -> [i64; 5] {
        let held = self.uses.values().map(|one| one.held).sum();
        let used = self.uses.values().map(|one| one.used).sum();
        [self.available, held, used, self.expired, self.withdrawn]
    }

    /// The same as a learner sees it on a day: what can be used no longer is as good as expired.
    pub(crate) fn seen(&self, day: NaiveDate) -> [i64; 5] {
        let [available, held, used, expired, withdrawn] = self.sums();
        if self.has_ended(day) {
            [0, held, used, expired + available, withdrawn]
        } else {
            [available, held, used, expired, withdrawn]
        }
    }
}

/// A lot that an outcome is worth: unit, amount, last day.
pub(crate) type Worth = (Unit, i64, Option<NaiveDate>);

/// See the module.
#[derive(Debug)]
pub(crate) struct Books {
    pub(crate) now: DateTime<Utc>,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) sources: Vec<Source>,
    pub(crate) lots: Vec<Lot>,
    pub(crate) requests: Vec<Request>,
    pub(crate) holds: Vec<Hold>,
    pub(crate) corrections: Vec<Correction>,
    pub(crate) merges: Vec<Merge>,
    pub(crate) decisions: usize,
}

impl Books {
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        Self {
            now,
            outcomes: Vec::new(),
            sources: Vec::new(),
            lots: Vec::new(),
            requests: Vec::new(),
            holds: Vec::new(),
            corrections: Vec::new(),
            merges: Vec::new(),
            decisions: 0,
        }
    }

    pub(crate) fn today(&self) -> NaiveDate {
        bank_day(self.now)
    }

    /// What an outcome is worth, nothing where it is a failure; or why it is not taken.
    pub(crate) fn worth(
        &self,
        by: &str,
        entry: &Entry,
        content: &Content,
    ) -> Result<Vec<Worth>, &'static str> {
        if content.on > self.today() {
            return Err("NOT_YET_EARNED");
        }
        if entry.owner != by {
            return Err("ENTRY_NOT_OWNED");
        }
        if content.on < kit::day("2010-01-01") {
            return Err("OUTCOME_VERSION_NOT_VALID_THEN");
        }
        if content.score < 6_000 {
            return Ok(Vec::new());
        }
        let credits = match content.stated {
            None if entry.is_stated => return Err("AMOUNT_MISMATCH"),
            Some(stated) if stated == 0 || stated > entry.credits => return Err("AMOUNT_MISMATCH"),
            Some(stated) => stated,
            None => entry.credits,
        };
        let expires_on = entry
            .usable_months
            .map(|months| content.on + Months::new(months));
        let mut worth = vec![(Unit::Credit, credits, expires_on)];
        if entry.hours > 0 {
            worth.push((Unit::Hour, entry.hours, expires_on));
        }
        Ok(worth)
    }

    /// Records an outcome. A course is credited once, over all attempts and conversions.
    pub(crate) fn record(
        &mut self,
        by: &'static str,
        entry: &'static Entry,
        content: Content,
        worth: &[Worth],
    ) -> usize {
        let outcome = self.outcomes.len();
        let learner = content.learner;
        let credited = self.credited(learner).contains(entry.code);
        for (unit, issued, expires_on) in worth {
            if !credited {
                self.lots.push(Lot {
                    learner,
                    outcome,
                    unit: *unit,
                    issued: *issued,
                    available: *issued,
                    expired: 0,
                    withdrawn: 0,
                    expires_on: *expires_on,
                    uses: BTreeMap::new(),
                });
            }
        }
        self.outcomes.push(Outcome {
            by,
            entry,
            content,
            stands: true,
            waiting: credited && !worth.is_empty(),
            successor: None,
        });
        outcome
    }

    /// The entries that a learner cannot be credited for again, by whichever account.
    pub(crate) fn credited(&self, learner: usize) -> BTreeSet<&'static str> {
        let lots = self.lots.iter();
        let lots = lots.filter(|lot| self.are_one(lot.learner, learner));
        lots.filter(|lot| lot.withdrawn == 0)
            .map(|lot| self.outcomes[lot.outcome].entry)
            .filter(|entry| !entry.repeatable)
            .map(|entry| entry.code)
            .collect()
    }

    pub(crate) fn lots_of(&self, outcome: usize) -> Vec<usize> {
        (0..self.lots.len())
            .filter(|lot| self.lots[*lot].outcome == outcome)
            .collect()
    }

    /// A new report of an institution.
    pub(crate) fn post(
        &mut self,
        by: &'static str,
        name: &str,
        entry: &'static Entry,
        mut content: Content,
    ) -> String {
        content.learner = self.shown_as(content.learner);
        match self.worth(by, entry, &content) {
            Err(code) => code.to_owned(),
            Ok(worth) => {
                let first = self.record(by, entry, content, &worth);
                self.sources.push(Source {
                    by,
                    name: name.to_owned(),
                    first,
                });
                format!("posted: {}", self.lots_said(first))
            }
        }
    }

    /// What an outcome was given, or why nothing.
    pub(crate) fn lots_said(&self, outcome: usize) -> String {
        let lots = self.lots_of(outcome).into_iter().map(|lot| {
            let lot = &self.lots[lot];
            lot_said(lot.unit, lot.issued, lot.expires_on)
        });
        let reason = if self.outcomes[outcome].waiting {
            "ALREADY_CREDITED"
        } else {
            "GRADE_TOO_LOW"
        };
        worth_said(lots.collect(), reason)
    }

    /// The last outcome in the row that begins at a source.
    pub(crate) fn end_of(&self, source: usize) -> usize {
        let mut outcome = self.sources[source].first;
        while let Some(successor) = self.outcomes[outcome].successor {
            outcome = successor;
        }
        outcome
    }

    /// The same source reference once more.
    pub(crate) fn post_again(&self, source: usize, content: &Content) -> String {
        let (first, end) = (self.sources[source].first, self.end_of(source));
        let shown = |content: &Content| Content {
            learner: self.shown_as(content.learner),
            ..content.clone()
        };
        let recorded = |outcome: usize| shown(&self.outcomes[outcome].content) == shown(content);
        let last = recorded(end) && self.outcomes[end].stands;
        let outcome = match (recorded(first), last) {
            (true, _) => first,
            (false, true) => end,
            (false, false) => return "SOURCE_REF_CONFLICT".to_owned(),
        };
        format!("already posted: {}", self.lots_said(outcome))
    }

    /// The five sums of a unit as the learner sees them, whichever account she asks for.
    pub(crate) fn balance(&self, learner: usize, unit: Unit) -> [i64; 5] {
        let mut sums = [0; 5];
        let lots = self.lots.iter();
        for lot in lots.filter(|lot| self.are_one(lot.learner, learner) && lot.unit == unit) {
            for (sum, part) in sums.iter_mut().zip(lot.seen(self.today())) {
                *sum += part;
            }
        }
        sums
    }
}

/// `6.00 credit until 2027-01-31`
pub(crate) fn lot_said(unit: Unit, issued: i64, expires_on: Option<NaiveDate>) -> String {
    let until = expires_on.map(|day| format!(" until {day}"));
    format!("{} {unit}{}", decimal(issued), until.unwrap_or_default())
}

/// Lots in a form that does not depend on their order, or the reason for having none.
pub(crate) fn worth_said(mut lots: Vec<String>, reason: &str) -> String {
    lots.sort_unstable();
    if lots.is_empty() {
        reason.to_owned()
    } else {
        lots.join(", ")
    }
}
