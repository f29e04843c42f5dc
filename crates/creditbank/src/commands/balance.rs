//! `creditbank balance`

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use creditbank_domain::authz::ReadLearner;
use creditbank_domain::calendar::last_moment;
use creditbank_domain::reading::ReadKind;
use creditbank_ledger::reads::{self, AsOf};

use crate::problem::Problem;
use crate::settings::Settings;
use crate::{operator, screen};

/// Whose account, and when.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The learner number, for example ABCD-EFGH-JKLM
    learner_no: String,
    /// The balance as it was at the end of a day in China, for example 2026-01-31
    #[arg(long)]
    as_of: Option<String>,
    /// By what the books said then, or by what counted then whenever it was recorded
    #[arg(long, value_enum, default_value_t = By::Recorded, requires = "as_of")]
    by: By,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum By {
    Recorded,
    Learned,
}

/// Prints the balance by unit and every movement with its reason and figures; of an earlier day the
/// balance only, by unit and by institution.
pub(crate) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let learner_no = operator::learner_no(&arguments.learner_no)?;
    let as_of = arguments.as_of.as_deref().map(operator::day).transpose()?;
    let ledger = settings.ledger()?;
    let grant = operator::for_learner::<ReadLearner>(learner_no)?;
    operator::note_reading(&ledger, &grant, learner_no, ReadKind::Balance)?;
    let Some(day) = as_of else {
        operator::note_reading(&ledger, &grant, learner_no, ReadKind::Movements)?;
        screen::say_account(&ledger, &grant)?;
        return Ok(ExitCode::SUCCESS);
    };
    let as_of = match arguments.by {
        By::Recorded => AsOf::Recorded(last_moment(day)),
        By::Learned => AsOf::Learned(day),
    };
    let balance = reads::balance_as_of(&ledger, &grant, as_of).map_err(Problem::from)?;
    screen::say_balance_as_of(&balance, as_of);
    Ok(ExitCode::SUCCESS)
}
