//! Requests set out on their way: the first step of each, and the bank's own check.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::calendar::{bank_day, last_moment};
use creditbank_domain::conversion::Decision;
use creditbank_domain::ids::{LearnerId, RequestId};
use creditbank_domain::process::{Hand, Mark, marks};
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::request_standing::{APPLICANT, sent, standing_of};
use crate::store::Tx;
use crate::tables::conversion_requests::{self, NewCohort};
use crate::tables::notices::{self, Notice};
use crate::tables::request_steps::{self, StandingRow, StepRow};
use crate::tables::review_chains::{self, StoredChain};
use crate::tables::{duplicate_candidates, work_calendar};

/// A request that was stored a moment ago.
pub(super) struct SentRequest<'a> {
    pub(super) key: (LearnerId, RequestId),
    pub(super) proposal: &'a Decision,
}

/// Sends requests of one cohort on their way: what is certain passes the bank's check at once, what
/// is not waits there for a person.
pub(super) fn send_requests(
    tx: &mut Tx<'_>,
    sender: Hand,
    cohort: &NewCohort,
    requests: &[SentRequest<'_>],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let today = bank_day(now);
    let calendar = work_calendar::load(tx.conn())?;
    // An appeal goes to any other reviewer of the institution, not through the stages again.
    let chain = match cohort.judged_on {
        None => review_chains::find_on(tx.conn(), cohort.receiving, today)?,
        Some(_) => StoredChain::usual(),
    };
    let learners: Vec<LearnerId> = requests.iter().map(|one| one.key.0).collect();
    let doubted = duplicate_candidates::list_doubted(tx.conn(), &learners)?;
    let mut steps = Vec::new();
    let mut standings = Vec::new();
    let mut told = Vec::new();
    let mut until = Vec::new();
    for one in requests {
        let found = marks(one.proposal, doubted.contains(&one.key.0));
        let (process, checked) = sent(&chain.chain, &calendar, sender, found.is_empty(), now);
        let ends_on = process.ends_on(&calendar, today);
        until.push((one.key, ends_on.map_or(now, last_moment)));
        steps.push(first_step(one, sender, &found, today, now));
        if let Some(check) = checked {
            steps.push(StepRow {
                step_no: 1,
                kind: check.kind.as_str().to_owned(),
                party: check.party.as_str().to_owned(),
                hands: Vec::new(),
                marks: Vec::new(),
                ..first_step(one, sender, &[], today, now)
            });
        }
        let blank = StandingRow {
            learner_id: one.key.0.as_uuid(),
            request_id: one.key.1.as_uuid(),
            chain_id: chain.id,
            judged_on: cohort.judged_on.unwrap_or(today),
            stage_no: 1,
            turn: String::new(),
            party: String::new(),
            due_on: None,
            steps: 0,
            marked: !found.is_empty(),
            escalated_at: None,
        };
        standings.push(standing_of(&process, &calendar, blank));
        told.push(Notice {
            learner_id: one.key.0,
            kind: "request_sent",
            institutions: { cohort.requesting.into_iter() }
                .chain([cohort.receiving])
                .collect(),
            lot: None,
            outcome: None,
            request: Some(one.key.1),
            correction: None,
            figures: json!({ "lines": one.proposal.lines.len(), "marks": words(&found) }),
        });
    }
    request_steps::insert_all(tx, &steps)?;
    request_steps::save_standings(tx, &standings)?;
    conversion_requests::hold_until(tx, &until)?;
    notices::insert_all(tx, &told, now)
}

fn words(marks: &[Mark]) -> Vec<String> {
    marks.iter().map(ToString::to_string).collect()
}

fn first_step(
    one: &SentRequest<'_>,
    sender: Hand,
    found: &[Mark],
    today: NaiveDate,
    now: DateTime<Utc>,
) -> StepRow {
    StepRow {
        learner_id: one.key.0.as_uuid(),
        request_id: one.key.1.as_uuid(),
        step_no: 0,
        kind: "sent".to_owned(),
        party: APPLICANT.to_owned(),
        hands: vec![sender.0],
        text: None,
        not_accepted: json!([]),
        marks: words(found),
        taken_on: today,
        recorded_at: now,
    }
}
