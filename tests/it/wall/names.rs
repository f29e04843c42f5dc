//! A file may be called after a person: its name is nowhere to be read but by its institution.

use std::path::PathBuf;

use creditbank_domain::authz::{Grant, ReadImport, Role};
use creditbank_ledger::reads;
use kit::{SCHOOL, TestApp, TestBank, UNIVERSITY, logged, posting};
use serde_json::json;
use tempfile::TempDir;

/// What the files of this test are called after.
const PERSON: &str = "欧阳明月";

const HERE: &str = "/v1/import-jobs";

/// A file of one line, in a directory that goes with the first.
fn transcript() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.csv");
    std::fs::write(
        &path,
        "学号,学期,课程代码,学分,成绩\r\nN1,2024-2025-1,X,1,70\r\n",
    )
    .unwrap();
    (directory, path)
}

/// Every row of every table and view, as whoever reads a dump finds it.
fn dump(bank: &TestBank) -> String {
    let tables = super::lines(
        bank,
        "select c.oid::regclass from pg_class c where c.relkind in ('r', 'p', 'v', 'm') \
         and c.relnamespace in ('public'::regnamespace, 'identity'::regnamespace)",
    );
    assert!(tables.len() > 80, "{}", tables.len());
    let rows = tables.iter().map(|table| {
        let shown = bank
            .database()
            .sql(&format!("select t::text from {table} t"));
        format!("{table}\n{}", shown.unwrap())
    });
    rows.collect()
}

/// The line of a text that tells who, plainly or in the bytes of a column.
fn telling<'a>(text: &'a str, person: &str) -> Option<&'a str> {
    let bytes: String = person.bytes().map(|it| format!("{it:02x}")).collect();
    let tells = |line: &&str| line.contains(person) || line.contains(&bytes);
    text.lines().find(tells)
}

#[actix_web::test]
async fn what_a_file_is_called_stands_in_no_column_of_any_table_and_in_no_log() {
    let app = TestApp::start().await;
    let bank = app.bank();
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    let name = format!("{PERSON}成绩单.csv");
    let body = json!({ "file_name": name, "byte_count": 12, "sha256": "ab".repeat(32) });
    let job = registrar.post(HERE, "k-1", &body).await.expect(201);
    let path = job.header("location").to_owned();
    let replayed = registrar.post(HERE, "k-1", &body).await.expect(201);
    assert!(replayed.replayed());
    let same = registrar.post(HERE, "k-2", &body).await.expect(200);
    let cancel = format!("{path}/cancellation");
    let over = registrar.post(&cancel, "k-3", &json!({})).await.expect(200);
    let (_directory, file) = transcript();
    let mut options = posting();
    options.file_name.clone_from(&name);
    let import = bank.import(UNIVERSITY, &file, &options);
    assert_eq!(telling(&dump(bank), PERSON), None);
    assert_eq!(telling(&logged(), PERSON), None);
    // So that the search can find something.
    assert!(telling(&dump(bank), &job.header("location")[16..]).is_some());
    // Its institution reads it everywhere, and nobody else anywhere.
    let import = format!("/v1/imports/{}", import.import_id);
    for at in [&path, &import] {
        let seen = registrar.get(at).await.expect(200);
        assert_eq!(seen.body["file_name"], name);
    }
    let listed = registrar.get(HERE).await.expect(200).body["jobs"][0].clone();
    for answer in [&job.body, &replayed.body, &same.body, &over.body, &listed] {
        assert_eq!(answer["file_name"], name);
    }
    let foreign = app.caller(&[Role::Registrar], SCHOOL);
    for at in [&path, &import] {
        let refused = foreign.get(at).await;
        assert_eq!(refused.status, 404);
        assert_eq!(telling(&refused.body.to_string(), PERSON), None);
    }
    assert_eq!(foreign.get(HERE).await.expect(200).body["jobs"], json!([]));
}

/// Raw SQL with the application's rights: nobody's but the own, and no name exchanged or read.
#[test]
fn raw_sql_reads_no_name_and_puts_none_in_anothers_place() {
    let bank = TestBank::start();
    let (_directory, file) = transcript();
    let mut options = posting();
    options.file_name = format!("{PERSON}.csv");
    let import = bank.import(UNIVERSITY, &file, &options).import_id;
    let code = |code: &str| {
        let sql = format!("select institution_id from institutions where code = '{code}'");
        bank.database().sql(&sql).unwrap().trim().to_owned()
    };
    let count = "select count(*) from import_names";
    let (own, other) = (code(UNIVERSITY), code(SCHOOL));
    for (sight, seen) in [
        (String::new(), "0"),
        (format!("institution={other}"), "0"),
        (format!("institution={own}"), "1"),
        ("bank=1".to_owned(), "1"),
    ] {
        let counted = bank.database().sql_seeing(&sight, count).unwrap();
        assert_eq!(counted.trim(), seen, "{sight}");
    }
    for attack in [
        format!("insert into import_names values (gen_random_uuid(), '{own}', '\\x00')"),
        "update import_names set named_id = gen_random_uuid()".to_owned(),
        format!("update import_names set institution_id = '{other}'"),
        "delete from import_names".to_owned(),
        "truncate import_names".to_owned(),
    ] {
        let sight = format!("institution={other}");
        let got = bank.database().sql_seeing(&sight, &attack);
        assert!(got.is_err(), "{attack}: {got:?}");
    }
    // Somebody else's row in its place does not open: no answer is better than a wrong one.
    let grant: Grant<ReadImport> = bank.grant(Role::Registrar, UNIVERSITY);
    let read = || reads::import(bank.ledger(), &grant, import);
    assert_eq!(read().unwrap().file_name, format!("{PERSON}.csv"));
    let next = bank.import(UNIVERSITY, &file, &options).import_id;
    let swap = format!(
        "update import_names set sealed = (select sealed from import_names \
         where named_id = '{next}') where named_id = '{import}'"
    );
    bank.database().sql(&swap).unwrap();
    assert!(read().is_err());
}
