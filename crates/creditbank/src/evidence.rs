//! Where evidence and files for imports are kept, by the settings, and what time does to evidence.

use std::path::Path;

use clap::Args;
use creditbank_api::{EvidenceError, purge_evidence, sweep_evidence};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_ledger::Ledger;
use creditbank_vault::{S3Settings, Vault, VaultError};
use tokio::runtime::Runtime;

use crate::clock;
use crate::problem::{Problem, chain};

/// An S3-compatible store for evidence and for files that are imported. Without a bucket they are
/// in the storage directory.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct EvidenceSettings {
    /// Keep evidence, and files that are imported, in this bucket of an S3-compatible store
    #[arg(long, env = "CREDITBANK_EVIDENCE_BUCKET", global = true)]
    evidence_bucket: Option<String>,
    /// What stands before every key in the bucket
    #[arg(
        long,
        env = "CREDITBANK_EVIDENCE_PREFIX",
        global = true,
        default_value = ""
    )]
    evidence_prefix: String,
    /// The store's address, for example https://s3.example.edu.cn
    #[arg(long, env = "CREDITBANK_EVIDENCE_ENDPOINT", global = true)]
    evidence_endpoint: Option<String>,
    /// The store's region
    #[arg(
        long,
        env = "CREDITBANK_EVIDENCE_REGION",
        global = true,
        default_value = "us-east-1"
    )]
    evidence_region: String,
    /// The address names the bucket already, as in https://bucket.oss-cn-hangzhou.aliyuncs.com
    #[arg(long, env = "CREDITBANK_EVIDENCE_VIRTUAL_HOSTED", global = true)]
    evidence_virtual_hosted: bool,
    /// Who we are at the store
    #[arg(
        long,
        env = "CREDITBANK_EVIDENCE_ACCESS_KEY_ID",
        global = true,
        hide_env_values = true
    )]
    evidence_access_key_id: Option<String>,
    /// And how we prove it
    #[arg(
        long,
        env = "CREDITBANK_EVIDENCE_SECRET_ACCESS_KEY",
        global = true,
        hide_env_values = true
    )]
    evidence_secret_access_key: Option<String>,
}

impl EvidenceSettings {
    /// Opens the store: the bucket where one is named, else a folder of the storage directory.
    pub(crate) fn vault(&self, storage_dir: &Path) -> Result<Vault, Problem> {
        if let Some(bucket) = self.bucket()? {
            return Ok(bucket);
        }
        std::fs::create_dir_all(storage_dir).map_err(|error| unusable(&error))?;
        Vault::directory(storage_dir).map_err(|error| unusable(&error))
    }

    /// The bucket, where one is named: all servers of the bank share it.
    pub(crate) fn bucket(&self) -> Result<Option<Vault>, Problem> {
        let Some(bucket) = filled(self.evidence_bucket.as_ref()) else {
            return Ok(None);
        };
        let needed = |value: &Option<String>, name: &'static str| {
            filled(value.as_ref()).ok_or_else(|| missing(name))
        };
        let settings = S3Settings {
            bucket,
            prefix: self.evidence_prefix.clone(),
            endpoint: needed(&self.evidence_endpoint, "CREDITBANK_EVIDENCE_ENDPOINT")?,
            region: self.evidence_region.clone(),
            virtual_hosted: self.evidence_virtual_hosted,
            access_key_id: needed(
                &self.evidence_access_key_id,
                "CREDITBANK_EVIDENCE_ACCESS_KEY_ID",
            )?,
            secret_access_key: needed(
                &self.evidence_secret_access_key,
                "CREDITBANK_EVIDENCE_SECRET_ACCESS_KEY",
            )?,
        };
        let vault = Vault::s3(&settings).map_err(|error| unusable(&error))?;
        Ok(Some(vault))
    }
}

fn filled(value: Option<&String>) -> Option<String> {
    value.filter(|text| !text.trim().is_empty()).cloned()
}

fn missing(name: &'static str) -> Problem {
    Problem::new(
        "SETTING_MISSING",
        format!("设置了 CREDITBANK_EVIDENCE_BUCKET,但没有设置 {name}"),
        format!("CREDITBANK_EVIDENCE_BUCKET is set and {name} is not"),
    )
}

fn unusable(error: &(dyn std::error::Error + 'static)) -> Problem {
    let told = chain(error);
    Problem::new(
        "EVIDENCE_STORE",
        format!("文件存储无法使用({told})"),
        format!("the store of files cannot be used ({told})"),
    )
    .todo(
        "请核对 CREDITBANK_STORAGE_DIR 或 CREDITBANK_EVIDENCE_ 开头的设置",
        "check CREDITBANK_STORAGE_DIR, or the settings that begin with CREDITBANK_EVIDENCE_",
    )
}

/// Destroys what was taken back and sweeps up what nobody needs.
pub(crate) struct EvidenceKeeper {
    vault: Vault,
    runtime: Runtime,
}

impl EvidenceKeeper {
    pub(crate) fn new(vault: Vault) -> Result<Self, Problem> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Problem::internal(&error))?;
        Ok(Self { vault, runtime })
    }

    pub(crate) fn purge(&self, ledger: &Ledger, grant: &Grant<KeepRegister>) {
        let work = purge_evidence(ledger, &self.vault, grant, clock::now());
        tell(
            self.runtime.block_on(work),
            "evidence that was taken back is destroyed",
        );
    }

    pub(crate) fn sweep(&self, ledger: &Ledger, grant: &Grant<KeepRegister>) {
        let work = sweep_evidence(ledger, &self.vault, grant, clock::now());
        tell(
            self.runtime.block_on(work),
            "files that nobody needs are removed",
        );
    }
}

fn tell(done: Result<usize, EvidenceError>, what: &'static str) {
    match done {
        Ok(0) => {}
        Ok(files) => tracing::info!(evidence.files = files, "{what}"),
        Err(error) => tracing::warn!(error = chain(&error), "{what}: will be tried again"),
    }
}

impl From<VaultError> for Problem {
    fn from(error: VaultError) -> Self {
        unusable(&error)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        settings: EvidenceSettings,
    }

    fn opened(arguments: &[&str]) -> Result<(), String> {
        let line = [&["creditbank"], arguments].concat();
        let settings = Line::try_parse_from(line).unwrap().settings;
        let directory = tempfile::tempdir().unwrap();
        let vault = settings.vault(&directory.path().join("made"));
        vault.map(drop).map_err(|problem| problem.to_string())
    }

    #[test]
    fn a_directory_is_made_where_no_bucket_is_named() {
        assert_eq!(opened(&[]), Ok(()));
        assert_eq!(opened(&["--evidence-bucket", " "]), Ok(()));
    }

    #[test]
    fn a_bucket_needs_its_address_and_both_halves_of_a_key() {
        let mut line = vec!["--evidence-bucket", "evidence"];
        for (name, value) in [
            ("endpoint", "https://s3.example.edu.cn"),
            ("access-key-id", "AKIDEXAMPLE"),
            ("secret-access-key", "secret"),
        ] {
            let refused = opened(&line).unwrap_err();
            let named = name.to_ascii_uppercase().replace('-', "_");
            assert!(refused.contains(&named), "{refused}");
            line.extend([["--evidence-", name].concat().leak(), value]);
        }
        assert_eq!(opened(&line), Ok(()));
    }
}
