//! Taking back an outcome that stood: its lots are withdrawn whole, what takes its place is posted,
//! and whoever used those lots is noted, to be judged again by `rejudge`.
//!
//! Runs inside one transaction, with every lot of the learners concerned locked.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::{Amount, Hundredths};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::ids::{
    CorrectionId, EntryId, InstitutionId, LearnerId, LotId, OutcomeId, RequestId,
};
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::recognition::{NewLot, Recognition, recognise};

use crate::error::LedgerError;
use crate::flows::correction_facts::report_of;
use crate::flows::learner_groups::{Groups, post_one};
use crate::flows::post_outcomes::PostedLot;
use crate::flows::rejudge::RuleSets;
use crate::new_id::new_id;
use crate::store::Tx;
use crate::tables::corrections::{self, Cause, Kind, NewCorrection};
use crate::tables::lots::{self, LotSums};
use crate::tables::notices::Notice;
use crate::tables::outcomes::PlannedOutcome;
use crate::tables::standing_outcomes::{self, StandingOutcome};
use crate::tables::transfers::{self, Move, MoveKind, Use, User};
use crate::tables::{catalogue, holds, hundredths, institutions, joint_lots};

/// What was granted to a conversion before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevisedConversion {
    /// The request.
    pub request_id: RequestId,
    /// Credits that it granted.
    pub granted_before: Hundredths,
    /// Credits that it grants now.
    pub granted_now: Hundredths,
}

/// One correction and everything that follows from it.
pub(super) struct Unwinding<'c> {
    pub(super) cause: &'c Cause,
    pub(super) now: DateTime<Utc>,
    /// Requests that used a lot which was withdrawn, with the lot that took its place.
    pub(super) pending: BTreeMap<RequestId, BTreeMap<LotId, Option<LotId>>>,
    pub(super) withdrawn: Vec<PostedLot>,
    pub(super) revised: Vec<RevisedConversion>,
    pub(super) concerned: Vec<InstitutionId>,
    pub(super) notices: Vec<Notice>,
    pub(super) rule_sets: RuleSets,
}

impl<'c> Unwinding<'c> {
    pub(super) fn new(cause: &'c Cause, now: DateTime<Utc>) -> Self {
        Self {
            cause,
            now,
            pending: BTreeMap::new(),
            withdrawn: Vec::new(),
            revised: Vec::new(),
            concerned: Vec::new(),
            notices: Vec::new(),
            rule_sets: RuleSets::new(),
        }
    }

    /// Takes an outcome back and posts its successor, where there is one. Gives the lots that the
    /// successor was issued.
    pub(super) fn supersede(
        &mut self,
        tx: &mut Tx<'_>,
        outcome: &StandingOutcome,
        kind: Kind,
        correction_id: CorrectionId,
        successor: Option<&PlannedOutcome>,
    ) -> Result<Vec<LotId>, LedgerError> {
        let learner = outcome.learner_id;
        let sums = lots::list_of_outcome(tx.conn(), learner, outcome.outcome_id)?;
        let ids: Vec<LotId> = sums.iter().map(|lot| lot.lot_id).collect();
        let uses = transfers::list_uses(tx.conn(), learner, &ids)?;
        let mut moves = Vec::new();
        for lot in &sums {
            let of_lot: Vec<&Use> = uses.iter().filter(|one| one.lot_id == lot.lot_id).collect();
            moves.extend(self.withdrawal(outcome, lot, &of_lot, correction_id)?);
        }
        transfers::move_all(tx, &moves, self.now)?;
        self.release_holds(tx, learner, &uses)?;
        let issued = match successor {
            Some(planned) => post_one(tx, planned, self.now)?,
            None => Vec::new(),
        };
        let correction = NewCorrection {
            learner_id: learner,
            correction_id,
            kind,
            outcome_id: Some(outcome.outcome_id),
            successor: successor.map(|planned| (planned.learner_id, planned.outcome_id)),
        };
        corrections::insert(tx, &correction, self.cause, self.now)?;
        let heirs = successor.filter(|planned| planned.learner_id == learner);
        self.note_uses(&sums, &uses, heirs, &issued);
        self.note_withdrawn(&sums)?;
        self.concern(outcome.institution_id);
        if sums.is_empty() && !outcome.repeatable {
            self.note_users_of_entry(tx, outcome)?;
        }
        let credited_no_more = !sums.is_empty() && (heirs.is_none() || issued.is_empty());
        if credited_no_more && !outcome.repeatable {
            self.credit_another_attempt(tx, learner, outcome.entry_id)?;
        }
        Ok(issued)
    }

    pub(super) fn concern(&mut self, institution: InstitutionId) {
        if !self.concerned.contains(&institution) {
            self.concerned.push(institution);
        }
    }

    /// The moves that withdraw a lot whole: what is held is released first, what was used is
    /// withdrawn from those who used it. It counts from the day the lot was earned where nothing
    /// was ever done with it, else from today. What a conversion granted is withdrawn in its name,
    /// so that both its sides hear of it.
    fn withdrawal(
        &self,
        outcome: &StandingOutcome,
        lot: &LotSums,
        uses: &[&Use],
        correction_id: CorrectionId,
    ) -> Result<Vec<Move>, LedgerError> {
        if lot.withdrawn > 0 {
            return Err(LedgerError::Corrupt(
                "an outcome that stands without its lot",
            ));
        }
        let effective_on = if lot.available == lot.issued {
            lot.earned_on
        } else {
            bank_day(self.now)
        };
        let one = |kind, amount: i64, user| -> Result<Move, LedgerError> {
            Ok(Move {
                learner_id: outcome.learner_id,
                lot_id: lot.lot_id,
                kind,
                amount: hundredths(amount, "lots")?,
                user,
                correction: (kind != MoveKind::Release).then_some(correction_id),
                effective_on,
            })
        };
        let mut moves = Vec::new();
        let mut available = lot.available;
        for one_use in uses {
            let user = Some(one_use.user);
            moves.push(one(MoveKind::Release, one_use.held, user)?);
            moves.push(one(MoveKind::WithdrawUsed, one_use.used, user)?);
            available = available.saturating_add(one_use.held);
        }
        let granted_by = outcome.request_id.map(User::Request);
        moves.push(one(MoveKind::WithdrawAvailable, available, granted_by)?);
        moves.push(one(MoveKind::WithdrawExpired, lot.expired, granted_by)?);
        Ok(moves)
    }

