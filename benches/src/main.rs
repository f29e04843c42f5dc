//! The benches: each figure beside its limit, measured in the same run on the same machine.
//!
//! `make bench`, or `cargo run --release -p creditbank-benches -- [--quick]`. What each figure
//! means is in docs/PERFORMANCE.md.

mod balance;
mod bank;
mod http;
mod pgbench;
mod posting;
mod report;
mod server;
mod singles;

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Parser;
use creditbank_localpg::LocalPg;

use crate::bank::BenchBank;

/// What to measure, and at what size.
#[derive(Debug, Parser)]
struct Arguments {
    /// A tenth of everything: a look, not a result
    #[arg(long)]
    quick: bool,
    /// Almost nothing of everything: proves that the benches work
    #[arg(long)]
    tiny: bool,
    /// Only these parts: posting, singles, balance
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// A setting of the server, name=value: to profile, or to see what it changes
    #[arg(long)]
    setting: Vec<String>,
    /// Say where the filled bank is and wait for Enter: to look at plans, to profile
    #[arg(long)]
    wait: bool,
    /// Where the figures are kept
    #[arg(long, default_value = "target/bench.json")]
    out: PathBuf,
}

impl Arguments {
    fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|it| it == part)
    }

    fn sized(&self, full: usize, quick: usize, tiny: usize) -> usize {
        match (self.tiny, self.quick) {
            (true, _) => tiny,
            (false, true) => quick,
            (false, false) => full,
        }
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    // The server may run as another user than we do.
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777))?;
    let mut builder = LocalPg::builder()
        .data_dir_or(folder.path().join("bank"), "/var/lib/creditbank-bench")
        .setting("shared_buffers", &quarter_of_memory())
        .setting("checkpoint_timeout", "30min");
    for setting in &arguments.setting {
        let (name, value) = setting.split_once('=').context("a setting is name=value")?;
        builder = builder.setting(name, value);
    }
    let server = builder.start()?;
    let learners = arguments.sized(100_000, 10_000, 200);
    println!("filling a bank: {learners} learners");
    let mut bank = BenchBank::start(server, folder.path().to_path_buf(), learners)?;
    if arguments.wait {
        println!("{}", bank.server.url(bank::DATABASE));
        std::io::stdin().read_line(&mut String::new())?;
    }
    let mut figures = Vec::new();
    if arguments.wants("posting") {
        let size = posting::Size {
            rounds: arguments.sized(5, 3, 1),
            outcomes: arguments.sized(50_000, 10_000, 100),
        };
        posting::run(&mut bank, size, &mut figures)?;
    }
    if arguments.wants("singles") || arguments.wants("balance") {
        pgbench::prepare(&bank)?;
    }
    let seconds = arguments.sized(10, 3, 1);
    if arguments.wants("singles") {
        let size = singles::Size {
            rounds: arguments.sized(3, 2, 1),
            posts: arguments.sized(60_000, 15_000, 60),
            seconds,
        };
        singles::run(&mut bank, size, &mut figures)?;
    }
    if arguments.wants("balance") {
        let rounds = arguments.sized(3, 2, 1);
        balance::run(&mut bank, balance::Size { rounds, seconds }, &mut figures)?;
    }
    bank.stop()?;
    report::print(&figures);
    report::write(&figures, &arguments.out)
}

/// As design section 8 has it.
fn quarter_of_memory() -> String {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = text
        .split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse().ok());
    let kilobytes: u64 = total.unwrap_or(4 * 1024 * 1024);
    format!("{}MB", (kilobytes / 4 / 1024).clamp(128, 16 * 1024))
}
