//! The benches: each figure beside its limit, measured in the same run on the same machine.
//!
//! `make bench`, or `cargo run --release -p creditbank-benches -- [--quick]`. What each figure
//! means is in docs/PERFORMANCE.md.

mod balance;
mod bank;
mod copied_rows;
mod growth;
mod holds;
mod http;
mod import;
mod pgbench;
mod posting;
mod report;
mod semester_file;
mod server;
mod singles;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use creditbank_localpg::LocalPg;

use crate::bank::BenchBank;
use crate::report::Figure;

const PARTS: [&str; 6] = ["posting", "singles", "balance", "holds", "import", "growth"];

/// What to measure, and at what size.
#[derive(Debug, Parser)]
struct Arguments {
    /// A tenth of everything: a look, not a result
    #[arg(long)]
    quick: bool,
    /// Almost nothing of everything: proves that the benches work
    #[arg(long)]
    tiny: bool,
    /// Also whether a balance costs the same among 10^5, 10^6 and 10^7 outcomes: half an hour
    #[arg(long)]
    large: bool,
    /// Only these parts: posting, singles, balance, holds, import, growth
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// A setting of the server, name=value: to profile, or to see what it changes
    #[arg(long)]
    setting: Vec<String>,
    /// Say where the filled bank is and wait for Enter before anything is measured: to look at
    /// plans, to profile, to let the machine come to rest
    #[arg(long)]
    wait: bool,
    /// Where the figures are kept
    #[arg(long, default_value = "target/bench.json")]
    out: PathBuf,
}

impl Arguments {
    fn wants(&self, part: &str) -> bool {
        if self.only.is_empty() {
            return part != "growth";
        }
        self.only.iter().any(|it| it == part)
    }

    const fn sized(&self, full: usize, quick: usize, tiny: usize) -> usize {
        match (self.tiny, self.quick) {
            (true, _) => tiny,
            (false, true) => quick,
            (false, false) => full,
        }
    }

    /// Waits for Enter, where that is wished, before anything is measured.
    fn waited(&self, bank: &BenchBank) -> Result<()> {
        if self.wait {
            println!("{}", bank.server.url(bank::DATABASE));
            std::io::stdin().read_line(&mut String::new())?;
        }
        Ok(())
    }

    /// Of each measurement that goes by time.
    const fn time(&self) -> Duration {
        Duration::from_millis(self.sized(10_000, 3_000, 100) as u64)
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let unknown = arguments
        .only
        .iter()
        .find(|it| !PARTS.contains(&it.as_str()));
    ensure!(unknown.is_none(), "a part is one of {PARTS:?}");
    let folder = tempfile::tempdir()?;
    // The server may run as another user than we do.
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777))?;
    let mut figures = Vec::new();
    // First, while the bank is small.
    if arguments.large || arguments.wants("growth") {
        let mut bank = start(&arguments, folder.path(), 0)?;
        let divisor = arguments.sized(1, 100, 1_000);
        let learners = growth::fill(&mut bank, divisor)?;
        arguments.waited(&bank)?;
        growth::run(&mut bank, learners, arguments.time(), &mut figures)?;
        bank.stop()?;
    }
    if PARTS
        .iter()
        .any(|part| *part != "growth" && arguments.wants(part))
        || arguments.wait && !arguments.wants("growth")
    {
        let learners = arguments.sized(100_000, 10_000, 200);
        let mut bank = start(&arguments, folder.path(), learners)?;
        arguments.waited(&bank)?;
        measure(&arguments, &mut bank, &mut figures)?;
        bank.stop()?;
    }
    report::print(&figures);
    report::write(&figures, &arguments.out)
}

fn measure(arguments: &Arguments, bank: &mut BenchBank, figures: &mut Vec<Figure>) -> Result<()> {
    let time = arguments.time();
    let rounds = arguments.sized(4, 3, 1);
    if arguments.wants("posting") {
        let size = posting::Size {
            rounds: arguments.sized(6, 4, 1),
            outcomes: arguments.sized(50_000, 10_000, 100),
        };
        posting::run(bank, size, figures)?;
    }
    pgbench::prepare(bank)?;
    if arguments.wants("singles") {
        let size = singles::Size {
            rounds,
            posts: arguments.sized(60_000, 15_000, 60),
            time,
        };
        singles::run(bank, size, figures)?;
    }
    if arguments.wants("balance") {
        balance::run(bank, balance::Size { rounds, time }, figures)?;
    }
    if arguments.wants("holds") {
        holds::run(bank, holds::Size { rounds, time }, figures)?;
    }
    // Last: it leaves more learners than there were.
    if arguments.wants("import") {
        let size = import::Size {
            rounds: arguments.sized(2, 3, 1),
            singles: arguments.sized(5_000, 1_000, 20),
            time,
        };
        import::run(bank, size, figures)?;
    }
    Ok(())
}

/// A private server with the settings of a bank that is run in earnest, and a bank in it.
fn start(arguments: &Arguments, folder: &Path, learners: usize) -> Result<BenchBank> {
    let mut builder = LocalPg::builder()
        .data_dir_or(folder.join("bank"), "/var/lib/creditbank-bench")
        .setting("shared_buffers", &quarter_of_memory())
        .setting("checkpoint_timeout", "30min");
    for setting in &arguments.setting {
        let (name, value) = setting.split_once('=').context("a setting is name=value")?;
        builder = builder.setting(name, value);
    }
    eprintln!("filling a bank: {learners} learners");
    BenchBank::start(builder.start()?, folder.to_path_buf(), learners)
}

fn quarter_of_memory() -> String {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = text.split_whitespace().nth(1);
    let kilobytes = total
        .and_then(|it| it.parse().ok())
        .unwrap_or(4 * 1024 * 1024);
    format!("{}MB", (kilobytes / 4 / 1024).clamp(128, 16 * 1024))
}
