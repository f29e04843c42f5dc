//! Plays a story on the model and on the bank side by side, and compares after each step.

use chrono::{Days, TimeDelta};
use creditbank_domain::amount::Unit;
use creditbank_domain::authz::{Actor, DecideConversion, Grant, KeepRegister, RequestConversion};
use creditbank_domain::authz::{Role, Subject, authorize};
use creditbank_domain::correction::{Change as ChangeOf, Corrected};
use creditbank_domain::ids::{CorrectionId, HoldId, LotId, MergeId, RequestId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::{LearnerRef, ReportedOutcome, StatedAmount};
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{
    ConversionOrder, CorrectionView, DecisionOrder, Housekeeping, OrderedLearner, PostAnswer,
    decide_request_once, keep_house, request_conversion_once,
};
use kit::{TestBank, UNIVERSITY, hundredths, outcome};
use uuid::Uuid;

use super::books::{Books, Content};
use super::convert::amounts;
use super::correct::Otherwise;
use super::operation::{Change, LEARNERS, Operation, Story};
use super::tell::{given, said};
use super::world::{ENTRIES, Entry, WAYS, decimal};

/// A story under way.
pub(super) struct Stage<'b> {
    pub(super) bank: &'b TestBank,
    pub(super) books: Books,
    name: String,
    pub(super) learners: Vec<LearnerNo>,
    pub(super) lots: Vec<LotId>,
    requests: Vec<RequestId>,
    pub(super) holds: Vec<HoldId>,
    corrections: Vec<CorrectionId>,
    pub(super) merges: Vec<MergeId>,
}

/// What the model says and what the bank says.
pub(super) type Both = (String, String);

/// Plays it to the end, or says after which step the two disagree.
pub(crate) fn play(bank: &TestBank, story: &Story) -> Result<(), String> {
    let mut stage = Stage::set(bank);
    for (number, operation) in (1..).zip(&story.operations) {
        let told = |what: String| format!("after step {number}, \"{operation}\":\n{what}");
        stage.books.now = bank.next_moment();
        if let Some((model, bank)) = stage.act(operation, &story.theme)
            && model != bank
        {
            return Err(told(format!("model: {model}\n bank: {bank}")));
        }
        stage.compare().map_err(told)?;
    }
    Ok(())
}

impl<'b> Stage<'b> {
    /// Learners of whom nothing is known yet but that they failed once, on a new morning.
    fn set(bank: &'b TestBank) -> Self {
        let name = Uuid::now_v7().simple().to_string();
        let tomorrow = bank.next_moment().date_naive() + Days::new(1);
        let morning = tomorrow.and_hms_opt(1, 0, 0).unwrap().and_utc();
        bank.advance(morning - bank.next_moment());
        let learners = (0..LEARNERS)
            .map(|learner| {
                let report = outcome("PE102").student(&format!("{name}-{learner}"));
                bank.post(UNIVERSITY, report.grade("0").build()).learner_no
            })
            .collect();
        Self {
            bank,
            books: Books::new(bank.next_moment()),
            name,
            learners,
            lots: Vec::new(),
            requests: Vec::new(),
            holds: Vec::new(),
            corrections: Vec::new(),
            merges: Vec::new(),
        }
    }

