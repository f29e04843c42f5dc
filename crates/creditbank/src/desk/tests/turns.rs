//! Turns: who works at what, for how long, and who goes on.

use super::*;

#[test]
fn a_worker_that_dies_leaves_its_job_to_the_next() {
    let office = Office::open();
    let job = office.hand_in(UNIVERSITY, &transcript(25, 0));
    let (ledger, keeper, lease) = (office.bank.ledger(), &office.keeper, office.limits.lease);
    let now = clock::now();
    let take = |at| flows::take_import_turn(ledger, keeper, lease, at).unwrap();
    let dead = take(now).unwrap();
    assert!(take(now).is_none(), "one at a time");
    assert!(take(now + lease - TimeDelta::milliseconds(1)).is_none());
    let next = take(now + lease).unwrap();
    assert_eq!((next.job_id, next.tries), (job.job_id, 1));
    let key = (dead.job_id, dead.worker);
    let told = flows::tell_import_progress(ledger, keeper, key, lease, (9, 9), now + lease);
    assert_eq!(told.unwrap(), flows::Bearing::Lost);
    let grant = office.registrar(UNIVERSITY);
    let end = flows::TurnEnd::Failed(malformed(&serde_json::from_str::<u8>("x").unwrap_err()));
    flows::end_import_turn(ledger, &grant, key, (&end, TimeDelta::days(1)), now + lease).unwrap();
    let seen = office.job(UNIVERSITY, &job);
    assert_eq!(
        (seen.state, seen.under_way),
        (ImportJobState::Queued, true),
        "not its to end"
    );
    // Who renews keeps it.
    let key = (next.job_id, next.worker);
    let later = now + lease + TimeDelta::seconds(2);
    let renewed = flows::renew_import_turn(ledger, keeper, key, lease, later);
    assert_eq!(renewed.unwrap(), flows::Bearing::GoOn);
    assert!(take(now + lease + lease).is_none());
}

#[test]
fn institutions_take_turns_and_of_one_the_smallest_file_goes_first() {
    let office = Office::open();
    let big = office.hand_in(UNIVERSITY, &transcript(60, 0));
    let small = office.hand_in(UNIVERSITY, &transcript(20, 1_000));
    let school = office.hand_in(SCHOOL, &transcript(40, 2_000));
    let (ledger, keeper) = (office.bank.ledger(), &office.keeper);
    let mut order = Vec::new();
    for second in 0..3 {
        let now = clock::now() + TimeDelta::seconds(second);
        let turn = flows::take_import_turn(ledger, keeper, TimeDelta::seconds(60), now);
        order.push(turn.unwrap().unwrap().job_id);
    }
    assert_eq!(order, [small.job_id, school.job_id, big.job_id]);
}

#[test]
fn a_hundred_lines_do_not_wait_for_the_thousands_of_another_institution() {
    let office = Office::open();
    let large = office.hand_in(UNIVERSITY, &transcript(4_000, 0));
    let workers = office.workers(1);
    office.until("the large file was begun", || {
        office.job(UNIVERSITY, &large).pace.lines_read > 0
    });
    let theirs = transcript(100, 10_000).replace("MATH101,4", "CERT-A,6");
    let small = office.hand_in(SCHOOL, &theirs);
    office.until("the small one ended", || {
        office.job(SCHOOL, &small).state == ImportJobState::Finished
    });
    let left = office.job(UNIVERSITY, &large);
    assert_eq!(
        left.state,
        ImportJobState::Queued,
        "the large one is not done yet"
    );
    office.until("the large file ended too", || {
        office.job(UNIVERSITY, &large).state == ImportJobState::Finished
    });
    drop(workers);
    let large = office.job(UNIVERSITY, &large);
    let import = reads::import(
        office.bank.ledger(),
        &office.reading(UNIVERSITY),
        large.import_id.unwrap(),
    );
    let import = import.unwrap();
    assert_eq!(
        (import.read, import.posted),
        (4_000, 4_000),
        "no line twice"
    );
}

#[test]
fn a_server_that_ends_gives_its_jobs_back_at_once() {
    let office = Office::open();
    let job = office.hand_in(UNIVERSITY, &transcript(2_000, 0));
    let workers = office.workers(1);
    office.until("begun", || office.job(UNIVERSITY, &job).pace.lines_read > 0);
    drop(workers);
    let seen = office.job(UNIVERSITY, &job);
    assert_eq!(
        (seen.state, seen.under_way),
        (ImportJobState::Queued, false)
    );
    office.work();
    assert_eq!(office.job(UNIVERSITY, &job).state, ImportJobState::Finished);
    assert_eq!(office.bank.row_counts()["outcomes"], 2_000);
}

