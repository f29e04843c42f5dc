//! `creditbank client secret` and `creditbank client key`: how a client gets tokens.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Subcommand;
use creditbank_api::{NewClientSecret, read_jwk};
use creditbank_domain::authz::KeepRegister;
use creditbank_ledger::flows::{self, NewClientKey, NewSecret};
use creditbank_ledger::{Ledger, reads};
use uuid::Uuid;

use super::file_bytes;
use crate::output::say;
use crate::problem::Problem;
use crate::{clock, operator};

/// What can be done with secrets.
#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// Make one more secret and print it, this once; earlier ones go on / 新增密钥
    Add {
        /// The client's name
        #[arg(long)]
        name: String,
        /// Until when it counts, as 2027-01-31T08:00:00Z
        #[arg(long)]
        until: Option<DateTime<Utc>>,
    },
    /// Print the names and times of the secrets that count / 列出密钥
    List {
        /// The client's name
        #[arg(long)]
        name: String,
    },
    /// Take a secret away at once / 吊销密钥
    Revoke {
        /// The client's name
        #[arg(long)]
        name: String,
        /// The secret's id
        #[arg(long)]
        secret: Uuid,
    },
}

/// What can be done with public keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Keep a client's public key for private_key_jwt / 登记公钥
    Add {
        /// The client's name
        #[arg(long)]
        name: String,
        /// A file with the key as RFC 7517 writes it
        #[arg(long)]
        jwk: PathBuf,
    },
    /// Take a public key away at once / 吊销公钥
    Revoke {
        /// The client's name
        #[arg(long)]
        name: String,
        /// The key's name
        #[arg(long)]
        kid: String,
    },
}

/// Does it; of a new secret the id and the secret are printed.
pub(crate) fn secret(ledger: &Ledger, command: &SecretCommand) -> Result<(), Problem> {
    let grant = operator::for_bank::<KeepRegister>()?;
    let now = clock::now();
    match command {
        SecretCommand::Add { name, until } => {
            let made = NewClientSecret::generate().map_err(|error| Problem::internal(&error))?;
            let secret = NewSecret {
                id: made.id,
                hash: &made.hash,
                expires_at: *until,
            };
            flows::add_client_secret(ledger, &grant, name, &secret, now)?;
            say!("{} {}", made.id, made.secret);
        }
        SecretCommand::List { name } => {
            for secret in reads::client_secrets_of(ledger, &grant, name, now)? {
                let until = secret.expires_at.map(|until| format!(" until {until}"));
                let until = until.unwrap_or_default();
                say!("{} from {}{until}", secret.id, secret.created_at);
            }
        }
        SecretCommand::Revoke { name, secret } => {
            flows::revoke_client_secret(ledger, &grant, name, *secret, now)?;
            say!("{secret} revoked");
        }
    }
    Ok(())
}

/// Does it; of a new key its name is printed.
pub(crate) fn key(ledger: &Ledger, command: &KeyCommand) -> Result<(), Problem> {
    let grant = operator::for_bank::<KeepRegister>()?;
    let now = clock::now();
    match command {
        KeyCommand::Add { name, jwk } => {
            let text = String::from_utf8_lossy(&file_bytes(jwk)?).into_owned();
            let read = read_jwk(&text).map_err(|wrong| {
                let zh = format!("公钥无法使用({wrong})");
                Problem::new("CLIENT_KEY", zh, wrong)
            })?;
            let key = NewClientKey {
                kid: &read.kid,
                algorithm: read.algorithm,
                jwk: &read.jwk,
            };
            flows::add_client_key(ledger, &grant, name, &key, now)?;
            say!("{} {}", read.kid, read.algorithm);
        }
        KeyCommand::Revoke { name, kid } => {
            flows::revoke_client_key(ledger, &grant, name, kid, now)?;
            say!("{kid} revoked");
        }
    }
    Ok(())
}
