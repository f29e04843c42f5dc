//! A step about one request or a cohort, by whichever side: under lock, walked, written down, and
//! carried out where it ends a request.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Action, Actor, Grant};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::consent::NoConsent;
use creditbank_domain::fault::Fault;
use creditbank_domain::process::{Progress, StepRefused, Turn, Verdict};
use creditbank_domain::text::bounded;
use serde_json::json;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::flows::close_requests::close_requests;
use crate::flows::judge_requests::{Judging, key};
use crate::flows::request_bases::list_closed;
use crate::flows::request_standing::refusal;
use crate::flows::request_ways::{NewStep, Ways};
use crate::store::Tx;
use crate::tables::audit_events;
use crate::tables::conversion_requests::{self, RequestRow, Side, Which};

/// A step about requests.
pub(super) struct Walk<'a> {
    pub(super) side: Side,
    pub(super) which: Which,
    /// The version that the caller has seen.
    pub(super) version: Option<u32>,
    pub(super) by: &'a Actor,
    pub(super) step: NewStep,
}

/// How many requests took the step, and how many it ended.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Walked {
    pub(super) taken: usize,
    pub(super) ended: usize,
}

/// Takes the step with every open request that can take it; `ending` says what is decided of one
/// that the step ends without a grant.
///
/// # Errors
/// [`LedgerError::NotFound`] where the side has no such request, [`LedgerError::Conflict`] where
/// none can take the step, [`LedgerError::Refused`] where somebody else has to take it.
pub(super) fn walk(
    tx: &mut Tx<'_>,
    order: &Walk<'_>,
    ending: impl Fn(&RequestRow, Turn) -> Result<Judging, LedgerError>,
    now: DateTime<Utc>,
) -> Result<Walked, LedgerError> {
    let found = conversion_requests::lock(tx, order.which, order.side)?;
    if found.is_empty() {
        return Err(LedgerError::NotFound);
    }
    let open: Vec<&RequestRow> = { found.iter() }
        .filter(|row| row.state == "requested")
        .collect();
    if open.is_empty() {
        return Err(refusal(StepRefused::Ended));
    }
    let mut ways = Ways::load(tx, &open)?;
    let mut ended: Vec<(&RequestRow, Judging)> = Vec::new();
    let mut elsewhere = None;
    let mut walked = Walked::default();
    let closed = closed_to(tx, order, &open, now)?;
    for row in open {
        let id = key(row).1;
        if let Some(ended) = closed.get(&row.request_id) {
            elsewhere = elsewhere.or(Some((*ended).into()));
            continue;
        }
        ways.must_be_at(id, order.version)?;
        let turn = ways.turn(id)?;
        match ways.take(tx, id, &order.step, now) {
            Ok(Progress::Open) => {}
            Ok(Progress::Decided(Verdict::Approve)) => {
                ended.push((row, Judging::ByTheRules(ways.not_accepted(id)?)));
            }
            Ok(Progress::Decided(Verdict::Refuse) | Progress::Ended) => {
                ended.push((row, ending(row, turn)?));
            }
            // Of a cohort those are meant that are where they can be spoken about.
            Err(LedgerError::Conflict(fault)) => {
                elsewhere = elsewhere.or(Some(fault));
                continue;
            }
            Err(error) => return Err(error),
        }
        walked.taken = walked.taken.saturating_add(1);
    }
    if let Some(fault) = elsewhere.filter(|_| walked.taken == 0) {
        return Err(LedgerError::Conflict(fault));
    }
    walked.ended = ended.len();
    close_requests(tx, order.by, &ended, now)?;
    ways.save(tx, now)?;
    Ok(walked)
}

/// What a reviewer of the receiving institution has no right to see any more, and so not to speak
/// about. Nobody else needs one.
fn closed_to(
    tx: &mut Tx<'_>,
    order: &Walk<'_>,
    open: &[&RequestRow],
    now: DateTime<Utc>,
) -> Result<HashMap<Uuid, NoConsent>, LedgerError> {
    if !matches!(order.side, Side::Receiving(_)) || order.step.hand.is_none() {
        return Ok(HashMap::new());
    }
    let ids: Vec<Uuid> = open.iter().map(|row| row.request_id).collect();
    list_closed(tx.conn(), &ids, bank_day(now))
}

/// Notes in the audit log what a grant was used for.
pub(super) fn note<A: Action>(
    tx: &mut Tx<'_>,
    grant: &Grant<A>,
    which: Which,
    walked: Walked,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let subject = match which {
        Which::One(id) => ("request", Some(id.as_uuid())),
        Which::Cohort(id) => ("cohort", Some(id.as_uuid())),
    };
    let figures = json!({ "taken": walked.taken, "decided": walked.ended });
    audit_events::insert(tx, grant, subject, &figures, now)
}

/// What somebody says, bounded before it is kept.
pub(super) fn said(text: &str) -> Result<String, LedgerError> {
    bounded("the text", text, 500).map_err(|error| {
        let zh = "须写明理由,最多 500 字,不含控制字符";
        LedgerError::Refused(Fault::new("DECISION_TEXT", zh, error.to_string()))
    })
}
