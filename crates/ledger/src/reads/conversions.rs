//! Conversion requests as the school, the receiving institution and the learner see them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{Grant, ReadConversion};
use creditbank_domain::conversion::Explanation;
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{CohortId, InstitutionId, LearnerId, LotId, OutcomeId, RequestId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::words::words;
use diesel::pg::PgConnection;

use crate::error::LedgerError;
use crate::reads::consents::{BasisView, Disclosure, Inquiry, bases, disclosed};
use crate::reads::request_way::{WayView, ways};
use crate::store::Ledger;
use crate::tables::conversion_lines::{self, LineRow, LinesStanding};
use crate::tables::conversion_requests::{self, RequestRow, Which};
use crate::tables::rule_sets::{self, CitedRuleSet};
use crate::tables::{hundredths, parsed};

words!(
    /// Where a request stands.
    RequestState, "a state of a request", {
        /// Not decided yet; its lots are held.
        Requested => "requested",
        /// Every line in full.
        Granted => "granted",
        /// Something, but not everything.
        Partly => "partly",
        /// Nothing.
        Refused => "refused",
        /// Taken back by whoever sent it.
        Withdrawn => "withdrawn",
    }
);

/// A line of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineView {
    /// Counts up from 1.
    pub line_no: i32,
    /// The outcome asked for.
    pub outcome_id: OutcomeId,
    /// Its credit lot.
    pub lot_id: LotId,
    /// What the outcome is called.
    pub entry_title: String,
    /// The rule applied.
    pub rule_code: Option<String>,
    /// The course that the rule gives.
    pub target_title: Option<String>,
    /// Credits asked for.
    pub requested: Hundredths,
    /// Credits given, or proposed.
    pub granted: Hundredths,
    /// True where it is the first check's proposal and not decided yet.
    pub proposal_only: bool,
    /// granted, cut or refused.
    pub verdict: String,
    /// The coded reason of what was not granted.
    pub reason: Option<ReasonCode>,
    /// Rule, document and arithmetic in Chinese.
    pub explanation_zh: String,
    /// Rule, document and arithmetic in English.
    pub explanation_en: String,
    /// What would change the answer, in both languages.
    pub remedy: Option<Explanation>,
    /// What is used of the lot, in hundredths of its unit.
    pub used: Hundredths,
    /// The outcome that was posted for it.
    pub grant_outcome_id: Option<OutcomeId>,
}

/// One learner's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestView {
    /// The request.
    pub request_id: RequestId,
    /// The requests that were sent together.
    pub cohort_id: CohortId,
    /// Whose it is.
    pub learner_no: LearnerNo,
    /// The school's code; none where the learner asks.
    pub requesting: Option<String>,
    /// The receiving institution's code.
    pub receiving: String,
    /// The programme's code.
    pub programme_code: String,
    /// The programme's title.
    pub programme_title: String,
    /// The rule set by which it is decided.
    pub rule_set_code: String,
    /// Its version.
    pub rule_set_version: i32,
    /// The document it rests on.
    pub document_number: String,
    /// Where it stands.
    pub state: RequestState,
    /// When it was sent.
    pub requested_at: DateTime<Utc>,
    /// Until when its holds stand without a decision.
    pub hold_expires_at: DateTime<Utc>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// How far it has come.
    pub way: WayView,
    /// By what right the receiving institution sees it.
    pub basis: BasisView,
    /// The school; none where the learner asked.
    pub requesting_id: Option<InstitutionId>,
    /// Its lines.
    pub lines: Vec<LineView>,
}

impl RequestView {
    /// Whose it is, who sent it, and by what right the other side sees it.
    #[must_use]
    pub fn disclosure(&self) -> Disclosure {
        Disclosure {
            learner_no: self.learner_no,
            requesting: self.requesting_id,
            basis: self.basis.clone(),
        }
    }
}

/// A learner of an order for whom no request was made out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedLearner {
    /// The place in the order, counted from 0.
    pub position: u32,
    /// Why.
    pub fault: Fault,
}

