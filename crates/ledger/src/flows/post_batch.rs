//! What one batch of reports knows: the institution, its part of the catalogue, the accounts, and
//! what is recorded already.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use creditbank_domain::amount::Amount;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{EntryId, LearnerId, LotId, OutcomeId, VersionId};
use creditbank_domain::institution::Institution;
use creditbank_domain::outcome::ReportedOutcome;
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::recognition::{Recognition, may_post, recognise};

use crate::error::LedgerError;
use crate::flows::learner_groups::drop_credited_elsewhere;
use crate::flows::post_outcomes::{Origin, PostAnswer, PostedLot, PostedOutcome, set};
use crate::flows::resolve_entries::Catalogue;
use crate::flows::resolve_learners::{self, People};
use crate::flows::source_conflict::{conflict_with, stated};
use crate::new_id::new_id;
use crate::store::Tx;
use crate::tables::learners::{self, Account};
use crate::tables::outcomes::{self, PlannedOutcome, RecordedOutcome};
use crate::tables::standing_outcomes;

/// What is about to be posted, with the place of each in the batch.
pub(super) struct Planned {
    pub(super) outcomes: Vec<PlannedOutcome>,
    positions: HashMap<OutcomeId, usize>,
}

impl Planned {
    pub(super) fn position_of(&self, outcome: OutcomeId) -> Result<usize, LedgerError> {
        self.positions
            .get(&outcome)
            .copied()
            .ok_or(LedgerError::Corrupt("an unplanned outcome"))
    }
}

/// Everything about a batch that was read from the database.
pub(super) struct Batch<'r> {
    institution: Institution,
    reports: &'r [ReportedOutcome],
    catalogue: Catalogue,
    people: People<'r>,
    opened: HashSet<LearnerId>,
    /// What the learners of recorded outcomes are shown as.
    shown_as: HashMap<LearnerId, Account>,
    recorded: HashMap<String, RecordedOutcome>,
    /// What stands now of those that were corrected.
    corrected: HashMap<String, RecordedOutcome>,
}

impl<'r> Batch<'r> {
    pub(super) fn load(
        tx: &mut Tx<'_>,
        institution: Institution,
        reports: &'r [ReportedOutcome],
    ) -> Result<Self, LedgerError> {
        let catalogue = Catalogue::load(tx.conn(), reports.iter().map(|report| &report.entry))?;
        let mut batch = Self {
            institution,
            reports,
            catalogue,
            people: People::default(),
            opened: HashSet::new(),
            shown_as: HashMap::new(),
            recorded: HashMap::new(),
            corrected: HashMap::new(),
        };
        let refs: Vec<&str> = reports
            .iter()
            .map(|report| report.source_ref.as_str())
            .collect();
        // Before the accounts: whatever another writer has recorded by now, its account is there
        // too. The other way round, an account opened in between would look like somebody else's.
        batch.add_recorded(tx, &refs)?;
        let learners = reports.iter().map(|report| &report.learner);
        batch.people = People::find(tx, batch.institution.id, learners)?;
        Ok(batch)
    }

    fn add_recorded(&mut self, tx: &mut Tx<'_>, refs: &[&str]) -> Result<(), LedgerError> {
        let found = outcomes::list_by_sources(tx.conn(), self.institution.id, refs)?;
        let mut learners: Vec<LearnerId> = found.iter().map(|outcome| outcome.learner_id).collect();
        for outcome in found.iter().filter(|outcome| outcome.superseded) {
            let source = outcome.source_ref.as_str();
            let last = standing_outcomes::find_by_source(tx.conn(), self.institution.id, source)?;
            if let Some(last) = last.filter(|last| last.stands) {
                learners.push(last.learner_id);
                let standing = RecordedOutcome::from(&last);
                self.corrected.insert(source.to_owned(), standing);
            }
        }
        for found in learners::list_by_ids(tx.conn(), &learners)? {
            self.shown_as.insert(found.asked.learner_id, found.account);
        }
        for outcome in found {
            self.recorded.insert(outcome.source_ref.clone(), outcome);
        }
        Ok(())
    }

    /// The learner of a report as the one beside whom it is compared, where both are shown as one:
    /// whichever account it was posted to, it is theirs.
    fn learner_beside(&self, position: usize, recorded: LearnerId) -> Option<LearnerId> {
        let account = self.people.account(position)?;
        let same = self.shown_as.get(&recorded) == Some(&account);
        Some(if same { recorded } else { account.learner_id })
    }

