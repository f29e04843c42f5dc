//! A semester's file from its bytes to the ledger, beside raw `COPY` of the rows that it made, beside
//! posting the same one by one over HTTP, and beside its own dry run; and what readers of balances
//! notice of it.
//!
//! A fifth of its learners are new. The limit has a twin of the bank's database, made before the
//! file is read, and gets every row of every table that the import filled, in one transaction.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Actor, Grant, RunImport, Subject, authorize};
use creditbank_import::{ImportOptions, run_import};
use creditbank_ledger::flows::ImportMode;

use crate::balance;
use crate::bank::{BenchBank, TWIN, outcome_of};
use crate::copied_rows::copy_all;
use crate::http::{drive_through, paced_until, post};
use crate::report::{self, Figure, median};
use crate::semester_file;
use crate::server::Server;

/// The tables that an import of outcomes fills, and what picks a round's rows of each.
const TABLES: [(&str, &str); 10] = [
    ("learners", "opened_at = '{at}'"),
    (
        "learner_numbers",
        "learner_id in (select learner_id from learners where opened_at = '{at}')",
    ),
    ("identity.identifiers", "created_at = '{at}'"),
    ("identity.names", "created_at = '{at}'"),
    ("outcome_sources", OF_ROUND),
    ("outcomes", "recorded_at = '{at}'"),
    ("lots", OF_ROUND),
    ("transfers", "recorded_at = '{at}'"),
    ("imports", "started_at = '{at}' and mode = 'post'"),
    (
        "import_lines",
        "import_id in (select import_id from imports where started_at = '{at}' and mode = 'post')",
    ),
];
const OF_ROUND: &str = "(learner_id, outcome_id) in \
                        (select learner_id, outcome_id from outcomes where recorded_at = '{at}')";

/// Courses of a file: a learner has a line of each.
const COURSES_OF_FILE: usize = 8;
/// Readers of balances, and how often one of them asks.
const READERS: usize = 4;
const EVERY: Duration = Duration::from_millis(5);
/// Until every connection of the pool has been used, and has its plans.
const WARM_UP: Duration = Duration::from_secs(1);

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub rounds: usize,
    /// Outcomes posted one by one in a round.
    pub singles: usize,
    /// How long balances are read while nothing else is asked.
    pub time: Duration,
}

/// Imports files of eight courses of all learners and a quarter as many new ones.
pub fn run(bank: &mut BenchBank, size: Size, figures: &mut Vec<Figure>) -> Result<()> {
    let (mut rates, mut copies) = (Vec::new(), Vec::new());
    let (mut trials, mut singles) = (Vec::new(), Vec::new());
    let (mut idle, mut busy) = (Vec::new(), Vec::new());
    for round in 0..size.rounds {
        let learners = bank.learners + bank.learners / 4;
        let courses = bank.next_courses(COURSES_OF_FILE)?;
        let file = semester_file::write(&bank.folder, "semester.csv", courses, learners)?;
        let lines = (learners * COURSES_OF_FILE) as f64;
        bank.copy_to(TWIN)?;
        bank.settle_down()?;
        let (_, trial) = import(bank, &file, ImportMode::DryRun, lines)?;
        let (at, posted) = import(bank, &file, ImportMode::Post, lines)?;
        let copied = copy_all(bank, &TABLES, at)?;
        bank.learners = learners;
        let single = one_by_one(bank, size.singles)?;
        let (quiet, beside) = balances_beside(bank, size.time)?;
        if report::counts(round, size.rounds) {
            rates.push(lines / posted);
            copies.push(lines / copied);
            trials.push(lines / trial);
            singles.push(single);
            idle.push(quiet);
            busy.push(beside);
        }
    }
    let rate = median(rates);
    let name = "import of a 强智 file / COPY of its rows into all tables";
    figures.push(Figure::rate(name, rate, median(copies), 0.35));
    let name = "import of a 强智 file / posting one by one over HTTP";
    figures.push(Figure::rate(name, rate, median(singles), 10.0));
    figures.push(Figure::rate("dry run / import", median(trials), rate, 3.0));
    let name = "balance, p95 during an import / idle";
    figures.push(Figure::time(name, median(busy), median(idle), 1.0 / 3.0));
    Ok(())
}

/// Imports a file, and says at which moment and how long it took.
fn import(
    bank: &mut BenchBank,
    file: &Path,
    mode: ImportMode,
    lines: f64,
) -> Result<(DateTime<Utc>, f64)> {
    let now = bank.tick();
    let options = ImportOptions::new("semester.csv", mode);
    let grant = importing(bank)?;
    let started = Instant::now();
    let view = run_import(&bank.ledger, &grant, file, &options, now, &mut |_| ())?;
    let seconds = started.elapsed().as_secs_f64();
    ensure!(
        (view.posted as f64 - lines).abs() < 0.5,
        "not every line was posted"
    );
    Ok((now, seconds))
}

fn importing(bank: &BenchBank) -> Result<Grant<RunImport>> {
    let subject = Subject::Institution(bank.university);
    Ok(authorize(&Actor::operator(), subject)?)
}

/// Posts outcomes over HTTP, each after the answer to the one before, and says how many a second.
fn one_by_one(bank: &mut BenchBank, count: usize) -> Result<f64> {
    let course = bank.next_course()?;
    let server = Server::start(bank, true)?;
    let requests = (0..count.min(bank.learners)).map(|learner| {
        let body = outcome_of(learner, course).json().to_string();
        let key = format!("alone-{learner}-{course}");
        post("/v1/outcomes", &server.token, &key, &body)
    });
    let load = drive_through(server.address, 1, requests.collect())?;
    server.stop()?;
    Ok(load.rate)
}

/// The 95th percentile of a balance in microseconds, with nothing else and beside an import.
fn balances_beside(bank: &mut BenchBank, time: Duration) -> Result<(f64, f64)> {
    let courses: Range<usize> = bank.next_courses(1)?;
    let lines = bank.learners as f64;
    let file = semester_file::write(&bank.folder, "one.csv", courses, bank.learners)?;
    let server = Server::start(bank, true)?;
    let requests = Arc::new(balance::requests(bank, &server)?);
    let read_while = |done: &dyn Fn() -> bool| {
        let mut times = paced_until(server.address, READERS, &requests, EVERY, done)?;
        times.sort_by(f64::total_cmp);
        Ok(times
            .get(times.len() * 95 / 100)
            .copied()
            .unwrap_or(f64::NAN))
    };
    // What the imports before have left to the server, and what a connection does only once, is
    // nothing that a reader waits for in a bank at rest.
    bank.settle_down()?;
    let read_for = |time: Duration| {
        let end = Instant::now() + time;
        read_while(&|| Instant::now() >= end)
    };
    read_for(WARM_UP)?;
    let idle = read_for(time)?;
    let beside = std::thread::scope(|scope| {
        let import = scope.spawn(|| import(bank, &file, ImportMode::Post, lines));
        let beside: Result<f64> = read_while(&|| import.is_finished());
        match import.join() {
            Ok(imported) => imported.and(beside),
            Err(_) => Err(anyhow::anyhow!("the import panicked")),
        }
    })?;
    server.stop()?;
    Ok((idle, beside))
}