    /// Does it to both. Nothing where there is nothing that it could be done to.
    fn act(&mut self, operation: &Operation, theme: &[usize]) -> Option<Both> {
        match operation {
            Operation::Post {
                entry, by, learner, ..
            } => {
                let entry = &ENTRIES[theme[*entry]];
                let content = self.content(operation, *learner, entry);
                Some(self.post(by.unwrap_or(entry.owner), entry, content))
            }
            Operation::Replay {
                source,
                as_it_stands,
                change,
            } => {
                let source = pick(*source, self.books.sources.len())?;
                let outcome = if *as_it_stands {
                    self.books.end_of(source)
                } else {
                    self.books.sources[source].first
                };
                let outcome = self.books.outcomes[outcome].clone();
                let content = match change.and_then(|change| self.meant(change, outcome.entry)) {
                    Some(otherwise) => outcome.content.with(otherwise),
                    None => outcome.content,
                };
                let name = self.books.sources[source].name.clone();
                let report = self.report(outcome.entry, &name, &content);
                let model = self.books.post_again(source, &content);
                Some((model, self.posted(outcome.by, report)))
            }
            Operation::Correct {
                source,
                by_another,
                change,
            } => self.correct(*source, *by_another, *change),
            Operation::Undo { correction } => {
                let nth = pick(*correction, self.corrections.len())?;
                let done = self.bank.try_undo(self.corrections[nth]);
                Some((self.books.undo(nth), self.corrected(done)))
            }
            Operation::Ask { way, learner } => Some(self.ask(*way, *learner)),
            Operation::Decide { request, refuse } => {
                let nth = pick(*request, self.requests.len())?;
                Some((self.books.decide(nth, *refuse), self.decided(nth, *refuse)))
            }
            Operation::ReverseConversion { request } => {
                let nth = pick(*request, self.requests.len())?;
                let done = self.bank.try_reverse(self.requests[nth]);
                Some((
                    self.books.reverse_conversion(nth),
                    said(&done, |_| "reversed".to_owned()),
                ))
            }
            Operation::Hold { .. }
            | Operation::Settle { .. }
            | Operation::Release { .. }
            | Operation::ReverseHold { .. } => self.act_on_holds(operation),
            Operation::Merge { .. } | Operation::Unmerge { .. } => self.act_on_merges(operation),
            Operation::Expire
            | Operation::KeepHouse
            | Operation::WaitTwoHours
            | Operation::WaitDays(_) => {
                self.act_in_time(operation);
                None
            }
        }
    }

    fn act_in_time(&mut self, operation: &Operation) {
        match operation {
            Operation::Expire => {
                self.books.expire();
                self.bank.expire_at(self.bank.now());
            }
            Operation::KeepHouse => {
                self.books.keep_house();
                let keeper: Grant<KeepRegister> =
                    authorize(&Actor::operator(), Subject::Bank).unwrap();
                // It does a bounded number at once, and earlier stories have left it some.
                while keep_house(self.bank.ledger(), &keeper, self.bank.now()).unwrap()
                    != Housekeeping::default()
                {}
            }
            // Ten minutes more, so that no wait ends at the very moment of a deadline.
            Operation::WaitDays(days) => {
                self.bank
                    .advance(TimeDelta::days(*days) + TimeDelta::minutes(10));
            }
            _ => self.bank.advance(TimeDelta::hours(2)),
        }
        self.books.now = self.bank.next_moment();
    }

    fn content(&self, operation: &Operation, learner: usize, entry: &Entry) -> Content {
        let Operation::Post {
            score,
            attempt,
            days_ago,
            stated,
            ..
        } = operation
        else {
            unreachable!("asked for posts only")
        };
        Content {
            learner,
            score: *score,
            attempt: *attempt,
            on: self.books.today() - TimeDelta::days(*days_ago),
            stated: entry.is_stated.then_some(*stated),
        }
    }

    /// What a change means for an entry; nothing where it cannot be changed so.
    fn meant(&self, change: Change, entry: &Entry) -> Option<Otherwise> {
        Some(match change {
            Change::Score(score) => Otherwise::Score(score),
            Change::Attempt(attempt) => Otherwise::Attempt(attempt),
            Change::DaysAgo(days) => Otherwise::On(self.books.today() - TimeDelta::days(days)),
            Change::Stated(amount) if entry.is_stated => Otherwise::Stated(amount),
            Change::Stated(_) => return None,
            Change::Learner(learner) => Otherwise::Learner(learner),
        })
    }

    fn report(&self, entry: &Entry, name: &str, content: &Content) -> ReportedOutcome {
        let report = outcome(entry.code)
            .source(name)
            .learner_no(self.learners[content.learner])
            .grade(&decimal(content.score))
            .attempt(content.attempt)
            .on(&content.on.to_string());
        match content.stated {
            Some(stated) => report.stating(Unit::Credit, &decimal(stated)).build(),
            None => report.build(),
        }
    }

    fn post(&mut self, by: &'static str, entry: &'static Entry, content: Content) -> Both {
        let name = format!("{}-{}", self.name, self.books.sources.len());
        let report = self.report(entry, &name, &content);
        let bank = self.posted(by, report);
        (self.books.post(by, &name, entry, content), bank)
    }

    fn posted(&self, by: &str, report: ReportedOutcome) -> String {
        match self.bank.try_post(by, &[report]).unwrap().remove(0) {
            PostAnswer::Posted(outcome) => format!("posted: {}", given(&outcome)),
            PostAnswer::AlreadyPosted(outcome) => format!("already posted: {}", given(&outcome)),
            PostAnswer::Rejected(fault) => fault.code.to_owned(),
        }
    }