#[test]
fn a_job_ends_when_somebody_asks_and_what_was_posted_stays() {
    let office = Office::open();
    let grant = office.registrar(UNIVERSITY);
    let ledger = office.bank.ledger();
    let cancel =
        |job: &ImportJobView| flows::cancel_import_job(ledger, &grant, job.job_id, clock::now());
    let waiting = office.hand_in(UNIVERSITY, &transcript(10, 0));
    assert_eq!(cancel(&waiting).unwrap().state, ImportJobState::Cancelled);
    assert!(!office.step());
    let large = transcript(3_000, 0);
    let job = office.hand_in(UNIVERSITY, &large);
    let workers = office.workers(1);
    office.until("begun", || office.job(UNIVERSITY, &job).pace.lines_read > 0);
    assert!(cancel(&job).unwrap().cancel_asked);
    office.until("ended", || office.job(UNIVERSITY, &job).state.is_over());
    drop(workers);
    let seen = office.job(UNIVERSITY, &job);
    assert_eq!(seen.state, ImportJobState::Cancelled);
    let posted = office.bank.row_counts()["outcomes"];
    assert!((1..3_000).contains(&posted), "{posted}");
    let import = reads::import(ledger, &office.reading(UNIVERSITY), seen.import_id.unwrap());
    let import = import.unwrap();
    assert_eq!(import.failure.unwrap().code, "IMPORT_CANCELLED");
    assert_eq!(import.posted, posted);
    cancel(&job).unwrap();
    // Handed in again it goes on with the others.
    let again = office.hand_in(UNIVERSITY, &large);
    office.work();
    assert_eq!(
        office.job(UNIVERSITY, &again).state,
        ImportJobState::Finished
    );
    assert_eq!(office.bank.row_counts()["outcomes"], 3_000);
    let error = cancel(&again).unwrap_err();
    assert_eq!(error.fault().unwrap().code, "IMPORT_JOB_OVER");
}

#[test]
fn a_job_that_takes_longer_than_it_may_ends_with_its_code() {
    let mut office = Office::open();
    office.limits.worked_max = Duration::ZERO;
    let job = office.hand_in(UNIVERSITY, &transcript(30, 0));
    office.work();
    let seen = office.job(UNIVERSITY, &job);
    assert_eq!(seen.failure.unwrap().code, "IMPORT_TOO_LONG");
}

#[test]
fn the_same_bytes_handed_in_twice_at_once_are_worked_at_once() {
    let office = Office::open();
    let content = transcript(1_000, 0);
    let unknown = NewImportJob {
        sha256: None,
        ..new_job(&content)
    };
    let jobs = [office.announce(&unknown), office.announce(&unknown)];
    for job in &jobs {
        office.send(job, 0, content.as_bytes()).unwrap();
    }
    let workers = office.workers(2);
    office.until("both ended", || {
        let ended = |job| office.job(UNIVERSITY, job).state == ImportJobState::Finished;
        jobs.iter().all(ended)
    });
    drop(workers);
    let imports = jobs
        .each_ref()
        .map(|job| office.job(UNIVERSITY, job).import_id);
    assert_ne!(
        imports[0], imports[1],
        "the second one began when the first one was done"
    );
    assert_eq!(office.bank.row_counts()["outcomes"], 1_000);
}

#[test]
fn a_reader_that_panics_fails_its_job_by_code_and_the_worker_goes_on() {
    let office = Office::open();
    let content = transcript(20, 0);
    let file = office.directory.path().join("handed-in");
    std::fs::write(&file, &content).unwrap();
    let new = NewImportJob {
        file_name: PANICS.to_owned(),
        ..new_job(&content)
    };
    let grant = office.registrar(UNIVERSITY);
    let poisoned = office.submit_as(&grant, &file, new).unwrap();
    let sound = office.hand_in(UNIVERSITY, &transcript(30, 1_000));
    let workers = office.workers(1);
    office.until("the one behind it was imported by the same worker", || {
        let ended = |job| office.job(UNIVERSITY, job).state;
        ended(&poisoned) == ImportJobState::Failed && ended(&sound) == ImportJobState::Finished
    });
    drop(workers);
    let failure = office.job(UNIVERSITY, &poisoned).failure.unwrap();
    assert_eq!(failure.code, "FILE_DAMAGED");
    let told = format!("{}{}", failure.zh, failure.en);
    assert!(!told.contains("张三"), "what was thrown is told to nobody");
    assert_eq!(office.metrics.import_panics(), 1);
    assert_eq!(office.bank.row_counts()["outcomes"], 30);
}

/// They lie in the clear: a server that was killed could not remove them.
#[test]
fn what_is_left_of_uploads_is_swept_once_it_is_too_old_to_be_on_its_way() {
    let office = Office::open();
    let uploads = office.desk.uploads();
    let (left, arriving) = (uploads.join("left"), uploads.join("arriving"));
    for file in [&left, &arriving] {
        std::fs::write(file, "学号,姓名\n1,张三\n").unwrap();
    }
    let long_ago =
        std::fs::metadata(&left).unwrap().modified().unwrap() - Duration::from_secs(30_000);
    let file = std::fs::File::options().write(true).open(&left).unwrap();
    file.set_modified(long_ago).unwrap();
    assert_eq!(office.desk.store.sweep_uploads().unwrap(), 1);
    assert!(!left.exists() && arriving.exists());
    assert_eq!(office.desk.store.sweep_uploads().unwrap(), 0);
}
