//! Conversions that rested on the result of an attempt which had no lot of its own: the best
//! result over all attempts counts, so a line may stand on one attempt's grade and another's lot.

use creditbank_domain::ids::LotId;

use crate::error::LedgerError;
use crate::flows::learner_groups::Groups;
use crate::flows::unwind::Unwinding;
use crate::store::Tx;
use crate::tables::lots;
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
        for member in Groups::of(tx.conn(), &[learner])?.members(&[learner]) {
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
}