    /// The answer for a report whose source reference is recorded: lots are added afterwards.
    pub(super) fn recorded_answer(&self, position: usize) -> Option<PostAnswer> {
        if let Some(fault) = self.people.refusal(position) {
            return Some(PostAnswer::Rejected(fault.clone()));
        }
        let report = self.reports.get(position)?;
        let source = report.source_ref.as_str();
        let first = self.recorded.get(source)?;
        let version = self
            .catalogue
            .resolve(&report.entry, self.institution.id, report.awarded_on)
            .ok();
        // What was sent first and what was corrected since are both there; anything else is other.
        let conflict = |recorded: &RecordedOutcome| {
            let learner = self.learner_beside(position, recorded.learner_id);
            conflict_with(recorded, report, learner, version)
        };
        let corrected = self.corrected.get(source);
        let recorded = match (conflict(first), corrected) {
            (None, _) => first,
            (Some(fault), None) => return Some(PostAnswer::Rejected(fault)),
            (Some(_), Some(corrected)) => match conflict(corrected) {
                None => corrected,
                Some(fault) => return Some(PostAnswer::Rejected(fault)),
            },
        };
        let shown_as = self.shown_as.get(&recorded.learner_id)?;
        Some(PostAnswer::AlreadyPosted(PostedOutcome {
            outcome_id: recorded.outcome_id,
            learner_no: shown_as.learner_no,
            account_opened: false,
            lots: Vec::new(),
            earned_nothing: recorded.earned_nothing,
        }))
    }

    /// Gives every "already posted" its lots, as the first answer had them.
    pub(super) fn add_lots_of_recorded(
        &self,
        tx: &mut Tx<'_>,
        answers: &mut [Option<PostAnswer>],
    ) -> Result<(), LedgerError> {
        let wanted: Vec<(LearnerId, OutcomeId)> = self
            .recorded
            .values()
            .chain(self.corrected.values())
            .map(|outcome| (outcome.learner_id, outcome.outcome_id))
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let mut lots: HashMap<OutcomeId, Vec<PostedLot>> = HashMap::new();
        for lot in outcomes::list_lots(tx.conn(), &wanted)? {
            let issued = crate::tables::hundredths(lot.issued, "lots.issued")?;
            let amount =
                Amount::new(lot.unit, issued).map_err(|_| LedgerError::Corrupt("lots.issued"))?;
            let posted = PostedLot {
                lot_id: lot.lot_id,
                amount,
                expires_on: lot.expires_on,
            };
            lots.entry(lot.outcome_id).or_default().push(posted);
        }
        for answer in answers.iter_mut().flatten() {
            if let PostAnswer::AlreadyPosted(outcome) = answer {
                outcome.lots = lots.get(&outcome.outcome_id).cloned().unwrap_or_default();
            }
        }
        Ok(())
    }

    /// Recognises what is new, opens the accounts it needs, and answers what is refused.
    pub(super) fn plan(
        &mut self,
        tx: &mut Tx<'_>,
        answers: &mut [Option<PostAnswer>],
        origin: Origin,
        now: DateTime<Utc>,
    ) -> Result<Planned, LedgerError> {
        let mut recognised = Vec::new();
        for position in 0..self.reports.len() {
            if answers.get(position).is_some_and(Option::is_some) {
                continue;
            }
            match self.recognise_one(position, now) {
                Ok((version, recognition)) => recognised.push((position, version, recognition)),
                Err(fault) => set(answers, position, PostAnswer::Rejected(fault)),
            }
        }
        let wanted: Vec<usize> = recognised.iter().map(|(position, ..)| *position).collect();
        let settled = self.people.settle(tx, &wanted, self.institution.id, now)?;
        self.opened.extend(settled.opened);
        let mut planned = Planned {
            outcomes: Vec::new(),
            positions: HashMap::new(),
        };
        for (position, version, recognition) in recognised {
            if let Some(fault) = self.people.refusal(position) {
                set(answers, position, PostAnswer::Rejected(fault.clone()));
                continue;
            }
            let outcome = self.planned(position, version, recognition, origin)?;
            planned.positions.insert(outcome.outcome_id, position);
            planned.outcomes.push(outcome);
        }
        drop_credited_elsewhere(tx, &self.people, &mut planned.outcomes)?;
        // The order in which source references are claimed, the same for every writer.
        planned
            .outcomes
            .sort_by(|a, b| a.source_ref.cmp(&b.source_ref));
        Ok(planned)
    }

