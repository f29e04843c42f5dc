//! `creditbank same-courses load` and `creditbank same-courses candidates`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use creditbank_domain::authz::KeepRegister;
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::{flows, reads};

use super::{file_bytes, say_registered};
use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, load, operator};

/// What can be done with them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Load all of a JSON pack, or nothing of it / 登记同课目录与替代课程
    Load {
        /// Groups of same courses and substitutes, with the document they rest on
        file: PathBuf,
    },
    /// Print courses of several owners whose names come to the same, for a person to look at /
    /// 列出名称相同的课程,供人工核对
    Candidates,
}

/// Does it; a pack that is there already changes nothing.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    let grant = operator::for_bank::<KeepRegister>()?;
    let now = clock::now();
    match command {
        Command::Load { file } => {
            let lists = load::read_same_courses(&file_bytes(file)?)?;
            let ledger = settings.ledger()?;
            let counts = flows::register_same_courses(&ledger, &grant, &lists, now)
                .map_err(Problem::from)?;
            say_registered(counts);
        }
        Command::Candidates => {
            let ledger = settings.ledger()?;
            let found = reads::same_names(&ledger, &grant, bank_day(now)).map_err(Problem::from)?;
            for candidate in &found {
                say!("{}", candidate.key);
                for course in &candidate.courses {
                    say!("  {} {} {}", course.owner, course.code, course.title);
                }
            }
            let count = found.len();
            say!("共 {count} 组,未作任何处理 / {count} names in common; nothing was changed");
        }
    }
    Ok(ExitCode::SUCCESS)
}
