//! What the steps of a request come to: where it stands, what is told of it, and who had a say.

use chrono::{DateTime, Utc};
use creditbank_domain::calendar::{WorkCalendar, bank_day};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{LearnerId, RequestId};
use creditbank_domain::process::{
    Chain, Hand, Party, Process, Said, Step, StepKind, StepRefused, Turn, Verdict,
};

use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::request_steps::{self, StandingRow, StepRow};
use crate::tables::{conversion_requests, parsed};

/// The party of a step that is not a reviewer's.
pub(super) const APPLICANT: &str = "applicant";

const PLACE: &str = "request_steps";

/// Who spoke about what is appealed against: other people decide the appeal.
pub(super) fn spoke_before(
    tx: &mut Tx<'_>,
    learner: LearnerId,
    earlier: RequestId,
) -> Result<Vec<Hand>, LedgerError> {
    let before = request_steps::list(tx.conn(), &[(learner, earlier)])?;
    let mut hands: Vec<Hand> = { before.iter().flat_map(|row| &row.hands) }
        .copied()
        .map(Hand)
        .collect();
    hands.extend(conversion_requests::decider(tx.conn(), learner, earlier)?);
    Ok(hands)
}

/// Where a request stands, over what was there before.
pub(super) fn standing_of(
    process: &Process,
    calendar: &WorkCalendar,
    before: StandingRow,
) -> StandingRow {
    let stage_no = i16::try_from(process.stage_no()).unwrap_or(i16::MAX);
    let moved_on = stage_no != before.stage_no || process.turn() != Turn::Reviewers;
    StandingRow {
        stage_no,
        turn: match process.turn() {
            Turn::Reviewers => "reviewers",
            Turn::Applicant => APPLICANT,
            Turn::Nobody => "nobody",
        }
        .to_owned(),
        party: process.stage().party.as_str().to_owned(),
        due_on: match process.turn() {
            Turn::Reviewers => process.due_on(calendar),
            Turn::Applicant | Turn::Nobody => None,
        },
        steps: i32::try_from(process.steps()).unwrap_or(i32::MAX),
        escalated_at: before.escalated_at.filter(|_| !moved_on),
        ..before
    }
}

pub(super) fn kind_told(step: &StepRow, turn: Turn) -> &'static str {
    match StepKind::named(&step.kind) {
        Some(StepKind::Said(Said::Ask)) => "request_asked",
        Some(StepKind::Said(Said::Verdict(_))) if turn == Turn::Nobody => "request_decided",
        Some(StepKind::Said(Said::Verdict(_))) => "request_moved_on",
        Some(StepKind::Answered) => "request_answered",
        Some(StepKind::Withdrawn) => "request_withdrawn",
        Some(StepKind::Lapsed) => "request_lapsed",
        None => "request_sent",
    }
}

pub(super) fn step_of(row: &StepRow) -> Result<Step, LedgerError> {
    let kind = StepKind::named(&row.kind).ok_or(LedgerError::Corrupt(PLACE))?;
    let party = match row.party.as_str() {
        APPLICANT => Party::Receiving,
        party => parsed(party, PLACE)?,
    };
    Ok(Step {
        kind,
        party,
        hands: row.hands.iter().copied().map(Hand).collect(),
        on: row.taken_on,
    })
}

/// What a request begins with: sent by somebody, and passed on by the bank itself where its check
/// finds nothing to look at.
pub(super) fn sent(
    chain: &Chain,
    calendar: &WorkCalendar,
    sender: Hand,
    certain: bool,
    now: DateTime<Utc>,
) -> (Process, Option<Step>) {
    let today = bank_day(now);
    let mut process = Process::sent(chain.clone(), today, vec![sender]);
    let checks = process.stage().party == Party::Bank && certain;
    let step = checks.then(|| Step {
        kind: StepKind::Said(Said::Verdict(Verdict::Approve)),
        party: Party::Bank,
        hands: Vec::new(),
        on: today,
    });
    // The bank's stage never ends a request, and nobody else has spoken yet.
    let taken = step.filter(|step| process.take(calendar, step).is_ok());
    (process, taken)
}

/// What is there by now is a conflict; what somebody else has to do is refused.
pub(super) fn refusal(refused: StepRefused) -> LedgerError {
    let fault = Fault::from(refused);
    match refused {
        StepRefused::Ended
        | StepRefused::ApplicantsTurn
        | StepRefused::NothingAsked
        | StepRefused::NotThisStage(_)
        | StepRefused::SpokeAlready => LedgerError::Conflict(fault),
        StepRefused::Barred | StepRefused::NobodyNamed | StepRefused::BankRefusesNothing => {
            LedgerError::Refused(fault)
        }
    }
}

pub(super) fn not_a_reviewer() -> Fault {
    Fault::new(
        "NOT_A_REVIEWER",
        "该环节由指定人员审核,您不在其中,也未受其委托",
        "the stage is for named reviewers; you are none of them and stand in for none",
    )
}
