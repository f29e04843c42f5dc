//! What `domain::conversion::decide` needs to know, read for many learners at once.

use std::collections::HashMap;

use chrono::NaiveDate;
use creditbank_domain::amount::Hundredths;
use creditbank_domain::conversion::{Candidate, History, LotState, Programme, RuleSet};
use creditbank_domain::ids::{EntryId, LearnerId, LotId};

use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::lots::{self, CreditLot};
use crate::tables::{conversion_lines, hundredths};

/// What was granted to each learner in a programme before.
pub(super) fn histories(
    tx: &mut Tx<'_>,
    learners: &[LearnerId],
    programme: &Programme,
    rule_set: &RuleSet,
) -> Result<HashMap<LearnerId, History>, LedgerError> {
    let mut histories: HashMap<LearnerId, History> = HashMap::new();
    for (learner, granted) in conversion_lines::list_granted_in(tx.conn(), learners, programme.id)?
    {
        histories.entry(learner).or_default().granted =
            hundredths(granted, "conversion_lines.granted")?;
    }
    let targets: Vec<EntryId> = rule_set.rules.iter().map(|rule| rule.target).collect();
    for (learner, entry) in lots::list_credited_entries(tx.conn(), learners, &targets)? {
        histories.entry(learner).or_default().courses.insert(entry);
    }
    Ok(histories)
}

/// A lot as a candidate of which `usable` is there for the request.
pub(super) fn candidate(lot: &CreditLot, state: LotState) -> Result<Candidate, LedgerError> {
    Ok(Candidate {
        lot_id: lot.lot_id,
        outcome_id: lot.outcome_id,
        entry_id: lot.entry_id,
        level: lot.level.clone(),
        grade: lot.grade,
        awarded_on: lot.awarded_on,
        issued: hundredths(lot.issued, "lots.issued")?,
        state,
    })
}

/// Whether a lot can be used by a new request, on a day.
pub(super) fn state_of(lot: &CreditLot, today: NaiveDate) -> Result<LotState, LedgerError> {
    let available: Hundredths = hundredths(lot.available, "lots.available")?;
    Ok(if lot.withdrawn > 0 {
        LotState::Withdrawn
    } else if lot.expires_on.is_some_and(|last| last < today) {
        LotState::Expired
    } else if !available.is_zero() {
        LotState::Usable(available)
    } else if lot.held > 0 {
        LotState::HeldElsewhere
    } else {
        LotState::Used
    })
}

/// One of some lots that are known to be there.
pub(super) fn lot_of(lots: &[CreditLot], id: LotId) -> Result<&CreditLot, LedgerError> {
    lots.iter()
        .find(|lot| lot.lot_id == id)
        .ok_or(LedgerError::Corrupt("a line's lot"))
}
