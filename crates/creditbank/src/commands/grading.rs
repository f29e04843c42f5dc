//! `creditbank grading load`; and `creditbank grading compare` and `creditbank grading advise`, from a
//! pack alone, without a bank.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use creditbank_domain::authz::KeepRegister;
use creditbank_domain::grading::{Comparison, Method, advise, compare};
use creditbank_ledger::flows;

use super::{file_bytes, say_registered};
use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, load, operator};

/// What can be asked of a pack of grading schemes.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Register schemes, tables and institutions' schemes of a pack, or nothing of it / 登记成绩制与对照表
    Load {
        /// Schemes and the tables between them, with the document they rest on
        pack: PathBuf,
    },
    /// Say whether a grade reaches a minimum, by a stated table only / 按对照表比较成绩
    Compare {
        /// Schemes and the tables between them
        pack: PathBuf,
        /// The grade
        grade: String,
        /// Its scheme
        #[arg(long)]
        scheme: String,
        /// The grade that is asked for
        #[arg(long)]
        minimum: String,
        /// The scheme of that one
        #[arg(long)]
        minimum_scheme: String,
        /// The day whose tables count, YYYY-MM-DD
        #[arg(long)]
        on: String,
    },
    /// Advise a grade of another scheme by two distributions; advice, no verdict / 按分布给出参考成绩
    Advise {
        /// Schemes and distributions of grades
        pack: PathBuf,
        /// The grade
        grade: String,
        /// Its scheme
        #[arg(long)]
        from: String,
        /// The other scheme
        #[arg(long)]
        to: String,
    },
}

/// Registers a pack, or prints what can be said by one and by what.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Load { pack } => {
            let pack = load::read_grading(&file_bytes(pack)?)?.registered();
            let ledger = settings.ledger()?;
            let grant = operator::for_bank::<KeepRegister>()?;
            let counts = flows::register_gradings(&ledger, &grant, &pack, clock::now())
                .map_err(Problem::from)?;
            say_registered(counts);
        }
        Command::Compare {
            pack,
            grade,
            scheme,
            minimum,
            minimum_scheme,
            on,
        } => {
            let pack = load::read_grading(&file_bytes(pack)?)?;
            let (own, wanted) = (pack.scheme(scheme)?, pack.scheme(minimum_scheme)?);
            let day = operator::day(on)?;
            let found = compare((grade, own), (minimum, wanted), &pack.tables, day);
            match &found {
                Comparison::Passes(table) => say!("达到 / passes{}", by(table.as_deref())),
                Comparison::Fails(table) => say!("未达到 / fails{}", by(table.as_deref())),
                Comparison::NotComparable(why) => say!("不可比较 / not comparable: {why}"),
            }
        }
        Command::Advise {
            pack,
            grade,
            from,
            to,
        } => {
            let pack = load::read_grading(&file_bytes(pack)?)?;
            let (own, other) = (pack.distribution(from)?, pack.distribution(to)?);
            let advice = advise(grade, own, other).map_err(|wrong| {
                Problem::new("NO_ADVICE", "成绩分布不足以给出参考", wrong.to_string())
            })?;
            let method = match advice.method {
                Method::Overlap => "重叠过半 / covers at least half",
                Method::MidPoint => "中点所在 / holds the middle",
            };
            say!("参考 / advice: {} ({method})", advice.grade);
            for share in &advice.shares {
                say!("  {} {} %", share.grade, share.percent);
            }
            let (ours, theirs) = advice.totals;
            say!(
                "仅供参考,依据 {ours} 与 {theirs} 个及格成绩 / advice only, from {ours} and {theirs} grades"
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn by(table: Option<&str>) -> String {
    table.map(|table| format!(" ({table})")).unwrap_or_default()
}
