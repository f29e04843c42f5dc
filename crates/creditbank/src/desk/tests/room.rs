//! How much of files is kept, and what is swept because no row names it.

use kit::{FakeS3, together};

use super::*;

const MIB: u64 = 1 << 20;

/// A desk whose institutions may have so much kept.
fn keeping(bytes_max: u64) -> Office {
    let mut office = Office::open();
    let ledger = office.bank.second_ledger().keeping_of_imports(bytes_max);
    office.desk = Desk::open(ledger, office.directory.path(), None).unwrap();
    office
}

impl Office {
    fn try_announce(&self, institution: &str, new: &NewImportJob) -> Result<ImportJobView, String> {
        let grant = self.registrar(institution);
        let opened = flows::open_import_job(&self.desk.ledger, &grant, new, clock::now());
        opened.map_err(|error| match error {
            LedgerError::NoRoom(fault) => format!("{} {}", fault.code, fault.en),
            other => panic!("{other:?}"),
        })
    }

    fn sweep(&self, now: DateTime<Utc>) -> usize {
        let store = self.desk.store();
        sweep_files(self.bank.ledger(), &store, &self.keeper, now).unwrap()
    }

    /// Under which names something is kept.
    fn kept(&self) -> Vec<String> {
        let seen = std::cell::RefCell::new(Vec::new());
        let later = (clock::now() + TimeDelta::seconds(1)).into();
        let swept = self.desk.store.sweep(later, &|some| {
            let names = some.iter().map(|(_, name)| name.clone());
            seen.borrow_mut().extend(names);
            Ok::<_, std::io::Error>(Vec::new())
        });
        assert_eq!(swept.unwrap(), 0);
        seen.into_inner()
    }

    fn purge(&self, before: DateTime<Utc>) -> usize {
        let store = self.desk.store();
        purge_files(
            self.bank.ledger(),
            &store,
            &self.keeper,
            before,
            clock::now(),
        )
        .unwrap()
    }
}

fn of_size(byte_count: u64) -> NewImportJob {
    NewImportJob {
        byte_count,
        sha256: None,
        ..new_job("")
    }
}

