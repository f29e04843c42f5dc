//! Who sees what: an institution what it posted, asked for or receives; nobody else anything.

use std::collections::BTreeSet;

use creditbank_domain::authz::{Grant, ReadEvents, ReadLearner, Role, Subject, authorize};
use creditbank_ledger::{LedgerError, reads};
use kit::{RECEIVING, SCHOOL, TestBank, UNIVERSITY, outcome};

use super::assert_whole;

#[test]
fn an_institution_sees_what_it_posted_asked_for_or_receives_and_nothing_else() {
    let bank = TestBank::start();
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    bank.post(SCHOOL, outcome("CERT-B").grade("60").build());
    bank.post(UNIVERSITY, outcome("MATH101").learner_no(number).build());
    bank.post(
        UNIVERSITY,
        outcome("PE102").learner_no(number).grade("5").build(),
    );
    let _ = bank.decide(bank.request(&[number]).cohort_id);
    bank.sequence();
    let all = assert_whole(&bank);
    let kinds = |institution: &str| {
        let events = bank.events_of(institution);
        assert!(
            events.iter().all(|event| all.contains(event)),
            "the same as all see"
        );
        assert!(events.is_sorted_by_key(|event| event.seq));
        events
            .into_iter()
            .map(|event| event.kind)
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds(UNIVERSITY), ["lot.issued", "outcome.recorded"]);
    // CERT-B was below the rule's minimum: held, then released. The grant is told to both sides.
    let conversion = [
        "lot.held",
        "lot.held",
        "lot.released",
        "lot.settled",
        "lot.issued",
        "request_sent",
        "request_decided",
    ];
    let sorted = |mut kinds: Vec<String>| {
        kinds.sort();
        kinds
    };
    let mut expected: Vec<String> = conversion.map(str::to_owned).to_vec();
    assert_eq!(sorted(kinds(RECEIVING)), sorted(expected.clone()));
    expected.extend(["lot.issued", "lot.issued"].map(str::to_owned));
    assert_eq!(sorted(kinds(SCHOOL)), sorted(expected));
    assert_eq!(all.len(), 11);
}

/// The feed opens no way around the reads: every outcome in an institution's feed is one whose
/// movements it may read, or stands in a conversion that it may read.
#[test]
fn the_feed_shows_an_institution_nothing_that_its_reads_hide() {
    let bank = TestBank::start();
    let mut numbers = Vec::new();
    for student in ["S1", "S2", "S3"] {
        let posted = bank.post(SCHOOL, outcome("CERT-A").student(student).build());
        let learner = posted.learner_no;
        bank.post(UNIVERSITY, outcome("MATH101").learner_no(learner).build());
        numbers.push(learner);
    }
    let cohort = bank.decide(bank.request(&numbers[..2]).cohort_id);
    bank.sequence();
    let converted: BTreeSet<_> = cohort
        .requests
        .iter()
        .flat_map(|request| &request.lines)
        .flat_map(|line| [Some(line.outcome_id), line.grant_outcome_id])
        .flatten()
        .collect();
    for institution in [SCHOOL, UNIVERSITY, RECEIVING] {
        let party = institution != UNIVERSITY;
        let mut readable: BTreeSet<_> = numbers
            .iter()
            .flat_map(|number| {
                let actor = bank.actor(Role::Registrar, institution);
                let grant: Grant<ReadLearner> =
                    authorize(&actor, Subject::Learner(*number)).unwrap();
                match reads::movements(bank.ledger(), &grant, None, 200) {
                    Ok(movements) => movements.into_iter().map(|it| it.outcome_id).collect(),
                    Err(LedgerError::NotFound) => Vec::new(),
                    Err(other) => panic!("{other:?}"),
                }
            })
            .collect();
        if party {
            readable.extend(converted.iter().copied());
        }
        let told: BTreeSet<_> = bank
            .events_of(institution)
            .into_iter()
            .filter_map(|event| event.outcome_id)
            .collect();
        assert_eq!(told, readable, "{institution}");
    }
}

#[test]
fn a_place_that_the_feed_never_reached_is_refused() {
    let bank = TestBank::start();
    bank.post(UNIVERSITY, outcome("MATH101").build());
    bank.sequence();
    for institution in [UNIVERSITY, SCHOOL] {
        let grant: Grant<ReadEvents> = bank.grant(Role::Registrar, institution);
        let read = |after| reads::events(bank.ledger(), &grant, after, 10);
        assert_eq!(read(1).unwrap(), []);
        for after in [2, u64::MAX] {
            let refused = read(after).unwrap_err();
            assert_eq!(
                refused.fault().map(|fault| fault.code),
                Some("CURSOR_AHEAD")
            );
        }
    }
}

#[test]
fn what_was_told_never_changes() {
    let bank = TestBank::start();
    bank.post(UNIVERSITY, outcome("MATH101").build());
    bank.sequence();
    for table in ["events", "event_audiences"] {
        for statement in [
            format!("update {table} set seq = seq + 1"),
            format!("delete from {table}"),
            format!("truncate {table}"),
        ] {
            let refused = bank.database().sql(&statement).unwrap_err();
            assert!(refused.contains("is refused"), "{statement}: {refused}");
            let refused = bank.database().sql_as_application(&statement).unwrap_err();
            assert!(
                refused.contains("permission denied"),
                "{statement}: {refused}"
            );
        }
    }
}

#[test]
fn the_audit_finds_what_was_done_to_the_feed() {
    let plant = |statement: &str, expected: &str| {
        let mut bank = TestBank::start();
        bank.post(SCHOOL, outcome("CERT-A").build());
        bank.post(SCHOOL, outcome("CERT-B").grade("12").build());
        bank.post(SCHOOL, outcome("CERT-C").build());
        bank.sequence();
        bank.roll_up();
        assert_eq!(bank.audit(), []);
        let script = format!("set session_replication_role = replica; {statement}");
        bank.database().sql(&script).unwrap();
        bank.break_the_books_on_purpose();
        let found = bank.audit();
        assert!(
            found.iter().any(|(check, _)| *check == expected),
            "{statement}: {found:?}"
        );
    };
    plant("delete from events where seq = 2", "events_without_a_gap");
    plant("delete from events where seq = 3", "events_without_a_gap");
    plant("update sequencer set last_seq = 7", "events_without_a_gap");
    plant(
        "delete from events where seq = 2",
        "what_was_posted_is_told",
    );
    plant(
        "delete from events where kind = 'outcome.recorded'",
        "what_was_posted_is_told",
    );
    plant(
        "update events set kind = 'lot.held' where seq = 1",
        "what_was_posted_is_told",
    );
    plant(
        "update events set subject_id = gen_random_uuid() where seq = 1",
        "what_was_posted_is_told",
    );
    plant(
        "delete from event_audiences where seq = 1",
        "events_reach_whom_they_concern",
    );
    plant(
        "insert into event_audiences select institution_id, 1 from institutions \
         where code = '90001'",
        "events_reach_whom_they_concern",
    );
    plant(
        "update totals set issued = issued + 1, available = available + 1",
        "totals_equal_their_events",
    );
    plant(
        "update totals set day = day + 1",
        "totals_equal_their_events",
    );
    plant(
        "update totals_progress set seq = 2",
        "totals_equal_their_events",
    );
    plant(
        "update totals_progress set seq = 9",
        "totals_equal_their_events",
    );
}
