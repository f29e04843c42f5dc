//! Rule sets: drafted from a document, proposed, approved by others, in force from their day,
//! retired.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Action, Grant, KeepRegister, View};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::conversion::RuleSet;
use creditbank_domain::ids::{InstitutionId, RuleSetId};
use creditbank_domain::words::words;
use creditbank_rulebook::{
    Approval, DocumentFault, LintContext, Resolved, ResolvedEntry, RuleDocument, RuleSetIdentity,
    canonical_json, may_be_approved,
};
use serde_json::json;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::flows::register::institution_id;
use crate::flows::rule_set_faults::{
    committee_unknown, document_unknown, no_member, not_in_state, own_proposal, recused, voted,
};
use crate::new_id::new_id;
use crate::store::{Ledger, Tx};
use crate::tables::rule_sets::{RuleSetState, StoredRuleSet};
use crate::tables::{
    appointments, audit_events, catalogue, gradings, institutions, programmes, rule_set_programmes,
    rule_set_votes, rule_sets,
};

/// What a document is not fit for, fault by fault, beside what else can go wrong.
pub type OrFaults<T> = Result<Result<T, Vec<DocumentFault>>, LedgerError>;

/// Keeps the next version of a rule set as a draft; the same content as its latest version is that
/// one.
///
/// # Errors
/// [`LedgerError::Refused`] where the document that it rests on or the receiving institution is
/// not registered. Faults of the document where it is not sound or names what is not registered.
pub fn draft_rule_set(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    document: &RuleDocument,
    drafted_by: &str,
    now: DateTime<Utc>,
) -> OrFaults<RuleSetId> {
    ledger.write(grant, |tx| draft(tx, grant, document, drafted_by, now))
}

/// Drafts inside a transaction.
pub(super) fn draft<A: Action>(
    tx: &mut Tx<'_>,
    grant: &Grant<A>,
    document: &RuleDocument,
    drafted_by: &str,
    now: DateTime<Utc>,
) -> OrFaults<RuleSetId> {
    let receiving = institution_id(tx, &document.receiving)?;
    may_keep(grant, receiving)?;
    let registered = programmes::find_document(tx.conn(), &document.document.number)?;
    if registered.is_none() {
        return Err(LedgerError::Refused(document_unknown(
            &document.document.number,
        )));
    }
    let latest = rule_sets::find_latest(tx.conn(), receiving, &document.code)?;
    let mut identity = RuleSetIdentity {
        id: RuleSetId::from_uuid(new_id()),
        version: 1,
        receiving,
    };
    if let Some(latest) = &latest {
        let same = |earlier: &RuleDocument| canonical_json(earlier) == canonical_json(document);
        let retired = latest.state == RuleSetState::Retired;
        if latest.document.as_ref().is_some_and(same) && !retired {
            return Ok(Ok(latest.rule_set.id));
        }
        identity.version = latest
            .rule_set
            .version
            .checked_add(1)
            .ok_or(LedgerError::Corrupt("rule_sets.version"))?;
    }
    let faults = document.check_schemes(&gradings::list_schemes(tx.conn())?);
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    let resolved = resolve(tx, document, receiving)?;
    let rule_set = match document.compile(&resolved, identity) {
        Ok(rule_set) => rule_set,
        Err(faults) => return Ok(Err(faults)),
    };
    rule_sets::insert(tx, &rule_set, document, &resolved, drafted_by, now)?;
    let figures = json!({
        "version": rule_set.version, "rules": rule_set.rules.len(), "by": drafted_by,
        "state": "draft", "checksum": document.checksum().to_string(),
    });
    tell(tx, grant, rule_set.id, &figures, now)?;
    Ok(Ok(rule_set.id))
}

/// Whoever acts for an institution keeps that one's rules and no other's.
fn may_keep<A: Action>(grant: &Grant<A>, receiving: InstitutionId) -> Result<(), LedgerError> {
    match grant.view() {
        View::Whole => Ok(()),
        View::OnlyOf(own) if own == receiving => Ok(()),
        View::OnlyOf(_) | View::OnlyOwn(_) => Err(LedgerError::NotFound),
    }
}