#[test]
fn files_announced_at_one_moment_do_not_pass_the_limit_together() {
    let office = keeping(5 * MIB);
    let told = together(|_| office.try_announce(UNIVERSITY, &of_size(MIB)));
    let (taken, refused): (Vec<_>, Vec<_>) = told.into_iter().partition(Result::is_ok);
    assert_eq!((taken.len(), refused.len()), (5, 11));
    for refusal in refused {
        let told = refusal.unwrap_err();
        for part in [
            "IMPORT_BYTES_TOO_MANY",
            "5242880 of 5242880 bytes",
            "1048576;",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
    // What others have is no matter, and neither is a file that never fits a matter of room.
    office.try_announce(SCHOOL, &of_size(5 * MIB)).unwrap();
    let grant = office.registrar(UNIVERSITY);
    let ledger = &office.desk.ledger;
    let never = flows::open_import_job(ledger, &grant, &of_size(5 * MIB + 1), clock::now());
    assert_eq!(never.unwrap_err().fault().unwrap().code, "FILE_SIZE");
}

#[test]
fn what_was_given_up_before_it_was_whole_makes_room_at_once_and_goes_within_the_hour() {
    let office = keeping(1_000);
    let content = transcript(20, 0);
    let job = office.try_announce(UNIVERSITY, &of_size(1_000)).unwrap();
    office.send(&job, 0, &content.as_bytes()[..400]).unwrap();
    assert!(office.try_announce(UNIVERSITY, &of_size(1)).is_err());
    let grant = office.registrar(UNIVERSITY);
    let ledger = office.bank.ledger();
    flows::cancel_import_job(ledger, &grant, job.job_id, clock::now()).unwrap();
    assert!(office.try_announce(UNIVERSITY, &of_size(601)).is_err());
    let next = office.try_announce(UNIVERSITY, &of_size(600)).unwrap();
    let long_ago = clock::now() - TimeDelta::days(90);
    assert_eq!(office.purge(long_ago), 1, "nobody can go on with it");
    assert!(office.blobs().is_empty());
    office.try_announce(UNIVERSITY, &of_size(400)).unwrap();
    // The one that is on its way was left alone.
    office.send(&next, 0, &content.as_bytes()[..600]).unwrap();
}

#[test]
fn a_whole_file_that_does_not_fit_is_refused_and_leaves_nothing_behind() {
    let content = transcript(20, 0);
    let size = u64::try_from(content.len()).unwrap();
    let office = keeping(size * 2 - 1);
    let first = office.hand_in(UNIVERSITY, &content);
    let file = office.directory.path().join("handed-in");
    let more = office.submit_as(&office.registrar(UNIVERSITY), &file, new_job(&content));
    assert!(
        matches!(&more, Err(DeskError::Ledger(LedgerError::NoRoom(_)))),
        "{more:?}"
    );
    assert_eq!(office.blobs().len(), 1, "the first one's");
    // Whose bytes are here needs no room; and kept is kept, also when its job has ended.
    office.work();
    let again = NewImportJob {
        again: true,
        ..new_job(&content)
    };
    let again = office.try_announce(UNIVERSITY, &again).unwrap();
    assert_eq!(again.state, ImportJobState::Queued);
    office.work();
    assert!(office.try_announce(UNIVERSITY, &of_size(size)).is_err());
    assert_eq!(office.purge(clock::now() + TimeDelta::days(1)), 1);
    office.try_announce(UNIVERSITY, &of_size(size)).unwrap();
    assert_eq!(
        office.job(UNIVERSITY, &first).state,
        ImportJobState::Finished
    );
}

/// Files in every state, and what servers left that died at the worst moments. `stored_at` is when the
/// store says that they came.
fn only_what_no_row_names_is_swept(shared: Option<&Vault>, stored_at: DateTime<Utc>) {
    let office = Office::with(TestBank::start(), shared);
    let content = transcript(20, 0);
    let done = office.hand_in(UNIVERSITY, &content);
    office.work();
    let import = office.job(UNIVERSITY, &done).import_id.unwrap();
    let reading = office.reading(UNIVERSITY);
    office.desk.made_result(&reading, import).unwrap();
    let waits = office.hand_in(UNIVERSITY, &transcript(20, 100));
    let coming = transcript(20, 200);
    let comes = office.announce(&new_job(&coming));
    let (first, rest) = coming.split_at(300);
    office.send(&comes, 0, first.as_bytes()).unwrap();

    // Stored, and never written down: a whole file, and a part of one that is awaited.
    let path = office.directory.path().join("handed-in");
    let orphan = office.desk.keep(&path).unwrap();
    let range = (300, u64::try_from(rest.len()).unwrap());
    let grant = office.registrar(UNIVERSITY);
    let file = flows::awaited_part(office.bank.ledger(), &grant, comes.job_id, range).unwrap();
    let of = (file.file_id, &file.key);
    let part = office.desk.store.keep_part(of, 300, &mut rest.as_bytes());
    let (part, _) = part.unwrap();
    let sealed = office.directory.path().join("sealed");
    std::fs::write(sealed.join(".tmpX7"), "half").unwrap();
    std::fs::write(sealed.join("README"), "somebody else's").unwrap();

    assert_eq!(
        office.sweep(stored_at + TimeDelta::hours(23)),
        0,
        "it may be on its way"
    );
    assert_eq!(office.sweep(clock::now() + TimeDelta::hours(25)), 3);
    assert_eq!(office.sweep(clock::now() + TimeDelta::hours(25)), 0);
    assert!(
        office.kept().len() >= 5,
        "three files' parts, and a result with its name"
    );
    for gone in [&orphan.blob, &part] {
        assert!(!office.kept().contains(gone), "{gone}");
    }
    assert!(sealed.join("README").exists());
    assert!(!sealed.join(".tmpX7").exists());
    // Everything that a row names is there: the jobs end, and the result is read as it was kept.
    office.send(&comes, 300, rest.as_bytes()).unwrap();
    office.work();
    for job in [&waits, &comes] {
        assert_eq!(office.job(UNIVERSITY, job).state, ImportJobState::Finished);
    }
    let mut text = String::new();
    let result = office.desk.made_result(&reading, import).unwrap();
    (&result.file).read_to_string(&mut text).unwrap();
    assert_eq!(text.matches("已入账").count(), 20);
    // What was purged is needed no more, wherever a copy of it comes from.
    office.purge(clock::now() + TimeDelta::days(1));
    let stored = (file.file_id, &file.key);
    let left = office.desk.store.keep_part(stored, 0, &mut "x".as_bytes());
    left.unwrap();
    assert_eq!(office.sweep(clock::now() + TimeDelta::hours(25)), 1);
}

#[test]
fn what_a_server_stored_and_never_wrote_down_is_swept_and_nothing_that_a_row_names() {
    only_what_no_row_names_is_swept(None, clock::now());
    only_what_no_row_names_is_swept(Some(&Vault::memory()), clock::now());
    let (s3, always) = (FakeS3::start(), "2026-11-22T01:00:00Z".parse().unwrap());
    only_what_no_row_names_is_swept(Some(&Vault::s3(&s3.settings()).unwrap()), always);
}

#[test]
fn results_take_room_once_go_with_their_file_and_are_given_where_there_is_none() {
    let (content, more) = (transcript(20, 0), transcript(3, 50));
    let sizes = [&content, &more].map(|text| u64::try_from(text.len()).unwrap());
    let office = keeping(sizes[0] * 4);
    let [job, small] = [&content, &more].map(|text| office.hand_in(UNIVERSITY, text));
    office.work();
    let reading = office.reading(UNIVERSITY);
    let result = |job: &ImportJobView| {
        let import = office.job(UNIVERSITY, job).import_id.unwrap();
        let made = office.desk.made_result(&reading, import).unwrap();
        made.file.metadata().unwrap().len()
    };
    let left = sizes[0] * 3 - sizes[1];
    let (files, size) = (office.kept().len(), result(&job));
    assert_eq!(
        office.kept().len(),
        files + 2,
        "kept, and what it is called"
    );
    // It counts once, whoever asks for it, and exactly.
    let told = together(|_| result(&job));
    assert_eq!(told, vec![size; told.len()]);
    assert!(
        office
            .try_announce(UNIVERSITY, &of_size(left - size + 1))
            .is_err()
    );
    let full = office
        .try_announce(UNIVERSITY, &of_size(left - size))
        .unwrap();
    // Where nothing more fits it is made each time, and refused to nobody.
    let other = office.hand_in(SCHOOL, &content.replace("MATH101", "CERT-A"));
    office.work();
    let theirs = office.reading(SCHOOL);
    let import = office.job(SCHOOL, &other).import_id.unwrap();
    office.desk.made_result(&theirs, import).unwrap();
    let kept = office.kept().len();
    assert!(result(&small) > 0);
    assert_eq!(office.kept().len(), kept, "there was no room");
    assert!(matches!(
        office
            .desk
            .made_result(&theirs, office.job(UNIVERSITY, &job).import_id.unwrap()),
        Err(DeskError::NotFound)
    ));
    // With its file it goes, and so does what it took.
    let grant = office.registrar(UNIVERSITY);
    flows::cancel_import_job(office.bank.ledger(), &grant, full.job_id, clock::now()).unwrap();
    assert!(office.purge(clock::now() + TimeDelta::days(1)) >= 3);
    office
        .try_announce(UNIVERSITY, &of_size(sizes[0] * 4))
        .unwrap();
}

#[test]
fn whoever_dies_between_counting_a_result_and_keeping_it_counts_it_no_second_time() {
    let office = Office::open();
    let job = office.hand_in(UNIVERSITY, &transcript(20, 0));
    office.work();
    let import = office.job(UNIVERSITY, &job).import_id.unwrap();
    let reading = office.reading(UNIVERSITY);
    let (stored, _) = reads::file_of_import(office.bank.ledger(), &reading, import).unwrap();
    let of = (import, stored.file_id);
    let count = || {
        let ledger = office.bank.ledger();
        flows::make_room_for_result(ledger, &reading, of, 100, clock::now()).unwrap()
    };
    assert!(count(), "and then it dies");
    office.desk.made_result(&reading, import).unwrap();
    assert!(count());
    let counted = "select count(*) || ' ' || sum(byte_count) from import_results";
    assert_eq!(office.bank.database().sql(counted).unwrap().trim(), "1 100");
    assert_eq!(
        office.kept().len(),
        3,
        "the file, its result and what that is called"
    );
    let foreign = office.reading(SCHOOL);
    let refused = flows::make_room_for_result(office.bank.ledger(), &foreign, of, 1, clock::now());
    assert!(matches!(refused, Err(LedgerError::NotFound)));
}
