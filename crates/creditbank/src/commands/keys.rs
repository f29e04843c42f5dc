//! `creditbank keys`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use creditbank_api::new_signing_key;
use creditbank_domain::authz::KeepRegister;
use creditbank_ledger::flows::{self, Rotation};
use creditbank_ledger::reads::{self, SigningKeyState};

use crate::keys::{IDENTITY_KEY_FILE, NewKeys, PRIVATE_KEY_FILE, PUBLIC_KEY_FILE};
use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, operator};

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an identity key and a key pair for access tokens / 生成密钥
    Generate {
        /// Write them there, readable by their owner only, instead of printing them
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Print the keys that sign access tokens / 列出签名密钥
    List,
    /// Let the announced key sign, and announce another one / 轮换签名密钥
    Rotate {
        /// Also where others may not have fetched the announced key yet
        #[arg(long, conflicts_with = "lost")]
        now: bool,
        /// At once, and let nothing count any more that the present key signed
        #[arg(long)]
        lost: bool,
    },
}

/// Prints what there is or was made.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Generate { out } => generate(out.as_deref()),
        Command::List => list(settings),
        Command::Rotate { now, lost } => {
            let rotation = match (now, lost) {
                (_, true) => Rotation::Lost,
                (true, false) => Rotation::AtOnce,
                (false, false) => Rotation::WhenSeen,
            };
            let ledger = settings.ledger()?;
            let grant = operator::for_bank::<KeepRegister>()?;
            let fresh = new_signing_key();
            flows::rotate_signing_keys(&ledger, &grant, &fresh, rotation, clock::now())
                .map_err(Problem::from)?;
            list(settings)
        }
    }
}

fn list(settings: &Settings) -> anyhow::Result<ExitCode> {
    let keys = reads::signing_keys(&settings.ledger()?, clock::now()).map_err(Problem::from)?;
    for key in keys {
        let state = match key.state {
            SigningKeyState::Next => "next",
            SigningKeyState::Current => "current",
            SigningKeyState::Retired => "retired",
        };
        say!("{} {state} announced {}", key.kid, key.created_at);
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the keys as settings, or writes them to files and says which settings name those.
fn generate(out: Option<&Path>) -> anyhow::Result<ExitCode> {
    let keys = NewKeys::generate();
    let Some(directory) = out else {
        say!("CREDITBANK_IDENTITY_KEY={}", keys.identity_key);
        say!(
            "CREDITBANK_TOKEN_PRIVATE_KEY='{}'",
            keys.private_pem.trim_end()
        );
        say!(
            "CREDITBANK_TOKEN_PUBLIC_KEY='{}'",
            keys.public_pem.trim_end()
        );
        return Ok(ExitCode::SUCCESS);
    };
    keys.write_to(directory).map_err(|error| {
        let shown = directory.display();
        Problem::new(
            "KEYS_NOT_WRITTEN",
            format!("密钥无法写入 {shown}({error})"),
            format!("the keys cannot be written to {shown} ({error})"),
        )
        .todo(
            "已有密钥不会被覆盖,请另选目录",
            "existing keys are never overwritten; choose another directory",
        )
    })?;
    let file = |name| directory.join(name).display().to_string();
    say!(
        "CREDITBANK_IDENTITY_KEY=\"$(cat {})\"",
        file(IDENTITY_KEY_FILE)
    );
    say!(
        "CREDITBANK_TOKEN_PRIVATE_KEY_FILE={}",
        file(PRIVATE_KEY_FILE)
    );
    say!("CREDITBANK_TOKEN_PUBLIC_KEY_FILE={}", file(PUBLIC_KEY_FILE));
    Ok(ExitCode::SUCCESS)
}
