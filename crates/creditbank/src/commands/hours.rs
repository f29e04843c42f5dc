//! `creditbank hours propose`, `approve` and `claim`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use creditbank_domain::authz::{KeepRegister, PostOutcomes};
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::{LedgerError, flows};
use uuid::Uuid;

use super::file_bytes;
use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, load, operator};

/// What can be done with hour tables.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Propose a version of a table from a JSON pack / 提出学时表
    Propose {
        /// The table with the document it rests on
        file: PathBuf,
        /// Who proposes it
        #[arg(long)]
        by: String,
    },
    /// Approve a proposed table; by somebody else than who proposed it / 审批学时表
    Approve {
        /// The id that `propose` printed
        id: Uuid,
        /// Who approves it
        #[arg(long)]
        by: String,
    },
    /// Claim hours for activities in an institution's name; exit 1 when one is refused / 申报学时
    Claim {
        /// A JSON list of activities
        file: PathBuf,
        /// The institution's code
        #[arg(long)]
        institution: String,
    },
}

/// Does it and prints what came of it.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Propose { file, by } => {
            let table = load::read_hour_table(&file_bytes(file)?)?;
            let grant = operator::for_bank::<KeepRegister>()?;
            let ledger = settings.ledger()?;
            let id = flows::propose_hour_table(&ledger, &grant, &table, by, clock::now())
                .map_err(Problem::from)?;
            say!("{id}");
            say!("已提出,需由他人审批 / proposed; somebody else approves it:");
            say!("  creditbank hours approve {id} --by NAME");
        }
        Command::Approve { id, by } => {
            let grant = operator::for_bank::<KeepRegister>()?;
            let ledger = settings.ledger()?;
            flows::approve_hour_table(&ledger, &grant, *id, by, clock::now())
                .map_err(Problem::from)?;
            say!("{id} 已生效 / approved");
        }
        Command::Claim { file, institution } => return claim(settings, file, institution),
    }
    Ok(ExitCode::SUCCESS)
}

/// Each claim stands for itself: one that is refused does not keep the others out.
fn claim(settings: &Settings, file: &Path, institution: &str) -> anyhow::Result<ExitCode> {
    let claims = load::read_hour_claims(&file_bytes(file)?, bank_day(clock::now()))?;
    let ledger = settings.ledger()?;
    let institution = operator::institution(&ledger, institution)?;
    let grant = operator::for_institution::<PostOutcomes>(&institution)?;
    let mut refused = false;
    for claim in &claims {
        let source = claim.source_ref.as_str();
        match flows::claim_hours(&ledger, &grant, claim, clock::now()) {
            Ok(done) => {
                let status = if done.already_posted {
                    "已存在"
                } else {
                    "已入账"
                };
                say!(
                    "{source} {status} {} {}",
                    done.outcome.learner_no,
                    done.given
                );
                say!("  {}", done.explanation_zh);
                say!("  {}", done.explanation_en);
            }
            Err(LedgerError::Refused(fault) | LedgerError::Conflict(fault)) => {
                refused = true;
                say!("{source} 已拒绝 {}", fault.code);
                say!("  {}", fault.zh);
                say!("  {}", fault.en);
            }
            Err(other) => return Err(Problem::from(other).into()),
        }
    }
    Ok(if refused {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
