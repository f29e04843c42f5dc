use std::sync::mpsc as std_mpsc;

use creditbank_domain::authz::{Role, Subject, authorize};
use creditbank_domain::completion::Progress;
use creditbank_domain::grade::Attempt;
use creditbank_domain::ids::{ClientId, InstitutionId};
use creditbank_domain::outcome::{EntryRef, LearnerRef, ReportedOutcome};
use creditbank_domain::text::{CourseCode, SourceRef};
use creditbank_ledger::{IdempotencyClaim, StoredAnswer};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::auth::fixture::learner_no;
use crate::handle::GateLimits;

fn post(key: &str) -> SinglePost {
    let institution = InstitutionId::from_uuid(Uuid::from_u128(2));
    let actor = creditbank_domain::authz::Actor {
        client: Some(ClientId::from_uuid(Uuid::from_u128(1))),
        institution: Some(institution),
        roles: vec![Role::Registrar],
        ..creditbank_domain::authz::Actor::default()
    };
    SinglePost {
        grant: authorize(&actor, Subject::Institution(institution)).unwrap(),
        report: ReportedOutcome {
            source_ref: SourceRef::new(key).unwrap(),
            learner: LearnerRef::Number(learner_no()),
            entry: EntryRef {
                owner: None,
                code: CourseCode::new("C").unwrap(),
            },
            grade: "85".parse().unwrap(),
            attempt: Attempt::First,
            awarded_on: "2026-01-31".parse().unwrap(),
            stated: Vec::new(),
            stated_level: None,
            progress: Progress::default(),
        },
        claim: IdempotencyClaim {
            client: ClientId::from_uuid(Uuid::from_u128(1)),
            route: "POST /v1/outcomes",
            key: key.to_owned(),
            fingerprint: [0; 32],
        },
        render: |_| StoredAnswer {
            status: 500,
            body: Value::Null,
        },
    }
}

/// A queue whose work waits for a permission each time, tells how many came together, and answers
/// everybody with the own key.
struct Arranged {
    posting: Posting,
    go_on: std_mpsc::Sender<()>,
    sizes: std_mpsc::Receiver<usize>,
}

fn arranged(waiting_max: usize, together_max: usize) -> Arranged {
    let (go_on, permission) = std_mpsc::channel();
    let (tell, sizes) = std_mpsc::channel();
    let limits = PostingLimits {
        waiting_max,
        together_max,
        answer_max: Duration::from_secs(20),
    };
    let work = move |posts: &[SinglePost]| {
        tell.send(posts.len()).unwrap();
        permission.recv().unwrap();
        assert!(posts.iter().all(|post| post.claim.key != "panic"), "a bug");
        let answer = |post: &SinglePost| {
            Ok(Answered {
                answer: StoredAnswer {
                    status: 201,
                    body: json!(post.claim.key),
                },
                replayed: false,
            })
        };
        posts.iter().map(answer).collect()
    };
    Arranged {
        posting: Posting::with_work(limits, work).unwrap(),
        go_on,
        sizes,
    }
}

impl Arranged {
    fn send(&self, key: &str) -> tokio::task::JoinHandle<Result<Answered, ApiError>> {
        let (posting, post) = (self.posting.clone(), post(key));
        let nobody = LedgerHandle::without_ledger(GateLimits::default());
        actix_web::rt::spawn(async move { posting.post(post, &nobody).await })
    }

    /// Waits until the thread has taken something and is at work on it.
    async fn taken(&self) -> usize {
        loop {
            match self.sizes.try_recv() {
                Ok(size) => return size,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    }
}

async fn let_them_queue() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[actix_web::test]
async fn what_arrives_during_a_commit_goes_together_and_each_gets_its_own_answer() {
    let arranged = arranged(10, 3);
    let first = arranged.send("k-0");
    assert_eq!(arranged.taken().await, 1);
    let more: Vec<_> = (1..=5).map(|n| arranged.send(&format!("k-{n}"))).collect();
    let_them_queue().await;
    for _ in 0..3 {
        arranged.go_on.send(()).unwrap();
    }
    assert_eq!(first.await.unwrap().unwrap().answer.body, json!("k-0"));
    for (n, answer) in more.into_iter().enumerate() {
        let answer = answer.await.unwrap().unwrap();
        assert_eq!(answer.answer.body, json!(format!("k-{}", n + 1)));
    }
    assert_eq!((arranged.taken().await, arranged.taken().await), (3, 2));
}

#[actix_web::test]
async fn beyond_a_full_queue_clients_are_told_to_come_again_at_once() {
    let arranged = arranged(2, 10);
    let first = arranged.send("k-0");
    assert_eq!(arranged.taken().await, 1);
    let waiting = [arranged.send("k-1"), arranged.send("k-2")];
    let_them_queue().await;
    let refused = arranged.send("k-3").await.unwrap().unwrap_err();
    assert_eq!(refused.problem().status, 503);
    let retry_after = ("retry-after".to_owned(), "1".to_owned());
    assert_eq!(refused.problem().headers, [retry_after]);
    arranged.go_on.send(()).unwrap();
    arranged.go_on.send(()).unwrap();
    assert!(first.await.unwrap().is_ok());
    for answer in waiting {
        assert!(answer.await.unwrap().is_ok());
    }
}

#[actix_web::test]
async fn what_a_client_left_behind_is_posted_and_the_end_waits_for_it() {
    let arranged = arranged(10, 10);
    let first = arranged.send("k-0");
    assert_eq!(arranged.taken().await, 1);
    let leaving = arranged.send("k-1");
    let_them_queue().await;
    leaving.abort();
    first.abort();
    assert!(leaving.await.is_err() && first.await.is_err());
    for _ in 0..2 {
        arranged.go_on.send(()).unwrap();
    }
    drop(arranged.posting);
    assert_eq!(arranged.sizes.try_recv(), Ok(1));
}

#[actix_web::test]
async fn a_panic_fails_one_transaction_and_the_next_one_works() {
    let arranged = arranged(10, 10);
    arranged.go_on.send(()).unwrap();
    let broken = arranged.send("panic").await.unwrap().unwrap_err();
    assert_eq!(broken.problem().status, 500);
    arranged.go_on.send(()).unwrap();
    assert!(arranged.send("k-1").await.unwrap().is_ok());
}