/// Looks up the codes; what is not there is left out and told by the compilation, with its place.
fn resolve(
    tx: &mut Tx<'_>,
    document: &RuleDocument,
    receiving: InstitutionId,
) -> Result<Resolved, LedgerError> {
    let wanted = document.references();
    let mut resolved = Resolved::default();
    for code in wanted.programmes {
        if let Some(found) = programmes::find_by_code(tx.conn(), receiving, &code)? {
            resolved.programmes.insert(code, found.id);
        }
    }
    for code in wanted.institutions {
        if let Some(row) = institutions::find_by_code(tx.conn(), &code)? {
            let id = InstitutionId::from_uuid(row.institution_id);
            resolved.institutions.insert(code, id);
        }
    }
    let codes: Vec<&str> = wanted.entries.iter().map(|it| it.code.as_str()).collect();
    let found = catalogue::list_by_codes(tx.conn(), &codes)?;
    for entry in &wanted.entries {
        let Some(owner) = resolved.institutions.get(&entry.owner) else {
            continue;
        };
        let own = found
            .iter()
            .filter(|it| it.owner_id == *owner && it.version.code == entry.code);
        // What it is called on the day the rules begin, or as near to that as it is called.
        let day = document.valid_from;
        let nearest = own.min_by_key(|it| {
            let from = it.version.valid_from;
            (from > day, (from - day).num_days().unsigned_abs())
        });
        if let Some(owned) = nearest {
            let found = ResolvedEntry {
                id: owned.version.entry_id,
                title: owned.version.title.clone(),
            };
            resolved.entries.insert(entry.clone(), found);
        }
    }
    Ok(resolved)
}

/// Puts a draft to the vote.
///
/// # Errors
/// [`LedgerError::NotFound`], [`LedgerError::Conflict`] where it is no draft. Every error of the
/// lint and every test of the document that fails.
pub fn propose_rule_set(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    id: RuleSetId,
    now: DateTime<Utc>,
) -> OrFaults<()> {
    ledger.write(grant, |tx| propose(tx, grant, id, now))
}

/// Puts a draft to the vote inside a transaction.
pub(super) fn propose<A: Action>(
    tx: &mut Tx<'_>,
    grant: &Grant<A>,
    id: RuleSetId,
    now: DateTime<Utc>,
) -> OrFaults<()> {
    let stored = locked(tx, id)?;
    may_keep(grant, stored.rule_set.receiving)?;
    if let Err(faults) = fit(tx, &stored, bank_day(now))? {
        return Ok(Err(faults));
    }
    if !rule_sets::propose(tx, id)? {
        return Err(LedgerError::Conflict(not_in_state(stored.state, "draft")));
    }
    tell(tx, grant, id, &json!({ "state": "proposed" }), now)?;
    Ok(Ok(()))
}

words!(
    /// What somebody says to a proposed rule set.
    Vote, "a vote", {
        /// Yes.
        Approve => "approve",
        /// No; it counts for nothing and is kept.
        Reject => "reject",
        /// The voter stands back; it counts for nothing and is kept.
        Recuse => "recuse",
    }
);

/// How a vote stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoteCount {
    /// Approvals by different people.
    pub approvals: u32,
    /// How many it takes.
    pub needed: u32,
    /// True where the rule set is approved by now.
    pub approved: bool,
}

/// Votes on a proposed rule set; the approval that completes the number approves it.
///
/// # Errors
/// [`LedgerError::Refused`] where the voter proposed it, is no member of the committee, or belongs
/// to the concerned college; [`LedgerError::Conflict`] where the voter has voted or it is not
/// proposed; [`LedgerError::NotFound`]. The document's faults where it is not fit any more.
pub fn vote_on_rule_set(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    id: RuleSetId,
    (voter, vote): (&str, Vote),
    now: DateTime<Utc>,
) -> OrFaults<VoteCount> {
    ledger.write(grant, |tx| cast(tx, grant, id, (voter, vote), now))
}