    fn recognise_one(
        &self,
        position: usize,
        now: DateTime<Utc>,
    ) -> Result<(VersionChoice, Recognition), Fault> {
        let report = self
            .reports
            .get(position)
            .ok_or_else(resolve_learners::learner_unknown)?;
        let today = bank_day(now);
        may_post(&self.institution, report.awarded_on, today).map_err(|r| Fault::from(&r))?;
        if let Some(fault) = self.people.refusal(position) {
            return Err(fault.clone());
        }
        let known = self.people.account(position).is_some();
        let may_open = self.institution.may_open_accounts && self.people.is_identified(position);
        if !known && !may_open {
            return Err(resolve_learners::learner_unknown());
        }
        let version = self
            .catalogue
            .resolve(&report.entry, self.institution.id, report.awarded_on)
            .map_err(|refusal| Fault::from(&refusal))?;
        let recognition = recognise(report, version, &self.institution, today)
            .map_err(|refusal| Fault::from(&refusal))?;
        let choice = VersionChoice {
            entry_id: version.entry_id,
            version_id: version.version_id,
            repeatable: version.repeatable,
        };
        Ok((choice, recognition))
    }

    fn planned(
        &self,
        position: usize,
        version: VersionChoice,
        recognition: Recognition,
        origin: Origin,
    ) -> Result<PlannedOutcome, LedgerError> {
        let lost = LedgerError::Corrupt("a report without an account");
        let (Some(report), Some(account)) =
            (self.reports.get(position), self.people.account(position))
        else {
            return Err(lost);
        };
        let (lots, earned_nothing) = match recognition {
            Recognition::Earns(lots) => (lots, None),
            Recognition::EarnsNothing(reason) => (Vec::new(), Some(reason)),
        };
        Ok(PlannedOutcome {
            outcome_id: OutcomeId::from_uuid(new_id()),
            learner_id: account.learner_id,
            institution_id: self.institution.id,
            source_ref: report.source_ref.as_str().to_owned(),
            entry_id: version.entry_id,
            version_id: version.version_id,
            repeatable: version.repeatable,
            grade: report.grade,
            attempt: report.attempt,
            awarded_on: report.awarded_on,
            stated: stated(report),
            origin: origin.as_str(),
            earned_nothing,
            request_id: None,
            corrects: None,
            lots: lots
                .into_iter()
                .map(|lot| (LotId::from_uuid(new_id()), lot))
                .collect(),
        })
    }

    pub(super) fn posted(
        &self,
        position: usize,
        outcome: &PlannedOutcome,
        issued: &HashSet<LotId>,
    ) -> Result<PostedOutcome, LedgerError> {
        let account = self
            .people
            .account(position)
            .ok_or(LedgerError::Corrupt("a posted outcome without an account"))?;
        let lots: Vec<PostedLot> = outcome
            .lots
            .iter()
            .filter(|(lot_id, _)| issued.contains(lot_id))
            .map(|(lot_id, lot)| PostedLot {
                lot_id: *lot_id,
                amount: lot.amount,
                expires_on: lot.expires_on,
            })
            .collect();
        let credited_before = lots.is_empty() && !outcome.lots.is_empty();
        Ok(PostedOutcome {
            outcome_id: outcome.outcome_id,
            learner_no: account.learner_no,
            account_opened: self.opened.contains(&outcome.learner_id),
            lots,
            earned_nothing: outcome
                .earned_nothing
                .or(credited_before.then_some(ReasonCode::AlreadyCredited)),
        })
    }

    /// Answers reports whose source reference somebody else claimed a moment earlier: another
    /// writer, or an earlier line of this very batch.
    pub(super) fn answer_the_overtaken(
        &mut self,
        tx: &mut Tx<'_>,
        planned: &Planned,
        claimed: &HashSet<OutcomeId>,
        answers: &mut [Option<PostAnswer>],
    ) -> Result<(), LedgerError> {
        let overtaken: Vec<&PlannedOutcome> = planned
            .outcomes
            .iter()
            .filter(|p| !claimed.contains(&p.outcome_id))
            .collect();
        if overtaken.is_empty() {
            return Ok(());
        }
        let refs: Vec<&str> = overtaken.iter().map(|p| p.source_ref.as_str()).collect();
        self.add_recorded(tx, &refs)?;
        for outcome in overtaken {
            let position = planned.position_of(outcome.outcome_id)?;
            // The one that came first is not visible yet to this snapshot: run again.
            let answer = self
                .recorded_answer(position)
                .ok_or(LedgerError::Contended)?;
            set(answers, position, answer);
        }
        self.add_lots_of_recorded(tx, answers)
    }
}

/// What a planned outcome keeps of its catalogue version.
#[derive(Debug, Clone, Copy)]
struct VersionChoice {
    entry_id: EntryId,
    version_id: VersionId,
    repeatable: bool,
}
