//! Who is meant: learner numbers and identifiers to the accounts that are there.
//!
//! A report may state several identifiers of one person. All of them are looked up; those that are
//! known have to lead to one account, and the name, where both sides have one, has to be the name
//! of whoever holds them. An account that is merged into another one is found as that one. What is
//! not known yet is written by `open_learners`.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use creditbank_domain::fault::Fault;
use creditbank_domain::identifier::{Identifier, IdentifierKind, PersonIdentifiers};
use creditbank_domain::ids::{InstitutionId, LearnerId};
use creditbank_domain::institution::Institution;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::LearnerRef;
use creditbank_domain::text::PersonName;

use crate::error::LedgerError;
use crate::identity::IdentityKeys;
use crate::store::Tx;
use crate::tables::identifiers::{self, Names};
use crate::tables::learners::{self, Account};

pub(super) type IdentifierDigest = [u8; 32];

/// How a report names somebody, ready to be looked up.
#[derive(Debug)]
pub(super) enum Named<'r> {
    Number(LearnerNo),
    Identified {
        /// One for each identifier, in their order.
        digests: Vec<IdentifierDigest>,
        identifiers: &'r PersonIdentifiers,
        name: Option<&'r PersonName>,
    },
}

impl<'r> Named<'r> {
    /// Identifiers with their digests; none for a learner number.
    pub(super) fn stated(&self) -> impl Iterator<Item = (IdentifierDigest, &'r Identifier)> {
        let (digests, identifiers) = match self {
            Self::Number(_) => (&[][..], None),
            Self::Identified {
                digests,
                identifiers,
                ..
            } => (digests.as_slice(), Some(*identifiers)),
        };
        let identifiers = identifiers.into_iter().flat_map(PersonIdentifiers::iter);
        digests.iter().copied().zip(identifiers)
    }

    pub(super) const fn name(&self) -> Option<&'r PersonName> {
        match self {
            Self::Number(_) => None,
            Self::Identified { name, .. } => *name,
        }
    }
}

/// Whose an identifier is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    /// The account that it was stored for.
    pub(super) holder: LearnerId,
    /// The one that it is shown as.
    pub(super) account: Account,
}

/// What became of one report's learner.
#[derive(Debug, Clone)]
pub(super) enum Resolved {
    /// The account, as it is shown.
    Known(Account),
    /// Nobody yet.
    Unknown,
    /// What is stated contradicts itself or what is known.
    Refused(Fault),
}

/// The learners of many reports, in their order.
#[derive(Debug, Default)]
pub(super) struct People<'r> {
    pub(super) named: Vec<Named<'r>>,
    pub(super) resolved: Vec<Resolved>,
    pub(super) holders: HashMap<IdentifierDigest, Holder>,
    /// Of accounts that others are shown with: those others.
    pub(super) absorbed: HashMap<LearnerId, Vec<LearnerId>>,
    /// The folded names of holders; nothing for those who have none.
    pub(super) names: HashMap<LearnerId, Option<String>>,
}

impl<'r> People<'r> {
    /// Looks all of them up: one statement for numbers and one for identifiers, where there are
    /// any. A student number belongs to the institution that reports it.
    pub(super) fn find(
        tx: &mut Tx<'_>,
        institution: InstitutionId,
        learners: impl IntoIterator<Item = &'r LearnerRef>,
    ) -> Result<Self, LedgerError> {
        let keys = tx.keys();
        let named = learners.into_iter().map(|learner| match learner {
            LearnerRef::Number(number) => Named::Number(*number),
            LearnerRef::Identified { identifiers, name } => Named::Identified {
                digests: identifiers
                    .iter()
                    .map(|identifier| keys.identifier_digest(identifier, institution))
                    .collect(),
                identifiers,
                name: name.as_ref(),
            },
        });
        let mut people = Self {
            named: named.collect(),
            ..Self::default()
        };
        let mut numbers = HashSet::new();
        let mut digests = HashSet::new();
        for named in &people.named {
            match named {
                Named::Number(number) => drop(numbers.insert(*number)),
                Named::Identified { digests: these, .. } => digests.extend(these),
            }
        }
        people.look_up(tx, digests.into_iter().collect())?;
        let accounts = people.look_up_numbers(tx, numbers.into_iter().collect())?;
        people.resolved = people
            .named
            .iter()
            .map(|named| people.resolve(named, &accounts))
            .collect();
        Ok(people)
    }

