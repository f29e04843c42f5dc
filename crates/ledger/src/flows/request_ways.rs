//! The ways of some requests: read under their locks, walked on, and written down again.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, Utc};
use creditbank_domain::calendar::{WorkCalendar, bank_day, last_moment};
use creditbank_domain::ids::{InstitutionId, LearnerId, RequestId};
use creditbank_domain::process::{Hand, Party, Process, Progress, Step, StepKind, Turn};
use serde_json::json;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::flows::judge_requests::key;
use crate::flows::request_standing::{
    APPLICANT, kind_told, not_a_reviewer, refusal, spoke_before, standing_of, step_of,
};
use crate::store::Tx;
use crate::tables::conversion_requests::{self, RequestRow};
use crate::tables::notices::{self, Notice};
use crate::tables::request_steps::{self, StandingRow, StepRow, StoredBar};
use crate::tables::review_chains::{self, StoredChain};
use crate::tables::work_calendar;

const PLACE: &str = "request_steps";

/// What somebody does about a request.
#[derive(Debug, Clone)]
pub(super) struct NewStep {
    pub(super) kind: StepKind,
    pub(super) party: Party,
    /// Who; nobody where the bank itself does.
    pub(super) hand: Option<Hand>,
    pub(super) text: Option<String>,
    pub(super) not_accepted: Vec<StoredBar>,
}

/// One request's way.
struct Way {
    key: (LearnerId, RequestId),
    parties: Vec<InstitutionId>,
    receiving: InstitutionId,
    chain: StoredChain,
    process: Process,
    standing: StandingRow,
    kept: Vec<StepRow>,
    /// What was taken and is not written down yet.
    new: Vec<StepRow>,
}

/// The ways of some requests, and the calendar by which their days are counted.
pub(super) struct Ways {
    calendar: WorkCalendar,
    of: HashMap<RequestId, Way>,
    stand_ins: StandIns,
}

/// For whom somebody stands in at an institution, or at the bank; asked once.
type StandIns = HashMap<(Hand, Option<InstitutionId>), Vec<Hand>>;

impl Ways {
    /// Reads the ways of requests that are locked.
    pub(super) fn load(tx: &mut Tx<'_>, rows: &[&RequestRow]) -> Result<Self, LedgerError> {
        let calendar = work_calendar::load(tx.conn())?;
        let keys: Vec<_> = rows.iter().map(|row| key(row)).collect();
        let mut kept: HashMap<Uuid, Vec<StepRow>> = HashMap::new();
        for step in request_steps::list(tx.conn(), &keys)? {
            kept.entry(step.request_id).or_default().push(step);
        }
        let standings = request_steps::list_standings(tx.conn(), &keys)?;
        let mut standings: HashMap<Uuid, StandingRow> = { standings.into_iter() }
            .map(|row| (row.request_id, row))
            .collect();
        let appealed: HashMap<RequestId, RequestId> =
            { request_steps::list_appealed(tx.conn(), &keys)?.into_iter() }.collect();
        let mut chains: HashMap<Uuid, StoredChain> = HashMap::new();
        let mut of = HashMap::new();
        for row in rows {
            let standing = standings.remove(&row.request_id);
            let chain = match standing.as_ref().and_then(|standing| standing.chain_id) {
                None => StoredChain::usual(),
                Some(id) => match chains.get(&id) {
                    Some(known) => known.clone(),
                    None => {
                        let found = review_chains::find(tx.conn(), id)?;
                        chains.entry(id).or_insert(found).clone()
                    }
                },
            };
            let steps = kept.remove(&row.request_id).unwrap_or_default();
            let mut barred = Vec::new();
            if let Some(earlier) = appealed.get(&key(row).1) {
                barred = spoke_before(tx, key(row).0, *earlier)?;
            }
            let way = Way::replayed(row, chain, (standing, steps), barred, &calendar)?;
            of.insert(way.key.1, way);
        }
        Ok(Self {
            calendar,
            of,
            stand_ins: StandIns::new(),
        })
    }

