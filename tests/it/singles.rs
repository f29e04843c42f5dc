//! Single posts that go into the ledger together: each is answered as if it were alone.

use std::collections::HashSet;
use std::sync::Barrier;

use creditbank_domain::authz::Role;
use creditbank_domain::institution::Standing;
use creditbank_domain::outcome::ReportedOutcome;
use creditbank_ledger::flows::{PostAnswer, SinglePost, post_singles_once};
use creditbank_ledger::{Answered, IdempotencyClaim, LedgerError, StoredAnswer};
use kit::{SCHOOL, TestBank, UNIVERSITY, outcome};
use serde_json::json;

fn render(answer: &PostAnswer) -> StoredAnswer {
    let (status, body) = match answer {
        PostAnswer::Posted(posted) => (201, json!(posted.outcome_id.to_string())),
        PostAnswer::AlreadyPosted(posted) => (200, json!(posted.outcome_id.to_string())),
        PostAnswer::Rejected(fault) => (422, json!(fault.code)),
    };
    StoredAnswer { status, body }
}

/// A post of an institution's registrar; the body is told by its source reference and grade.
fn single(bank: &TestBank, institution: &str, key: &str, report: ReportedOutcome) -> SinglePost {
    let grant = bank.grant(Role::Registrar, institution);
    let body = format!("{} {}", report.source_ref.as_str(), report.grade);
    let mut fingerprint = [0; 32];
    for (at, byte) in body.bytes().enumerate() {
        fingerprint[at % 32] ^= byte.rotate_left(u32::try_from(at / 32).unwrap());
    }
    SinglePost {
        claim: IdempotencyClaim {
            client: bank
                .actor(Role::Registrar, institution)
                .client
                .expect("a client"),
            route: "POST /v1/outcomes",
            key: key.to_owned(),
            fingerprint,
        },
        grant,
        report,
        render,
    }
}

fn post(bank: &TestBank, posts: &[SinglePost]) -> Vec<Result<Answered, LedgerError>> {
    post_singles_once(bank.ledger(), posts, bank.now())
}

/// Status, body and whether it was given before; or the error's words.
fn told(answer: &Result<Answered, LedgerError>) -> (u16, String, bool) {
    match answer {
        Ok(it) => {
            let body = it.answer.body.as_str().unwrap_or_default();
            (it.answer.status, body.to_owned(), it.replayed)
        }
        Err(error) => (0, error.to_string(), false),
    }
}

fn statuses(answers: &[Result<Answered, LedgerError>]) -> Vec<(u16, bool)> {
    let told = answers.iter().map(told);
    told.map(|(status, _, replayed)| (status, replayed))
        .collect()
}

fn count(bank: &TestBank, query: &str) -> usize {
    let counted = bank
        .database()
        .sql(&format!("select count(*) from {query}"));
    counted.unwrap().trim().parse().unwrap()
}

#[test]
fn good_and_bad_posts_of_two_institutions_go_together_in_one_transaction() {
    let bank = TestBank::start();
    let math = |student: &str| outcome("MATH101").student(student);
    let posts = [
        single(&bank, UNIVERSITY, "k-1", math("a").build()),
        single(&bank, UNIVERSITY, "k-2", math("b").grade("52").build()),
        single(
            &bank,
            UNIVERSITY,
            "k-3",
            outcome("NOWHERE").student("c").build(),
        ),
        single(&bank, SCHOOL, "k-1", outcome("CERT-A").student("d").build()),
        single(
            &bank,
            UNIVERSITY,
            "k-4",
            outcome("CERT-A").student("e").build(),
        ),
        single(&bank, UNIVERSITY, "k-5", math("a").build()),
        single(&bank, UNIVERSITY, "k-6", math("a").grade("99").build()),
    ];
    let answers = post(&bank, &posts);
    let expected = [201, 201, 422, 201, 422, 200, 422].map(|status| (status, false));
    assert_eq!(statuses(&answers), expected);
    assert_eq!(told(&answers[2]).1, "OUTCOME_UNKNOWN");
    assert_eq!(told(&answers[4]).1, "ENTRY_NOT_OWNED");
    assert_eq!(told(&answers[5]).1, told(&answers[0]).1);
    assert_eq!(told(&answers[6]).1, "SOURCE_REF_CONFLICT");
    assert_eq!(count(&bank, "outcomes"), 3);
    assert_eq!(
        count(&bank, "(select distinct xmin::text from outcomes) x"),
        1
    );
    // Nothing is left of what was refused: no account, no key.
    assert_eq!(count(&bank, "learners"), 3);
    assert_eq!(count(&bank, "idempotency_keys"), 4);
    // One line for each client, with what it did.
    let events = "select string_agg(figures::text, ' ' order by figures::text) from audit_events \
                  where action = 'post_outcomes'";
    assert_eq!(
        bank.database().sql(events).unwrap().trim(),
        r#"{"posted": 1, "reported": 1} {"posted": 2, "reported": 3}"#
    );
    // All of them again are replays, and what was refused is refused again.
    let again = post(&bank, &posts);
    for (first, again) in answers.iter().zip(&again) {
        let (status, body, _) = told(first);
        assert_eq!(told(again), (status, body, status < 400));
    }
    assert_eq!(count(&bank, "outcomes"), 3);
}

