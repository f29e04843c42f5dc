//! `creditbank totals` and `creditbank totals rebuild`

use std::process::ExitCode;

use chrono::{Datelike as _, NaiveDate};
use clap::{Args, Subcommand};
use creditbank_domain::authz::{Grant, KeepRegister, ReadTotals};
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::reads::{self, TotalFigures, TotalView};
use creditbank_ledger::{Ledger, flows};

use crate::output::{left, right, say};
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, operator};

/// Which totals.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// First day, YYYY-MM-DD; the first of the last day's month where absent
    #[arg(long)]
    from: Option<NaiveDate>,
    /// Last day, YYYY-MM-DD; today where absent
    #[arg(long)]
    to: Option<NaiveDate>,
    /// Only of this institution, by its code
    #[arg(long)]
    institution: Option<String>,
}

/// What can be done with totals but print them.
#[derive(Debug, Subcommand)]
enum Command {
    /// Make them again from nothing; exit 1 where they come out otherwise / 重算汇总
    Rebuild,
}

/// Prints totals, or makes them again.
pub(crate) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let ledger = settings.ledger()?;
    match &arguments.command {
        Some(Command::Rebuild) => Ok(rebuild(&ledger)?),
        None => Ok(print(&ledger, arguments)?),
    }
}

fn rebuild(ledger: &Ledger) -> Result<ExitCode, Problem> {
    let grant = operator::for_bank::<KeepRegister>()?;
    let rebuilt = flows::rebuild_totals(ledger, &grant, clock::now())?;
    let flows::RebuiltTotals {
        up_to_seq,
        rows,
        unchanged,
    } = rebuilt;
    say!("已重算 {rows} 行,计至事件 {up_to_seq} / {rows} rows made again, up to event {up_to_seq}");
    if unchanged {
        say!("与原汇总一致 / they are what they were");
        return Ok(ExitCode::SUCCESS);
    }
    say!("与原汇总不一致,已更正 / they were something else before, and are right now");
    Ok(ExitCode::FAILURE)
}

fn print(ledger: &Ledger, arguments: &Arguments) -> Result<ExitCode, Problem> {
    let grant: Grant<ReadTotals> = match &arguments.institution {
        Some(code) => operator::for_institution(&operator::institution(ledger, code)?)?,
        None => operator::for_bank()?,
    };
    let to = arguments.to.unwrap_or_else(|| bank_day(clock::now()));
    let from = arguments.from.or_else(|| to.with_day(1)).unwrap_or(to);
    let view = reads::totals(ledger, &grant, from, to)?;
    let up_to_seq = view.up_to_seq;
    say!("汇总 Totals {from} – {to},计至事件 up to event {up_to_seq}");
    for total in &view.totals {
        say_total(total);
    }
    Ok(ExitCode::SUCCESS)
}

fn say_total(total: &TotalView) {
    let TotalView {
        institution_code,
        unit,
        category,
        ..
    } = total;
    say!("");
    let headings = [
        "入账 issued",
        "可用 free",
        "预留 held",
        "已用 used",
        "过期 lapsed",
        "撤销 undone",
    ];
    let name = format!("{institution_code} {} {category}", unit.zh());
    say!("{}{}", left(&name, 24), row(headings.map(str::to_owned)));
    say_figures("期初 opening", &total.opening);
    for (day, figures) in &total.days {
        say_figures(&day.to_string(), figures);
    }
    say_figures("期末 closing", &total.closing);
}

fn say_figures(name: &str, figures: &TotalFigures) {
    let sums = [
        figures.issued,
        figures.available,
        figures.held,
        figures.used,
        figures.expired,
        figures.withdrawn,
    ];
    let cells = sums.map(|sum| {
        if sum.is_zero() {
            "–".to_owned()
        } else {
            sum.to_string()
        }
    });
    say!("  {}{}", left(name, 22), row(cells));
}

fn row(cells: [String; 6]) -> String {
    cells.iter().map(|cell| right(cell, 14)).collect()
}
