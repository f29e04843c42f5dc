//! Several servers over one store, each with a directory of its own.

use kit::FakeS3;

use super::*;

/// Two desks of one bank. They share a store and no directory.
fn two_desks(vault: &Vault) -> (Office, Office) {
    let one = Office::with(TestBank::start(), Some(vault));
    let other = one.beside(Some(vault));
    (one, other)
}

impl Office {
    /// Another server of the same bank, with a directory of its own.
    fn beside(&self, shared: Option<&Vault>) -> Office {
        let mut other = Self::with(TestBank::empty(), shared);
        let directory = other.directory.path();
        other.desk = Desk::open(self.bank.second_ledger(), directory, shared).unwrap();
        other
    }

    /// One turn of a worker of this server at the jobs of a bank.
    fn step_for(&self, bank: &TestBank) -> bool {
        let closing = AtomicBool::new(false);
        let bench = Bench {
            ledger: bank.ledger(),
            store: &self.desk.store,
            keeper: &self.keeper,
            limits: self.limits,
            closing: &closing,
            metrics: &self.metrics,
        };
        worker::step(&bench, &self.keeper).unwrap()
    }

    fn result_text(&self, reading: &Grant<ReadImport>, import: ImportId) -> String {
        let result = self.desk.made_result(reading, import).unwrap();
        let mut text = String::new();
        (&result.file).read_to_string(&mut text).unwrap();
        text
    }
}

fn through_two_servers(vault: &Vault) {
    let (one, other) = two_desks(vault);
    let content = transcript(37, 0);
    let job = one.announce(&new_job(&content));
    let grant = one.registrar(UNIVERSITY);
    for (nth, part) in content.as_bytes().chunks(300).enumerate() {
        let desk = [&one.desk, &other.desk][nth % 2];
        let part = Part {
            starts_at: u64::try_from(nth * 300).unwrap(),
            bytes: part.to_vec(),
        };
        desk.receive(&grant, job.job_id, part, clock::now())
            .unwrap();
    }
    assert!(one.blobs().is_empty() && other.blobs().is_empty());
    // The one that announced it and took the first part works at it no more.
    while other.step_for(&one.bank) {}
    let seen = one.job(UNIVERSITY, &job);
    assert_eq!(seen.state, ImportJobState::Finished);
    assert_eq!(seen.sha256, Some(sha256(&content)));
    assert_eq!(one.bank.row_counts()["outcomes"], 37);
    let (reading, import) = (one.reading(UNIVERSITY), seen.import_id.unwrap());
    // Made by one of them, and read by the other as it is kept.
    let made = one.result_text(&reading, import);
    assert_eq!(made.matches("已入账").count(), 37);
    assert_eq!(other.result_text(&reading, import), made);
    let soon = clock::now() + TimeDelta::days(1);
    let store = other.desk.store();
    let purged = purge_files(one.bank.ledger(), &store, &one.keeper, soon, soon);
    assert_eq!(purged.unwrap(), 1);
}

#[test]
fn parts_that_came_to_two_servers_are_one_file_for_both() {
    through_two_servers(&Vault::memory());
    let s3 = FakeS3::start();
    through_two_servers(&Vault::s3(&s3.settings()).unwrap());
    assert_eq!(s3.objects().len(), 0, "the purge left nothing");
}

#[test]
fn what_lies_in_the_shared_store_is_sealed_under_the_files_own_name() {
    let s3 = FakeS3::start();
    let vault = Vault::s3(&s3.settings()).unwrap();
    let office = Office::with(TestBank::start(), Some(&vault));
    let job = office.hand_in(UNIVERSITY, &transcript(9, 0));
    let objects = s3.objects();
    assert_eq!(objects.len(), 1);
    let id = "select file_id from import_files";
    let id = office.bank.database().sql(id).unwrap();
    for (key, bytes) in objects {
        let expected = format!("anhui/bank/imports/{}/0-", id.trim());
        assert!(key.starts_with(&expected), "{key}");
        assert!(!bytes.windows(6).any(|it| it == b"S00000"), "it lies open");
    }
    // Changed there, it is not believed.
    s3.tamper(|objects| {
        for bytes in objects.values_mut() {
            let mut changed = bytes.to_vec();
            changed[40] ^= 1;
            *bytes = changed.into();
        }
    });
    office.work();
    let seen = office.job(UNIVERSITY, &job);
    assert_eq!(seen.failure.unwrap().code, "FILE_STORED_DAMAGED");
}

#[test]
fn a_file_larger_than_a_piece_comes_back_from_the_store_as_it_went() {
    let s3 = FakeS3::start();
    let vault = Vault::s3(&s3.settings()).unwrap();
    let office = Office::with(TestBank::start(), Some(&vault));
    // 18 MiB as one part: three pieces of the store.
    let blank = format!("{}\r\n", ",".repeat(4_000));
    let content = transcript(3, 0) + &blank.repeat((18 << 20) / blank.len());
    let job = office.hand_in(UNIVERSITY, &content);
    office.work();
    let seen = office.job(UNIVERSITY, &job);
    assert_eq!(seen.sha256, Some(sha256(&content)));
    assert_eq!(seen.state, ImportJobState::Finished, "{:?}", seen.failure);
    assert_eq!(office.bank.row_counts()["outcomes"], 3);
}

#[test]
fn a_store_that_is_away_is_waited_for_and_keeps_nothing_half() {
    let s3 = FakeS3::start();
    let vault = Vault::s3(&s3.settings()).unwrap();
    let office = Office::with(TestBank::start(), Some(&vault));
    let content = transcript(5, 0);
    let job = office.announce(&new_job(&content));
    let part = || Part {
        starts_at: 0,
        bytes: content.clone().into_bytes(),
    };
    let grant = office.registrar(UNIVERSITY);
    s3.be_away(true);
    let refused = office
        .desk
        .receive(&grant, job.job_id, part(), clock::now());
    assert!(
        matches!(refused, Err(DeskError::Busy { .. })),
        "{refused:?}"
    );
    s3.be_away(false);
    assert_eq!(office.job(UNIVERSITY, &job).received, 0);
    office
        .desk
        .receive(&grant, job.job_id, part(), clock::now())
        .unwrap();
    s3.be_away(true);
    assert!(office.step());
    let seen = office.job(UNIVERSITY, &job);
    assert_eq!(seen.state, ImportJobState::Queued, "it is tried again");
    s3.be_away(false);
    office.until("it ended", || {
        office.work();
        office.job(UNIVERSITY, &job).state == ImportJobState::Finished
    });
    assert_eq!(office.bank.row_counts()["outcomes"], 5);
}

#[test]
fn what_a_server_kept_before_there_was_a_shared_store_is_still_read_and_removed() {
    let office = Office::open();
    let job = office.hand_in(UNIVERSITY, &transcript(5, 0));
    let vault = Vault::memory();
    let (ledger, directory) = (office.bank.ledger().clone(), office.directory.path());
    let later = Desk::open(ledger, directory, Some(&vault)).unwrap();
    let office = Office {
        desk: later,
        ..office
    };
    office.work();
    let seen = office.job(UNIVERSITY, &job);
    assert_eq!(seen.state, ImportJobState::Finished);
    assert_eq!(office.blobs().len(), 1);
    let soon = clock::now() + TimeDelta::days(1);
    let store = office.desk.store();
    purge_files(office.bank.ledger(), &store, &office.keeper, soon, soon).unwrap();
    assert!(office.blobs().is_empty());
}
