//! From the feed to deliveries: nothing lost, nothing twice, whoever dies on the way.

mod failing;
mod secrets;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use creditbank_domain::authz::{KeepWebhooks, ReadWebhooks, Role};
use creditbank_domain::ids::{WebhookDeliveryId, WebhookEndpointId};
use creditbank_domain::webhook::{DeliveryState, EndpointState, PauseReason};
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{
    Attempted, EndpointStep, hand_out_events, redeliver_once, step_webhook_once, take_deliveries,
};
use creditbank_ledger::reads::{self, WebhookDeliveryView, WebhookEndpointView};
use kit::{SCHOOL, TestBank, UNIVERSITY, keeper, once, outcome, together};

const DELIVERED: Attempted = Attempted::Delivered { status: 204 };
const FAILED: Attempted = failed(500);

const fn failed(status: u16) -> Attempted {
    Attempted::Failed {
        status: Some(status),
        error: "STATUS",
    }
}

fn step(bank: &TestBank, endpoint: WebhookEndpointId, step: EndpointStep) -> EndpointState {
    let grant = bank.grant::<KeepWebhooks>(Role::Registrar, UNIVERSITY);
    let now = bank.now();
    let view = once(|it| step_webhook_once(bank.ledger(), &grant, endpoint, step, it, now));
    view.unwrap().state
}

fn redeliver(
    bank: &TestBank,
    which: (WebhookEndpointId, WebhookDeliveryId),
    institution: &str,
) -> Result<WebhookDeliveryView, LedgerError> {
    let grant = bank.grant::<KeepWebhooks>(Role::Registrar, institution);
    once(|request| redeliver_once(bank.ledger(), &grant, which, request, bank.now()))
}

fn shown(bank: &TestBank, endpoint: WebhookEndpointId) -> WebhookEndpointView {
    let grant = bank.grant::<ReadWebhooks>(Role::Registrar, UNIVERSITY);
    reads::webhook_endpoint(bank.ledger(), &grant, endpoint, bank.now()).unwrap()
}

fn deliveries(bank: &TestBank, endpoint: WebhookEndpointId) -> Vec<WebhookDeliveryView> {
    let grant = bank.grant::<ReadWebhooks>(Role::Registrar, UNIVERSITY);
    reads::webhook_deliveries(bank.ledger(), &grant, endpoint, None, None, 1_000).unwrap()
}

fn post(bank: &TestBank, institution: &str, numbers: std::ops::Range<u32>) {
    let entry = if institution == SCHOOL {
        "CERT-A"
    } else {
        "MATH101"
    };
    for number in numbers {
        let student = format!("W{institution}-{number}");
        bank.post(institution, outcome(entry).student(&student).build());
    }
    bank.sequence();
}

/// Delivers everything that is due and gives the numbers of the events.
fn deliver_all(bank: &TestBank) -> Vec<u64> {
    let mut told = Vec::new();
    loop {
        let taken = bank.take_deliveries(bank.now());
        if taken.is_empty() {
            told.sort_unstable();
            return told;
        }
        for delivery in taken {
            told.push(delivery.event.as_ref().expect("no ping").seq);
            bank.settle(&delivery, DELIVERED, bank.now());
        }
    }
}

fn seqs_of(bank: &TestBank, institution: &str, after: u64) -> Vec<u64> {
    let events = bank.events_of(institution);
    events
        .iter()
        .map(|it| it.seq)
        .filter(|seq| *seq > after)
        .collect()
}

