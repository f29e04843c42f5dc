//! Those who govern, over HTTP and as the people they are: rules put to the vote, people appointed,
//! reviews arranged, documents and meetings registered, helpers authorised.

mod audited;
mod notices;
mod people;
mod register;
mod rules;
mod supervising;

use actix_web::test::TestRequest;
use creditbank_api::Clock;
use creditbank_domain::authz::Role;
use creditbank_domain::ids::PersonId;
use kit::{Answer, FakeProvider, TestApp, TestBank, believing};
use serde_json::{Value, json};

/// A bank whose people sign in at a provider that the test plays.
struct House {
    app: TestApp,
    provider: FakeProvider,
}

impl House {
    async fn open() -> Self {
        let provider = FakeProvider::start();
        let believed = believing(&[&provider.issuer], &["EdDSA"]);
        let clock = Clock::fixed(TestBank::opening());
        let app = TestApp::start_with(believed, clock).await;
        Self { app, provider }
    }

    fn bank(&self) -> &TestBank {
        self.app.bank()
    }

    /// Somebody who is something, at an institution or at the bank.
    fn somebody(&self, name: &str, institution: Option<&str>, role: Role) -> PersonId {
        let person = self.bank().person(&self.provider.issuer, name);
        self.bank().give(person, institution, role);
        person
    }

    fn bearer(&self, name: &str) -> String {
        format!("Bearer {}", self.provider.token(name, TestBank::opening()))
    }

    async fn get(&self, name: &str, path: &str) -> Answer {
        self.get_for(name, None, path).await
    }

    async fn get_for(&self, name: &str, acting_for: Option<&str>, path: &str) -> Answer {
        let mut request = TestRequest::get().uri(path);
        request = request.insert_header(("authorization", self.bearer(name)));
        if let Some(acting_for) = acting_for {
            request = request.insert_header(("creditbank-acting-for", acting_for));
        }
        self.app.send(request).await
    }

    /// Sends something under a key of its own, which is made of what is sent.
    async fn post(&self, name: &str, path: &str, body: &Value) -> Answer {
        self.post_for(name, None, path, body).await
    }

    async fn post_for(
        &self,
        name: &str,
        acting_for: Option<&str>,
        path: &str,
        body: &Value,
    ) -> Answer {
        let key = format!("{name} {path} {body}");
        let key: String = key.bytes().map(|byte| format!("{byte:02x}")).collect();
        let key = key[key.len().saturating_sub(200)..].to_owned();
        let mut request = TestRequest::post()
            .uri(path)
            .insert_header(("authorization", self.bearer(name)))
            .insert_header(("idempotency-key", key))
            .set_json(body);
        if let Some(acting_for) = acting_for {
            request = request.insert_header(("creditbank-acting-for", acting_for));
        }
        self.app.send(request).await
    }

    /// A login at this house's provider.
    fn login(&self, subject: &str) -> Value {
        json!({ "issuer": self.provider.issuer, "subject": subject, "name": "周老师" })
    }
}
