//! How far requests have come: their stage, who has the turn, until when, and every step.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::ids::{LearnerId, OutcomeId, RequestId};
use creditbank_domain::process::Mark;
use creditbank_domain::reason::ReasonCode;
use diesel::pg::PgConnection;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::tables::conversion_requests::RequestRow;
use crate::tables::request_steps::{self, StandingRow, StepRow, StoredBar};
use crate::tables::review_chains::{self, StoredChain};
use crate::tables::{accepted, parsed, resubmissions};

/// How far a request has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayView {
    /// How many steps it has taken: whoever changes it says which version was seen.
    pub version: u32,
    /// Which stage it is at, from 1.
    pub stage_no: u16,
    /// How many there are.
    pub stages: u16,
    /// What the stage is called.
    pub stage_zh: String,
    /// The same in English.
    pub stage_en: String,
    /// Whose stage it is: `bank` or `receiving`.
    pub party: String,
    /// Who has to do something: `reviewers`, `applicant` or `nobody`.
    pub turn: String,
    /// The last day in time, where reviewers have the turn.
    pub due_on: Option<NaiveDate>,
    /// What a person has to look at.
    pub marks: Vec<Mark>,
    /// What was done, in order.
    pub steps: Vec<StepView>,
    /// The request that it appeals against.
    pub appeals: Option<RequestId>,
    /// The request that ended without a decision and is asked again by it.
    pub resubmits: Option<RequestId>,
}

/// Something that was done about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepView {
    /// 0 as it was sent.
    pub step_no: u32,
    /// What.
    pub kind: String,
    /// For whom: `bank`, `receiving` or `applicant`.
    pub party: String,
    /// What was said.
    pub text: Option<String>,
    /// What was not accepted, or not in full.
    pub not_accepted: Vec<NotAcceptedView>,
    /// When.
    pub taken_at: DateTime<Utc>,
}

/// An outcome that a reviewer did not accept, or not in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAcceptedView {
    /// The outcome.
    pub outcome_id: OutcomeId,
    /// The coded reason.
    pub reason: ReasonCode,
    /// In the reviewer's words.
    pub text: String,
    /// The most that may be granted on it all the same.
    pub accepted: Hundredths,
}

const PLACE: &str = "request_steps";

/// How far each of some requests has come, in their order.
pub(super) fn ways(
    conn: &mut PgConnection,
    rows: &[RequestRow],
    keys: &[(LearnerId, RequestId)],
) -> Result<HashMap<Uuid, WayView>, LedgerError> {
    let mut steps: HashMap<Uuid, Vec<StepRow>> = HashMap::new();
    for step in request_steps::list(conn, keys)? {
        steps.entry(step.request_id).or_default().push(step);
    }
    let standings = request_steps::list_standings(conn, keys)?;
    let standings: HashMap<Uuid, StandingRow> = { standings.into_iter() }
        .map(|row| (row.request_id, row))
        .collect();
    let appeals = request_steps::list_appealed(conn, keys)?;
    let appeals: HashMap<RequestId, RequestId> = appeals.into_iter().collect();
    let earlier: HashMap<RequestId, RequestId> =
        { resubmissions::list_earlier(conn, keys)?.into_iter() }.collect();
    let mut chains: HashMap<Option<Uuid>, StoredChain> =
        HashMap::from([(None, StoredChain::usual())]);
    let mut ways = HashMap::with_capacity(rows.len());
    for row in rows {
        let standing = standings.get(&row.request_id);
        let chain_id = standing.and_then(|standing| standing.chain_id);
        if let (Some(id), false) = (chain_id, chains.contains_key(&chain_id)) {
            chains.insert(chain_id, review_chains::find(conn, id)?);
        }
        let chain = chains.get(&chain_id).ok_or(LedgerError::Corrupt(PLACE))?;
        let kept = steps.remove(&row.request_id).unwrap_or_default();
        let mut way = way(row, chain, standing, &kept)?;
        let id = RequestId::from_uuid(row.request_id);
        way.appeals = appeals.get(&id).copied();
        way.resubmits = earlier.get(&id).copied();
        ways.insert(row.request_id, way);
    }
    Ok(ways)
}

fn way(
    row: &RequestRow,
    chain: &StoredChain,
    standing: Option<&StandingRow>,
    steps: &[StepRow],
) -> Result<WayView, LedgerError> {
    let corrupt = |_| LedgerError::Corrupt(PLACE);
    let stage_no = standing.map_or(1, |standing| standing.stage_no);
    let stage_no = u16::try_from(stage_no).map_err(corrupt)?;
    let mut stages = chain
        .chain
        .stages()
        .skip(usize::from(stage_no.saturating_sub(1)));
    let stage = stages.next().ok_or(LedgerError::Corrupt(PLACE))?;
    let marks = steps.iter().flat_map(|step| &step.marks);
    // A request that is older than its steps is where its state says.
    let turn = match (standing, row.state.as_str()) {
        (Some(standing), _) => standing.turn.clone(),
        (None, "requested") => "reviewers".to_owned(),
        (None, _) => "nobody".to_owned(),
    };
    Ok(WayView {
        version: u32::try_from(standing.map_or(0, |standing| standing.steps)).map_err(corrupt)?,
        stage_no,
        stages: u16::try_from(chain.chain.len()).map_err(corrupt)?,
        stage_zh: stage.name_zh.clone(),
        stage_en: stage.name_en.clone(),
        party: stage.party.as_str().to_owned(),
        turn,
        due_on: standing.and_then(|standing| standing.due_on),
        marks: { marks.map(|mark| parsed(mark, PLACE)) }.collect::<Result<_, _>>()?,
        steps: { steps.iter().map(StepView::try_from) }.collect::<Result<_, _>>()?,
        appeals: None,
        resubmits: None,
    })
}

impl TryFrom<&StepRow> for StepView {
    type Error = LedgerError;

    fn try_from(row: &StepRow) -> Result<Self, LedgerError> {
        let bars: Vec<StoredBar> = serde_json::from_value(row.not_accepted.clone())
            .map_err(|_| LedgerError::Corrupt(PLACE))?;
        let mut not_accepted = Vec::with_capacity(bars.len());
        for bar in bars {
            not_accepted.push(NotAcceptedView {
                outcome_id: OutcomeId::from_uuid(bar.outcome),
                reason: parsed(&bar.reason, PLACE)?,
                accepted: accepted(bar.accepted.as_deref(), PLACE)?,
                text: bar.text,
            });
        }
        Ok(Self {
            step_no: u32::try_from(row.step_no).map_err(|_| LedgerError::Corrupt(PLACE))?,
            kind: row.kind.clone(),
            party: row.party.clone(),
            text: row.text.clone(),
            not_accepted,
            taken_at: row.recorded_at,
        })
    }
}
