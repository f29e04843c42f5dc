use std::sync::mpsc;

use super::*;

fn handle(wait_max: Duration, waiting_max: usize) -> LedgerHandle {
    let limits = GateLimits {
        wait_max,
        waiting_max,
        answer_max: Duration::from_secs(10),
    };
    LedgerHandle::without_ledger(limits)
}

/// Fills the one turn there is until the sender is dropped.
fn occupy(handle: &LedgerHandle) -> (mpsc::Sender<()>, impl Future<Output = ()> + use<>) {
    let (release, held) = mpsc::channel::<()>();
    let handle = handle.clone();
    let work = async move {
        handle
            .take_turn(move || {
                // Ends when the sender is dropped.
                let _ended = held.recv();
                Ok::<_, ApiError>(())
            })
            .await
            .unwrap();
    };
    (release, work)
}

#[actix_web::test]
async fn a_request_that_waits_too_long_is_told_when_to_come_again() {
    let handle = handle(Duration::from_millis(20), 10);
    let (release, work) = occupy(&handle);
    let busy = actix_web::rt::spawn(work);
    while handle.gate.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    let refused = handle
        .take_turn(|| Ok::<_, ApiError>(()))
        .await
        .unwrap_err();
    assert_eq!(refused.problem().status, 503);
    assert_eq!(
        refused.problem().headers,
        [("retry-after".to_owned(), "1".to_owned())]
    );
    drop(release);
    busy.await.unwrap();
    assert!(handle.take_turn(|| Ok::<_, ApiError>(())).await.is_ok());
    assert_eq!(handle.waiting.load(Ordering::Relaxed), 0);
}

#[actix_web::test]
async fn only_a_few_work_at_files_at_once_and_the_next_one_is_told_when_to_come() {
    let handle = handle(Duration::from_millis(5), 10);
    let (release, held) = mpsc::channel::<()>();
    let held = Arc::new(std::sync::Mutex::new(held));
    let works = (0..FILES_AT_ONCE).map(|_| {
        let (handle, held) = (handle.clone(), Arc::clone(&held));
        actix_web::rt::spawn(async move {
            let work = move || {
                // Ends when the sender is dropped.
                let _ended = held.lock().unwrap().recv();
                Ok::<_, ApiError>(())
            };
            handle.work_at_file(work).await.unwrap();
        })
    });
    let works: Vec<_> = works.collect();
    while handle.files.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    let one_more = handle.work_at_file(|| Ok::<_, ApiError>(())).await;
    assert_eq!(one_more.unwrap_err().problem().status, 503);
    assert!(handle.take_turn(|| Ok::<_, ApiError>(())).await.is_ok());
    drop(release);
    for work in works {
        work.await.unwrap();
    }
    let later = handle.work_at_file(|| Ok::<_, ApiError>(())).await;
    assert!(later.is_ok());
}

#[actix_web::test]
async fn a_full_queue_refuses_at_once() {
    let handle = handle(Duration::from_secs(60), 0);
    let (release, work) = occupy(&handle);
    let busy = actix_web::rt::spawn(work);
    while handle.gate.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    assert!(handle.take_turn(|| Ok::<_, ApiError>(())).await.is_err());
    drop(release);
    busy.await.unwrap();
}
