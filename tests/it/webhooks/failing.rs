//! What does not get through: tried again, given up, sent again; endpoints that rest and pause.

use chrono::TimeDelta;
use creditbank_domain::webhook::{DeliveryState, EndpointState, PauseReason};
use creditbank_ledger::flows::{EndpointStep, TakenDelivery, forget_deliveries};
use kit::{SCHOOL, TestBank, UNIVERSITY, code_of, keeper};

use super::{
    DELIVERED, FAILED, deliver_all, deliveries, failed, post, redeliver, seqs_of, shown, step,
};

#[test]
fn what_fails_is_tried_ten_times_given_up_and_sent_again_on_request() {
    let bank = TestBank::start();
    let (endpoint, _) = bank.open_webhook(UNIVERSITY, &[]);
    post(&bank, UNIVERSITY, 0..1);
    bank.hand_out();
    let mut now = bank.now();
    let mut attempts = 0;
    let delivery = loop {
        let Some(taken) = bank.take_deliveries(now).pop() else {
            let view = deliveries(&bank, endpoint).remove(0);
            match view.next_attempt_at {
                // Something always gets through between, so that the endpoint is not paused.
                Some(next) => now = next,
                None => break view,
            }
            continue;
        };
        attempts += 1;
        bank.settle(&taken, failed(503), now);
        let grant = (endpoint, taken.delivery_id);
        if attempts < 10 {
            let refused = redeliver(&bank, grant, UNIVERSITY);
            assert_eq!(code_of(&refused), "WEBHOOK_DELIVERY_OPEN");
        }
        let healthy = "update webhook_endpoints set failing_since = null, rest_until = null";
        bank.database().sql(healthy).unwrap();
    };
    assert_eq!(
        (delivery.state, delivery.attempts),
        (DeliveryState::GivenUp, 10)
    );
    assert_eq!((attempts, delivery.last_status), (10, Some(503)));
    let which = (endpoint, delivery.delivery_id);
    assert_eq!(code_of(&redeliver(&bank, which, SCHOOL)), "NOT_FOUND");
    assert_eq!(
        redeliver(&bank, which, UNIVERSITY).unwrap().state,
        DeliveryState::Pending
    );
    let again = bank.take_deliveries(now).remove(0);
    assert_eq!(
        (again.delivery_id, again.attempt),
        (delivery.delivery_id, 1)
    );
    bank.settle(&again, DELIVERED, now);
    // What was delivered can be had again too.
    redeliver(&bank, which, UNIVERSITY).unwrap();
    assert_eq!(
        bank.take_deliveries(bank.now() + TimeDelta::days(5)).len(),
        1
    );
}

#[test]
fn a_failing_endpoint_is_probed_by_one_rests_and_is_paused_after_days() {
    let bank = TestBank::start();
    let (dead, _) = bank.open_webhook(UNIVERSITY, &[]);
    let (well, _) = bank.open_webhook(SCHOOL, &[]);
    post(&bank, UNIVERSITY, 0..9);
    post(&bank, SCHOOL, 0..9);
    bank.hand_out();
    let start = bank.now();
    let of = |taken: &[TakenDelivery], endpoint| {
        taken.iter().filter(|it| it.endpoint_id == endpoint).count()
    };
    let taken = bank.take_deliveries(start);
    assert_eq!(
        (of(&taken, dead), of(&taken, well)),
        (4, 4),
        "no endpoint takes all senders"
    );
    for delivery in &taken {
        let attempted = if delivery.endpoint_id == dead {
            FAILED
        } else {
            DELIVERED
        };
        assert_eq!(bank.settle(delivery, attempted, start), None);
    }
    assert_eq!(shown(&bank, dead).failing_since, Some(start));
    let taken = bank.take_deliveries(start);
    assert_eq!((of(&taken, dead), of(&taken, well)), (1, 4), "a probe");
    assert_eq!(
        of(&bank.take_deliveries(start + TimeDelta::seconds(14)), dead),
        0,
        "it rests"
    );
    let probe = taken.iter().find(|it| it.endpoint_id == dead).unwrap();
    let nearly = start + TimeDelta::hours(74);
    assert_eq!(bank.settle(probe, FAILED, nearly), None);
    let late = start + TimeDelta::hours(76);
    let probe = bank
        .take_deliveries(late)
        .into_iter()
        .find(|it| it.endpoint_id == dead)
        .unwrap();
    assert_eq!(
        bank.settle(&probe, FAILED, late),
        Some(PauseReason::Failing)
    );
    let view = shown(&bank, dead);
    assert_eq!(
        (view.state, view.paused_because),
        (EndpointState::Paused, Some(PauseReason::Failing))
    );
    // Once it is well again, all nine are there.
    step(&bank, dead, EndpointStep::Resume);
    let told = deliver_all(&bank);
    for seq in seqs_of(&bank, UNIVERSITY, 0) {
        assert!(told.contains(&seq), "{seq} of {told:?}");
    }
}

#[test]
fn who_answers_gone_is_paused_at_once_and_an_end_is_for_good() {
    let bank = TestBank::start();
    let (endpoint, _) = bank.open_webhook(UNIVERSITY, &[]);
    post(&bank, UNIVERSITY, 0..2);
    bank.hand_out();
    let taken = bank.take_deliveries(bank.now());
    assert_eq!(
        bank.settle(&taken[0], failed(410), bank.now()),
        Some(PauseReason::Gone)
    );
    assert_eq!(
        bank.settle(&taken[1], failed(410), bank.now()),
        None,
        "paused already"
    );
    assert_eq!(
        step(&bank, endpoint, EndpointStep::End),
        EndpointState::Ended
    );
    let after = deliveries(&bank, endpoint);
    assert!(
        after.iter().all(|it| it.state == DeliveryState::GivenUp),
        "{after:?}"
    );
    assert_eq!(
        step(&bank, endpoint, EndpointStep::End),
        EndpointState::Ended
    );
    let refused = redeliver(&bank, (endpoint, taken[0].delivery_id), UNIVERSITY);
    assert_eq!(code_of(&refused), "WEBHOOK_ENDPOINT_ENDED");
    post(&bank, UNIVERSITY, 2..3);
    assert_eq!(bank.hand_out(), 0);
    let later = bank.now() + TimeDelta::days(31);
    assert_eq!(
        forget_deliveries(bank.ledger(), &keeper(), later).unwrap(),
        2
    );
}
