//! `creditbank catalogue`: load entries and subcategories, record reviews, list what is overdue.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::fault::Fault;
use creditbank_domain::text::{CourseCode, DocumentNumber, InstitutionCode, TextError};
use creditbank_ledger::flows::{self, RegisterCounts, ReviewOrder};
use creditbank_ledger::{Ledger, LedgerError, reads};

use super::{file_bytes, say_registered};
use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, load, operator};

/// What can be done with them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Register all of a CSV file, or nothing of it / 登记成果目录
    Load {
        /// Catalogue versions (机构代码, 课程代码 …)
        file: PathBuf,
    },
    /// Register the bank's own categories from a CSV file / 登记子类别
    Subcategories {
        /// Subcategories (子类别, 名称, 英文名称, 类别)
        file: PathBuf,
    },
    /// Record that an entry was reviewed / 登记复审
    Review(ReviewArguments),
    /// List the entries that are overdue for review / 列出逾期未复审的条目
    Overdue {
        /// The day in China by which it is judged; today where absent
        #[arg(long)]
        on: Option<String>,
    },
}

/// A review that took place.
#[derive(Debug, Args)]
pub(crate) struct ReviewArguments {
    /// The code of the institution that registered the entry
    owner: String,
    /// The owner's code of the entry
    code: String,
    /// The day of the review, for example 2025-07-24
    #[arg(long)]
    on: String,
    /// The committee or office that reviewed it; never a person
    #[arg(long)]
    by: String,
    /// The number of the document that says so
    #[arg(long)]
    document: String,
}

/// Does it and prints what came of it.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    let grant = operator::for_bank::<KeepRegister>()?;
    let now = clock::now();
    match command {
        Command::Load { file } => {
            register(settings, file, load::read_catalogue, |ledger, rows| {
                flows::publish_catalogue(ledger, &grant, rows, now)
            })?
        }
        Command::Subcategories { file } => {
            register(settings, file, load::read_subcategories, |ledger, rows| {
                flows::register_subcategories(ledger, &grant, rows, now)
            })?;
        }
        Command::Review(arguments) => {
            let order = order(arguments)?;
            let ledger = settings.ledger()?;
            let new = flows::record_review(&ledger, &grant, &order, now).map_err(Problem::from)?;
            if new {
                say!("{} 已登记复审 / the review is recorded", order.code);
            } else {
                say!("{} 该复审已登记 / it was recorded before", order.code);
            }
        }
        Command::Overdue { on } => {
            let on = on.as_deref().map(operator::day).transpose()?;
            let day = on.unwrap_or_else(|| bank_day(now));
            say_overdue(&settings.ledger()?, &grant, day)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn register<T>(
    settings: &Settings,
    file: &Path,
    read: impl Fn(&[u8]) -> Result<Vec<T>, Problem>,
    write: impl Fn(&Ledger, &[T]) -> Result<RegisterCounts, LedgerError>,
) -> Result<(), Problem> {
    let rows = read(&file_bytes(file)?)?;
    let ledger = settings.ledger()?;
    say_registered(write(&ledger, &rows)?);
    Ok(())
}

fn order(arguments: &ReviewArguments) -> Result<ReviewOrder, Problem> {
    let wrong = |wrong: TextError| Problem::of_fault(&Fault::from(wrong));
    Ok(ReviewOrder {
        owner: InstitutionCode::new(&arguments.owner).map_err(wrong)?,
        code: CourseCode::new(&arguments.code).map_err(wrong)?,
        reviewed_on: operator::day(&arguments.on)?,
        reviewed_by: arguments.by.clone(),
        document: DocumentNumber::new(&arguments.document).map_err(wrong)?,
    })
}

fn say_overdue(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    day: chrono::NaiveDate,
) -> Result<(), Problem> {
    let overdue = reads::overdue_entries(ledger, grant, day, None, usize::MAX)?;
    for entry in &overdue {
        let reviewed = entry
            .reviewed_on
            .map_or_else(|| "从未复审 never".to_owned(), |day| day.to_string());
        let state = match entry.blocked {
            true => "不再计分 earns nothing",
            false => "宽限期内 in grace",
        };
        say!(
            "{} {} {}: 上次复审 reviewed {reviewed},应复审 due {},{state}(自 from {})",
            entry.owner,
            entry.code,
            entry.title,
            entry.review.due_on,
            entry.review.block_from,
        );
    }
    say!(
        "{day}: {} 个条目逾期未复审 / entries overdue",
        overdue.len()
    );
    Ok(())
}
