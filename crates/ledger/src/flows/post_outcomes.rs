//! The one way in: many outcomes at once, an answer for each.
//!
//! Single posts, batches and files all end here. Every report is recognised in `domain`, accounts
//! are opened, the source references claimed, and one statement posts outcomes, lots and transfers.
//! A report that is refused, names somebody unknown or does not win its reference may have been
//! posted before: only for these is looked up what is recorded, so that the same content answers
//! as it did. A dry run goes the same way and only looks where the others write.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::Amount;
use creditbank_domain::authz::{Grant, PostOutcomes};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{InstitutionId, LotId, OutcomeId};
use creditbank_domain::institution::Institution;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::ReportedOutcome;
use creditbank_domain::reason::ReasonCode;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::plan_batch::position_of;
use crate::flows::post_batch::Batch;
use crate::flows::twins::{Twin, Twins, name_twins};
use crate::store::{Ledger, Tx};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::outcomes::{self, PlannedOutcome};
use crate::tables::{audit_events, institutions, trials};

/// How outcomes come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Posted over the API.
    Api,
    /// A line of a file.
    Import,
}

impl Origin {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Import => "import",
        }
    }
}

/// What is done with reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// They are posted.
    Posts,
    /// They are answered as if they were.
    Tries,
}

/// A lot that an outcome was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostedLot {
    /// The lot.
    pub lot_id: LotId,
    /// How much of which unit.
    pub amount: Amount,
    /// Last day on which it can be used; for ever where there is none.
    pub expires_on: Option<NaiveDate>,
}

/// An outcome that is in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedOutcome {
    /// The outcome.
    pub outcome_id: OutcomeId,
    /// Whose it is.
    pub learner_no: LearnerNo,
    /// True where this post opened the account.
    pub account_opened: bool,
    /// What it earned.
    pub lots: Vec<PostedLot>,
    /// Why it earned nothing.
    pub earned_nothing: Option<ReasonCode>,
    /// The course that is credited instead, for [`ReasonCode::DuplicateName`].
    pub twin: Option<Twin>,
    /// What has to be seen to, though it counts.
    pub warnings: Vec<Fault>,
}

impl PostedOutcome {
    /// Why it earned nothing, for people: a twin by its name.
    #[must_use]
    pub fn why_nothing(&self) -> Option<Fault> {
        let twin = self.twin.as_ref();
        let figures = twin.map(|twin| format!("{}; {} {}", twin.title, twin.owner, twin.code));
        let figures = figures.unwrap_or_default();
        self.earned_nothing
            .map(|reason| Fault::of_reason(reason, &figures))
    }
}

/// The answer to one report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PostAnswer {
    /// It is in the ledger now.
    Posted(PostedOutcome),
    /// It was there, with the same content.
    AlreadyPosted(PostedOutcome),
    /// Nothing was recorded.
    Rejected(Fault),
}

/// Posts many outcomes in one transaction and answers each, in their order.
///
/// # Errors
/// [`LedgerError`] where nothing at all was done.
pub fn post_outcomes(
    ledger: &Ledger,
    grant: &Grant<PostOutcomes>,
    reports: &[ReportedOutcome],
    origin: Origin,
    now: DateTime<Utc>,
) -> Result<Vec<PostAnswer>, LedgerError> {
    ledger.write(grant, |tx| post_granted(tx, grant, reports, origin, now))
}

/// As [`post_outcomes`], once for an idempotency key.
///
/// # Errors
/// As [`post_outcomes`], and [`LedgerError::IdempotencyKeyReused`].
pub fn post_outcomes_once(
    ledger: &Ledger,
    grant: &Grant<PostOutcomes>,
    reports: &[ReportedOutcome],
    request: &Once<'_, Vec<PostAnswer>>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        post_granted(tx, grant, reports, Origin::Api, now)
    })
}

fn post_granted(
    tx: &mut Tx<'_>,
    grant: &Grant<PostOutcomes>,
    reports: &[ReportedOutcome],
    origin: Origin,
    now: DateTime<Utc>,
) -> Result<Vec<PostAnswer>, LedgerError> {
    let answers = post_reports(tx, grant.institution()?, reports, origin, now)?;
    let posted = answers
        .iter()
        .filter(|a| matches!(a, PostAnswer::Posted(_)))
        .count();
    let figures = json!({ "reported": reports.len(), "posted": posted });
    audit_events::insert(tx, grant, ("outcomes", None), &figures, now)?;
    Ok(answers)
}

/// Posts reports inside a transaction that is open already.
pub(super) fn post_reports(
    tx: &mut Tx<'_>,
    institution_id: InstitutionId,
    reports: &[ReportedOutcome],
    origin: Origin,
    now: DateTime<Utc>,
) -> Result<Vec<PostAnswer>, LedgerError> {
    answer_reports(tx, institution_id, reports, (origin, Effect::Posts), now)
}

