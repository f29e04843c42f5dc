//! An import is read by one mapping from its first line to its last.

use creditbank_domain::authz::{Grant, ReadImport, Role, RunImport};
use creditbank_ledger::{flows, reads};
use kit::{TestBank, UNIVERSITY, posting};
use serde_json::{Value, json};

use super::{TestFile, figures, in_transactions_of};

fn file() -> TestFile {
    let lines = (0..20).map(|n| format!("S{n},2024-2025-1,GS-1,4,70\r\n"));
    TestFile::new(format!(
        "学号,学期,课程代码,学分,成绩\r\n{}",
        lines.collect::<String>()
    ))
}

fn mapping(ours: &str) -> Value {
    json!({ "courses": { "GS-1": ours } })
}

#[test]
fn a_mapping_that_is_replaced_in_the_midst_of_an_import_holds_from_the_next_one_on() {
    let bank = TestBank::start();
    let file = file();
    let mut given = in_transactions_of(6, posting());
    given.mapping = serde_json::from_value(mapping("MATH101")).unwrap();
    let stopped = |progress: creditbank_import::Progress| {
        if progress.read == 12 {
            std::panic::resume_unwind(Box::new("killed"));
        }
    };
    let run = std::panic::AssertUnwindSafe(|| {
        let mut stopped = stopped;
        bank.try_import_through(bank.ledger(), UNIVERSITY, &file.path, &given, &mut stopped)
    });
    assert!(std::panic::catch_unwind(run).is_err());
    let reading: Grant<ReadImport> = bank.grant(Role::Registrar, UNIVERSITY);
    let kept = reads::mappings(bank.ledger(), &reading, "", 10).unwrap();
    let layout = kept[0].kept.name.clone();
    let grant: Grant<RunImport> = bank.grant(Role::Registrar, UNIVERSITY);
    let other = mapping("PE102");
    let newer = flows::save_mapping(bank.ledger(), &grant, &layout, &other, bank.now()).unwrap();
    assert_eq!(newer.version, 2);
    let view = bank.import(UNIVERSITY, &file.path, &given);
    assert_eq!(figures(&view), [20, 20, 0, 0], "it goes on");
    let summary = reads::import_summary(bank.ledger(), &reading, view.import_id).unwrap();
    assert_eq!(summary.mapping.unwrap().mapping.unwrap().0.version, 1);
    assert_eq!(summary.credits[0].1.to_string(), "80.00");
    // The file comes back by the mapping by which it was read.
    let out = file.beside("out");
    bank.try_result_file(UNIVERSITY, view.import_id, &file.path, None, &out)
        .unwrap();
    assert_eq!(
        std::fs::read_to_string(&out)
            .unwrap()
            .matches("已入账")
            .count(),
        20
    );
    let next = bank.import(UNIVERSITY, &file.path, &posting());
    assert_eq!(
        figures(&next),
        [20, 0, 0, 20],
        "other content under the same references"
    );
}

#[test]
fn versions_are_added_and_never_changed_and_two_who_save_at_once_get_two() {
    let bank = TestBank::start();
    let grant: Grant<RunImport> = bank.grant(Role::Registrar, UNIVERSITY);
    let save = |ours: &str| {
        let kept = flows::save_mapping(
            bank.ledger(),
            &grant,
            "教务系统",
            &mapping(ours),
            bank.now(),
        );
        kept.unwrap().version
    };
    assert_eq!([save("A"), save("A"), save("B"), save("A")], [1, 1, 2, 3]);
    let save = &save;
    let numbers: Vec<_> = std::thread::scope(|scope| {
        let all = (0..8).map(|n| scope.spawn(move || save(&format!("C{n}"))));
        let all: Vec<_> = all.collect();
        all.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let different: std::collections::BTreeSet<_> = numbers.iter().collect();
    assert_eq!(different.len(), 8, "{numbers:?}");
    let refused = bank
        .database()
        .sql("update mapping_versions set mapping = '{}'");
    assert!(refused.is_err());
}
