//! New accounts for new people, and what a report adds to a known one: further identifiers, and
//! the name where there was none.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::fault::Fault;
use creditbank_domain::identifier::{Identifier, IdentifierKind};
use creditbank_domain::ids::{InstitutionId, LearnerId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::text::PersonName;

use crate::error::LedgerError;
use crate::flows::find_duplicates::{self, PersonFacts};
use crate::flows::resolve_learners::{
    IdentifierDigest, Named, People, Resolved, another_for_life, of_several, other_name,
};
use crate::identity::issuer;
use crate::new_id::new_id;
use crate::store::Tx;
use crate::tables::identifiers::{self, SealedIdentifier};
use crate::tables::learners::{self, Account};

/// What was written for the learners of some reports.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// The accounts that were opened.
    pub(super) opened: HashSet<LearnerId>,
    /// Of those, and of the accounts to which something was added: whose name and birth date
    /// another account has as well.
    pub(super) alike: HashSet<LearnerId>,
}

/// Somebody for whom something is to be written.
struct Draft<'r> {
    /// For whom identifiers and name are stored.
    holder: LearnerId,
    /// What the holder is shown as.
    account: Account,
    is_new: bool,
    identifiers: Vec<(IdentifierDigest, &'r Identifier)>,
    /// What the holder has of the kinds that are for life, with what is to be added.
    for_life: Vec<(IdentifierKind, IdentifierDigest)>,
    /// The name to be stored.
    name: Option<&'r PersonName>,
    born_on: Option<NaiveDate>,
    positions: Vec<usize>,
}

#[derive(Default)]
struct Drafts<'r> {
    drafts: Vec<Draft<'r>>,
    /// Which draft an identifier that is not known yet was given to.
    by_digest: HashMap<IdentifierDigest, usize>,
    by_holder: HashMap<LearnerId, usize>,
    for_life: HashMap<LearnerId, Vec<(IdentifierKind, IdentifierDigest)>>,
}

impl<'r> People<'r> {
    /// Writes what the reports at these places say of their learners and resolves them. A report
    /// whose learner it refuses is left out.
    ///
    /// In the order of the identifiers' digests, so that two imports of the same people wait for
    /// each other and never for one another in a circle. Whoever comes second takes the account of
    /// the first, or runs again where only a part of what it states was taken.
    pub(super) fn settle(
        &mut self,
        tx: &mut Tx<'_>,
        wanted: &[usize],
        institution: InstitutionId,
        now: DateTime<Utc>,
    ) -> Result<Settled, LedgerError> {
        let mut places: Vec<usize> = wanted
            .iter()
            .copied()
            .filter(|position| self.adds_something(*position))
            .collect();
        if places.is_empty() {
            return Ok(Settled::default());
        }
        // Who states more comes first: then whoever states a part of it is found by that.
        places.sort_by_key(|position| {
            Reverse(
                self.named
                    .get(*position)
                    .map_or(0, |it| it.stated().count()),
            )
        });
        let mut drafts = Drafts {
            for_life: self.for_life_of_known(tx, &places)?,
            ..Drafts::default()
        };
        for position in places {
            if let Err(fault) = drafts.take(self, position) {
                self.set(position, Resolved::Refused(fault));
            }
        }
        self.write(tx, drafts.drafts, institution, now)
    }

    fn adds_something(&self, position: usize) -> bool {
        if self.refusal(position).is_some() {
            return false;
        }
        let Some(named) = self.named.get(position) else {
            return false;
        };
        let mut holders = Vec::new();
        for (digest, _) in named.stated() {
            match self.holders.get(&digest) {
                Some(holder) => holders.push(holder.holder),
                None => return true,
            }
        }
        named.name().is_some() && !holders.is_empty() && self.names_of(holders).is_empty()
    }

    /// The identifiers for life of the known accounts to which something may be added.
    fn for_life_of_known(
        &self,
        tx: &mut Tx<'_>,
        places: &[usize],
    ) -> Result<HashMap<LearnerId, Vec<(IdentifierKind, IdentifierDigest)>>, LedgerError> {
        let named = places.iter().filter_map(|at| self.named.get(*at));
        let holders: HashSet<LearnerId> = named
            .flat_map(Named::stated)
            .filter_map(|(digest, _)| self.holders.get(&digest))
            .map(|holder| holder.holder)
            .collect();
        let mut for_life: HashMap<LearnerId, Vec<_>> = HashMap::new();
        if holders.is_empty() {
            return Ok(for_life);
        }
        let holders: Vec<LearnerId> = holders.into_iter().collect();
        for (learner, kind, digest) in identifiers::list_for_life(tx.conn(), &holders)? {
            for_life.entry(learner).or_default().push((kind, digest));
        }
        Ok(for_life)
    }

