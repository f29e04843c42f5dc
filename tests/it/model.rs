//! Random stories on the bank and on a small model of it, side by side: after each step the answer,
//! every lot, every balance and the audit agree.
//!
//! `CREDITBANK_MODEL_CASES=1000` plays longer. A story that fails is shrunk to the shortest that
//! still does, and printed a line a step; make it a test of its own.

mod books;
mod compare;
mod convert;
mod correct;
mod hold;
mod merge;
mod operation;
mod play;
mod tell;
mod world;

use std::cell::RefCell;

use kit::TestBank;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};

use operation::{Story, story};

/// How many stories one bank hears: the audit reads all of it after each step.
const STORIES_A_BANK: usize = 3;

/// A bank and how often it was used.
type Used = RefCell<Option<(TestBank, usize)>>;

/// Plays on a bank that others have used, or a new one. What fails may have broken the books, so
/// the bank is not used again.
fn play_on(used: &Used, story: &Story) -> Result<(), TestCaseError> {
    let fresh = used.take().filter(|(_, stories)| *stories < STORIES_A_BANK);
    let (mut bank, stories) = fresh.unwrap_or_else(|| (world::bank(), 0));
    match play::play(&bank, story) {
        Ok(()) => {
            used.replace(Some((bank, stories + 1)));
            Ok(())
        }
        Err(difference) => {
            bank.break_the_books_on_purpose();
            Err(TestCaseError::fail(difference))
        }
    }
}

fn play_stories(cases: u32, steps: usize) {
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        max_shrink_time: 120_000,
        ..Config::default()
    };
    let used = Used::default();
    let played = TestRunner::new(config).run(&story(steps), |story| play_on(&used, &story));
    match played {
        Ok(()) => {}
        Err(TestError::Fail(difference, story)) => panic!("{difference}\n{story:?}"),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

/// A share of the stories that the environment asks for, else of a minute's worth.
fn cases(share: u32) -> u32 {
    let asked = std::env::var("CREDITBANK_MODEL_CASES").ok();
    let asked = asked.map(|cases| cases.parse().expect("CREDITBANK_MODEL_CASES is a number"));
    asked.unwrap_or(60_u32).div_ceil(share)
}

#[test]
fn the_bank_does_what_the_model_says_in_short_stories() {
    play_stories(cases(2), 25);
}

#[test]
fn the_bank_does_what_the_model_says_in_long_stories() {
    play_stories(cases(6), 60);
}
