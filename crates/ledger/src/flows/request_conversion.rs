//! Somebody asks that learners' outcomes be converted: first check, proposal, hold.
//!
//! One learner or a cohort; an answer for each. What is asked for is held until the receiving
//! institution decides, also where the first check proposes a refusal: the decision is not the
//! bank's.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Actor, Grant, RequestConversion, View};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::consent::StatedBasis;
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{CohortId, LearnerId, OutcomeId};
use creditbank_domain::outcome::LearnerRef;
use creditbank_domain::text::InstitutionCode;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::applicant::Applicant;
use crate::flows::learner_groups::lock_joint_lots;
use crate::flows::prepare_requests::{Prepared, Wanted, no_outcomes, prepare};
use crate::flows::request_bases::Bases;
use crate::flows::request_rules::{Basis, Target, rules_for};
use crate::flows::store_requests::{send, store};
use crate::new_id::new_id;
use crate::reads::{CohortView, RejectedLearner, cohort_view};
use crate::store::{Ledger, Tx};
use crate::tables::audit_events;
use crate::tables::conversion_requests::{self, NewCohort, Which};
use crate::tables::idempotency_keys::{Answered, Once, once};

/// What a school or a learner asks for.
#[derive(Debug, Clone)]
pub struct ConversionOrder {
    /// Who is to grant.
    pub receiving: InstitutionCode,
    /// The code of its programme.
    pub programme: String,
    /// The code of the rule set that is to decide; the one for the programme where none is named.
    pub rule_set: Option<String>,
    /// For whom; each learner once.
    pub learners: Vec<OrderedLearner>,
    /// By what right the receiving institution is to see it, where the school says so.
    pub basis: Option<StatedBasis>,
}

/// One learner of an order.
#[derive(Debug, Clone)]
pub struct OrderedLearner {
    /// Who.
    pub learner: LearnerRef,
    /// Which outcomes; empty for every outcome with credit left that the school posted, or, where the
    /// learner asks, that a rule names.
    pub outcomes: Vec<OutcomeId>,
}

impl ConversionOrder {
    pub(super) fn target(&self) -> Target {
        Target {
            receiving: self.receiving.clone(),
            programme: self.programme.clone(),
            rule_set: self.rule_set.clone(),
        }
    }
}

/// Makes out a request for every learner of the order, once for an idempotency key. A learner asks
/// for the own account only.
///
/// # Errors
/// [`LedgerError::Refused`] where the school, the receiving institution, its programme or its
/// rules do not allow any request, [`LedgerError::NotFound`] where a learner names another one.
pub fn request_conversion_once(
    ledger: &Ledger,
    grant: &Grant<RequestConversion>,
    order: &ConversionOrder,
    request: &Once<'_, CohortView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    let applicant = Applicant::of(grant)?;
    once(ledger, grant, request, now, |tx| {
        applicant.refuse_unless_active(tx)?;
        let basis = rules_for(tx.conn(), &order.target(), bank_day(now))?;
        let (wanted, rejected) = resolve(tx, order, applicant)?;
        let cohort = CohortId::from_uuid(new_id());
        let asked = ask(
            tx,
            (applicant, grant.actor()),
            (&basis, cohort),
            &wanted,
            now,
        )?;
        let rejected = { rejected.into_iter() }.chain(asked.rejected).collect();
        asked.cohort.view(tx, grant, rejected, now)
    })
}

/// Requests that were made out and sent together.
pub(super) struct Asked {
    pub(super) cohort: AskedCohort,
    pub(super) requests: Vec<Prepared>,
    pub(super) rejected: Vec<RejectedLearner>,
}

/// What they have in common.
pub(super) struct AskedCohort {
    pub(super) cohort_id: CohortId,
    requests: usize,
}

