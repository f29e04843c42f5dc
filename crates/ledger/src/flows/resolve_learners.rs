//! Who is meant: learner numbers and identifiers to accounts, and new accounts for new people.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{InstitutionId, LearnerId};
use creditbank_domain::institution::Institution;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::LearnerRef;
use diesel::pg::PgConnection;

use crate::error::LedgerError;
use crate::identity::{IdentityKeys, issuer};
use crate::new_id::new_id;
use crate::store::Tx;
use crate::tables::identifiers::{self, SealedIdentifier};
use crate::tables::learners::{self, Account};

/// How an account is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum LearnerKey {
    Number(LearnerNo),
    Digest([u8; 32]),
}

/// The accounts that were found, by what they were asked for.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    found: HashMap<LearnerKey, Account>,
}

impl Accounts {
    pub(crate) fn get(&self, key: &LearnerKey) -> Option<Account> {
        self.found.get(key).copied()
    }

    pub(crate) fn extend(&mut self, more: Self) {
        self.found.extend(more.found);
    }
}

/// What a reference is looked up by; a student number belongs to the institution that reports it.
pub(crate) fn key_of(
    keys: &IdentityKeys,
    learner: &LearnerRef,
    institution: InstitutionId,
) -> LearnerKey {
    match learner {
        LearnerRef::Number(number) => LearnerKey::Number(*number),
        LearnerRef::Identified { identifier, .. } => {
            LearnerKey::Digest(keys.identifier_digest(identifier, institution))
        }
    }
}

/// Finds the accounts that are there.
pub(crate) fn find(
    conn: &mut PgConnection,
    wanted: impl IntoIterator<Item = LearnerKey>,
) -> Result<Accounts, LedgerError> {
    let mut numbers = Vec::new();
    let mut digests = Vec::new();
    for key in wanted {
        match key {
            LearnerKey::Number(number) => numbers.push(number),
            LearnerKey::Digest(digest) => digests.push(digest),
        }
    }
    let mut accounts = Accounts::default();
    if !numbers.is_empty() {
        for account in learners::list_by_numbers(conn, &numbers)? {
            accounts
                .found
                .insert(LearnerKey::Number(account.learner_no), account);
        }
    }
    if !digests.is_empty() {
        for (digest, account) in identifiers::list_by_digests(conn, &digests)? {
            accounts.found.insert(LearnerKey::Digest(digest), account);
        }
    }
    Ok(accounts)
}

/// Opens accounts for the identified people who have none, and says which ones this call opened.
///
/// In the order of their digests, so that two imports of the same people wait for each other and
/// never for one another in a circle. Whoever comes second takes the account of the first.
pub(crate) fn open_missing(
    tx: &mut Tx<'_>,
    accounts: &mut Accounts,
    wanted: &BTreeMap<[u8; 32], &LearnerRef>,
    institution: InstitutionId,
    now: DateTime<Utc>,
) -> Result<Vec<LearnerId>, LedgerError> {
    let mut sealed = Vec::new();
    let mut fresh: HashMap<[u8; 32], Account> = HashMap::new();
    let mut names = Vec::new();
    for (digest, learner) in wanted {
        let LearnerRef::Identified { identifier, name } = learner else {
            continue;
        };
        if accounts.get(&LearnerKey::Digest(*digest)).is_some() {
            continue;
        }
        let learner_id = LearnerId::from_uuid(new_id());
        let learner_no = LearnerNo::from_random(rand::random());
        fresh.insert(
            *digest,
            Account {
                learner_id,
                learner_no,
            },
        );
        sealed.push(SealedIdentifier {
            digest: *digest,
            learner_id,
            kind: identifier.kind().as_str(),
            institution: issuer(identifier.kind(), institution),
            sealed: tx.keys().seal(learner_id, identifier.canonical())?,
        });
        if let Some(name) = name {
            names.push((
                *digest,
                learner_id,
                tx.keys().seal(learner_id, name.reveal())?,
            ));
        }
    }
    if sealed.is_empty() {
        return Ok(Vec::new());
    }
    let won = identifiers::insert_all(tx, &sealed, now)?;
    let won: HashSet<[u8; 32]> = won
        .iter()
        .filter_map(|digest| digest.as_slice().try_into().ok())
        .collect();
    let opened: Vec<Account> = won
        .iter()
        .filter_map(|digest| fresh.get(digest).copied())
        .collect();
    learners::insert_all(tx, &opened, institution, now)?;
    let names: Vec<(LearnerId, Vec<u8>)> = names
        .into_iter()
        .filter(|(digest, ..)| won.contains(digest))
        .map(|(_, learner, sealed)| (learner, sealed))
        .collect();
    identifiers::insert_names(tx, &names, now)?;
    for digest in &won {
        if let Some(account) = fresh.remove(digest) {
            accounts.found.insert(LearnerKey::Digest(*digest), account);
        }
    }
    if !fresh.is_empty() {
        let lost: Vec<[u8; 32]> = fresh.into_keys().collect();
        for (digest, account) in identifiers::list_by_digests(tx.conn(), &lost)? {
            accounts.found.insert(LearnerKey::Digest(digest), account);
        }
    }
    Ok(opened
        .into_iter()
        .map(|account| account.learner_id)
        .collect())
}

/// Who one reference means; an account is opened where there is none and the institution may.
pub(crate) fn find_or_open(
    tx: &mut Tx<'_>,
    institution: &Institution,
    learner: &LearnerRef,
    now: DateTime<Utc>,
) -> Result<Option<Account>, LedgerError> {
    let key = key_of(tx.keys(), learner, institution.id);
    let mut accounts = find(tx.conn(), [key])?;
    if let (None, LearnerKey::Digest(digest)) = (accounts.get(&key), key)
        && institution.may_open_accounts
    {
        let wanted = BTreeMap::from([(digest, learner)]);
        open_missing(tx, &mut accounts, &wanted, institution.id, now)?;
    }
    Ok(accounts.get(&key))
}

pub(crate) fn learner_unknown() -> Fault {
    Fault::new(
        "LEARNER_UNKNOWN",
        "学分银行中没有该学习者账户,本机构也不能开户,请核对号码或先开户",
        "no account is known for this learner and this institution may not open one; check the \
         number or have the account opened first",
    )
}
