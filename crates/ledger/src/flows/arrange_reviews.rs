//! What an institution arranges for its requests: the stages they walk, and who stands in for whom.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Action, Grant, KeepRegister};
use creditbank_domain::calendar::DayKind;
use creditbank_domain::conversion::Document;
use creditbank_domain::fault::Fault;
use creditbank_domain::process::{Chain, Hand, Stage};
use creditbank_domain::text::InstitutionCode;
use serde_json::json;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::flows::register::{add_document, institution_id, registered_otherwise};
use crate::store::{Ledger, Tx};
use crate::tables::audit_events;
use crate::tables::review_chains::{self, NewDelegation, StoredChain};
use crate::tables::work_calendar::{self, DayRow};

/// The stages of an institution's requests, from a day on.
#[derive(Debug, Clone)]
pub struct NewChain {
    /// The receiving institution.
    pub institution: InstitutionCode,
    /// Requests sent from that day on walk it.
    pub valid_from: NaiveDate,
    /// What it rests on.
    pub document: Document,
    /// The stages in order, each with the people or clients whose it is; nobody named for everybody
    /// of the role.
    pub stages: Vec<(Stage, Vec<Hand>)>,
    /// Working days that an applicant has for an answer.
    pub answer_days: u32,
}

/// Registers a chain; the same again changes nothing. Requests on their way keep theirs.
///
/// # Errors
/// [`LedgerError::Refused`] where the stages are no chain, [`LedgerError::Conflict`] where another
/// one begins on that day.
pub fn register_chain(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    new: &NewChain,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let wanted = wanted_chain(new)?;
    ledger.write(|tx| arrange(tx, grant, new, &wanted, now))
}

/// The chain that is asked for, where it is one.
pub(super) fn wanted_chain(new: &NewChain) -> Result<StoredChain, LedgerError> {
    let stages = new.stages.iter().map(|(stage, _)| stage.clone()).collect();
    let chain = Chain::new(stages, new.answer_days)
        .map_err(|error| LedgerError::Refused(no_chain(&error.to_string())))?;
    let reviewers: Vec<Vec<Hand>> = new.stages.iter().map(|(_, hands)| hands.clone()).collect();
    let too_few = chain
        .stages()
        .zip(&reviewers)
        .any(|(stage, hands)| !hands.is_empty() && hands.len() < usize::from(stage.approvals));
    if too_few {
        let why = "a stage names fewer reviewers than have to agree";
        return Err(LedgerError::Refused(no_chain(why)));
    }
    Ok(StoredChain {
        id: None,
        chain,
        reviewers,
    })
}

/// Registers a chain inside a transaction.
pub(super) fn arrange<A: Action>(
    tx: &mut Tx<'_>,
    grant: &Grant<A>,
    new: &NewChain,
    wanted: &StoredChain,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let institution = institution_id(tx, &new.institution)?;
    add_document(tx, &new.document, now)?;
    let from = (new.valid_from, new.document.number.as_str());
    let Some(id) = review_chains::insert(tx, institution, from, wanted, now)? else {
        let there = review_chains::find_on(tx.conn(), institution, new.valid_from)?;
        if (StoredChain { id: None, ..there }) == *wanted {
            return Ok(false);
        }
        let key = format!("{} {}", new.institution, new.valid_from);
        return Err(registered_otherwise("审核环节/review chain", &key));
    };
    let figures = json!({ "stages": wanted.chain.len(), "from": new.valid_from });
    audit_events::insert(tx, grant, ("review_chain", Some(id)), &figures, now)?;
    Ok(true)
}

/// Somebody who stands in for an absent reviewer, from a day to a day.
#[derive(Debug, Clone)]
pub struct Delegation {
    /// Whose reviewers they are; none for the bank's.
    pub institution: Option<InstitutionCode>,
    /// Who is away.
    pub absent: Hand,
    /// Who stands in.
    pub delegate: Hand,
    /// From.
    pub valid_from: NaiveDate,
    /// To, that day included.
    pub valid_to: NaiveDate,
}

/// Notes that somebody stands in for somebody else.
///
/// # Errors
/// [`LedgerError::Refused`] where it is one person, or it ends before it begins.
pub fn delegate_reviews(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    order: &Delegation,
    now: DateTime<Utc>,
) -> Result<Uuid, LedgerError> {
    ledger.write(|tx| delegate(tx, grant, order, now))
}

/// Notes it inside a transaction.
pub(super) fn delegate<A: Action>(
    tx: &mut Tx<'_>,
    grant: &Grant<A>,
    order: &Delegation,
    now: DateTime<Utc>,
) -> Result<Uuid, LedgerError> {
    if order.absent == order.delegate || order.valid_to < order.valid_from {
        return Err(LedgerError::Refused(Fault::new(
            "DELEGATION",
            "代理人须为他人,且结束日期不得早于开始日期",
            "somebody else stands in, and the last day is not before the first",
        )));
    }
    let institution = { order.institution.as_ref() }
        .map(|code| institution_id(tx, code))
        .transpose()?;
    let new = NewDelegation {
        institution,
        absent: order.absent,
        delegate: order.delegate,
        valid_from: order.valid_from,
        valid_to: order.valid_to,
        recorded_by: recorded_by(grant),
    };
    let id = review_chains::insert_delegation(tx, &new, now)?;
    let figures = json!({ "from": order.valid_from, "to": order.valid_to });
    audit_events::insert(tx, grant, ("review_delegation", Some(id)), &figures, now)?;
    Ok(id)
}

/// The hand that is written beside a row; nothing for the command line.
pub(super) fn recorded_by<A: Action>(grant: &Grant<A>) -> Option<Uuid> {
    Some(grant.actor().hand().0).filter(|hand| !hand.is_nil())
}

/// The holidays of a year and the days made up for them.
#[derive(Debug, Clone)]
pub struct NewCalendarYear {
    /// The year.
    pub year: i16,
    /// Whose arrangement it is.
    pub source: String,
    /// Whether a person has still to confirm it.
    pub example: bool,
    /// Its days, with what is celebrated.
    pub days: Vec<(NaiveDate, DayKind, String)>,
}

/// Loads the holidays of a year; the same again changes nothing.
///
/// # Errors
/// [`LedgerError::Conflict`] where the year is loaded with other days.
pub fn load_calendar_year(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    new: &NewCalendarYear,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    ledger.write(|tx| load(tx, grant, new, now))
}

/// Loads a year inside a transaction.
pub(super) fn load(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepRegister>,
    new: &NewCalendarYear,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let mut days: Vec<DayRow> = { new.days.iter() }
        .map(|(day, kind, name)| DayRow {
            day: *day,
            kind: kind.as_str().to_owned(),
            name: name.clone(),
        })
        .collect();
    days.sort_by_key(|row| row.day);
    let source = (new.source.as_str(), new.example);
    if !work_calendar::insert(tx, new.year, source, &days, now)? {
        if work_calendar::list(tx.conn(), new.year)? == days {
            return Ok(false);
        }
        let year = new.year.to_string();
        return Err(registered_otherwise("工作日历/work calendar", &year));
    }
    let figures = json!({ "year": new.year, "days": days.len() });
    audit_events::insert(tx, grant, ("work_calendar", None), &figures, now)?;
    Ok(true)
}

fn no_chain(why: &str) -> Fault {
    Fault::new(
        "REVIEW_CHAIN",
        "审核环节有误:须有一至九个环节,学分银行的环节在前,最后由接收机构决定",
        why,
    )
}