    /// Learns whose these identifiers are, and what they are called where a report has a name.
    pub(super) fn look_up(
        &mut self,
        tx: &mut Tx<'_>,
        digests: Vec<IdentifierDigest>,
    ) -> Result<(), LedgerError> {
        if digests.is_empty() {
            return Ok(());
        }
        let keys = tx.keys();
        let names = if self.named.iter().any(|named| named.name().is_some()) {
            Names::Read
        } else {
            Names::Leave
        };
        for found in identifiers::list_by_digests(tx.conn(), &digests, names)? {
            let holder = Holder {
                holder: found.holder,
                account: found.account,
            };
            self.holders.insert(found.digest, holder);
            self.keep_absorbed(found.account, found.absorbed);
            if names == Names::Read && !self.names.contains_key(&found.holder) {
                let sealed = found.sealed_name.as_deref();
                let folded = sealed
                    .map(|it| opened(keys, found.holder, it))
                    .transpose()?;
                self.names.insert(found.holder, folded);
            }
        }
        Ok(())
    }

    /// Learns what these accounts are called, where no report had a name to be compared.
    pub(super) fn read_names(
        &mut self,
        tx: &mut Tx<'_>,
        holders: &[LearnerId],
    ) -> Result<(), LedgerError> {
        if holders.is_empty() {
            return Ok(());
        }
        for (holder, sealed) in identifiers::list_names(tx.conn(), holders)? {
            let folded = opened(tx.keys(), holder, &sealed)?;
            self.names.insert(holder, Some(folded));
        }
        Ok(())
    }

    /// Looks again for the learners of these reports who were unknown: another writer, or an
    /// earlier report of the batch, may have opened their accounts meanwhile.
    pub(super) fn look_again(
        &mut self,
        tx: &mut Tx<'_>,
        positions: &[usize],
    ) -> Result<(), LedgerError> {
        let unknown = positions
            .iter()
            .copied()
            .filter(|position| matches!(self.resolved.get(*position), Some(Resolved::Unknown)));
        let unknown: Vec<usize> = unknown.collect();
        let mut numbers = HashSet::new();
        let mut digests = HashSet::new();
        for named in unknown
            .iter()
            .filter_map(|position| self.named.get(*position))
        {
            match named {
                Named::Number(number) => drop(numbers.insert(*number)),
                Named::Identified { digests: these, .. } => digests.extend(these),
            }
        }
        self.look_up(tx, digests.into_iter().collect())?;
        let accounts = self.look_up_numbers(tx, numbers.into_iter().collect())?;
        for position in unknown {
            if let Some(named) = self.named.get(position) {
                let resolved = self.resolve(named, &accounts);
                self.set(position, resolved);
            }
        }
        Ok(())
    }

    fn look_up_numbers(
        &mut self,
        tx: &mut Tx<'_>,
        numbers: Vec<LearnerNo>,
    ) -> Result<HashMap<LearnerNo, Account>, LedgerError> {
        let mut accounts = HashMap::new();
        if numbers.is_empty() {
            return Ok(accounts);
        }
        for found in learners::list_by_numbers(tx.conn(), &numbers)? {
            accounts.insert(found.asked.learner_no, found.account);
            self.keep_absorbed(found.account, found.absorbed);
        }
        Ok(accounts)
    }

    /// Whether anybody in the batch has another account that is shown with theirs.
    pub(super) fn has_merged(&self) -> bool {
        !self.absorbed.is_empty()
    }

    fn keep_absorbed(&mut self, account: Account, absorbed: Vec<LearnerId>) {
        if !absorbed.is_empty() {
            self.absorbed.insert(account.learner_id, absorbed);
        }
    }

    fn resolve(&self, named: &Named<'_>, accounts: &HashMap<LearnerNo, Account>) -> Resolved {
        if let Named::Number(number) = named {
            let known = accounts.get(number).copied();
            return known.map_or(Resolved::Unknown, Resolved::Known);
        }
        let holders: Vec<(Holder, IdentifierKind)> = named
            .stated()
            .filter_map(|(digest, identifier)| {
                Some((*self.holders.get(&digest)?, identifier.kind()))
            })
            .collect();
        let Some((first, _)) = holders.first() else {
            return Resolved::Unknown;
        };
        if holders.iter().any(|(one, _)| one.account != first.account) {
            return Resolved::Refused(of_several(holders.iter().map(|(_, kind)| *kind)));
        }
        let names = self.names_of(holders.iter().map(|(one, _)| one.holder));
        match named.name() {
            Some(name) if !names.is_empty() && !names.contains(name.folded().as_str()) => {
                Resolved::Refused(other_name())
            }
            _ => Resolved::Known(first.account),
        }
    }

