//! One lot held and settled through the ledger functions, beside pgbench running the two bare
//! transactions.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::amount::{Amount, Unit};
use creditbank_domain::authz::{Actor, Grant, HoldLots, Subject, authorize};
use creditbank_domain::hold::HoldPurpose;
use creditbank_domain::ids::LotId;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::flows::{HoldOrder, HoldStep, hold_lot, step_hold};
use kit::hundredths;

use crate::bank::BenchBank;
use crate::pgbench;
use crate::report::{self, Figure, median};

/// Threads of ours, and clients of pgbench.
const CLIENTS: usize = 8;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub rounds: usize,
    pub time: Duration,
}

/// Holds and settles lots that nobody touched, each once.
pub fn run(bank: &mut BenchBank, size: Size, figures: &mut Vec<Figure>) -> Result<()> {
    let lots = lots(bank)?;
    let next = AtomicUsize::new(0);
    let time = size.time;
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for round in 0..size.rounds {
        let one = ours_for(bank, &lots, &next, time)?;
        let other = pgbench::run(bank, pgbench::HOLD_AND_SETTLE, CLIENTS, time)?.rate;
        if report::counts(round, size.rounds) {
            ours.push(one);
            bare.push(other);
        }
        if round == 0 {
            // The plans that were kept while there was not a hold yet read the whole table.
            bank.sql("analyze holds")?;
        }
    }
    let name = "hold and settle a lot / pgbench, the bare transactions";
    figures.push(Figure::rate(name, median(ours), median(bare), 0.7));
    Ok(())
}

/// Lots from the end of the list, of which pgbench takes the beginning.
fn lots(bank: &BenchBank) -> Result<Vec<(LearnerNo, LotId)>> {
    let rows = bank.sql(
        "select l.learner_no, b.lot_id from bench_lots b join learners l using (learner_id) \
         order by b.n desc limit 200000",
    )?;
    let lot = |row: &str| {
        let (number, lot) = row.split_once('|').context("two columns")?;
        Ok((number.parse()?, LotId::from_uuid(lot.parse()?)))
    };
    rows.lines().map(lot).collect()
}

fn ours_for(
    bank: &mut BenchBank,
    lots: &[(LearnerNo, LotId)],
    next: &AtomicUsize,
    time: Duration,
) -> Result<f64> {
    let subject = Subject::Institution(bank.university);
    let grant: Grant<HoldLots> = authorize(&Actor::operator(), subject)?;
    let now = bank.tick();
    let (started, end) = (Instant::now(), Instant::now() + time);
    let bank = &*bank;
    let done = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..CLIENTS)
            .map(|_| {
                scope.spawn(|| {
                    let mut done = 0;
                    while Instant::now() < end {
                        let at = next.fetch_add(1, Ordering::Relaxed) % lots.len();
                        hold_and_settle(bank, &grant, lots[at], now)?;
                        done += 1;
                    }
                    anyhow::Ok(done)
                })
            })
            .collect();
        let done = threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| anyhow!("a thread panicked"))?);
        done.sum::<Result<usize>>()
    })?;
    Ok(done as f64 / started.elapsed().as_secs_f64())
}

fn hold_and_settle(
    bank: &BenchBank,
    grant: &Grant<HoldLots>,
    (learner, lot): (LearnerNo, LotId),
    now: DateTime<Utc>,
) -> Result<()> {
    let one = hundredths("1.00");
    let order = HoldOrder {
        learner,
        lot,
        amount: Amount::new(Unit::Credit, one)?,
        purpose: HoldPurpose::AnnualRequirement,
        expires_at: now + TimeDelta::days(30),
    };
    let held = hold_lot(&bank.ledger, grant, &order, now)?;
    let step = HoldStep::Settle(one);
    step_hold(&bank.ledger, grant, (learner, held.hold_id), step, now)?;
    Ok(())
}
