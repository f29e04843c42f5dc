//! Rule sets: drafted from a document, proposed, approved by others, in force from their day,
//! retired.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::conversion::RuleSet;
use creditbank_domain::ids::{InstitutionId, RuleSetId};
use creditbank_domain::text::InstitutionCode;
use creditbank_rulebook::{
    Approval, DocumentFault, LintContext, Resolved, ResolvedEntry, RuleDocument, RuleSetIdentity,
    canonical_json, may_be_approved,
};
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::register::institution_id;
use crate::flows::rule_set_faults::{
    committee_unknown, document_unknown, no_member, not_in_state, own_proposal, recused, voted,
};
use crate::new_id::new_id;
use crate::store::{Ledger, Tx};
use crate::tables::rule_sets::{RuleSetState, StoredRuleSet};
use crate::tables::{
    audit_events, catalogue, gradings, institutions, programmes, rule_set_programmes,
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
    ledger.write(grant, |tx| {
        let receiving = institution_id(tx, &document.receiving)?;
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
    })
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
    ledger.write(grant, |tx| {
        let stored = locked(tx, id)?;
        if let Err(faults) = fit(tx, &stored, bank_day(now))? {
            return Ok(Err(faults));
        }
        if !rule_sets::propose(tx, id)? {
            return Err(LedgerError::Conflict(not_in_state(stored.state, "draft")));
        }
        tell(tx, grant, id, &json!({ "state": "proposed" }), now)?;
        Ok(Ok(()))
    })
}

/// What somebody says to a proposed rule set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vote {
    /// Yes.
    Approve,
    /// No; it counts for nothing and is kept.
    Reject,
}

impl Vote {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }
}

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
    ledger.write(grant, |tx| {
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
            may_vote(tx, &stored.rule_set, committee, voter, bank_day(now))?;
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
    })
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
    ledger.write(grant, |tx| {
        let stored = locked(tx, id)?;
        if !rule_sets::retire(tx, id, retired_by, now)? {
            let refused = not_in_state(stored.state, "approved");
            return Err(LedgerError::Conflict(refused));
        }
        let figures = json!({ "state": "retired", "by": retired_by });
        tell(tx, grant, id, &figures, now)
    })
}

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
    ledger.write(grant, |tx| {
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
    })
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
    day: NaiveDate,
) -> Result<(), LedgerError> {
    if !rule_set_votes::is_committee(tx.conn(), committee)? {
        return Err(LedgerError::Refused(committee_unknown(committee)));
    }
    let college = rule_set_votes::find_member(tx.conn(), committee, voter, day)?;
    let college = college.ok_or_else(|| LedgerError::Refused(no_member(committee)))?;
    if college == Some(rule_set.receiving) {
        return Err(LedgerError::Refused(recused()));
    }
    Ok(())
}

fn tell(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepRegister>,
    id: RuleSetId,
    figures: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let subject = ("rule_set", Some(id.as_uuid()));
    audit_events::insert(tx, grant, subject, figures, now)
}
