//! One call decides many requests of whatever cohorts: those that are listed, or all that the rules
//! are certain of. What cannot be decided keeps nothing else from it and is told first.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{DecideConversion, Grant, View};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{InstitutionId, RequestId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::process::Mark;

use crate::error::LedgerError;
use crate::flows::decide_conversion::{DecisionOrder, decide_all};
use crate::flows::walk_requests::Seen;
use crate::reads::{RequestState, request_views};
use crate::store::{Ledger, Tx};
use crate::tables::conversion_requests::{self, Which};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::parsed;
use crate::tables::request_queue::{self, TurnRow};

/// Which requests are to be decided together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// These, each with the version that the caller has seen of it.
    These(Vec<(RequestId, Option<u32>)>),
    /// All that wait for the institution's reviewers and that the rules are certain of, so many at
    /// most; the ones due first come first.
    Certain(u32),
}

/// What became of many requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedMany {
    /// What was not decided, and why.
    pub exceptions: Vec<Exception>,
    /// What took the step: refused ones first, then those granted in part, in full, and those that
    /// wait for others.
    pub decided: Vec<DecidedRequest>,
}

/// A request that was not decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The request.
    pub request_id: RequestId,
    /// Why.
    pub fault: Fault,
}

/// A request that took the step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedRequest {
    /// The request.
    pub request_id: RequestId,
    /// Whose it is.
    pub learner_no: LearnerNo,
    /// Where it stands; `requested` where others have to speak too.
    pub state: RequestState,
    /// Its version now.
    pub version: u32,
    /// Credits asked for.
    pub requested: Hundredths,
    /// Credits given, or proposed.
    pub granted: Hundredths,
}

/// Decides many requests, once for an idempotency key.
///
/// # Errors
/// [`LedgerError::Refused`] where the institution is suspended or the decision cannot be said of
/// many; what only one request stands against is among the exceptions.
pub fn decide_many_once(
    ledger: &Ledger,
    grant: &Grant<DecideConversion>,
    chosen: &Chosen,
    order: &DecisionOrder,
    request: &Once<'_, DecidedMany>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        let (ids, seen, mut exceptions) = match chosen {
            Chosen::These(listed) => {
                let (ids, seen) = listed_once(listed);
                (ids, seen, Vec::new())
            }
            Chosen::Certain(limit) => certain(tx, grant.institution()?, *limit)?,
        };
        let walked = decide_all(tx, grant, (Which::These(&ids), seen), order, now)?;
        let refused = walked.refused.into_iter();
        exceptions.extend(refused.map(|(request_id, fault)| Exception { request_id, fault }));
        let rows = conversion_requests::list(tx.conn(), Which::These(&walked.taken), View::Whole)?;
        let mut decided = Vec::with_capacity(rows.len());
        for view in request_views(tx.conn(), rows)? {
            let sum = |of: fn(&crate::reads::LineView) -> Hundredths| {
                Hundredths::sum(view.lines.iter().map(of))
                    .map_err(|_| LedgerError::Corrupt("a sum of credits"))
            };
            decided.push(DecidedRequest {
                request_id: view.request_id,
                learner_no: view.learner_no,
                state: view.state,
                version: view.way.version,
                requested: sum(|line| line.requested)?,
                granted: sum(|line| line.granted)?,
            });
        }
        decided.sort_by_key(|one| (rank(one.state), one.request_id));
        Ok(DecidedMany {
            exceptions,
            decided,
        })
    })
}

/// Each request once, with the version that was seen of it.
fn listed_once(listed: &[(RequestId, Option<u32>)]) -> (Vec<RequestId>, Seen) {
    let mut there = HashSet::new();
    let mut seen = HashMap::new();
    let mut ids = Vec::with_capacity(listed.len());
    for (id, version) in listed {
        if there.insert(*id) {
            ids.push(*id);
        }
        seen.extend(version.map(|version| (*id, version)));
    }
    (ids, seen)
}

/// What the rules are certain of, at the versions that stand, and what somebody has to look at.
fn certain(
    tx: &mut Tx<'_>,
    receiving: InstitutionId,
    limit: u32,
) -> Result<(Vec<RequestId>, Seen, Vec<Exception>), LedgerError> {
    let (mut ids, mut exceptions) = (Vec::new(), Vec::new());
    for row in request_queue::list_waiting(tx.conn(), receiving, limit)? {
        match marked(&row)? {
            None => ids.push(RequestId::from_uuid(row.request_id)),
            Some(exception) => exceptions.push(exception),
        }
    }
    Ok((ids, Seen::new(), exceptions))
}

/// A request that a person has to look at, with the first thing to be looked at.
fn marked(row: &TurnRow) -> Result<Option<Exception>, LedgerError> {
    let Some(mark) = row.marks.first() else {
        return Ok(None);
    };
    let mark: Mark = parsed(mark, "request_steps.marks")?;
    Ok(Some(Exception {
        request_id: RequestId::from_uuid(row.request_id),
        fault: Fault::from(mark),
    }))
}

const fn rank(state: RequestState) -> u8 {
    match state {
        RequestState::Refused | RequestState::Withdrawn => 0,
        RequestState::Partly => 1,
        RequestState::Granted => 2,
        RequestState::Requested => 3,
    }
}
