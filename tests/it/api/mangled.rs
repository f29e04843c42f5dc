//! What is signed or framed, changed in some places: never anybody's right, never a failure of ours.

use actix_web::test::TestRequest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use creditbank_domain::authz::Role;
use kit::tokens::signed;
use kit::{TestApp, UNIVERSITY};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

const CASES: usize = 400;

/// What is done to a text: a place in it, how many bytes there go, and what comes instead.
type Change = (Index, usize, Vec<u8>);

fn changes(alphabet: &'static [u8]) -> impl Strategy<Value = Vec<Change>> {
    let put = proptest::collection::vec(proptest::sample::select(alphabet), 0..6);
    proptest::collection::vec((any::<Index>(), 0..4_usize, put), 1..4)
}

fn changed(whole: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for (at, gone, put) in changes {
        let from = at.index(bytes.len() + 1);
        let to = (from + gone).min(bytes.len());
        bytes.splice(from..to, put.iter().copied());
    }
    bytes
}

/// The bytes that a token stands for: what encodes them otherwise says the same.
fn meaning(token: &str) -> Option<Vec<Vec<u8>>> {
    let parts = token
        .split('.')
        .map(|part| URL_SAFE_NO_PAD.decode(part).ok());
    parts.collect()
}

#[actix_web::test]
async fn a_token_that_was_changed_anywhere_is_nobodys() {
    const LETTERS: &[u8] = b"abcXYZ019-_.=eyJ";
    let app = TestApp::start().await;
    let good = signed(&app.claims(&[Role::Registrar], UNIVERSITY));
    let _ = app.bearer(&good).get("/v1/events").await.expect(200);
    let mut runner = TestRunner::default();
    let (mut refused, strategy) = (0, changes(LETTERS));
    for _ in 0..CASES {
        let changes = strategy.new_tree(&mut runner).unwrap().current();
        let token = String::from_utf8(changed(good.as_bytes(), &changes)).unwrap();
        let answer = app.bearer(&token).get("/v1/events").await;
        if answer.status == 200 {
            assert_eq!(meaning(&token), meaning(&good), "{changes:?}");
        } else {
            assert_eq!(answer.status, 401, "{changes:?} {}", answer.text);
            refused += 1;
        }
    }
    assert!(refused > CASES / 2, "{refused} were changed");
}

#[actix_web::test]
async fn a_form_that_was_changed_anywhere_is_refused_by_its_code_or_taken() {
    const BYTES: &[u8] = b"-\r\n\":;=b \0\xffContent";
    let app = TestApp::start().await;
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    let part = |name: &str, more: &str, content: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{content}\r\n")
    };
    let form = part("dry_run", "", "true")
        + &part("mapping", "", "{\"columns\": {\"grade\": \"CJ\"}}")
        + &part("file", "; filename=\"成绩.csv\"", "学号,成绩\r\n1,60")
        + "--b--\r\n";
    let mut runner = TestRunner::default();
    let strategy = changes(BYTES);
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..CASES {
        let changes = strategy.new_tree(&mut runner).unwrap().current();
        let request = TestRequest::post()
            .uri("/v1/imports")
            .insert_header(("content-type", "multipart/form-data; boundary=b"))
            .set_payload(changed(form.as_bytes(), &changes));
        let answer = registrar.send(request).await;
        match answer.status {
            // The kit's desk is busy with whatever is well said.
            503 => taken += 1,
            400 | 408 | 413 | 422 => refused += 1,
            other => panic!("{other}: {changes:?} {}", answer.text),
        }
    }
    assert!(taken > 0 && refused > 0, "{taken} and {refused}");
}
