//! A draft as it is seen: with what the rules of the day would give, and nothing held.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::consent::StatedBasis;
use creditbank_domain::conversion::Decision;
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{CohortId, DraftId, LearnerId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::text::InstitutionCode;
use diesel::pg::PgConnection;

use crate::error::LedgerError;
use crate::flows::applicant::Applicant;
use crate::flows::learner_groups::{Groups, joint_lots};
use crate::flows::prepare_requests::{Wanted, prepare};
use crate::flows::request_bases::Bases;
use crate::flows::request_rules::{Basis, Target, rules_for};
use crate::reads::RejectedLearner;
use crate::tables::conversion_drafts::{DraftRow, StoredLearner};
use crate::tables::learners;

/// A draft, and what would come of it today.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftView {
    /// The draft.
    pub draft_id: DraftId,
    /// Counts up from 1: whoever changes it says which version was seen.
    pub version: u32,
    /// `open`, `submitted` or `discarded`.
    pub state: String,
    /// The receiving institution's code.
    pub receiving: String,
    /// The programme's code.
    pub programme_code: String,
    /// The requests that it became.
    pub cohort_id: Option<CohortId>,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
    /// The day for which the proposals are.
    pub as_of: NaiveDate,
    /// By what right the receiving institution is to see the outcomes, where that is said.
    pub basis: Option<StatedBasis>,
    /// The rules by which they are, or why there are none.
    pub rules: Result<DraftRules, Fault>,
    /// For whom.
    pub learners: Vec<DraftedLearner>,
    /// Who could not be drafted for; known in the answer to the draft only.
    pub rejected: Vec<RejectedLearner>,
}

/// The rules that would decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftRules {
    /// The code of the rule set.
    pub code: String,
    /// Its version.
    pub version: i32,
    /// The document it rests on.
    pub document_number: String,
}

/// A learner of a draft.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftedLearner {
    /// Who.
    pub learner_no: LearnerNo,
    /// What a request sent today would propose, or why there would be none; nothing where no
    /// rules decide.
    pub proposal: Option<Result<Decision, Fault>>,
}

/// A draft in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedDraft {
    /// The draft.
    pub draft_id: DraftId,
    /// Its version.
    pub version: u32,
    /// The receiving institution's code.
    pub receiving: String,
    /// The programme's code.
    pub programme_code: String,
    /// For how many learners.
    pub learners: usize,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
}

pub(super) fn target(row: &DraftRow) -> Result<Target, LedgerError> {
    Ok(Target {
        receiving: InstitutionCode::new(&row.receiving_code)
            .map_err(|_| LedgerError::Corrupt("conversion_drafts.receiving_code"))?,
        programme: row.programme_code.clone(),
        rule_set: row.rule_set_code.clone(),
    })
}

pub(super) fn version_of(row: &DraftRow) -> Result<u32, LedgerError> {
    u32::try_from(row.version).map_err(|_| LedgerError::Corrupt("conversion_drafts.version"))
}

/// The learners of a draft, each as the account that it is shown as by now, once.
pub(super) fn wanted(
    conn: &mut PgConnection,
    row: &DraftRow,
) -> Result<(Groups, Vec<Wanted>), LedgerError> {
    let (stored, basis) = (row.learners()?, row.stated()?);
    let ids: Vec<LearnerId> = stored.iter().map(StoredLearner::learner_id).collect();
    let groups = Groups::of(conn, &ids)?;
    let mut wanted: Vec<Wanted> = Vec::with_capacity(stored.len());
    let mut seen = HashSet::new();
    for one in &stored {
        let learner_id = groups.survivor(one.learner_id());
        if seen.insert(learner_id) {
            wanted.push(Wanted {
                position: u32::try_from(wanted.len()).unwrap_or(u32::MAX),
                learner_id,
                outcomes: one.outcomes(),
                basis: basis.clone(),
                courses: Vec::new(),
            });
        }
    }
    Ok((groups, wanted))
}

/// A draft with what the rules of a day would give, with nothing held.
pub(super) fn view(
    conn: &mut PgConnection,
    applicant: Applicant,
    row: &DraftRow,
    today: NaiveDate,
) -> Result<DraftView, LedgerError> {
    let (groups, wanted) = wanted(conn, row)?;
    let basis = match (row.state.as_str(), rules_for(conn, &target(row)?, today)) {
        ("open", Ok(basis)) => Ok(basis),
        ("open", Err(error)) => Err(error.about_one()?),
        (state, _) => Err(ended(state)),
    };
    let ids: Vec<LearnerId> = wanted.iter().map(|one| one.learner_id).collect();
    let mut numbers = HashMap::new();
    for found in learners::list_by_ids(conn, &ids)? {
        numbers.insert(found.asked.learner_id, found.asked.learner_no);
    }
    let mut proposals = match &basis {
        Err(_) => vec![None; wanted.len()],
        Ok(basis) => proposals(conn, applicant, basis, (&groups, &wanted), today)?,
    };
    let mut drafted = Vec::with_capacity(wanted.len());
    for (one, proposal) in wanted.iter().zip(proposals.drain(..)) {
        let learner_no = numbers.get(&one.learner_id).copied();
        drafted.push(DraftedLearner {
            learner_no: learner_no.ok_or(LedgerError::Corrupt("conversion_drafts.learners"))?,
            proposal,
        });
    }
    Ok(DraftView {
        draft_id: DraftId::from_uuid(row.draft_id),
        version: version_of(row)?,
        state: row.state.clone(),
        receiving: row.receiving_code.clone(),
        programme_code: row.programme_code.clone(),
        cohort_id: row.cohort_id.map(CohortId::from_uuid),
        changed_at: row.changed_at,
        as_of: today,
        basis: row.stated()?,
        rules: basis.map(|basis| DraftRules {
            code: basis.rule_set.code,
            version: basis.rule_set.version,
            document_number: basis.rule_set.document.number,
        }),
        learners: drafted,
        rejected: Vec::new(),
    })
}

/// What would be proposed to each learner, in their order.
fn proposals(
    conn: &mut PgConnection,
    applicant: Applicant,
    basis: &Basis,
    (groups, wanted): (&Groups, &[Wanted]),
    today: NaiveDate,
) -> Result<Vec<Option<Result<Decision, Fault>>>, LedgerError> {
    let ids: Vec<LearnerId> = wanted.iter().map(|one| one.learner_id).collect();
    let bases = Bases::look(conn, basis.rule_set.receiving, wanted, today)?;
    let (admitted, barred) = bases.admit(wanted);
    let lots = joint_lots(conn, groups, &ids)?;
    let ready = prepare(
        conn,
        applicant.school(),
        basis,
        &admitted,
        (groups, lots),
        today,
    )?;
    let mut proposals = vec![None; wanted.len()];
    let granted = ready
        .prepared
        .into_iter()
        .map(|one| (one.position, Ok(one.decision)));
    let refused = { ready.rejected.into_iter() }
        .chain(barred)
        .map(|one| (one.position, Err(one.fault)));
    for (position, proposal) in granted.chain(refused) {
        let place = usize::try_from(position)
            .ok()
            .and_then(|at| proposals.get_mut(at));
        if let Some(place) = place {
            *place = Some(proposal);
        }
    }
    Ok(proposals)
}

pub(super) fn ended(state: &str) -> Fault {
    match state {
        "submitted" => Fault::new(
            "DRAFT_SUBMITTED",
            "草稿已提交,见所生成的申请",
            "the draft was submitted; see its requests",
        ),
        _ => Fault::new(
            "DRAFT_DISCARDED",
            "草稿已作废,请另建",
            "the draft was discarded; make another one",
        ),
    }
}
