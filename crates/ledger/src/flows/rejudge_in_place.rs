//! Conversions that rested on the result of an attempt which had no lot of its own: the best
//! result over all attempts counts, so a line may stand on one attempt's grade and another's lot.

use creditbank_domain::calendar::bank_day;
use creditbank_domain::conversion::{DecidedLine, LotState, rejudge_line};
use creditbank_domain::ids::{LotId, OutcomeId};

use crate::error::LedgerError;
use crate::flows::conversion_inputs::{candidate, lot_of};
use crate::flows::learner_groups::Groups;
use crate::flows::rejudge::{Judged, RevisedLine};
use crate::flows::unwind::Unwinding;
use crate::store::Tx;
use crate::tables::conversion_lines::LineRow;
use crate::tables::lots::{self, CreditLot};
use crate::tables::standing_outcomes::StandingOutcome;
use crate::tables::transfers::{self, User};

impl Unwinding<'_> {
    /// Notes whoever used the lot by which the learner is credited for an entry, where an attempt
    /// at it that has no lot is taken back.
    pub(super) fn note_users_of_entry(
        &mut self,
        tx: &mut Tx<'_>,
        attempt: &StandingOutcome,
    ) -> Result<(), LedgerError> {
        let (learner, entry) = (attempt.learner_id, attempt.entry_id);
        // The lot may be that of another account which is shown with this one.
        for member in Groups::of(tx, &[learner])?.members(&[learner]) {
            let credited: Vec<LotId> = lots::list_crediting(tx.conn(), member, entry)?;
            for one_use in transfers::list_uses(tx.conn(), member, &credited)? {
                if let (User::Request(request), true) = (one_use.user, one_use.used > 0) {
                    let lots = self.pending.entry(request).or_default();
                    lots.entry(one_use.lot_id).or_insert(Some(one_use.lot_id));
                }
            }
        }
        Ok(())
    }

    /// A decided line whose lot stays: nothing where its grant still stands, else what falls of it
    /// is taken back and what it used of the lot is given back.
    pub(super) fn judge_in_place(
        &mut self,
        tx: &mut Tx<'_>,
        judged: &Judged,
        row: &LineRow,
        lots: &[CreditLot],
    ) -> Result<Option<RevisedLine>, LedgerError> {
        let stood = row.decided()?;
        let lot = lot_of(lots, stood.lot_id)?;
        let candidate = candidate(lot, LotState::Usable(stood.requested))?;
        let fallen = rejudge_line(
            stood.granted,
            &candidate,
            &judged.rule_set,
            &judged.programme,
            &judged.history_without(tx, &stood)?,
            bank_day(judged.row.requested_at),
        );
        let fallen = fallen.map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
        let Some(line) = fallen else {
            return Ok(None);
        };
        let back = stood.granted.minus(line.granted);
        let back = DecidedLine {
            granted: back.map_err(|_| LedgerError::Corrupt("a sum of credits"))?,
            ..stood
        };
        self.give_back(tx, judged, &back, lot.learner_id)?;
        let grant = row.grant_outcome_id.map(OutcomeId::from_uuid);
        let grant = self.lower_grant(tx, judged, grant, line.granted)?;
        Ok(Some(RevisedLine {
            line_no: row.line_no,
            revision_no: row.revision_no.saturating_add(1),
            line,
            lot_learner_id: lot.learner_id,
            grant,
        }))
    }
}
