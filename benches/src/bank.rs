//! The bank that is measured: a private server that keeps what it acknowledged, a university with
//! ninety courses, and learners who have finished ten of them.

use std::ops::Range;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::amount::{Amount, Unit};
use creditbank_domain::authz::{Actor, Grant, KeepRegister, PostOutcomes, Subject, authorize};
use creditbank_domain::catalogue::{AmountRule, Category, Level};
use creditbank_domain::grade::MinimumGrade;
use creditbank_domain::ids::InstitutionId;
use creditbank_domain::institution::{AllianceRole, InstitutionKind};
use creditbank_domain::level::LevelFramework;
use creditbank_domain::outcome::ReportedOutcome;
use creditbank_domain::text::{CourseCode, InstitutionCode};
use creditbank_ledger::flows::{
    NewCatalogueVersion, NewInstitution, Origin, PostAnswer, VersionDetails, post_outcomes,
    publish_catalogue, register_frameworks, register_institutions,
};
use creditbank_ledger::{IdentityKey, Ledger, LedgerSettings, migrate, reads};
use creditbank_localpg::LocalPg;
use kit::{OutcomeBuilder, day, hundredths, outcome};

/// Courses that every learner has an outcome of already.
pub const COURSES_DONE: usize = 10;
/// Courses that there are.
pub const COURSES: usize = 90;
/// Connections of the ledger's pool.
pub const POOL: u32 = 8;

pub const UNIVERSITY: &str = "80001";
pub const DATABASE: &str = "bench";
/// A copy of it.
pub const TWIN: &str = "twin";
/// The last courses, which only pgbench posts, so that it meets no lot of anybody else.
pub const COURSES_OF_PGBENCH: usize = 10;

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// See the module.
pub struct BenchBank {
    pub server: LocalPg,
    pub ledger: Ledger,
    /// Where it is: [`DATABASE`], or a copy that was gone to.
    pub database: &'static str,
    pub university: InstitutionId,
    pub learners: usize,
    /// Where the server may read and write files.
    pub folder: PathBuf,
    now: DateTime<Utc>,
    courses_used: usize,
}

/// A learner's result in one course.
pub fn outcome_of(n: usize, course: usize) -> OutcomeBuilder {
    outcome(&format!("C{course:02}")).student(&format!("S{n:09}"))
}

impl BenchBank {
    /// Fills a bank: `learners` with [`COURSES_DONE`] outcomes each.
    pub fn start(server: LocalPg, folder: PathBuf, learners: usize) -> Result<Self> {
        server.psql("postgres", "drop database if exists bench with (force)")?;
        server.create_database_if_missing(DATABASE)?;
        migrate(&server.url(DATABASE))?;
        let ledger = connect(&server, DATABASE, POOL)?;
        let now = "2026-11-22T01:00:00Z".parse()?;
        register(&ledger, now)?;
        let code = InstitutionCode::new(UNIVERSITY)?;
        let university = reads::institution_by_code(&ledger, &code)?.context("the university")?;
        let mut bank = Self {
            server,
            ledger,
            database: DATABASE,
            university: university.id,
            learners: 0,
            folder,
            now,
            courses_used: COURSES_DONE,
        };
        bank.grow_to(learners)?;
        Ok(bank)
    }

    /// Adds learners until there are so many, with [`COURSES_DONE`] outcomes each.
    pub fn grow_to(&mut self, learners: usize) -> Result<()> {
        let new = (self.learners..learners)
            .flat_map(|n| (0..COURSES_DONE).map(move |course| (n, course)));
        self.post(new, 10_000)?;
        self.learners = learners;
        self.settle_down()
    }

    /// The permission to post for the university.
    pub fn grant(&self) -> Result<Grant<PostOutcomes>> {
        let subject = Subject::Institution(self.university);
        Ok(authorize(&Actor::operator(), subject)?)
    }

    /// A moment later than every earlier one.
    pub fn tick(&mut self) -> DateTime<Utc> {
        self.now += TimeDelta::seconds(1);
        self.now
    }

    /// Posts outcomes, all at one moment, which names them, and says how long that took.
    pub fn post(
        &mut self,
        outcomes: impl IntoIterator<Item = (usize, usize)>,
        batch: usize,
    ) -> Result<(DateTime<Utc>, f64)> {
        let now = self.tick();
        let grant = self.grant()?;
        let mut seconds = 0.0;
        let mut outcomes = outcomes.into_iter();
        loop {
            let chunk = outcomes.by_ref().take(batch);
            let reports: Vec<ReportedOutcome> = chunk
                .map(|(n, course)| outcome_of(n, course).build())
                .collect();
            if reports.is_empty() {
                break;
            }
            let started = std::time::Instant::now();
            let answers = post_outcomes(&self.ledger, &grant, &reports, Origin::Import, now)?;
            seconds += started.elapsed().as_secs_f64();
            let posted = |answer: &PostAnswer| matches!(answer, PostAnswer::Posted(_));
            ensure!(answers.iter().all(posted), "not everything was posted");
        }
        Ok((now, seconds))
    }

