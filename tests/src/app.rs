//! The API over a bank of its own, and callers with tokens that it believes.
//!
//! Everything is real but the socket and the import desk, which lives in the binary. Every refusal
//! of a test is held to its form when it comes, and searched for personal data at the test's end.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::App;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use creditbank_api::{
    AccessLog, ApiState, Authentication, ClientRegister, Clock, Draining, EvidenceDesk, GateLimits,
    LedgerHandle, Metrics, Posting, PostingLimits, ReadLog, Throttle, TokenClaims, new_signing_key,
};
use creditbank_domain::authz::Role;
use creditbank_domain::ids::ClientId;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::flows::{NewClient, ensure_signing_keys, register_client};
use creditbank_vault::Vault;

use crate::answer::Answer;
use crate::bank::TestBank;
use crate::caller::{Answering, Caller, Line};
use crate::cluster::Session;
use crate::contract;
use crate::rules::keeper;
use crate::server::{BusyDesk, TestServer};
use crate::tokens::{AUDIENCE, ISSUER, claims, signed, verifier};
use crate::world::code;

/// See the module.
pub struct TestApp {
    line: Line,
    bank: Rc<TestBank>,
    vault: Vault,
    /// Where rows are counted.
    counting: RefCell<Option<Session>>,
}

impl fmt::Debug for TestApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestApp")
            .field("bank", &self.bank)
            .finish_non_exhaustive()
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
        Self::start_as(TestServer {
            authentication,
            clock,
            ..TestServer::default()
        })
        .await
    }

    /// The same with whatever else a server is set to.
    ///
    /// # Panics
    /// Where it cannot be made.
    pub async fn start_as(server: TestServer) -> Self {
        Self::over(TestBank::start(), server).await
    }

    /// A server over a bank that is there already.
    ///
    /// # Panics
    /// Where it cannot be made.
    pub async fn over(bank: TestBank, server: TestServer) -> Self {
        let TestServer {
            authentication,
            clock,
            rates,
            limits,
            lines_waiting_max,
            vault,
        } = server;
        // As the clients: what a test changes counts at once.
        let authentication = authentication.with_people_checked_every(Duration::ZERO);
        let keys = [new_signing_key(), new_signing_key()];
        ensure_signing_keys(bank.ledger(), &keeper(), &keys, bank.now()).unwrap();
        let state = ApiState {
            readings: ReadLog::with_room_for(lines_waiting_max, bank.ledger()).unwrap(),
            refusals: AccessLog::with_room_for(lines_waiting_max, bank.ledger()).unwrap(),
            throttle: Throttle::new(&rates),
            posting: posting(&bank),
            ledger: LedgerHandle::new(bank.ledger().clone(), GateLimits::default()),
            verifier: Arc::new(verifier()),
            authentication: Arc::new(authentication),
            // Asked every time, so that what a test changes counts at once.
            clients: ClientRegister::checked_every(Duration::ZERO),
            imports: Arc::new(BusyDesk {
                ledger: bank.ledger().clone(),
            }),
            evidence: EvidenceDesk::new(vault.clone()),
            clock,
            limits,
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
        let bank = Rc::new(bank);
        Self {
            line,
            bank,
            vault,
            counting: RefCell::new(None),
        }
    }

    /// The bank behind it.
    #[must_use]
    pub fn bank(&self) -> &TestBank {
        &self.bank
    }

    /// The same, to be looked at when the server has ended.
    #[must_use]
    pub fn keep_bank(&self) -> Rc<TestBank> {
        Rc::clone(&self.bank)
    }

    /// Where it keeps evidence.
    #[must_use]
    pub const fn vault(&self) -> &Vault {
        &self.vault
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
        self.counts(&WRITTEN)
    }

    /// The row counts of tables, of one moment.
    ///
    /// # Panics
    /// Where there is no such table.
    #[must_use]
    pub fn counts(&self, tables: &[&'static str]) -> Vec<(&'static str, usize)> {
        let counts = tables
            .iter()
            .map(|it| format!("(select count(*) from {it})"));
        let counts: Vec<String> = counts.collect();
        let mut counting = self.counting.borrow_mut();
        let session = counting.get_or_insert_with(|| self.bank.database().session());
        let counted = session.row(&format!("select {}", counts.join(" || ' ' || ")));
        let numbers = counted
            .split_whitespace()
            .map(|count| count.parse().expect("a count"));
        tables.iter().copied().zip(numbers).collect()
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

/// The tables that posting and converting write.
pub const WRITTEN: [&str; 9] = [
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
        self.line.refusals.check_log();
    }
}
