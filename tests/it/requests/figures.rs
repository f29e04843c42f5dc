//! The figures of conversion.

use std::collections::BTreeMap;

use chrono::Days;
use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{Actor, ReadTotals, Role, Subject, authorize};
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::flows::ApplicantStep;
use creditbank_ledger::reads;
use kit::{SCHOOL, TestBank, hundredths};

use super::{RULES, ask, refuse, request};

#[test]
fn the_figures_of_a_month_add_up_and_say_little_of_others() {
    let bank = TestBank::start();
    let granted = request(&bank, "S1", &["CERT-A"]);
    let cut = request(&bank, "S2", &["CERT-A", "CERT-B", "CERT-C", "CERT-D"]);
    let refused = request(&bank, "S3", &["CERT-LOW"]);
    let back = request(&bank, "S4", &["CERT-B"]);
    let _open = request(&bank, "S5", &["CERT-B"]);
    let now = bank.now();
    let week = now + Days::new(7);
    bank.say(2, (granted.request_id, None), &RULES, now)
        .unwrap();
    bank.say(2, (cut.request_id, None), &ask("请补交"), now)
        .unwrap();
    let answer = ApplicantStep::Answer {
        text: "已补".into(),
        evidence: Vec::new(),
    };
    bank.applicant(cut.request_id, &answer, week).unwrap();
    bank.say(2, (cut.request_id, None), &RULES, week + Days::new(1))
        .unwrap();
    bank.say(2, (refused.request_id, None), &refuse(), week)
        .unwrap();
    let withdraw = ApplicantStep::Withdraw {
        text: "报错".into(),
    };
    bank.applicant(back.request_id, &withdraw, now).unwrap();
    let today = bank_day(now);
    let period = (today, today);
    let whole = authorize::<ReadTotals>(&Actor::operator(), Subject::Bank).unwrap();
    let months = reads::conversion_figures(bank.ledger(), &whole, period).unwrap();
    assert_eq!(months.len(), 1);
    let figures = months[0].figures.clone().unwrap();
    let one = ["granted", "partly", "refused", "requested", "withdrawn"].map(|state| (state, 1));
    assert_eq!(figures.requests, BTreeMap::from(one));
    let parts = [figures.granted, figures.cut, figures.refused, figures.open];
    assert_eq!(figures.requested, Hundredths::sum(parts).unwrap());
    assert_eq!(
        (figures.granted, figures.open),
        (hundredths("27.70"), hundredths("6.00"))
    );
    assert_eq!(figures.cut, hundredths("2.30"));
    // Of the week in which the school had the turn only the day behind it counts.
    assert_eq!(
        figures.working_days,
        BTreeMap::from([(0, 1), (1, 1), (5, 1)])
    );
    assert_eq!((figures.within(50), figures.within(90)), (Some(1), Some(5)));
    // Five requests are told of, their reasons of one line each are not.
    let school = bank.grant::<ReadTotals>(Role::SchoolOfficer, SCHOOL);
    let told = reads::conversion_figures(bank.ledger(), &school, period).unwrap();
    let told = told[0].figures.clone().unwrap();
    assert_eq!((told.requests, told.reasons.len()), (figures.requests, 0));
}
