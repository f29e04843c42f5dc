//! An institution opens accounts before it posts anything: one, or many at once.
//!
//! The same people again have the same numbers. Whoever opens an account for somebody whose name
//! and birth date another account has is told that there may be a duplicate, and not whose it is:
//! who has an account elsewhere is nobody's business but the secretariat's.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, OpenAccounts};
use creditbank_domain::fault::Fault;
use creditbank_domain::identifier::PersonIdentifiers;
use creditbank_domain::institution::Institution;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::LearnerRef;
use creditbank_domain::text::PersonName;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::open_import::refuse_unless_active;
use crate::flows::open_learners::Settled;
use crate::flows::resolve_learners::{People, Resolved};
use crate::store::{Ledger, Tx};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::{audit_events, institutions};

/// A person who is to have an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// What identifies the person; a student number is one of the institution.
    pub identifiers: PersonIdentifiers,
    /// What the person is called.
    pub name: Option<PersonName>,
}

/// The answer for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountAnswer {
    /// There is an account now.
    Opened {
        /// Its number.
        learner_no: LearnerNo,
        /// What the institution should know, though it changes nothing.
        warning: Option<Fault>,
    },
    /// There was one.
    AlreadyOpen(LearnerNo),
    /// Nothing was written.
    Rejected(Fault),
}

/// Opens accounts in one transaction and answers for each person, in their order.
///
/// # Errors
/// [`LedgerError::Refused`] where the institution may open none at all.
pub fn open_accounts(
    ledger: &Ledger,
    grant: &Grant<OpenAccounts>,
    people: &[NewAccount],
    now: DateTime<Utc>,
) -> Result<Vec<AccountAnswer>, LedgerError> {
    let learners = learners(people);
    ledger.write(grant, |tx| open(tx, grant, &learners, now))
}

/// As [`open_accounts`], once for an idempotency key.
///
/// # Errors
/// As [`open_accounts`], and [`LedgerError::IdempotencyKeyReused`].
pub fn open_accounts_once(
    ledger: &Ledger,
    grant: &Grant<OpenAccounts>,
    people: &[NewAccount],
    request: &Once<'_, Vec<AccountAnswer>>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    let learners = learners(people);
    once(ledger, grant, request, now, |tx| {
        open(tx, grant, &learners, now)
    })
}

fn learners(people: &[NewAccount]) -> Vec<LearnerRef> {
    people
        .iter()
        .cloned()
        .map(|NewAccount { identifiers, name }| LearnerRef::Identified { identifiers, name })
        .collect()
}

fn open(
    tx: &mut Tx<'_>,
    grant: &Grant<OpenAccounts>,
    learners: &[LearnerRef],
    now: DateTime<Utc>,
) -> Result<Vec<AccountAnswer>, LedgerError> {
    let institution: Institution = institutions::find(tx.conn(), grant.institution()?)?
        .ok_or(LedgerError::NotFound)?
        .try_into()?;
    refuse_unless_active(&institution)?;
    if !institution.may_open_accounts {
        return Err(LedgerError::Refused(may_not_open()));
    }
    let mut people = People::find(tx, institution.id, learners)?;
    let wanted: Vec<usize> = (0..learners.len()).collect();
    let settled = people.settle(tx, &wanted, institution.id, now)?;
    let answers = answers(&people, &settled)?;
    let figures = json!({ "asked": learners.len(), "opened": settled.opened.len() });
    audit_events::insert(tx, grant, ("accounts", None), &figures, now)?;
    Ok(answers)
}

fn answers(people: &People<'_>, settled: &Settled) -> Result<Vec<AccountAnswer>, LedgerError> {
    let mut told = HashSet::new();
    people
        .resolved
        .iter()
        .map(|resolved| match resolved {
            Resolved::Known(account) => {
                // Whoever stands twice in a list has one account, opened by the first line.
                let opened =
                    settled.opened.contains(&account.learner_id) && told.insert(account.learner_id);
                if !opened {
                    return Ok(AccountAnswer::AlreadyOpen(account.learner_no));
                }
                let alike = settled.alike.contains(&account.learner_id);
                Ok(AccountAnswer::Opened {
                    learner_no: account.learner_no,
                    warning: alike.then(may_be_a_duplicate),
                })
            }
            Resolved::Refused(fault) => Ok(AccountAnswer::Rejected(fault.clone())),
            Resolved::Unknown => Err(LedgerError::Corrupt("a person without an account")),
        })
        .collect()
}

fn may_not_open() -> Fault {
    Fault::new(
        "ACCOUNTS_NOT_ALLOWED",
        "本机构不能开户,请联系秘书处",
        "this institution may not open accounts; contact the secretariat",
    )
}

fn may_be_a_duplicate() -> Fault {
    Fault::new(
        "DUPLICATE_POSSIBLE",
        "已有账户的姓名和出生日期与此相同,账户已照常开立,秘书处将核对是否为同一人",
        "an account with this name and birth date exists; this one was opened all the same, and \
         the secretariat will see whether both are one person's",
    )
}
