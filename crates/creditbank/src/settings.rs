//! Settings, read once from flags and the environment. Nothing else reads the environment.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use clap::Args;
use creditbank_api::ProviderSettings;
use creditbank_domain::webhook::Network;
use creditbank_import::TrustedSenders;
use creditbank_ledger::{Ledger, LedgerSettings};
use tracing_subscriber::EnvFilter;

use crate::abuse_settings::AbuseSettings;
use crate::config::Origin;
use crate::desk::TurnLimits;
use crate::evidence::EvidenceSettings;
use crate::keys::TokenSigner;
use crate::problem::Problem;
use creditbank_ledger::IdentityKey;

/// How long an import goes on at least while another institution waits.
const QUANTUM: Duration = Duration::from_secs(5);

/// What every command may need. Secrets are best given by the environment.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Settings / 设置")]
pub(crate) struct Settings {
    /// A file with settings: TOML, keys named as the flags (`creditbank config example`)
    #[arg(long, env = "CREDITBANK_CONFIG", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// Where the bank's Postgres is, as a libpq address
    #[arg(long, env = "DATABASE_URL", global = true, hide_env_values = true)]
    pub(crate) database_url: Option<String>,
    /// Connections to the database
    #[arg(long, env = "CREDITBANK_POOL_SIZE", global = true, default_value_t = 8,
          value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) pool_size: u32,
    /// Give each post of one outcome a transaction of its own instead of one for all that wait
    #[arg(long, env = "CREDITBANK_POST_ONE_BY_ONE", global = true)]
    pub(crate) post_one_by_one: bool,
    /// The bank's secret for personal data: 64 hexadecimal digits
    #[arg(
        long,
        env = "CREDITBANK_IDENTITY_KEY",
        global = true,
        hide_env_values = true
    )]
    pub(crate) identity_key: Option<String>,
    /// The key with which access tokens are checked, as PEM text
    #[arg(
        long,
        env = "CREDITBANK_TOKEN_PUBLIC_KEY",
        global = true,
        hide_env_values = true
    )]
    pub(crate) token_public_key: Option<String>,
    /// The same as a file
    #[arg(long, env = "CREDITBANK_TOKEN_PUBLIC_KEY_FILE", global = true)]
    pub(crate) token_public_key_file: Option<PathBuf>,
    /// The Ed25519 key with which `token` signs, as PEM text
    #[arg(
        long,
        env = "CREDITBANK_TOKEN_PRIVATE_KEY",
        global = true,
        hide_env_values = true
    )]
    pub(crate) token_private_key: Option<String>,
    /// The same as a file
    #[arg(long, env = "CREDITBANK_TOKEN_PRIVATE_KEY_FILE", global = true)]
    pub(crate) token_private_key_file: Option<PathBuf>,
    /// The algorithm of access tokens: EdDSA or RS256
    #[arg(
        long,
        env = "CREDITBANK_TOKEN_ALGORITHM",
        global = true,
        default_value = "EdDSA"
    )]
    pub(crate) token_algorithm: String,
    /// Who signs access tokens
    #[arg(
        long,
        env = "CREDITBANK_TOKEN_ISSUER",
        global = true,
        default_value = "creditbank"
    )]
    pub(crate) token_issuer: String,
    /// For whom access tokens are meant
    #[arg(
        long,
        env = "CREDITBANK_TOKEN_AUDIENCE",
        global = true,
        default_value = "creditbank"
    )]
    pub(crate) token_audience: String,
    /// Identity providers where people sign in: a JSON file, [{"issuer": …, "audience": …,
    /// "algorithms": ["RS256"], "token_types": ["at+jwt"]}]
    #[arg(long, env = "CREDITBANK_OIDC_PROVIDERS_FILE", global = true)]
    pub(crate) oidc_providers_file: Option<PathBuf>,
    /// Let providers be at this very machine without TLS: for tests only
    #[arg(long, env = "CREDITBANK_OIDC_LOOPBACK", global = true)]
    pub(crate) oidc_loopback: bool,
    /// Where files that were handed in are kept
    #[arg(
        long,
        env = "CREDITBANK_STORAGE_DIR",
        global = true,
        default_value = "storage"
    )]
    pub(crate) storage_dir: PathBuf,
    #[command(flatten)]
    pub(crate) evidence: EvidenceSettings,
    /// How many files are imported at once; more would make the posting of outcomes wait
    #[arg(long, env = "CREDITBANK_IMPORT_WORKERS", global = true, default_value_t = 2,
          value_parser = clap::value_parser!(u32).range(0..=16))]
    pub(crate) import_workers: u32,
    /// After how many seconds without a sign a worker is taken for dead and its file goes on
    #[arg(long, env = "CREDITBANK_IMPORT_LEASE_SECONDS", global = true, default_value_t = 15,
          value_parser = clap::value_parser!(u16).range(1..=600))]
    pub(crate) import_lease_seconds: u16,
    /// How many lines of a file are posted in one transaction
    #[arg(long, env = "CREDITBANK_IMPORT_LINES_PER_TRANSACTION", global = true,
          default_value_t = 10_000, value_parser = clap::value_parser!(u16).range(1..=50_000))]
    pub(crate) import_lines_per_transaction: u16,
    /// How many minutes an import may be worked at in all
    #[arg(long, env = "CREDITBANK_IMPORT_MINUTES_MAX", global = true, default_value_t = 720,
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) import_minutes_max: u32,
    /// How many seconds one file may be read; posting its lines does not count
    #[arg(long, env = "CREDITBANK_IMPORT_READING_SECONDS", global = true, default_value_t = 1_800,
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) import_reading_seconds: u32,
    /// For how many days files that were handed in are kept, sealed, after their import
    #[arg(long, env = "CREDITBANK_IMPORT_FILE_DAYS", global = true, default_value_t = 90,
          value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) import_file_days: u16,
    /// How many MiB of one institution's files are kept at once, with those on their way
    #[arg(long, env = "CREDITBANK_IMPORT_KEPT_MIB", global = true, default_value_t = 20_480,
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) import_kept_mib: u32,
    /// For how many days a file waits for answers or for a second person before its job ends
    #[arg(long, env = "CREDITBANK_IMPORT_WAIT_DAYS", global = true, default_value_t = 30,
          value_parser = clap::value_parser!(u16).range(1..=3650))]
    pub(crate) import_wait_days: u16,
    /// Certificates of senders whose signatures count: a PEM file, or a directory of such
    #[arg(long, env = "CREDITBANK_IMPORT_TRUSTED_CERTIFICATES", global = true)]
    pub(crate) import_trusted_certificates: Option<PathBuf>,
    /// Send no webhooks from this server
    #[arg(long, env = "CREDITBANK_NO_WEBHOOKS", global = true)]
    pub(crate) no_webhooks: bool,
    /// Let webhooks go to private addresses, any port and plain http too: closed networks, tests
    #[arg(long, env = "CREDITBANK_WEBHOOKS_ALLOW_PRIVATE", global = true)]
    pub(crate) webhooks_allow_private: bool,
    #[command(flatten)]
    pub(crate) abuse: AbuseSettings,
    /// What is logged, for example `info` or `warn,creditbank_api=debug`
    #[arg(long, env = "CREDITBANK_LOG", global = true, default_value = "warn")]
    pub(crate) log: String,
    /// One JSON object a line instead of text
    #[arg(long, env = "CREDITBANK_LOG_JSON", global = true)]
    pub(crate) log_json: bool,
    /// Where traces go, as OTLP over HTTP, for example http://127.0.0.1:4318/v1/traces
    #[arg(long, env = "CREDITBANK_OTLP_ENDPOINT", global = true)]
    pub(crate) otlp_endpoint: Option<String>,
    /// How many of a hundred traces go there; a caller that decided for its own is followed
    #[arg(long, env = "CREDITBANK_OTLP_PERCENT", global = true, default_value_t = 100,
          value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) otlp_percent: u8,
    /// Address and port of figures for Prometheus: not for the world
    #[arg(long, env = "CREDITBANK_METRICS_LISTEN", global = true)]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// Seconds between the signal to end and the end, in which /health/ready is 503 already
    #[arg(long, env = "CREDITBANK_DRAIN_SECONDS", global = true, default_value_t = 0,
          value_parser = clap::value_parser!(u64).range(0..=300))]
    pub(crate) drain_seconds: u64,
    /// Where each of these is from.
    #[arg(skip)]
    pub(crate) origins: Vec<Origin>,
}

