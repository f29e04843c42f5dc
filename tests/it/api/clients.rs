//! An institution's programs kept over HTTP: nobody gets more by them than they have.

use actix_web::test::TestRequest;
use creditbank_api::Clock;
use creditbank_domain::authz::Role;
use creditbank_domain::ids::PersonId;
use kit::{
    Answer, Caller, FakeProvider, SCHOOL, TestApp, TestBank, UNIVERSITY, believing, outcome,
};
use serde_json::{Value, json};

struct Stage {
    app: TestApp,
    provider: FakeProvider,
    admin: Caller,
    person: PersonId,
}

impl Stage {
    /// The university with its admin, who is a person.
    async fn start() -> Self {
        let provider = FakeProvider::start();
        let clock = Clock::fixed(TestBank::opening());
        let believing = believing(&[&provider.issuer], &["EdDSA"]);
        let app = TestApp::start_with(believing, clock).await;
        let person = app.bank().person(&provider.issuer, "zhao");
        app.bank()
            .give(person, Some(UNIVERSITY), Role::InstitutionAdmin);
        let admin = app.bearer(&provider.token("zhao", TestBank::opening()));
        Self {
            app,
            provider,
            admin,
            person,
        }
    }

    async fn make(&self, name: &str, roles: &[&str], scopes: Option<&[&str]>) -> Answer {
        make(&self.admin, name, UNIVERSITY, roles, scopes).await
    }

    async fn rotate(&self, client: &str, key: &str, hours: u16) -> Answer {
        let path = format!("/v1/clients/{client}/secrets");
        let body = json!({ "overlap_hours": hours });
        self.admin.post(&path, key, &body).await
    }

    async fn token(&self, client: &str, secret: &str, scope: &str) -> Answer {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("client_secret", secret),
            ("scope", scope),
        ];
        let request = TestRequest::post().uri("/oauth/token").set_form(form);
        self.app.send_foreign(request).await
    }

    async fn caller(&self, client: &str, secret: &str) -> Caller {
        let answer = self.token(client, secret, "").await.expect(200);
        self.app
            .bearer(answer.body["access_token"].as_str().unwrap())
    }
}

async fn make(
    caller: &Caller,
    name: &str,
    institution: &str,
    roles: &[&str],
    scopes: Option<&[&str]>,
) -> Answer {
    let mut body = json!({ "name": name, "institution": institution, "roles": roles });
    if let Some(scopes) = scopes {
        body["scopes"] = json!(scopes);
    }
    caller.post("/v1/clients", name, &body).await
}

fn text(answer: &Answer, member: &str) -> String {
    answer.body[member].as_str().unwrap().to_owned()
}

fn report(source: &str) -> Value {
    outcome("MATH101")
        .student("XS20230001")
        .source(source)
        .json()
}

#[actix_web::test]
async fn a_secret_is_told_once_and_the_old_one_lives_as_long_as_was_said() {
    let stage = Stage::start().await;
    let made = stage.make("jw", &["registrar"], None).await.expect(201);
    let client = text(&made, "client_id");
    assert_eq!(made.header("location"), format!("/v1/clients/{client}"));
    assert_eq!(made.body["secrets"], json!([]));
    let first = stage.rotate(&client, "r-1", 24).await.expect(201);
    let old = text(&first, "secret");
    let replayed = stage.rotate(&client, "r-1", 24).await.expect(201);
    assert!(replayed.replayed());
    assert!(replayed.body.get("secret").is_none());
    let second = stage.rotate(&client, "r-2", 24).await.expect(201);
    let new = text(&second, "secret");
    let named = &first.body["secrets"][0]["secret_id"];
    for there in second.body["secrets"].as_array().unwrap() {
        let ends = (there["secret_id"] == *named).then_some("2026-11-23T01:00:00Z");
        assert_eq!(there["ends_at"].as_str(), ends);
    }
    for secret in [&old, &new] {
        let _ = stage.token(&client, secret, "").await.expect(200);
    }
    let seen = stage.admin.get(&format!("/v1/clients/{client}")).await;
    let seen = seen.expect(200);
    for secret in seen.body["secrets"].as_array().unwrap() {
        assert_eq!(secret["last_used_at"], "2026-11-22T01:00:00Z");
    }
    assert!(!seen.text.contains(&old) && !seen.text.contains(&new));
    let third = stage.rotate(&client, "r-3", 0).await.expect(201);
    for secret in [&old, &new] {
        let _ = stage.token(&client, secret, "").await.expect(401);
    }
    let _ = stage
        .token(&client, &text(&third, "secret"), "")
        .await
        .expect(200);
    let kept = "select count(*) from idempotency_keys where body::text like '%cbs_%' \
                union all select count(*) from audit_events where figures::text like '%cbs_%'";
    assert_eq!(
        stage.app.bank().database().sql(kept).unwrap().trim(),
        "0\n0"
    );
}

