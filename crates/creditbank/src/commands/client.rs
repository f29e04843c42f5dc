//! `creditbank client`

use std::process::ExitCode;

use clap::Subcommand;
use creditbank_domain::authz::{KeepRegister, Role};
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::Ledger;
use creditbank_ledger::flows::{self, NewClient};

use super::credentials::{self, KeyCommand, SecretCommand};
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
        /// What it is: registrar, school_officer, reviewer, institution_admin, secretariat,
        /// regulator, auditor, learner
        #[arg(long = "role", required = true)]
        roles: Vec<Role>,
    },
    /// Secrets by which a client gets tokens / 密钥
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Public keys by which a client gets tokens / 公钥
    #[command(subcommand)]
    Key(KeyCommand),
    /// Take a client's rights away, for example of a leaked token / 停用客户端
    Deactivate {
        /// Its name
        #[arg(long)]
        name: String,
    },
}

/// Registers a client and prints its id, or deactivates one.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    let ledger = settings.ledger()?;
    match command {
        Command::Add {
            name,
            institution,
            learner_no,
            roles,
        } => add(
            &ledger,
            name,
            institution.as_deref(),
            learner_no.as_deref(),
            roles,
        ),
        Command::Secret(command) => {
            credentials::secret(&ledger, command)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Key(command) => {
            credentials::key(&ledger, command)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Deactivate { name } => {
            let grant = operator::for_bank::<KeepRegister>()?;
            flows::deactivate_client(&ledger, &grant, name, clock::now()).map_err(Problem::from)?;
            say!("{name} inactive");
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn add(
    ledger: &Ledger,
    name: &str,
    institution: Option<&str>,
    learner_no: Option<&str>,
    roles: &[Role],
) -> anyhow::Result<ExitCode> {
    if let Some(code) = institution {
        operator::institution(ledger, code)?;
    }
    let institution = institution.map(InstitutionCode::new).transpose()?;
    let learner_no = learner_no.map(operator::learner_no).transpose()?;
    let client = NewClient {
        name: name.to_owned(),
        institution,
        learner_no,
        roles: roles.to_vec(),
    };
    let grant = operator::for_bank::<KeepRegister>()?;
    let id =
        flows::register_client(ledger, &grant, &client, clock::now()).map_err(Problem::from)?;
    say!("{id}");
    Ok(ExitCode::SUCCESS)
}
