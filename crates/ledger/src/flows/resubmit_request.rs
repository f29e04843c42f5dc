//! A request that ended without a decision is asked again, as a new one that names it.
//!
//! Whoever took it back, or did not answer in time, may ask again; what was decided may not: a
//! refused request stays refused, and against that there is an appeal.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, RequestConversion, View};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{CohortId, LearnerId, OutcomeId, RequestId};
use creditbank_domain::process::StepKind;
use creditbank_domain::text::InstitutionCode;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::applicant::Applicant;
use crate::flows::judge_requests::key;
use crate::flows::learner_groups::Groups;
use crate::flows::prepare_requests::Wanted;
use crate::flows::request_conversion::ask;
use crate::flows::request_rules::{Target, rules_for};
use crate::flows::walk_requests::{refuse_where_a_school_asked, said};
use crate::new_id::new_id;
use crate::reads::{RequestView, request_view};
use crate::store::{Ledger, Tx};
use crate::tables::conversion_requests::{self, RequestRow, Which};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::{audit_events, conversion_lines, request_steps, resubmissions};

/// Asks again for the same outcomes, by the rules of today, once for an idempotency key and once
/// for all.
///
/// # Errors
/// [`LedgerError::NotFound`] where they have no such request, [`LedgerError::Refused`] where it was
/// decided, is open, or nothing of it can be asked for, [`LedgerError::Conflict`] where it was
/// asked again before.
pub fn resubmit_request_once(
    ledger: &Ledger,
    grant: &Grant<RequestConversion>,
    request_id: RequestId,
    text: &str,
    request: &Once<'_, RequestView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    let applicant = Applicant::of(grant)?;
    once(ledger, grant, request, now, |tx| {
        let text = said(text)?;
        let found = conversion_requests::lock(tx, Which::One(request_id), applicant.side())?;
        let row = found.first().ok_or(LedgerError::NotFound)?;
        refuse_where_a_school_asked(applicant.side(), row)?;
        must_have_ended_undecided(tx, row)?;
        applicant.refuse_unless_active(tx)?;
        let target = Target {
            receiving: InstitutionCode::new(&row.receiving_code)
                .map_err(|_| LedgerError::Corrupt("institutions.code"))?,
            programme: row.programme_code.clone(),
            rule_set: None,
        };
        let basis = rules_for(tx.conn(), &target, bank_day(now))?;
        let wanted = same_outcomes(tx, row)?;
        let cohort = CohortId::from_uuid(new_id());
        let by = (applicant, grant.actor());
        let asked = ask(tx, by, (&basis, cohort), &[wanted], now)?;
        let Some(again) = asked.requests.first() else {
            let mut rejected = asked.rejected.into_iter();
            let fault = rejected.next().map(|one| one.fault);
            return Err(fault.map_or(LedgerError::NotFound, LedgerError::Refused));
        };
        let new = (again.learner_id, again.request_id);
        if !resubmissions::insert(tx, new, key(row), &text)? {
            return Err(LedgerError::Conflict(again_before()));
        }
        let subject = ("request", Some(new.1.as_uuid()));
        let figures = json!({ "resubmits": request_id });
        audit_events::insert(tx, grant, subject, &figures, now)?;
        let rows = conversion_requests::list(tx.conn(), Which::One(new.1), View::Whole)?;
        request_view(tx.conn(), rows)
    })
}

/// What the earlier request named, for whoever the learner is shown as.
fn same_outcomes(tx: &mut Tx<'_>, row: &RequestRow) -> Result<Wanted, LedgerError> {
    let (learner, _) = key(row);
    let lines = conversion_lines::list_standing(tx.conn(), &[key(row)])?;
    let mut outcomes: Vec<OutcomeId> = { lines.iter() }
        .map(|line| OutcomeId::from_uuid(line.outcome_id))
        .collect();
    outcomes.sort_unstable();
    outcomes.dedup();
    let groups = Groups::of(tx.conn(), &[learner])?;
    let learner_id: LearnerId = groups.survivor(learner);
    Ok(Wanted {
        position: 0,
        learner_id,
        outcomes,
        basis: None,
        courses: Vec::new(),
    })
}

fn must_have_ended_undecided(tx: &mut Tx<'_>, row: &RequestRow) -> Result<(), LedgerError> {
    let steps = request_steps::list(tx.conn(), &[key(row)])?;
    let last = steps.last().and_then(|step| StepKind::named(&step.kind));
    match last {
        Some(StepKind::Withdrawn | StepKind::Lapsed) => Ok(()),
        _ if row.state == "requested" => Err(LedgerError::Refused(Fault::new(
            "REQUEST_STILL_OPEN",
            "申请尚在办理中,撤回后方可重新提交",
            "the request is open; it is asked again once it was taken back",
        ))),
        _ => Err(LedgerError::Refused(Fault::new(
            "DECIDED_NOT_RESUBMITTED",
            "已作出决定的申请不再重新提交;对被拒绝或核减的部分可以申诉",
            "a decided request is not asked again; against what was refused or cut there is an appeal",
        ))),
    }
}

fn again_before() -> Fault {
    Fault::new(
        "RESUBMITTED_ALREADY",
        "该申请已重新提交过",
        "the request was asked again before",
    )
}
