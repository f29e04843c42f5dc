//! Corrections, reversals and holds, as the policy lets somebody make them.

use chrono::TimeDelta;
use creditbank_domain::amount::{Amount, Hundredths, Unit};
use creditbank_domain::authz::{
    Actor, CorrectOutcomes, Grant, HoldLots, KeepRegister, ReadConversion, ReverseEntries, Role,
    Subject, authorize,
};
use creditbank_domain::correction::{Change, Corrected, CorrectionReason};
use creditbank_domain::hold::HoldPurpose;
use creditbank_domain::ids::{CorrectionId, HoldId, LotId, RequestId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::text::{DocumentNumber, SourceRef};
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{
    self, CorrectionOrder, CorrectionView, Expiry, HoldOrder, HoldStep, ReversalOrder,
    correct_outcome, expire_lots, reverse_conversion_once, undo_correction_once,
};
use creditbank_ledger::reads::{self, RequestView};

use crate::bank::{TestBank, once};
use crate::build::hundredths;

fn document() -> DocumentNumber {
    DocumentNumber::new("教务更正〔2026〕3号").unwrap()
}

/// A change of nothing but the grade.
///
/// # Panics
/// Where it is no grade.
#[must_use]
pub fn grade(grade: &str) -> Corrected {
    Corrected {
        grade: Some(grade.parse().unwrap()),
        ..Corrected::default()
    }
}

impl TestBank {
    /// The registrar of an institution corrects what it posted under a source reference.
    ///
    /// # Errors
    /// What the ledger says.
    ///
    /// # Panics
    /// Where the reference is no text.
    pub fn try_change(
        &self,
        institution: &str,
        source_ref: &str,
        change: Change,
    ) -> Result<CorrectionView, LedgerError> {
        let grant: Grant<CorrectOutcomes> = self.grant(Role::Registrar, institution);
        let order = CorrectionOrder {
            source_ref: SourceRef::new(source_ref).unwrap(),
            change,
            reason: CorrectionReason::ClericalError,
            document: document(),
        };
        correct_outcome(self.ledger(), &grant, &order, self.now())
    }

    /// As [`Self::try_change`] to other content, which must succeed.
    ///
    /// # Panics
    /// Where it does not.
    pub fn correct(&self, institution: &str, source_ref: &str, to: Corrected) -> CorrectionView {
        self.try_change(institution, source_ref, Change::Correct(to))
            .unwrap()
    }

    /// As [`Self::try_change`] to nothing, which must succeed.
    ///
    /// # Panics
    /// Where it does not.
    pub fn withdraw(&self, institution: &str, source_ref: &str) -> CorrectionView {
        self.try_change(institution, source_ref, Change::Withdraw)
            .unwrap()
    }

    fn secretariat(&self) -> Grant<ReverseEntries> {
        let actor = Actor {
            roles: vec![Role::Secretariat],
            ..Actor::default()
        };
        authorize(&actor, Subject::Bank).unwrap()
    }

    fn reversal() -> ReversalOrder {
        ReversalOrder {
            reason: CorrectionReason::CorrectionMistaken,
            document: document(),
        }
    }

    /// A request as the secretariat sees it.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    pub fn request_seen(&self, request: RequestId) -> RequestView {
        let grant: Grant<ReadConversion> = authorize(&Actor::operator(), Subject::Bank).unwrap();
        reads::conversion_request(
            self.ledger(),
            &grant,
            request,
            reads::Inquiry::at(Self::opening()),
        )
        .unwrap()
    }

    /// The secretariat undoes a correction.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn try_undo(&self, correction: CorrectionId) -> Result<CorrectionView, LedgerError> {
        let (grant, order, now) = (self.secretariat(), Self::reversal(), self.now());
        once(|request| {
            undo_correction_once(self.ledger(), &grant, correction, &order, request, now)
        })
    }

    /// The secretariat takes a conversion back.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn try_reverse(&self, conversion: RequestId) -> Result<RequestView, LedgerError> {
        let (grant, order, now) = (self.secretariat(), Self::reversal(), self.now());
        once(|request| {
            reverse_conversion_once(self.ledger(), &grant, conversion, &order, request, now)
        })
    }

    fn holder(&self, institution: &str) -> Grant<HoldLots> {
        self.grant(Role::SchoolOfficer, institution)
    }

    /// An institution holds credits of a lot for an hour.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn try_hold(
        &self,
        institution: &str,
        learner: LearnerNo,
        lot: LotId,
        amount: &str,
    ) -> Result<HoldId, LedgerError> {
        let now = self.now();
        let amount = Amount::new(Unit::Credit, hundredths(amount))
            .map_err(|wrong| LedgerError::Refused(wrong.into()))?;
        let order = HoldOrder {
            learner,
            lot,
            amount,
            purpose: HoldPurpose::TitleReview,
            expires_at: now + TimeDelta::hours(1),
        };
        flows::hold_lot(self.ledger(), &self.holder(institution), &order, now)
            .map(|hold| hold.hold_id)
    }

    /// An institution settles a part of its hold.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn try_settle(
        &self,
        institution: &str,
        learner: LearnerNo,
        hold: HoldId,
        amount: &str,
    ) -> Result<(), LedgerError> {
        let (grant, step) = (
            self.holder(institution),
            HoldStep::Settle(hundredths(amount)),
        );
        flows::step_hold(self.ledger(), &grant, (learner, hold), step, self.now()).map(|_| ())
    }

    /// An institution releases what is left of its hold; gives all that was ever released of it.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn try_release(
        &self,
        institution: &str,
        learner: LearnerNo,
        hold: HoldId,
    ) -> Result<Hundredths, LedgerError> {
        let grant = self.holder(institution);
        let step = HoldStep::Release;
        flows::step_hold(self.ledger(), &grant, (learner, hold), step, self.now())
            .map(|hold| hold.released)
    }

    /// The secretariat gives back what a hold used.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn try_reverse_hold(
        &self,
        learner: LearnerNo,
        hold: HoldId,
    ) -> Result<Hundredths, LedgerError> {
        let (grant, order, now) = (self.secretariat(), Self::reversal(), self.now());
        let of = (learner, hold);
        once(|request| flows::reverse_hold_once(self.ledger(), &grant, of, &order, request, now))
            .map(|reversed| reversed.given_back)
    }

    /// Does what the calendar demands.
    ///
    /// # Panics
    /// Where the ledger refuses.
    pub fn expire_at(&self, now: chrono::DateTime<chrono::Utc>) -> Expiry {
        let keeper: Grant<KeepRegister> = authorize(&Actor::operator(), Subject::Bank).unwrap();
        expire_lots(self.ledger(), &keeper, now).unwrap()
    }
}
