//! What files are called: kept as long as their bytes, and sealed where it stood in the clear.

use super::*;

const PERSON: &str = "欧阳明月";

fn named(content: &str, name: &str) -> NewImportJob {
    NewImportJob {
        file_name: name.to_owned(),
        ..new_job(content)
    }
}

impl Office {
    fn purge_all(&self) -> usize {
        let soon = clock::now() + TimeDelta::days(1);
        let store = self.desk.store();
        purge_files(self.bank.ledger(), &store, &self.keeper, soon, soon).unwrap()
    }

    fn sealed(&self) -> String {
        let kept = "select count(sealed) || ' of ' || count(*) from import_names";
        self.bank.database().sql(kept).unwrap().trim().to_owned()
    }

    fn name_of(&self, import: ImportId) -> String {
        let import = reads::import(self.bank.ledger(), &self.reading(UNIVERSITY), import);
        import.unwrap().file_name
    }

    fn whole(&self, content: &str, name: &str) -> ImportJobView {
        let job = self.announce(&named(content, name));
        if job.state == ImportJobState::Receiving {
            self.send(&job, 0, content.as_bytes()).unwrap();
        }
        job
    }

    /// As a server of before would have left it.
    fn in_the_clear(&self) {
        let clear = format!(
            "update imports set file_name = '{PERSON}.csv'; \
             update import_jobs set file_name = '{PERSON}.csv'; delete from import_names"
        );
        self.bank.database().sql(&clear).unwrap();
    }

    fn clear_names(&self) -> String {
        let left = "select (select count(*) from imports where file_name <> '') || ' ' \
                    || (select count(*) from import_jobs where file_name <> '')";
        self.bank.database().sql(left).unwrap().trim().to_owned()
    }
}

#[test]
fn a_name_goes_with_the_bytes_and_what_is_left_is_shown_without_it() {
    let office = Office::open();
    let (first, second) = (transcript(3, 0), transcript(4, 50));
    let job = office.whole(&first, "欧阳明月.csv");
    office.work();
    let import = office.job(UNIVERSITY, &job).import_id.unwrap();
    // The same bytes under another name, still open: the name of the job that ended stays too.
    let again = NewImportJob {
        again: true,
        ..named(&first, "再来.csv")
    };
    let again = office.announce(&again);
    assert_eq!(office.purge_all(), 0);
    assert_eq!(office.job(UNIVERSITY, &job).file_name, "欧阳明月.csv");
    assert_eq!(office.job(UNIVERSITY, &again).file_name, "再来.csv");
    office.work();
    let other = office.whole(&second, "别的.csv");
    assert_eq!(office.sealed(), "5 of 5");
    assert_eq!(office.purge_all(), 1);
    assert_eq!(office.sealed(), "1 of 5");
    for gone in [&job, &again] {
        let seen = office.job(UNIVERSITY, gone);
        assert_eq!((seen.file_name.as_str(), seen.purged), ("", true));
    }
    assert_eq!(office.name_of(import), "");
    assert_eq!(office.job(UNIVERSITY, &other).file_name, "别的.csv");
    // It is recognised as it was, and the other one goes on under its name.
    assert!(office.announce(&named(&first, "又来.csv")).recognised);
    office.work();
    let import = office.job(UNIVERSITY, &other).import_id.unwrap();
    let result = office.desk.made_result(&office.reading(UNIVERSITY), import);
    assert_eq!(result.unwrap().file_name, "别的.result.csv");
}

#[test]
fn an_import_keeps_its_name_while_another_file_is_kept_for_it() {
    let office = Office::open();
    let content = transcript(3, 0);
    let job = office.whole(&content, "一.csv");
    office.work();
    let other = NewImportJob {
        sha256: None,
        again: true,
        ..named(&content, "二.csv")
    };
    let other = office.announce(&other);
    let import = office.job(UNIVERSITY, &job).import_id.unwrap();
    let database = office.bank.database();
    let same = format!(
        "update import_jobs set import_id = '{import}' where job_id = '{}'",
        other.job_id
    );
    database.sql(&same).unwrap();
    assert_eq!(office.purge_all(), 1);
    assert_eq!(office.job(UNIVERSITY, &job).file_name, "");
    assert_eq!(office.name_of(import), "一.csv");
}

