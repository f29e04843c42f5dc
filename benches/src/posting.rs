//! Posting through the ledger function beside its limit: raw `COPY` of the same rows into the same
//! tables with the same keys.
//!
//! The limit has a twin of the bank's database, made before anything is measured. Each round posts
//! outcomes into the bank and copies exactly their rows into the twin, so that both meet the same
//! tables at the same size: in turns all of them at once, and in the batches in which they were
//! posted, each kept before the next begins.

use anyhow::{Result, ensure};
use chrono::{DateTime, Utc};

use crate::bank::{BenchBank, TWIN};
use crate::copied_rows::{CopiedRows, select, timed};
use crate::report::{self, Figure, median};

/// The three tables of the comparison, and what picks a round's rows of each.
const TABLES: [(&str, &str); 3] = [
    ("outcomes", "recorded_at = '{at}'"),
    (
        "lots",
        "(learner_id, outcome_id) in \
         (select learner_id, outcome_id from outcomes where recorded_at = '{at}')",
    ),
    ("transfers", "recorded_at = '{at}'"),
];

/// The fourth that our design has beside them: one outcome per source reference.
const SOURCES: (&str, &str) = (
    "outcome_sources",
    "(learner_id, outcome_id) in \
     (select learner_id, outcome_id from outcomes where recorded_at = '{at}')",
);

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Of each way to copy.
    pub rounds: usize,
    /// Outcomes of a round.
    pub outcomes: usize,
}

/// Outcomes a second.
#[derive(Default)]
struct Rates {
    posted: Vec<f64>,
    three: Vec<f64>,
    four: Vec<f64>,
}

/// Posts known learners' outcomes in batches of each size.
pub fn run(bank: &mut BenchBank, size: Size, figures: &mut Vec<Figure>) -> Result<()> {
    bank.copy_to(TWIN)?;
    for batch in [1_000, 10_000] {
        let ways = [("", size.outcomes), (" in the same batches", batch)];
        let mut rates: [Rates; 2] = Default::default();
        for round in 0..size.rounds {
            for ((_, of), rates) in ways.iter().zip(&mut rates) {
                let course = bank.next_course()?;
                let outcomes: Vec<(usize, usize)> = in_no_order(bank.learners)
                    .take(size.outcomes)
                    .map(|n| (n, course))
                    .collect();
                let count = outcomes.len() as f64;
                let (at, seconds) = bank.post(outcomes, batch)?;
                let copied = copy(bank, at, *of)?;
                // The first round is for the caches only.
                if report::counts(round, size.rounds) {
                    rates.posted.push(count / seconds);
                    rates.three.push(count / copied.three);
                    rates.four.push(count / copied.four);
                }
            }
        }
        for ((how, _), rates) in ways.into_iter().zip(rates) {
            let value = median(rates.posted);
            let name = format!("post, batches of {batch} / COPY into the three tables{how}");
            figures.push(Figure::rate(name, value, median(rates.three), 0.5));
            let name = format!("post, batches of {batch} / COPY, outcome_sources too{how}");
            figures.push(Figure::rate(name, value, median(rates.four), 0.0));
        }
    }
    bank.settle_down()
}

/// All learners, each once, as a file of one course has them: in no order of ours.
fn in_no_order(learners: usize) -> impl Iterator<Item = usize> {
    // A prime beyond every number of learners, so that each comes once.
    const STEP: usize = 7_368_787;
    (0..learners).map(move |n| (n * STEP + 4_711) % learners)
}

/// Seconds that the rows of three and of four tables took.
struct Copied {
    three: f64,
    four: f64,
}

/// Writes the rows posted at a moment to files and times their `COPY` into the twin, so many of
/// each table in a transaction.
fn copy(bank: &BenchBank, at: DateTime<Utc>, batch: usize) -> Result<Copied> {
    let mut files = Vec::new();
    for table in TABLES.iter().chain([&SOURCES]) {
        let file = select(bank, *table, at)?;
        files.push(CopiedRows::read(&file)?.write_in_parts(&file, batch)?);
    }
    let mut script = "\\timing on\n".to_owned();
    let parts = files.first().map_or(0, Vec::len);
    ensure!(
        files.iter().all(|file| file.len() == parts),
        "not a row of each table an outcome"
    );
    for part in 0..parts {
        script += "begin;\n";
        for (number, (table, file)) in TABLES.iter().chain([&SOURCES]).zip(&files).enumerate() {
            // What the fourth table adds, without a second commit: that is not counted.
            if number == TABLES.len() {
                script += "commit;\nbegin;\n";
            }
            let file = file[part].display();
            script += &format!("\\copy {} from '{file}' (format binary)\n", table.0);
        }
        script += "commit;\n";
    }
    let times = timed(&bank.sql_in(TWIN, &script)?);
    let mut copied = Copied {
        three: 0.0,
        four: 0.0,
    };
    // begin, three copies, commit; begin, one copy, commit.
    ensure!(times.len() == parts * 8, "{} times", times.len());
    for times in times.chunks(8) {
        let three: f64 = times[..5].iter().sum();
        copied.three += three;
        copied.four += three + times[6];
    }
    Ok(copied)
}
