//! Rounds of the sequencer under many writers, slow ones and other sequencers.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Barrier, Mutex};
use std::thread;

use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::authz::{
    Actor, Grant, KeepRegister, PostOutcomes, ReadEvents, Role, Subject, authorize,
};
use creditbank_domain::ids::ClientId;
use creditbank_domain::outcome::ReportedOutcome;
use creditbank_ledger::flows::{PostAnswer, post_outcomes_once, tend_events};
use creditbank_ledger::{IdempotencyClaim, Once, StoredAnswer};
use kit::{RECEIVING, SCHOOL, TestBank, UNIVERSITY, outcome};
use uuid::Uuid;

use super::{assert_lots_replay, assert_whole};

/// Posts under an idempotency key; `before_commit` runs when everything is written but nothing is
/// committed.
fn post_slowly(
    bank: &TestBank,
    reports: &[ReportedOutcome],
    now: DateTime<Utc>,
    before_commit: &(dyn Fn() + Sync),
) {
    let grant: Grant<PostOutcomes> = bank.grant(Role::Registrar, UNIVERSITY);
    let render = |answers: &Vec<PostAnswer>| {
        assert!(answers.iter().all(|it| matches!(it, PostAnswer::Posted(_))));
        before_commit();
        StoredAnswer {
            status: 200,
            body: serde_json::Value::Null,
        }
    };
    let claim = IdempotencyClaim {
        client: ClientId::from_uuid(Uuid::nil()),
        route: "slow",
        key: Uuid::now_v7().to_string(),
        fingerprint: [0; 32],
    };
    let once = Once {
        claim,
        render: &render,
    };
    post_outcomes_once(bank.ledger(), &grant, reports, &once, now).unwrap();
}

fn report(student: &str) -> ReportedOutcome {
    outcome("MATH101").student(student).build()
}

#[test]
fn what_happens_is_told_in_its_order_with_what_belongs_to_it() {
    let bank = TestBank::start();
    let failed = outcome("CERT-B").grade("12").build();
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    bank.post(SCHOOL, failed);
    let _ = bank.decide(bank.request(&[number]).cohort_id);
    assert_eq!(bank.sequence(), 7);
    assert_eq!(bank.sequence(), 0, "once is enough");
    let events = assert_whole(&bank);
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    let settled_then_granted = [
        "lot.issued",
        "outcome.recorded",
        "lot.held",
        "request_sent",
        "lot.settled",
        "lot.issued",
        "request_decided",
    ];
    assert_eq!(kinds, settled_then_granted);
    assert!(events.iter().all(|event| event.learner_no == number));
    let [issued, recorded, held, sent, settled, granted, decided] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(
        recorded.figures.as_ref().unwrap()["earned_nothing"],
        "GRADE_TOO_LOW"
    );
    assert_eq!((recorded.amount, recorded.lot_id), (None, None));
    assert_eq!(recorded.institution_code.as_deref(), Some(SCHOOL));
    assert_eq!(
        (held.lot_id, held.outcome_id),
        (issued.lot_id, issued.outcome_id)
    );
    let request = held.request_id;
    assert!(
        request.is_some()
            && [sent, settled, decided]
                .iter()
                .all(|it| it.request_id == request)
    );
    assert_eq!(settled.amount.unwrap().to_string(), "6.00");
    assert_eq!(granted.institution_code.as_deref(), Some(RECEIVING));
}

