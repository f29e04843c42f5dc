//! Consents: given by the learner who is signed in, or recorded from paper by an institution that
//! knows the learner; withdrawn at any time, and then what rests on them ends.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Action, Grant, KeepConsents, KeepRegister, Subject, View};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::consent::GivenHow;
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{ConsentId, InstitutionId, LearnerId, RequestId};
use creditbank_domain::process::{Party, StepKind};
use creditbank_domain::reading::ReadPurpose;
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::text::{InstitutionCode, bounded};
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::judge_requests::Judging;
use crate::flows::register::institution_id;
use crate::flows::request_ways::NewStep;
use crate::flows::walk_requests::{Seen, Walk, note, walk};
use crate::new_id::new_id;
use crate::reads::{ConsentView, consent_view};
use crate::store::{Ledger, Tx};
use crate::tables::conversion_requests::{Side, Which};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::{audit_events, claim_codes, consents, learners};

/// Requests that one round of housekeeping ends at most.
const AT_ONCE_MAX: i64 = 500;

/// What a learner agrees to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentOrder {
    /// Who may see the outcomes.
    pub institution: InstitutionCode,
    /// For what.
    pub purpose: ReadPurpose,
    /// From which day; today where none is said.
    pub from: Option<NaiveDate>,
    /// The last day; none until it is withdrawn.
    pub until: Option<NaiveDate>,
    /// Where the paper is; for an institution that records one, and for nobody else.
    pub document: Option<String>,
}

/// Writes a consent down, once for an idempotency key.
///
/// # Errors
/// [`LedgerError::NotFound`] where the institution neither opened the account nor posted an outcome
/// of it, [`LedgerError::Refused`] where the order makes no sense.
pub fn give_consent_once(
    ledger: &Ledger,
    grant: &Grant<KeepConsents>,
    order: &ConsentOrder,
    claim: &Once<'_, ConsentView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, claim, now, |tx| {
        let (learner, members) = account(tx, grant)?;
        let recorded_for = recorder(tx, grant, &members)?;
        let given_how = match recorded_for {
            None => GivenHow::SignedIn,
            Some(_) => GivenHow::Paper,
        };
        let document = paper(given_how, order.document.as_deref())?;
        let from = order.from.unwrap_or_else(|| bank_day(now));
        if order
            .until
            .is_some_and(|until| until < from || until < bank_day(now))
        {
            return Err(LedgerError::Refused(over_before()));
        }
        let consent = ConsentId::from_uuid(new_id());
        let row = consents::NewRow {
            learner,
            consent,
            institution: institution_id(tx, &order.institution)?,
            purpose: order.purpose.as_str(),
            given_how: given_how.as_str(),
            document: document.as_deref(),
            recorded_for,
            by: grant.actor().hand().0,
            from,
            until: order.until,
        };
        consents::insert(tx, &row, now)?;
        finish(tx, grant, &members, consent, "given", now)
    })
}

/// Withdraws a consent, once for an idempotency key: the receiving institution sees nothing by it
/// any more, and open requests that rest on it are taken back.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is none that the grant's actor recorded or gave,
/// [`LedgerError::Conflict`] where it was withdrawn before.
pub fn withdraw_consent_once(
    ledger: &Ledger,
    grant: &Grant<KeepConsents>,
    consent: ConsentId,
    claim: &Once<'_, ConsentView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, claim, now, |tx| {
        let (_, members) = account(tx, grant)?;
        let recorder = recorder(tx, grant, &members)?;
        let row = consents::lock(tx, &members, consent)?.ok_or(LedgerError::NotFound)?;
        // An institution withdraws what it recorded; the learner whatever the learner gave.
        if recorder.is_some() && row.recorded_for != recorder.map(InstitutionId::as_uuid) {
            return Err(LedgerError::NotFound);
        }
        if row.withdrawn_at.is_some() {
            return Err(LedgerError::Conflict(withdrawn_already()));
        }
        consents::withdraw(tx, consent, grant.actor().hand().0, now)?;
        for request in consents::list_open_on(tx, consent)? {
            take_back(tx, grant, request, WITHDRAWN, now)?;
        }
        finish(tx, grant, &members, consent, "withdrawn", now)
    })
}

