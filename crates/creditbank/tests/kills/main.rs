//! SIGKILL of the server and of Postgres, at random moments, while clients post and convert:
//! whatever was acknowledged is there once, nothing is there half, and what was not acknowledged is
//! done once when it is sent again under its key. And SIGTERM, after which nothing is left undone.
//!
//! `CREDITBANK_KILL_ROUNDS=50` kills each that often; a few times where nothing is said.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a test from the first line to the last; it reads the clock, waits and tells"
)]

mod bank;
mod clients;
mod ends;
mod guessing;
mod imports;
mod receiver;
mod rotation;
mod server;
mod webhooks;

use std::time::Duration;

use rand::RngExt as _;

use bank::Bank;
use clients::Work;
use server::Server;

const ROUNDS: u32 = 3;
/// How long clients work after what was killed is back.
const AFTERWARDS: Duration = Duration::from_millis(300);

fn rounds() -> u32 {
    let asked = std::env::var("CREDITBANK_KILL_ROUNDS").ok();
    asked.map_or(ROUNDS, |rounds| rounds.parse().expect("a number of rounds"))
}

fn some_time() -> Duration {
    Duration::from_millis(rand::rng().random_range(50..1_200))
}

/// Lets clients work, does something terrible at a random moment, and compares the books with what
/// the clients were told.
fn rounds_of(terrible: impl Fn(&Bank, &mut Server)) {
    let bank = Bank::start();
    let mut server = Server::start(&bank);
    for round in 1..=rounds() {
        let work = Work::begin(&bank, server.address(), round);
        std::thread::sleep(some_time());
        terrible(&bank, &mut server);
        work.go_on_at(server.address());
        std::thread::sleep(AFTERWARDS);
        let done = work.end();
        eprintln!("round {round}: {}", done.told());
        bank.check(&done, round);
    }
    server.stop();
}

#[test]
fn a_killed_server_loses_and_doubles_nothing() {
    rounds_of(|bank, server| {
        server.kill();
        *server = Server::start(bank);
    });
}

#[test]
fn a_killed_postgres_loses_and_doubles_nothing() {
    rounds_of(|bank, _server| {
        bank.postgres().crash().unwrap();
        std::thread::sleep(some_time() / 4);
        bank.postgres().recover().unwrap();
    });
}