#[test]
fn twelve_writers_two_sequencers_and_a_reader_leave_no_gap_and_nothing_twice() {
    let bank = TestBank::start();
    let others = [bank.second_ledger(), bank.second_ledger()];
    let writing = AtomicBool::new(true);
    let barrier = Barrier::new(15);
    let all: Grant<ReadEvents> = authorize(&Actor::operator(), Subject::Bank).unwrap();
    let followed = thread::scope(|scope| {
        for (ledger, at_once) in others.iter().zip([3, 40]) {
            let (bank, writing, barrier) = (&bank, &writing, &barrier);
            scope.spawn(move || {
                barrier.wait();
                while writing.load(Ordering::Relaxed) {
                    bank.try_sequence(ledger, at_once).unwrap();
                }
            });
        }
        let reader = scope.spawn(|| {
            barrier.wait();
            let mut read = Vec::new();
            while writing.load(Ordering::Relaxed) {
                let after = read.last().copied().unwrap_or(0);
                let page = bank.follow(&all, after, 5);
                read.extend(page.iter().map(|event| event.seq));
            }
            read
        });
        let writers: Vec<_> = (0..12)
            .map(|writer| {
                let (bank, barrier) = (&bank, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    for turn in 0..6 {
                        // From one line to many: transactions of very different lengths.
                        let lines = 1 + writer * turn % 23;
                        let reports: Vec<_> = (0..lines)
                            .map(|line| report(&format!("W{writer}T{turn}L{line}")))
                            .collect();
                        bank.try_post(UNIVERSITY, &reports).unwrap();
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        writing.store(false, Ordering::Relaxed);
        reader.join().unwrap()
    });
    assert_eq!(followed, (1..=followed.len() as u64).collect::<Vec<_>>());
    bank.sequence();
    assert_whole(&bank);
}

#[test]
fn a_slow_transaction_holds_nobody_up_and_is_told_when_it_ends() {
    let bank = TestBank::start();
    bank.post(UNIVERSITY, report("BEFORE"));
    assert_eq!(bank.sequence(), 1);
    let (written, all_written) = channel();
    let (let_go, may_commit) = channel::<()>();
    let (written, may_commit) = (Mutex::new(written), Mutex::new(may_commit));
    thread::scope(|scope| {
        scope.spawn(|| {
            let reports = [report("SLOW-1"), report("SLOW-2")];
            post_slowly(&bank, &reports, bank.now(), &|| {
                written.lock().unwrap().send(()).unwrap();
                may_commit.lock().unwrap().recv().unwrap();
            });
        });
        all_written.recv().unwrap();
        // Others begin and end meanwhile, over several rounds.
        for round in 0..5 {
            bank.post(UNIVERSITY, report(&format!("FAST-{round}")));
            assert_eq!(bank.sequence(), 1, "round {round}");
        }
        assert_eq!(bank.sequence(), 0);
        assert_eq!(bank.audit(), []);
        let_go.send(()).unwrap();
    });
    assert_eq!(bank.sequence(), 2, "now they are told");
    bank.post(UNIVERSITY, report("AFTER"));
    assert_eq!(bank.sequence(), 1);
    assert_whole(&bank);
}

#[test]
fn a_slow_transaction_is_not_lost_where_a_round_is_told_in_parts() {
    let bank = TestBank::start();
    let (written, all_written) = channel();
    let (let_go, may_commit) = channel::<()>();
    let (written, may_commit) = (Mutex::new(written), Mutex::new(may_commit));
    thread::scope(|scope| {
        scope.spawn(|| {
            post_slowly(&bank, &[report("SLOW")], bank.now(), &|| {
                written.lock().unwrap().send(()).unwrap();
                may_commit.lock().unwrap().recv().unwrap();
            });
        });
        all_written.recv().unwrap();
        let many: Vec<_> = (0..20).map(|n| report(&format!("S{n}"))).collect();
        bank.try_post(UNIVERSITY, &many).unwrap();
        // The first part of the first round; the slow one ends between two parts.
        while bank.try_sequence(bank.ledger(), 3).unwrap().events == 0 {}
        let_go.send(()).unwrap();
    });
    bank.post(UNIVERSITY, report("AFTER"));
    assert_eq!(
        bank.sequence_by(3),
        17 + 2,
        "the rest of the round, and the next one"
    );
    assert_whole(&bank);
}

#[test]
fn what_was_answered_before_another_was_sent_comes_first() {
    let bank = TestBank::start();
    bank.post(UNIVERSITY, report("FIRST"));
    bank.sequence();
    let moments = AtomicU64::new(0);
    // When a post was sent and when it was answered, by a clock of the test.
    let spans: Mutex<Vec<(Uuid, u64, u64)>> = Mutex::default();
    thread::scope(|scope| {
        for writer in 0..8 {
            let (bank, moments, spans) = (&bank, &moments, &spans);
            scope.spawn(move || {
                let grant: Grant<PostOutcomes> = bank.grant(Role::Registrar, UNIVERSITY);
                for turn in 0..12 {
                    // Servers whose clocks differ by hours.
                    let now = bank.now() - TimeDelta::hours(writer * 5 % 7);
                    let reports = [report(&format!("W{writer}T{turn}"))];
                    let sent = moments.fetch_add(1, Ordering::SeqCst);
                    let answers = creditbank_ledger::flows::post_outcomes(
                        bank.ledger(),
                        &grant,
                        &reports,
                        creditbank_ledger::flows::Origin::Api,
                        now,
                    );
                    let answered = moments.fetch_add(1, Ordering::SeqCst);
                    let [PostAnswer::Posted(posted)] = &answers.unwrap()[..] else {
                        panic!("not posted")
                    };
                    let lot = posted.lots[0].lot_id.as_uuid();
                    spans.lock().unwrap().push((lot, sent, answered));
                    if turn % 5 == writer % 5 {
                        bank.try_sequence(bank.ledger(), 1_000).unwrap();
                    }
                }
            });
        }
    });
    bank.sequence();
    let events = assert_whole(&bank);
    let seq_of = |lot: Uuid| {
        let found = events
            .iter()
            .find(|it| it.lot_id.map(|id| id.as_uuid()) == Some(lot));
        found.unwrap().seq
    };
    let spans = spans.into_inner().unwrap();
    let mut compared = 0;
    for (earlier, _, answered) in &spans {
        for (later, sent, _) in &spans {
            if answered < sent {
                assert!(seq_of(*earlier) < seq_of(*later));
                compared += 1;
            }
        }
    }
    assert!(compared > 1_000, "{compared} pairs followed each other");
}

#[test]
fn a_lot_is_told_in_its_order_whatever_the_numbers_of_its_transactions() {
    let bank = TestBank::start();
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    let _ = bank.decide(bank.request(&[number]).cohort_id);
    // As if each had begun before the one that it waited for.
    bank.database()
        .sql(
            "set session_replication_role = replica; \
             update transfers t set made_in = made_in - case kind when 'hold' then 40 \
             when 'settle' then 80 else 0 end",
        )
        .unwrap();
    assert_eq!(bank.sequence(), 6);
    assert_lots_replay(&bank.events());
    let mut kinds: Vec<_> = bank.events().into_iter().map(|event| event.kind).collect();
    kinds.retain(|kind| kind.starts_with("lot."));
    assert_eq!(kinds[..3], ["lot.issued", "lot.held", "lot.settled"]);
    assert_whole(&bank);
}

#[test]
fn who_reads_in_small_steps_or_comes_again_later_reads_the_same() {
    let bank = TestBank::start();
    let all: Grant<ReadEvents> = authorize(&Actor::operator(), Subject::Bank).unwrap();
    let mut resumed = Vec::new();
    for step in 0..9 {
        let reports: Vec<_> = (0..step).map(|n| report(&format!("T{step}S{n}"))).collect();
        if !reports.is_empty() {
            bank.try_post(UNIVERSITY, &reports).unwrap();
        }
        bank.sequence_by(4);
        let after = resumed
            .last()
            .map_or(0, |event: &creditbank_ledger::reads::EventView| event.seq);
        resumed.extend(bank.follow(&all, after, 1 + step % 3));
    }
    assert_eq!(resumed, assert_whole(&bank));
    assert_eq!(resumed.len(), 36);
}

#[test]
fn a_bank_that_lived_before_there_was_a_feed_is_told_in_parts() {
    let bank = TestBank::start();
    for number in 0..30 {
        bank.post(UNIVERSITY, report(&format!("S{number}")));
    }
    // As rows from before the column.
    bank.database()
        .sql(
            "set session_replication_role = replica; update transfers set made_in = null; \
             update outcomes set made_in = null",
        )
        .unwrap();
    bank.post(UNIVERSITY, report("NEW"));
    let mut parts = Vec::new();
    for part in 0..5 {
        parts.push(bank.try_sequence(bank.ledger(), 8).unwrap().events);
        // Posting goes on meanwhile, and comes behind.
        bank.post(UNIVERSITY, report(&format!("MEANWHILE-{part}")));
    }
    assert_eq!(parts, [0, 8, 8, 8, 7]);
    assert_eq!(bank.sequence(), 5);
    let events = assert_whole(&bank);
    assert!(events.is_sorted_by_key(|event| event.recorded_at));
}

#[test]
fn what_a_round_looks_through_stays_small_and_whole() {
    let bank = TestBank::start();
    bank.post(UNIVERSITY, report("S1"));
    bank.sequence();
    let keeper: Grant<KeepRegister> = authorize(&Actor::operator(), Subject::Bank).unwrap();
    let tend = || tend_events(bank.ledger(), &keeper).unwrap();
    assert_eq!(tend(), 0, "the newest pages are left alone");
    // Some hundred pages, in transactions of their own.
    for round in 0..4 {
        let many = "insert into notices (learner_id, notice_id, kind, institution_ids, figures, \
                    recorded_at) select learner_id, gen_random_uuid(), 'hold_lapsed', \
                    array[opened_by], '{}', now() from learners, generate_series(1, 4000)";
        bank.database().sql_as_application(many).unwrap();
        let before = tend();
        assert_eq!(tend(), 0, "once is enough");
        assert!(before > 0 || round < 2, "round {round}");
        if round != 1 {
            assert!(bank.sequence() >= 4_000);
        }
    }
    bank.sequence();
    assert_eq!(assert_whole(&bank).len(), 16_001);
}
