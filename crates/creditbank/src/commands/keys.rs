//! `creditbank keys generate`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use crate::keys::{IDENTITY_KEY_FILE, NewKeys, PRIVATE_KEY_FILE, PUBLIC_KEY_FILE};
use crate::output::say;
use crate::problem::Problem;

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an identity key and a key pair for access tokens / 生成密钥
    Generate {
        /// Write them there, readable by their owner only, instead of printing them
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

/// Prints the keys as settings, or writes them to files and says which settings name those.
pub(crate) fn run(command: &Command) -> anyhow::Result<ExitCode> {
    let Command::Generate { out } = command;
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