/// The requests that were sent together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CohortView {
    /// The cohort.
    pub cohort_id: CohortId,
    /// Its requests.
    pub requests: Vec<RequestView>,
    /// For whom none was made out; known in the answer to the order only.
    pub rejected: Vec<RejectedLearner>,
    /// Requests granted in full.
    pub granted: u32,
    /// Requests granted in part.
    pub partly: u32,
    /// Requests refused.
    pub refused: u32,
    /// Requests taken back.
    pub withdrawn: u32,
    /// Requests without a decision.
    pub open: u32,
}

/// One request that the grant lets one see.
///
/// # Errors
/// [`LedgerError::NotFound`], also where it is somebody else's; [`LedgerError::Refused`] where the
/// receiving institution has no right to see it any more, or not for that purpose.
pub fn conversion_request(
    ledger: &Ledger,
    grant: &Grant<ReadConversion>,
    request_id: RequestId,
    asked: Inquiry,
) -> Result<RequestView, LedgerError> {
    ledger.read_snapshot(grant, |conn| {
        let rows = conversion_requests::list(conn, Which::One(request_id), grant.view())?;
        let rows = disclosed(conn, rows, grant.view(), asked)?;
        request_view(conn, rows)
    })
}

/// The requests of a cohort that the grant lets one see.
///
/// # Errors
/// [`LedgerError::NotFound`], also where they are somebody else's; [`LedgerError::Refused`] as
/// [`conversion_request`], where that leaves none.
pub fn conversion_cohort(
    ledger: &Ledger,
    grant: &Grant<ReadConversion>,
    cohort_id: CohortId,
    asked: Inquiry,
) -> Result<CohortView, LedgerError> {
    ledger.read_snapshot(grant, |conn| {
        let rows = conversion_requests::list(conn, Which::Cohort(cohort_id), grant.view())?;
        if rows.is_empty() {
            return Err(LedgerError::NotFound);
        }
        let rows = disclosed(conn, rows, grant.view(), asked)?;
        cohort_view(conn, cohort_id, rows)
    })
}

/// The view of the one request among `rows`.
pub(crate) fn request_view(
    conn: &mut PgConnection,
    rows: Vec<RequestRow>,
) -> Result<RequestView, LedgerError> {
    request_views(conn, rows)?
        .into_iter()
        .next()
        .ok_or(LedgerError::NotFound)
}

/// The view of a cohort of these requests.
pub(crate) fn cohort_view(
    conn: &mut PgConnection,
    cohort_id: CohortId,
    rows: Vec<RequestRow>,
) -> Result<CohortView, LedgerError> {
    let requests = request_views(conn, rows)?;
    let states: Vec<RequestState> = requests.iter().map(|request| request.state).collect();
    counted_cohort(cohort_id, &states, requests)
}

/// A cohort whose requests stand like this, with the views of some or all of them.
pub(super) fn counted_cohort(
    cohort_id: CohortId,
    states: &[RequestState],
    requests: Vec<RequestView>,
) -> Result<CohortView, LedgerError> {
    let counted = |state: RequestState| {
        let count = states.iter().filter(|it| **it == state).count();
        u32::try_from(count).map_err(|_| LedgerError::Corrupt("a count of requests"))
    };
    Ok(CohortView {
        cohort_id,
        granted: counted(RequestState::Granted)?,
        partly: counted(RequestState::Partly)?,
        refused: counted(RequestState::Refused)?,
        withdrawn: counted(RequestState::Withdrawn)?,
        open: counted(RequestState::Requested)?,
        rejected: Vec::new(),
        requests,
    })
}

