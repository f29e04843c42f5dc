//! What may happen to a learner over the days.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use creditbank_domain::amount::{Amount, Unit};
use creditbank_domain::authz::{CorrectOutcomes, HoldLots, KeepRegister, PostOutcomes, Role};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::catalogue::AmountRule;
use creditbank_domain::correction::{Change, CorrectionReason};
use creditbank_domain::hold::HoldPurpose;
use creditbank_domain::ids::{CohortId, LotId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::ReportedOutcome;
use creditbank_domain::text::{DocumentNumber, SourceRef};
use creditbank_ledger::flows::{
    CorrectionOrder, DecisionOrder, HoldOrder, HoldStep, NewCatalogueVersion, Origin, PostAnswer,
    correct_outcome, expire_lots, hold_lot, post_outcomes, step_hold,
};
use kit::{SCHOOL, TestBank, UNIVERSITY, course, hundredths, operator, outcome};
use proptest::prelude::*;

/// A training of the university that gives credit and hours, may be repeated and lapses.
pub(super) fn training() -> NewCatalogueVersion {
    let amount = |unit, text| AmountRule::Fixed(Amount::new(unit, hundredths(text)).unwrap());
    NewCatalogueVersion {
        amounts: vec![amount(Unit::Credit, "2.00"), amount(Unit::Hour, "30.00")],
        usable_months: Some(10),
        repeatable: true,
        ..course(UNIVERSITY, "TRAIN", "2.00")
    }
}

pub(super) fn post_at(
    bank: &TestBank,
    institution: &str,
    report: ReportedOutcome,
    now: DateTime<Utc>,
) {
    let grant = bank.grant::<PostOutcomes>(Role::Registrar, institution);
    post_outcomes(bank.ledger(), &grant, &[report], Origin::Api, now).unwrap();
}

/// Whose outcome a report is that was posted before.
pub(super) fn learner_of(bank: &TestBank, institution: &str, report: ReportedOutcome) -> LearnerNo {
    match bank.try_post(institution, &[report]).unwrap().remove(0) {
        PostAnswer::AlreadyPosted(posted) => posted.learner_no,
        other => panic!("not posted before: {other:?}"),
    }
}

/// One thing that happens, days after the one before.
#[derive(Debug, Clone)]
pub(super) enum Happening {
    Post {
        institution: usize,
        course: usize,
        backdated: u64,
    },
    Request,
    Decide {
        refuse: bool,
    },
    /// Of what was posted before, counted from the last.
    Withdraw {
        back: usize,
    },
    Regrade {
        back: usize,
        grade: u8,
    },
    /// Of the first lot, and then as much of it as may be.
    Hold {
        settle: bool,
    },
    /// What the calendar demands.
    Expire,
}

pub(super) fn happenings() -> impl Strategy<Value = Vec<(u64, Happening)>> {
    let happening = prop_oneof![
        5 => (0..2_usize, 0..4_usize, 0..400_u64).prop_map(|(institution, course, backdated)| {
            Happening::Post { institution, course, backdated }
        }),
        2 => Just(Happening::Request),
        2 => any::<bool>().prop_map(|refuse| Happening::Decide { refuse }),
        1 => (0..3_usize).prop_map(|back| Happening::Withdraw { back }),
        1 => (0..3_usize, 40..100_u8).prop_map(|(back, grade)| Happening::Regrade { back, grade }),
        2 => any::<bool>().prop_map(|settle| Happening::Hold { settle }),
        1 => Just(Happening::Expire),
    ];
    proptest::collection::vec((0..9_u64, happening), 1..16)
}

/// A learner to whom things happen.
struct Story<'a> {
    bank: &'a TestBank,
    learner: LearnerNo,
    /// The lot that is there from the beginning, which no rule converts.
    lot: LotId,
    open: Vec<CohortId>,
    posted: Vec<(&'static str, String)>,
}

/// Lets it all happen to one learner, and gives the learner and the last day.
pub(super) fn happen(bank: &TestBank, happenings: &[(u64, Happening)]) -> (LearnerNo, NaiveDate) {
    bank.publish(&[training()]);
    let mut now = bank.now();
    let first = bank.post(SCHOOL, outcome("CERT-LOW").build());
    let mut story = Story {
        bank,
        learner: first.learner_no,
        lot: first.lots[0].lot_id,
        open: Vec::new(),
        posted: Vec::new(),
    };
    for (days, happening) in happenings {
        now = now + Days::new(*days) + TimeDelta::hours(5);
        story.happens(happening, now);
    }
    (first.learner_no, bank_day(now))
}

impl Story<'_> {
    fn happens(&mut self, happening: &Happening, now: DateTime<Utc>) {
        let (bank, learner) = (self.bank, self.learner);
        match happening {
            Happening::Post {
                institution,
                course,
                backdated,
            } => self.post((*institution, *course), *backdated, now),
            Happening::Request => {
                if let Ok(cohort) = bank.try_request_at(&[learner], now) {
                    self.open.push(cohort.cohort_id);
                }
            }
            Happening::Decide { refuse } => {
                let order = match refuse {
                    true => DecisionOrder::Refuse {
                        text: "否".to_owned(),
                    },
                    false => DecisionOrder::AsTheRulesSay,
                };
                if let Some(cohort) = self.open.pop() {
                    let _ = bank.try_decide_at(cohort, &order, now);
                }
            }
            Happening::Withdraw { back } => self.change(*back, Change::Withdraw, now),
            Happening::Regrade { back, grade } => {
                let other = kit::grade(&grade.to_string());
                self.change(*back, Change::Correct(other), now);
            }
            Happening::Hold { settle } => self.hold(*settle, now),
            Happening::Expire => {
                expire_lots(bank.ledger(), &operator::<KeepRegister>(), now).unwrap();
            }
        }
    }

    fn post(&mut self, (institution, course): (usize, usize), backdated: u64, now: DateTime<Utc>) {
        let institution = [SCHOOL, UNIVERSITY][institution];
        let code = match institution {
            SCHOOL => ["CERT-A", "CERT-B", "CERT-C", "CERT-D"][course],
            _ => ["MATH101", "PE102", "TRAIN", "TRAIN"][course],
        };
        let awarded = (bank_day(now) - Days::new(backdated)).to_string();
        let source = format!("line {}", self.posted.len());
        let report = outcome(code).learner_no(self.learner).on(&awarded);
        post_at(self.bank, institution, report.source(&source).build(), now);
        self.posted.push((institution, source));
    }

    fn change(&self, back: usize, change: Change, now: DateTime<Utc>) {
        let Some((institution, source)) = self.posted.iter().rev().nth(back) else {
            return;
        };
        let order = CorrectionOrder {
            source_ref: SourceRef::new(source).unwrap(),
            change,
            reason: CorrectionReason::GradeAppeal,
            document: DocumentNumber::new("教务更正〔2026〕9号").unwrap(),
        };
        let grant = self
            .bank
            .grant::<CorrectOutcomes>(Role::Registrar, institution);
        let _ = correct_outcome(self.bank.ledger(), &grant, &order, now);
    }

    fn hold(&self, settle: bool, now: DateTime<Utc>) {
        let grant = self.bank.grant::<HoldLots>(Role::SchoolOfficer, SCHOOL);
        let order = HoldOrder {
            learner: self.learner,
            lot: self.lot,
            amount: Amount::new(Unit::Credit, hundredths("1.25")).unwrap(),
            purpose: HoldPurpose::TitleReview,
            expires_at: now + TimeDelta::days(3),
        };
        let Ok(hold) = hold_lot(self.bank.ledger(), &grant, &order, now) else {
            return;
        };
        if settle {
            let part = HoldStep::Settle(hundredths("0.75"));
            let of = (self.learner, hold.hold_id);
            step_hold(self.bank.ledger(), &grant, of, part, now).unwrap();
        }
    }
}
