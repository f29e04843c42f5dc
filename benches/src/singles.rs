//! Single posts over HTTP with 64 connections: together, one by one, and beside pgbench.

use std::time::Duration;

use anyhow::Result;

use crate::bank::{BenchBank, outcome_of};
use crate::http::{drive_through, post};
use crate::pgbench;
use crate::report::{self, Figure, median};
use crate::server::Server;

const CONNECTIONS: usize = 64;
const CLIENTS_OF_PGBENCH: usize = 32;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub rounds: usize,
    /// Posts of a round; a third of them one by one.
    pub posts: usize,
    pub time: Duration,
}

/// Posts known learners' outcomes, each with a key of its own.
pub fn run(bank: &mut BenchBank, size: Size, figures: &mut Vec<Figure>) -> Result<()> {
    let mut posts = Posts::default();
    let (mut together, mut alone, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..size.rounds {
        let one = through(bank, &mut posts, size.posts, true)?;
        let two = through(bank, &mut posts, size.posts / 3, false)?;
        let time = size.time;
        let three = pgbench::run(bank, pgbench::POST_ONE, CLIENTS_OF_PGBENCH, time)?.rate;
        // The first round is for the caches only.
        if report::counts(round, size.rounds) {
            together.push(one);
            alone.push(two);
            bare.push(three);
        }
    }
    let value = median(together);
    let name = "single posts over HTTP, together / one by one";
    figures.push(Figure::rate(name, value, median(alone), 3.0));
    let name = "single posts over HTTP, together / pgbench";
    figures.push(Figure::rate(name, value, median(bare), 1.5));
    Ok(())
}

/// What is posted next: a course for every learner, then another course.
#[derive(Default)]
struct Posts {
    learners: std::ops::Range<usize>,
    course: usize,
}

impl Posts {
    fn next(&mut self, bank: &mut BenchBank) -> Result<(usize, usize)> {
        if self.learners.is_empty() {
            self.learners = 0..bank.learners;
            self.course = bank.next_course()?;
        }
        let learner = self.learners.next().unwrap_or_default();
        Ok((learner, self.course))
    }
}

fn through(bank: &mut BenchBank, posts: &mut Posts, count: usize, together: bool) -> Result<f64> {
    let server = Server::start(bank, together)?;
    let mut requests = Vec::with_capacity(count);
    for _ in 0..count {
        let (learner, course) = posts.next(bank)?;
        let body = outcome_of(learner, course).json().to_string();
        let key = format!("single-{learner}-{course}");
        requests.push(post("/v1/outcomes", &server.token, &key, &body));
    }
    let load = drive_through(server.address, CONNECTIONS, requests)?;
    server.stop()?;
    Ok(load.rate)
}
