//! Drafts: what somebody may ask for. A draft holds nothing; each look at it says what the rules of
//! that day would give, by the function that decides.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, RequestConversion};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::ids::{CohortId, DraftId};
use diesel::pg::PgConnection;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::applicant::Applicant;
use crate::flows::draft_view::{DraftView, ListedDraft, ended, target, version_of, view, wanted};
use crate::flows::request_conversion::{ConversionOrder, ask, resolve};
use crate::flows::request_rules::rules_for;
use crate::new_id::new_id;
use crate::reads::{CohortView, RejectedLearner};
use crate::store::{Ledger, Tx};
use crate::tables::audit_events;
use crate::tables::conversion_drafts::{self, DraftContent, DraftRow, Drafter, StoredLearner};
use crate::tables::idempotency_keys::{Answered, Once, once};

/// Drafts what the order says, once for an idempotency key.
///
/// # Errors
/// [`LedgerError::Refused`] where no rules would decide or none of the learners is known,
/// [`LedgerError::NotFound`] where a learner names another one.
pub fn draft_conversion_once(
    ledger: &Ledger,
    grant: &Grant<RequestConversion>,
    order: &ConversionOrder,
    request: &Once<'_, DraftView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    let applicant = Applicant::of(grant)?;
    once(ledger, grant, request, now, |tx| {
        applicant.refuse_unless_active(tx)?;
        let (stored, rejected) = content(tx, applicant, order, now)?;
        let drafter = drafter(tx, applicant)?;
        let draft = DraftId::from_uuid(new_id());
        conversion_drafts::insert(tx, (draft, drafter), &of_order(order, &stored), now)?;
        changed(tx, (grant, applicant), draft, rejected, now)
    })
}

/// Says something else in an open draft, once for an idempotency key.
///
/// # Errors
/// As [`draft_conversion_once`], and [`LedgerError::Conflict`] where it was submitted or discarded,
/// [`LedgerError::Stale`] where it was changed since.
pub fn revise_draft_once(
    ledger: &Ledger,
    grant: &Grant<RequestConversion>,
    (draft, version): (DraftId, Option<u32>),
    order: &ConversionOrder,
    request: &Once<'_, DraftView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    let applicant = Applicant::of(grant)?;
    once(ledger, grant, request, now, |tx| {
        lock_open(tx, applicant, (draft, version))?;
        let (stored, rejected) = content(tx, applicant, order, now)?;
        conversion_drafts::revise(tx, draft, &of_order(order, &stored), now)?;
        changed(tx, (grant, applicant), draft, rejected, now)
    })
}

/// Gives an open draft up, once for an idempotency key.
///
/// # Errors
/// [`LedgerError::NotFound`], [`LedgerError::Conflict`] where it was submitted or discarded,
/// [`LedgerError::Stale`] where it was changed since.
pub fn discard_draft_once(
    ledger: &Ledger,
    grant: &Grant<RequestConversion>,
    (draft, version): (DraftId, Option<u32>),
    request: &Once<'_, DraftView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    let applicant = Applicant::of(grant)?;
    once(ledger, grant, request, now, |tx| {
        lock_open(tx, applicant, (draft, version))?;
        conversion_drafts::end(tx, draft, None, now)?;
        changed(tx, (grant, applicant), draft, Vec::new(), now)
    })
}

/// Submits an open draft: its requests are made out by the rules of today, hold what they ask for
/// and are on their way. Once for an idempotency key, and once for all.
///
/// # Errors
/// As [`discard_draft_once`], and [`LedgerError::Refused`] where no request can be made out.
pub fn submit_draft_once(
    ledger: &Ledger,
    grant: &Grant<RequestConversion>,
    (draft, version): (DraftId, Option<u32>),
    request: &Once<'_, CohortView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    let applicant = Applicant::of(grant)?;
    once(ledger, grant, request, now, |tx| {
        let row = lock_open(tx, applicant, (draft, version))?;
        applicant.refuse_unless_active(tx)?;
        let basis = rules_for(tx.conn(), &target(&row)?, bank_day(now))?;
        let (_, wanted) = wanted(tx.conn(), &row)?;
        let cohort = CohortId::from_uuid(new_id());
        let asked = ask(
            tx,
            (applicant, grant.actor()),
            (&basis, cohort),
            &wanted,
            now,
        )?;
        let mut rejected = asked.rejected.iter();
        if let (true, Some(first)) = (asked.requests.is_empty(), rejected.next()) {
            return Err(LedgerError::Refused(first.fault.clone()));
        }
        conversion_drafts::end(tx, draft, Some(asked.cohort.cohort_id), now)?;
        asked.cohort.view(tx, grant, asked.rejected, now)
    })
}

