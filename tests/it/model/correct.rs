//! The model's corrections, withdrawals and reversals, and what follows from them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use creditbank_domain::grade::Attempt;

use super::books::{Books, Content, User, Worth};
use super::world::decimal;

/// A correction that somebody made.
#[derive(Debug, Clone)]
pub(crate) struct Correction {
    pub(crate) original: usize,
    pub(crate) successor: Option<usize>,
    /// A reversal is not undone itself.
    pub(crate) undoable: bool,
    pub(crate) undone: bool,
}

/// What is said to have been otherwise.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Otherwise {
    Score(i64),
    Attempt(Attempt),
    On(NaiveDate),
    Stated(i64),
    Learner(usize),
}

impl Content {
    pub(crate) fn with(mut self, otherwise: Otherwise) -> Self {
        match otherwise {
            Otherwise::Score(score) => self.score = score,
            Otherwise::Attempt(attempt) => self.attempt = attempt,
            Otherwise::On(day) => self.on = day,
            Otherwise::Stated(amount) => self.stated = Some(amount),
            Otherwise::Learner(learner) => self.learner = learner,
        }
        self
    }
}

/// What followed from one correction.
#[derive(Debug, Default)]
struct Following {
    /// Requests to be judged again: which lots they lost, and what each got for it.
    pending: BTreeMap<usize, BTreeMap<usize, Option<usize>>>,
    withdrawn: Vec<i64>,
    revised: Vec<(i64, i64)>,
}

impl Following {
    fn said(&self) -> String {
        let revised = self.revised.iter();
        let revised =
            revised.map(|(before, now)| format!("{} → {}", decimal(*before), decimal(*now)));
        format!(
            "withdrew [{}], revised [{}]",
            super::convert::amounts(self.withdrawn.clone()),
            revised.collect::<Vec<_>>().join(", ")
        )
    }
}

impl Books {
    pub(crate) fn change(
        &mut self,
        by: &str,
        source: usize,
        otherwise: Option<Otherwise>,
    ) -> String {
        if self.sources[source].by != by {
            return "SOURCE_REF_UNKNOWN".to_owned();
        }
        let original = self.end_of(source);
        if !self.outcomes[original].stands {
            return "ALREADY_WITHDRAWN".to_owned();
        }
        let before = self.outcomes[original].clone();
        let planned = match otherwise {
            None => None,
            Some(otherwise) => {
                let mut content = before.content.clone().with(otherwise);
                // Whom the account is shown as is no other learner.
                content.learner = if self.are_one(content.learner, before.content.learner) {
                    before.content.learner
                } else {
                    self.shown_as(content.learner)
                };
                if content == before.content {
                    return "NOTHING_TO_CORRECT".to_owned();
                }
                match self.worth(before.by, before.entry, &content) {
                    Err(code) => return code.to_owned(),
                    Ok(worth) => Some((content, worth)),
                }
            }
        };
        let mut following = Following::default();
        let successor = self.supersede(original, planned, &mut following);
        self.carry_on(&mut following);
        self.corrections.push(Correction {
            original,
            successor,
            undoable: true,
            undone: false,
        });
        following.said()
    }

    /// What stood before stands again, worth what it was worth, unless credited otherwise by now.
    pub(crate) fn undo(&mut self, correction: usize) -> String {
        let Correction {
            original,
            successor,
            undoable,
            undone,
        } = self.corrections[correction];
        if !undoable {
            return "NOT_UNDOABLE".to_owned();
        }
        if undone {
            return "ALREADY_REVERSED".to_owned();
        }
        if successor.is_some_and(|standing| !self.outcomes[standing].stands) {
            return "CORRECTED_SINCE".to_owned();
        }
        let before = self.outcomes[original].clone();
        let mut worth: Vec<Worth> = self
            .lots_of(original)
            .into_iter()
            .map(|lot| {
                let lot = &self.lots[lot];
                (lot.unit, lot.issued, lot.expires_on)
            })
            .collect();
        if before.waiting {
            let again = self.worth(before.by, before.entry, &before.content);
            worth = again.expect("it was taken before");
        }
        let mut following = Following::default();
        let planned = Some((before.content.clone(), worth.clone()));
        let restored = match successor {
            Some(standing) => self.supersede(standing, planned, &mut following),
            None => {
                let restored = self.record(before.by, before.entry, before.content, &worth);
                self.outcomes[original].successor = Some(restored);
                Some(restored)
            }
        };
        self.carry_on(&mut following);
        self.corrections[correction].undone = true;
        self.corrections.push(Correction {
            original: successor.unwrap_or(original),
            successor: restored,
            undoable: false,
            undone: false,
        });
        following.said()
    }