    fn way(&mut self, request: RequestId) -> Result<&mut Way, LedgerError> {
        self.of.get_mut(&request).ok_or(LedgerError::Corrupt(PLACE))
    }

    /// Refuses to go on where somebody has seen an older version than the one that stands.
    pub(super) fn must_be_at(
        &mut self,
        request: RequestId,
        version: Option<u32>,
    ) -> Result<(), LedgerError> {
        let steps = self.way(request)?.process.steps();
        match version {
            Some(seen) if seen != steps => Err(LedgerError::Stale { seen, now: steps }),
            _ => Ok(()),
        }
    }

    /// Whose turn it is.
    pub(super) fn turn(&mut self, request: RequestId) -> Result<Turn, LedgerError> {
        Ok(self.way(request)?.process.turn())
    }

    /// What reviewers did not accept, at every stage.
    pub(super) fn not_accepted(
        &mut self,
        request: RequestId,
    ) -> Result<Vec<StoredBar>, LedgerError> {
        let way = self.way(request)?;
        let mut bars: Vec<StoredBar> = Vec::new();
        for step in way.kept.iter().chain(&way.new) {
            let said: Vec<StoredBar> = serde_json::from_value(step.not_accepted.clone())
                .map_err(|_| LedgerError::Corrupt(PLACE))?;
            for bar in said {
                bars.retain(|earlier| earlier.outcome != bar.outcome);
                bars.push(bar);
            }
        }
        Ok(bars)
    }

    /// Takes a step.
    ///
    /// # Errors
    /// [`LedgerError::Conflict`] where the request is somewhere else by now,
    /// [`LedgerError::Refused`] where somebody else has to take it.
    pub(super) fn take(
        &mut self,
        tx: &mut Tx<'_>,
        request: RequestId,
        new: &NewStep,
        now: DateTime<Utc>,
    ) -> Result<Progress, LedgerError> {
        let today = bank_day(now);
        let Self {
            calendar,
            of,
            stand_ins,
        } = self;
        let way = of.get_mut(&request).ok_or(LedgerError::Corrupt(PLACE))?;
        let hands = match new.hand {
            Some(hand) if matches!(new.kind, StepKind::Said(_)) => {
                way.hands(tx, hand, stand_ins, now)?
            }
            hand => hand.into_iter().collect(),
        };
        let step = Step {
            kind: new.kind,
            party: new.party,
            hands,
            on: today,
        };
        let progress = way.process.take(calendar, &step).map_err(refusal)?;
        way.new.push(StepRow {
            learner_id: way.key.0.as_uuid(),
            request_id: way.key.1.as_uuid(),
            step_no: i32::try_from(way.process.steps()).unwrap_or(i32::MAX),
            kind: new.kind.as_str().to_owned(),
            party: match new.kind {
                StepKind::Answered | StepKind::Withdrawn => APPLICANT.to_owned(),
                StepKind::Said(_) | StepKind::Lapsed => new.party.as_str().to_owned(),
            },
            hands: step.hands.iter().map(|hand| hand.0).collect(),
            text: new.text.clone(),
            not_accepted: serde_json::to_value(&new.not_accepted)
                .map_err(|_| LedgerError::Corrupt(PLACE))?,
            marks: Vec::new(),
            taken_on: today,
            recorded_at: now,
        });
        Ok(progress)
    }

    /// Writes down what was taken, where the requests stand now, and what everyone is told.
    pub(super) fn save(self, tx: &mut Tx<'_>, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let today = bank_day(now);
        let mut steps = Vec::new();
        let mut standings = Vec::new();
        let mut told = Vec::new();
        let mut expiries = Vec::new();
        let mut ways: Vec<Way> = self
            .of
            .into_values()
            .filter(|way| !way.new.is_empty())
            .collect();
        ways.sort_by_key(|way| way.key);
        for way in ways {
            if way.process.turn() != Turn::Nobody {
                let until = way.holds_until(&self.calendar, today);
                expiries.push((way.key, until.map_or(now, last_moment)));
            }
            told.extend(way.notices());
            standings.push(way.standing(&self.calendar));
            steps.extend(way.new);
        }
        request_steps::insert_all(tx, &steps)?;
        request_steps::save_standings(tx, &standings)?;
        conversion_requests::hold_until(tx, &expiries)?;
        notices::insert_all(tx, &told, now)
    }
}

