use std::fs;
use std::time::Duration;

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Actor, Subject, authorize};
use creditbank_domain::ids::{ImportId, InstitutionId};
use creditbank_import::ImportOptions;
use creditbank_ledger::flows::ImportMode;
use uuid::Uuid;

use super::queue::{Job, Queue};
use super::store::{Record, Store};

fn job(number: u128) -> Job {
    let institution = InstitutionId::from_uuid(Uuid::from_u128(1));
    let grant = authorize(&Actor::operator(), Subject::Institution(institution)).unwrap();
    let import_id = ImportId::from_uuid(Uuid::from_u128(number));
    Job::new(
        import_id,
        grant,
        [7; 32],
        ImportOptions::new("a.csv", ImportMode::Post),
    )
}

#[test]
fn an_import_waits_once_and_again_when_it_is_done() {
    let queue = Queue::new(2);
    queue.put(job(1));
    queue.put(job(1));
    assert!(!queue.is_full());
    queue.put(job(2));
    assert!(queue.is_full());
    let first = queue.take().unwrap();
    queue.put(job(1));
    let second = queue.take().unwrap();
    assert_ne!(first.import_id, second.import_id);
    queue.done(first.import_id);
    assert!(!queue.is_full());
    queue.put(job(1));
    assert_eq!(queue.take().unwrap().import_id, first.import_id);
}

#[test]
fn a_job_that_was_put_back_lets_others_go_first() {
    let queue = Queue::new(2);
    queue.put(job(1));
    let delayed = queue.take().unwrap();
    queue.put_back(delayed, Duration::from_secs(3_600));
    queue.put(job(2));
    assert_eq!(queue.take().unwrap().import_id, job(2).import_id);
    queue.close();
    assert!(queue.take().is_none());
}

#[test]
fn the_same_bytes_are_kept_once_and_found_by_their_digest() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let upload = store.uploads().join("upload");
    fs::write(&upload, "学号,成绩").unwrap();
    let first = store.keep(&upload).unwrap();
    assert_eq!(store.keep(&upload).unwrap(), first);
    assert_eq!(fs::read_to_string(store.file(&first)).unwrap(), "学号,成绩");
    assert!(store.has_file(&first) && !store.has_file(&[0; 32]));
}

#[test]
fn what_was_said_beside_a_file_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let id = ImportId::from_uuid(Uuid::from_u128(5));
    let mapping = creditbank_import::ColumnMapping {
        awarded_on: "2026-07-01T00:00:00Z"
            .parse::<DateTime<Utc>>()
            .ok()
            .map(|at| at.date_naive()),
        ..Default::default()
    };
    let record = Record {
        file_sha256: [9; 32],
        file_name: "成绩.csv".to_owned(),
        mapping: Some(mapping),
    };
    Store::open(directory.path())
        .unwrap()
        .keep_record(id, &record)
        .unwrap();
    let read = Store::open(directory.path()).unwrap().record(id).unwrap();
    assert_eq!(
        (read.file_sha256, read.mapping),
        (record.file_sha256, record.mapping)
    );
}

#[test]
fn what_was_said_beside_a_running_import_is_never_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let id = ImportId::from_uuid(Uuid::from_u128(5));
    let of = |sheet: &str| Record {
        file_sha256: [9; 32],
        file_name: "成绩.xlsx".to_owned(),
        mapping: Some(creditbank_import::ColumnMapping {
            sheet: Some(sheet.to_owned()),
            ..Default::default()
        }),
    };
    store.keep_record(id, &of("一班")).unwrap();
    store.keep_record(id, &of("二班")).unwrap();
    assert_eq!(store.record(id).unwrap().mapping, of("一班").mapping);
}

#[test]
fn a_result_file_never_leaves_its_directory_whatever_the_client_calls_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let id = ImportId::from_uuid(Uuid::from_u128(5));
    for name in ["../../x.csv", "a.x/y", "a.csv", "成绩", "a.表"] {
        let path = store.result_path(id, name);
        assert_eq!(
            path.parent().unwrap(),
            directory.path().join("results"),
            "{name}"
        );
    }
}
