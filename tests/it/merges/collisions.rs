//! What a merge and its reversal leave for a human.

use creditbank_domain::authz::{Actor, Subject, authorize};
use creditbank_domain::identifier::IdentifierKind;
use creditbank_domain::merging::{CollisionKind, CollisionState};
use creditbank_ledger::flows::find_late_collisions;
use kit::{SCHOOL, TestBank, UNIVERSITY, open_collisions, outcome, person, resident_id};
use serde_json::json;

use super::{code, credits, learner};
use CollisionKind::{
    CourseGrantedTwice, EntryCreditedTwice, IdentifierDiffers, OutcomeUsedTwice, PostedWhileMerged,
    ProgrammeCapExceeded, UsedWhileMerged,
};

#[test]
fn what_both_have_twice_is_listed_and_the_merge_goes_through() {
    let bank = TestBank::start();
    let certificates = ["CERT-A", "CERT-B", "CERT-C"];
    let one = learner(&bank, "S1", &certificates);
    let two = learner(&bank, "S2", &certificates);
    let _ = bank.decide(bank.request(&[one]).cohort_id);
    let _ = bank.decide(bank.request(&[two]).cohort_id);
    let merge = bank.merge(one, two);
    let count = |kind| merge.collisions.iter().filter(|it| it.kind == kind).count();
    assert_eq!(count(EntryCreditedTwice), 3);
    // The certificates, and what was granted for them is not used yet.
    assert_eq!((count(OutcomeUsedTwice), count(CourseGrantedTwice)), (3, 3));
    assert_eq!(
        (count(ProgrammeCapExceeded), merge.collisions.len()),
        (1, 10)
    );
    let cap = merge
        .collisions
        .iter()
        .find(|it| it.kind == ProgrammeCapExceeded)
        .unwrap();
    assert_eq!(
        cap.figures,
        json!({ "programme": "P1", "granted": 3600, "cap": 2170 })
    );
    assert_eq!(bank.credits(one), credits("36.00", "0.00", "36.00"));
    // Nothing more is granted while it stands.
    bank.post(SCHOOL, outcome("CERT-D").student("S1").build());
    assert_eq!(bank.decide(bank.request(&[two]).cohort_id).refused, 1);
}

#[test]
fn accounts_that_share_nothing_do_not_collide() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-B"]);
    let three = learner(&bank, "S3", &["CERT-A"]);
    assert_eq!(open_collisions(&bank.merge(one, two)), []);
    // The third collides with one of the two that are together already.
    assert_eq!(
        open_collisions(&bank.merge(one, three)),
        [EntryCreditedTwice]
    );
}

#[test]
fn two_citizens_numbers_are_a_collision() {
    let bank = TestBank::start();
    let post = |born_on, sequence, certificate: &str| {
        let card = resident_id(born_on, sequence);
        let learner = person(&[(IdentifierKind::ResidentId, &card)], "王小明");
        bank.post(SCHOOL, outcome(certificate).person(learner).build())
            .learner_no
    };
    let one = post("1990-01-01", 1, "CERT-A");
    let two = post("1990-01-01", 2, "CERT-B");
    let state = || {
        bank.database()
            .sql("select state from duplicate_candidates")
            .unwrap()
    };
    assert_eq!(state().trim(), "open");
    let merge = bank.merge(one, two);
    assert_eq!(open_collisions(&merge), [IdentifierDiffers]);
    assert_eq!(
        merge.collisions[0].figures,
        json!({ "kinds": ["resident_id"] })
    );
    assert_eq!(state().trim(), "merged");
    // Either card and either name go on being theirs.
    let again = |sequence| {
        let card = resident_id("1990-01-01", sequence);
        let learner = person(&[(IdentifierKind::ResidentId, &card)], "王小明");
        let report = outcome("MATH101").person(learner).source(&card).build();
        bank.post(UNIVERSITY, report).learner_no
    };
    assert_eq!((again(1), again(2)), (one, one));
    bank.unmerge(merge.merge_id);
    assert_eq!(state().trim(), "dismissed");
}

#[test]
fn separating_lists_what_was_shared_settles_the_rest_and_happens_once() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-A", "CERT-B"]);
    let merge = bank.merge(one, two);
    assert_eq!(open_collisions(&merge), [EntryCreditedTwice]);
    bank.post(SCHOOL, outcome("CERT-C").student("S2").build());
    let _ = bank.decide(bank.request(&[one]).cohort_id);
    let separated = bank.unmerge(merge.merge_id);
    assert_eq!(
        open_collisions(&separated),
        [PostedWhileMerged, UsedWhileMerged]
    );
    let settled = separated
        .collisions
        .iter()
        .find(|it| it.kind == EntryCreditedTwice)
        .unwrap();
    assert_eq!(settled.state, CollisionState::Settled);
    assert!(separated.unmerged.is_some());
    assert_eq!(code(bank.try_unmerge(merge.merge_id)), "ALREADY_UNMERGED");
    // Each has what was recorded under it: the third certificate and the grants are the survivor's.
    assert_eq!(bank.credits(two), credits("6.00", "0.00", "6.00"));
    assert_ne!(bank.credits(one), bank.credits(two));
    // They can be merged again, the other way round.
    let again = bank.merge(two, one);
    assert_ne!(again.merge_id, merge.merge_id);
    assert_eq!(bank.merge_now(merge.merge_id), separated);
}

#[test]
fn a_collision_that_a_posting_under_way_left_is_found_a_minute_later() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-A"]);
    let merge = bank.merge(one, two);
    // As if the posting had committed after the merge looked.
    let forget = "set session_replication_role = replica; delete from merge_collisions";
    bank.database().sql(forget).unwrap();
    let keeper = authorize(&Actor::operator(), Subject::Bank).unwrap();
    let find = || find_late_collisions(bank.ledger(), &keeper, bank.now()).unwrap();
    assert_eq!((find(), find()), (1, 0));
    assert_eq!(
        open_collisions(&bank.merge_now(merge.merge_id)),
        [EntryCreditedTwice]
    );
}
