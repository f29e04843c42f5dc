//! A bank of its own for a test: database, ledger, world and clock.

use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::amount::{Hundredths, Unit};
use creditbank_domain::authz::{
    Action, Actor, DecideConversion, Grant, PostOutcomes, ReadLearner, RequestConversion, Role,
    Subject, authorize,
};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::ids::{ClientId, CohortId, InstitutionId};
use creditbank_domain::institution::Standing;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::{LearnerRef, ReportedOutcome};
use creditbank_ledger::flows::{
    ConversionOrder, DecisionOrder, OrderedLearner, Origin, PostAnswer, PostedOutcome,
    decide_cohort_once, post_outcomes, request_conversion_once, set_standing,
};
use creditbank_ledger::reads::{self, CohortView, MovementView, UnitBalance};
use creditbank_ledger::{
    IdempotencyClaim, IdentityKey, Ledger, LedgerError, LedgerSettings, Once, StoredAnswer,
};
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

use crate::cluster::Database;
use crate::log_watch::{hold_nobody, listen};
use crate::rules::keeper;
use crate::world::{PROGRAMME, RECEIVING, SCHOOL, code, register_world};

/// The key of every test's bank.
pub const IDENTITY_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// See the module.
#[derive(Debug)]
pub struct TestBank {
    ledger: Option<Ledger>,
    database: Database,
    planted: bool,
    pub(crate) ticks: AtomicI64,
}

impl TestBank {
    /// A bank with the world of [`register_world`].
    ///
    /// # Panics
    /// Where it cannot be made.
    #[must_use]
    pub fn start() -> Self {
        let bank = Self::empty();
        register_world(bank.ledger(), bank.now());
        bank
    }

    /// A bank with nothing in it.
    ///
    /// # Panics
    /// Where it cannot be made.
    #[must_use]
    pub fn empty() -> Self {
        listen();
        let database = Database::create();
        let ledger = connect(&database);
        Self {
            ledger: Some(ledger),
            database,
            planted: false,
            ticks: AtomicI64::new(0),
        }
    }

