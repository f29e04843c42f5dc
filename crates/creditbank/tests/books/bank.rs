//! A bank in which everything happened that an export has to tell, and what it says of itself.

use std::collections::BTreeMap;

use creditbank_domain::amount::{Amount, Unit};
use creditbank_domain::authz::KeepRegister;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::catalogue::AmountRule;
use creditbank_domain::institution::{AllianceRole, InstitutionKind};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::flows::{
    DecisionOrder, NewCatalogueVersion, NewInstitution, register_institutions,
};
use creditbank_ledger::reads;
use kit::{SCHOOL, TestBank, UNIVERSITY, course, hundredths, operator, outcome};
/// An institution whose code is no name in plain-text accounting as it stands.
pub(crate) const ODD: &str = "s-1 甲;";

/// Learners of several institutions with postings of two units, conversions granted, cut, refused and
/// still open, and one to whom everything happens that comes later.
pub(crate) fn bank_with_books() -> (TestBank, Vec<LearnerNo>) {
    let bank = TestBank::start();
    let odd = NewInstitution {
        code: InstitutionCode::new(ODD).unwrap(),
        name_zh: "怪码学院".to_owned(),
        name_en: None,
        uscc: None,
        kinds: vec![InstitutionKind::University],
        level: None,
        alliance_role: AllianceRole::Member,
        joined_on: None,
        term_from: None,
        term_to: None,
        may_open_accounts: true,
    };
    register_institutions(
        bank.ledger(),
        &operator::<KeepRegister>(),
        &[odd],
        bank.now(),
    )
    .unwrap();
    let hours = AmountRule::Fixed(Amount::new(Unit::Hour, hundredths("7.25")).unwrap());
    let credit = AmountRule::Fixed(Amount::new(Unit::Credit, hundredths("0.05")).unwrap());
    bank.publish(&[NewCatalogueVersion {
        amounts: vec![credit, hours],
        ..course(ODD, "=\"talk\"; a|b, c", "1.00")
    }]);
    let post = |student: &str, certificates: &[&str]| {
        let posted = certificates.iter().map(|code| {
            let report = outcome(code).student(student).build();
            bank.post(SCHOOL, report).learner_no
        });
        posted.last().unwrap()
    };
    let cut = post("S1", &["CERT-A", "CERT-B", "CERT-C", "CERT-D"]);
    let refused_by_hand = post("S2", &["CERT-A", "CERT-B"]);
    let refused_by_rule = post("S3", &["CERT-LOW"]);
    let open = post("S4", &["CERT-C"]);
    let _ = bank.decide(bank.request(&[cut, refused_by_rule]).cohort_id);
    let refuse = DecisionOrder::Refuse {
        text: "否".to_owned(),
    };
    let cohort = bank.request(&[refused_by_hand]).cohort_id;
    let _ = bank.try_decide(cohort, &refuse).unwrap();
    let _ = bank.request(&[open]);
    for number in [cut, open] {
        bank.post(UNIVERSITY, outcome("MATH101").learner_no(number).build());
        bank.post(ODD, outcome("=\"talk\"; a|b, c").learner_no(number).build());
    }
    let late = later_entries(&bank);
    (
        bank,
        vec![cut, refused_by_hand, refused_by_rule, open, late],
    )
}

/// A learner with a conversion that a correction took back, a withdrawal, a hold used in part and
/// what of it was given back, and a lot that expired.
fn later_entries(bank: &TestBank) -> LearnerNo {
    bank.publish(&[NewCatalogueVersion {
        usable_months: Some(3),
        ..course(UNIVERSITY, "SHORT", "1.50")
    }]);
    let post = |code: &str| bank.post(SCHOOL, outcome(code).student("S5").source(code).build());
    let learner = post("CERT-A").learner_no;
    post("CERT-B");
    let _ = bank.decide(bank.request(&[learner]).cohort_id);
    bank.correct(SCHOOL, "CERT-A", kit::grade("61"));
    post("CERT-C");
    bank.withdraw(SCHOOL, "CERT-C");
    let lot = post("CERT-LOW").lots[0].lot_id;
    let hold = bank.try_hold(SCHOOL, learner, lot, "4.00").unwrap();
    bank.try_settle(SCHOOL, learner, hold, "2.50").unwrap();
    let other = bank.try_hold(SCHOOL, learner, lot, "1.25").unwrap();
    bank.try_settle(SCHOOL, learner, other, "1.00").unwrap();
    bank.try_reverse_hold(learner, other).unwrap();
    let short = outcome("SHORT").learner_no(learner).on("2026-07-20");
    bank.post(UNIVERSITY, short.build());
    assert_eq!(bank.expire_at(bank.now()).expired, 1);
    learner
}

/// Amounts in hundredths by account, as `Assets:Learner:…` is named, and commodity.
pub(crate) type Balances = BTreeMap<(String, String), i64>;

/// What the bank says of these learners, under the names of the export.
pub(crate) fn told(bank: &TestBank, learners: &[LearnerNo]) -> Balances {
    let mut balances = Balances::new();
    for number in learners {
        let today = bank_day(bank.now());
        let view = reads::balance(bank.ledger(), &bank.own_account(*number), today).unwrap();
        for row in view.rows {
            let institution = match row.institution_code.as_str() {
                ODD => "0-s-2D-1-20--7532--3B-".to_owned(),
                code => code.to_owned(),
            };
            for (account, sum) in [
                ("Available", row.available),
                ("Held", row.held),
                ("Used", row.used),
                ("Expired", row.expired),
                ("Withdrawn", row.withdrawn),
            ] {
                let name = format!("Assets:Learner:{number}:{institution}:{account}");
                let key = (name, row.unit.as_str().to_ascii_uppercase());
                *balances.entry(key).or_default() += sum.get();
            }
        }
    }
    balances.retain(|_, sum| *sum != 0);
    balances
}
