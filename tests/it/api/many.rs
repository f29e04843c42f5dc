//! One person clears five hundred requests.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::as_the_rules_say;
use super::asking::sums_of;
use super::conversions::{Conversions, cohort_path};

const MANY: &str = "/v1/conversion-decisions";

/// Of 500 students 480 have what one rule asks for, 15 more than the cap takes, 5 a grade too low.
fn certificates(nth: usize) -> &'static [&'static str] {
    match nth {
        0..480 => &["CERT-A"],
        480..495 => &["CERT-A", "CERT-B", "CERT-C", "CERT-D"],
        _ => &["CERT-LOW"],
    }
}

fn listed<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer[name].as_array().unwrap()
}

fn by_state(requests: &[Value]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for request in requests {
        *counts
            .entry(request["state"].as_str().unwrap())
            .or_default() += 1;
    }
    counts
}

#[actix_web::test]
async fn one_reviewer_clears_500_requests_in_two_calls_and_every_sum_is_exact() {
    let all = Conversions::start().await;
    let students: Vec<String> = (0..500).map(|nth| format!("XS2023{nth:04}")).collect();
    for (nth, student) in students.iter().enumerate() {
        all.learner(student, certificates(nth), "85");
    }
    let named: Vec<&str> = students.iter().map(String::as_str).collect();
    let asked = all.ask("k-1", &named).await;
    let cohort = cohort_path(&asked);
    let sums = async || {
        let seen = all.school.get(&cohort).await.expect(200);
        (
            sums_of(listed(&seen.body, "requests")),
            seen.body["counts"].clone(),
        )
    };
    let requested = 480 * 600 + 15 * 2400 + 5 * 600;
    assert_eq!(
        sums().await.0,
        BTreeMap::from([("open".to_owned(), requested)])
    );
    // What somebody has to look at stands before what the rules are certain of.
    let began = Instant::now();
    let mut everything = as_the_rules_say();
    everything["limit"] = json!(1000);
    let first = all
        .reviewer
        .post(MANY, "d-1", &everything)
        .await
        .expect(200);
    let place = |name: &str| first.text.find(&format!("\"{name}\":[")).unwrap();
    assert!(place("exceptions") < place("requests"));
    let exceptions = listed(&first.body, "exceptions");
    assert_eq!(exceptions.len(), 5);
    assert!({ exceptions.iter() }.all(|it| it["fault"]["code"] == "NOTHING_GRANTED"));
    let decided = listed(&first.body, "requests");
    assert_eq!(
        by_state(decided),
        BTreeMap::from([("granted", 480), ("partly", 15)])
    );
    assert!({ decided[..15].iter() }.all(|it| it["state"] == "partly"));
    let between = [
        ("cut".to_owned(), 15 * (2400 - 2170)),
        ("granted".to_owned(), 480 * 600 + 15 * 2170),
        ("open".to_owned(), 5 * 600),
    ];
    assert_eq!(sums().await.0, BTreeMap::from(between));
    let replayed = all
        .reviewer
        .post(MANY, "d-1", &everything)
        .await
        .expect(200);
    assert_eq!(
        (replayed.replayed(), replayed.body),
        (true, first.body.clone())
    );
    let rest: Vec<Value> = { exceptions.iter() }
        .map(|it| json!({ "request_id": it["request_id"] }))
        .collect();
    let rest = json!({ "decision": "as_the_rules_say", "requests": rest });
    let second = all.reviewer.post(MANY, "d-2", &rest).await.expect(200);
    assert_eq!(
        by_state(listed(&second.body, "requests")),
        BTreeMap::from([("refused", 5)])
    );
    assert!(
        began.elapsed() < Duration::from_secs(60),
        "{:?}",
        began.elapsed()
    );
    let (after, counts) = sums().await;
    let ended = [
        ("cut".to_owned(), 15 * (2400 - 2170)),
        ("granted".to_owned(), 480 * 600 + 15 * 2170),
        ("refused".to_owned(), 5 * 600),
    ];
    assert_eq!(after, BTreeMap::from(ended));
    assert_eq!(after.values().sum::<i64>(), requested);
    let expected = json!({ "granted": 480, "partly": 15, "refused": 5, "withdrawn": 0, "open": 0 });
    assert_eq!(counts, expected);
    let nothing = all
        .reviewer
        .post(MANY, "d-3", &everything)
        .await
        .expect(200);
    assert_eq!(
        (
            listed(&nothing.body, "requests"),
            listed(&nothing.body, "exceptions")
        ),
        (&[][..], &[][..])
    );
}
