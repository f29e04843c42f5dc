//! Whether a balance costs the same in a small bank and in a large one.
//!
//! The banks are there at the same time and asked in turns, so that whatever else the machine does
//! touches all of them alike.

use std::time::Duration;

use anyhow::Result;

use crate::balance;
use crate::bank::{BenchBank, COURSES_DONE, DATABASE};
use crate::report::{self, Figure, median};

/// Learners of the banks that are compared: 10^5, 10^6 and 10^7 outcomes.
const LEARNERS: [usize; 3] = [10_000, 100_000, 1_000_000];

/// The bank as it was when it had the first and the second of these.
pub const COPIES: [&str; 2] = ["small", "middling"];

const ROUNDS: usize = 6;

/// Fills the bank step by step and keeps what it was on the way; `divisor` makes it smaller.
pub fn fill(bank: &mut BenchBank, divisor: usize) -> Result<[usize; 3]> {
    let learners = LEARNERS.map(|full| full / divisor);
    for (number, learners) in learners.into_iter().enumerate() {
        eprintln!("filling a bank: {learners} learners");
        bank.grow_to(learners)?;
        if let Some(copy) = COPIES.get(number) {
            bank.copy_to(copy)?;
        }
    }
    Ok(learners)
}

/// Reads balances of each of the banks that were filled, which have so many learners.
pub fn run(
    bank: &mut BenchBank,
    learners: [usize; 3],
    time: Duration,
    figures: &mut Vec<Figure>,
) -> Result<()> {
    let mut rates: [Vec<f64>; 3] = Default::default();
    for round in 0..ROUNDS {
        for (rates, name) in rates.iter_mut().zip(COPIES.into_iter().chain([DATABASE])) {
            bank.go_to(name)?;
            let rate = balance::rate(bank, time)?;
            if report::counts(round, ROUNDS) {
                rates.push(rate);
            }
        }
    }
    let outcomes = learners.map(|learners| learners * COURSES_DONE);
    let [smallest, rest @ ..] = rates.map(median);
    for (rate, outcomes_now) in rest.into_iter().zip(&outcomes[1..]) {
        let name = format!(
            "balance among {outcomes_now} outcomes / among {}",
            outcomes[0]
        );
        figures.push(Figure::rate(name, rate, smallest, 0.8));
    }
    Ok(())
}
