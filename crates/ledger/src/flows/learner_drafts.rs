//! What the reports of a batch say of their learners, put together by person before anything is
//! written: who is new, what is added to whom, and what contradicts itself.

use std::collections::HashMap;

use chrono::NaiveDate;
use creditbank_domain::fault::Fault;
use creditbank_domain::identifier::{Identifier, IdentifierKind};
use creditbank_domain::ids::LearnerId;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::text::PersonName;

use crate::flows::resolve_learners::{
    IdentifierDigest, Named, People, another_for_life, of_several, other_name,
};
use crate::new_id::new_id;
use crate::tables::learners::Account;

/// Somebody for whom something is to be written.
pub(super) struct Draft<'r> {
    /// For whom identifiers and name are stored.
    pub(super) holder: LearnerId,
    /// What the holder is shown as.
    pub(super) account: Account,
    pub(super) is_new: bool,
    pub(super) identifiers: Vec<(IdentifierDigest, &'r Identifier)>,
    /// What the holder has of the kinds that are for life, with what is to be added.
    for_life: Vec<(IdentifierKind, IdentifierDigest)>,
    /// The name to be stored.
    pub(super) name: Option<&'r PersonName>,
    pub(super) born_on: Option<NaiveDate>,
    pub(super) positions: Vec<usize>,
}

/// The drafts of a batch of reports.
pub(super) struct Drafts<'r> {
    drafts: Vec<Draft<'r>>,
    /// Which draft an identifier that is not known yet was given to.
    by_digest: HashMap<IdentifierDigest, usize>,
    by_holder: HashMap<LearnerId, usize>,
    for_life: HashMap<LearnerId, Vec<(IdentifierKind, IdentifierDigest)>>,
}

impl<'r> Drafts<'r> {
    /// None yet; with the identifiers for life that the known accounts have.
    pub(super) fn new(
        for_life: HashMap<LearnerId, Vec<(IdentifierKind, IdentifierDigest)>>,
    ) -> Self {
        Self {
            drafts: Vec::new(),
            by_digest: HashMap::new(),
            by_holder: HashMap::new(),
            for_life,
        }
    }

    pub(super) fn into_drafts(self) -> Vec<Draft<'r>> {
        self.drafts
    }

    /// Adds what one report states to the draft of its learner, or says why it cannot be.
    pub(super) fn take(&mut self, people: &People<'r>, position: usize) -> Result<(), Fault> {
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
