//! Rule sets as people who signed in govern them: the same flows as the command line's, each with
//! the person as its hand and answered once.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Action, DraftRules, Grant, KeepRegister, VoteOnRules};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::RuleSetId;
use creditbank_rulebook::{DocumentFault, RuleDocument};

use super::rule_sets::{OrFaults, Vote, VoteCount, cast, draft, propose, retire};
use crate::error::LedgerError;
use crate::reads::{RuleSetDetail, rule_set_detail};
use crate::store::{Ledger, Tx};
use crate::tables::idempotency_keys::{Answered, Once, once};

/// What became of it, or everything that is wrong with the document.
pub type GovernedRules = Result<RuleSetDetail, Vec<DocumentFault>>;

/// A vote, and the rule set after it.
#[derive(Debug, Clone)]
pub struct VotedRules {
    /// How the vote stands.
    pub count: VoteCount,
    /// The rule set.
    pub rule_set: RuleSetDetail,
}

/// Keeps the next version of a rule set as a draft of the caller's.
///
/// # Errors
/// As [`super::draft_rule_set`]; [`LedgerError::NotFound`] for another institution's rules.
pub fn draft_rule_set_once(
    ledger: &Ledger,
    grant: &Grant<DraftRules>,
    document: &RuleDocument,
    request: &Once<'_, GovernedRules>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    let by = hand_of(grant);
    once(ledger, request, now, |tx| {
        let drafted = draft(tx, grant, document, &by, now)?;
        after(tx, drafted)
    })
}

/// Puts a draft to the vote.
///
/// # Errors
/// As [`super::propose_rule_set`]; [`LedgerError::NotFound`] for another institution's rules.
pub fn propose_rule_set_once(
    ledger: &Ledger,
    grant: &Grant<DraftRules>,
    id: RuleSetId,
    request: &Once<'_, GovernedRules>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, request, now, |tx| {
        let proposed = propose(tx, grant, id, now)?;
        after(tx, proposed.map(|()| id))
    })
}

/// Votes as the person who is signed in.
///
/// # Errors
/// As [`super::vote_on_rule_set`]; [`LedgerError::Refused`] where a program votes.
pub fn vote_on_rule_set_once(
    ledger: &Ledger,
    grant: &Grant<VoteOnRules>,
    (id, vote): (RuleSetId, Vote),
    request: &Once<'_, Result<VotedRules, Vec<DocumentFault>>>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    let Some(person) = grant.actor().person else {
        return Err(LedgerError::Refused(no_person()));
    };
    let voter = person.to_string();
    once(ledger, request, now, |tx| {
        let count = match cast(tx, grant, id, (&voter, vote), now)? {
            Ok(count) => count,
            Err(faults) => return Ok(Err(faults)),
        };
        let rule_set = rule_set_detail(tx.conn(), id)?;
        Ok(Ok(VotedRules { count, rule_set }))
    })
}

/// Ends an approved rule set.
///
/// # Errors
/// As [`super::retire_rule_set`].
pub fn retire_rule_set_once(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    id: RuleSetId,
    request: &Once<'_, RuleSetDetail>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    let by = hand_of(grant);
    once(ledger, request, now, |tx| {
        retire(tx, grant, id, &by, now)?;
        rule_set_detail(tx.conn(), id)
    })
}

fn after(tx: &mut Tx<'_>, done: Result<RuleSetId, Vec<DocumentFault>>) -> OrFaults<RuleSetDetail> {
    match done {
        Ok(id) => rule_set_detail(tx.conn(), id).map(Ok),
        Err(faults) => Ok(Err(faults)),
    }
}

fn hand_of<A: Action>(grant: &Grant<A>) -> String {
    grant.actor().hand().0.to_string()
}

fn no_person() -> Fault {
    Fault::new(
        "VOTER_NO_PERSON",
        "表决须由本人登录后作出,程序不能表决",
        "a vote is a person's: sign in; a program has none",
    )
}
