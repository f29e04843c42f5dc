//! What `domain::conversion::decide` needs to know, read for many learners at once.

use std::collections::HashMap;

use chrono::NaiveDate;
use creditbank_domain::amount::Hundredths;
use creditbank_domain::conversion::{History, LotState, PastSource, Programme, RuleSet};
use creditbank_domain::ids::{EntryId, InstitutionId, LearnerId, LotId, OutcomeId};
use diesel::pg::PgConnection;

use crate::error::LedgerError;
use crate::tables::lots::{self, ConvertibleLot};
use crate::tables::{conversion_lines, hundredths, parsed};

/// What was granted to each learner in a programme before.
pub(super) fn histories(
    conn: &mut PgConnection,
    learners: &[LearnerId],
    programme: &Programme,
    rule_set: &RuleSet,
) -> Result<HashMap<LearnerId, History>, LedgerError> {
    let mut histories: HashMap<LearnerId, History> = HashMap::new();
    for row in conversion_lines::list_granted_in(conn, learners, programme.id)? {
        let learner = LearnerId::from_uuid(row.learner_id);
        let source = PastSource {
            outcome_id: OutcomeId::from_uuid(row.outcome_id),
            category: parsed(&row.category, "catalogue_versions.category")?,
            issuer: InstitutionId::from_uuid(row.institution_id),
            awarded_on: row.awarded_on,
        };
        let granted = hundredths(row.granted, "conversion_lines.granted")?;
        let course = EntryId::from_uuid(row.target_entry_id);
        let history = histories.entry(learner).or_default();
        history
            .grant(course, granted, Some(source))
            .map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
    }
    let effects = rule_set.rules.iter().flat_map(|rule| &rule.effects);
    let courses: Vec<EntryId> = effects.map(|effect| effect.course).collect();
    for (learner, entry) in lots::list_credited_entries(conn, learners, &courses)? {
        histories.entry(learner).or_default().courses.insert(entry);
    }
    Ok(histories)
}

/// Whether a lot can be used by a new request, on a day.
pub(super) fn state_of(lot: &ConvertibleLot, today: NaiveDate) -> Result<LotState, LedgerError> {
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
pub(super) fn lot_of(lots: &[ConvertibleLot], id: LotId) -> Result<&ConvertibleLot, LedgerError> {
    lots.iter()
        .find(|lot| lot.lot_id == id)
        .ok_or(LedgerError::Corrupt("a line's lot"))
}
