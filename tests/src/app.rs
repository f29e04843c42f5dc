//! The API over a bank of its own, and callers with tokens that it believes.
//!
//! Everything is real but the socket and the import desk, which lives in the binary. Every refusal
//! of a test is held to its form when it comes, and searched for personal data at the test's end.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::App;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use chrono::{DateTime, Utc};
use creditbank_api::{
    ApiLimits, ApiState, Authentication, ClientRegister, Clock, DeskError, Draining, GateLimits,
    ImportDesk, LedgerHandle, Metrics, Part, Posting, PostingLimits, ReadLog, ResultFile,
    TokenClaims, Upload, new_signing_key,
};
use creditbank_domain::authz::{Grant, ReadImport, Role, RunImport};
use creditbank_domain::ids::{ClientId, ImportId, ImportJobId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::flows::{NewClient, ensure_signing_keys, register_client};
use creditbank_ledger::reads::{ImportJobView, ImportView};
use serde_json::Value;

use crate::answer::{Answer, Refusals};
use crate::bank::TestBank;
use crate::contract;
use crate::rules::keeper;
use crate::tokens::{AUDIENCE, ISSUER, claims, signed, verifier};
use crate::world::code;

type Answering = Pin<Box<dyn Future<Output = Answer>>>;

/// The way to the API; callers share it.
#[derive(Clone)]
struct Line {
    send: Rc<dyn Fn(TestRequest) -> Answering>,
    refusals: Rc<Refusals>,
}

/// See the module.
pub struct TestApp {
    line: Line,
    bank: TestBank,
}

impl fmt::Debug for TestApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestApp")
            .field("bank", &self.bank)
            .finish_non_exhaustive()
    }
}

/// The binary's desk has its own tests; this one is always busy.
struct BusyDesk;

impl ImportDesk for BusyDesk {
    fn accept(
        &self,
        _: &Grant<RunImport>,
        _: Upload,
        _: DateTime<Utc>,
    ) -> Result<ImportView, DeskError> {
        Err(busy())
    }

    fn receive(
        &self,
        _: &Grant<RunImport>,
        _: ImportJobId,
        _: Part,
        _: DateTime<Utc>,
    ) -> Result<ImportJobView, DeskError> {
        Err(busy())
    }

    fn result_file(&self, _: &Grant<ReadImport>, _: ImportId) -> Result<ResultFile, DeskError> {
        Err(busy())
    }
}

const fn busy() -> DeskError {
    DeskError::Busy {
        retry_after_seconds: 7,
    }
}

impl TestApp {
    /// The API over a bank with the world of [`crate::register_world`].
    ///
    /// # Panics
    /// Where it cannot be made.
    pub async fn start() -> Self {
        let clock = Clock::fixed(TestBank::opening());
        Self::start_with(Authentication::new(ISSUER, AUDIENCE), clock).await
    }

    /// The same with identity providers or demo logins, and a clock.
    ///
    /// # Panics
    /// Where it cannot be made.
    pub async fn start_with(authentication: Authentication, clock: Clock) -> Self {
        let bank = TestBank::start();
        // As the clients: what a test changes counts at once.
        let authentication = authentication.with_people_checked_every(Duration::ZERO);
        let keys = [new_signing_key(), new_signing_key()];
        ensure_signing_keys(bank.ledger(), &keeper(), &keys, bank.now()).unwrap();
        let state = ApiState {
            readings: ReadLog::start(bank.ledger()).unwrap(),
            posting: posting(&bank),
            ledger: LedgerHandle::new(bank.ledger().clone(), GateLimits::default()),
            verifier: Arc::new(verifier()),
            authentication: Arc::new(authentication),
            // Asked every time, so that what a test changes counts at once.
            clients: ClientRegister::checked_every(Duration::ZERO),
            imports: Arc::new(BusyDesk),
            clock,
            limits: ApiLimits::default(),
            metrics: Metrics::default(),
            draining: Draining::default(),
        };
        let service = init_service(App::new().configure(creditbank_api::app(state))).await;
        let service = Rc::new(service);
        let send = move |request: TestRequest| -> Answering {
            let service = Rc::clone(&service);
            Box::pin(async move {
                let request = request.to_request();
                let (method, uri) = (request.method().to_string(), request.uri().to_string());
                let response = call_service(&*service, request).await;
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                let bytes = read_body(response).await;
                let text = String::from_utf8(bytes.to_vec()).expect("every body is text");
                let body = serde_json::from_str(&text).unwrap_or_default();
                let answer = Answer {
                    status,
                    headers,
                    text,
                    body,
                };
                contract::hold(&method, &uri, &answer);
                answer
            })
        };
        let line = Line {
            send: Rc::new(send),
            refusals: Rc::default(),
        };
        Self { line, bank }
    }

    /// The bank behind it.
    #[must_use]
    pub fn bank(&self) -> &TestBank {
        &self.bank
    }

    /// Sends a request whose refusals have a form of their own, not the bank's.
    pub async fn send_foreign(&self, request: TestRequest) -> Answer {
        (self.line.send)(request).await
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: TestRequest) -> Answer {
        self.line.send(request).await
    }