impl Settings {
    /// The certificates of senders whose signatures count; none where none are named.
    pub(crate) fn trusted_senders(&self) -> Result<TrustedSenders, Problem> {
        let place = self.import_trusted_certificates.as_deref();
        let place = place.filter(|it| !it.as_os_str().is_empty());
        let read = place.map(TrustedSenders::read).transpose();
        read.map(Option::unwrap_or_default)
            .map_err(|fault| Problem::of_fault(&fault))
    }

    /// The address of the database.
    pub(crate) fn database_url(&self) -> Result<&str, Problem> {
        let unset = || {
            missing("DATABASE_URL").todo(
                "例如 postgres://user:password@localhost/creditbank;试用请运行 creditbank demo",
                "for example postgres://user:password@localhost/creditbank; \
                 to try things out run creditbank demo",
            )
        };
        self.database_url
            .as_deref()
            .filter(|url| !url.is_empty())
            .ok_or_else(unset)
    }

    /// What is logged.
    pub(crate) fn log_filter(&self) -> Result<EnvFilter, Problem> {
        EnvFilter::try_new(&self.log).map_err(|error| {
            Problem::new(
                "LOG_FILTER",
                format!("CREDITBANK_LOG 无效({error})"),
                format!("CREDITBANK_LOG is not valid ({error})"),
            )
            .todo("例如 info", "for example info")
        })
    }

