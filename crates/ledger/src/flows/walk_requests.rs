//! A step about one request, a list of them or a cohort, by whichever side: under lock, walked, written down, and
//! carried out where it ends a request.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Action, Actor, Grant};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::consent::NoConsent;
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::RequestId;
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

/// The versions that the caller has seen; of what is not named any will do.
pub(super) type Seen = HashMap<RequestId, u32>;

/// A step about requests.
pub(super) struct Walk<'a> {
    pub(super) side: Side,
    pub(super) which: Which<'a>,
    pub(super) seen: Seen,
    pub(super) by: &'a Actor,
    pub(super) step: NewStep,
}

/// Which requests took the step, how many it ended, and why others of several did not take it.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) taken: Vec<RequestId>,
    pub(super) ended: usize,
    pub(super) refused: Vec<(RequestId, Fault)>,
}

/// What one request was seen at, where one was.
pub(super) fn seen_at((request, version): (RequestId, Option<u32>)) -> Seen {
    version
        .map(|version| (request, version))
        .into_iter()
        .collect()
}

/// Takes the step with every open request that can take it; `ending` says what is decided of one
/// that the step ends without a grant.
///
/// Of a cohort those are meant that are where they can be spoken about. Of a list each one is
/// answered for itself: what cannot take the step keeps nothing else from it.
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
    let each = matches!(order.which, Which::These(_));
    if found.is_empty() && !each {
        return Err(LedgerError::NotFound);
    }
    let mut walked = Walked::default();
    let (open, closed): (Vec<&RequestRow>, Vec<&RequestRow>) =
        { found.iter() }.partition(|row| row.state == "requested");
    if each {
        walked.refused = missing(order.which, &found);
        for row in closed {
            let fault = Fault::from(StepRefused::Ended);
            walked.refused.push((key(row).1, fault));
        }
    } else if open.is_empty() {
        return Err(refusal(StepRefused::Ended));
    }
    let mut ways = Ways::load(tx, &open)?;
    let mut ended: Vec<(&RequestRow, Judging)> = Vec::new();
    let mut elsewhere = None;
    let hidden = closed_to(tx, order, &open, now)?;
    for row in open {
        let id = key(row).1;
        let shown = hidden
            .get(&row.request_id)
            .map_or(Ok(()), |ended| Err(LedgerError::Conflict((*ended).into())));
        match shown.and_then(|()| take(tx, &mut ways, (order, row), &ending, now)) {
            Ok(judging) => {
                ended.extend(judging.map(|judging| (row, judging)));
                walked.taken.push(id);
            }
            Err(error) if each => walked.refused.push((id, error.about_one()?)),
            Err(LedgerError::Conflict(fault)) => elsewhere = elsewhere.or(Some(fault)),
            Err(error) => return Err(error),
        }
    }
    if let Some(fault) = elsewhere.filter(|_| walked.taken.is_empty()) {
        return Err(LedgerError::Conflict(fault));
    }
    walked.ended = ended.len();
    close_requests(tx, order.by, &mut ended, now)?;
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

/// Takes the step with one request; gives how it is to be judged where that ends it.
fn take(
    tx: &mut Tx<'_>,
    ways: &mut Ways,
    (order, row): (&Walk<'_>, &RequestRow),
    ending: &impl Fn(&RequestRow, Turn) -> Result<Judging, LedgerError>,
    now: DateTime<Utc>,
) -> Result<Option<Judging>, LedgerError> {
    let id = key(row).1;
    refuse_where_a_school_asked(order.side, row)?;
    ways.must_be_at(id, order.seen.get(&id).copied())?;
    let turn = ways.turn(id)?;
    Ok(match ways.take(tx, id, &order.step, now)? {
        Progress::Open => None,
        Progress::Decided(Verdict::Approve) => Some(Judging::ByTheRules(ways.not_accepted(id)?)),
        Progress::Decided(Verdict::Refuse) | Progress::Ended => Some(ending(row, turn)?),
    })
}

/// What of a list the side does not have.
fn missing(which: Which<'_>, found: &[RequestRow]) -> Vec<(RequestId, Fault)> {
    let Which::These(ids) = which else {
        return Vec::new();
    };
    let there: HashSet<RequestId> = found.iter().map(|row| key(row).1).collect();
    let missing = ids.iter().filter(|id| !there.contains(id));
    missing
        .filter_map(|id| Some((*id, LedgerError::NotFound.about_one().ok()?)))
        .collect()
}

/// What a school sent the learner sees, and the school answers or takes back.
pub(super) fn refuse_where_a_school_asked(side: Side, row: &RequestRow) -> Result<(), LedgerError> {
    if matches!(side, Side::Learner(_)) && row.requesting_institution_id.is_some() {
        return Err(LedgerError::Refused(Fault::new(
            "ASKED_BY_SCHOOL",
            "该申请由学校提出,请联系学校办理",
            "a school sent the request; ask the school to do that",
        )));
    }
    Ok(())
}

/// Notes in the audit log what a grant was used for.
pub(super) fn note<A: Action>(
    tx: &mut Tx<'_>,
    grant: &Grant<A>,
    which: Which<'_>,
    walked: &Walked,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let subject = match which {
        Which::One(id) => ("request", Some(id.as_uuid())),
        Which::Cohort(id) => ("cohort", Some(id.as_uuid())),
        Which::These(_) => ("requests", None),
    };
    let figures = json!({ "taken": walked.taken.len(), "decided": walked.ended });
    audit_events::insert(tx, grant, subject, &figures, now)
}

/// What somebody says, bounded before it is kept.
pub(super) fn said(text: &str) -> Result<String, LedgerError> {
    bounded("the text", text, 500).map_err(|error| {
        let zh = "须写明理由,最多 500 字,不含控制字符";
        LedgerError::Refused(Fault::new("DECISION_TEXT", zh, error.to_string()))
    })
}