    /// Registers a client and gives its id; the same one for the same name and rights.
    ///
    /// # Panics
    /// Where the ledger refuses.
    #[must_use]
    pub fn client(
        &self,
        institution: Option<&str>,
        learner_no: Option<LearnerNo>,
        roles: &[Role],
    ) -> ClientId {
        let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        let new = NewClient {
            name: format!("{} {institution:?} {learner_no:?}", words.join("+")),
            institution: institution.map(code),
            learner_no,
            roles: roles.to_vec(),
        };
        register_client(self.bank.ledger(), &keeper(), &new, self.bank.now()).unwrap()
    }

    /// The claims of a registered client that acts for an institution.
    #[must_use]
    pub fn claims(&self, roles: &[Role], institution: &str) -> TokenClaims {
        let client = self.client(Some(institution), None, roles);
        let institution = Some(self.bank.institution(institution));
        claims(client, institution, None, roles, TestBank::opening())
    }

    /// A registered client with these roles at an institution.
    #[must_use]
    pub fn caller(&self, roles: &[Role], institution: &str) -> Caller {
        self.bearer(&signed(&self.claims(roles, institution)))
    }

    /// A learner who is signed in.
    #[must_use]
    pub fn learner(&self, number: LearnerNo) -> Caller {
        self.of_account(number, Role::Learner)
    }

    /// Whoever acts for an account, as its learner or the learner's helper.
    #[must_use]
    pub fn of_account(&self, number: LearnerNo, role: Role) -> Caller {
        let roles = [role];
        let client = self.client(None, Some(number), &roles);
        self.bearer(&signed(&claims(
            client,
            None,
            Some(number),
            &roles,
            TestBank::opening(),
        )))
    }

    /// Whoever holds this token.
    #[must_use]
    pub fn bearer(&self, token: &str) -> Caller {
        self.line.refusals.add_secret(token);
        Caller {
            line: self.line.clone(),
            token: Some(token.to_owned()),
        }
    }

    /// Whoever has none.
    #[must_use]
    pub fn nobody(&self) -> Caller {
        Caller {
            line: self.line.clone(),
            token: None,
        }
    }

    /// How many rows a table has.
    ///
    /// # Panics
    /// Where there is no such table.
    #[must_use]
    pub fn rows(&self, table: &str) -> usize {
        let counted = self
            .bank
            .database()
            .sql(&format!("select count(*) from {table}"));
        counted.unwrap().trim().parse().expect("a count")
    }

    /// The row counts of everything that posting writes, accounts and kept answers included.
    ///
    /// # Panics
    /// Where the database does not answer.
    #[must_use]
    pub fn written(&self) -> Vec<(&'static str, usize)> {
        let counts = WRITTEN.map(|table| format!("(select count(*) from {table})"));
        let counted = self
            .bank
            .database()
            .sql(&format!("select {}", counts.join(" || ' ' || ")));
        let counted = counted.unwrap();
        let numbers = counted
            .split_whitespace()
            .map(|count| count.parse().expect("a count"));
        WRITTEN.into_iter().zip(numbers).collect()
    }

    /// Holds that nothing was ever posted, asked for or answered under a key.
    ///
    /// # Panics
    /// Where something was.
    pub fn assert_nothing_written(&self) {
        assert_eq!(self.written(), WRITTEN.map(|table| (table, 0)));
    }
}

/// As the server posts.
fn posting(bank: &TestBank) -> Posting {
    let clock = Clock::fixed(TestBank::opening());
    Posting::together(bank.ledger().clone(), clock, PostingLimits::default()).expect("a thread")
}

/// What posting and converting write.
const WRITTEN: [&str; 9] = [
    "learners",
    "identity.identifiers",
    "outcomes",
    "outcome_sources",
    "lots",
    "transfers",
    "conversion_requests",
    "conversion_lines",
    "idempotency_keys",
];

impl Drop for TestApp {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let numbers = self
            .bank
            .database()
            .sql("select learner_no from learners")
            .unwrap();
        for number in numbers.split_whitespace() {
            self.line.refusals.add_secret(number);
        }
        self.line.refusals.check();
    }
}

impl Line {
    async fn send(&self, request: TestRequest) -> Answer {
        let answer = (self.send)(request).await;
        // What may be kept says so itself.
        let kept = answer.status < 400 && !answer.header("etag").is_empty();
        assert!(kept || answer.header("cache-control") == "no-store");
        if answer.status >= 400 {
            self.refusals.add(&answer);
        }
        answer
    }
}

/// Somebody who calls the API.
#[derive(Clone)]
pub struct Caller {
    line: Line,
    token: Option<String>,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Caller")
    }
}

impl Caller {
    /// Adds the token.
    #[must_use]
    pub fn sign(&self, request: TestRequest) -> TestRequest {
        match &self.token {
            Some(token) => request.insert_header(("authorization", format!("Bearer {token}"))),
            None => request,
        }
    }

    /// Sends a request with the token.
    pub async fn send(&self, request: TestRequest) -> Answer {
        self.line.send(self.sign(request)).await
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(TestRequest::get().uri(path)).await
    }

    /// Sends a JSON body under an idempotency key.
    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.line.refusals.add_persons_of(body);
        let request = TestRequest::post().uri(path);
        self.send(
            request
                .insert_header(("idempotency-key", key))
                .set_json(body),
        )
        .await
    }

    /// As [`Self::post`], for a reader of English.
    pub async fn post_in_english(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.line.refusals.add_persons_of(body);
        let request = TestRequest::post()
            .uri(path)
            .insert_header(("accept-language", "en"));
        self.send(
            request
                .insert_header(("idempotency-key", key))
                .set_json(body),
        )
        .await
    }
}
