//! What a correction came to, for the one who made it.

use creditbank_domain::ids::{CorrectionId, LotId, OutcomeId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::reason::ReasonCode;

use crate::error::LedgerError;
use crate::flows::post_outcomes::{PostedLot, PostedOutcome};
use crate::flows::twins;
use crate::flows::unwind::{RevisedConversion, Unwinding, earned_nothing};
use crate::store::Tx;
use crate::tables::learners;
use crate::tables::outcomes::PlannedOutcome;
use crate::tables::standing_outcomes::StandingOutcome;

/// What a correction came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionView {
    /// The correction.
    pub correction_id: CorrectionId,
    /// Whose outcome it was.
    pub learner_no: LearnerNo,
    /// The outcome that stands no longer; none where a withdrawal was undone.
    pub outcome_id: Option<OutcomeId>,
    /// The outcome that stands instead.
    pub successor: Option<PostedOutcome>,
    /// Every lot that was withdrawn, those of grants among them.
    pub withdrawn: Vec<PostedLot>,
    /// The conversions that were judged again.
    pub conversions: Vec<RevisedConversion>,
}

/// Makes the view. `successor` is the outcome posted instead with the lots that it was issued.
pub(super) fn view(
    tx: &mut Tx<'_>,
    outcome: &StandingOutcome,
    unwinding: &Unwinding<'_>,
    successor: Option<(&PlannedOutcome, &[LotId])>,
) -> Result<CorrectionView, LedgerError> {
    let accounts = learners::list_by_ids(tx.conn(), &[outcome.learner_id])?;
    let shown_as = accounts.first().map(|found| found.account.learner_no);
    Ok(CorrectionView {
        correction_id: unwinding.cause.correction_id,
        learner_no: shown_as.unwrap_or(outcome.learner_no),
        outcome_id: outcome.stands.then_some(outcome.outcome_id),
        successor: successor
            .map(|(planned, issued)| posted(tx, planned, issued))
            .transpose()?,
        withdrawn: unwinding.withdrawn.clone(),
        conversions: unwinding.revised.clone(),
    })
}

fn posted(
    tx: &mut Tx<'_>,
    planned: &PlannedOutcome,
    issued: &[LotId],
) -> Result<PostedOutcome, LedgerError> {
    let accounts = learners::list_by_ids(tx.conn(), &[planned.learner_id])?;
    let account = accounts.first().ok_or(LedgerError::Corrupt(
        "a corrected outcome without an account",
    ))?;
    let lots = planned.lots.iter().filter(|(id, _)| issued.contains(id));
    let twins = twins::list(tx, &[planned.outcome_id])?;
    let twin = twins.into_iter().next().map(|(_, twin)| twin);
    let beside_twin = twin.as_ref().map(|_| ReasonCode::DuplicateName);
    Ok(PostedOutcome {
        outcome_id: planned.outcome_id,
        learner_no: account.account.learner_no,
        account_opened: false,
        lots: lots
            .map(|(lot_id, lot)| PostedLot {
                lot_id: *lot_id,
                amount: lot.amount,
                expires_on: lot.expires_on,
            })
            .collect(),
        earned_nothing: beside_twin.or_else(|| earned_nothing(planned, issued)),
        twin,
        warnings: Vec::new(),
    })
}
