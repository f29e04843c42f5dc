//! What of a batch is to be posted: recognised, of a known or newly opened account, and each
//! source reference once.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{EntryId, LotId, OutcomeId, SameCourseGroupId, VersionId};
use creditbank_domain::outcome::ReportedOutcome;
use creditbank_domain::recognition::{Recognition, may_post, recognise};

use crate::error::LedgerError;
use crate::flows::learner_groups::drop_credited_elsewhere;
use crate::flows::post_batch::Batch;
use crate::flows::post_outcomes::{Effect, Origin, PostAnswer, set};
use crate::flows::resolve_learners;
use crate::flows::stated::stated;
use crate::new_id::new_id;
use crate::store::Tx;
use crate::tables::outcomes::PlannedOutcome;

/// What is about to be posted, with the place of each in the batch.
pub(super) struct Planned {
    pub(super) effect: Effect,
    pub(super) outcomes: Vec<PlannedOutcome>,
    pub(super) positions: HashMap<OutcomeId, usize>,
    /// Reports under a source reference that an earlier one of this batch has.
    pub(super) repeated: Vec<usize>,
    /// Reports whose source reference an earlier one of this batch had, which was refused.
    pub(super) freed: Vec<usize>,
}

/// A report that may be posted.
struct Recognised {
    position: usize,
    version: VersionChoice,
    recognition: Recognition,
}

impl Planned {
    pub(super) fn position_of(&self, outcome: OutcomeId) -> Result<usize, LedgerError> {
        position_of(&self.positions, outcome)
    }
}

pub(super) fn position_of(
    positions: &HashMap<OutcomeId, usize>,
    outcome: OutcomeId,
) -> Result<usize, LedgerError> {
    positions
        .get(&outcome)
        .copied()
        .ok_or(LedgerError::Corrupt("an unplanned outcome"))
}

impl Batch<'_> {
    /// Recognises the reports, opens the accounts they need, and answers what is refused or was
    /// recorded before.
    pub(super) fn plan(
        &mut self,
        tx: &mut Tx<'_>,
        answers: &mut [Option<PostAnswer>],
        (origin, effect): (Origin, Effect),
        now: DateTime<Utc>,
    ) -> Result<Planned, LedgerError> {
        let recognised = self.recognise_all(tx, answers, now)?;
        let mut taken = HashSet::with_capacity(recognised.len());
        let (first, repeated): (Vec<_>, Vec<_>) = recognised.into_iter().partition(|one| {
            let report = self.reports.get(one.position);
            report.is_some_and(|report| taken.insert(report.source_ref.as_str()))
        });
        let stands_alone = repeated.is_empty() && !self.people.has_merged() && {
            let mut versions = first.iter().map(|one| &one.version);
            versions.all(|version| version.same_course_group.is_none())
        };
        let mut planned = Planned {
            // What one report does to another is only seen once it is written.
            effect: if stands_alone { effect } else { Effect::Posts },
            outcomes: Vec::with_capacity(first.len()),
            positions: HashMap::with_capacity(first.len()),
            repeated: repeated.iter().map(|one| one.position).collect(),
            freed: Vec::new(),
        };
        self.settle_people(tx, &first, planned.effect, now)?;
        for one in first {
            if let Some(fault) = self.people.refusal(one.position) {
                set(answers, one.position, PostAnswer::Rejected(fault.clone()));
                if let Some(report) = self.reports.get(one.position) {
                    taken.remove(report.source_ref.as_str());
                }
                continue;
            }
            let outcome = self.planned(one.position, one.version, one.recognition, origin)?;
            planned.positions.insert(outcome.outcome_id, one.position);
            planned.outcomes.push(outcome);
        }
        let source =
            |position: &usize| self.reports.get(*position).map(|it| it.source_ref.as_str());
        (planned.repeated, planned.freed) = std::mem::take(&mut planned.repeated)
            .into_iter()
            .partition(|position| source(position).is_some_and(|it| taken.contains(it)));
        drop_credited_elsewhere(tx, &self.people, &mut planned.outcomes)?;
        // The order in which source references are claimed, the same for every writer.
        planned
            .outcomes
            .sort_by(|a, b| a.source_ref.cmp(&b.source_ref));
        Ok(planned)
    }

    fn recognise_all(
        &mut self,
        tx: &mut Tx<'_>,
        answers: &mut [Option<PostAnswer>],
        now: DateTime<Utc>,
    ) -> Result<Vec<Recognised>, LedgerError> {
        let mut recognised = Vec::with_capacity(self.reports.len());
        let mut refused = Vec::new();
        let mut doubtful = Vec::new();
        for (position, report) in self.reports.iter().enumerate() {
            match self.recognise_one(position, report, now) {
                Ok((version, recognition)) => {
                    // Before anything is written for a learner: what was recorded before is not.
                    if self.people.adds_something(position) {
                        doubtful.push(position);
                    }
                    recognised.push(Recognised {
                        position,
                        version,
                        recognition,
                    });
                }
                Err(fault) => {
                    doubtful.push(position);
                    refused.push((position, fault));
                }
            }
        }
        self.add_recorded(tx, &doubtful)?;
        for position in doubtful {
            if let Some(answer) = self.recorded_answer(position) {
                set(answers, position, answer);
            }
        }
        let open = |answers: &[Option<PostAnswer>], position: usize| {
            answers.get(position).is_some_and(Option::is_none)
        };
        for (position, fault) in refused {
            if open(answers, position) {
                set(answers, position, PostAnswer::Rejected(fault));
            }
        }
        recognised.retain(|one| open(answers, one.position));
        Ok(recognised)
    }

    fn settle_people(
        &mut self,
        tx: &mut Tx<'_>,
        recognised: &[Recognised],
        effect: Effect,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let positions: Vec<usize> = recognised.iter().map(|one| one.position).collect();
        let institution = self.institution.id;
        let settled = match effect {
            Effect::Posts => self.people.settle(tx, &positions, institution, now)?,
            Effect::Tries => self.people.settle_for_now(tx, &positions)?,
        };
        self.opened.extend(settled.opened);
        self.added.extend(settled.added);
        Ok(())
    }

    fn recognise_one(
        &self,
        position: usize,
        report: &ReportedOutcome,
        now: DateTime<Utc>,
    ) -> Result<(VersionChoice, Recognition), Fault> {
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
        let owned = self
            .catalogue
            .resolve(&report.entry, self.institution.id, report.awarded_on)
            .map_err(|refusal| Fault::from(&refusal))?;
        let version = &owned.version;
        let recognition = recognise(report, version, owned.review(), &self.institution, today)
            .map_err(|refusal| Fault::from(&refusal))?;
        let choice = VersionChoice {
            entry_id: version.entry_id,
            version_id: version.version_id,
            repeatable: version.repeatable,
            same_course_group: owned.group_on(report.awarded_on),
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
            same_course_group: version.same_course_group,
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
}

/// What a planned outcome keeps of its catalogue version.
#[derive(Debug, Clone, Copy)]
struct VersionChoice {
    entry_id: EntryId,
    version_id: VersionId,
    repeatable: bool,
    same_course_group: Option<SameCourseGroupId>,
}
