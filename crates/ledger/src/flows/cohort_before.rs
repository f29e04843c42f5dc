//! What was asked for before by lines of the same references.

use std::collections::HashMap;

use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{InstitutionId, LearnerId, RequestId};
use serde_json::Value;

use crate::error::LedgerError;
use crate::flows::cohort_answers::{again, differs, of_what_differs};
use crate::flows::import_lines::LineStatus;
use crate::flows::learner_groups::{Groups, lock_joint_lots};
use crate::store::Tx;
use crate::tables::cohort_lines::{self, AskedLineRow, LineRef};
use crate::tables::learners;

/// Lines that were asked for, and by which references some learners' lines are known.
pub(super) struct Before {
    reference: String,
    groups: Groups,
    numbers: HashMap<LearnerId, String>,
    known: HashMap<LineRef, AskedLineRow>,
}

impl Before {
    /// Reads what was asked for by some lines; each says its own number, if it has one, and whose
    /// it is. Their lots are locked first, so that whoever asks at this moment is seen.
    pub(super) fn load<'l>(
        tx: &mut Tx<'_>,
        (school, reference): (InstitutionId, &str),
        lines: impl Iterator<Item = (Option<&'l str>, LearnerId)> + Clone,
    ) -> Result<Self, LedgerError> {
        let ids: Vec<LearnerId> = lines.clone().map(|(_, learner)| learner).collect();
        let (groups, _) = lock_joint_lots(tx, &ids)?;
        let members = groups.members(&ids);
        let numbers = learners::list_by_ids(tx.conn(), &members)?.into_iter();
        let mut before = Self {
            reference: reference.to_owned(),
            groups,
            numbers: numbers
                .map(|it| (it.asked.learner_id, it.asked.learner_no.to_string()))
                .collect(),
            known: HashMap::new(),
        };
        let refs: Vec<LineRef> = lines
            .flat_map(|(own, learner)| before.refs(own, learner))
            .collect();
        for row in cohort_lines::list(tx.conn(), school, &refs)? {
            let of = LineRef {
                is_own: row.is_own,
                text: row.source_ref.clone(),
            };
            before.known.insert(of, row);
        }
        Ok(before)
    }

    /// By what a line is to be known: the school's own number, else cohort and learner.
    pub(super) fn of(&self, own: Option<&str>, learner: LearnerId) -> LineRef {
        match own {
            Some(own) => LineRef {
                is_own: true,
                text: own.to_owned(),
            },
            None => self.derived(self.groups.survivor(learner)),
        }
    }

    /// The answer to a line that was asked for before.
    pub(super) fn answer(
        &self,
        (own, learner): (Option<&str>, LearnerId),
        asked: &Value,
    ) -> Option<(LineStatus, Vec<Fault>)> {
        let refs = self.refs(own, learner);
        let row = refs.iter().find_map(|it| self.known.get(it))?;
        let members = self.groups.members(&[learner]);
        let is_theirs = members.contains(&LearnerId::from_uuid(row.learner_id));
        let differences = of_what_differs(&row.asked, asked, is_theirs);
        let request = RequestId::from_uuid(row.request_id);
        Some(match differences.as_slice() {
            [] => (LineStatus::AlreadyPosted, vec![again(request, &row.state)]),
            _ => (LineStatus::Rejected, vec![differs(&differences)]),
        })
    }

    /// By what a line may have been asked for: under whichever account of its person.
    fn refs(&self, own: Option<&str>, learner: LearnerId) -> Vec<LineRef> {
        match own {
            Some(_) => vec![self.of(own, learner)],
            None => { self.groups.members(&[learner]).into_iter() }
                .map(|member| self.derived(member))
                .collect(),
        }
    }

    fn derived(&self, learner: LearnerId) -> LineRef {
        let number = self.numbers.get(&learner).map_or("", String::as_str);
        LineRef {
            is_own: false,
            text: format!("{}/{number}", self.reference),
        }
    }
}
