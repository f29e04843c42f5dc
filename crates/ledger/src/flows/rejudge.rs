//! Conversions that rested on what a correction took back: judged again, each application of
//! a rule for itself.
//!
//! It keeps its grants where the outcome that took the old one's place still carries them, and uses
//! that outcome's lot instead; else they fall, and with them what was built on them. An open request is proposed anew with the new lot. Nothing is granted that was not.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use creditbank_domain::amount::Hundredths;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::conversion::{
    Candidate, DecidedLine, History, LotState, Programme, RuleSet, Verdict, decide, rejudge,
    requested_amount, reversed_line, used_in_full,
};
use creditbank_domain::ids::{
    CorrectionId, EntryId, InstitutionId, LearnerId, LotId, OutcomeId, ProgrammeId, RequestId,
    RuleSetId,
};
use creditbank_domain::level::Frameworks;
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::recognition::NewLot;
use serde_json::json;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::flows::conversion_inputs::{candidate, lot_of, state_of};
use crate::flows::learner_groups::{Groups, joint_histories, lock_kin};
use crate::flows::unwind::{RevisedConversion, Unwinding};
use crate::new_id::new_id;
use crate::store::Tx;
use crate::tables::conversion_lines::{self, LineRow, NewLine, Revision, Stage};
use crate::tables::conversion_requests::{self, RequestRow, Which};
use crate::tables::corrections::Kind;
use crate::tables::lots::{self, ConvertibleLot};
use crate::tables::outcomes::PlannedOutcome;
use crate::tables::transfers::{self, Move, MoveKind, User};
use crate::tables::{hundredths, level_frameworks, programmes, rule_sets, standing_outcomes};

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
    pub(super) held: Hundredths,
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
        let groups = Groups::of(tx.conn(), &learners)?;
        let (programme, rule_set) = (&self.programme, &self.rule_set);
        let mut all = joint_histories(tx.conn(), &groups, &learners, programme, rule_set)?;
        Ok(all
            .remove(&groups.survivor(self.learner_id))
            .unwrap_or_default())
    }

    /// What stands in the programme without these courses.
    fn history_without(
        &self,
        tx: &mut Tx<'_>,
        courses: &[EntryId],
    ) -> Result<History, LedgerError> {
        let mut others = self.history(tx)?;
        others.without(courses);
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
        if open {
            for (old, heir) in &replaced {
                if let Some(heir) = heir.filter(|heir| heir != old) {
                    let of_lot = lines.iter().filter(|line| line.lot_id == old.as_uuid());
                    let of_lot: Vec<&LineRow> = of_lot.collect();
                    revised.extend(self.propose_again(tx, judged, &of_lot, heir)?);
                }
            }
        } else {
            for application in applications(&lines) {
                let of_application = |lot: &LotId| {
                    let mut lines = application.iter();
                    lines.any(|line| line.lot_id == lot.as_uuid())
                };
                if replaced.keys().any(of_application) {
                    let judged_again = self.judge_again(tx, judged, &application, &replaced)?;
                    revised.extend(judged_again);
                }
            }
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

    /// What an application of a rule was granted: what it used is used of the lots that took the
    /// old ones' place, or its grants fall; what it no longer uses of a lot that stays goes back.
    fn judge_again(
        &mut self,
        tx: &mut Tx<'_>,
        judged: &Judged,
        rows: &[&LineRow],
        replaced: &BTreeMap<LotId, Option<LotId>>,
    ) -> Result<Vec<RevisedLine>, LedgerError> {
        let lots = lock_kin(tx, &[judged.learner_id])?;
        let stood = rows
            .iter()
            .map(|row| row.decided())
            .collect::<Result<Vec<DecidedLine>, _>>()?;
        let day = bank_day(judged.row.requested_at);
        let frameworks = level_frameworks::on(tx.conn(), day)?;
        // In the order in which the lots first stand, as they are judged.
        let mut old_lots: Vec<LotId> = Vec::new();
        for line in &stood {
            if !old_lots.contains(&line.lot_id) {
                old_lots.push(line.lot_id);
            }
        }
        let candidates = old_lots
            .iter()
            .map(|old| candidate_now((&lots, &frameworks), &stood, *old, replaced, day))
            .collect::<Result<Vec<Candidate>, _>>()?;
        let courses: Vec<EntryId> = stood.iter().filter_map(|line| line.target).collect();
        let fallen = rejudge(
            &stood,
            &candidates,
            &judged.rule_set,
            &judged.programme,
            &judged.history_without(tx, &courses)?,
            day,
        );
        let fallen = fallen.map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
        let heirs: BTreeMap<LotId, &Candidate> = old_lots.into_iter().zip(&candidates).collect();
        if fallen.is_none() && heirs.iter().all(|(old, now)| *old == now.lot_id) {
            return Ok(Vec::new());
        }
        let lines = lines_now(&stood, &heirs, fallen.unwrap_or_else(|| stood.clone()))?;
        self.move_uses(tx, judged, &lots, &stood, &lines)?;
        let grants = self.lower_grants(tx, judged, rows, &lines)?;
        let revised = rows.iter().zip(lines).zip(grants);
        revised
            .map(|((row, line), grant)| {
                Ok(RevisedLine {
                    line_no: row.line_no,
                    revision_no: row.revision_no.saturating_add(1),
                    lot_learner_id: lot_of(&lots, line.lot_id)?.learner_id,
                    held: Hundredths::ZERO,
                    grant,
                    line,
                })
            })
            .collect()
    }

    /// What is used of a lot that took another's place is held and settled at once, for the
    /// decision was made before; what is used no longer of one that stayed is given back.
    fn move_uses(
        &self,
        tx: &mut Tx<'_>,
        judged: &Judged,
        lots: &[ConvertibleLot],
        stood: &[DecidedLine],
        lines: &[DecidedLine],
    ) -> Result<(), LedgerError> {
        let sum = |lines: &[DecidedLine], lot: LotId| {
            let of_lot = lines.iter().filter(|line| line.lot_id == lot);
            Hundredths::sum(of_lot.map(|line| line.used))
                .map_err(|_| LedgerError::Corrupt("a sum of credits"))
        };
        let used: BTreeSet<LotId> = lines.iter().map(|line| line.lot_id).collect();
        let mut moves = Vec::new();
        for lot in used {
            let owner = lot_of(lots, lot)?.learner_id;
            let one = |kind, amount| self.move_for(judged, (owner, lot), kind, amount);
            let (before, now) = (sum(stood, lot)?, sum(lines, lot)?);
            if let Ok(back) = before.minus(now) {
                // A lot that was withdrawn has given back all of it already.
                if lot_of(lots, lot)?.withdrawn == 0 {
                    moves.push(one(MoveKind::Reverse, back));
                }
            } else {
                moves.push(one(MoveKind::Hold, now));
                moves.push(one(MoveKind::Settle, now));
            }
        }
        transfers::move_all(tx, &moves, self.now)
    }

    /// Takes back what fell of each grant and names the grant of each line.
    fn lower_grants(
        &mut self,
        tx: &mut Tx<'_>,
        judged: &Judged,
        rows: &[&LineRow],
        lines: &[DecidedLine],
    ) -> Result<Vec<Option<OutcomeId>>, LedgerError> {
        let mut grants: BTreeMap<Uuid, Option<OutcomeId>> = BTreeMap::new();
        for grant in rows.iter().filter_map(|row| row.grant_outcome_id) {
            if grants.contains_key(&grant) {
                continue;
            }
            let of_grant = rows.iter().zip(lines);
            let of_grant = of_grant.filter(|(row, _)| row.grant_outcome_id == Some(grant));
            let (mut before, mut now) = (0_i64, 0_i64);
            for (row, line) in of_grant {
                before = before.saturating_add(row.granted);
                now = now.saturating_add(line.granted.get());
            }
            let kept = OutcomeId::from_uuid(grant);
            let stands = if now < before {
                let now = hundredths(now, "conversion_lines.granted")?;
                self.lower_grant(tx, judged, kept, now)?
            } else {
                Some(kept)
            };
            grants.insert(grant, stands);
        }
        let of_line = rows.iter().zip(lines).map(|(row, line)| {
            let grant = row.grant_outcome_id.filter(|_| !line.granted.is_zero())?;
            grants.get(&grant).copied().flatten()
        });
        Ok(of_line.collect())
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

    /// Takes whole lines back: what they used is given back, their grants fall.
    pub(super) fn take_back(
        &mut self,
        tx: &mut Tx<'_>,
        judged: &Judged,
        rows: &[&LineRow],
        document: &str,
    ) -> Result<Vec<RevisedLine>, LedgerError> {
        let mut revised = Vec::new();
        let mut moves = Vec::new();
        let mut grants = BTreeSet::new();
        for row in rows {
            let stood = row.decided()?;
            let owner = LearnerId::from_uuid(row.lot_learner_id);
            let lot = (owner, stood.lot_id);
            moves.push(self.move_for(judged, lot, MoveKind::Reverse, stood.used));
            grants.extend(row.grant_outcome_id.map(OutcomeId::from_uuid));
            revised.push(RevisedLine {
                line_no: row.line_no,
                revision_no: row.revision_no.saturating_add(1),
                line: reversed_line(stood, document),
                held: Hundredths::ZERO,
                lot_learner_id: owner,
                grant: None,
            });
        }
        transfers::move_all(tx, &moves, self.now)?;
        for grant in grants {
            self.lower_grant(tx, judged, grant, Hundredths::ZERO)?;
        }
        Ok(revised)
    }

    /// Takes a grant back; what is still granted is posted in its place.
    fn lower_grant(
        &mut self,
        tx: &mut Tx<'_>,
        judged: &Judged,
        grant: OutcomeId,
        granted: Hundredths,
    ) -> Result<Option<OutcomeId>, LedgerError> {
        let outcome = standing_outcomes::find(tx.conn(), judged.learner_id, grant)?;
        let missing = LedgerError::Corrupt("conversion_lines.grant_outcome_id");
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

    /// An open request's lines of a lot: proposed again with the lot that took its place, which is
    /// held instead. Without one they stay as they were proposed and will be refused. The proposal
    /// looks at this lot alone; the decision will look at all of them together.
    fn propose_again(
        &self,
        tx: &mut Tx<'_>,
        judged: &Judged,
        rows: &[&LineRow],
        heir: LotId,
    ) -> Result<Vec<RevisedLine>, LedgerError> {
        let lots = lock_kin(tx, &[judged.learner_id])?;
        let day = bank_day(judged.row.requested_at);
        let lot = lot_of(&lots, heir)?;
        let frameworks = level_frameworks::on(tx.conn(), day)?;
        let candidate = candidate(lot, state_of(lot, day)?, &frameworks)?;
        let history = judged.history(tx)?;
        let (rule_set, programme) = (&judged.rule_set, &judged.programme);
        let candidates = std::slice::from_ref(&candidate);
        let decision = decide(candidates, rule_set, programme, &history, day)
            .map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
        let mut held = Hundredths::ZERO;
        if matches!(candidate.state, LotState::Usable(_)) {
            held = requested_amount(rule_set, &candidate);
            let hold = self.move_for(judged, (lot.learner_id, heir), MoveKind::Hold, held);
            transfers::move_all(tx, &[hold], self.now)?;
        }
        let mut revised = Vec::new();
        for row in rows {
            let stood = row.decided()?;
            revised.push(RevisedLine {
                line_no: row.line_no,
                revision_no: row.revision_no.saturating_add(1),
                line: line_of(&decision.lines, &stood, &candidate),
                held: std::mem::take(&mut held),
                lot_learner_id: lot.learner_id,
                grant: None,
            });
        }
        Ok(revised)
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
                held: one.held,
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

/// The lines that used something, those of each application of a rule together. Two applications
/// share neither a lot nor a course.
fn applications(lines: &[LineRow]) -> Vec<Vec<&LineRow>> {
    let mut applications: Vec<Vec<&LineRow>> = Vec::new();
    for line in lines.iter().filter(|line| line.used > 0) {
        let akin = |other: &&LineRow| {
            other.lot_id == line.lot_id || other.target_entry_id == line.target_entry_id
        };
        let (with, others): (Vec<_>, Vec<_>) = applications
            .into_iter()
            .partition(|application| application.iter().any(akin));
        applications = others;
        let mut joint: Vec<&LineRow> = with.into_iter().flatten().collect();
        joint.push(line);
        joint.sort_by_key(|line| line.line_no);
        applications.push(joint);
    }
    applications.sort_by_key(|application| application.first().map(|line| line.line_no));
    applications
}

/// The lot that took an old one's place, the old one as withdrawn, or as it stays.
fn candidate_now(
    (lots, frameworks): (&[ConvertibleLot], &Frameworks),
    stood: &[DecidedLine],
    old: LotId,
    replaced: &BTreeMap<LotId, Option<LotId>>,
    day: NaiveDate,
) -> Result<Candidate, LedgerError> {
    match replaced.get(&old) {
        Some(None) => candidate(lot_of(lots, old)?, LotState::Withdrawn, frameworks),
        Some(Some(heir)) if *heir != old => {
            let lot = lot_of(lots, *heir)?;
            candidate(lot, state_of(lot, day)?, frameworks)
        }
        Some(Some(_)) | None => {
            let lot = lot_of(lots, old)?;
            let issued = hundredths(lot.issued, "lots.issued")?;
            let in_full = used_in_full(stood, old)
                .map_err(|_| LedgerError::Corrupt("a sum of credits"))?
                .min(issued);
            candidate(lot, LotState::Usable(in_full), frameworks)
        }
    }
}

/// The lines as they are to be, of the lots as they are now: never more of a lot than there is of
/// it, nor more of one that stays than it gave.
fn lines_now(
    stood: &[DecidedLine],
    heirs: &BTreeMap<LotId, &Candidate>,
    mut lines: Vec<DecidedLine>,
) -> Result<Vec<DecidedLine>, LedgerError> {
    let mut left: BTreeMap<LotId, Hundredths> = BTreeMap::new();
    for (now, before) in lines.iter_mut().zip(stood) {
        let missing = LedgerError::Corrupt("a line's lot");
        let heir = heirs.get(&before.lot_id).ok_or(missing)?;
        (now.lot_id, now.outcome_id) = (heir.lot_id, heir.outcome_id);
        let usable = match heir.state {
            LotState::Usable(usable) => usable,
            _ => Hundredths::ZERO,
        };
        let left = left.entry(now.lot_id).or_insert(usable);
        now.used = now.used.min(*left);
        if now.lot_id == before.lot_id {
            now.used = now.used.min(before.used);
        }
        *left = left.minus(now.used).unwrap_or_default();
    }
    Ok(lines)
}

/// What of a lot's new proposal belongs to a line that was proposed: the same course, or nothing of
/// it for the reason that the lot's lines give.
fn line_of(lines: &[DecidedLine], stood: &DecidedLine, candidate: &Candidate) -> DecidedLine {
    let of_lot = || lines.iter().filter(|line| line.lot_id == candidate.lot_id);
    if let Some(same) = of_lot().find(|line| line.target == stood.target) {
        return same.clone();
    }
    let near = of_lot().next().unwrap_or(stood);
    let reason = near.verdict.reason().unwrap_or(ReasonCode::Other);
    DecidedLine {
        lot_id: candidate.lot_id,
        outcome_id: candidate.outcome_id,
        rule_code: stood.rule_code.clone(),
        target: stood.target,
        requested: stood.requested,
        used: Hundredths::ZERO,
        granted: Hundredths::ZERO,
        verdict: Verdict::Refused(reason),
        ..near.clone()
    }
}