/// Votes inside a transaction.
pub(super) fn cast<A: Action>(
    tx: &mut Tx<'_>,
    grant: &Grant<A>,
    id: RuleSetId,
    (voter, vote): (&str, Vote),
    now: DateTime<Utc>,
) -> OrFaults<VoteCount> {
    let stored = locked(tx, id)?;
    if stored.state != RuleSetState::Proposed {
        let refused = not_in_state(stored.state, "proposed");
        return Err(LedgerError::Conflict(refused));
    }
    if stored.proposed_by == voter {
        return Err(LedgerError::Refused(own_proposal()));
    }
    let (needed, committee) = match stored.document.as_ref().map(|it| &it.approval) {
        // Before there were documents, somebody else than the proposer was enough.
        None => (1, None),
        Some(Approval::People(people)) => (*people, None),
        Some(Approval::Committee { code, quorum }) => (*quorum, Some(code.as_str())),
    };
    if let Some(committee) = committee {
        may_vote(tx, &stored.rule_set, committee, voter, now)?;
    }
    if !rule_set_votes::insert(tx, id, voter, vote.as_str(), committee, now)? {
        return Err(LedgerError::Conflict(voted()));
    }
    let approvals = rule_set_votes::count_approvals(tx.conn(), id)?;
    let approvals = u32::try_from(approvals).unwrap_or(u32::MAX);
    let approved = vote == Vote::Approve && approvals >= needed;
    if approved {
        if let Err(faults) = fit(tx, &stored, bank_day(now))? {
            return Ok(Err(faults));
        }
        rule_sets::approve(tx, id, voter, now)?;
    }
    let figures = json!({
        "vote": vote.as_str(), "by": voter, "approvals": approvals, "needed": needed,
        "state": if approved { "approved" } else { "proposed" },
    });
    tell(tx, grant, id, &figures, now)?;
    Ok(Ok(VoteCount {
        approvals,
        needed,
        approved,
    }))
}

/// Ends an approved rule set: no request is made out under it any more; those that were are still
/// decided by it.
///
/// # Errors
/// [`LedgerError::NotFound`], [`LedgerError::Conflict`] where it is not approved.
pub fn retire_rule_set(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    id: RuleSetId,
    retired_by: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    ledger.write(grant, |tx| retire(tx, grant, id, retired_by, now))
}

/// Retires inside a transaction.
pub(super) fn retire<A: Action>(
    tx: &mut Tx<'_>,
    grant: &Grant<A>,
    id: RuleSetId,
    retired_by: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let stored = locked(tx, id)?;
    if !rule_sets::retire(tx, id, retired_by, now)? {
        let refused = not_in_state(stored.state, "approved");
        return Err(LedgerError::Conflict(refused));
    }
    let figures = json!({ "state": "retired", "by": retired_by });
    tell(tx, grant, id, &figures, now)
}

fn locked(tx: &mut Tx<'_>, id: RuleSetId) -> Result<StoredRuleSet, LedgerError> {
    rule_sets::lock(tx, id)?;
    rule_sets::find(tx.conn(), id)?.ok_or(LedgerError::NotFound)
}

/// Asks lint and tests; older sets without a document were checked when they were proposed.
fn fit(
    tx: &mut Tx<'_>,
    stored: &StoredRuleSet,
    today: NaiveDate,
) -> Result<Result<(), Vec<DocumentFault>>, LedgerError> {
    let Some(document) = &stored.document else {
        return Ok(Ok(()));
    };
    // Approvals of one institution take turns, so that none comes in between what is read here and
    // the approval.
    institutions::lock(tx, stored.rule_set.receiving)?;
    let context = LintContext {
        today,
        others: rule_set_programmes::list_in_the_way(tx.conn(), &stored.rule_set)?,
        rivals: rule_set_programmes::list_rivals(tx.conn(), &stored.rule_set)?,
    };
    Ok(may_be_approved(document, &context))
}

/// Members of the concerned college are recused: a college does not judge its own rules.
fn may_vote(
    tx: &mut Tx<'_>,
    rule_set: &RuleSet,
    committee: &str,
    voter: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let day = bank_day(now);
    if !rule_set_votes::is_committee(tx.conn(), committee)? {
        return Err(LedgerError::Refused(committee_unknown(committee)));
    }
    let college = rule_set_votes::find_member(tx.conn(), committee, voter, day)?;
    let college = college.ok_or_else(|| LedgerError::Refused(no_member(committee)))?;
    // What somebody is at present counts as much as what was said when they were seated.
    let works_there = match Uuid::parse_str(voter) {
        Ok(person) => appointments::belongs_to(tx.conn(), person, rule_set.receiving, now)?,
        Err(_) => false,
    };
    if college == Some(rule_set.receiving) || works_there {
        return Err(LedgerError::Refused(recused()));
    }
    Ok(())
}

fn tell<A: Action>(
    tx: &mut Tx<'_>,
    grant: &Grant<A>,
    id: RuleSetId,
    figures: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let subject = ("rule_set", Some(id.as_uuid()));
    audit_events::insert(tx, grant, subject, figures, now)
}