    /// A course that nobody has an outcome of yet, before those that are pgbench's.
    pub fn next_course(&mut self) -> Result<usize> {
        Ok(self.next_courses(1)?.start)
    }

    /// So many of them.
    pub fn next_courses(&mut self, count: usize) -> Result<Range<usize>> {
        let first = self.courses_used;
        self.courses_used += count;
        ensure!(
            self.courses_used <= COURSES - COURSES_OF_PGBENCH,
            "no course left"
        );
        Ok(first..self.courses_used)
    }

    /// Runs SQL in the bank's database.
    pub fn sql(&self, script: &str) -> Result<String> {
        self.sql_in(self.database, script)
    }

    /// Runs SQL in another database of its server.
    pub fn sql_in(&self, database: &str, script: &str) -> Result<String> {
        Ok(self.server.psql(database, script)?)
    }

    /// Lets the server finish what it has put off, so that it disturbs no measurement.
    pub fn settle_down(&self) -> Result<()> {
        self.sql("vacuum analyze; checkpoint")?;
        Ok(())
    }

    /// Makes another database that is the bank to the last page.
    pub fn copy_to(&mut self, name: &'static str) -> Result<()> {
        let this = self.database;
        // One connection is left, and it is ended below.
        self.ledger = connect(&self.server, this, 1)?;
        let make = format!(
            "drop database if exists {name} with (force); \
             select pg_terminate_backend(pid) from pg_stat_activity where datname = '{this}'; \
             create database {name} template {this} strategy file_copy"
        );
        for statement in make.split("; ") {
            self.sql_in("postgres", statement)?;
        }
        self.go_to(this)
    }

    /// From now on the bank is the one in this database.
    pub fn go_to(&mut self, name: &'static str) -> Result<()> {
        self.database = name;
        self.ledger = connect(&self.server, name, POOL)?;
        Ok(())
    }

    /// Ends the server, and every database of it that may be large.
    pub fn stop(self) -> Result<()> {
        drop(self.ledger);
        for name in [DATABASE, TWIN].into_iter().chain(crate::growth::COPIES) {
            let drop = format!("drop database if exists {name} with (force)");
            self.server.psql("postgres", &drop)?;
        }
        Ok(self.server.stop()?)
    }
}

fn connect(server: &LocalPg, database: &str, connections: u32) -> Result<Ledger> {
    Ok(Ledger::connect(&LedgerSettings {
        database_url: server.url(database),
        pool_size: connections,
        identity_key: IdentityKey::from_hex(KEY)?,
    })?)
}

fn register(ledger: &Ledger, now: DateTime<Utc>) -> Result<()> {
    let keeper: Grant<KeepRegister> = authorize(&Actor::operator(), Subject::Bank)?;
    let university = NewInstitution {
        code: InstitutionCode::new(UNIVERSITY)?,
        name_zh: "测试大学".to_owned(),
        name_en: None,
        uscc: None,
        kinds: vec![InstitutionKind::University],
        level: None,
        alliance_role: AllianceRole::Member,
        joined_on: Some(day("2020-12-24")),
        term_from: None,
        term_to: None,
        may_open_accounts: true,
    };
    register_institutions(ledger, &keeper, &[university], now)?;
    let framework = LevelFramework {
        code: "CN10".to_owned(),
        name_zh: "十级".to_owned(),
        name_en: "ten levels".to_owned(),
        lowest: 1,
        highest: 10,
        source: "benchmark".to_owned(),
    };
    register_frameworks(ledger, &keeper, &[framework], &[], now)?;
    let credit = Amount::new(Unit::Credit, hundredths("3.00"))?;
    let courses = (0..COURSES).map(|course| {
        Ok(NewCatalogueVersion {
            owner: InstitutionCode::new(UNIVERSITY)?,
            code: CourseCode::new(&format!("C{course:02}"))?,
            co_owners: Vec::new(),
            title: format!("课程{course}"),
            category: Category::Course,
            level: Some(Level {
                framework: "CN10".to_owned(),
                value: 6,
            }),
            minimum_grade: MinimumGrade::Pass,
            amounts: vec![AmountRule::Fixed(credit)],
            valid_from: day("2010-01-01"),
            valid_to: None,
            usable_months: None,
            repeatable: false,
            details: VersionDetails::default(),
        })
    });
    let courses: Vec<NewCatalogueVersion> = courses.collect::<Result<_>>()?;
    publish_catalogue(ledger, &keeper, &courses, now)?;
    Ok(())
}
