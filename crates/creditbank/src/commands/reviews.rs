//! `creditbank reviews calendar`, `chain` and `delegate`

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Subcommand;
use creditbank_domain::authz::KeepRegister;
use creditbank_domain::process::Hand;
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::flows::{self, Delegation};
use uuid::Uuid;

use super::file_bytes;
use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, load, operator};

/// What can be arranged for reviews.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Load the holidays of years / 登记工作日历
    Calendar {
        /// A year each, for example packs/calendars/*.json
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Register the stages of an institution's conversion requests / 登记审核环节
    Chain {
        /// The stages with the document they rest on
        file: PathBuf,
    },
    /// Let somebody stand in for an absent reviewer / 登记代理审核
    Delegate {
        /// Who is away: the id of a client or person
        absent: Uuid,
        /// Who stands in
        delegate: Uuid,
        /// First day, YYYY-MM-DD
        #[arg(long)]
        from: NaiveDate,
        /// Last day, YYYY-MM-DD
        #[arg(long)]
        to: NaiveDate,
        /// The institution whose reviewers they are; left out for the bank's
        #[arg(long)]
        institution: Option<String>,
    },
}

/// Does it and says what came of it; the same again changes nothing.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    let grant = operator::for_bank::<KeepRegister>()?;
    match command {
        Command::Calendar { files } => {
            let mut years = Vec::with_capacity(files.len());
            for file in files {
                years.push(load::read_calendar(&file_bytes(file)?)?);
            }
            let ledger = settings.ledger()?;
            for year in years {
                let new = flows::load_calendar_year(&ledger, &grant, &year, clock::now())
                    .map_err(Problem::from)?;
                say_done(&year.year.to_string(), new);
            }
        }
        Command::Chain { file } => {
            let chain = load::read_chain(&file_bytes(file)?)?;
            let ledger = settings.ledger()?;
            let new = flows::register_chain(&ledger, &grant, &chain, clock::now())
                .map_err(Problem::from)?;
            say_done(chain.institution.as_str(), new);
        }
        Command::Delegate {
            absent,
            delegate,
            from,
            to,
            institution,
        } => {
            let institution = institution
                .as_deref()
                .map(InstitutionCode::new)
                .transpose()?;
            let order = Delegation {
                institution,
                absent: Hand(*absent),
                delegate: Hand(*delegate),
                valid_from: *from,
                valid_to: *to,
            };
            let ledger = settings.ledger()?;
            let id = flows::delegate_reviews(&ledger, &grant, &order, clock::now())
                .map_err(Problem::from)?;
            say_done(&id.to_string(), true);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn say_done(what: &str, new: bool) {
    if new {
        say!("{what} 已登记 / registered");
    } else {
        say!("{what} 先前已登记,未作更改 / registered before, nothing changed");
    }
}
