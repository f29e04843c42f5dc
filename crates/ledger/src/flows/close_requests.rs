//! What ends a request: used is settled and the grant posted, the rest released, each line kept.

use chrono::{DateTime, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::Actor;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::conversion::{DecidedLine, RequestResult};
use creditbank_domain::ids::InstitutionId;
use creditbank_domain::reason::ReasonCode;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::flows::judge_requests::{Inputs, Judgement, Judging, concerned, key};
use crate::flows::learner_groups::lock_joint_lots;
use crate::flows::post_grants::{GrantedCourse, Granting, post_grants};
use crate::store::Tx;
use crate::tables::conversion_inputs::{self, NewInputs};
use crate::tables::conversion_lines::{self, NewLine, Stage};
use crate::tables::conversion_requests::{self, RequestRow};
use crate::tables::transfers::{self, Move, MoveKind, User};

/// Ends requests, those of one programme and rule set together. The lots of all are locked first,
/// in key order, so that two who decide about the same learners take turns.
pub(super) fn close_requests(
    tx: &mut Tx<'_>,
    by: &Actor,
    ended: &mut [(&RequestRow, Judging)],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let kind = |row: &RequestRow| -> [Uuid; 2] { [row.programme_id, row.rule_set_id] };
    ended.sort_by_key(|(row, _)| (kind(row), row.request_id));
    if ended.first().map(|(row, _)| kind(row)) != ended.last().map(|(row, _)| kind(row)) {
        let rows: Vec<&RequestRow> = ended.iter().map(|(row, _)| *row).collect();
        let learners = concerned(tx, &rows)?;
        lock_joint_lots(tx, &learners)?;
    }
    for alike in ended.chunk_by(|(one, _), (other, _)| kind(one) == kind(other)) {
        let rows: Vec<&RequestRow> = alike.iter().map(|(row, _)| *row).collect();
        let mut inputs = Inputs::load(tx, &rows)?;
        for (row, how) in alike {
            let judged = inputs.decide_one(row, how)?;
            carry_out(tx, by, row, (&judged, how), &mut inputs, now)?;
        }
    }
    Ok(())
}

/// Settles, releases, posts the grants and closes the request.
fn carry_out(
    tx: &mut Tx<'_>,
    by: &Actor,
    row: &RequestRow,
    (judged, how): (&Judgement, &Judging),
    inputs: &mut Inputs,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let (learner_id, request_id) = key(row);
    let decision = &judged.decision;
    let mut moves = Vec::new();
    for candidate in &judged.inputs.candidates {
        let lot_id = candidate.lot_id;
        let of_lot = decision.lines.iter().filter(|line| line.lot_id == lot_id);
        let used = Hundredths::sum(of_lot.map(|line| line.used))
            .map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
        let released = inputs
            .held(request_id, lot_id)
            .minus(used)
            .map_err(|_| LedgerError::Corrupt("more used than held"))?;
        let one = |kind, amount| Move {
            learner_id: inputs.owner(lot_id, learner_id),
            lot_id,
            kind,
            amount,
            user: Some(User::Request(request_id)),
            correction: None,
            effective_on: bank_day(now),
        };
        moves.push(one(MoveKind::Settle, used));
        moves.push(one(MoveKind::Release, released));
    }
    transfers::move_all(tx, &moves, now)?;
    let numbered: Vec<(i32, &DecidedLine)> = (1..).zip(&decision.lines).collect();
    let granted = GrantedCourse::all_of(&numbered)?;
    let granting = Granting {
        receiving: InstitutionId::from_uuid(row.receiving_institution_id),
        learner_id,
        request_id,
        asked_on: row.judged_on(),
        granted_on: bank_day(now),
    };
    let posted = post_grants(tx, &granting, &granted, &inputs.lots, now)?;
    let lines: Vec<NewLine<'_>> = numbered
        .iter()
        .map(|(line_no, line)| NewLine {
            learner_id,
            request_id,
            line_no: *line_no,
            line,
            held: Hundredths::ZERO,
            lot_learner_id: inputs.owner(line.lot_id, learner_id),
            grant_outcome_id: posted.get(line_no).copied(),
            revision: None,
        })
        .collect();
    conversion_lines::insert_all(tx, Stage::Decision, &lines)?;
    if matches!(how, Judging::ByTheRules(_)) {
        let new = NewInputs {
            learner_id,
            request_id,
            inputs: &judged.inputs,
            decision,
        };
        conversion_inputs::insert(tx, &new, now)?;
    }
    let shown_as = inputs.groups.survivor(learner_id);
    let history = inputs.histories.entry(shown_as).or_default();
    history
        .add(&decision.lines, &judged.inputs.candidates)
        .map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
    let withdrawn = matches!(how, Judging::RefuseAll(ReasonCode::RequestWithdrawn, _));
    let state = match decision.result {
        _ if withdrawn => "withdrawn",
        RequestResult::Granted => "granted",
        RequestResult::Partly => "partly",
        RequestResult::Refused => "refused",
    };
    let text = match how {
        Judging::RefuseAll(ReasonCode::Other, text) => Some(text.as_str()),
        Judging::ByTheRules(_) | Judging::RefuseAll(..) => None,
    };
    conversion_requests::close(tx, learner_id, request_id, state, by.client, text, now)
}
