//! Import jobs over HTTP: what is announced, how uploads are asked about, what is refused.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use creditbank_domain::authz::Role;
use kit::{TestApp, UNIVERSITY};
use serde_json::{Value, json};

const HERE: &str = "/v1/import-jobs";

fn announced() -> Value {
    json!({ "file_name": "成绩.csv", "byte_count": 12, "sha256": "ab".repeat(32) })
}

#[actix_web::test]
async fn a_job_is_announced_once_recognised_again_and_asked_about_in_headers() {
    let app = TestApp::start().await;
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    let job = registrar.post(HERE, "k-1", &announced()).await.expect(201);
    let path = job.header("location").to_owned();
    assert_eq!(job.body["state"], "receiving");
    assert_eq!(registrar.get(&path).await.expect(200).body, job.body);
    let same = registrar.post(HERE, "k-2", &announced()).await.expect(200);
    assert_eq!(same.body["recognised"], true);
    assert_eq!(same.header("location"), path);
    let replayed = registrar.post(HERE, "k-1", &announced()).await.expect(201);
    assert!(replayed.replayed());
    let head = TestRequest::default()
        .method(Method::HEAD)
        .uri(&format!("{path}/upload"));
    let head = registrar.send(head).await.expect(200);
    let headers = ["upload-offset", "upload-length", "tus-resumable"];
    assert_eq!(headers.map(|name| head.header(name)), ["0", "12", "1.0.0"]);
    let cancel = format!("{path}/cancellation");
    let cancelled = registrar.post(&cancel, "k-3", &json!({})).await.expect(200);
    assert_eq!(cancelled.body["state"], "cancelled");
    let listed = registrar.get(HERE).await.expect(200);
    assert_eq!(listed.body["jobs"], json!([cancelled.body]));
    let _ = registrar.post(HERE, "k-4", &announced()).await.expect(201);
    let page = registrar.get(&format!("{HERE}?limit=1")).await.expect(200);
    let cursor = page.body["next_cursor"].as_str().unwrap();
    let next = registrar
        .get(&format!("{HERE}?limit=1&cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!(next.body["jobs"], json!([cancelled.body]));
}

#[actix_web::test]
async fn a_key_holds_for_the_learner_beside_the_file_too() {
    let app = TestApp::start().await;
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    let of = |number: &str| {
        let mut body = announced();
        body["learner"] = json!({ "identifier": { "kind": "student_number", "value": number } });
        body
    };
    let job = registrar.post(HERE, "k-1", &of("2024800101")).await;
    let job = job.expect(201);
    assert_eq!(job.body["learner_beside"], true);
    let replayed = registrar.post(HERE, "k-1", &of("2024800101")).await;
    assert!(replayed.expect(201).replayed());
    for other in [of("2024800102"), announced()] {
        let _ = registrar
            .post(HERE, "k-1", &other)
            .await
            .refused(422, "IDEMPOTENCY_KEY_REUSED");
    }
    assert_eq!(app.rows("import_jobs"), 1);
}

#[actix_web::test]
async fn files_that_come_to_more_than_is_kept_are_refused_with_figures_until_one_is_given_up() {
    let app = TestApp::start().await;
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    let of = |byte_count: u64| json!({ "file_name": "a.csv", "byte_count": byte_count });
    let mut job = String::new();
    for nth in 0..10 {
        let key = format!("k-{nth}");
        let taken = registrar.post(HERE, &key, &of(2 << 30)).await.expect(201);
        job = taken.header("location").to_owned();
    }
    let refused = registrar.post(HERE, "k-more", &of(1)).await;
    let refused = refused.refused(429, "IMPORT_BYTES_TOO_MANY");
    let told = refused.body.to_string();
    assert!(told.contains("21474836480 of 21474836480 bytes"), "{told}");
    let cancel = format!("{job}/cancellation");
    let _ = registrar.post(&cancel, "c", &json!({})).await.expect(200);
    let _ = registrar.post(HERE, "k-more", &of(1)).await.expect(201);
}

#[actix_web::test]
async fn what_cannot_be_announced_is_refused_with_its_code() {
    let app = TestApp::start().await;
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    let with = |name: &str, value: Value| {
        let mut body = announced();
        body[name] = value;
        body
    };
    for (body, status, code) in [
        (with("byte_count", json!(0)), 422, "FILE_SIZE"),
        (
            with("byte_count", json!(2_147_483_649_u64)),
            422,
            "FILE_SIZE",
        ),
        (with("file_name", json!("a\u{7}.csv")), 422, "FILE_NAME"),
        (with("sha256", json!("xyz")), 422, "INVALID_VALUES"),
        (with("size", json!(1)), 400, "INVALID_BODY"),
        (with("learner", json!({})), 422, "INVALID_VALUES"),
        (
            with("learner", json!({ "learner_no": "7KQ4-M2XW-9PDK" })),
            422,
            "INVALID_VALUES",
        ),
    ] {
        let key = body.to_string().len().to_string() + code;
        let _ = registrar
            .post(HERE, &key, &body)
            .await
            .refused(status, code);
    }
    assert_eq!(app.rows("import_jobs"), 0);
}

#[actix_web::test]
async fn a_part_says_where_it_begins_and_is_what_its_checksum_says() {
    let app = TestApp::start().await;
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    let job = registrar.post(HERE, "k-1", &announced()).await.expect(201);
    let path = format!("{}/upload", job.header("location"));
    let part = |headers: &[(&'static str, &str)]| {
        let mut request = TestRequest::patch().uri(&path).set_payload("abc");
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        registrar.send(request)
    };
    let kind = ("content-type", "application/offset+octet-stream");
    let offset = ("upload-offset", "0");
    let _ = part(&[offset]).await.refused(415, "MEDIA_TYPE_UNSUPPORTED");
    let _ = part(&[kind]).await.refused(400, "UPLOAD_OFFSET_MISSING");
    let of_abc = "sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
    for (checksum, status, code) in [
        ("md5 x", 400, "UPLOAD_CHECKSUM_MALFORMED"),
        ("sha256 AAAA", 400, "UPLOAD_CHECKSUM_MALFORMED"),
        (
            "sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            400,
            "UPLOAD_CHECKSUM",
        ),
        // The kit's desk is busy: it got as far as that.
        (of_abc, 503, "UNAVAILABLE"),
    ] {
        let headers = [kind, offset, ("upload-checksum", checksum)];
        let answer = part(&headers).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{checksum}");
    }
}

#[actix_web::test]
async fn mappings_come_in_pages_by_name_and_whole_where_nobody_asks_for_a_page() {
    let app = TestApp::start().await;
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    let here = "/v1/import-mappings";
    let names = ["c", "a", "e", "b", "d"];
    for name in names {
        let body = json!({ "name": name, "mapping": {} });
        let _ = registrar.post(here, name, &body).await.expect(200);
    }
    // The next version of one is no row more.
    let body = json!({ "name": "b", "mapping": { "sheet": "*" } });
    let _ = registrar.post(here, "again", &body).await.expect(200);
    let named = |body: &Value| -> Vec<String> {
        let rows = body["mappings"].as_array().unwrap().iter();
        rows.map(|row| row["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let whole = registrar.get(here).await.expect(200);
    assert_eq!(named(&whole.body), ["a", "b", "c", "d", "e"]);
    assert_eq!(whole.body.get("next_cursor"), None);
    let mut seen = Vec::new();
    let mut next = format!("{here}?limit=2");
    for expected in [2, 2, 1] {
        let page = registrar.get(&next).await.expect(200);
        assert_eq!(named(&page.body).len(), expected);
        seen.extend(named(&page.body));
        let cursor = page.body["next_cursor"].as_str().unwrap_or_default();
        assert_eq!(cursor.is_empty(), expected == 1);
        next = format!("{here}?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, named(&whole.body));
    for (query, code) in [
        ("limit=201", "LIMIT_OUT_OF_RANGE"),
        ("cursor=%21", "CURSOR_UNKNOWN"),
    ] {
        let refused = registrar.get(&format!("{here}?{query}")).await;
        let status = if code == "CURSOR_UNKNOWN" { 422 } else { 400 };
        assert_eq!(refused.status, status, "{query}");
        assert_eq!(refused.first_error().1, code);
    }
}