    fn correct(&mut self, source: usize, by_another: bool, change: Option<Change>) -> Option<Both> {
        let nth = pick(source, self.books.sources.len())?;
        let source = self.books.sources[nth].clone();
        let by = or_another(source.by, by_another);
        let entry = self.books.outcomes[source.first].entry;
        let otherwise = match change {
            Some(change) => Some(self.meant(change, entry)?),
            None => None,
        };
        let order = otherwise.map_or(ChangeOf::Withdraw, |otherwise| {
            ChangeOf::Correct(self.order(otherwise))
        });
        let done = self.bank.try_change(by, &source.name, order);
        Some((self.books.change(by, nth, otherwise), self.corrected(done)))
    }

    fn order(&self, otherwise: Otherwise) -> Corrected {
        let mut to = Corrected::default();
        match otherwise {
            Otherwise::Score(score) => to.grade = Some(decimal(score).parse().unwrap()),
            Otherwise::Attempt(attempt) => to.attempt = Some(attempt),
            Otherwise::On(day) => to.awarded_on = Some(day),
            Otherwise::Learner(learner) => {
                to.learner = Some(LearnerRef::Number(self.learners[learner]));
            }
            Otherwise::Stated(amount) => {
                to.stated = Some(vec![StatedAmount {
                    unit: Unit::Credit,
                    hundredths: hundredths(&decimal(amount)),
                }]);
            }
        }
        to
    }

    fn corrected(&mut self, done: Result<CorrectionView, LedgerError>) -> String {
        self.corrections
            .extend(done.as_ref().ok().map(|view| view.correction_id));
        said(&done, |view| {
            let withdrawn = view.withdrawn.iter();
            let withdrawn = withdrawn.map(|lot| lot.amount.hundredths().get()).collect();
            let revised = view.conversions.iter();
            let revised: Vec<String> = revised
                .map(|one| format!("{} → {}", one.granted_before, one.granted_now))
                .collect();
            format!(
                "withdrew [{}], revised [{}]",
                amounts(withdrawn),
                revised.join(", ")
            )
        })
    }

    fn ask(&mut self, way: usize, learner: usize) -> Both {
        let order = ConversionOrder {
            receiving: InstitutionCode::new(WAYS[way].grants).unwrap(),
            programme: WAYS[way].programme.to_owned(),
            rule_set: None,
            learners: vec![OrderedLearner {
                learner: LearnerRef::Number(self.learners[learner]),
                outcomes: Vec::new(),
            }],
            basis: None,
        };
        let (bank, now) = (self.bank, self.bank.now());
        let grant: Grant<RequestConversion> = bank.grant(Role::SchoolOfficer, WAYS[way].asks);
        let done =
            kit::once(|once| request_conversion_once(bank.ledger(), &grant, &order, once, now));
        let requests = done.as_ref().map_or(&[][..], |cohort| &cohort.requests);
        self.requests
            .extend(requests.iter().map(|request| request.request_id));
        let bank = said(&done, |cohort| match cohort.requests.first() {
            Some(request) => {
                let asked = request.lines.iter().map(|line| line.requested.get());
                format!("asked for {}", amounts(asked.collect()))
            }
            None => cohort.rejected[0].fault.code.to_owned(),
        });
        (self.books.ask(way, learner), bank)
    }

    fn decided(&self, nth: usize, refuse: bool) -> String {
        let (bank, now) = (self.bank, self.bank.now());
        let by = WAYS[self.books.requests[nth].way].grants;
        let grant: Grant<DecideConversion> = bank.grant(Role::Reviewer, by);
        let order = if refuse {
            DecisionOrder::Refuse {
                text: "不予转换".to_owned(),
            }
        } else {
            DecisionOrder::AsTheRulesSay
        };
        let request = self.requests[nth];
        let done = kit::once(|once| {
            decide_request_once(bank.ledger(), &grant, (request, None), &order, once, now)
        });
        said(&done, |request| {
            let granted = request.lines.iter().map(|line| line.granted.get());
            format!("granted {}", amounts(granted.collect()))
        })
    }
}

/// The place of the `nth` from the last.
pub(super) fn pick(nth: usize, of: usize) -> Option<usize> {
    nth.checked_rem(of).map(|nth| of - 1 - nth)
}

pub(super) fn or_another(by: &'static str, another: bool) -> &'static str {
    match (another, by) {
        (false, by) => by,
        (true, UNIVERSITY) => kit::SCHOOL,
        (true, _) => UNIVERSITY,
    }
}
