//! A balance over HTTP: beside the cheapest thing the same server answers, and beside the bare SQL.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use crate::bank::BenchBank;
use crate::http::{Load, drive_for, get};
use crate::pgbench;
use crate::report::{self, Figure, median};
use crate::server::Server;

/// Connections, and clients of pgbench, when the machine is to be busy.
const MANY: usize = 64;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub rounds: usize,
    pub time: Duration,
}

/// Reads learners' balances as an institution.
pub fn run(bank: &mut BenchBank, size: Size, figures: &mut Vec<Figure>) -> Result<()> {
    let server = Server::start(bank, true)?;
    let balances = Arc::new(requests(bank, &server)?);
    let health = Arc::new(vec![get("/health/live", None)]);
    let time = size.time;
    let mut measured: [Vec<f64>; 6] = Default::default();
    for round in 0..size.rounds {
        let many = drive_for(server.address, MANY, &balances, time)?;
        let live = drive_for(server.address, MANY, &health, time)?;
        let bare = pgbench::run(bank, pgbench::BALANCE, MANY / 8, time)?;
        let one = drive_for(server.address, 1, &balances, time)?;
        let live_one = drive_for(server.address, 1, &health, time)?;
        let bare_one = pgbench::run(bank, pgbench::BALANCE, 1, time)?;
        if report::counts(round, size.rounds) {
            let rates = [many, live, bare].map(|load: Load| load.rate);
            let times = [one, live_one, bare_one].map(|load: Load| load.latency);
            for (kept, figure) in measured.iter_mut().zip(rates.into_iter().chain(times)) {
                kept.push(figure);
            }
        }
    }
    server.stop()?;
    let [many, live, bare, one, live_one, bare_one] = measured.map(median);
    figures.push(Figure::rate(
        "balance / GET /health/live, 64 connections",
        many,
        live,
        0.6,
    ));
    figures.push(Figure::rate(
        "balance, 64 connections / pgbench, 8 clients",
        many,
        bare,
        1.0 / 1.3,
    ));
    figures.push(Figure::time(
        "balance / GET /health/live, 1 connection",
        one,
        live_one,
        0.0,
    ));
    figures.push(Figure::time(
        "balance, 1 connection / pgbench, 1 client",
        one,
        bare_one,
        1.0 / 1.3,
    ));
    Ok(())
}

/// A request for each of some thousand learners.
pub fn requests(bank: &BenchBank, server: &Server) -> Result<Vec<Vec<u8>>> {
    let numbers =
        bank.sql("select learner_no from learners order by md5(learner_no) limit 10000")?;
    let request = |number: &str| {
        let path = format!("/v1/learners/{number}/balance");
        get(&path, Some(&server.token))
    };
    Ok(numbers.split_whitespace().map(request).collect())
}

/// Balances of a bank of this size, a second; for comparing sizes.
pub fn rate(bank: &BenchBank, time: Duration) -> Result<f64> {
    let server = Server::start(bank, true)?;
    let balances = Arc::new(requests(bank, &server)?);
    drive_for(server.address, MANY, &balances, time / 3)?;
    let load = drive_for(server.address, MANY, &balances, time)?;
    server.stop()?;
    Ok(load.rate)
}
