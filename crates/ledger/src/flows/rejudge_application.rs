//! What one application of a rule was granted, judged again: it keeps its grants on the lots that
//! took the old ones' place, or they fall.

use std::collections::{BTreeMap, BTreeSet};

use creditbank_domain::amount::Hundredths;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::conversion::{Candidate, DecidedLine, rejudge, reversed_line};
use creditbank_domain::ids::{CorrectionId, EntryId, LearnerId, LotId, OutcomeId};
use creditbank_domain::recognition::NewLot;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::flows::applications::{candidate_now, lines_now};
use crate::flows::comparisons::Comparisons;
use crate::flows::conversion_inputs::lot_of;
use crate::flows::learner_groups::lock_kin;
use crate::flows::rejudge::{Judged, RevisedLine};
use crate::flows::unwind::Unwinding;
use crate::new_id::new_id;
use crate::store::Tx;
use crate::tables::conversion_lines::LineRow;
use crate::tables::corrections::Kind;
use crate::tables::lots::{self, ConvertibleLot};
use crate::tables::outcomes::PlannedOutcome;
use crate::tables::transfers::{self, MoveKind};
use crate::tables::{hundredths, standing_outcomes};

impl Unwinding<'_> {
    /// What an application of a rule was granted: what it used is used of the lots that took the
    /// old ones' place, or its grants fall; what it no longer uses of a lot that stays goes back.
    pub(super) fn judge_again(
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
        let comparisons = Comparisons::on(tx.conn(), day, &lots)?;
        // In the order in which the lots first stand, as they are judged.
        let mut old_lots: Vec<LotId> = Vec::new();
        for line in &stood {
            if !old_lots.contains(&line.lot_id) {
                old_lots.push(line.lot_id);
            }
        }
        let candidates = old_lots
            .iter()
            .map(|old| candidate_now((&lots, &comparisons), &stood, *old, replaced, day))
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
}
