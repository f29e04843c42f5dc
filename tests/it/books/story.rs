//! What may happen to a learner over the days.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use creditbank_domain::amount::{Amount, Unit};
use creditbank_domain::authz::{PostOutcomes, Role};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::catalogue::AmountRule;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::ReportedOutcome;
use creditbank_ledger::flows::{
    DecisionOrder, NewCatalogueVersion, Origin, PostAnswer, post_outcomes,
};
use kit::{SCHOOL, TestBank, UNIVERSITY, course, hundredths, outcome};
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
}

pub(super) fn happenings() -> impl Strategy<Value = Vec<(u64, Happening)>> {
    let happening = prop_oneof![
        4 => (0..2_usize, 0..4_usize, 0..400_u64).prop_map(|(institution, course, backdated)| {
            Happening::Post { institution, course, backdated }
        }),
        2 => Just(Happening::Request),
        2 => any::<bool>().prop_map(|refuse| Happening::Decide { refuse }),
    ];
    proptest::collection::vec((0..9_u64, happening), 1..14)
}

/// Lets it all happen to one learner, and gives the learner and the last day.
pub(super) fn happen(bank: &TestBank, happenings: &[(u64, Happening)]) -> (LearnerNo, NaiveDate) {
    bank.publish(&[training()]);
    let mut now = bank.now();
    let number = bank.post(SCHOOL, outcome("CERT-LOW").build()).learner_no;
    let mut open = Vec::new();
    for (n, (days, happening)) in happenings.iter().enumerate() {
        now = now + Days::new(*days) + TimeDelta::hours(5);
        match happening {
            Happening::Post {
                institution,
                course,
                backdated,
            } => {
                let institution = [SCHOOL, UNIVERSITY][*institution];
                let code = match institution {
                    SCHOOL => ["CERT-A", "CERT-B", "CERT-C", "CERT-D"][*course],
                    _ => ["MATH101", "PE102", "TRAIN", "TRAIN"][*course],
                };
                let awarded = (bank_day(now) - Days::new(*backdated)).to_string();
                let report = outcome(code).learner_no(number).on(&awarded);
                let report = report.source(&format!("line {n}")).build();
                post_at(bank, institution, report, now);
            }
            Happening::Request => {
                if let Ok(cohort) = bank.try_request_at(&[number], now) {
                    open.push(cohort.cohort_id);
                }
            }
            Happening::Decide { refuse } => {
                if let Some(cohort) = open.pop() {
                    let order = match refuse {
                        true => DecisionOrder::Refuse {
                            text: "否".to_owned(),
                        },
                        false => DecisionOrder::AsTheRulesSay,
                    };
                    let _ = bank.try_decide_at(cohort, &order, now);
                }
            }
        }
    }
    (number, bank_day(now))
}
