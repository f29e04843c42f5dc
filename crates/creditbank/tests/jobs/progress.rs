//! How far a job has come, as clients see it, and its end when they ask for it.

use creditbank_domain::authz::Role;
use kit::UNIVERSITY;
use serde_json::json;

use crate::bank::Bank;
use crate::client::{Client, KNOWN, transcript};
use crate::server::Server;

const LINES: usize = 3_000;

#[test]
fn a_job_under_way_tells_lines_pace_and_time_left_and_ends_when_it_is_asked_to() {
    let bank = Bank::start();
    let slow = [("CREDITBANK_IMPORT_LINES_PER_TRANSACTION", "5")];
    let server = Server::start_with(&bank, &slow);
    let at = server.address();
    let university = Client {
        token: bank.token(Some(UNIVERSITY), &[Role::Registrar]),
    };
    let content = transcript(KNOWN, 0..LINES);
    let job = university.hand_in(at, &content, json!({}));
    let mut before = 0;
    // Seen again and again: it only grows, and what is said of the pace is of this moment.
    for _ in 0..3 {
        let seen = university.until(at, &job, |seen| {
            seen["progress"]["lines_read"].as_u64().unwrap() > before
        });
        assert_eq!(
            (&seen["state"], &seen["under_way"]),
            (&json!("queued"), &json!(true))
        );
        let progress = &seen["progress"];
        before = progress["lines_read"].as_u64().unwrap();
        let bytes = progress["bytes_read"].as_u64().unwrap();
        assert!(before < LINES.try_into().unwrap() && bytes < content.len().try_into().unwrap());
        assert!(
            progress["lines_per_second"].as_u64().unwrap() > 0,
            "{progress}"
        );
        let left = progress["seconds_left"].as_u64().unwrap();
        let rate = progress["lines_per_second"].as_u64().unwrap();
        let lines_left = u64::try_from(LINES).unwrap() - before;
        // What the pace says, give or take rounding and lines of another length.
        assert!(left <= 2 + 2 * lines_left / rate, "{progress}");
    }
    let cancel = format!("{job}/cancellation");
    let asked = university.post(at, &cancel, "c-1", &json!({})).expect(200);
    assert!(
        asked["cancel_asked"] == true || asked["state"] == "cancelled",
        "{asked}"
    );
    let ended = university.until(at, &job, |seen| seen["state"] == "cancelled");
    assert!(ended["progress"].get("seconds_left").is_none(), "{ended}");
    let posted: usize = bank.sql("select count(*) from outcomes").parse().unwrap();
    assert!((1..LINES).contains(&posted), "{posted}");
    let import = format!("/v1/imports/{}", ended["import_id"].as_str().unwrap());
    let import = university.get(at, &import).expect(200);
    assert_eq!(import["failure"]["code"], "IMPORT_CANCELLED");
    assert_eq!(import["counts"]["posted"], posted);
    bank.audit();
}
