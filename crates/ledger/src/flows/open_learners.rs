//! New accounts for new people, and what a report adds to a known one: further identifiers, and
//! the name where there was none.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use creditbank_domain::identifier::IdentifierKind;
use creditbank_domain::ids::{InstitutionId, LearnerId};
use creditbank_domain::text::PersonName;

use crate::error::LedgerError;
use crate::flows::find_duplicates::{self, PersonFacts};
use crate::flows::learner_drafts::{Draft, Drafts};
use crate::flows::resolve_learners::{IdentifierDigest, Named, People, Resolved};
use crate::identity::issuer;
use crate::store::Tx;
use crate::tables::identifiers::{self, SealedIdentifier};
use crate::tables::learners;

/// What was written for the learners of some reports.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// The accounts that were opened.
    pub(super) opened: HashSet<LearnerId>,
    /// Of those, and of the accounts to which something was added: whose name and birth date
    /// another account has as well.
    pub(super) alike: HashSet<LearnerId>,
    /// The reports for whose learners something was written.
    pub(super) added: HashSet<usize>,
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
        let drafts = self.draft(tx, wanted)?;
        if drafts.is_empty() {
            return Ok(Settled::default());
        }
        self.write(tx, drafts, institution, now)
    }

    /// As [`Self::settle`], and writes nothing: new accounts are there for these reports alone.
    pub(super) fn settle_for_now(
        &mut self,
        tx: &mut Tx<'_>,
        wanted: &[usize],
    ) -> Result<Settled, LedgerError> {
        let drafts = self.draft(tx, wanted)?;
        for draft in &drafts {
            for position in &draft.positions {
                self.set(*position, Resolved::Known(draft.account));
            }
        }
        let opened = drafts.iter().filter(|draft| draft.is_new);
        Ok(Settled {
            opened: opened.map(|draft| draft.account.learner_id).collect(),
            ..Settled::default()
        })
    }

    /// Puts together by person what is to be written, and refuses what contradicts itself.
    fn draft(&mut self, tx: &mut Tx<'_>, wanted: &[usize]) -> Result<Vec<Draft<'r>>, LedgerError> {
        let mut places: Vec<usize> = wanted
            .iter()
            .copied()
            .filter(|position| self.adds_something(*position))
            .collect();
        if places.is_empty() {
            return Ok(Vec::new());
        }
        // Who states more comes first: then whoever states a part of it is found by that.
        places.sort_by_key(|position| {
            Reverse(
                self.named
                    .get(*position)
                    .map_or(0, |it| it.stated().count()),
            )
        });
        let mut drafts = Drafts::new(self.for_life_of_known(tx, &places)?);
        for position in places {
            if let Err(fault) = drafts.take(self, position) {
                self.set(position, Resolved::Refused(fault));
            }
        }
        Ok(drafts.into_drafts())
    }

    /// True where something is to be written for the learner of a report: an account, a further
    /// identifier, or a name.
    pub(super) fn adds_something(&self, position: usize) -> bool {
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
        let written = drafts
            .iter()
            .filter(|draft| !draft.identifiers.is_empty() || draft.name.is_some());
        let added = written.flat_map(|draft| draft.positions.iter().copied());
        Ok(Settled {
            opened,
            alike,
            added: added.collect(),
        })
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
