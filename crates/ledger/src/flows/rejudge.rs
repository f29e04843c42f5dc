//! Conversions that rested on what a correction took back: judged again, each application of
//! a rule for itself.
//!
//! It keeps its grants where the outcome that took the old one's place still carries them, and uses
//! that outcome's lot instead; else they fall, and with them what was built on them. An open request is proposed anew with the new lot. Nothing is granted that was not.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::rc::Rc;

use creditbank_domain::amount::Hundredths;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::conversion::{
    DecidedLine, History, LotState, Programme, RuleSet, decide, requested_amount,
};
use creditbank_domain::ids::{
    EntryId, InstitutionId, LearnerId, LotId, OutcomeId, ProgrammeId, RequestId, RuleSetId,
};
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::applications::{applications, line_of};
use crate::flows::comparisons::Comparisons;
use crate::flows::conversion_inputs::{lot_of, state_of};
use crate::flows::learner_groups::{Groups, joint_histories, lock_kin};
use crate::flows::unwind::{RevisedConversion, Unwinding};
use crate::store::Tx;
use crate::tables::conversion_lines::{self, LineRow, NewLine, Revision, Stage};
use crate::tables::conversion_requests::{self, RequestRow, Which};
use crate::tables::transfers::{self, Move, MoveKind, User};
use crate::tables::{hundredths, programmes, rule_sets};

/// A request with what judging it needs.
pub(super) struct Judged {
    pub(super) row: RequestRow,
    pub(super) learner_id: LearnerId,
    pub(super) request_id: RequestId,
    pub(super) programme: Programme,
    pub(super) rule_set: Rc<RuleSet>,
}

/// The rule sets that were read for a correction: each once, however many requests name it.
pub(super) type RuleSets = BTreeMap<RuleSetId, Rc<RuleSet>>;

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
        let row = row_of(tx, request_id)?;
        Self::of(tx, row, &mut RuleSets::new())
    }

    fn of(tx: &mut Tx<'_>, row: RequestRow, known: &mut RuleSets) -> Result<Self, LedgerError> {
        let missing = || LedgerError::Corrupt("conversion_requests");
        let programme = programmes::find(tx.conn(), ProgrammeId::from_uuid(row.programme_id))?;
        let rule_set = match known.entry(RuleSetId::from_uuid(row.rule_set_id)) {
            Entry::Occupied(known) => Rc::clone(known.get()),
            Entry::Vacant(place) => {
                let stored = rule_sets::find(tx.conn(), *place.key())?.ok_or_else(missing)?;
                Rc::clone(place.insert(Rc::new(stored.rule_set)))
            }
        };
        Ok(Self {
            learner_id: LearnerId::from_uuid(row.learner_id),
            request_id: RequestId::from_uuid(row.request_id),
            row,
            programme: programme.ok_or_else(missing)?,
            rule_set,
        })
    }

    pub(super) fn lines(&self, tx: &mut Tx<'_>) -> Result<Vec<LineRow>, LedgerError> {
        conversion_lines::list_standing(tx.conn(), &[(self.learner_id, self.request_id)])
    }

    pub(super) fn institutions(&self) -> Vec<InstitutionId> {
        self.row.parties()
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
    pub(super) fn history_without(
        &self,
        tx: &mut Tx<'_>,
        courses: &[EntryId],
    ) -> Result<History, LedgerError> {
        let mut others = self.history(tx)?;
        others.without(courses);
        Ok(others)
    }
}

fn row_of(tx: &mut Tx<'_>, request_id: RequestId) -> Result<RequestRow, LedgerError> {
    let view = creditbank_domain::authz::View::Whole;
    let rows = conversion_requests::list(tx.conn(), Which::One(request_id), view)?;
    rows.into_iter().next().ok_or(LedgerError::NotFound)
}

impl Unwinding<'_> {
    /// Judges every request again that used what was withdrawn, and whatever rests on those, the
    /// oldest decision first: a grant is used only by requests that were decided after it.
    pub(super) fn carry_on(&mut self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        while !self.pending.is_empty() {
            let mut oldest: Option<RequestRow> = None;
            for request_id in self.pending.keys().copied().collect::<Vec<_>>() {
                let row = row_of(tx, request_id)?;
                let place =
                    |row: &RequestRow| (row.decided_at.is_none(), row.decided_at, row.request_id);
                if oldest.as_ref().is_none_or(|it| place(&row) < place(it)) {
                    oldest = Some(row);
                }
            }
            let Some(oldest) = oldest else { break };
            let judged = Judged::of(tx, oldest, &mut self.rule_sets)?;
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

    /// A move of somebody's lot for a request.
    pub(super) fn move_for(
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
        let day = judged.row.judged_on();
        let lot = lot_of(&lots, heir)?;
        let comparisons = Comparisons::on(tx.conn(), day, [lot])?;
        let candidate = comparisons.candidate(lot, state_of(lot, day)?)?;
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