    /// Takes a whole conversion back; what it used can be used again.
    pub(crate) fn reverse_conversion(&mut self, request: usize) -> String {
        if self.requests[request].reversed {
            return "ALREADY_REVERSED".to_owned();
        }
        let lines = self.requests[request].lines.clone();
        if lines.iter().all(|line| line.granted == 0) {
            return "NOTHING_GRANTED".to_owned();
        }
        self.requests[request].reversed = true;
        let mut following = Following::default();
        for (number, line) in lines.iter().enumerate() {
            if let Some(grant) = line.grant {
                self.lots[line.lot].give_back(User::Request(request));
                self.supersede(grant, None, &mut following);
                let line = &mut self.requests[request].lines[number];
                (line.granted, line.grant) = (0, None);
            }
        }
        self.carry_on(&mut following);
        "reversed".to_owned()
    }

    /// Withdraws an outcome's lots whole, whoever holds or has used them, and records what takes
    /// its place.
    fn supersede(
        &mut self,
        original: usize,
        planned: Option<(Content, Vec<Worth>)>,
        following: &mut Following,
    ) -> Option<usize> {
        let before = self.outcomes[original].clone();
        let lots = self.lots_of(original);
        let mut losing = Vec::new();
        for lot in &lots {
            let one = &mut self.lots[*lot];
            for (user, part) in std::mem::take(&mut one.uses) {
                match user {
                    User::Hold(hold) => {
                        self.holds[hold].left = 0;
                        self.holds[hold].released += part.held;
                    }
                    User::Request(request) if part.held + part.used > 0 => {
                        losing.push((request, *lot));
                    }
                    User::Request(_) => {}
                }
            }
            (one.available, one.expired, one.withdrawn) = (0, 0, one.issued);
            following.withdrawn.push(one.issued);
        }
        self.outcomes[original].stands = false;
        let successor =
            planned.map(|(content, worth)| self.record(before.by, before.entry, content, &worth));
        self.outcomes[original].successor = successor;
        let heir =
            successor.filter(|heir| self.outcomes[*heir].content.learner == before.content.learner);
        let heirs = heir.map_or_else(Vec::new, |heir| self.lots_of(heir));
        for (request, lot) in losing {
            let of_unit = heirs
                .iter()
                .find(|heir| self.lots[**heir].unit == self.lots[lot].unit);
            let lost = following.pending.entry(request).or_default();
            lost.insert(lot, of_unit.copied());
        }
        if lots.is_empty() && !before.entry.repeatable {
            self.note_users(before.content.learner, before.entry.code, following);
        }
        if !lots.is_empty() && heirs.is_empty() && !before.entry.repeatable {
            self.credit_another(before.content.learner, before.entry.code, following);
        }
        successor
    }

    /// A line may stand on the grade of an attempt that has no lot: whoever used the lot by which
    /// the learner is credited is judged again, on that same lot.
    fn note_users(&mut self, learner: usize, code: &str, following: &mut Following) {
        for (number, lot) in self.lots.iter().enumerate() {
            let of = &self.outcomes[lot.outcome];
            let theirs = self.are_one(of.content.learner, learner);
            if !theirs || of.entry.code != code || lot.withdrawn > 0 {
                continue;
            }
            for (user, part) in &lot.uses {
                if let (User::Request(request), true) = (*user, part.used > 0) {
                    let lost = following.pending.entry(request).or_default();
                    lost.entry(number).or_insert(Some(number));
                }
            }
        }
    }