/// Takes back open requests whose consent has run out; how many.
///
/// # Errors
/// [`LedgerError::Unavailable`]. What was done before stays done.
pub(super) fn end_lapsed(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    now: DateTime<Utc>,
) -> Result<usize, LedgerError> {
    let lapsed = ledger.read(grant, |conn| {
        consents::list_lapsed(conn, bank_day(now), AT_ONCE_MAX)
    })?;
    for request in &lapsed {
        ledger.write(grant, |tx| take_back(tx, grant, *request, RAN_OUT, now))?;
    }
    Ok(lapsed.len())
}

const WITHDRAWN: &str = "学习者撤回了同意 / the learner withdrew the consent";
const RAN_OUT: &str = "学习者的同意已到期 / the learner's consent has run out";

/// Ends an open request as taken back, unless somebody ended it a moment ago.
fn take_back<A: Action>(
    tx: &mut Tx<'_>,
    grant: &Grant<A>,
    request: RequestId,
    why: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let order = Walk {
        side: Side::Bank,
        which: Which::One(request),
        seen: Seen::new(),
        by: grant.actor(),
        step: NewStep {
            kind: StepKind::Withdrawn,
            party: Party::Receiving,
            hand: Some(grant.actor().hand()),
            text: Some(why.to_owned()),
            not_accepted: Vec::new(),
        },
    };
    let withdrawn = |_: &_, _| {
        Ok(Judging::RefuseAll(
            ReasonCode::RequestWithdrawn,
            why.to_owned(),
        ))
    };
    match walk(tx, &order, withdrawn, now) {
        Ok(walked) => note(tx, grant, order.which, &walked, now),
        Err(LedgerError::Conflict(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The account that is meant, and every account that is shown with it.
fn account(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepConsents>,
) -> Result<(LearnerId, Vec<LearnerId>), LedgerError> {
    let Subject::Learner(number) = grant.subject() else {
        return Err(LedgerError::NotFound);
    };
    let found = learners::find_by_number(tx.conn(), number)?.ok_or(LedgerError::NotFound)?;
    Ok((found.account.learner_id, found.members()))
}

/// The institution that records a paper, which has to know the learner; nothing for the learner.
fn recorder(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepConsents>,
    members: &[LearnerId],
) -> Result<Option<InstitutionId>, LedgerError> {
    match grant.view() {
        View::OnlyOwn(_) => Ok(None),
        View::Whole => Err(LedgerError::NotFound),
        View::OnlyOf(institution) => {
            for member in members {
                if claim_codes::is_known_to(tx.conn(), *member, institution)? {
                    return Ok(Some(institution));
                }
            }
            Err(LedgerError::NotFound)
        }
    }
}

fn paper(how: GivenHow, document: Option<&str>) -> Result<Option<String>, LedgerError> {
    let refused = |zh: &str, en: &str| {
        let fault = Fault::new("CONSENT_DOCUMENT", zh.to_owned(), en.to_owned());
        Err(LedgerError::Refused(fault))
    };
    match (how, document) {
        (GivenHow::SignedIn, None) => Ok(None),
        (GivenHow::SignedIn, Some(_)) => refused(
            "本人登录作出的同意不需文号",
            "a consent that the learner gives names no document",
        ),
        (GivenHow::Paper, Some(text)) => bounded("document_number", text, 80)
            .map(Some)
            .map_err(|error| LedgerError::Refused(error.into())),
        (GivenHow::Paper, None) => refused(
            "登记书面同意须写明其存档编号",
            "a consent on paper is recorded with the number under which the paper is kept",
        ),
    }
}

fn over_before() -> Fault {
    Fault::new(
        "CONSENT_TERM",
        "同意的截止日不得早于起始日或今日",
        "the last day of a consent is not before its first one, nor before today",
    )
}

fn withdrawn_already() -> Fault {
    Fault::new(
        "CONSENT_WITHDRAWN",
        "该同意已撤回",
        "the consent was withdrawn before",
    )
}

fn finish(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepConsents>,
    members: &[LearnerId],
    consent: ConsentId,
    what: &str,
    now: DateTime<Utc>,
) -> Result<ConsentView, LedgerError> {
    let figures = json!({ "what": what });
    audit_events::insert(
        tx,
        grant,
        ("consent", Some(consent.as_uuid())),
        &figures,
        now,
    )?;
    let row = consents::lock(tx, members, consent)?;
    let row = row.ok_or(LedgerError::Corrupt("consents"))?;
    consent_view(&row, bank_day(now))
}
