//! Whether a balance costs the same in a small bank and in a large one.

use std::time::Duration;

use anyhow::Result;

use crate::balance;
use crate::bank::{BenchBank, COURSES_DONE};
use crate::pgbench;
use crate::report::{Figure, median};

/// Learners of the banks that are compared: 10^5, 10^6 and 10^7 outcomes.
const LEARNERS: [usize; 3] = [10_000, 100_000, 1_000_000];

/// Fills the bank step by step and reads balances at each; `divisor` makes it smaller.
pub fn run(
    bank: &mut BenchBank,
    divisor: usize,
    time: Duration,
    figures: &mut Vec<Figure>,
) -> Result<()> {
    let mut smallest = None;
    for learners in LEARNERS.map(|full| full / divisor) {
        bank.grow_to(learners)?;
        pgbench::prepare(bank)?;
        let mut rates = Vec::new();
        for _ in 0..3 {
            rates.push(balance::rate(bank, time)?);
        }
        let rate = median(rates);
        let outcomes = learners * COURSES_DONE;
        match smallest {
            None => smallest = Some((outcomes, rate)),
            Some((least, limit)) => {
                let name = format!("balance among {outcomes} outcomes / among {least}");
                figures.push(Figure::rate(name, rate, limit, 0.8));
            }
        }
    }
    Ok(())
}
