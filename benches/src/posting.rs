//! Posting through the ledger function beside its limit: raw `COPY` of the same rows.
//!
//! `cargo run --release -p creditbank-benches --bin bench-posting -- [OUTCOMES] [BATCH]`
//!
//! A private server with `fsync` on. First half of the outcomes are posted unmeasured, so that the
//! tables are not empty; the second half is posted measured. Then exactly those rows are copied
//! into tables of the same shape, keys and triggers that hold the first half. What is printed is
//! the ratio: a figure of one machine means nothing on another.

use std::os::unix::fs::PermissionsExt;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use creditbank_domain::authz::{Actor, Grant, PostOutcomes, Subject, authorize};
use creditbank_domain::outcome::ReportedOutcome;
use creditbank_ledger::flows::{Origin, PostAnswer, post_outcomes};
use creditbank_ledger::{IdentityKey, Ledger, LedgerSettings, migrate, reads};
use creditbank_localpg::LocalPg;
use kit::{UNIVERSITY, outcome, register_world};

/// Outcomes of one learner: the two entries of the kit's university.
const ENTRIES: [&str; 2] = ["MATH101", "PE102"];

const TABLES: [&str; 4] = ["outcome_sources", "outcomes", "lots", "transfers"];

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let outcomes: usize = arguments.next().map_or(Ok(200_000), |text| text.parse())?;
    let batch: usize = arguments.next().map_or(Ok(10_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    // psql may run as another user than we do.
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777))?;
    let server = LocalPg::builder()
        .data_dir_or(folder.path().join("bank"), "/var/lib/creditbank-bench")
        .start()?;
    let database = format!("bench_{}", std::process::id());
    server.create_database_if_missing(&database)?;
    let url = server.url(&database);
    migrate(&url)?;
    let ledger = Ledger::connect(&LedgerSettings {
        database_url: url,
        pool_size: 2,
        identity_key: IdentityKey::generate(),
    })?;
    let now = "2026-11-22T01:00:00Z".parse()?;
    register_world(&ledger, now);
    let code = creditbank_domain::text::InstitutionCode::new(UNIVERSITY)?;
    let university = reads::institution_by_code(&ledger, &code)?.context("the university")?;
    let subject = Subject::Institution(university.id);
    let grant: Grant<PostOutcomes> = authorize(&Actor::operator(), subject)?;

    let learners = outcomes / ENTRIES.len();
    let half = learners / 2;
    post(&ledger, &grant, 0..half, batch, now)?;
    server.psql(&database, "checkpoint")?;
    keep_as_copy_target(&server, &database)?;
    let started = Instant::now();
    let posted = post(&ledger, &grant, half..learners, batch, now)?;
    let posting = started.elapsed();
    let copying = copy_the_same(&server, &database, folder.path())?;

    let per_second = |elapsed: std::time::Duration| posted as f64 / elapsed.as_secs_f64();
    println!("posted {posted} outcomes with lots and transfers in batches of {batch}");
    println!("posting  {:>8.0}/s  {posting:.2?}", per_second(posting));
    println!("raw copy {:>8.0}/s  {copying:.2?}", per_second(copying));
    println!(
        "ratio    {:>8.2}",
        copying.as_secs_f64() / posting.as_secs_f64()
    );
    drop(ledger);
    server.psql(
        "postgres",
        &format!("drop database {database} with (force)"),
    )?;
    Ok(server.stop()?)
}

fn post(
    ledger: &Ledger,
    grant: &Grant<PostOutcomes>,
    learners: std::ops::Range<usize>,
    batch: usize,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<usize> {
    let reports: Vec<ReportedOutcome> = learners
        .flat_map(|n| ENTRIES.map(|entry| outcome(entry).student(&format!("S{n:09}")).build()))
        .collect();
    for chunk in reports.chunks(batch) {
        let answers = post_outcomes(ledger, grant, chunk, Origin::Import, now)?;
        ensure!(
            answers
                .iter()
                .all(|answer| matches!(answer, PostAnswer::Posted(_)))
        );
    }
    Ok(reports.len())
}

/// Tables of the same shape that hold what is there before the measurement.
fn keep_as_copy_target(server: &LocalPg, database: &str) -> Result<()> {
    for table in TABLES {
        server.psql(
            database,
            &format!(
                "create table copy_{table} (like {table} including all); \
                 insert into copy_{table} select * from {table}"
            ),
        )?;
    }
    server.psql(database, "checkpoint")?;
    Ok(())
}

/// Writes the rows that were posted measured to files and times their `COPY` in.
fn copy_the_same(
    server: &LocalPg,
    database: &str,
    folder: &std::path::Path,
) -> Result<std::time::Duration> {
    let keys = [
        "(institution_id, source_ref)",
        "(learner_id, outcome_id)",
        "(learner_id, lot_id)",
        "(learner_id, transfer_id)",
    ];
    let mut scripts = Vec::new();
    for (table, key) in TABLES.iter().zip(keys) {
        let file = folder.join(table);
        let file = file.display();
        server.psql(
            database,
            &format!(
                "\\copy (select t.* from {table} t where not exists (select from copy_{table} c \
                 where {c} = {t})) to '{file}' (format binary)",
                c = key.replace('(', "(c.").replace(", ", ", c."),
                t = key.replace('(', "(t.").replace(", ", ", t."),
            ),
        )?;
        scripts.push(format!("\\copy copy_{table} from '{file}' (format binary)"));
    }
    server.psql(database, "checkpoint")?;
    let started = Instant::now();
    for script in scripts {
        server.psql(database, &script)?;
    }
    Ok(started.elapsed())
}
