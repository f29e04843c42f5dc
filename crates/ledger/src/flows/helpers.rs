//! A learner authorises somebody to act for them, for some things and a time, and ends it.

use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::authz::{Grant, KeepHelpers, Scope};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::HelperConsentId;
use serde_json::json;

use super::appoint_people::{Appointee, appointee};
use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::reads::{HelperView, helper_view, learner_of};
use crate::store::{Ledger, Tx};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::{audit_events, helper_consents};

/// The longest time at once: whoever still wants it then says it again.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// What a helper may be authorised for.
pub const HELPER_SCOPES: [Scope; 2] = [Scope::LearnersRead, Scope::ConversionsRead];

/// Whom a learner authorises.
#[derive(Debug, Clone)]
pub struct HelperOrder {
    /// Who may act.
    pub helper: Appointee,
    /// For what.
    pub scopes: Vec<Scope>,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// Authorises a helper from now on.
///
/// # Errors
/// [`LedgerError::NotFound`] for an unknown person; [`LedgerError::Refused`] for oneself, for what
/// no helper does, and for times that are over or too long; [`LedgerError::Conflict`] where this
/// helper is authorised already.
pub fn authorise_helper_once(
    ledger: &Ledger,
    grant: &Grant<KeepHelpers>,
    order: &HelperOrder,
    request: &Once<'_, HelperView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    check(order, now)?;
    once(ledger, grant, request, now, |tx| {
        let helper = appointee(tx, &order.helper, now)?;
        if grant.actor().person == Some(helper) {
            return Err(LedgerError::Refused(oneself()));
        }
        let row = helper_consents::NewRow {
            id: HelperConsentId::from_uuid(new_id()),
            learner: learner_of(tx.conn(), grant)?,
            helper,
            scopes: &order.scopes,
            until: order.until,
            given_by: grant.actor().person,
        };
        if !helper_consents::insert(tx, &row, now)? {
            return Err(LedgerError::Conflict(already()));
        }
        let figures = json!({ "scopes": words(&order.scopes), "until": order.until });
        note(tx, grant, row.id, &figures, now)?;
        let kept = helper_consents::find(tx.conn(), row.learner, row.id)?;
        helper_view(kept.ok_or(LedgerError::NotFound)?)
    })
}

/// Ends it from now on.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is none such that was not ended.
pub fn end_helper_once(
    ledger: &Ledger,
    grant: &Grant<KeepHelpers>,
    id: HelperConsentId,
    request: &Once<'_, HelperView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        let learner = learner_of(tx.conn(), grant)?;
        if !helper_consents::end(tx, learner, id, grant.actor().person, now)? {
            return Err(LedgerError::NotFound);
        }
        note(tx, grant, id, &json!({ "ended": 1 }), now)?;
        let kept = helper_consents::find(tx.conn(), learner, id)?;
        helper_view(kept.ok_or(LedgerError::NotFound)?)
    })
}

fn note(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepHelpers>,
    id: HelperConsentId,
    figures: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    audit_events::insert(
        tx,
        grant,
        ("helper_consent", Some(id.as_uuid())),
        figures,
        now,
    )
}

fn words(scopes: &[Scope]) -> Vec<&'static str> {
    scopes.iter().map(|scope| scope.as_str()).collect()
}

fn check(order: &HelperOrder, now: DateTime<Utc>) -> Result<(), LedgerError> {
    let refused = |code, zh: &str, en: &str| Err(LedgerError::Refused(Fault::new(code, zh, en)));
    let given = |scope| HELPER_SCOPES.contains(scope);
    if order.scopes.is_empty() || !order.scopes.iter().all(given) {
        return refused(
            "HELPER_SCOPE",
            "可授权的事项为 learners:read 和 conversions:read,至少一项",
            "a helper is authorised for learners:read, conversions:read or both",
        );
    }
    if order.until <= now || order.until > now + LONGEST {
        return refused(
            "HELPER_UNTIL",
            "授权须在将来结束,最长 366 天",
            "an authorisation ends in the future, after 366 days at most",
        );
    }
    Ok(())
}

fn oneself() -> Fault {
    Fault::new(
        "HELPER_ONESELF",
        "协助人须为他人",
        "a helper is somebody else",
    )
}

fn already() -> Fault {
    Fault::new(
        "HELPER_ALREADY",
        "此人已获授权,请先结束原授权",
        "this person is authorised already; end that first",
    )
}