    /// A direct hold on a withdrawn lot ends: nothing of it is reserved any more.
    fn release_holds(
        &self,
        tx: &mut Tx<'_>,
        learner: LearnerId,
        uses: &[Use],
    ) -> Result<(), LedgerError> {
        for one_use in uses.iter().filter(|one| one.held > 0) {
            if let User::Hold(hold) = one_use.user {
                let amount = hundredths(one_use.held, "a hold")?;
                holds::add_released(tx, learner, hold, amount)?;
            }
        }
        Ok(())
    }

    /// Whoever used a lot is judged again, with the lot of the same unit that took its place.
    fn note_uses(
        &mut self,
        sums: &[LotSums],
        uses: &[Use],
        successor: Option<&PlannedOutcome>,
        issued: &[LotId],
    ) {
        for one_use in uses {
            let User::Request(request) = one_use.user else {
                continue;
            };
            let unit = sums.iter().find(|lot| lot.lot_id == one_use.lot_id);
            let heir = successor.and_then(|planned| {
                planned
                    .lots
                    .iter()
                    .find(|(id, lot)| {
                        issued.contains(id) && unit.is_some_and(|old| old.unit == lot.amount.unit())
                    })
                    .map(|(id, _)| *id)
            });
            self.pending
                .entry(request)
                .or_default()
                .insert(one_use.lot_id, heir);
        }
    }

    fn note_withdrawn(&mut self, sums: &[LotSums]) -> Result<(), LedgerError> {
        for lot in sums {
            let issued = hundredths(lot.issued, "lots.issued")?;
            let amount =
                Amount::new(lot.unit, issued).map_err(|_| LedgerError::Corrupt("lots.issued"))?;
            self.withdrawn.push(PostedLot {
                lot_id: lot.lot_id,
                amount,
                expires_on: lot.expires_on,
            });
        }
        Ok(())
    }

    /// A course is credited once over all attempts. Where the attempt that was credited falls, the
    /// next one that stood without credit for its sake is credited now.
    fn credit_another_attempt(
        &mut self,
        tx: &mut Tx<'_>,
        learner: LearnerId,
        entry: EntryId,
    ) -> Result<(), LedgerError> {
        let members = Groups::of(tx.conn(), &[learner])?.members(&[learner]);
        let credited = joint_lots::list_credited_units(tx.conn(), &members)?;
        if credited.iter().any(|(_, credited, _)| *credited == entry) {
            return Ok(());
        }
        let mut waiting = Vec::new();
        for member in members {
            waiting.extend(standing_outcomes::list_waiting(tx.conn(), member, entry)?);
        }
        waiting.sort_by_key(|attempt| attempt.outcome_id);
        for attempt in waiting {
            let Some(lots) = lots_now(tx, &attempt, bank_day(self.now))? else {
                continue;
            };
            let successor = attempt.successor(lots);
            let id = CorrectionId::from_uuid(new_id());
            let kind = Kind::Carry(self.cause.correction_id);
            self.supersede(tx, &attempt, kind, id, Some(&successor))?;
            return Ok(());
        }
        Ok(())
    }

    /// Writes one notice for the learner and everyone concerned so far.
    pub(super) fn tell(
        &mut self,
        kind: &'static str,
        learner_id: LearnerId,
        outcome: Option<OutcomeId>,
        request: Option<RequestId>,
        figures: serde_json::Value,
    ) {
        self.notices.push(Notice {
            learner_id,
            kind,
            institutions: self.concerned.clone(),
            lot: None,
            outcome,
            request,
            correction: Some(self.cause.correction_id),
            figures,
        });
    }
}

/// What an outcome that was recorded without lots would earn today; nothing where its institution
/// may not post any more.
pub(super) fn lots_now(
    tx: &mut Tx<'_>,
    outcome: &StandingOutcome,
    today: NaiveDate,
) -> Result<Option<Vec<NewLot>>, LedgerError> {
    let institution = institutions::find(tx.conn(), outcome.institution_id)?
        .ok_or(LedgerError::Corrupt("outcomes.institution_id"))?
        .try_into()?;
    let versions = catalogue::list_by_entries(tx.conn(), &[outcome.entry_id])?;
    let owned = versions
        .iter()
        .find(|owned| owned.version.version_id == outcome.version_id)
        .ok_or(LedgerError::Corrupt("outcomes.version_id"))?;
    let version = &owned.version;
    let report = report_of(outcome, version)?;
    let recognised = recognise(&report, version, owned.review(), &institution, today);
    Ok(match recognised {
        Ok(Recognition::Earns(lots)) if !lots.is_empty() => Some(lots),
        _ => None,
    })
}

/// Why an outcome stands without lots after it was posted: what the statement that posted it wrote.
pub(super) fn earned_nothing(planned: &PlannedOutcome, issued: &[LotId]) -> Option<ReasonCode> {
    let credited_before = issued.is_empty() && !planned.lots.is_empty();
    planned
        .earned_nothing
        .or(credited_before.then_some(ReasonCode::AlreadyCredited))
}
