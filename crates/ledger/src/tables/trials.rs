//! What `outcomes` would do, asked without doing it: a dry run reads here what posting writes.

use std::collections::HashSet;

use creditbank_domain::ids::{EntryId, LearnerId, LotId, OutcomeId};
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::outcomes::PlannedOutcome;

/// The outcomes whose source references nobody has.
pub(crate) fn free_sources(
    tx: &mut Tx<'_>,
    planned: &[PlannedOutcome],
) -> Result<Vec<OutcomeId>, LedgerError> {
    #[derive(QueryableByName)]
    struct TakenRow {
        #[diesel(sql_type = SqlUuid)]
        institution_id: Uuid,
        #[diesel(sql_type = Text)]
        source_ref: String,
    }
    let institutions: Vec<Uuid> = planned.iter().map(|p| p.institution_id.as_uuid()).collect();
    let refs: Vec<&str> = planned.iter().map(|p| p.source_ref.as_str()).collect();
    let rows: Vec<TakenRow> = diesel::sql_query(
        "select institution_id, source_ref \
         from unnest($1::uuid[], $2::text[]) as p (institution_id, source_ref) \
         join outcome_sources using (institution_id, source_ref)",
    )
    .bind::<Array<SqlUuid>, _>(institutions)
    .bind::<Array<Text>, _>(refs)
    .load(tx.conn())?;
    let taken: HashSet<(Uuid, &str)> = rows
        .iter()
        .map(|row| (row.institution_id, row.source_ref.as_str()))
        .collect();
    let free = planned
        .iter()
        .filter(|p| !taken.contains(&(p.institution_id.as_uuid(), p.source_ref.as_str())));
    Ok(free.map(|p| p.outcome_id).collect())
}

/// The lots that these outcomes would be given: of an entry that counts once, the first one of a
/// learner who has not been credited for it. The new learners have nothing yet.
pub(crate) fn lots_to_be_issued(
    tx: &mut Tx<'_>,
    planned: &[&PlannedOutcome],
    new: &HashSet<LearnerId>,
) -> Result<Vec<LotId>, LedgerError> {
    let mut credited = credited(tx, planned, new)?;
    let mut lots: Vec<_> = planned
        .iter()
        .flat_map(|outcome| outcome.lots.iter().map(|(id, lot)| (*outcome, *id, lot)))
        .collect();
    // Lots are numbered as their outcomes came.
    lots.sort_by_key(|(_, id, _)| *id);
    let issued = lots.into_iter().filter(|(outcome, _, lot)| {
        let unit = lot.amount.unit().as_str().to_owned();
        outcome.repeatable || credited.insert((outcome.learner_id, outcome.entry_id, unit))
    });
    Ok(issued.map(|(_, id, _)| id).collect())
}

type Credited = HashSet<(LearnerId, EntryId, String)>;

/// What the known ones of these learners have been credited for, of these entries.
fn credited(
    tx: &mut Tx<'_>,
    planned: &[&PlannedOutcome],
    new: &HashSet<LearnerId>,
) -> Result<Credited, LedgerError> {
    #[derive(QueryableByName)]
    struct CreditedRow {
        #[diesel(sql_type = SqlUuid)]
        learner_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        entry_id: Uuid,
        #[diesel(sql_type = Text)]
        unit: String,
    }
    let mut once: Vec<(Uuid, Uuid)> = planned
        .iter()
        .filter(|one| !one.repeatable && !one.lots.is_empty() && !new.contains(&one.learner_id))
        .map(|one| (one.learner_id.as_uuid(), one.entry_id.as_uuid()))
        .collect();
    if once.is_empty() {
        return Ok(HashSet::new());
    }
    once.sort_unstable();
    once.dedup();
    let (learners, entries): (Vec<Uuid>, Vec<Uuid>) = once.into_iter().unzip();
    let rows: Vec<CreditedRow> = diesel::sql_query(
        "select l.learner_id, l.credits_entry_id as entry_id, l.unit \
         from unnest($1::uuid[], $2::uuid[]) as w (learner_id, entry_id) \
         join lots l on l.learner_id = w.learner_id and l.credits_entry_id = w.entry_id \
         where l.withdrawn = 0",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<SqlUuid>, _>(entries)
    .load(tx.conn())?;
    let found = rows.into_iter().map(|row| {
        let learner = LearnerId::from_uuid(row.learner_id);
        (learner, EntryId::from_uuid(row.entry_id), row.unit)
    });
    Ok(found.collect())
}
