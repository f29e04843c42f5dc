//! A decision made again from what it rested on: it has to say the same, word for word.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use creditbank_domain::authz::{Grant, ReadConversion, View};
use creditbank_domain::conversion::{DecidedLine, ENGINE, RuleSet};
use creditbank_domain::ids::{RequestId, RuleSetId};
use diesel::pg::PgConnection;

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::conversion_inputs::{self, Decided, KeptInputs};
use crate::tables::conversion_lines;
use crate::tables::conversion_requests::{self, Which};
use crate::tables::rule_sets;

/// How many decisions are read at once.
const PAGE: i64 = 500;

/// What came of making a decision again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayView {
    /// The request.
    pub request_id: RequestId,
    /// The version of the engine that decided it.
    pub engine: i16,
    /// The version that made it again.
    pub engine_now: i16,
    /// The lines as they were first decided.
    pub decided: Vec<DecidedLine>,
    /// The lines as they come out now.
    pub again: Vec<DecidedLine>,
}

impl ReplayView {
    /// True where amounts, reasons and words are the same.
    #[must_use]
    pub fn is_identical(&self) -> bool {
        self.decided == self.again
    }
}

/// Makes the decision about a request again.
///
/// # Errors
/// [`LedgerError::NotFound`] where the grant does not show the request, or it was not decided by
/// the rules: not yet, by hand, or because its time had passed.
pub fn replay_decision(
    ledger: &Ledger,
    grant: &Grant<ReadConversion>,
    request: RequestId,
) -> Result<ReplayView, LedgerError> {
    ledger.read_snapshot(grant, |conn| {
        let rows = conversion_requests::list(conn, Which::One(request), grant.view())?;
        if rows.is_empty() {
            return Err(LedgerError::NotFound);
        }
        let kept = conversion_inputs::find(conn, request)?.ok_or(LedgerError::NotFound)?;
        replayed(conn, kept, &mut HashMap::new())
    })
}

/// Makes every decision of the bank again and gives how many there are and those that come out
/// otherwise.
///
/// # Errors
/// [`LedgerError::NotFound`] for a grant that does not show the whole bank.
pub fn replay_all(
    ledger: &Ledger,
    grant: &Grant<ReadConversion>,
) -> Result<(u64, Vec<ReplayView>), LedgerError> {
    if grant.view() != View::Whole {
        return Err(LedgerError::NotFound);
    }
    let (mut count, mut differing, mut after) = (0_u64, Vec::new(), None);
    let mut rule_sets = HashMap::new();
    loop {
        let page = ledger.read_snapshot(grant, |conn| {
            let page = conversion_inputs::list_decided(conn, &Decided::default(), after, PAGE)?;
            page.into_iter()
                .map(|kept| replayed(conn, kept, &mut rule_sets))
                .collect::<Result<Vec<_>, _>>()
        })?;
        let Some(last) = page.last() else {
            return Ok((count, differing));
        };
        after = Some(last.request_id);
        count = count.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
        differing.extend(page.into_iter().filter(|replay| !replay.is_identical()));
    }
}

fn replayed(
    conn: &mut PgConnection,
    kept: KeptInputs,
    rule_sets: &mut HashMap<RuleSetId, RuleSet>,
) -> Result<ReplayView, LedgerError> {
    let rule_set = known_rule_set(conn, kept.rule_set_id, rule_sets)?;
    let decision = kept.inputs.decide(rule_set);
    let decision = decision.map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
    let key = (kept.learner_id, kept.request_id);
    let decided = conversion_lines::list_as_decided(conn, key)?;
    Ok(ReplayView {
        request_id: kept.request_id,
        engine: kept.engine,
        engine_now: ENGINE,
        decided: decided
            .iter()
            .map(|row| row.decided())
            .collect::<Result<_, _>>()?,
        again: decision.lines,
    })
}

/// A rule set, read once.
pub(super) fn known_rule_set<'k>(
    conn: &mut PgConnection,
    id: RuleSetId,
    known: &'k mut HashMap<RuleSetId, RuleSet>,
) -> Result<&'k RuleSet, LedgerError> {
    match known.entry(id) {
        Entry::Occupied(known) => Ok(known.into_mut()),
        Entry::Vacant(place) => {
            let stored = rule_sets::find(conn, id)?;
            let missing = LedgerError::Corrupt("conversion_requests.rule_set_id");
            Ok(place.insert(stored.ok_or(missing)?.rule_set))
        }
    }
}