    /// Where webhooks may go.
    pub(crate) const fn webhook_network(&self) -> Network {
        if self.webhooks_allow_private {
            Network::Any
        } else {
            Network::Public
        }
    }

    /// What those who work at imports keep to.
    pub(crate) fn turn_limits(&self) -> TurnLimits {
        TurnLimits {
            lease: TimeDelta::seconds(self.import_lease_seconds.into()),
            worked_max: Duration::from_secs(u64::from(self.import_minutes_max) * 60),
            quantum: QUANTUM,
            waits: TimeDelta::days(self.import_wait_days.into()),
            lines_per_transaction: self.import_lines_per_transaction.into(),
        }
    }

    /// Opens the ledger.
    pub(crate) fn ledger(&self) -> Result<Ledger, Problem> {
        let database_url = self.database_url()?.to_owned();
        let unset = || {
            missing("CREDITBANK_IDENTITY_KEY").todo(
                "可用 creditbank keys generate 生成",
                "make one with creditbank keys generate",
            )
        };
        let key = self.identity_key.as_deref().ok_or_else(unset)?;
        let identity_key = IdentityKey::from_hex(key)?;
        let pool_size = self.pool_size;
        let ledger = Ledger::connect(&LedgerSettings {
            database_url,
            pool_size,
            identity_key,
        })?;
        Ok(ledger.keeping_of_imports(u64::from(self.import_kept_mib) << 20))
    }

    /// The PEM of the key that checks tokens.
    pub(crate) fn token_public_key(&self) -> Result<Vec<u8>, Problem> {
        let (text, file) = (&self.token_public_key, &self.token_public_key_file);
        text_or_file(
            "CREDITBANK_TOKEN_PUBLIC_KEY",
            text.as_deref(),
            file.as_deref(),
        )
    }

    /// The identity providers.
    pub(crate) fn oidc_providers(&self) -> Result<Vec<ProviderSettings>, Problem> {
        let name = "CREDITBANK_OIDC_PROVIDERS";
        let Some(file) = &self.oidc_providers_file else {
            return Ok(Vec::new());
        };
        let text = fs::read(file).map_err(|error| unreadable(name, file, &error))?;
        serde_json::from_slice(&text).map_err(|error| {
            let shown = file.display();
            Problem::new(
                "OIDC_PROVIDERS",
                format!("{name}_FILE 指定的 {shown} 格式有误({error})"),
                format!("{shown}, named by {name}_FILE, is not what it must be ({error})"),
            )
        })
    }

