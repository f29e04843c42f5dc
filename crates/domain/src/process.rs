//! The way of a conversion request from being sent to its end: whose turn it is, who may take a
//! step, and until when.
//!
//! A request walks a [`Chain`] of stages; the bank's check may stand before the receiving
//! institution's decision, or nothing. Every [`Step`] is kept, none is changed, and where a request
//! stands is what its steps come to. Amounts are not decided here but by `conversion`.

mod chain;
mod mark;
mod step;

use chrono::NaiveDate;

pub use chain::{Chain, ChainError, Stage};
pub use mark::{Mark, marks};
pub use step::{Hand, Party, Said, Step, StepKind, StepRefused, Verdict};

use crate::calendar::{WorkCalendar, WorkClock};

/// Who has to do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The reviewers of the stage.
    Reviewers,
    /// Whoever asked: something is missing.
    Applicant,
    /// Nobody any more.
    Nobody,
}

/// What a step led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The request stays where it is, or goes on to another stage.
    Open,
    /// The last stage has spoken: this is to be carried out now.
    Decided(Verdict),
    /// It ends without a decision; what is held goes back.
    Ended,
}

/// A request on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    chain: Chain,
    /// Which stage, from 0.
    at: usize,
    turn: Turn,
    clock: WorkClock,
    /// Whoever sent it, and whoever decided what is appealed against.
    barred: Vec<Hand>,
    /// What was said at the stage since it began or something was last asked for, once a speaker,
    /// with those the speaker stands in for.
    votes: Vec<(Vec<Hand>, Verdict)>,
    /// Who approved at an earlier stage.
    passed: Vec<Hand>,
    /// How many steps it has taken.
    steps: u32,
}

impl Process {
    /// A request that was sent on that day. Nobody in `barred` may take part in its decision.
    #[must_use]
    pub fn sent(chain: Chain, on: NaiveDate, barred: Vec<Hand>) -> Self {
        let clock = WorkClock::start(chain.stage(0).working_days, on);
        Self {
            chain,
            at: 0,
            turn: Turn::Reviewers,
            clock,
            barred,
            votes: Vec::new(),
            passed: Vec::new(),
            steps: 0,
        }
    }

    /// Where the request stands after the steps that were kept.
    ///
    /// # Errors
    /// [`StepRefused`] where a step could not have been taken: the books are wrong.
    pub fn replayed(
        mut self,
        calendar: &WorkCalendar,
        steps: &[Step],
    ) -> Result<Self, StepRefused> {
        for step in steps {
            self.take(calendar, step)?;
        }
        Ok(self)
    }

    /// The stage it is at.
    #[must_use]
    pub fn stage(&self) -> &Stage {
        self.chain.stage(self.at)
    }

    /// Which stage that is, from 1.
    #[must_use]
    pub fn stage_no(&self) -> u16 {
        u16::try_from(self.at.saturating_add(1)).unwrap_or(u16::MAX)
    }

    /// Its stages.
    #[must_use]
    pub const fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Who has to do something.
    #[must_use]
    pub const fn turn(&self) -> Turn {
        self.turn
    }

    /// How many steps it has taken: its version.
    #[must_use]
    pub const fn steps(&self) -> u32 {
        self.steps
    }

    /// The last day in time of whoever has the turn.
    #[must_use]
    pub fn due_on(&self, calendar: &WorkCalendar) -> Option<NaiveDate> {
        self.clock.due_on(calendar)
    }

    /// The last day on which anything could still be done about it in time: every stage and an
    /// answer to a question at each.
    #[must_use]
    pub fn ends_on(&self, calendar: &WorkCalendar, today: NaiveDate) -> Option<NaiveDate> {
        let left = self.clock.left_on(calendar, today);
        let later = self.chain.days_behind(self.at);
        calendar.after(today, left.saturating_add(later))
    }

    /// How many more approvals the stage needs.
    #[must_use]
    pub fn approvals_left(&self) -> u16 {
        let there = u16::try_from(self.count(Verdict::Approve)).unwrap_or(u16::MAX);
        self.stage().approvals.saturating_sub(there)
    }

    /// Takes a step, or says why it cannot be taken.
    ///
    /// # Errors
    /// [`StepRefused`]; nothing has changed then.
    pub fn take(&mut self, calendar: &WorkCalendar, step: &Step) -> Result<Progress, StepRefused> {
        if self.turn == Turn::Nobody {
            return Err(StepRefused::Ended);
        }
        let progress = match step.kind {
            StepKind::Said(said) => self.hear(calendar, step, said)?,
            StepKind::Answered => self.resume(step.on)?,
            StepKind::Withdrawn | StepKind::Lapsed => {
                self.turn = Turn::Nobody;
                Progress::Ended
            }
        };
        self.steps = self.steps.saturating_add(1);
        Ok(progress)
    }

    fn hear(
        &mut self,
        calendar: &WorkCalendar,
        step: &Step,
        said: Said,
    ) -> Result<Progress, StepRefused> {
        self.may_speak(step)?;
        let verdict = match said {
            Said::Ask => {
                self.clock = self.clock.pause(calendar, step.on);
                self.turn = Turn::Applicant;
                self.votes.clear();
                return Ok(Progress::Open);
            }
            Said::Verdict(Verdict::Refuse) if step.party == Party::Bank => {
                return Err(StepRefused::BankRefusesNothing);
            }
            Said::Verdict(verdict) => verdict,
        };
        self.votes.push((step.hands.clone(), verdict));
        // What the bank itself found in order counts as everybody's approval.
        let enough = usize::from(self.stage().approvals);
        if !step.hands.is_empty() && self.count(verdict) < enough {
            return Ok(Progress::Open);
        }
        Ok(self.pass(step.on, verdict))
    }

    /// Ends the stage.
    fn pass(&mut self, on: NaiveDate, verdict: Verdict) -> Progress {
        let next = self.at.saturating_add(1);
        if verdict == Verdict::Refuse || next == self.chain.len() {
            self.turn = Turn::Nobody;
            return Progress::Decided(verdict);
        }
        let votes = std::mem::take(&mut self.votes);
        self.passed
            .extend(votes.into_iter().flat_map(|(hands, _)| hands));
        self.at = next;
        self.clock = WorkClock::start(self.stage().working_days, on);
        Progress::Open
    }

    fn resume(&mut self, on: NaiveDate) -> Result<Progress, StepRefused> {
        if self.turn != Turn::Applicant {
            return Err(StepRefused::NothingAsked);
        }
        self.turn = Turn::Reviewers;
        self.clock = self.clock.resume(on);
        Ok(Progress::Open)
    }

    /// Four eyes at every stage: nobody decides about the own request, or twice about one.
    fn may_speak(&self, step: &Step) -> Result<(), StepRefused> {
        if self.turn == Turn::Applicant {
            return Err(StepRefused::ApplicantsTurn);
        }
        if step.party != self.stage().party {
            return Err(StepRefused::NotThisStage(self.stage().party));
        }
        if step.hands.is_empty() && step.party != Party::Bank {
            return Err(StepRefused::NobodyNamed);
        }
        let is_among = |hands: &[Hand]| step.hands.iter().any(|hand| hands.contains(hand));
        if is_among(&self.barred) {
            return Err(StepRefused::Barred);
        }
        let spoke = self.votes.iter().any(|(hands, _)| is_among(hands));
        if spoke || is_among(&self.passed) {
            return Err(StepRefused::SpokeAlready);
        }
        Ok(())
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.votes
            .iter()
            .filter(|(_, said)| *said == verdict)
            .count()
    }
}

#[cfg(test)]
mod tests;
