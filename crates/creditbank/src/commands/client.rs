//! `creditbank client add`

use std::process::ExitCode;

use clap::Subcommand;
use creditbank_domain::authz::{KeepRegister, Role};
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::flows::{self, NewClient};

use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, operator};

/// What can be done with clients.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Register a program or person that calls the API / 登记客户端
    Add {
        /// Its name, unique in the bank
        #[arg(long)]
        name: String,
        /// The code of the institution for which it acts
        #[arg(long)]
        institution: Option<String>,
        /// The learner whose own account it is
        #[arg(long)]
        learner_no: Option<String>,
        /// What it is: registrar, school_officer, reviewer, secretariat, auditor, learner
        #[arg(long = "role", required = true)]
        roles: Vec<Role>,
    },
}

/// Registers it and prints its id.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    let Command::Add {
        name,
        institution,
        learner_no,
        roles,
    } = command;
    let ledger = settings.ledger()?;
    if let Some(code) = institution {
        operator::institution(&ledger, code)?;
    }
    let institution = institution
        .as_deref()
        .map(InstitutionCode::new)
        .transpose()?;
    let learner_no = learner_no
        .as_deref()
        .map(operator::learner_no)
        .transpose()?;
    let client = NewClient {
        name: name.clone(),
        institution,
        learner_no,
        roles: roles.clone(),
    };
    let grant = operator::for_bank::<KeepRegister>()?;
    let id =
        flows::register_client(&ledger, &grant, &client, clock::now()).map_err(Problem::from)?;
    say!("{id}");
    Ok(ExitCode::SUCCESS)
}
