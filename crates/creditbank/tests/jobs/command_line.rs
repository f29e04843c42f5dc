//! The same by the command line: what a job asks, what is answered, what is kept.

use std::process::Output;
use std::time::{Duration, Instant};

use kit::{SCHOOL, UNIVERSITY};

use crate::bank::Bank;
use crate::client::{KNOWN, PINYIN, pinyin, transcript};
use crate::questions::outcomes;
use crate::server::Server;

fn jobs(bank: &Bank, arguments: &[&str]) -> Output {
    let line = [&["jobs"], arguments].concat();
    bank.command().args(line).output().unwrap()
}

/// What was printed by a command that had to succeed.
fn said(bank: &Bank, arguments: &[&str]) -> String {
    let done = jobs(bank, arguments);
    let (printed, errors) = printed(&done);
    assert!(done.status.success(), "{arguments:?}: {printed}{errors}");
    printed
}

fn printed(done: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&done.stdout), text(&done.stderr))
}

pub(crate) fn submit(
    bank: &Bank,
    name: &str,
    content: impl AsRef<[u8]>,
    more: &[&str],
) -> (String, String) {
    let file = bank.home().join(name);
    std::fs::write(&file, content).unwrap();
    let file = file.to_str().unwrap();
    let arguments = [
        &["submit", file, "--institution", UNIVERSITY, "--watch"],
        more,
    ]
    .concat();
    let printed = said(bank, &arguments);
    let id = printed.split_whitespace().next().unwrap().to_owned();
    (id, printed)
}

#[test]
fn questions_are_shown_answered_and_remembered_by_the_command_line() {
    let bank = Bank::start();
    let _server = Server::start(&bank);
    let (job, told) = submit(&bank, "成绩.csv", transcript(PINYIN, 0..12), &[]);
    assert!(told.contains("awaiting_answers"), "{told}");
    assert!(told.contains("等待至 / waits until 20"), "{told}");
    let of = |verb: &'static str| [verb, job.as_str(), "--institution", UNIVERSITY];
    let asked = said(&bank, &of("questions"));
    for shown in [
        "HEADER_NOT_FOUND",
        "XH → ?   S000000 | S000001 | S000002",
        "KCH → ?   MATH101",
        "#1 ",
    ] {
        assert!(asked.contains(shown), "{shown}: {asked}");
    }
    let foreign = jobs(&bank, &["questions", &job, "--institution", SCHOOL]);
    assert!(!foreign.status.success());
    assert!(
        printed(&foreign).1.contains("IMPORT_JOB_UNKNOWN"),
        "{foreign:?}"
    );
    let mapping = bank.home().join("mapping.json");
    let answer = |content: &str| {
        std::fs::write(&mapping, content).unwrap();
        let file = mapping.to_str().unwrap();
        jobs(&bank, &[&of("answer")[..], &["--mapping", file]].concat())
    };
    for nonsense in [
        r#"{"colums": {}}"#,
        r#"{"grade_words": {"A*": "superb"}}"#,
        "[]",
        "{",
    ] {
        let refused = answer(nonsense);
        assert!(!refused.status.success(), "{nonsense}");
        assert!(
            printed(&refused).1.contains("MAPPING_INVALID"),
            "{refused:?}"
        );
    }
    let taken = answer(&pinyin().to_string());
    assert!(taken.status.success(), "{taken:?}");
    let done = said(&bank, &of("watch"));
    assert!(done.contains("finished"), "{done}");
    assert!(done.contains("posted 12 "), "{done}");
    assert!(said(&bank, &of("questions")).contains("已答复 / answered"));
    let again = answer(&pinyin().to_string());
    assert!(printed(&again).1.contains("IMPORT_NOT_ASKING"), "{again:?}");
    let kept = said(&bank, &["mappings", "--institution", UNIVERSITY]);
    assert_eq!(kept.lines().count(), 1, "{kept}");
    assert!(kept.contains(" #1 ") && kept.contains("KCH"), "{kept}");
    assert_eq!(said(&bank, &["mappings", "--institution", SCHOOL]), "");
    let (_, next) = submit(&bank, "下学期.csv", transcript(PINYIN, 50..55), &[]);
    assert!(
        next.contains("finished") && next.contains("posted 5 "),
        "{next}"
    );
    let odd = transcript(KNOWN, 80..86).replacen("MATH101", "NOWHERE", 1);
    let (job, told) = submit(&bank, "奇.csv", &odd, &[]);
    assert!(told.contains("awaiting_answers"), "{told}");
    let asked = said(&bank, &["questions", &job, "--institution", UNIVERSITY]);
    assert!(
        asked.contains("课程 courses: NOWHERE → ?   1 行 lines"),
        "{asked}"
    );
    let arguments = ["奇二.csv", "none"];
    let (_, told) = submit(&bank, arguments[0], &odd, &["--questions", arguments[1]]);
    assert!(
        told.contains("posted 5 ") && told.contains("rejected 1"),
        "{told}"
    );
    let listed = said(&bank, &["list", "--institution", UNIVERSITY]);
    let states = listed.lines().filter(|line| line.contains(".csv"));
    assert_eq!(states.count(), 4, "{listed}");
    bank.audit();
}

#[test]
fn a_server_ends_what_nobody_answered_and_the_command_line_says_why() {
    let bank = Bank::start();
    let server = Server::start(&bank);
    let (job, told) = submit(&bank, "成绩.csv", transcript(PINYIN, 0..3), &[]);
    assert!(told.contains("awaiting_answers"), "{told}");
    server.stop();
    bank.sql("update import_job_turns set waits_until = now() where waits_until is not null");
    let _server = Server::start(&bank);
    let watched = || printed(&jobs(&bank, &["watch", &job, "--institution", UNIVERSITY])).0;
    let deadline = Instant::now() + Duration::from_secs(30);
    while !watched().contains("failed") {
        assert!(Instant::now() < deadline, "{}", watched());
    }
    let told = watched();
    assert!(
        told.contains("IMPORT_UNANSWERED") && told.contains("重新提交"),
        "{told}"
    );
    let left = "select count(*) from import_questions where sealed is not null";
    assert_eq!(
        (bank.sql(left), outcomes(&bank)),
        ("0".to_owned(), "0".to_owned())
    );
}
