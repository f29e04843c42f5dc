//! `creditbank rules propose` and `creditbank rules approve`: two people, one each.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use creditbank_domain::authz::KeepRegister;
use creditbank_domain::ids::RuleSetId;
use creditbank_ledger::flows;
use uuid::Uuid;

use super::file_bytes;
use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, load, operator};

/// What can be done with rule sets.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Propose a rule set from a JSON file / 提出规则
    Propose {
        /// The rule set with the document it rests on
        file: PathBuf,
        /// Who proposes it
        #[arg(long)]
        by: String,
    },
    /// Approve a proposed rule set; by somebody else than who proposed it / 审批规则
    Approve {
        /// The id that `propose` printed
        id: Uuid,
        /// Who approves it
        #[arg(long)]
        by: String,
    },
}

/// Does it and prints the id or the confirmation.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    let grant = operator::for_bank::<KeepRegister>()?;
    match command {
        Command::Propose { file, by } => {
            let proposed = load::read_rules(&file_bytes(file)?)?;
            let ledger = settings.ledger()?;
            let now = clock::now();
            let documents = [proposed.document];
            flows::register_documents(&ledger, &grant, &documents, now).map_err(Problem::from)?;
            let id = flows::propose_rule_set(&ledger, &grant, &proposed.rule_set, by, now)
                .map_err(Problem::from)?;
            say!("{id}");
            say!("已提出,需由他人审批 / proposed; somebody else approves it:");
            say!("  creditbank rules approve {id} --by NAME");
        }
        Command::Approve { id, by } => {
            let ledger = settings.ledger()?;
            let id = RuleSetId::from_uuid(*id);
            flows::approve_rule_set(&ledger, &grant, id, by, clock::now())
                .map_err(Problem::from)?;
            say!("{id} 已生效 / approved");
        }
    }
    Ok(ExitCode::SUCCESS)
}
