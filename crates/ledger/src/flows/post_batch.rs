//! What one batch of reports knows: the institution, its part of the catalogue, the accounts, and
//! what is recorded already.

use std::collections::{HashMap, HashSet};

use creditbank_domain::amount::Amount;
use creditbank_domain::ids::{LearnerId, LotId, OutcomeId};
use creditbank_domain::institution::Institution;
use creditbank_domain::outcome::ReportedOutcome;
use creditbank_domain::reason::ReasonCode;

use crate::error::LedgerError;
use crate::flows::plan_batch::Planned;
use crate::flows::post_outcomes::{PostAnswer, PostedLot, PostedOutcome, set};
use crate::flows::resolve_entries::Catalogue;
use crate::flows::resolve_learners::People;
use crate::flows::source_conflict::conflict_with;
use crate::store::Tx;
use crate::tables::learners::{self, Account};
use crate::tables::outcomes::{self, PlannedOutcome, RecordedOutcome};
use crate::tables::standing_outcomes;

/// Everything about a batch that was read from the database.
pub(super) struct Batch<'r> {
    pub(super) institution: Institution,
    pub(super) reports: &'r [ReportedOutcome],
    pub(super) catalogue: Catalogue,
    pub(super) people: People<'r>,
    pub(super) opened: HashSet<LearnerId>,
    /// The reports that opened an account or added something to one.
    pub(super) added: HashSet<usize>,
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
        let learners = reports.iter().map(|report| &report.learner);
        let people = People::find(tx, institution.id, learners)?;
        Ok(Self {
            institution,
            reports,
            catalogue,
            people,
            opened: HashSet::new(),
            added: HashSet::new(),
            shown_as: HashMap::new(),
            recorded: HashMap::new(),
            corrected: HashMap::new(),
        })
    }

    /// Reads what is recorded under the source references of these reports.
    pub(super) fn add_recorded(
        &mut self,
        tx: &mut Tx<'_>,
        positions: &[usize],
    ) -> Result<(), LedgerError> {
        let reports = positions.iter().filter_map(|at| self.reports.get(*at));
        let refs: Vec<&str> = reports.map(|report| report.source_ref.as_str()).collect();
        if refs.is_empty() {
            return Ok(());
        }
        let found = outcomes::list_by_sources(tx.conn(), self.institution.id, &refs)?;
        if found.is_empty() {
            return Ok(());
        }
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
        // Another writer may have opened an account after we looked: without looking again, what
        // it recorded would seem to be somebody else's.
        self.people.look_again(tx, positions)
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
        let report = self.reports.get(position)?;
        let source = report.source_ref.as_str();
        let first = self.recorded.get(source)?;
        if let Some(fault) = self.people.refusal(position) {
            return Some(PostAnswer::Rejected(fault.clone()));
        }
        let version = self
            .catalogue
            .resolve(&report.entry, self.institution.id, report.awarded_on)
            .ok()
            .map(|owned| &owned.version);
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
            twin: None,
            // As the first answer had them, whatever was reviewed since.
            warnings: self.catalogue.warnings(
                &report.entry.code,
                recorded.version_id,
                recorded.awarded_on,
                Some(recorded.recorded_at),
            ),
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
            twin: None,
            warnings: self.reports.get(position).map_or_else(Vec::new, |report| {
                let version = outcome.version_id;
                let (code, day) = (&report.entry.code, report.awarded_on);
                self.catalogue.warnings(code, version, day, None)
            }),
        })
    }

    /// Answers reports whose source reference somebody else has: another writer, before or at this
    /// very moment, or an earlier line of this batch.
    pub(super) fn answer_the_overtaken(
        &mut self,
        tx: &mut Tx<'_>,
        planned: &Planned,
        claimed: &HashSet<OutcomeId>,
        answers: &mut [Option<PostAnswer>],
    ) -> Result<(), LedgerError> {
        let mut overtaken = Vec::new();
        let mut earning = HashSet::new();
        for outcome in &planned.outcomes {
            if claimed.contains(&outcome.outcome_id) {
                earning.insert(outcome.learner_id);
            } else {
                overtaken.push(planned.position_of(outcome.outcome_id)?);
            }
        }
        let in_vain = self.opened.iter().any(|opened| !earning.contains(opened));
        if in_vain || overtaken.iter().any(|at| self.added.contains(at)) {
            // An account was opened, or something added to one, for a report that another writer
            // had posted a moment earlier for somebody else: run again, and it is refused before
            // anything is written.
            return Err(LedgerError::Contended);
        }
        overtaken.extend(&planned.repeated);
        self.add_recorded(tx, &overtaken)?;
        for position in overtaken {
            // The one that came first is not visible yet to this snapshot: run again.
            let answer = self
                .recorded_answer(position)
                .ok_or(LedgerError::Contended)?;
            set(answers, position, answer);
        }
        Ok(())
    }
}
