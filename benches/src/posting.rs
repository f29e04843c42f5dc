//! Posting through the ledger function beside its limit: raw `COPY` of the same rows into the same
//! tables with the same keys.
//!
//! The limit has a twin of the bank's database, made before anything is measured. Each round posts
//! outcomes into the bank and copies exactly their rows into the twin, so that both meet the same
//! tables at the same size.

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};

use crate::bank::{BenchBank, Twin};
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
    pub rounds: usize,
    /// Outcomes of a round.
    pub outcomes: usize,
}

/// Posts known learners' outcomes in batches of each size.
pub fn run(bank: &mut BenchBank, size: Size, figures: &mut Vec<Figure>) -> Result<()> {
    let twin = bank.twin()?;
    for batch in [1_000, 10_000] {
        let (mut rates, mut three, mut four) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..size.rounds {
            let course = bank.next_course()?;
            let outcomes: Vec<(usize, usize)> = in_no_order(bank.learners)
                .take(size.outcomes)
                .map(|n| (n, course))
                .collect();
            let count = outcomes.len() as f64;
            let (at, seconds) = bank.post(outcomes, batch)?;
            let copied = copy(bank, &twin, at)?;
            // The first round is for the caches only.
            if report::counts(round, size.rounds) {
                rates.push(count / seconds);
                three.push(count / copied.three);
                four.push(count / copied.four);
            }
        }
        let value = median(rates);
        let name = format!("post, batches of {batch} / COPY into the three tables");
        figures.push(Figure::rate(name, value, median(three), 0.5));
        let name = format!("post, batches of {batch} / COPY, outcome_sources too");
        figures.push(Figure::rate(name, value, median(four), 0.0));
    }
    bank.settle_down()
}

/// All learners, each once, as a file of one course has them: in no order of ours.
fn in_no_order(learners: usize) -> impl Iterator<Item = usize> {
    // A prime beyond every number of learners, so that each comes once.
    const STEP: usize = 7_368_787;
    (0..learners).map(move |n| (n * STEP + 4_711) % learners)
}

struct Copied {
    three: f64,
    four: f64,
}

/// Writes the rows posted at a moment to files and times their `COPY` into the twin.
fn copy(bank: &BenchBank, twin: &Twin, at: DateTime<Utc>) -> Result<Copied> {
    let at = at.to_rfc3339();
    let mut seconds = 0.0;
    let mut three = 0.0;
    for (number, (table, rows)) in TABLES.iter().chain([&SOURCES]).enumerate() {
        let file = bank.folder.join(table);
        let file = file.display();
        let rows = rows.replace("{at}", &at);
        bank.sql(&format!(
            "\\copy (select * from {table} where {rows} order by ctid) to '{file}' (format binary)"
        ))?;
        let printed = twin.sql(
            bank,
            &format!("\\timing on\n\\copy {table} from '{file}' (format binary)"),
        )?;
        seconds += timed(&printed).with_context(|| format!("no time in {printed}"))?;
        if number + 1 == TABLES.len() {
            three = seconds;
        }
    }
    Ok(Copied {
        three,
        four: seconds,
    })
}

/// Reads psql's `Time: 12.345 ms`.
fn timed(printed: &str) -> Option<f64> {
    let text = printed.split("Time: ").nth(1)?.split(' ').next()?;
    text.parse::<f64>()
        .ok()
        .map(|milliseconds| milliseconds / 1e3)
}
