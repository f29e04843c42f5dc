//! `creditbank figures`

use std::process::ExitCode;

use chrono::{Datelike as _, NaiveDate};
use clap::Args;
use creditbank_domain::authz::ReadTotals;
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::reads::{self, ConversionFigures};

use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, operator};

/// Which figures.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// First day, YYYY-MM-DD; the first of the last day's month where absent
    #[arg(long)]
    from: Option<NaiveDate>,
    /// Last day, YYYY-MM-DD; today where absent
    #[arg(long)]
    to: Option<NaiveDate>,
}

/// Prints the figures of every institution as CSV: the month's briefing begins with them.
pub(crate) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let to = arguments.to.unwrap_or_else(|| bank_day(clock::now()));
    let from = arguments.from.or_else(|| to.with_day(1)).unwrap_or(to);
    let ledger = settings.ledger()?;
    let grant = operator::for_bank::<ReadTotals>()?;
    let months = reads::conversion_figures(&ledger, &grant, (from, to)).map_err(Problem::from)?;
    say!("接收机构,月份,申请,申请学分,授予,削减,拒绝,待定,中位工作日,90%工作日,其他原因占比%,原因");
    for month in &months {
        let Some(figures) = &month.figures else {
            continue;
        };
        say!(
            "{},{},{}",
            month.institution,
            month.month.format("%Y-%m"),
            row(figures)
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn row(figures: &ConversionFigures) -> String {
    let days = |percent| {
        figures
            .within(percent)
            .map_or(String::new(), |it| it.to_string())
    };
    let other = figures.other_of_ten_thousand();
    let other = other.map_or(String::new(), |of| format!("{}.{:02}", of / 100, of % 100));
    let reasons: Vec<String> = { figures.reasons.iter() }
        .map(|(code, lines)| format!("{code}={lines}"))
        .collect();
    format!(
        "{},{},{},{},{},{},{},{},{other},{}",
        figures.count(),
        figures.requested,
        figures.granted,
        figures.cut,
        figures.refused,
        figures.open,
        days(50),
        days(90),
        reasons.join(" ")
    )
}