/// Makes out requests, holds what they ask for and sends them on their way.
pub(super) fn ask(
    tx: &mut Tx<'_>,
    (applicant, by): (Applicant, &Actor),
    (basis, cohort_id): (&Basis, CohortId),
    wanted: &[Wanted],
    now: DateTime<Utc>,
) -> Result<Asked, LedgerError> {
    let learners: Vec<LearnerId> = wanted.iter().map(|one| one.learner_id).collect();
    let bases = Bases::lock(tx, basis.rule_set.receiving, wanted, bank_day(now))?;
    let (wanted, barred) = bases.admit(wanted);
    let (groups, lots) = lock_joint_lots(tx, &learners)?;
    // Merged a moment ago, after the learners were looked up: look again.
    if learners.iter().any(|id| groups.survivor(*id) != *id) {
        return Err(LedgerError::Contended);
    }
    let (today, school) = (bank_day(now), applicant.school());
    let ready = prepare(tx.conn(), school, basis, &wanted, (&groups, lots), today)?;
    let cohort = NewCohort {
        cohort_id,
        requesting: school,
        receiving: basis.rule_set.receiving,
        programme_id: basis.programme.id,
        rule_set_id: basis.rule_set.id,
        requested_by: by.client,
        // Said by the stages that each request walks, as they are written down.
        hold_expires_at: now,
        judged_on: None,
    };
    store(
        tx,
        &cohort,
        &basis.rule_set,
        &ready.prepared,
        &ready.owners,
        now,
    )?;
    let sent = { ready.prepared.iter() }.map(|one| (one.learner_id, one.request_id));
    bases.write(tx, by, sent, now)?;
    send(tx, by, &cohort, &ready.prepared, now)?;
    Ok(Asked {
        cohort: AskedCohort {
            cohort_id: cohort.cohort_id,
            requests: ready.prepared.len(),
        },
        requests: ready.prepared,
        rejected: { ready.rejected.into_iter() }.chain(barred).collect(),
    })
}

impl AskedCohort {
    /// Notes what was asked, and gives it as it stands.
    pub(super) fn view(
        &self,
        tx: &mut Tx<'_>,
        grant: &Grant<RequestConversion>,
        mut rejected: Vec<RejectedLearner>,
        now: DateTime<Utc>,
    ) -> Result<CohortView, LedgerError> {
        let subject = ("cohort", Some(self.cohort_id.as_uuid()));
        let figures = json!({ "requests": self.requests, "rejected": rejected.len() });
        audit_events::insert(tx, grant, subject, &figures, now)?;
        rejected.sort_by_key(|learner| learner.position);
        let which = Which::Cohort(self.cohort_id);
        let rows = conversion_requests::list(tx.conn(), which, View::Whole)?;
        let mut view = cohort_view(tx.conn(), self.cohort_id, rows)?;
        view.rejected = rejected;
        Ok(view)
    }
}

/// Who is meant, each learner once; whoever is not known or stands twice is rejected.
pub(super) fn resolve(
    tx: &mut Tx<'_>,
    order: &ConversionOrder,
    applicant: Applicant,
) -> Result<(Vec<Wanted>, Vec<RejectedLearner>), LedgerError> {
    let named = order.learners.iter().map(|ordered| &ordered.learner);
    let found = applicant.find(tx, named)?;
    let mut wanted = Vec::new();
    let mut rejected = Vec::new();
    let mut seen = HashSet::new();
    for ((position, found), ordered) in (0_u32..).zip(found).zip(&order.learners) {
        let fault = match found {
            None => no_outcomes(),
            Some(learner_id) if seen.insert(learner_id) => {
                wanted.push(Wanted {
                    position,
                    learner_id,
                    outcomes: ordered.outcomes.clone(),
                    basis: order.basis.clone(),
                    courses: Vec::new(),
                });
                continue;
            }
            Some(_) => twice(),
        };
        rejected.push(RejectedLearner { position, fault });
    }
    Ok((wanted, rejected))
}

fn twice() -> Fault {
    Fault::new(
        "LEARNER_TWICE",
        "同一学习者在申请中出现两次,请保留一次",
        "the learner stands twice in the order; keep one",
    )
}
