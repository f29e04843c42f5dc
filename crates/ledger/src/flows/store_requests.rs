//! Requests written down and sent on their way: rows, proposals and holds, a statement each however
//! many there are.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use creditbank_domain::authz::Actor;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::conversion::{LotState, RuleSet, requested_amount};
use creditbank_domain::ids::{LearnerId, LotId};

use crate::error::LedgerError;
use crate::flows::prepare_requests::Prepared;
use crate::flows::send_requests::{SentRequest, send_requests};
use crate::store::Tx;
use crate::tables::conversion_lines::{self, NewLine, Stage};
use crate::tables::conversion_requests::{self, NewCohort, NewRequest};
use crate::tables::transfers::{self, Move, MoveKind, User};

/// Sends stored requests on their way.
pub(super) fn send(
    tx: &mut Tx<'_>,
    by: &Actor,
    cohort: &NewCohort,
    prepared: &[Prepared],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let sent: Vec<SentRequest<'_>> = prepared.iter().map(Prepared::sent).collect();
    send_requests(tx, by.hand(), cohort, &sent, now)
}

/// Stores requests, proposals and holds of a whole cohort, a statement each.
pub(super) fn store(
    tx: &mut Tx<'_>,
    cohort: &NewCohort,
    rule_set: &RuleSet,
    prepared: &[Prepared],
    owners: &HashMap<LotId, LearnerId>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let mut requests = Vec::with_capacity(prepared.len());
    let mut lines = Vec::new();
    let mut holds = Vec::new();
    let mut held = HashMap::new();
    let owner = |lot: LotId, otherwise: LearnerId| owners.get(&lot).copied().unwrap_or(otherwise);
    for one in prepared {
        let Prepared {
            learner_id,
            request_id,
            ..
        } = *one;
        requests.push(NewRequest {
            learner_id,
            request_id,
        });
        for candidate in &one.candidates {
            let amount = requested_amount(rule_set, candidate);
            if matches!(candidate.state, LotState::Usable(_)) {
                holds.push(Move {
                    learner_id: owner(candidate.lot_id, learner_id),
                    lot_id: candidate.lot_id,
                    kind: MoveKind::Hold,
                    amount,
                    user: Some(User::Request(request_id)),
                    correction: None,
                    effective_on: bank_day(now),
                });
            }
            held.insert((request_id, candidate.lot_id), amount);
        }
        for (line_no, line) in (1..).zip(&one.decision.lines) {
            lines.push(NewLine {
                learner_id,
                request_id,
                line_no,
                line,
                held: held.remove(&(request_id, line.lot_id)).unwrap_or_default(),
                lot_learner_id: owner(line.lot_id, learner_id),
                grant_outcome_id: None,
                revision: None,
            });
        }
    }
    conversion_requests::insert_all(tx, cohort, &requests, now)?;
    conversion_lines::insert_all(tx, Stage::Proposal, &lines)?;
    transfers::move_all(tx, &holds, now)
}
