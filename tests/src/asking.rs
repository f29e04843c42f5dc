//! Asking for conversions: drafts, learners for themselves, again, and many decided at once.

use creditbank_domain::authz::{Actor, Grant, RequestConversion, Role, Subject, authorize};
use creditbank_domain::ids::{DraftId, RequestId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::LearnerRef;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{
    self, ApplicantStep, Chosen, ConversionOrder, DecidedMany, DecisionOrder, DraftView,
    OrderedLearner,
};
use creditbank_ledger::reads::{CohortView, RequestView};

use crate::bank::{TestBank, once};
use crate::world::{PROGRAMME, RECEIVING, SCHOOL, code};

/// An order for these learners, with all that each has.
#[must_use]
pub fn order_for(learners: &[LearnerNo]) -> ConversionOrder {
    let all = |number: &LearnerNo| OrderedLearner {
        learner: LearnerRef::Number(*number),
        outcomes: Vec::new(),
    };
    ConversionOrder {
        basis: None,
        receiving: code(RECEIVING),
        programme: PROGRAMME.to_owned(),
        rule_set: None,
        learners: learners.iter().map(all).collect(),
    }
}

impl TestBank {
    /// The school as it asks.
    #[must_use]
    pub fn school_asks(&self) -> Grant<RequestConversion> {
        self.grant(Role::SchoolOfficer, SCHOOL)
    }

    /// A learner who asks.
    ///
    /// # Panics
    /// Where the policy does not let learners ask.
    #[must_use]
    pub fn learner_asks(&self, learner: LearnerNo) -> Grant<RequestConversion> {
        let actor = Actor {
            learner: Some(learner),
            roles: vec![Role::Learner],
            person: Some(creditbank_domain::ids::PersonId::from_uuid(
                uuid::Uuid::from_u128(77),
            )),
            ..Actor::default()
        };
        authorize(&actor, Subject::Learner(learner)).unwrap()
    }

    /// Asks.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn ask_as(
        &self,
        who: &Grant<RequestConversion>,
        order: &ConversionOrder,
    ) -> Result<CohortView, LedgerError> {
        let now = self.now();
        once(|once| flows::request_conversion_once(self.ledger(), who, order, once, now))
    }

    /// Takes a step about an own request.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn step_as(
        &self,
        who: &Grant<RequestConversion>,
        request: RequestId,
        step: &ApplicantStep,
    ) -> Result<RequestView, LedgerError> {
        let (now, which) = (self.now(), (request, None));
        once(|once| flows::answer_request_once(self.ledger(), who, which, step, once, now))
    }

    /// Asks again.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn resubmit_as(
        &self,
        who: &Grant<RequestConversion>,
        request: RequestId,
    ) -> Result<RequestView, LedgerError> {
        let now = self.now();
        let text = "材料已补齐";
        once(|once| flows::resubmit_request_once(self.ledger(), who, request, text, once, now))
    }

    /// Drafts.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn draft_as(
        &self,
        who: &Grant<RequestConversion>,
        order: &ConversionOrder,
    ) -> Result<DraftView, LedgerError> {
        let now = self.now();
        once(|once| flows::draft_conversion_once(self.ledger(), who, order, once, now))
    }

    /// Drafts something else.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn revise_as(
        &self,
        who: &Grant<RequestConversion>,
        which: (DraftId, Option<u32>),
        order: &ConversionOrder,
    ) -> Result<DraftView, LedgerError> {
        let now = self.now();
        once(|once| flows::revise_draft_once(self.ledger(), who, which, order, once, now))
    }

    /// Submits a draft.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn submit_as(
        &self,
        who: &Grant<RequestConversion>,
        which: (DraftId, Option<u32>),
    ) -> Result<CohortView, LedgerError> {
        let now = self.now();
        once(|once| flows::submit_draft_once(self.ledger(), who, which, once, now))
    }

    /// Gives a draft up.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn discard_as(
        &self,
        who: &Grant<RequestConversion>,
        which: (DraftId, Option<u32>),
    ) -> Result<DraftView, LedgerError> {
        let now = self.now();
        once(|once| flows::discard_draft_once(self.ledger(), who, which, once, now))
    }

    /// A reviewer decides many requests.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn decide_many(
        &self,
        reviewer: u128,
        chosen: &Chosen,
        order: &DecisionOrder,
    ) -> Result<DecidedMany, LedgerError> {
        let (now, who) = (self.now(), self.reviewer(reviewer));
        once(|once| flows::decide_many_once(self.ledger(), &who, chosen, order, once, now))
    }
}