/// Answers the lines of a file as [`post_reports`] would. Where that takes no more than looking, it
/// writes nothing, which is most of what posting costs; but it may write, and whoever calls it has
/// to take that back.
pub(super) fn try_reports(
    tx: &mut Tx<'_>,
    institution_id: InstitutionId,
    reports: &[ReportedOutcome],
    now: DateTime<Utc>,
) -> Result<Vec<PostAnswer>, LedgerError> {
    let tried = (Origin::Import, Effect::Tries);
    answer_reports(tx, institution_id, reports, tried, now)
}

/// How often what a refused report leaves free is tried again: one file in good faith needs it once.
const FREED_TRIED_MAX: usize = 8;

fn answer_reports(
    tx: &mut Tx<'_>,
    institution_id: InstitutionId,
    reports: &[ReportedOutcome],
    how: (Origin, Effect),
    now: DateTime<Utc>,
) -> Result<Vec<PostAnswer>, LedgerError> {
    let (mut answers, mut freed) = answer_at_once(tx, institution_id, reports, how, now)?;
    for _ in 0..FREED_TRIED_MAX {
        if freed.is_empty() {
            break;
        }
        // As if they came by themselves: they meet what the others wrote.
        let left = freed.iter().filter_map(|at| reports.get(*at));
        let left: Vec<ReportedOutcome> = left.cloned().collect();
        let (more, still) = answer_at_once(tx, institution_id, &left, how, now)?;
        for (position, answer) in freed.iter().zip(more) {
            if let Some(answer) = answer {
                set(&mut answers, *position, answer);
            }
        }
        freed = still
            .iter()
            .filter_map(|at| freed.get(*at).copied())
            .collect();
    }
    for position in freed {
        set(&mut answers, position, PostAnswer::Rejected(contested()));
    }
    answers
        .into_iter()
        .map(|a| a.ok_or(LedgerError::Corrupt("an unanswered report")))
        .collect()
}

fn contested() -> Fault {
    Fault::new(
        "SOURCE_REF_CONFLICT",
        "同一来源编号下的多行均被拒绝,请先更正那些行,并给每行各自的编号",
        "many lines under this source reference were refused; correct those first and give each \
         line a reference of its own",
    )
}

/// The answers, and the places of the reports that have none yet: of those before them under the
/// same source reference each was refused, so it is free.
type Answers = (Vec<Option<PostAnswer>>, Vec<usize>);

fn answer_at_once(
    tx: &mut Tx<'_>,
    institution_id: InstitutionId,
    reports: &[ReportedOutcome],
    (origin, effect): (Origin, Effect),
    now: DateTime<Utc>,
) -> Result<Answers, LedgerError> {
    let institution: Institution = institutions::find(tx.conn(), institution_id)?
        .ok_or(LedgerError::NotFound)?
        .try_into()?;
    let mut batch = Batch::load(tx, institution, reports)?;
    let mut answers: Vec<Option<PostAnswer>> = vec![None; reports.len()];
    let mut planned = batch.plan(tx, &mut answers, (origin, effect), now)?;
    let claimed: HashSet<OutcomeId> = match planned.effect {
        Effect::Posts => outcomes::claim_sources(tx, &planned.outcomes)?,
        // What is recorded was read for all, and is answered.
        Effect::Tries => planned.outcomes.iter().map(|it| it.outcome_id).collect(),
    }
    .into_iter()
    .collect();
    let mut fresh: Vec<&mut PlannedOutcome> = planned
        .outcomes
        .iter_mut()
        .filter(|p| claimed.contains(&p.outcome_id))
        .collect();
    let twins = Twins::refuse(tx, &mut fresh, batch.people.has_merged())?;
    let won: Vec<&PlannedOutcome> = fresh.into_iter().map(|p| &*p).collect();
    let issued: HashSet<LotId> = match planned.effect {
        Effect::Posts => outcomes::post(tx, &won, now)?,
        Effect::Tries => trials::lots_to_be_issued(tx, &won, &batch.opened)?,
    }
    .into_iter()
    .collect();
    twins.keep(tx, &issued, now)?;
    for outcome in &won {
        let position = position_of(&planned.positions, outcome.outcome_id)?;
        let answer = PostAnswer::Posted(batch.posted(position, outcome, &issued)?);
        set(&mut answers, position, answer);
    }
    batch.answer_the_overtaken(tx, &planned, &claimed, &mut answers)?;
    batch.add_lots_of_recorded(tx, &mut answers)?;
    name_twins(tx, &mut answers)?;
    Ok((answers, planned.freed))
}

/// Writes the answer of one report into its place.
pub(super) fn set(answers: &mut [Option<PostAnswer>], position: usize, answer: PostAnswer) {
    if let Some(slot) = answers.get_mut(position) {
        *slot = Some(answer);
    }
}