#[test]
fn names_of_before_are_read_as_they_stand_and_sealed_by_whichever_server_comes_first() {
    let office = Office::open();
    let job = office.whole(&transcript(3, 0), "a.csv");
    office.work();
    let waiting = office.whole(&transcript(2, 60), "b.csv");
    office.in_the_clear();
    let shown = format!("{PERSON}.csv");
    let import = office.job(UNIVERSITY, &job).import_id.unwrap();
    let shows = || {
        assert_eq!(office.job(UNIVERSITY, &job).file_name, shown);
        assert_eq!(office.name_of(import), shown);
    };
    shows();
    assert_eq!(office.clear_names(), "1 2");
    let (ledger, keeper) = (office.bank.ledger(), &office.keeper);
    let sealed: usize = std::thread::scope(|scope| {
        let seal = || flows::seal_import_names(ledger, keeper).unwrap();
        let all = [0; 4].map(|_| scope.spawn(seal));
        all.into_iter().map(|it| it.join().unwrap()).sum()
    });
    assert_eq!(sealed, 3, "each once");
    assert_eq!(
        (office.clear_names().as_str(), office.sealed().as_str()),
        ("0 0", "3 of 3")
    );
    shows();
    assert_eq!(flows::seal_import_names(ledger, keeper).unwrap(), 0);
    // A turn that began before goes on after: the job is worked at under its name.
    office.work();
    let import = office.job(UNIVERSITY, &waiting).import_id.unwrap();
    assert_eq!(office.name_of(import), shown);
}

#[test]
fn a_name_of_before_whose_bytes_are_gone_is_removed_and_not_sealed() {
    let office = Office::open();
    let job = office.whole(&transcript(3, 0), "a.csv");
    office.work();
    assert_eq!(office.purge_all(), 1);
    office.in_the_clear();
    let sealed = flows::seal_import_names(office.bank.ledger(), &office.keeper);
    assert_eq!((sealed.unwrap(), office.sealed().as_str()), (2, "0 of 2"));
    let seen = office.job(UNIVERSITY, &job);
    assert_eq!(seen.file_name, "");
    assert_eq!(office.name_of(seen.import_id.unwrap()), "");
}

#[test]
fn what_the_command_line_imported_loses_its_name_after_the_same_time() {
    let office = Office::open();
    let grant = office.registrar(UNIVERSITY);
    let new = |name: &str| NewImport {
        file_name: name.to_owned(),
        file_sha256: [7; 32],
        reading_sha256: [8; 32],
        byte_count: 3,
        mode: ImportMode::Post,
        approved_in: None,
    };
    let open = |name| {
        let opened = flows::open_import(office.bank.ledger(), &grant, &new(name), clock::now());
        opened.unwrap().import_id
    };
    let import = open("欧阳明月.csv");
    let early = clock::now() - TimeDelta::days(1);
    let forget =
        |before| flows::forget_import_names(office.bank.ledger(), &office.keeper, before).unwrap();
    assert_eq!(forget(early), 0);
    assert_eq!(office.name_of(import), "欧阳明月.csv");
    assert_eq!(open("别的.csv"), import, "it goes on under the name it has");
    assert_eq!(office.name_of(import), "欧阳明月.csv");
    assert_eq!(office.purge_all(), 0, "there is no file");
    assert_eq!(office.name_of(import), "");
    // Whoever goes on with it after that says how it is called.
    assert_eq!(
        (open("又来.csv"), office.name_of(import).as_str()),
        (import, "又来.csv")
    );
}
