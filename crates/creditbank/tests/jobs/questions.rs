//! What nobody has said is asked and answered over HTTP.

use creditbank_domain::authz::Role;
use kit::{SCHOOL, UNIVERSITY};
use serde_json::{Value, json};

use crate::bank::Bank;
use crate::client::{Client, KNOWN, PINYIN, pinyin, transcript};
use crate::server::Server;

pub(crate) fn outcomes(bank: &Bank) -> String {
    bank.sql("select count(*) from outcomes")
}

fn clients(bank: &Bank) -> (Client, Client) {
    let [university, school] = [UNIVERSITY, SCHOOL].map(|institution| Client {
        token: bank.token(Some(institution), &[Role::Registrar]),
    });
    (university, school)
}

fn samples(bank: &Bank) -> String {
    bank.sql("select count(*) from import_questions where sealed is not null")
}

#[test]
fn columns_are_asked_answered_in_parts_remembered_and_shown_to_nobody_else() {
    let bank = Bank::start();
    let server = Server::start(&bank);
    let at = server.address();
    let (university, school) = clients(&bank);
    let job = university.hand_in(at, &transcript(PINYIN, 0..12), json!({}));
    let seen = university.until_state(at, &job, "awaiting_answers");
    assert!(seen["waits_until"].is_string(), "{seen}");
    assert_eq!(outcomes(&bank), "0");
    let (questions, answers) = (format!("{job}/questions"), format!("{job}/answers"));
    let asked = university.get(at, &questions).expect(200);
    assert_eq!(asked["round"], 1);
    assert_eq!(asked["questions"]["missing"]["code"], "HEADER_NOT_FOUND");
    let columns = &asked["questions"]["columns"];
    assert_eq!(
        columns[0],
        json!({ "heading": "XH", "field": null, "samples": ["S000000", "S000001", "S000002"] })
    );
    assert_eq!(
        columns[2]["samples"],
        json!(["MATH101"]),
        "different ones only"
    );
    // To another institution it does not exist.
    for path in [&job, &questions] {
        assert_eq!(school.get(at, path).status, 404, "{path}");
    }
    let theirs = school.post(at, &answers, "theirs", &json!({ "mapping": pinyin() }));
    assert_eq!(theirs.status, 404, "{}", theirs.body);
    // A part of the answer leads to what is still missing.
    let part = json!({ "mapping": { "columns": {
        "student_number": { "columns": ["XH"] }, "course_code": { "columns": ["KCH"] },
    } } });
    let said = university.post(at, &answers, "a-1", &part).expect(200);
    assert_eq!(said["state"], "queued");
    assert!(said.get("waits_until").is_none());
    let replayed = university.post(at, &answers, "a-1", &part).expect(200);
    assert_eq!(replayed, said, "the same answer under the same key");
    university.until_state(at, &job, "awaiting_answers");
    let asked = university.get(at, &questions).expect(200);
    assert_eq!(asked["round"], 2);
    assert_eq!(asked["questions"]["missing"]["code"], "COLUMN_MISSING");
    assert_eq!(asked["questions"]["columns"][2]["field"], "course_code");
    assert_eq!(asked["questions"]["columns"][4]["field"], Value::Null);
    let rest = json!({ "mapping": pinyin() });
    university.post(at, &answers, "a-2", &rest).expect(200);
    let done = university.until_state(at, &job, "finished");
    assert_eq!(
        (
            done["progress"]["lines_read"].as_u64(),
            outcomes(&bank).as_str()
        ),
        (Some(12), "12")
    );
    let asked = university.get(at, &questions).expect(200);
    assert!(asked.get("questions").is_none(), "the samples are gone");
    assert_eq!(samples(&bank), "0");
    let late = university.post(at, &answers, "a-3", &rest);
    assert_eq!(
        (late.status, &late.body["code"]),
        (409, &json!("IMPORT_NOT_ASKING"))
    );
    remembered(&bank, at, (&university, &school), &done);
}

