//! `creditbank token`

use std::process::ExitCode;

use chrono::Duration;
use clap::Args;
use creditbank_domain::authz::KeepRegister;
use creditbank_ledger::reads;

use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, operator};

/// For whom and how long.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The client's name
    #[arg(long)]
    client: String,
    /// The learner who is signed in, for a client of role learner
    #[arg(long)]
    learner_no: Option<String>,
    /// For how many hours
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=720))]
    hours: u32,
}

/// Prints the token and nothing else.
pub(crate) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let signer = settings.token_signer()?;
    let ledger = settings.ledger()?;
    let grant = operator::for_bank::<KeepRegister>()?;
    let name = &arguments.client;
    let found = reads::client_by_name(&ledger, &grant, name).map_err(Problem::from)?;
    let client = found.filter(|client| client.active).ok_or_else(|| {
        Problem::new(
            "CLIENT_UNKNOWN",
            format!("没有名为 {name} 的有效客户端"),
            format!("there is no active client named {name}"),
        )
        .todo(
            "请先用 creditbank client add 登记",
            "register it with creditbank client add",
        )
    })?;
    let typed = arguments
        .learner_no
        .as_deref()
        .map(operator::learner_no)
        .transpose()?;
    let learner_no = typed.map(|number| number.as_str().to_owned());
    let valid_for = Duration::hours(i64::from(arguments.hours));
    say!(
        "{}",
        signer.sign(&client, learner_no, clock::now(), valid_for)?
    );
    Ok(ExitCode::SUCCESS)
}
