//! Who sees what of accounts that are shown as one.

use creditbank_domain::authz::{Actor, ReadConversion, ReadLearner, Role, Subject, authorize};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::{LedgerError, reads};
use kit::{RECEIVING, SCHOOL, TestBank, UNIVERSITY, day, outcome};

use super::learner;

fn seen_by(bank: &TestBank, institution: &str, number: LearnerNo) -> Result<String, LedgerError> {
    let actor = bank.actor(Role::Registrar, institution);
    let grant = authorize::<ReadLearner>(&actor, Subject::Learner(number)).unwrap();
    let view = reads::balance(bank.ledger(), &grant, day("2026-11-22"))?;
    let available = view.by_unit.iter().map(|unit| unit.available.to_string());
    Ok(format!(
        "{} {}",
        view.learner_no,
        available.collect::<String>()
    ))
}

#[test]
fn an_institution_sees_what_it_posted_to_either_account_and_nothing_else() {
    let bank = TestBank::start();
    let one = bank.post(UNIVERSITY, outcome("MATH101").build()).learner_no;
    let two = learner(&bank, "S2", &["CERT-B"]);
    assert!(matches!(
        seen_by(&bank, SCHOOL, one),
        Err(LedgerError::NotFound)
    ));
    let merge = bank.merge(one, two);
    for number in [one, two] {
        assert_eq!(
            seen_by(&bank, UNIVERSITY, number).unwrap(),
            format!("{one} 4.00")
        );
        assert_eq!(
            seen_by(&bank, SCHOOL, number).unwrap(),
            format!("{one} 6.00")
        );
        assert!(matches!(
            seen_by(&bank, RECEIVING, number),
            Err(LedgerError::NotFound)
        ));
    }
    bank.unmerge(merge.merge_id);
    assert_eq!(seen_by(&bank, SCHOOL, two).unwrap(), format!("{two} 6.00"));
    assert!(matches!(
        seen_by(&bank, SCHOOL, one),
        Err(LedgerError::NotFound)
    ));
}

#[test]
fn a_learner_who_is_signed_in_by_either_number_sees_the_requests_of_both() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-B"]);
    let stranger = learner(&bank, "S3", &["CERT-C"]);
    let before = bank.request(&[two]).requests[0].request_id;
    bank.merge(one, two);
    let after = bank.request(&[one]).requests[0].request_id;
    let sees = |number: LearnerNo, request| {
        let actor = Actor {
            learner: Some(number),
            roles: vec![Role::Learner],
            ..Actor::default()
        };
        let grant = authorize::<ReadConversion>(&actor, Subject::Learner(number)).unwrap();
        reads::conversion_request(
            bank.ledger(),
            &grant,
            request,
            reads::Inquiry::at(bank.now()),
        )
        .map(|view| view.learner_no)
    };
    for request in [before, after] {
        assert_eq!(
            (sees(one, request).unwrap(), sees(two, request).unwrap()),
            (one, one)
        );
        assert!(matches!(
            sees(stranger, request),
            Err(LedgerError::NotFound)
        ));
    }
}

#[test]
fn everybody_who_has_to_do_with_either_account_is_told_of_that_one_only() {
    let bank = TestBank::start();
    let one = bank.post(UNIVERSITY, outcome("MATH101").build()).learner_no;
    let two = learner(&bank, "S2", &["CERT-B"]);
    let _ = bank.request(&[two]);
    let merge = bank.merge(one, two);
    bank.unmerge(merge.merge_id);
    let told = "select n.kind || ' ' || l.learner_no || ' ' || (n.figures ->> 'part') || ' ' \
                    || array_to_string(array(select code from institutions i \
                        where i.institution_id = any(n.institution_ids) order by code), ',') \
                from notices n join learners l using (learner_id) \
                where n.kind like 'learners%' order by notice_id";
    let told = bank.database().sql(told).unwrap();
    let told: Vec<&str> = told.lines().map(str::trim).collect();
    assert_eq!(
        told,
        [
            format!("learners_merged {one} survivor {UNIVERSITY}"),
            format!("learners_merged {two} absorbed {RECEIVING},{SCHOOL}"),
            format!("learners_unmerged {one} survivor {UNIVERSITY}"),
            format!("learners_unmerged {two} absorbed {RECEIVING},{SCHOOL}"),
        ]
    );
    let figures = bank
        .database()
        .sql("select figures::text from notices")
        .unwrap();
    assert!(!figures.contains(one.as_str()) && !figures.contains(two.as_str()));
}