#[actix_web::test]
async fn a_secret_a_key_and_a_program_end_at_once_and_again_changes_nothing() {
    let stage = Stage::start().await;
    let made = stage.make("jw", &["registrar"], None).await.expect(201);
    let client = text(&made, "client_id");
    let first = stage.rotate(&client, "r-1", 24).await.expect(201);
    let second = stage.rotate(&client, "r-2", 24).await.expect(201);
    let (old, new) = (text(&first, "secret"), text(&second, "secret"));
    let caller = stage.caller(&client, &new).await;
    let _ = caller
        .post("/v1/outcomes", "k", &report("a"))
        .await
        .expect(201);
    let id = first.body["secrets"][0]["secret_id"].as_str().unwrap();
    let end = format!("/v1/clients/{client}/secrets/{id}/end");
    for key in ["e-1", "e-2"] {
        let ended = stage.admin.post(&end, key, &json!({})).await.expect(200);
        assert_eq!(ended.body["secrets"].as_array().unwrap().len(), 1);
    }
    let _ = stage.token(&client, &old, "").await.expect(401);
    let private = json!({ "jwk": { "kty": "OKP", "crv": "Ed25519", "kid": "k", "d": "AA",
                                   "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" } });
    let keys = format!("/v1/clients/{client}/keys");
    let refused = stage.admin.post(&keys, "k-1", &private).await;
    assert_eq!(refused.first_error(), ("/jwk", "CLIENT_KEY_MALFORMED"));
    let nowhere = format!("/v1/clients/{client}/keys/k/end");
    let unknown = stage.admin.post(&nowhere, "k-2", &json!({})).await;
    unknown.refused(404, "NOT_FOUND");
    let end = format!("/v1/clients/{client}/end");
    for key in ["o-1", "o-2"] {
        let ended = stage.admin.post(&end, key, &json!({})).await.expect(200);
        assert_eq!(ended.body["active"], false);
    }
    let _ = stage.token(&client, &new, "").await.expect(401);
    let after = caller.post("/v1/outcomes", "k-2", &report("b")).await;
    after.refused(401, "CLIENT_NOT_HONOURED");
    let late = stage.rotate(&client, "r-3", 0).await;
    late.refused(409, "CLIENT_ENDED");
}

#[actix_web::test]
async fn a_program_is_narrowed_to_its_scopes_whatever_its_token_asks_for() {
    let stage = Stage::start().await;
    let scopes = Some(["imports:read"].as_slice());
    let made = stage.make("jw", &["registrar"], scopes).await.expect(201);
    let client = text(&made, "client_id");
    let secret = text(&stage.rotate(&client, "r", 0).await.expect(201), "secret");
    let wider = stage.token(&client, &secret, "outcomes:write").await;
    assert_eq!(wider.expect(400).body["error"], "invalid_scope");
    let caller = stage.caller(&client, &secret).await;
    let _ = caller.get("/v1/import-jobs").await.expect(200);
    let refused = caller.post("/v1/outcomes", "k", &report("a")).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
}