    /// What signs tokens.
    pub(crate) fn token_signer(&self) -> Result<TokenSigner, Problem> {
        let (text, file) = (&self.token_private_key, &self.token_private_key_file);
        let name = "CREDITBANK_TOKEN_PRIVATE_KEY";
        let pem = text_or_file(name, text.as_deref(), file.as_deref())?;
        TokenSigner::from_pem(&pem, &self.token_issuer, &self.token_audience)
    }
}

fn missing(name: &'static str) -> Problem {
    Problem::new(
        "SETTING_MISSING",
        format!("没有设置 {name}"),
        format!("{name} is not set"),
    )
}

fn text_or_file(
    name: &'static str,
    text: Option<&str>,
    file: Option<&Path>,
) -> Result<Vec<u8>, Problem> {
    match (text.filter(|text| !text.trim().is_empty()), file) {
        (Some(text), None) => Ok(text.as_bytes().to_vec()),
        (None, Some(file)) => fs::read(file).map_err(|error| unreadable(name, file, &error)),
        (Some(_), Some(_)) => Err(Problem::new(
            "SETTING_TWICE",
            format!("{name} 与 {name}_FILE 只能设置一个"),
            format!("set only one of {name} and {name}_FILE"),
        )),
        (None, None) => Err(missing(name).todo(
            format!("请设置 {name} 或 {name}_FILE;可用 creditbank keys generate 生成"),
            format!("set {name} or {name}_FILE; make keys with creditbank keys generate"),
        )),
    }
}

fn unreadable(name: &str, file: &Path, error: &std::io::Error) -> Problem {
    let shown = file.display();
    Problem::new(
        "SETTING_UNREADABLE",
        format!("{name}_FILE 指定的 {shown} 无法读取({error})"),
        format!("{shown}, named by {name}_FILE, cannot be read ({error})"),
    )
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        settings: Settings,
    }

    fn read(arguments: &[&str]) -> Settings {
        let line = [&["creditbank"], arguments].concat();
        Line::try_parse_from(line).unwrap().settings
    }

    fn code<T>(result: Result<T, Problem>) -> &'static str {
        result.map(|_| "").unwrap_or_else(|problem| problem.code())
    }

    #[test]
    fn a_missing_secret_names_its_setting() {
        let mut settings = read(&["--database-url", "postgres:///x"]);
        settings.identity_key = None;
        let problem = settings.ledger().unwrap_err();
        assert!(
            problem.to_string().contains("CREDITBANK_IDENTITY_KEY"),
            "{problem}"
        );
        settings.database_url = Some(String::new());
        assert_eq!(code(settings.ledger()), "SETTING_MISSING");
    }

    #[test]
    fn an_identity_key_of_the_wrong_form_is_refused_before_any_connection() {
        let settings = read(&["--database-url", "postgres:///x", "--identity-key", "abc"]);
        assert_eq!(code(settings.ledger()), "MALFORMED_IDENTITY_KEY");
    }

    #[test]
    fn a_key_is_given_as_text_or_as_a_file_and_never_both() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("public.pem");
        fs::write(&file, "PEM").unwrap();
        let check = |text, file| code(text_or_file("NAME", text, file));
        assert_eq!(check(Some("PEM"), None), "");
        assert_eq!(check(None, Some(file.as_path())), "");
        assert_eq!(check(Some(" "), Some(file.as_path())), "");
        assert_eq!(check(Some("PEM"), Some(file.as_path())), "SETTING_TWICE");
        assert_eq!(
            check(None, Some(Path::new("/nowhere/public.pem"))),
            "SETTING_UNREADABLE"
        );
        assert_eq!(check(None, None), "SETTING_MISSING");
    }

    #[test]
    fn no_secret_is_shown_by_the_help() {
        use clap::CommandFactory;
        let help = Line::command().render_long_help().to_string();
        assert!(help.contains("CREDITBANK_IDENTITY_KEY"), "{help}");
        assert!(!help.contains("CREDITBANK_IDENTITY_KEY="), "{help}");
    }
}
