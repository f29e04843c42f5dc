//! A draft of a rule set put to past requests: which decisions it would change, for whom, by how
//! many credits. Nothing is written.

use std::collections::HashMap;

use chrono::NaiveDate;
use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::conversion::{Changes, RuleSet, rehearse};
use creditbank_domain::ids::{LearnerId, ProgrammeId, RequestId, RuleSetId};
use diesel::pg::PgConnection;

use crate::error::LedgerError;
use crate::flows::replay::known_rule_set;
use crate::store::Ledger;
use crate::tables::conversion_inputs::{self, Decided, KeptInputs};
use crate::tables::{learners, rule_sets};

/// How many decisions are read at once.
const PAGE: i64 = 500;

/// How many changed decisions are told one by one; all of them are counted.
pub const REHEARSED_TOLD_MAX: usize = 1_000;

/// What a draft would change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RehearsalView {
    /// Requests that were decided again.
    pub requests: u64,
    /// Those that would be decided otherwise.
    pub changed: u64,
    /// Credits granted by the decisions as they were.
    pub granted_before: Hundredths,
    /// Credits that the draft would grant.
    pub granted_now: Hundredths,
    /// The changed ones, the oldest first, at most [`REHEARSED_TOLD_MAX`].
    pub told: Vec<RehearsedRequest>,
}

/// A request that would be decided otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RehearsedRequest {
    /// The request.
    pub request_id: RequestId,
    /// Whose it is, all but the ends of the number hidden: `7KQ4-****-****`.
    pub learner: String,
    /// What changes.
    pub changes: Changes,
}

/// Decides past requests of the draft's institution again, by the rules of their time and by the
/// draft, each on the facts of its day. Requests for programmes that the draft is for count, by
/// whatever rule set they were decided, but none that rules for that programme alone would still
/// decide; from a day on where one is given.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is no such rule set.
pub fn rehearse_rule_set(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    draft: RuleSetId,
    since: Option<NaiveDate>,
) -> Result<RehearsalView, LedgerError> {
    let draft = ledger.read(grant, |conn| rule_sets::find(conn, draft))?;
    let draft = draft.ok_or(LedgerError::NotFound)?.rule_set;
    let which = Decided {
        receiving: Some(draft.receiving),
        code: None,
        since,
    };
    let mut view = RehearsalView::default();
    let mut known = HashMap::new();
    let mut after = None;
    loop {
        let page = ledger.read_snapshot(grant, |conn| {
            let page = conversion_inputs::list_decided(conn, &which, after, PAGE)?;
            for kept in &page {
                known_rule_set(conn, kept.rule_set_id, &mut known)?;
            }
            let learners = masked(conn, &page)?;
            Ok((page, learners))
        })?;
        let (page, learners) = page;
        let Some(last) = page.last() else {
            return Ok(view);
        };
        after = Some(last.request_id);
        for kept in &page {
            let rules_then = known.get(&kept.rule_set_id);
            let rules_then = rules_then.ok_or(LedgerError::Corrupt("a rule set"))?;
            if !would_decide(&draft, rules_then, kept.inputs.programme.id) {
                continue;
            }
            let overflow = |_| LedgerError::Corrupt("a sum of credits");
            let old = kept.inputs.decide(rules_then).map_err(overflow)?;
            let new = kept.inputs.decide(&draft).map_err(overflow)?;
            let changes = rehearse(&old, &new);
            view.requests = view.requests.saturating_add(1);
            view.granted_before = view.granted_before.plus(old.total).map_err(overflow)?;
            view.granted_now = view.granted_now.plus(new.total).map_err(overflow)?;
            if changes.is_empty() {
                continue;
            }
            view.changed = view.changed.saturating_add(1);
            if view.told.len() < REHEARSED_TOLD_MAX {
                view.told.push(RehearsedRequest {
                    request_id: kept.request_id,
                    learner: learners.get(&kept.learner_id).cloned().unwrap_or_default(),
                    changes,
                });
            }
        }
    }
}

/// Whether the draft would have decided in the place of the rules that did: those of its own code,
/// those for every programme where it names this one, or others as general as it is.
fn would_decide(draft: &RuleSet, then: &RuleSet, programme: ProgrammeId) -> bool {
    draft.is_for(programme)
        && (draft.code == then.code || !draft.programmes.is_empty() || then.programmes.is_empty())
}

/// What the learners of some decisions are called in the answer.
fn masked(
    conn: &mut PgConnection,
    page: &[KeptInputs],
) -> Result<HashMap<LearnerId, String>, LedgerError> {
    let ids: Vec<LearnerId> = page.iter().map(|kept| kept.learner_id).collect();
    let found = learners::list_by_ids(conn, &ids)?;
    Ok(found
        .into_iter()
        .map(|found| (found.asked.learner_id, found.asked.learner_no.masked()))
        .collect())
}