    fn write(
        &mut self,
        tx: &mut Tx<'_>,
        mut drafts: Vec<Draft<'r>>,
        institution: InstitutionId,
        now: DateTime<Utc>,
    ) -> Result<Settled, LedgerError> {
        let mut sealed = Vec::new();
        for draft in &drafts {
            for (digest, identifier) in &draft.identifiers {
                sealed.push(SealedIdentifier {
                    digest: *digest,
                    learner_id: draft.holder,
                    kind: identifier.kind().as_str(),
                    institution: issuer(identifier.kind(), institution),
                    sealed: tx.keys().seal(draft.holder, identifier.canonical())?,
                });
            }
        }
        sealed.sort_by_key(|identifier| identifier.digest);
        let won = if sealed.is_empty() {
            HashSet::new()
        } else {
            identifiers::insert_all(tx, &sealed, now)?
        };
        let lost = sealed.iter().map(|identifier| identifier.digest);
        let lost: Vec<IdentifierDigest> = lost.filter(|digest| !won.contains(digest)).collect();
        self.look_up(tx, lost)?;
        let mut opened = Vec::new();
        for draft in &mut drafts {
            if self.has_won(draft, &won)? && draft.is_new {
                opened.push(draft.account);
            }
            for position in &draft.positions {
                self.set(*position, Resolved::Known(draft.account));
            }
        }
        if !opened.is_empty() {
            learners::insert_all(tx, &opened, institution, now)?;
        }
        store_names(tx, &drafts, now)?;
        let nameless = drafts
            .iter()
            .filter(|draft| !draft.is_new && draft.name.is_none());
        let gained = nameless.filter(|draft| {
            let known = self.names.contains_key(&draft.holder);
            !known && !draft.identifiers.is_empty() && draft.born_on.is_some()
        });
        let gained: Vec<LearnerId> = gained.map(|draft| draft.holder).collect();
        self.read_names(tx, &gained)?;
        let alike = find_duplicates::note(tx, &self.facts_of(&drafts), now)?;
        let opened = opened.iter().map(|account| account.learner_id).collect();
        Ok(Settled { opened, alike })
    }

    /// True where all that a draft states was stored for it. Where another writer stored all of it
    /// for one account a moment earlier, the draft becomes that account; anything between the two
    /// is decided by running again.
    fn has_won(
        &self,
        draft: &mut Draft<'_>,
        won: &HashSet<IdentifierDigest>,
    ) -> Result<bool, LedgerError> {
        let lost: Vec<IdentifierDigest> = draft
            .identifiers
            .iter()
            .map(|(digest, _)| *digest)
            .filter(|digest| !won.contains(digest))
            .collect();
        let Some(first) = lost.first() else {
            return Ok(true);
        };
        let first = *self.holders.get(first).ok_or(LedgerError::Contended)?;
        let same = |digest: &IdentifierDigest| {
            let holder = self.holders.get(digest);
            holder.is_some_and(|holder| holder.account == first.account)
        };
        if !lost.iter().all(same) {
            return Err(LedgerError::Contended);
        }
        if !draft.is_new {
            return if first.account == draft.account {
                Ok(false)
            } else {
                Err(LedgerError::Contended)
            };
        }
        let named = draft.name.map(PersonName::folded);
        let agrees = named.is_none_or(|name| self.names_of([first.holder]).contains(name.as_str()));
        if lost.len() != draft.identifiers.len() || !agrees {
            return Err(LedgerError::Contended);
        }
        draft.account = first.account;
        draft.holder = first.holder;
        draft.name = None;
        draft.identifiers.clear();
        Ok(false)
    }

