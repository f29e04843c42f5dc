//! `creditbank accounts open`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use creditbank_domain::authz::OpenAccounts;
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::flows::{self, AccountAnswer, NewAccount};

use super::file_bytes;
use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, load, operator};

/// Beside 0 (everybody has an account) and 1 (nothing could be done), as an import's.
const SOME_LINES_REJECTED: u8 = 3;

/// How many accounts are opened in one transaction.
const PEOPLE_PER_TRANSACTION: usize = 1_000;

/// What can be done with them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Open an account for everybody in a CSV file; the same people again keep theirs / 批量开户
    Open {
        /// People (姓名, 身份证号, 护照号, 学号)
        file: PathBuf,
        /// The code of the institution that opens them
        #[arg(long)]
        institution: String,
    },
}

/// Opens the accounts, and prints the counts and every line that needs somebody's eye. Exit code
/// 0: everybody has an account; 3: some lines were rejected, the others have one.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    let Command::Open { file, institution } = command;
    let now = clock::now();
    let listed = load::read_accounts(&file_bytes(file)?, bank_day(now))?;
    let ledger = settings.ledger()?;
    let institution = operator::institution(&ledger, institution)?;
    let grant = operator::for_institution::<OpenAccounts>(&institution)?;
    let (mut opened, mut already_open, mut rejected) = (0_u64, 0_u64, 0_u64);
    for part in listed.chunks(PEOPLE_PER_TRANSACTION) {
        let people: Vec<NewAccount> = part.iter().map(|one| one.person.clone()).collect();
        let answers = flows::open_accounts(&ledger, &grant, &people, clock::now());
        for (one, answer) in part.iter().zip(answers.map_err(Problem::from)?) {
            let (count, fault) = match answer {
                AccountAnswer::Opened { warning, .. } => (&mut opened, warning),
                AccountAnswer::AlreadyOpen(_) => (&mut already_open, None),
                AccountAnswer::Rejected(fault) => (&mut rejected, Some(fault)),
            };
            *count = count.saturating_add(1);
            if let Some(fault) = fault {
                let line = one.line;
                say!(
                    "第 {line} 行 line {line}: {} {} / {}",
                    fault.code,
                    fault.zh,
                    fault.en
                );
            }
        }
    }
    say!("开户 {opened},已有 {already_open},拒绝 {rejected}");
    say!("{opened} opened, {already_open} already open, {rejected} rejected");
    Ok(if rejected > 0 {
        ExitCode::from(SOME_LINES_REJECTED)
    } else {
        ExitCode::SUCCESS
    })
}
