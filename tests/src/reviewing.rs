//! Requests on their way: who speaks about them, and when.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{
    Action, Actor, CheckConversion, DecideConversion, Grant, RequestConversion, Role, Subject,
    authorize,
};
use creditbank_domain::conversion::Document;
use creditbank_domain::ids::{ClientId, RequestId};
use creditbank_domain::process::{Hand, Party, Stage};
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{
    self, AppealOrder, ApplicantStep, CheckOrder, DecisionOrder, NewChain,
};
use creditbank_ledger::reads::RequestView;
use uuid::Uuid;

use crate::bank::{TestBank, once};
use crate::rules::keeper;
use crate::world::{RECEIVING, SCHOOL};

/// A stage of a test's chain.
#[must_use]
pub fn stage(party: Party, approvals: u16, working_days: u32) -> Stage {
    Stage {
        name_zh: "环节".to_owned(),
        name_en: "stage".to_owned(),
        party,
        approvals,
        working_days,
    }
}

/// The hand of the reviewer of that number.
#[must_use]
pub const fn hand(number: u128) -> Hand {
    Hand(Uuid::from_u128(number))
}

impl TestBank {
    fn somebody<A: Action>(&self, role: Role, number: u128, institution: Option<&str>) -> Grant<A> {
        let institution = institution.map(|code| self.institution(code));
        let actor = Actor {
            client: Some(ClientId::from_uuid(hand(number).0)),
            institution,
            roles: vec![role],
            ..Actor::default()
        };
        let subject = institution.map_or(Subject::Bank, Subject::Institution);
        authorize(&actor, subject).unwrap()
    }

    /// One of many reviewers of the receiving university.
    #[must_use]
    pub fn reviewer(&self, number: u128) -> Grant<DecideConversion> {
        self.somebody(Role::Reviewer, number, Some(RECEIVING))
    }

    /// From that day on requests to the receiving university walk these stages.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn try_chain(
        &self,
        valid_from: NaiveDate,
        stages: Vec<(Stage, Vec<Hand>)>,
    ) -> Result<bool, LedgerError> {
        let chain = NewChain {
            institution: InstitutionCode::new(RECEIVING).unwrap(),
            valid_from,
            document: Document {
                number: "校继教〔2026〕3号".to_owned(),
                title: "学分转换审核办法".to_owned(),
            },
            stages,
            answer_days: 10,
        };
        flows::register_chain(self.ledger(), &keeper(), &chain, self.now())
    }

    /// From today on requests to the receiving university are checked by the bank first.
    ///
    /// # Panics
    /// Where the ledger refuses.
    pub fn check_first(&self) {
        let stages = vec![
            (stage(Party::Bank, 1, 5), vec![]),
            (stage(Party::Receiving, 1, 15), vec![]),
        ];
        assert!(
            self.try_chain(creditbank_domain::calendar::bank_day(self.now()), stages)
                .unwrap()
        );
    }

    /// A reviewer speaks about a request, having seen a version of it.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn say(
        &self,
        reviewer: u128,
        (request, version): (RequestId, Option<u32>),
        order: &DecisionOrder,
        now: DateTime<Utc>,
    ) -> Result<RequestView, LedgerError> {
        let grant = self.reviewer(reviewer);
        let which = (request, version);
        once(|once| flows::decide_request_once(self.ledger(), &grant, which, order, once, now))
    }

    /// The secretariat checks a request.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn check(
        &self,
        request: RequestId,
        order: &CheckOrder,
        now: DateTime<Utc>,
    ) -> Result<RequestView, LedgerError> {
        let grant: Grant<CheckConversion> = self.somebody(Role::Secretariat, 1, None);
        let which = (request, None);
        once(|once| flows::check_request_once(self.ledger(), &grant, which, order, once, now))
    }

    /// The school answers or takes its request back.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn applicant(
        &self,
        request: RequestId,
        step: &ApplicantStep,
        now: DateTime<Utc>,
    ) -> Result<RequestView, LedgerError> {
        let grant: Grant<RequestConversion> = self.grant(Role::SchoolOfficer, SCHOOL);
        let which = (request, None);
        once(|once| flows::answer_request_once(self.ledger(), &grant, which, step, once, now))
    }

    /// The school appeals.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn appeal(
        &self,
        request: RequestId,
        now: DateTime<Utc>,
    ) -> Result<RequestView, LedgerError> {
        let grant: Grant<RequestConversion> = self.grant(Role::SchoolOfficer, SCHOOL);
        let order = AppealOrder {
            text: "证书原件已补交".to_owned(),
        };
        once(|once| flows::appeal_request_once(self.ledger(), &grant, request, &order, once, now))
    }
}
