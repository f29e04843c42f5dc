//! Holds for uses other than a conversion: in part, in whole, in time.

use chrono::TimeDelta;
use creditbank_domain::amount::Unit;
use creditbank_domain::authz::{Actor, Subject, authorize};
use creditbank_domain::ids::LotId;
use creditbank_domain::institution::Standing;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::keep_house;
use kit::{SCHOOL, TestBank, UNIVERSITY, outcome};
use uuid::Uuid;

use crate::corrections::code;

fn sums(bank: &TestBank, learner: creditbank_domain::learner_no::LearnerNo) -> [String; 3] {
    let (available, held, used) = bank.credits(learner);
    [available, held, used]
}

#[test]
fn a_hold_is_settled_in_parts_and_the_rest_released() {
    let bank = TestBank::start();
    let posted = bank.post(SCHOOL, outcome("CERT-A").build());
    let (learner, lot) = (posted.learner_no, posted.lots[0].lot_id);
    let hold = bank.try_hold(SCHOOL, learner, lot, "5.00").unwrap();
    assert_eq!(sums(&bank, learner), ["1.00", "5.00", "0.00"]);
    bank.try_settle(SCHOOL, learner, hold, "1.50").unwrap();
    bank.try_settle(SCHOOL, learner, hold, "0.01").unwrap();
    assert_eq!(sums(&bank, learner), ["1.00", "3.49", "1.51"]);
    let released = bank.try_release(SCHOOL, learner, hold).unwrap();
    assert_eq!(released.to_string(), "3.49");
    assert_eq!(sums(&bank, learner), ["4.49", "0.00", "1.51"]);
    // Again there is nothing left to give back, or to use.
    let again = bank.try_release(SCHOOL, learner, hold).unwrap();
    assert_eq!(again.to_string(), "3.49");
    assert_eq!(sums(&bank, learner), ["4.49", "0.00", "1.51"]);
    assert_eq!(
        code(bank.try_settle(SCHOOL, learner, hold, "0.01")),
        "NOT_AS_MUCH"
    );
}

#[test]
fn what_a_hold_used_is_given_back_once() {
    let bank = TestBank::start();
    let posted = bank.post(SCHOOL, outcome("CERT-A").build());
    let (learner, lot) = (posted.learner_no, posted.lots[0].lot_id);
    let hold = bank.try_hold(SCHOOL, learner, lot, "2.00").unwrap();
    assert_eq!(code(bank.try_reverse_hold(learner, hold)), "NOTHING_USED");
    bank.try_settle(SCHOOL, learner, hold, "2.00").unwrap();
    let back = bank.try_reverse_hold(learner, hold).unwrap();
    assert_eq!(back.to_string(), "2.00");
    assert_eq!(sums(&bank, learner), ["6.00", "0.00", "0.00"]);
    assert_eq!(
        code(bank.try_reverse_hold(learner, hold)),
        "ALREADY_REVERSED"
    );
    // Also where the rest of it was used since.
    let hold = bank.try_hold(SCHOOL, learner, lot, "2.00").unwrap();
    bank.try_settle(SCHOOL, learner, hold, "1.00").unwrap();
    bank.try_reverse_hold(learner, hold).unwrap();
    bank.try_settle(SCHOOL, learner, hold, "1.00").unwrap();
    assert_eq!(
        code(bank.try_reverse_hold(learner, hold)),
        "ALREADY_REVERSED"
    );
    assert_eq!(sums(&bank, learner), ["5.00", "0.00", "1.00"]);
}

#[test]
fn each_hold_that_cannot_be_has_its_code_and_changes_nothing() {
    let bank = TestBank::start();
    let posted = bank.post(SCHOOL, outcome("CERT-A").build());
    let (learner, lot) = (posted.learner_no, posted.lots[0].lot_id);
    assert_eq!(
        code(bank.try_hold(SCHOOL, learner, lot, "6.01")),
        "NOT_AS_MUCH"
    );
    assert_eq!(
        code(bank.try_hold(SCHOOL, learner, lot, "0.00")),
        "AMOUNT_NOT_POSITIVE"
    );
    // Another institution's lot is as good as none.
    let foreign = bank.try_hold(UNIVERSITY, learner, lot, "1.00");
    assert!(matches!(foreign, Err(LedgerError::NotFound)));
    let hold = bank.try_hold(SCHOOL, learner, lot, "6.00").unwrap();
    for result in [
        bank.try_settle(UNIVERSITY, learner, hold, "1.00"),
        bank.try_release(UNIVERSITY, learner, hold).map(|_| ()),
    ] {
        assert!(matches!(result, Err(LedgerError::NotFound)));
    }
    assert_eq!(
        code(bank.try_settle(SCHOOL, learner, hold, "6.01")),
        "NOT_AS_MUCH"
    );
    assert_eq!(sums(&bank, learner), ["0.00", "6.00", "0.00"]);
    // A request finds nothing that is free.
    let cohort = bank.request(&[learner]);
    assert_eq!((cohort.requests.len(), cohort.rejected.len()), (0, 1));
    // Whoever is suspended hears that first, whether there is such a lot or not.
    bank.set_standing(SCHOOL, Standing::Suspended);
    for lot in [lot, LotId::from_uuid(Uuid::now_v7())] {
        assert_eq!(
            code(bank.try_hold(SCHOOL, learner, lot, "0.01")),
            "INSTITUTION_SUSPENDED"
        );
    }
}

#[test]
fn a_hold_lapses_and_is_told() {
    let bank = TestBank::start();
    let posted = bank.post(SCHOOL, outcome("CERT-A").build());
    let (learner, lot) = (posted.learner_no, posted.lots[0].lot_id);
    let hold = bank.try_hold(SCHOOL, learner, lot, "5.00").unwrap();
    bank.try_settle(SCHOOL, learner, hold, "2.00").unwrap();
    let keeper = authorize(&Actor::operator(), Subject::Bank).unwrap();
    let kept = |hours| {
        let now = bank.now() + TimeDelta::hours(hours);
        keep_house(bank.ledger(), &keeper, now)
            .unwrap()
            .holds_lapsed
    };
    assert_eq!((kept(0), kept(2), kept(2)), (0, 1, 0));
    assert_eq!(sums(&bank, learner), ["4.00", "0.00", "2.00"]);
    let told = bank
        .database()
        .sql("select kind, figures->>'released' from notices")
        .unwrap();
    assert_eq!(told.trim(), "hold_lapsed|3.00");
}

#[test]
fn a_withdrawn_lot_leaves_no_hold_behind() {
    let bank = TestBank::start();
    let posted = bank.post(SCHOOL, outcome("CERT-A").source("s-1").build());
    let (learner, lot) = (posted.learner_no, posted.lots[0].lot_id);
    let hold = bank.try_hold(SCHOOL, learner, lot, "5.00").unwrap();
    bank.try_settle(SCHOOL, learner, hold, "2.00").unwrap();
    bank.withdraw(SCHOOL, "s-1");
    let balance = bank.balance(learner, Unit::Credit);
    assert_eq!(balance.withdrawn.to_string(), "6.00");
    let released = bank.try_release(SCHOOL, learner, hold).unwrap();
    assert_eq!(released.to_string(), "3.00", "by the withdrawal");
    assert_eq!(code(bank.try_reverse_hold(learner, hold)), "NOTHING_USED");
}