impl Way {
    fn replayed(
        row: &RequestRow,
        chain: StoredChain,
        (standing, kept): (Option<StandingRow>, Vec<StepRow>),
        mut barred: Vec<Hand>,
        calendar: &WorkCalendar,
    ) -> Result<Self, LedgerError> {
        // A request that is older than its steps was sent by whoever is noted with it.
        barred.extend(row.requested_by.map(Hand));
        let sent_on = bank_day(row.requested_at);
        let mut steps = Vec::new();
        for row in &kept {
            if row.step_no == 0 {
                barred.extend(row.hands.iter().copied().map(Hand));
            } else {
                steps.push(step_of(row)?);
            }
        }
        let process = Process::sent(chain.chain.clone(), sent_on, barred)
            .replayed(calendar, &steps)
            .map_err(|_| LedgerError::Corrupt(PLACE))?;
        let standing = standing.unwrap_or_else(|| StandingRow {
            learner_id: row.learner_id,
            request_id: row.request_id,
            chain_id: None,
            judged_on: sent_on,
            stage_no: 1,
            turn: String::new(),
            party: String::new(),
            due_on: None,
            steps: 0,
            marked: false,
            escalated_at: None,
        });
        let receiving = InstitutionId::from_uuid(row.receiving_institution_id);
        Ok(Self {
            key: key(row),
            parties: row.parties(),
            receiving,
            chain,
            process,
            standing,
            kept,
            new: Vec::new(),
        })
    }

    /// Who speaks: a reviewer of the stage, or one who stands in for an absent one.
    fn hands(
        &self,
        tx: &mut Tx<'_>,
        hand: Hand,
        stand_ins: &mut StandIns,
        now: DateTime<Utc>,
    ) -> Result<Vec<Hand>, LedgerError> {
        let at = usize::from(self.process.stage_no().saturating_sub(1));
        let reviewers = self.chain.reviewers.get(at).map_or(&[][..], Vec::as_slice);
        if reviewers.is_empty() || reviewers.contains(&hand) {
            return Ok(vec![hand]);
        }
        let institution = match self.process.stage().party {
            Party::Bank => None,
            Party::Receiving => Some(self.receiving),
        };
        let absent = match stand_ins.entry((hand, institution)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let (conn, today) = (tx.conn(), bank_day(now));
                place.insert(review_chains::list_absent(conn, hand, institution, today)?)
            }
        };
        let principal = absent.iter().copied().find(|one| reviewers.contains(one));
        let principal = principal.ok_or_else(|| LedgerError::Refused(not_a_reviewer()))?;
        Ok(vec![hand, principal])
    }

    /// The last day on which its lots stay held without a further step.
    fn holds_until(
        &self,
        calendar: &WorkCalendar,
        today: chrono::NaiveDate,
    ) -> Option<chrono::NaiveDate> {
        match self.process.turn() {
            Turn::Applicant => calendar.after(today, self.process.chain().answer_days()),
            Turn::Reviewers | Turn::Nobody => self.process.ends_on(calendar, today),
        }
    }

    fn standing(&self, calendar: &WorkCalendar) -> StandingRow {
        standing_of(&self.process, calendar, self.standing.clone())
    }

    /// A notice for each step, to the school and the receiving institution.
    fn notices(&self) -> Vec<Notice> {
        let one = |step: &StepRow| Notice {
            learner_id: self.key.0,
            kind: kind_told(step, self.process.turn()),
            institutions: self.parties.clone(),
            lot: None,
            outcome: None,
            request: Some(self.key.1),
            correction: None,
            figures: json!({
                "step": step.step_no,
                "stage": self.process.stage_no(),
                "party": self.process.stage().party.as_str(),
            }),
        };
        self.new.iter().map(one).collect()
    }
}
