//! The change feed: gapless, in the order of commits, each thing once, to whom it concerns.

mod audience;
mod kills;
mod rebase;
mod rounds;

use std::collections::{BTreeMap, BTreeSet};

use creditbank_ledger::reads::EventView;
use kit::TestBank;

/// Holds that the feed counts up from 1, tells of every transfer, every outcome without a lot and
/// every notice once, and lets every lot be replayed in its order.
fn assert_whole(bank: &TestBank) -> Vec<EventView> {
    let events = bank.events();
    let numbers: Vec<u64> = events.iter().map(|event| event.seq).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    let told: BTreeSet<String> = events.iter().map(|it| it.subject_id.to_string()).collect();
    assert_eq!(told.len(), events.len(), "told twice");
    let posted = "select transfer_id from transfers union all select notice_id from notices \
                  union all select outcome_id from outcomes o where not exists (select from lots l \
                  where l.outcome_id = o.outcome_id)";
    let posted = bank.database().sql(posted).unwrap();
    let posted: BTreeSet<String> = posted.split_whitespace().map(str::to_owned).collect();
    let differ: Vec<_> = told.symmetric_difference(&posted).collect();
    assert!(
        differ.is_empty(),
        "{} are told or posted only",
        differ.len()
    );
    assert_lots_replay(&events);
    assert_eq!(bank.audit(), []);
    events
}

/// No account of a lot is below zero after any event.
fn assert_lots_replay(events: &[EventView]) {
    let mut lots: BTreeMap<_, (i64, i64)> = BTreeMap::new();
    for event in events {
        let Some((lot, amount)) = event.lot_id.zip(event.amount) else {
            continue;
        };
        let amount = amount.get();
        let (available, held) = lots.entry(lot).or_default();
        let (more_available, more_held) = match event.kind.as_str() {
            "lot.issued" => (amount, 0),
            "lot.held" => (-amount, amount),
            "lot.released" => (amount, -amount),
            "lot.settled" => (0, -amount),
            other => panic!("{other} is new: say here what it moves"),
        };
        *available += more_available;
        *held += more_held;
        assert!(*available >= 0 && *held >= 0, "out of order at {event:?}");
    }
}