    /// Of whom name and birth date are known now, where something was written.
    fn facts_of(&self, drafts: &[Draft<'_>]) -> Vec<PersonFacts> {
        let facts = drafts.iter().filter_map(|draft| {
            let written = !draft.identifiers.is_empty() || draft.name.is_some();
            let known = self.names.get(&draft.holder).cloned().flatten();
            let folded_name = draft.name.map(PersonName::folded).or(known)?;
            written.then_some(PersonFacts {
                learner_id: draft.holder,
                folded_name,
                born_on: draft.born_on?,
            })
        });
        facts.collect()
    }
}

fn store_names(
    tx: &mut Tx<'_>,
    drafts: &[Draft<'_>],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let mut names = Vec::new();
    for draft in drafts {
        if let Some(name) = draft.name {
            let sealed = tx.keys().seal(draft.holder, name.reveal())?;
            names.push((draft.holder, sealed));
        }
    }
    if names.is_empty() {
        return Ok(());
    }
    names.sort_by_key(|(learner, _)| *learner);
    let stored = identifiers::insert_names(tx, &names, now)?;
    // Somebody named a nameless account a moment earlier: run again, and compare.
    if stored.len() == names.len() {
        Ok(())
    } else {
        Err(LedgerError::Contended)
    }
}

impl<'r> Drafts<'r> {
    /// Adds what one report states to the draft of its learner, or says why it cannot be.
    fn take(&mut self, people: &People<'r>, position: usize) -> Result<(), Fault> {
        let Some(named) = people.named.get(position) else {
            return Ok(());
        };
        let mut kinds = Vec::new();
        let mut fresh = Vec::new();
        let mut owners: Vec<(LearnerId, usize)> = Vec::new();
        for (digest, identifier) in named.stated() {
            let owner = self.owner_of(people, digest);
            match owner {
                Some(owner) => {
                    kinds.push(identifier.kind());
                    owners.push(owner);
                }
                None => fresh.push((digest, identifier)),
            }
        }
        let place = match owners.first() {
            None => None,
            Some((id, place)) if owners.iter().all(|(other, _)| other == id) => Some(*place),
            Some(_) => return Err(of_several(kinds)),
        };
        let mut for_life = self.for_life_at(place);
        for (digest, identifier) in &fresh {
            let kind = identifier.kind();
            if for_life
                .iter()
                .any(|(known, other)| *known == kind && other != digest)
            {
                kinds.push(kind);
                return Err(another_for_life(kind, kinds));
            }
            if kind.is_for_life() {
                for_life.push((kind, *digest));
            }
        }
        let name = self.name_to_add(people, named, place)?;
        let place = place.unwrap_or_else(|| self.add_new());
        for (digest, _) in &fresh {
            self.by_digest.insert(*digest, place);
        }
        if let Some(draft) = self.drafts.get_mut(place) {
            draft.identifiers.extend(fresh);
            draft.for_life = for_life;
            draft.name = draft.name.or(name);
            let born_on = named.stated().find_map(|(_, it)| it.birth_date());
            draft.born_on = draft.born_on.or(born_on);
            draft.positions.push(position);
        }
        Ok(())
    }

    /// The account that has an identifier, or was given it by an earlier report, and its draft.
    fn owner_of(
        &mut self,
        people: &People<'_>,
        digest: IdentifierDigest,
    ) -> Option<(LearnerId, usize)> {
        if let Some(place) = self.by_digest.get(&digest) {
            let draft = self.drafts.get(*place)?;
            return Some((draft.account.learner_id, *place));
        }
        let holder = people.holders.get(&digest)?;
        let next = self.drafts.len();
        let place = *self.by_holder.entry(holder.holder).or_insert(next);
        if place == next {
            self.drafts.push(Draft {
                holder: holder.holder,
                account: holder.account,
                is_new: false,
                identifiers: Vec::new(),
                for_life: self.for_life.remove(&holder.holder).unwrap_or_default(),
                name: None,
                born_on: None,
                positions: Vec::new(),
            });
        }
        Some((holder.account.learner_id, place))
    }

    fn for_life_at(&self, place: Option<usize>) -> Vec<(IdentifierKind, IdentifierDigest)> {
        let draft = place.and_then(|place| self.drafts.get(place));
        draft.map_or_else(Vec::new, |draft| draft.for_life.clone())
    }

    /// The name that a report adds to its learner; a fault where the learner is called otherwise.
    fn name_to_add(
        &self,
        people: &People<'r>,
        named: &Named<'r>,
        place: Option<usize>,
    ) -> Result<Option<&'r PersonName>, Fault> {
        let Some(name) = named.name() else {
            return Ok(None);
        };
        let Some(draft) = place.and_then(|place| self.drafts.get(place)) else {
            return Ok(Some(name));
        };
        // Accounts that are shown as one may be called differently: any of them will do.
        let holders = named.stated().filter_map(|(digest, _)| {
            let holder = people.holders.get(&digest)?;
            Some(holder.holder)
        });
        let mut names = people.names_of(holders.chain([draft.holder]));
        let drafted = draft.name.map(PersonName::folded);
        names.extend(drafted.as_deref());
        if names.contains(name.folded().as_str()) {
            return Ok(None);
        }
        if names.is_empty() {
            Ok(Some(name))
        } else {
            Err(other_name())
        }
    }

    fn add_new(&mut self) -> usize {
        let learner_id = LearnerId::from_uuid(new_id());
        let learner_no = LearnerNo::from_random(rand::random());
        self.drafts.push(Draft {
            holder: learner_id,
            account: Account {
                learner_id,
                learner_no,
            },
            is_new: true,
            identifiers: Vec::new(),
            for_life: Vec::new(),
            name: None,
            born_on: None,
            positions: Vec::new(),
        });
        self.drafts.len().saturating_sub(1)
    }
}
