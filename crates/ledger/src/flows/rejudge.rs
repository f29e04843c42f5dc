//! Conversions that rested on what a correction took back: judged again, line by line.
//!
//! A decided line keeps its grant where the outcome that took the old one's place still carries
//! it, and uses that outcome's lot instead; else its grant falls, and with it what was built on the
//! grant. An open request is proposed anew with the new lot. Nothing is granted that was not.

use creditbank_domain::amount::Hundredths;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::conversion::{
    Candidate, DecidedLine, History, LotState, Programme, RuleSet, decide, rejudge_line,
};
use creditbank_domain::ids::{
    CorrectionId, InstitutionId, LearnerId, LotId, OutcomeId, ProgrammeId, RequestId, RuleSetId,
};
use creditbank_domain::recognition::NewLot;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::conversion_inputs::{candidate, lot_of, state_of};
use crate::flows::learner_groups::{Groups, joint_histories, lock_kin};
use crate::flows::unwind::{RevisedConversion, Unwinding};
use crate::new_id::new_id;
use crate::store::Tx;
use crate::tables::conversion_lines::{self, LineRow, NewLine, Revision, Stage};
use crate::tables::conversion_requests::{self, RequestRow, Which};
use crate::tables::corrections::Kind;
use crate::tables::lots::{self, CreditLot};
use crate::tables::outcomes::PlannedOutcome;
use crate::tables::transfers::{self, Move, MoveKind, User};
use crate::tables::{hundredths, programmes, rule_sets, standing_outcomes};

/// A request with what judging it needs.
pub(super) struct Judged {
    pub(super) row: RequestRow,
    pub(super) learner_id: LearnerId,
    pub(super) request_id: RequestId,
    pub(super) programme: Programme,
    pub(super) rule_set: RuleSet,
}

/// A line written again.
pub(super) struct RevisedLine {
    pub(super) line_no: i32,
    pub(super) revision_no: i32,
    pub(super) line: DecidedLine,
    pub(super) lot_learner_id: LearnerId,
    pub(super) grant: Option<OutcomeId>,
}

impl Judged {
    pub(super) fn load(tx: &mut Tx<'_>, request_id: RequestId) -> Result<Self, LedgerError> {
        let view = creditbank_domain::authz::View::Whole;
        let rows = conversion_requests::list(tx.conn(), Which::One(request_id), view)?;
        let row = rows.into_iter().next().ok_or(LedgerError::NotFound)?;
        let programme = programmes::find(tx.conn(), ProgrammeId::from_uuid(row.programme_id))?;
        let rule_set = rule_sets::find(tx.conn(), RuleSetId::from_uuid(row.rule_set_id))?;
        let (Some(programme), Some(stored)) = (programme, rule_set) else {
            return Err(LedgerError::Corrupt("conversion_requests"));
        };
        Ok(Self {
            learner_id: LearnerId::from_uuid(row.learner_id),
            request_id,
            row,
            programme,
            rule_set: stored.rule_set,
        })
    }

    pub(super) fn lines(&self, tx: &mut Tx<'_>) -> Result<Vec<LineRow>, LedgerError> {
        conversion_lines::list_standing(tx.conn(), &[(self.learner_id, self.request_id)])
    }

    pub(super) fn institutions(&self) -> [InstitutionId; 2] {
        [
            InstitutionId::from_uuid(self.row.requesting_institution_id),
            InstitutionId::from_uuid(self.row.receiving_institution_id),
        ]
    }

    fn history(&self, tx: &mut Tx<'_>) -> Result<History, LedgerError> {
        let learners = [self.learner_id];
        let groups = Groups::of(tx, &learners)?;
        let (programme, rule_set) = (&self.programme, &self.rule_set);
        let mut all = joint_histories(tx, &groups, &learners, programme, rule_set)?;
        Ok(all
            .remove(&groups.survivor(self.learner_id))
            .unwrap_or_default())
    }

    /// What stands in the programme without this line.
    pub(super) fn history_without(
        &self,
        tx: &mut Tx<'_>,
        line: &DecidedLine,
    ) -> Result<History, LedgerError> {
        let mut others = self.history(tx)?;
        others.granted = others
            .granted
            .minus(line.granted)
            .map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
        if let Some(target) = line.target {
            others.courses.remove(&target);
        }
        Ok(others)
    }
}