#[test]
fn a_key_twice_in_one_transaction_is_answered_as_one_after_the_other() {
    let bank = TestBank::start();
    let math = |student: &str| outcome("MATH101").student(student).build();
    let refused = outcome("NOWHERE").student("z").build();
    let posts = [
        single(&bank, UNIVERSITY, "k-1", math("a")),
        single(&bank, UNIVERSITY, "k-1", math("a")),
        single(&bank, UNIVERSITY, "k-1", math("b")),
        single(&bank, UNIVERSITY, "k-2", refused),
        single(&bank, UNIVERSITY, "k-2", math("c")),
        single(&bank, SCHOOL, "k-1", outcome("CERT-A").student("d").build()),
    ];
    let answers = post(&bank, &posts);
    let reused = LedgerError::IdempotencyKeyReused.to_string();
    let told: Vec<_> = answers.iter().map(told).collect();
    assert_eq!((told[0].0, told[0].2), (201, false));
    assert_eq!(told[1], (201, told[0].1.clone(), true));
    assert_eq!(told[2], (0, reused, false));
    assert_eq!((told[3].0, told[3].1.as_str()), (422, "OUTCOME_UNKNOWN"));
    // What is refused keeps no key, so the next request under it is a first one.
    assert_eq!((told[4].0, told[4].2), (201, false));
    assert_eq!((told[5].0, told[5].2), (201, false));
    assert_eq!(count(&bank, "outcomes"), 3);
    assert_eq!(count(&bank, "learners"), 3);
}

#[test]
fn no_account_is_opened_for_a_post_that_another_of_the_batch_contradicts() {
    let bank = TestBank::start();
    let of = |student: &str| outcome("MATH101").student(student).source("s-1").build();
    let posts = [
        single(&bank, UNIVERSITY, "k-1", of("a")),
        single(&bank, UNIVERSITY, "k-2", of("b")),
    ];
    let answers = post(&bank, &posts);
    assert_eq!(statuses(&answers), [(201, false), (422, false)]);
    assert_eq!(told(&answers[1]).1, "SOURCE_REF_CONFLICT");
    assert_eq!(count(&bank, "learners"), 1);
    assert_eq!(count(&bank, "identity.identifiers"), 1);
}

#[test]
fn a_post_that_the_database_refuses_fails_alone() {
    let bank = TestBank::start();
    bank.database()
        .sql(
            "create function poison() returns trigger language plpgsql as $$ begin \
                 if new.source_ref like 'poison%' then raise exception 'poisoned'; end if; \
                 return new; end $$; \
             create trigger poison before insert on outcomes \
                 for each row execute function poison()",
        )
        .unwrap();
    let posts: Vec<SinglePost> = (0..20)
        .map(|n| {
            let source = if n % 7 == 3 { "poison" } else { "good" };
            let report = outcome("MATH101")
                .student(&format!("S{n}"))
                .source(&format!("{source}-{n}"));
            single(&bank, UNIVERSITY, &format!("k-{n}"), report.build())
        })
        .collect();
    let answers = post(&bank, &posts);
    for (n, answer) in answers.iter().enumerate() {
        let poisoned = n % 7 == 3;
        let failed = matches!(answer, Err(LedgerError::Database(_)));
        assert_eq!(failed, poisoned, "{n}: {answer:?}");
        assert!(poisoned || told(answer).0 == 201);
    }
    assert_eq!(count(&bank, "outcomes"), 17);
    assert_eq!(count(&bank, "learners"), 17);
    assert_eq!(count(&bank, "idempotency_keys"), 17);
}

#[test]
fn a_suspended_institution_s_posts_are_refused_and_the_others_taken() {
    let bank = TestBank::start();
    bank.set_standing(SCHOOL, Standing::Suspended);
    let posts = [
        single(&bank, SCHOOL, "k-1", outcome("CERT-A").student("a").build()),
        single(
            &bank,
            UNIVERSITY,
            "k-1",
            outcome("MATH101").student("b").build(),
        ),
    ];
    let answers = post(&bank, &posts);
    assert_eq!(told(&answers[0]).1, "INSTITUTION_SUSPENDED");
    assert_eq!(told(&answers[1]).0, 201);
    bank.set_standing(SCHOOL, Standing::Active);
    assert_eq!(statuses(&post(&bank, &posts)), [(201, false), (201, true)]);
}

#[test]
fn eight_posters_of_the_same_requests_post_each_once_and_all_hear_the_same() {
    let bank = TestBank::start();
    let posts: Vec<SinglePost> = (0..60)
        .map(|n| {
            let report = outcome("MATH101").student(&format!("S{}", n / 2));
            // Every second one is the first one's outcome under another key.
            single(&bank, UNIVERSITY, &format!("k-{n}"), report.build())
        })
        .collect();
    let barrier = Barrier::new(8);
    let heard: Vec<Vec<(u16, String, bool)>> = std::thread::scope(|scope| {
        let posters: Vec<_> = (0..8)
            .map(|poster| {
                let mut mine = posts.clone();
                mine.rotate_left(poster * 7);
                let (bank, barrier) = (&bank, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let mut answers: Vec<_> = post(bank, &mine).iter().map(told).collect();
                    answers.rotate_right(poster * 7);
                    answers
                })
            })
            .collect();
        posters.into_iter().map(|it| it.join().unwrap()).collect()
    });
    for n in 0..posts.len() {
        let first = heard.iter().filter(|answers| !answers[n].2).count();
        assert_eq!(first, 1, "key {n} was done {first} times");
        let bodies: HashSet<(u16, &str)> = heard
            .iter()
            .map(|answers| (answers[n].0, answers[n].1.as_str()))
            .collect();
        assert_eq!(bodies.len(), 1, "{bodies:?}");
        assert_eq!(heard[0][n].1, heard[0][n / 2 * 2].1);
    }
    for table in ["outcomes", "lots", "transfers", "learners"] {
        assert_eq!(count(&bank, table), 30, "{table}");
    }
    assert_eq!(count(&bank, "idempotency_keys"), 60);
}
