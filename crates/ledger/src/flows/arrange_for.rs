//! Review chains, stand-ins and work calendars as those who are signed in arrange them: the same
//! flows as the command line's, each within the caller's institution and answered once.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{
    Action, ArrangeReviews, DelegateReviews, Grant, KeepRegister, Role, View,
};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::InstitutionId;
use creditbank_domain::text::InstitutionCode;

use super::arrange_reviews::{
    Delegation, NewCalendarYear, NewChain, arrange, delegate, load, wanted_chain,
};
use super::register::institution_id;
use crate::error::LedgerError;
use crate::reads::{CalendarYearView, ChainView, DelegationView};
use crate::store::{Ledger, Tx};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::{appointments, arrangements};

/// Registers a chain of the caller's institution, or of any for the secretariat.
///
/// # Errors
/// As [`super::register_chain`]; [`LedgerError::NotFound`] for another institution's.
pub fn register_chain_once(
    ledger: &Ledger,
    grant: &Grant<ArrangeReviews>,
    new: &NewChain,
    request: &Once<'_, ChainView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    let wanted = wanted_chain(new)?;
    once(ledger, request, now, |tx| {
        own_only(tx, grant, Some(&new.institution))?;
        arrange(tx, grant, new, &wanted, now)?;
        let code = new.institution.as_str();
        let chains = arrangements::list_chains(tx.conn(), Some(code))?;
        let found = chains
            .into_iter()
            .find(|it| it.valid_from == new.valid_from);
        found.ok_or(LedgerError::NotFound)
    })
}

/// Notes who stands in. A reviewer speaks for nobody but themselves; an institution's admin for
/// its reviewers, the secretariat for everybody. Whoever stands in is a reviewer too.
///
/// # Errors
/// As [`super::delegate_reviews`]; [`LedgerError::NotFound`] for another institution's reviewers,
/// [`LedgerError::Refused`] where either is no reviewer there or is not the caller's to speak for.
pub fn delegate_reviews_once(
    ledger: &Ledger,
    grant: &Grant<DelegateReviews>,
    order: &Delegation,
    request: &Once<'_, DelegationView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    let actor = grant.actor();
    let speaks_for_others = [Role::InstitutionAdmin, Role::Secretariat, Role::Operator];
    let speaks_for_others = actor
        .roles
        .iter()
        .any(|role| speaks_for_others.contains(role));
    if !speaks_for_others && order.absent != actor.hand() {
        return Err(LedgerError::Refused(somebody_elses()));
    }
    once(ledger, request, now, |tx| {
        let institution = own_only(tx, grant, order.institution.as_ref())?;
        for hand in [order.absent, order.delegate] {
            if !appointments::reviews_for(tx.conn(), hand, institution)? {
                return Err(LedgerError::Refused(no_reviewer()));
            }
        }
        let id = delegate(tx, grant, order, now)?;
        let found = arrangements::find_delegation(tx.conn(), id)?;
        found.ok_or(LedgerError::NotFound)
    })
}

/// Loads the holidays of a year.
///
/// # Errors
/// As [`super::load_calendar_year`].
pub fn load_calendar_year_once(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    new: &NewCalendarYear,
    request: &Once<'_, CalendarYearView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, request, now, |tx| {
        load(tx, grant, new, now)?;
        let years = arrangements::list_calendars(tx.conn(), Some(new.year))?;
        years.into_iter().next().ok_or(LedgerError::NotFound)
    })
}

/// The institution that is named, where the grant reaches it.
fn own_only<A: Action>(
    tx: &mut Tx<'_>,
    grant: &Grant<A>,
    named: Option<&InstitutionCode>,
) -> Result<Option<InstitutionId>, LedgerError> {
    let named = named.map(|code| institution_id(tx, code)).transpose()?;
    match (grant.view(), named) {
        (View::Whole, named) => Ok(named),
        (View::OnlyOf(own), Some(named)) if own == named => Ok(Some(named)),
        (View::OnlyOf(_) | View::OnlyOwn(_), _) => Err(LedgerError::NotFound),
    }
}

fn somebody_elses() -> Fault {
    Fault::new(
        "DELEGATION_OF_ANOTHER",
        "审核人只能为自己指定代理人;他人的代理由机构管理员登记",
        "a reviewer names a stand-in for themselves; the institution's admin does for others",
    )
}

fn no_reviewer() -> Fault {
    Fault::new(
        "DELEGATE_NO_REVIEWER",
        "代理双方都须是该机构(或学分银行)的审核人,请先任命",
        "both have to review for that institution, or for the bank; appoint them first",
    )
}