/// A draft of the grant's own, with what would come of it today.
///
/// # Errors
/// [`LedgerError::NotFound`], also where it is somebody else's.
pub fn conversion_draft(
    ledger: &Ledger,
    grant: &Grant<RequestConversion>,
    draft: DraftId,
    today: NaiveDate,
) -> Result<DraftView, LedgerError> {
    let applicant = Applicant::of(grant)?;
    ledger.read_snapshot(grant, |conn| {
        let drafter = drafter_of(conn, applicant)?;
        let row = conversion_drafts::find(conn, drafter, draft)?;
        view(conn, applicant, &row.ok_or(LedgerError::NotFound)?, today)
    })
}

/// The open drafts of the grant's own behind one, in the order in which they were made.
///
/// # Errors
/// [`LedgerError::Unavailable`]
pub fn conversion_drafts(
    ledger: &Ledger,
    grant: &Grant<RequestConversion>,
    after: Option<DraftId>,
    limit: u32,
) -> Result<Vec<ListedDraft>, LedgerError> {
    let applicant = Applicant::of(grant)?;
    let rows = ledger.read(grant, |conn| {
        let drafter = drafter_of(conn, applicant)?;
        conversion_drafts::list_open(conn, drafter, after, limit)
    })?;
    { rows.into_iter() }
        .map(|row| {
            Ok(ListedDraft {
                draft_id: DraftId::from_uuid(row.draft_id),
                version: version_of(&row)?,
                learners: row.learners()?.len(),
                receiving: row.receiving_code,
                programme_code: row.programme_code,
                changed_at: row.changed_at,
            })
        })
        .collect()
}

/// What a draft is to say, where rules would decide it and somebody is known.
fn content(
    tx: &mut Tx<'_>,
    applicant: Applicant,
    order: &ConversionOrder,
    now: DateTime<Utc>,
) -> Result<(Vec<StoredLearner>, Vec<RejectedLearner>), LedgerError> {
    rules_for(tx.conn(), &order.target(), bank_day(now))?;
    let (wanted, rejected) = resolve(tx, order, applicant)?;
    if wanted.is_empty() {
        let mut faults = rejected.into_iter().map(|one| one.fault);
        return Err(faults
            .next()
            .map_or(LedgerError::NotFound, LedgerError::Refused));
    }
    let stored = wanted
        .iter()
        .map(|one| StoredLearner::new(one.learner_id, &one.outcomes));
    Ok((stored.collect(), rejected))
}

fn of_order<'o>(order: &'o ConversionOrder, learners: &'o [StoredLearner]) -> DraftContent<'o> {
    DraftContent {
        receiving_code: order.receiving.as_str(),
        programme_code: &order.programme,
        rule_set_code: order.rule_set.as_deref(),
        learners,
        basis: order.basis.as_ref(),
    }
}

fn drafter(tx: &mut Tx<'_>, applicant: Applicant) -> Result<Drafter, LedgerError> {
    drafter_of(tx.conn(), applicant)
}

fn drafter_of(conn: &mut PgConnection, applicant: Applicant) -> Result<Drafter, LedgerError> {
    match (applicant.school(), applicant.own_account(conn)?) {
        (Some(school), _) => Ok(Drafter::School(school)),
        (None, Some(learner)) => Ok(Drafter::Learner(learner)),
        (None, None) => Err(LedgerError::NotFound),
    }
}

fn lock_open(
    tx: &mut Tx<'_>,
    applicant: Applicant,
    (draft, seen): (DraftId, Option<u32>),
) -> Result<DraftRow, LedgerError> {
    let drafter = drafter(tx, applicant)?;
    let row = conversion_drafts::lock(tx, drafter, draft)?.ok_or(LedgerError::NotFound)?;
    if row.state != "open" {
        return Err(LedgerError::Conflict(ended(&row.state)));
    }
    let now = version_of(&row)?;
    match seen {
        Some(seen) if seen != now => Err(LedgerError::Stale { seen, now }),
        _ => Ok(row),
    }
}

/// Notes a change, and gives the draft as it stands.
fn changed(
    tx: &mut Tx<'_>,
    (grant, applicant): (&Grant<RequestConversion>, Applicant),
    draft: DraftId,
    rejected: Vec<RejectedLearner>,
    now: DateTime<Utc>,
) -> Result<DraftView, LedgerError> {
    let drafter = drafter(tx, applicant)?;
    let row = conversion_drafts::find(tx.conn(), drafter, draft)?;
    let row = row.ok_or(LedgerError::NotFound)?;
    let subject = ("draft", Some(draft.as_uuid()));
    let figures = json!({ "state": row.state, "version": row.version });
    audit_events::insert(tx, grant, subject, &figures, now)?;
    let mut view = view(tx.conn(), applicant, &row, bank_day(now))?;
    view.rejected = rejected;
    Ok(view)
}
