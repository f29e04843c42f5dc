//! An appeal: what a request refused or cut is asked once more, of other people.
//!
//! A decided request never changes, so an appeal is a request of its own, by the same rule set and
//! for the same day. It holds again what is left of the lots.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, RequestConversion, View};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::conversion::decide;
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{
    CohortId, InstitutionId, OutcomeId, ProgrammeId, RequestId, RuleSetId,
};
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::applicant::Applicant;
use crate::flows::comparisons::Comparisons;
use crate::flows::judge_requests::key;
use crate::flows::learner_groups::{joint_histories, lock_joint_lots};
use crate::flows::prepare_requests::{Prepared, choose};
use crate::flows::request_bases::inherit;
use crate::flows::store_requests::{send, store};
use crate::flows::walk_requests::said;
use crate::new_id::new_id;
use crate::reads::{RequestView, request_view};
use crate::store::{Ledger, Tx};
use crate::tables::conversion_requests::{self, NewCohort, RequestRow, Which};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::{
    audit_events, conversion_lines, programmes, request_steps, rule_sets, work_calendar,
};

/// Working days after a decision in which it may be appealed against (rules of the field, 9.7).
const APPEAL_DAYS: u32 = 10;

/// Why a decision is appealed against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppealOrder {
    /// For the reviewers to read, without personal data.
    pub text: String,
}

/// Appeals against the school's own request, or against any of the learner's, once for an
/// idempotency key and once for all.
///
/// # Errors
/// [`LedgerError::NotFound`] where they have no such request, [`LedgerError::Refused`] where
/// nothing of it was refused, its time is over, it is an appeal itself or nothing of its lots is
/// left, [`LedgerError::Conflict`] where it was appealed against before.
pub fn appeal_request_once(
    ledger: &Ledger,
    grant: &Grant<RequestConversion>,
    request_id: RequestId,
    order: &AppealOrder,
    request: &Once<'_, RequestView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        let text = said(&order.text)?;
        let applicant = Applicant::of(grant)?;
        let found = conversion_requests::lock(tx, Which::One(request_id), applicant.side())?;
        let row = found.first().ok_or(LedgerError::NotFound)?;
        may_be_appealed(tx, row, bank_day(now))?;
        let cohort = NewCohort {
            cohort_id: CohortId::from_uuid(new_id()),
            requesting: applicant.school(),
            receiving: InstitutionId::from_uuid(row.receiving_institution_id),
            programme_id: ProgrammeId::from_uuid(row.programme_id),
            rule_set_id: RuleSetId::from_uuid(row.rule_set_id),
            requested_by: grant.actor().client,
            // Said by its one stage, as it is sent.
            hold_expires_at: now,
            judged_on: Some(row.judged_on()),
        };
        let appeal = ask_again(tx, row, &cohort, now)?;
        let (learner_id, appeal_id) = (appeal.learner_id, appeal.request_id);
        if !request_steps::insert_appeal(tx, learner_id, (appeal_id, request_id), &text)? {
            return Err(LedgerError::Conflict(appealed_before()));
        }
        inherit(tx, grant.actor(), request_id, (learner_id, appeal_id), now)?;
        send(tx, grant.actor(), &cohort, &[appeal], now)?;
        let subject = ("request", Some(appeal_id.as_uuid()));
        let figures = json!({ "appeals": request_id });
        audit_events::insert(tx, grant, subject, &figures, now)?;
        let rows = conversion_requests::list(tx.conn(), Which::One(appeal_id), View::Whole)?;
        request_view(tx.conn(), rows)
    })
}

fn may_be_appealed(tx: &mut Tx<'_>, row: &RequestRow, today: NaiveDate) -> Result<(), LedgerError> {
    let refused =
        |code, zh: String, en: String| Err(LedgerError::Refused(Fault::new(code, zh, en)));
    let decided = row
        .decided_at
        .filter(|_| matches!(row.state.as_str(), "refused" | "partly"));
    let Some(decided_at) = decided else {
        return refused(
            "NOTHING_TO_APPEAL",
            "只有被拒绝或部分批准的申请可以申诉".to_owned(),
            "a request can be appealed against that was refused or granted in part".to_owned(),
        );
    };
    if !request_steps::list_appealed(tx.conn(), &[key(row)])?.is_empty() {
        return refused(
            "APPEAL_ONCE",
            "申诉只有一次,对申诉的决定为最终决定".to_owned(),
            "there is one appeal; the decision about it is final".to_owned(),
        );
    }
    let decided_on = bank_day(decided_at);
    let last = work_calendar::load(tx.conn())?.after(decided_on, APPEAL_DAYS);
    if let Some(last) = last.filter(|last| today > *last) {
        return refused(
            "APPEAL_TOO_LATE",
            format!("申诉期为 {APPEAL_DAYS} 个工作日:{decided_on} 决定,截至 {last}"),
            format!(
                "an appeal has {APPEAL_DAYS} working days: decided on {decided_on}, the last was {last}"
            ),
        );
    }
    Ok(())
}

/// Makes out and stores a request for what the other one did not grant in full.
fn ask_again(
    tx: &mut Tx<'_>,
    row: &RequestRow,
    cohort: &NewCohort,
    now: DateTime<Utc>,
) -> Result<Prepared, LedgerError> {
    let (learner_id, _) = key(row);
    let missing = LedgerError::Corrupt("conversion_requests");
    let programme = programmes::find(tx.conn(), cohort.programme_id)?;
    let stored = rule_sets::find(tx.conn(), cohort.rule_set_id)?;
    let (Some(programme), Some(stored)) = (programme, stored) else {
        return Err(missing);
    };
    let lines = conversion_lines::list_standing(tx.conn(), &[key(row)])?;
    let wanted: BTreeSet<OutcomeId> = { lines.iter() }
        .filter(|line| line.granted < line.requested || line.requested == 0)
        .map(|line| OutcomeId::from_uuid(line.outcome_id))
        .collect();
    let wanted: Vec<OutcomeId> = wanted.into_iter().collect();
    let (groups, lots) = lock_joint_lots(tx, &[learner_id])?;
    let shown_as = groups.survivor(learner_id);
    let owners: HashMap<_, _> = lots
        .iter()
        .map(|lot| (lot.lot_id, lot.learner_id))
        .collect();
    let day = row.judged_on();
    let comparisons = Comparisons::on(tx.conn(), day, &lots)?;
    let rules = (&stored.rule_set, &comparisons);
    let candidates = choose(&lots, &wanted, cohort.requesting, rules, day)?;
    let candidates = candidates.map_err(LedgerError::Refused)?;
    let histories = joint_histories(
        tx.conn(),
        &groups,
        &[shown_as],
        &programme,
        &stored.rule_set,
    )?;
    let history = histories.get(&shown_as).cloned().unwrap_or_default();
    let decision = decide(&candidates, &stored.rule_set, &programme, &history, day)
        .map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
    let prepared = Prepared {
        position: 0,
        // An appeal stays with the account of what it appeals against.
        learner_id,
        request_id: RequestId::from_uuid(new_id()),
        candidates,
        decision,
    };
    let one = std::slice::from_ref(&prepared);
    store(tx, cohort, &stored.rule_set, one, &owners, now)?;
    Ok(prepared)
}

fn appealed_before() -> Fault {
    Fault::new(
        "APPEALED_ALREADY",
        "该申请已提出过申诉",
        "the request was appealed against before",
    )
}