/// The next file of the layout asks nothing, of this institution and of no other.
fn remembered(bank: &Bank, at: &str, (university, school): (&Client, &Client), done: &Value) {
    let next = university.hand_in(at, &transcript(PINYIN, 100..105), json!({}));
    let next = university.until_state(at, &next, "finished");
    assert_eq!(outcomes(bank), "17");
    let used = |job: &Value| {
        let import = format!("/v1/imports/{}", job["import_id"].as_str().unwrap());
        university.get(at, &import).expect(200)["summary"]["mapping"].clone()
    };
    assert_eq!(used(done)["version"], 2);
    assert_eq!(used(&next), used(done));
    let theirs = school.hand_in(at, &transcript(PINYIN, 200..205), json!({}));
    school.until_state(at, &theirs, "awaiting_answers");
    let kept = university.get(at, "/v1/import-mappings").expect(200);
    let [kept] = &kept["mappings"].as_array().unwrap()[..] else {
        panic!("one layout: {kept}");
    };
    assert_eq!(
        (&kept["name"], &kept["version"]),
        (&used(done)["name"], &json!(2))
    );
    let listed = school.get(at, "/v1/import-mappings").expect(200);
    assert_eq!(listed["mappings"], json!([]));
    // A version that is said later holds from the next file on, and the earlier ones stay.
    let mut later = kept["mapping"].clone();
    later["courses"] = json!({ "MATH101": "PE102" });
    let body = json!({ "name": kept["name"], "mapping": later });
    let saved = university
        .post(at, "/v1/import-mappings", "m-1", &body)
        .expect(200);
    assert_eq!(saved["version"], 3);
    let same = university
        .post(at, "/v1/import-mappings", "m-2", &body)
        .expect(200);
    assert_eq!(same["version"], 3, "the same again is no new version");
    assert_eq!(used(done)["version"], 2);
    let versions = "select string_agg(version::text || coalesce(mapping #>> '{courses,MATH101}', ''), \
                    ' ' order by version) from mapping_versions";
    assert_eq!(bank.sql(versions), "1 2 3PE102");
}

#[test]
fn grade_words_and_course_codes_are_asked_or_rejected_as_the_answer_says() {
    let bank = Bank::start();
    let server = Server::start(&bank);
    let at = server.address();
    let (university, _) = clients(&bank);
    let odd = |lines| {
        let text = transcript(KNOWN, lines).replace("MATH101", "GS-1");
        text.replace(",61\r", ",超好\r").replace(",63\r", ",很差\r")
    };
    let job = university.hand_in(at, &odd(0..8), json!({}));
    university.until_state(at, &job, "awaiting_answers");
    let asked = university.get(at, &format!("{job}/questions")).expect(200);
    let asked = &asked["questions"];
    assert!(asked.get("missing").is_none(), "{asked}");
    let word =
        |text: &str, lines, first| json!({ "text": text, "lines": lines, "first_line": first });
    let words = json!([word("很差", 1, 5), word("超好", 1, 3)]);
    assert_eq!(
        (&asked["grade_words"], &asked["courses"]),
        (&words, &json!([word("GS-1", 8, 2)]))
    );
    let answers = format!("{job}/answers");
    // The words alone: the code is asked for again.
    let said = json!({ "mapping": { "grade_words": { "超好": "优秀", "很差": "不及格" } } });
    university.post(at, &answers, "w-1", &said).expect(200);
    university.until_state(at, &job, "awaiting_answers");
    let asked = university.get(at, &format!("{job}/questions")).expect(200);
    assert_eq!(
        (&asked["round"], &asked["questions"]["grade_words"]),
        (&json!(2), &json!([]))
    );
    let said = json!({ "mapping": { "courses": { "GS-1": "MATH101" } } });
    university.post(at, &answers, "w-2", &said).expect(200);
    let done = university.until_state(at, &job, "finished");
    let import = format!("/v1/imports/{}", done["import_id"].as_str().unwrap());
    let summary = university.get(at, &import).expect(200)["summary"].clone();
    assert_eq!(
        summary["credits"],
        json!([{ "unit": "credit", "amount": "28.00" }])
    );
    assert_eq!(samples(&bank), "0");
    // The next one asks nothing.
    let next = university.hand_in(at, &odd(40..48), json!({}));
    university.until_state(at, &next, "finished");
    assert_eq!(outcomes(&bank), "16");
    // What is not asked for, or no longer, is rejected line by line.
    let nowhere = transcript(KNOWN, 80..86).replacen("MATH101", "NOWHERE", 1);
    for (questions, answer) in [("none", None), ("all", Some("none"))] {
        let more = json!({ "questions": questions, "again": true });
        let job = university.hand_in(at, &nowhere, more);
        if let Some(wanted) = answer {
            university.until_state(at, &job, "awaiting_answers");
            let said = json!({ "mapping": {}, "questions": wanted });
            let path = format!("{job}/answers");
            university.post(at, &path, "n-1", &said).expect(200);
        }
        let done = university.until_state(at, &job, "finished");
        let import = format!("/v1/imports/{}", done["import_id"].as_str().unwrap());
        let seen = university.get(at, &import).expect(200);
        let rejected = json!([{ "code": "OUTCOME_UNKNOWN", "lines": 1 }]);
        assert_eq!(seen["summary"]["rejected_by_code"], rejected);
        assert_eq!(seen["counts"]["rejected"], 1);
        assert_eq!(outcomes(&bank), "21");
    }
    bank.audit();
}

