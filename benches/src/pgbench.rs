//! `pgbench` from the server's own installation: what the database does with nothing around it.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::bank::{BenchBank, COURSES, COURSES_OF_PGBENCH};
use crate::http::Load;

/// A script of `benches/sql`.
#[derive(Debug, Clone, Copy)]
pub struct Script {
    pub name: &'static str,
    pub text: &'static str,
}

pub const POST_ONE: Script = Script {
    name: "post_one.sql",
    text: include_str!("../sql/post_one.sql"),
};
pub const BALANCE: Script = Script {
    name: "balance.sql",
    text: include_str!("../sql/balance.sql"),
};
pub const HOLD_AND_SETTLE: Script = Script {
    name: "hold_and_settle.sql",
    text: include_str!("../sql/hold_and_settle.sql"),
};

/// Makes what the scripts need.
pub fn prepare(bank: &BenchBank) -> Result<()> {
    for statement in include_str!("../sql/helpers.sql").split(";\n\n") {
        bank.sql(statement)?;
    }
    Ok(())
}

/// Runs a script as prepared statements with so many clients.
pub fn run(bank: &mut BenchBank, script: Script, clients: usize, time: Duration) -> Result<Load> {
    let file = bank.folder.join(script.name);
    std::fs::write(&file, script.text)?;
    let lots = bank.sql("select greatest(count(*), 1) from bench_lots")?;
    let run = bank.tick().timestamp();
    let defined = [
        ("i", "-1".to_owned()),
        ("run", run.to_string()),
        ("clients", clients.to_string()),
        ("learners", bank.learners.to_string()),
        ("lots", lots.trim().to_owned()),
        ("course_first", (COURSES - COURSES_OF_PGBENCH).to_string()),
        ("university", bank.university.to_string()),
    ];
    // It knows whole seconds only; for a moment it runs a few transactions.
    let (how_long, how_much) = match time.as_secs() {
        0 => ("-t", "10".to_owned()),
        seconds => ("-T", seconds.to_string()),
    };
    let mut arguments = vec![
        "-n".to_owned(),
        "-M".to_owned(),
        "prepared".to_owned(),
        "-c".to_owned(),
        clients.to_string(),
        how_long.to_owned(),
        how_much,
        "-f".to_owned(),
        file.display().to_string(),
    ];
    for (name, value) in defined {
        arguments.extend(["-D".to_owned(), format!("{name}={value}")]);
    }
    arguments.push(bank.database.to_owned());
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let printed = bank.server.run_tool("pgbench", &arguments)?;
    if !printed.contains("number of failed transactions: 0") {
        bail!("pgbench failed: {printed}");
    }
    let rate: f64 = after(&printed, "tps = ")?;
    let milliseconds: f64 = after(&printed, "latency average = ")?;
    Ok(Load {
        rate,
        latency: milliseconds * 1e3,
    })
}

fn after(printed: &str, label: &str) -> Result<f64> {
    let text = printed
        .split(label)
        .nth(1)
        .context("pgbench said nothing")?;
    let number = text.split([' ', '\n']).next().unwrap_or_default();
    Ok(number.parse()?)
}
