//! The stages that a request walks.

use super::Party;

/// Stages at most.
const STAGES_MAX: usize = 9;

/// One stage: who looks at a request, how many of them have to agree, and how long they have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// What people call it.
    pub name_zh: String,
    /// The same in English.
    pub name_en: String,
    /// Whose it is.
    pub party: Party,
    /// How many different people have to agree: a committee's quorum, or one.
    pub approvals: u16,
    /// How many working days it has.
    pub working_days: u32,
}

/// Why stages are no chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// None, or too many.
    #[error("a chain has one to nine stages")]
    Stages,
    /// Nobody, or a crowd.
    #[error("a stage asks for 1 to 99 approvals")]
    Approvals,
    /// No time, or years.
    #[error("a stage has 1 to 250 working days")]
    Days,
    /// The bank checks; it is the receiving institution that decides.
    #[error(
        "the last stage is the receiving institution's, and no stage of the bank follows one of it"
    )]
    Order,
}

/// The stages in their order; the last one decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    first: Stage,
    later: Vec<Stage>,
    answer_days: u32,
}

impl Chain {
    /// The bank's stages, then the receiving institution's.
    ///
    /// # Errors
    /// [`ChainError`]
    pub fn new(stages: Vec<Stage>, answer_days: u32) -> Result<Self, ChainError> {
        let within = |days: u32| (1..=250).contains(&days);
        if stages.len() > STAGES_MAX {
            return Err(ChainError::Stages);
        }
        if !stages.iter().all(|it| (1..=99).contains(&it.approvals)) {
            return Err(ChainError::Approvals);
        }
        if !within(answer_days) || !stages.iter().all(|it| within(it.working_days)) {
            return Err(ChainError::Days);
        }
        let receiving = |stage: &Stage| stage.party == Party::Receiving;
        let sorted = stages
            .iter()
            .skip_while(|stage| !receiving(stage))
            .all(receiving);
        if !sorted || !stages.last().is_none_or(receiving) {
            return Err(ChainError::Order);
        }
        let mut stages = stages.into_iter();
        let first = stages.next().ok_or(ChainError::Stages)?;
        Ok(Self {
            first,
            later: stages.collect(),
            answer_days,
        })
    }

    /// What holds where a receiving institution has not arranged its own: one of its reviewers
    /// decides within 15 working days (rules of the field, 9.7).
    #[must_use]
    pub fn usual() -> Self {
        Self {
            first: Stage {
                name_zh: "接收机构决定".to_owned(),
                name_en: "decision of the receiving institution".to_owned(),
                party: Party::Receiving,
                approvals: 1,
                working_days: 15,
            },
            later: Vec::new(),
            answer_days: 10,
        }
    }

    /// How many there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is always one")]
    pub fn len(&self) -> usize {
        self.later.len().saturating_add(1)
    }

    /// The stages in order.
    pub fn stages(&self) -> impl Iterator<Item = &Stage> {
        std::iter::once(&self.first).chain(&self.later)
    }

    /// Working days that an applicant has for an answer.
    #[must_use]
    pub const fn answer_days(&self) -> u32 {
        self.answer_days
    }

    /// A stage by its place from 0; the last one behind the end.
    pub(super) fn stage(&self, at: usize) -> &Stage {
        let later = self.later.get(at.saturating_sub(1)).or(self.later.last());
        later.filter(|_| at > 0).unwrap_or(&self.first)
    }

    /// Working days of the stages behind one, and of one answer at every stage from it on.
    pub(super) fn days_behind(&self, at: usize) -> u32 {
        let here = self.stages().skip(at);
        here.enumerate().fold(0, |days: u32, (behind, stage)| {
            let own = if behind == 0 { 0 } else { stage.working_days };
            days.saturating_add(own).saturating_add(self.answer_days)
        })
    }
}