#[test]
fn nonsense_is_refused_at_its_place_and_the_job_goes_on_waiting() {
    let bank = Bank::start();
    let server = Server::start(&bank);
    let at = server.address();
    let (university, _) = clients(&bank);
    let job = university.hand_in(at, &transcript(PINYIN, 0..3), json!({}));
    university.until_state(at, &job, "awaiting_answers");
    let answers = format!("{job}/answers");
    let invalid = "MAPPING_INVALID";
    for (nth, (said, faults)) in [
        (
            json!({ "mapping": { "colums": {} } }),
            vec![("/mapping/colums", invalid)],
        ),
        (
            json!({ "mapping": {
                "grade_words": { "A*": "superb", "A": "优秀", "a/b": "~" },
                "columns": { "shoe_size": { "columns": ["XF"] } },
                "term_dates": { "2024A": "2101-01-01" },
            } }),
            vec![
                ("/mapping/columns/shoe_size", invalid),
                ("/mapping/grade_words/A*", invalid),
                ("/mapping/grade_words/a~1b", invalid),
                ("/mapping/term_dates/2024A", invalid),
            ],
        ),
        (
            json!({ "mapping": { "courses": ["MATH101"] }, "questions": "some" }),
            vec![
                ("/questions", "UNKNOWN_WORD"),
                ("/mapping/courses", invalid),
            ],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let refused = university.post(at, &answers, &format!("x-{nth}"), &said);
        assert_eq!(refused.status, 422, "{}", refused.body);
        let told = refused.faults();
        let places = |faults: &[(&str, &str)]| {
            let mut places: Vec<_> = faults.iter().map(|it| it.0.to_owned()).collect();
            places.sort();
            places
        };
        assert_eq!(places(&told), places(&faults), "{}", refused.body);
        let codes = told.iter().filter(|it| it.0.starts_with("/mapping"));
        assert!(codes.into_iter().all(|it| it.1 == invalid));
    }
    for (nth, said) in [
        json!({ "mapping": [] }),
        json!({ "mappings": {} }),
        json!([]),
    ]
    .iter()
    .enumerate()
    {
        let refused = university.post(at, &answers, &format!("y-{nth}"), said);
        assert_eq!(refused.status, 400, "{}", refused.body);
    }
    for (path, body, pointer) in [
        (
            "/v1/import-mappings",
            json!({ "name": "ours", "mapping": { "awarded_on": "1949-12-31" } }),
            "/mapping/awarded_on",
        ),
        (
            "/v1/import-jobs",
            json!({ "file_name": "a.csv", "byte_count": 9, "mapping": { "sheat": 1 } }),
            "/mapping/sheat",
        ),
    ] {
        let refused = university.post(at, path, "z", &body);
        assert_eq!(
            (refused.status, refused.faults()),
            (422, vec![(pointer, invalid)])
        );
    }
    let seen = university.get(at, &job).expect(200);
    assert_eq!(seen["state"], "awaiting_answers");
    assert_eq!(bank.sql("select count(*) from mapping_versions"), "0");
    assert_eq!(
        (samples(&bank), outcomes(&bank)),
        ("1".to_owned(), "0".to_owned())
    );
    let said = json!({ "mapping": pinyin() });
    university.post(at, &answers, "good", &said).expect(200);
    university.until_state(at, &job, "finished");
    assert_eq!(outcomes(&bank), "3");
}