    /// The first attempt that went without credit for the sake of another has it now, unless
    /// another account of the learner was credited as well.
    fn credit_another(&mut self, learner: usize, code: &str, following: &mut Following) {
        if self.credited(learner).contains(code) {
            return;
        }
        let waiting = (0..self.outcomes.len()).find(|number| {
            let one = &self.outcomes[*number];
            let of_them = self.are_one(one.content.learner, learner) && one.entry.code == code;
            of_them && one.stands && one.waiting
        });
        if let Some(waiting) = waiting {
            let one = self.outcomes[waiting].clone();
            let worth = self.worth(one.by, one.entry, &one.content);
            let planned = (one.content, worth.expect("it was taken before"));
            self.supersede(waiting, Some(planned), following);
        }
    }

    /// Judges again whoever lost a lot: decisions in their order, then what is still open.
    fn carry_on(&mut self, following: &mut Following) {
        while let Some(request) = following.pending.keys().copied().min_by_key(|request| {
            (
                self.requests[*request].decided.unwrap_or(usize::MAX),
                *request,
            )
        }) {
            let lost = following.pending.remove(&request).expect("it was there");
            let granted = |books: &Self| -> i64 {
                let lines = books.requests[request].lines.iter();
                lines.map(|line| line.granted).sum()
            };
            let before = granted(self);
            for number in 0..self.requests[request].lines.len() {
                let lot = self.requests[request].lines[number].lot;
                if let Some(heir) = lost.get(&lot) {
                    self.judge_again(request, number, *heir, following);
                }
            }
            let replaced = lost.iter().any(|(lot, heir)| *heir != Some(*lot));
            let now = granted(self);
            if self.requests[request].decided.is_some() && (replaced || now < before) {
                following.revised.push((before, now));
            }
        }
    }

    fn judge_again(
        &mut self,
        request: usize,
        number: usize,
        heir: Option<usize>,
        following: &mut Following,
    ) {
        let user = User::Request(request);
        let line = self.requests[request].lines[number].clone();
        let mut ground = self.ground(request);
        // What there is of the new lot for a request of that day.
        if heir == Some(line.lot) {
            if line.grant.is_none() {
                return;
            }
            self.lots[line.lot].give_back(user);
        }
        let usable = heir.map_or(0, |heir| {
            let lot = &self.lots[heir];
            if heir != line.lot && lot.has_ended(ground.day) {
                0
            } else {
                lot.available
            }
        });
        let Some(grant) = line.grant else {
            if let (None, Some(heir)) = (self.requests[request].decided, heir) {
                let most =
                    ground.way().rules.iter().find(|rule| {
                        rule.source == self.outcomes[self.lots[heir].outcome].entry.code
                    });
                let wanted = most.map_or(usable, |rule| usable.min(rule.credits));
                self.lots[heir].hold(user, wanted);
                self.requests[request].lines[number].lot = heir;
            }
            return;
        };
        ground.granted -= line.granted;
        ground.credited.remove(self.outcomes[grant].entry.code);
        let lot = heir.unwrap_or(line.lot);
        let judged = self.judge(lot, usable, &ground);
        let now = judged.map_or(0, |(_, amount)| amount.min(line.granted));
        if now > 0 {
            self.lots[lot].hold(user, now);
            self.lots[lot].settle(user, now);
        }
        self.requests[request].lines[number].lot = lot;
        if now < line.granted {
            let before = self.outcomes[grant].clone();
            let smaller = (now > 0).then(|| {
                let worth = vec![(creditbank_domain::amount::Unit::Credit, now, None)];
                (before.content, worth)
            });
            let lowered = self.supersede(grant, smaller, following);
            let line = &mut self.requests[request].lines[number];
            (line.granted, line.grant) = (now, lowered);
        }
    }
}