    /// The ledger.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        self.ledger
            .as_ref()
            .expect("the ledger lives as long as the bank")
    }

    /// Another process's handle on the same bank: a pool of its own.
    #[must_use]
    pub fn second_ledger(&self) -> Ledger {
        connect(&self.database)
    }

    /// The database, for attacks with raw SQL.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The moment at which every test's clock begins.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn opening() -> DateTime<Utc> {
        "2026-11-22T01:00:00Z".parse().expect("a moment")
    }

    /// The test's clock: 2026-11-22 09:00 in China, and a second more each time it is read, so that
    /// what runs side by side commits in another order than it was begun.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        Self::opening() + TimeDelta::seconds(self.ticks.fetch_add(1, Ordering::Relaxed))
    }

    /// Says that this test breaks the books on purpose, so that they are not audited at its end.
    pub fn break_the_books_on_purpose(&mut self) {
        self.planted = true;
    }

    /// The id behind an institution code.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    pub fn institution(&self, number: &str) -> InstitutionId {
        reads::institution_by_code(self.ledger(), &code(number))
            .unwrap()
            .expect(number)
            .id
    }

    /// Somebody with one role at an institution, obtained as the policy gives it.
    #[must_use]
    pub fn actor(&self, role: Role, institution: &str) -> Actor {
        let institution = self.institution(institution);
        // The same client for the same role and institution, another for every other.
        let client = Uuid::from_u128(institution.as_uuid().as_u128() ^ (role as u128 + 1));
        Actor {
            client: Some(ClientId::from_uuid(client)),
            institution: Some(institution),
            roles: vec![role],
            ..Actor::default()
        }
    }

    /// What the policy gives that somebody for their own institution.
    ///
    /// # Panics
    /// Where it gives nothing.
    #[must_use]
    pub fn grant<A: Action>(&self, role: Role, institution: &str) -> Grant<A> {
        let subject = Subject::Institution(self.institution(institution));
        authorize(&self.actor(role, institution), subject).unwrap()
    }

    /// Posts reports for an institution, as its registrar.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn try_post(
        &self,
        institution: &str,
        reports: &[ReportedOutcome],
    ) -> Result<Vec<PostAnswer>, LedgerError> {
        let grant: Grant<PostOutcomes> = self.grant(Role::Registrar, institution);
        post_outcomes(self.ledger(), &grant, reports, Origin::Api, self.now())
    }

    /// Posts one report that must be accepted.
    ///
    /// # Panics
    /// Where it is not.
    pub fn post(&self, institution: &str, report: ReportedOutcome) -> PostedOutcome {
        match self.try_post(institution, &[report]).unwrap().remove(0) {
            PostAnswer::Posted(outcome) => outcome,
            other => panic!("not posted: {other:?}"),
        }
    }

    /// Suspends an institution, or lets it act again.
    ///
    /// # Panics
    /// Where the ledger refuses.
    pub fn set_standing(&self, institution: &str, standing: Standing) {
        let code = code(institution);
        set_standing(self.ledger(), &keeper(), &code, standing, self.now()).unwrap();
    }

    /// The learner's own view of a unit; zeros where there is nothing of it.
    ///
    /// # Panics
    /// Where there is no such learner.
    #[must_use]
    pub fn balance(&self, learner: LearnerNo, unit: Unit) -> UnitBalance {
        let view = reads::balance(
            self.ledger(),
            &self.own_account(learner),
            bank_day(self.now()),
        )
        .unwrap();
        let zero = Hundredths::ZERO;
        view.by_unit
            .into_iter()
            .find(|balance| balance.unit == unit)
            .unwrap_or(UnitBalance {
                unit,
                available: zero,
                held: zero,
                used: zero,
                expired: zero,
                withdrawn: zero,
            })
    }

    /// Available, held and used credits, as texts.
    #[must_use]
    pub fn credits(&self, learner: LearnerNo) -> (String, String, String) {
        let balance = self.balance(learner, Unit::Credit);
        (
            balance.available.to_string(),
            balance.held.to_string(),
            balance.used.to_string(),
        )
    }

    /// The learner's movements, all of them.
    ///
    /// # Panics
    /// Where there is no such learner.
    #[must_use]
    pub fn movements(&self, learner: LearnerNo) -> Vec<MovementView> {
        reads::movements(self.ledger(), &self.own_account(learner), None, 1000).unwrap()
    }

    /// What the policy gives a learner for the own account.
    ///
    /// # Panics
    /// Never, unless the policy stops letting learners see their own account.
    #[must_use]
    pub fn own_account(&self, learner: LearnerNo) -> Grant<ReadLearner> {
        let actor = Actor {
            learner: Some(learner),
            roles: vec![Role::Learner],
            ..Actor::default()
        };
        authorize(&actor, Subject::Learner(learner)).unwrap()
    }

    /// The school asks for these learners; every outcome it posted.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn try_request(&self, learners: &[LearnerNo]) -> Result<CohortView, LedgerError> {
        self.try_request_at(learners, self.now())
    }

    /// As [`Self::try_request`], at a moment of the test's choice.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn try_request_at(
        &self,
        learners: &[LearnerNo],
        now: DateTime<Utc>,
    ) -> Result<CohortView, LedgerError> {
        let learners = learners
            .iter()
            .map(|number| OrderedLearner {
                learner: LearnerRef::Number(*number),
                outcomes: Vec::new(),
            })
            .collect();
        let order = ConversionOrder {
            receiving: code(RECEIVING),
            programme: PROGRAMME.to_owned(),
            rule_set: None,
            learners,
            basis: None,
        };
        let grant: Grant<RequestConversion> = self.grant(Role::SchoolOfficer, SCHOOL);
        once(|request| request_conversion_once(self.ledger(), &grant, &order, request, now))
    }

    /// As [`Self::try_request`], which must succeed.
    ///
    /// # Panics
    /// Where it does not.
    #[must_use]
    pub fn request(&self, learners: &[LearnerNo]) -> CohortView {
        self.try_request(learners).unwrap()
    }

    /// The receiving university decides a cohort.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn try_decide(
        &self,
        cohort: CohortId,
        order: &DecisionOrder,
    ) -> Result<CohortView, LedgerError> {
        self.try_decide_at(cohort, order, self.now())
    }

    /// As [`Self::try_decide`], at a moment of the test's choice.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn try_decide_at(
        &self,
        cohort: CohortId,
        order: &DecisionOrder,
        now: DateTime<Utc>,
    ) -> Result<CohortView, LedgerError> {
        let grant: Grant<DecideConversion> = self.grant(Role::Reviewer, RECEIVING);
        once(|request| decide_cohort_once(self.ledger(), &grant, cohort, order, request, now))
    }

    /// As [`Self::try_decide`] by the rules, which must succeed.
    ///
    /// # Panics
    /// Where it does not.
    #[must_use]
    pub fn decide(&self, cohort: CohortId) -> CohortView {
        self.try_decide(cohort, &DecisionOrder::AsTheRulesSay)
            .unwrap()
    }
}

fn connect(database: &Database) -> Ledger {
    Ledger::connect(&LedgerSettings {
        database_url: database.url(),
        pool_size: 8,
        identity_key: IdentityKey::from_hex(IDENTITY_KEY).unwrap(),
    })
    .unwrap_or_else(|error| panic!("{error:?}"))
}

/// Runs a flow under a new idempotency key and gives the view that its answer was made of.
///
/// # Errors
/// What the flow says.
///
/// # Panics
/// Where the fresh key was used before.
pub fn once<T: Clone + Send>(
    run: impl FnOnce(&Once<'_, T>) -> Result<creditbank_ledger::Answered, LedgerError>,
) -> Result<T, LedgerError> {
    let seen: Mutex<Option<T>> = Mutex::new(None);
    let render = |view: &T| {
        *seen.lock().unwrap() = Some(view.clone());
        StoredAnswer {
            status: 200,
            body: serde_json::Value::Null,
        }
    };
    // A key belongs to a known client or to none: the table has no foreign key.
    let claim = IdempotencyClaim {
        client: ClientId::from_uuid(Uuid::nil()),
        route: "kit",
        key: Uuid::now_v7().to_string(),
        fingerprint: [0; 32],
    };
    run(&Once {
        claim,
        render: &render,
    })?;
    Ok(seen
        .into_inner()
        .unwrap()
        .expect("a fresh key is never replayed"))
}

impl Drop for TestBank {
    fn drop(&mut self) {
        if !std::thread::panicking() && !self.planted {
            self.sequence();
            self.roll_up();
            let faults = self.audit();
            assert!(
                faults.is_empty(),
                "the test left the books wrong: {faults:?}"
            );
            let numbers = self
                .database
                .sql("select learner_no from learners limit 500");
            let numbers = numbers.unwrap_or_default();
            hold_nobody(numbers.split_whitespace().map(str::to_owned));
        }
        // Before the database is dropped.
        self.ledger = None;
    }
}