    /// What these accounts are called, as far as that is known.
    pub(super) fn names_of(&self, holders: impl IntoIterator<Item = LearnerId>) -> HashSet<&str> {
        let names = holders.into_iter().filter_map(|id| self.names.get(&id));
        names.filter_map(|name| name.as_deref()).collect()
    }

    /// The account of the learner of one report.
    pub(super) fn account(&self, position: usize) -> Option<Account> {
        match self.resolved.get(position)? {
            Resolved::Known(account) => Some(*account),
            Resolved::Unknown | Resolved::Refused(_) => None,
        }
    }

    /// Why the learner of one report is refused.
    pub(super) fn refusal(&self, position: usize) -> Option<&Fault> {
        match self.resolved.get(position)? {
            Resolved::Refused(fault) => Some(fault),
            Resolved::Known(_) | Resolved::Unknown => None,
        }
    }

    /// True where one report names somebody by identifiers, for whom an account can be opened.
    pub(super) fn is_identified(&self, position: usize) -> bool {
        matches!(self.named.get(position), Some(Named::Identified { .. }))
    }

    pub(super) fn set(&mut self, position: usize, resolved: Resolved) {
        if let Some(place) = self.resolved.get_mut(position) {
            *place = resolved;
        }
    }
}

/// A sealed name, folded to be compared.
fn opened(keys: &IdentityKeys, holder: LearnerId, sealed: &[u8]) -> Result<String, LedgerError> {
    let name = PersonName::new(&keys.open(holder, sealed)?);
    let name = name.map_err(|_| LedgerError::Corrupt("identity.names.sealed"))?;
    Ok(name.folded())
}

/// Names the kinds, never the numbers.
fn listed(kinds: impl IntoIterator<Item = IdentifierKind>) -> (String, String) {
    let kinds: BTreeSet<IdentifierKind> = kinds.into_iter().collect();
    let zh: Vec<&str> = kinds.iter().map(|kind| kind.zh()).collect();
    let en: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    (zh.join("、"), en.join(", "))
}

/// The identifiers of one report lead to several accounts.
pub(super) fn of_several(kinds: impl IntoIterator<Item = IdentifierKind>) -> Fault {
    let (zh, en) = listed(kinds);
    Fault::new(
        "IDENTITY_MISMATCH",
        format!("所报证件({zh})分属不同账户,请核对号码;如为同一人,请联系秘书处合并账户"),
        format!(
            "the identifiers stated ({en}) belong to different accounts; check them, or have the \
             accounts merged if they are one person's"
        ),
    )
}

/// The account that was found has another number of a kind that is for life.
pub(super) fn another_for_life(
    kind: IdentifierKind,
    found_by: impl IntoIterator<Item = IdentifierKind>,
) -> Fault {
    let (zh, en) = listed(found_by);
    Fault::new(
        "IDENTITY_MISMATCH",
        format!("按{zh}找到的账户已登记另一{}号码,请核对", kind.zh()),
        format!("the account found by {en} has another {kind}; check the numbers"),
    )
}

/// The account that was found is called otherwise. Neither name is told.
pub(super) fn other_name() -> Fault {
    Fault::new(
        "NAME_MISMATCH",
        "所报姓名与该证件在学分银行登记的姓名不一致,请核对号码和姓名",
        "the name is not the one that the bank has for this identifier; check number and name",
    )
}

/// Who one reference means; an account is opened where there is none and the institution may.
pub(crate) fn find_or_open(
    tx: &mut Tx<'_>,
    institution: &Institution,
    learner: &LearnerRef,
    now: DateTime<Utc>,
) -> Result<Option<Account>, LedgerError> {
    let mut people = People::find(tx, institution.id, [learner])?;
    if people.account(0).is_some() || institution.may_open_accounts {
        people.settle(tx, &[0], institution.id, now)?;
    }
    match people.refusal(0) {
        Some(fault) => Err(LedgerError::Refused(fault.clone())),
        None => Ok(people.account(0)),
    }
}

pub(crate) fn learner_unknown() -> Fault {
    Fault::new(
        "LEARNER_UNKNOWN",
        "学分银行中没有该学习者账户,本机构也不能开户,请核对号码或先开户",
        "no account is known for this learner and this institution may not open one; check the \
         number or have the account opened first",
    )
}