#[actix_web::test]
async fn nobody_gives_a_program_more_than_they_have_or_touches_a_foreign_one() {
    let stage = Stage::start().await;
    for role in ["secretariat", "regulator", "auditor", "learner"] {
        let refused = stage.make(&format!("p-{role}"), &[role], None).await;
        refused.refused(422, "CLIENT_ROLE_BEYOND");
    }
    let scopes = Some(["merges:write"].as_slice());
    let refused = stage.make("m-1", &["registrar"], scopes).await;
    refused.refused(422, "CLIENT_SCOPE_BEYOND");
    let elsewhere = make(&stage.admin, "s-1", SCHOOL, &["registrar"], None).await;
    elsewhere.refused(404, "NOT_FOUND");
    // A program gives what it is and no more, and never what its token was narrowed from.
    let app = &stage.app;
    let program = app.caller(&[Role::InstitutionAdmin], UNIVERSITY);
    let wider = make(&program, "p-1", UNIVERSITY, &["registrar"], None).await;
    wider.refused(422, "CLIENT_ROLE_BEYOND");
    let alike = make(&program, "p-2", UNIVERSITY, &["institution_admin"], None).await;
    let _ = alike.expect(201);
    let made = stage.make("admin", &["institution_admin"], None).await;
    let id = text(&made.expect(201), "client_id");
    let secret = text(&stage.rotate(&id, "r", 0).await.expect(201), "secret");
    let token = stage.token(&id, &secret, "clients:write").await.expect(200);
    let narrow = app.bearer(&text(&token, "access_token"));
    let wider = make(&narrow, "p-3", UNIVERSITY, &["institution_admin"], None).await;
    wider.refused(422, "CLIENT_SCOPE_BEYOND");
    // Whoever is shown a secret has all that the program has.
    let registrar = stage.make("jw", &["registrar"], None).await.expect(201);
    let registrar = text(&registrar, "client_id");
    let path = format!("/v1/clients/{registrar}/secrets");
    let shown = program.post(&path, "p-4", &json!({})).await;
    shown.refused(422, "CLIENT_ROLE_BEYOND");
    // What reaches beyond an institution is the command line's, also to its own admin.
    let regulator = app.client(Some(UNIVERSITY), None, &[Role::Regulator]);
    let path = format!("/v1/clients/{regulator}");
    stage.admin.get(&path).await.refused(404, "NOT_FOUND");
    let path = format!("{path}/secrets");
    let shown = stage.admin.post(&path, "p-5", &json!({})).await;
    shown.refused(404, "NOT_FOUND");
    let school = app.caller(&[Role::InstitutionAdmin], SCHOOL);
    let foreign = school.get(&format!("/v1/clients/{registrar}")).await;
    foreign.refused(404, "NOT_FOUND");
    let listed = school.get("/v1/clients").await.expect(200);
    assert!(!listed.text.contains(&registrar));
}

#[actix_web::test]
async fn a_program_is_the_hand_of_whoever_was_shown_its_secret() {
    let stage = Stage::start().await;
    let made = stage.make("jw", &["registrar"], None).await.expect(201);
    let client = text(&made, "client_id");
    let secret = text(&stage.rotate(&client, "r", 0).await.expect(201), "secret");
    let caller = stage.caller(&client, &secret).await;
    let job = json!({ "file_name": "a.csv", "byte_count": 3 });
    let _ = caller.post("/v1/import-jobs", "j", &job).await.expect(201);
    let hands = "select hand from import_jobs";
    let hand = || stage.app.bank().database().sql(hands).unwrap();
    assert_eq!(hand().trim(), stage.person.to_string());
    // The next one to be shown a secret holds it from then on.
    let next = stage.app.bank().person(&stage.provider.issuer, "qian");
    stage
        .app
        .bank()
        .give(next, Some(UNIVERSITY), Role::InstitutionAdmin);
    let token = stage.provider.token("qian", TestBank::opening());
    let colleague = stage.app.bearer(&token);
    let path = format!("/v1/clients/{client}/secrets");
    let shown = colleague.post(&path, "r", &json!({})).await.expect(201);
    assert_eq!(shown.body["kept_by"], next.to_string());
    let job = json!({ "file_name": "b.csv", "byte_count": 3 });
    let _ = caller.post("/v1/import-jobs", "k", &job).await.expect(201);
    assert!(hand().contains(&next.to_string()));
}