/// The views of these requests, in their order.
pub(crate) fn request_views(
    conn: &mut PgConnection,
    rows: Vec<RequestRow>,
) -> Result<Vec<RequestView>, LedgerError> {
    let keys: Vec<(LearnerId, RequestId)> = rows
        .iter()
        .map(|row| {
            (
                LearnerId::from_uuid(row.learner_id),
                RequestId::from_uuid(row.request_id),
            )
        })
        .collect();
    let mut lines: HashMap<uuid::Uuid, Vec<LineRow>> = HashMap::new();
    for line in conversion_lines::list_standing(conn, &keys)? {
        lines.entry(line.request_id).or_default().push(line);
    }
    let mut ways = ways(conn, &rows, &keys)?;
    let mut bases = bases(conn, &rows)?;
    let mut rule_sets: HashMap<uuid::Uuid, CitedRuleSet> = HashMap::new();
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let cited = match rule_sets.entry(row.rule_set_id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let found = rule_sets::find_cited(conn, row.rule_set_id)?;
                let missing = LedgerError::Corrupt("conversion_requests.rule_set_id");
                place.insert(found.ok_or(missing)?)
            }
        };
        let lines = lines.remove(&row.request_id).unwrap_or_default();
        let way = ways.remove(&row.request_id);
        let way = way.ok_or(LedgerError::Corrupt("request_standings"))?;
        let basis = bases.remove(&row.request_id);
        let basis = basis.ok_or(LedgerError::Corrupt("request_bases"))?;
        views.push(view(row, (way, basis), cited, lines)?);
    }
    Ok(views)
}

fn view(
    row: RequestRow,
    (way, basis): (WayView, BasisView),
    cited: &CitedRuleSet,
    lines: Vec<LineRow>,
) -> Result<RequestView, LedgerError> {
    let decided = parsed(&row.state, "conversion_requests.state")?;
    Ok(RequestView {
        request_id: RequestId::from_uuid(row.request_id),
        cohort_id: CohortId::from_uuid(row.cohort_id),
        learner_no: parsed(&row.learner_no, "learners.learner_no")?,
        requesting: row.requesting_code,
        receiving: row.receiving_code,
        programme_code: row.programme_code,
        programme_title: row.programme_title,
        rule_set_code: cited.code.clone(),
        rule_set_version: cited.version,
        document_number: cited.document_number.clone(),
        state: standing(decided, LinesStanding::of(&lines)),
        requested_at: row.requested_at,
        hold_expires_at: row.hold_expires_at,
        decided_at: row.decided_at,
        way,
        basis,
        requesting_id: row.requesting_institution_id.map(InstitutionId::from_uuid),
        lines: lines
            .into_iter()
            .map(LineView::try_from)
            .collect::<Result<_, _>>()?,
    })
}

/// Where a request stands after every correction: as it was decided, or taken back, unless a line
/// was decided again.
pub(super) fn standing(decided: RequestState, lines: LinesStanding) -> RequestState {
    if matches!(decided, RequestState::Requested | RequestState::Withdrawn) || lines.as_decided {
        decided
    } else if lines.nothing {
        RequestState::Refused
    } else if lines.everything {
        RequestState::Granted
    } else {
        RequestState::Partly
    }
}

impl TryFrom<LineRow> for LineView {
    type Error = LedgerError;

    fn try_from(row: LineRow) -> Result<Self, LedgerError> {
        let reason = row.reason.as_deref();
        Ok(Self {
            remedy: row.remedy(),
            used: hundredths(row.used, "conversion_lines.used")?,
            line_no: row.line_no,
            outcome_id: OutcomeId::from_uuid(row.outcome_id),
            lot_id: LotId::from_uuid(row.lot_id),
            entry_title: row.entry_title,
            rule_code: row.rule_code,
            target_title: row.target_title,
            requested: hundredths(row.requested, "conversion_lines.requested")?,
            granted: hundredths(row.granted, "conversion_lines.granted")?,
            proposal_only: row.stage == "proposal",
            verdict: row.verdict,
            reason: reason
                .map(|code| parsed(code, "conversion_lines.reason"))
                .transpose()?,
            explanation_zh: row.explanation_zh,
            explanation_en: row.explanation_en,
            grant_outcome_id: row.grant_outcome_id.map(OutcomeId::from_uuid),
        })
    }
}