#[test]
fn an_endpoint_is_told_what_comes_after_it_and_concerns_its_institution() {
    let bank = TestBank::start();
    post(&bank, UNIVERSITY, 0..3);
    let (all, _) = bank.open_webhook(UNIVERSITY, &[]);
    let (none, _) = bank.open_webhook(UNIVERSITY, &["lot.expired"]);
    let (school, _) = bank.open_webhook(SCHOOL, &["lot.issued"]);
    post(&bank, UNIVERSITY, 3..7);
    post(&bank, SCHOOL, 0..2);
    assert_eq!(bank.hand_out(), 6);
    assert_eq!(bank.hand_out(), 0, "nothing is handed out twice");
    let taken = bank.take_deliveries(bank.now());
    for delivery in &taken {
        let event = delivery.event.clone().unwrap();
        let institution = if delivery.endpoint_id == school {
            SCHOOL
        } else {
            UNIVERSITY
        };
        assert!(
            bank.events_of(institution).contains(&event),
            "as the feed has it"
        );
        assert_ne!(delivery.endpoint_id, none);
        bank.settle(delivery, DELIVERED, bank.now());
    }
    let told: Vec<u64> = deliver_all(&bank);
    let first = taken.iter().map(|it| it.event.as_ref().unwrap().seq);
    let told: BTreeSet<u64> = first.chain(told).collect();
    let expected = [seqs_of(&bank, UNIVERSITY, 3), seqs_of(&bank, SCHOOL, 3)].concat();
    assert_eq!(told, expected.into_iter().collect());
    let settled = deliveries(&bank, all);
    assert!(
        settled
            .iter()
            .all(|it| it.state == DeliveryState::Delivered)
    );
    assert_eq!(settled.len(), 4);
}

#[test]
fn many_dispatchers_at_once_hand_out_and_take_everything_once() {
    let bank = TestBank::start();
    bank.open_webhook(UNIVERSITY, &[]);
    bank.open_webhook(UNIVERSITY, &[]);
    post(&bank, UNIVERSITY, 0..40);
    let now = bank.now();
    let taken = together(|_| {
        let mut mine = Vec::new();
        for _ in 0..30 {
            let _ = hand_out_events(bank.ledger(), &keeper(), now).unwrap();
            let some = take_deliveries(bank.ledger(), &keeper(), 3, now).unwrap();
            mine.extend(some.into_iter().map(|it| (it.delivery_id, it.attempt)));
        }
        mine
    });
    let taken = taken.concat();
    let distinct: BTreeSet<_> = taken.iter().map(|(id, _)| *id).collect();
    assert_eq!((taken.len(), distinct.len()), (80, 80));
    assert!(taken.iter().all(|(_, attempt)| *attempt == 1));
}

#[test]
fn who_dies_with_a_delivery_leaves_it_to_another_under_the_same_id() {
    let bank = TestBank::start();
    bank.open_webhook(UNIVERSITY, &[]);
    post(&bank, UNIVERSITY, 0..1);
    bank.hand_out();
    let now = bank.now();
    let dead = bank.take_deliveries(now).remove(0);
    assert!(
        bank.take_deliveries(now + TimeDelta::seconds(29))
            .is_empty(),
        "it is still taken"
    );
    let later = now + TimeDelta::seconds(31);
    let again = bank.take_deliveries(later).remove(0);
    assert_eq!((again.delivery_id, again.attempt), (dead.delivery_id, 2));
    assert_eq!(again.event, dead.event);
    // Whoever was believed dead has no say any more.
    bank.settle(&dead, FAILED, later);
    assert_eq!(deliveries(&bank, again.endpoint_id)[0].last_status, None);
    bank.settle(&again, DELIVERED, later);
    assert!(bank.take_deliveries(later + TimeDelta::days(9)).is_empty());
}

#[test]
fn a_pause_loses_nothing_and_sends_nothing() {
    let bank = TestBank::start();
    let (endpoint, _) = bank.open_webhook(UNIVERSITY, &[]);
    post(&bank, UNIVERSITY, 0..2);
    bank.hand_out();
    assert_eq!(
        step(&bank, endpoint, EndpointStep::Pause),
        EndpointState::Paused
    );
    assert_eq!(
        shown(&bank, endpoint).paused_because,
        Some(PauseReason::Asked)
    );
    post(&bank, UNIVERSITY, 2..5);
    assert_eq!(bank.hand_out(), 0);
    assert!(
        bank.take_deliveries(bank.now() + TimeDelta::days(1))
            .is_empty()
    );
    assert_eq!(
        step(&bank, endpoint, EndpointStep::Resume),
        EndpointState::Active
    );
    assert_eq!(bank.hand_out(), 3);
    assert_eq!(deliver_all(&bank), seqs_of(&bank, UNIVERSITY, 0));
}
