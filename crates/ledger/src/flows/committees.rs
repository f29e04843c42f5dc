//! Committees, and who sits in them.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::text::InstitutionCode;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::register::{institution_id, registered_otherwise};
use crate::reads::CommitteeView;
use crate::store::{Ledger, Tx};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::{audit_events, committees, rule_set_votes};

/// A committee to be registered, and who sits in it.
#[derive(Debug, Clone)]
pub struct NewCommittee {
    /// Its code, as rule sets name it.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// Its members: the account, the college, and the first day.
    pub members: Vec<NewMember>,
}

/// A member of a committee.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// The account.
    pub member: String,
    /// The college that the member belongs to.
    pub institution: Option<InstitutionCode>,
    /// First day.
    pub since: NaiveDate,
}

/// Registers a committee and seats its members; who is there already stays. Gives how many are new.
///
/// # Errors
/// [`LedgerError::Refused`] where a college is not registered.
pub fn register_committee(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    committee: &NewCommittee,
    now: DateTime<Utc>,
) -> Result<usize, LedgerError> {
    ledger.write(|tx| seat(tx, grant, committee, now))
}

fn seat(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepRegister>,
    committee: &NewCommittee,
    now: DateTime<Utc>,
) -> Result<usize, LedgerError> {
    rule_set_votes::insert_committee(tx, &committee.code, &committee.title, now)?;
    let mut seated = 0_usize;
    for new in &committee.members {
        let institution = new.institution.as_ref();
        let institution = institution
            .map(|code| institution_id(tx, code))
            .transpose()?;
        let code = &committee.code;
        if rule_set_votes::insert_member(tx, code, &new.member, institution, new.since)? {
            seated = seated.saturating_add(1);
        }
    }
    let figures = json!({ "committee": committee.code, "seated": seated });
    audit_events::insert(tx, grant, ("committee", None), &figures, now)?;
    Ok(seated)
}

/// Registers a committee and seats its members, and shows it.
///
/// # Errors
/// As [`register_committee`], and [`LedgerError::Conflict`] where it is called otherwise.
pub fn register_committee_once(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    committee: &NewCommittee,
    request: &Once<'_, CommitteeView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, request, now, |tx| {
        seat(tx, grant, committee, now)?;
        let view = committees::find(tx.conn(), &committee.code)?.ok_or(LedgerError::NotFound)?;
        if view.title != committee.title {
            return Err(registered_otherwise("委员会/committee", &committee.code));
        }
        Ok(view)
    })
}

/// Ends a member's seat with a day.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is no such seat that has no end.
pub fn end_seat_once(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    (committee, member, last_day): (&str, &str, NaiveDate),
    request: &Once<'_, CommitteeView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, request, now, |tx| {
        if !committees::end_seat(tx, committee, member, last_day)? {
            return Err(LedgerError::NotFound);
        }
        let figures = json!({ "committee": committee, "member": member, "until": last_day });
        audit_events::insert(tx, grant, ("committee", None), &figures, now)?;
        committees::find(tx.conn(), committee)?.ok_or(LedgerError::NotFound)
    })
}
