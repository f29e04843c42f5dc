//! Consents under load: a withdrawal against those who decide, ask and read at the same moment.

use std::sync::atomic::{AtomicBool, Ordering};

use creditbank_domain::authz::{
    Actor, Grant, KeepConsents, ReadConversion, Role, Subject, authorize,
};
use creditbank_domain::ids::ConsentId;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::reading::ReadPurpose;
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{
    ConsentOrder, DecisionOrder, give_consent_once, withdraw_consent_once,
};
use creditbank_ledger::reads::{self, ConsentView, Inquiry};
use kit::{RECEIVING, SCHOOL, TestBank, code_of, once, outcome, together};

fn of_the_learner(number: LearnerNo) -> Grant<KeepConsents> {
    let actor = Actor {
        learner: Some(number),
        roles: vec![Role::Learner],
        ..Actor::default()
    };
    authorize(&actor, Subject::Learner(number)).unwrap()
}

fn give(bank: &TestBank, number: LearnerNo) -> ConsentId {
    let order = ConsentOrder {
        institution: InstitutionCode::new(RECEIVING).unwrap(),
        purpose: ReadPurpose::Conversion,
        from: None,
        until: None,
        document: None,
    };
    let (grant, now) = (of_the_learner(number), bank.now());
    once(|claim| give_consent_once(bank.ledger(), &grant, &order, claim, now))
        .unwrap()
        .consent_id
}

fn withdraw(
    bank: &TestBank,
    number: LearnerNo,
    consent: ConsentId,
) -> Result<ConsentView, LedgerError> {
    let (grant, now) = (of_the_learner(number), bank.now());
    once(|claim| withdraw_consent_once(bank.ledger(), &grant, consent, claim, now))
}

#[test]
fn a_withdrawal_and_a_decision_at_one_moment_leave_one_of_the_two() {
    for _ in 0..8 {
        let bank = TestBank::start();
        let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
        let consent = give(&bank, number);
        let cohort = bank.request(&[number]).cohort_id;
        let codes = together(|n| {
            if n % 2 == 0 {
                code_of(&bank.try_decide(cohort, &DecisionOrder::AsTheRulesSay))
            } else {
                code_of(&withdraw(&bank, number, consent))
            }
        });
        let of = |parity: usize| { codes.iter().skip(parity).step_by(2) }.filter(|it| **it == "ok");
        let (decided, withdrawn) = (of(0).count(), of(1).count());
        assert_eq!(withdrawn, 1, "{codes:?}");
        let (available, held, used) = bank.credits(number);
        assert_eq!(held, "0.00");
        match decided {
            0 => assert_eq!(used, "0.00", "{available} {codes:?}"),
            _ => assert_ne!(used, "0.00", "{codes:?}"),
        }
        assert!(decided <= 1, "{codes:?}");
    }
}

#[test]
fn nobody_sees_anything_who_began_after_the_withdrawal_and_no_request_slips_through() {
    let bank = TestBank::start();
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    let consent = give(&bank, number);
    let request = bank.request(&[number]).requests[0].request_id;
    bank.post(SCHOOL, outcome("CERT-B").build());
    let grant = bank.grant::<ReadConversion>(Role::Reviewer, RECEIVING);
    let withdrawn = AtomicBool::new(false);
    let answers = together(|n| match n {
        0 => {
            withdraw(&bank, number, consent).unwrap();
            withdrawn.store(true, Ordering::SeqCst);
            "ok"
        }
        1..8 => code_of(&bank.try_request(&[number])),
        _ => loop {
            let after = withdrawn.load(Ordering::SeqCst);
            let asked = Inquiry {
                purpose: None,
                now: TestBank::opening(),
            };
            let seen = reads::conversion_request(bank.ledger(), &grant, request, asked);
            if after {
                break code_of(&seen);
            }
        },
    });
    assert!(
        answers[8..].iter().all(|code| *code == "CONSENT_WITHDRAWN"),
        "{answers:?}"
    );
    // Whoever asked in time was taken back with it; whoever came later was refused.
    let open = "select count(*) from conversion_requests where state = 'requested'";
    assert_eq!(bank.database().sql(open).unwrap().trim(), "0");
    assert_eq!(bank.credits(number).1, "0.00");
}