impl Unwinding<'_> {
    /// Judges every request again that used what was withdrawn, and whatever rests on those, the
    /// oldest decision first: a grant is used only by requests that were decided after it.
    pub(super) fn carry_on(&mut self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        while !self.pending.is_empty() {
            let mut oldest: Option<Judged> = None;
            for request_id in self.pending.keys().copied().collect::<Vec<_>>() {
                let judged = Judged::load(tx, request_id)?;
                let place = |it: &Judged| {
                    (
                        it.row.decided_at.is_none(),
                        it.row.decided_at,
                        it.request_id,
                    )
                };
                if oldest.as_ref().is_none_or(|it| place(&judged) < place(it)) {
                    oldest = Some(judged);
                }
            }
            let Some(judged) = oldest else { break };
            self.rejudge(tx, &judged)?;
        }
        Ok(())
    }

    fn rejudge(&mut self, tx: &mut Tx<'_>, judged: &Judged) -> Result<(), LedgerError> {
        let replaced = self.pending.remove(&judged.request_id).unwrap_or_default();
        let mut revised = Vec::new();
        let lines = judged.lines(tx)?;
        let (before, open) = (total(&lines)?, judged.row.decided_at.is_none());
        for line in &lines {
            let Some(heir) = replaced.get(&LotId::from_uuid(line.lot_id)) else {
                continue;
            };
            let lots = lock_kin(tx, &[judged.learner_id])?;
            let stays = heir.is_some_and(|heir| heir.as_uuid() == line.lot_id);
            let done = if open && !stays {
                self.propose_again(tx, judged, line, *heir, &lots)?
            } else if open || line.granted == 0 {
                None
            } else if stays {
                self.judge_in_place(tx, judged, line, &lots)?
            } else {
                Some(self.judge_again(tx, judged, line, *heir, &lots)?)
            };
            revised.extend(done);
        }
        let stage = if open {
            Stage::Proposal
        } else {
            Stage::Decision
        };
        self.write_lines(tx, judged, stage, &revised)?;
        if open || revised.is_empty() {
            return Ok(());
        }
        self.say_revised(tx, judged, before, "conversion_revised")
    }

    /// Says what became of a conversion to everyone concerned with it.
    pub(super) fn say_revised(
        &mut self,
        tx: &mut Tx<'_>,
        judged: &Judged,
        granted_before: Hundredths,
        kind: &'static str,
    ) -> Result<(), LedgerError> {
        let granted_now = total(&judged.lines(tx)?)?;
        for institution in judged.institutions() {
            self.concern(institution);
        }
        self.revised.push(RevisedConversion {
            request_id: judged.request_id,
            granted_before,
            granted_now,
        });
        let figures = json!({
            "granted_before": granted_before.to_string(),
            "granted_now": granted_now.to_string(),
        });
        self.tell(
            kind,
            judged.learner_id,
            None,
            Some(judged.request_id),
            figures,
        );
        Ok(())
    }

    /// A decided line: what it used is used of the new lot, or its grant falls.
    fn judge_again(
        &mut self,
        tx: &mut Tx<'_>,
        judged: &Judged,
        row: &LineRow,
        heir: Option<LotId>,
        lots: &[CreditLot],
    ) -> Result<RevisedLine, LedgerError> {
        let stood = row.decided()?;
        let day = bank_day(judged.row.requested_at);
        let candidate = candidate_now(lots, stood.lot_id, heir, day)?;
        let others = judged.history_without(tx, &stood)?;
        let (rule_set, programme) = (&judged.rule_set, &judged.programme);
        let fallen = rejudge_line(stood.granted, &candidate, rule_set, programme, &others, day)
            .map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
        let line = fallen.clone().unwrap_or_else(|| DecidedLine {
            lot_id: candidate.lot_id,
            outcome_id: candidate.outcome_id,
            ..stood.clone()
        });
        let lot_learner_id = lot_of(lots, line.lot_id)?.learner_id;
        self.use_of(tx, judged, &line, lot_learner_id)?;
        let old_grant = row.grant_outcome_id.map(OutcomeId::from_uuid);
        let grant = match fallen {
            None => old_grant,
            Some(_) => self.lower_grant(tx, judged, old_grant, line.granted)?,
        };
        Ok(RevisedLine {
            line_no: row.line_no,
            revision_no: row.revision_no.saturating_add(1),
            line,
            lot_learner_id,
            grant,
        })
    }

    /// What a line is granted is held and settled at once, for the decision was made before.
    fn use_of(
        &self,
        tx: &mut Tx<'_>,
        judged: &Judged,
        line: &DecidedLine,
        owner: LearnerId,
    ) -> Result<(), LedgerError> {
        let one = |kind| self.move_for(judged, (owner, line.lot_id), kind, line.granted);
        transfers::move_all(tx, &[one(MoveKind::Hold), one(MoveKind::Settle)], self.now)
    }

    /// A move of somebody's lot for a request.
    fn move_for(
        &self,
        judged: &Judged,
        (learner_id, lot_id): (LearnerId, LotId),
        kind: MoveKind,
        amount: Hundredths,
    ) -> Move {
        Move {
            learner_id,
            lot_id,
            kind,
            amount,
            user: Some(User::Request(judged.request_id)),
            correction: (kind == MoveKind::Reverse).then_some(self.cause.correction_id),
            effective_on: bank_day(self.now),
        }
    }

    /// Gives back what a line used, its grant having been reversed.
    pub(super) fn give_back(
        &self,
        tx: &mut Tx<'_>,
        judged: &Judged,
        line: &DecidedLine,
        owner: LearnerId,
    ) -> Result<(), LedgerError> {
        let lot = (owner, line.lot_id);
        let back = self.move_for(judged, lot, MoveKind::Reverse, line.granted);
        transfers::move_all(tx, &[back], self.now)
    }

    /// Takes a grant back; what is still granted is posted in its place.
    pub(super) fn lower_grant(
        &mut self,
        tx: &mut Tx<'_>,
        judged: &Judged,
        grant: Option<OutcomeId>,
        granted: Hundredths,
    ) -> Result<Option<OutcomeId>, LedgerError> {
        let missing = LedgerError::Corrupt("conversion_lines.grant_outcome_id");
        let Some(grant) = grant else {
            return Err(missing);
        };
        let outcome = standing_outcomes::find(tx.conn(), judged.learner_id, grant)?;
        let outcome = outcome.ok_or(missing)?;
        let sums = lots::list_of_outcome(tx.conn(), judged.learner_id, grant)?;
        let smaller: Vec<NewLot> = sums
            .iter()
            .filter_map(|lot| {
                let amount = creditbank_domain::amount::Amount::new(lot.unit, granted).ok()?;
                Some(NewLot {
                    amount,
                    expires_on: lot.expires_on,
                })
            })
            .collect();
        let successor: Option<PlannedOutcome> =
            (!smaller.is_empty()).then(|| outcome.successor(smaller));
        let id = CorrectionId::from_uuid(new_id());
        let kind = Kind::Carry(self.cause.correction_id);
        self.supersede(tx, &outcome, kind, id, successor.as_ref())?;
        Ok(successor.map(|planned| planned.outcome_id))
    }

    /// An open line: proposed again with the new lot, which is held for it. Without one the line
    /// stays as it was proposed and will be refused.
    fn propose_again(
        &self,
        tx: &mut Tx<'_>,
        judged: &Judged,
        row: &LineRow,
        heir: Option<LotId>,
        lots: &[CreditLot],
    ) -> Result<Option<RevisedLine>, LedgerError> {
        let Some(heir) = heir else { return Ok(None) };
        let day = bank_day(judged.row.requested_at);
        let old = LotId::from_uuid(row.lot_id);
        let candidate = candidate_now(lots, old, Some(heir), day)?;
        let lot_learner_id = lot_of(lots, heir)?.learner_id;
        let history = judged.history(tx)?;
        let (rule_set, programme) = (&judged.rule_set, &judged.programme);
        let candidates = std::slice::from_ref(&candidate);
        let decision = decide(candidates, rule_set, programme, &history, day)
            .map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
        let Some(line) = decision.lines.into_iter().next() else {
            return Ok(None);
        };
        if matches!(candidate.state, LotState::Usable(_)) {
            let lot = (lot_learner_id, heir);
            let hold = self.move_for(judged, lot, MoveKind::Hold, line.requested);
            transfers::move_all(tx, &[hold], self.now)?;
        }
        Ok(Some(RevisedLine {
            line_no: row.line_no,
            revision_no: row.revision_no.saturating_add(1),
            line,
            lot_learner_id,
            grant: None,
        }))
    }

    pub(super) fn write_lines(
        &self,
        tx: &mut Tx<'_>,
        judged: &Judged,
        stage: Stage,
        revised: &[RevisedLine],
    ) -> Result<(), LedgerError> {
        let lines: Vec<NewLine<'_>> = revised
            .iter()
            .map(|one| NewLine {
                learner_id: judged.learner_id,
                request_id: judged.request_id,
                line_no: one.line_no,
                line: &one.line,
                lot_learner_id: one.lot_learner_id,
                grant_outcome_id: one.grant,
                revision: Some(Revision {
                    no: one.revision_no,
                    correction: self.cause.correction_id,
                }),
            })
            .collect();
        conversion_lines::insert_all(tx, stage, &lines)
    }
}

/// What all lines together are granted.
pub(super) fn total(lines: &[LineRow]) -> Result<Hundredths, LedgerError> {
    let sum = lines
        .iter()
        .filter(|line| line.stage == "decision")
        .fold(0_i64, |sum, line| sum.saturating_add(line.granted));
    hundredths(sum, "conversion_lines.granted")
}

/// The lot that took the old one's place, or the old one as withdrawn.
fn candidate_now(
    lots: &[CreditLot],
    old: LotId,
    heir: Option<LotId>,
    day: chrono::NaiveDate,
) -> Result<Candidate, LedgerError> {
    let lot = lot_of(lots, heir.unwrap_or(old))?;
    let state = match heir {
        Some(_) => state_of(lot, day)?,
        None => LotState::Withdrawn,
    };
    candidate(lot, state)
}
