//! `creditbank config`

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Subcommand;
use creditbank_import::TrustedSender;
use creditbank_ledger::reads::{self, DatabaseSettings};

use crate::clock;
use crate::commands::serve::LEAVES_WALL;
use crate::config::{self, Origin, Source};
use crate::output::{left, say};
use crate::problem::Problem;
use crate::server;
use crate::settings::Settings;

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print every setting with where it is from, and try what it leads to; exit 1 where the server
    /// could not work / 检查设置
    Check,
    /// Print a settings file with every setting / 打印设置文件样例
    Example,
}

/// Exit code 1 where something would keep the server from working.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Example => {
            say!("{}", config::example());
            Ok(ExitCode::SUCCESS)
        }
        Command::Check => {
            say_settings(settings);
            let findings = findings(settings);
            for finding in &findings {
                say!("{finding}");
            }
            let fit = !findings.iter().any(|it| matches!(it, Finding::Broken(..)));
            Ok(if fit {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
    }
}

fn say_settings(settings: &Settings) {
    let columns = |text: &str| left(text, 26);
    say!(
        "{}{}{}",
        columns("设置 setting"),
        columns("来源 from"),
        "值 value"
    );
    for origin in &settings.origins {
        let from = match origin.source {
            Source::Flag => "命令行 flag",
            Source::Environment => "环境变量 environment",
            Source::File => "文件 file",
            Source::Default => "默认 default",
        };
        let value = origin.value.as_deref().unwrap_or("–");
        say!("{}{}{value}", columns(&origin.name), columns(from));
    }
    say!("");
}

/// What a trial showed.
enum Finding {
    Fine(&'static str, String),
    /// It works, but should not stay so.
    Odd(&'static str, &'static str, String),
    Broken(Problem),
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fine(what, figure) => write!(f, "✓ {what} {figure}"),
            Self::Odd(zh, en, figure) => write!(f, "! {zh}({figure})\n  {en} ({figure})"),
            Self::Broken(problem) => write!(f, "✗ {problem}"),
        }
    }
}

fn findings(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![
        tried("令牌公钥 token key", server::verifier(settings).map(drop)),
        tried(
            "身份提供方 identity providers",
            server::authentication(settings, server::DemoLogins::Refused).map(drop),
        ),
        tried("日志 log", settings.log_filter().map(drop)),
        tried("文件目录 storage", writable(&settings.storage_dir)),
        tried(
            "佐证材料 evidence",
            settings.evidence.vault(&settings.storage_dir).map(drop),
        ),
    ];
    findings.extend(secrets_file(settings));
    findings.extend(names_of_the_demo(&settings.origins));
    match settings.trusted_senders() {
        Err(problem) => findings.push(Finding::Broken(problem)),
        Ok(senders) => findings.extend(senders.iter().map(|it| sender_finding(it, clock::now()))),
    }
    match settings.ledger() {
        Err(problem) => findings.push(Finding::Broken(problem)),
        Ok(ledger) => {
            findings.push(Finding::Fine(
                "数据库与身份密钥 database and identity key",
                String::new(),
            ));
            findings.push(match reads::unapplied_migrations(&ledger) {
                Ok(0) => Finding::Fine("迁移 migrations", String::new()),
                Ok(missing) => Finding::Broken(migrate_first(missing)),
                Err(error) => Finding::Broken(error.into()),
            });
            match reads::database_settings(&ledger) {
                Ok(found) => findings.extend(database_findings(&found, settings.pool_size)),
                Err(error) => findings.push(Finding::Broken(error.into())),
            }
        }
    }
    findings
}

fn tried(what: &'static str, outcome: Result<(), Problem>) -> Finding {
    match outcome {
        Ok(()) => Finding::Fine(what, String::new()),
        Err(problem) => Finding::Broken(problem),
    }
}

fn migrate_first(missing: usize) -> Problem {
    Problem::new(
        "MIGRATIONS_MISSING",
        format!("数据库尚缺 {missing} 个迁移"),
        format!("the database lacks {missing} migrations"),
    )
    .todo("请运行 creditbank migrate", "run creditbank migrate")
}

/// Whose signatures count, to be compared with what the sender says its certificate is.
fn sender_finding(sender: &TrustedSender, now: DateTime<Utc>) -> Finding {
    let sha256 = hex::encode(sender.sha256);
    let (from, until) = (
        sender.not_before.date_naive(),
        sender.not_after.date_naive(),
    );
    let figure = format!("{} SHA-256 {sha256}, {from} – {until}", sender.subject);
    if sender.is_valid_at(now) {
        Finding::Fine("可信发送方 trusted sender", figure)
    } else {
        Finding::Odd(
            "可信发送方的证书不在有效期内,其签名不会被验证",
            "the certificate of a trusted sender is not valid now: nothing of it is verified",
            figure,
        )
    }
}

/// Tries it, since rights, quotas and mounts all have a say.
fn writable(directory: &Path) -> Result<(), Problem> {
    let trial = directory.join(".config-check");
    let outcome = fs::create_dir_all(directory)
        .and_then(|()| fs::write(&trial, b"x"))
        .and_then(|()| fs::remove_file(&trial));
    outcome.map_err(|error| {
        let shown = directory.display();
        Problem::new(
            "STORAGE_UNWRITABLE",
            format!("目录 {shown} 无法写入({error})"),
            format!("the directory {shown} cannot be written to ({error})"),
        )
        .todo(
            "请核对 CREDITBANK_STORAGE_DIR 及其权限",
            "check CREDITBANK_STORAGE_DIR and its permissions",
        )
    })
}

/// A file with a secret in it is for the owner's eyes.
fn secrets_file(settings: &Settings) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt as _;
    let file = settings.config.as_ref()?;
    let secret = settings
        .origins
        .iter()
        .any(|it| it.source == Source::File && it.value.as_deref() == Some("••••"));
    let mode = fs::metadata(file).ok()?.permissions().mode();
    (secret && mode & 0o077 != 0).then(|| {
        Finding::Odd(
            "设置文件含有密钥,却可被他人读取,请 chmod 600",
            "the settings file holds a secret and others may read it: chmod 600",
            format!("{:o}", mode & 0o777),
        )
    })
}

/// Every bank that leaves these as they are signs and expects the same names, the demo among them:
/// where a key comes into other hands, nothing else tells its tokens from those of another bank.
fn names_of_the_demo(origins: &[Origin]) -> Option<Finding> {
    let names = ["token-issuer", "token-audience"];
    let left = origins
        .iter()
        .filter(|it| names.contains(&it.name.as_str()) && it.source == Source::Default);
    let left: Vec<&str> = left.map(|it| it.name.as_str()).collect();
    (!left.is_empty()).then(|| {
        Finding::Odd(
            "令牌的签发方和受众仍是演示所用的名称,请改为本行的地址",
            "tokens are signed and expected under the names of the demo: set the bank's own address",
            left.join(", "),
        )
    })
}

/// Connections of one server beside its pool: see OPERATIONS.
const BESIDE_THE_POOL: i64 = 6;

fn database_findings(found: &DatabaseSettings, pool_size: u32) -> Vec<Finding> {
    let major = found.version_number / 10_000;
    let mut findings = vec![if (15..=18).contains(&major) {
        Finding::Fine("Postgres", major.to_string())
    } else {
        Finding::Broken(Problem::new(
            "POSTGRES_VERSION",
            format!("Postgres {major} 不受支持,需要 15 至 18"),
            format!("Postgres {major} is not supported, 15 to 18 are"),
        ))
    }];
    for (name, value) in [
        ("fsync", &found.fsync),
        ("synchronous_commit", &found.synchronous_commit),
    ] {
        if value == "off" {
            findings.push(Finding::Broken(Problem::new(
                "COMMITS_MAY_BE_LOST",
                format!("{name} 已关闭,断电会丢失已确认的过账"),
                format!("{name} is off: a power cut loses what was acknowledged"),
            )));
        }
    }
    if !matches!(found.lc_messages.as_str(), "C" | "C.UTF-8" | "POSIX")
        && !found.lc_messages.starts_with("en")
    {
        findings.push(Finding::Broken(Problem::new(
            "LC_MESSAGES",
            format!(
                "lc_messages 为 {},需为英文(C 或 en_US.UTF-8)",
                found.lc_messages
            ),
            format!(
                "lc_messages is {}, it has to be English (C or en_US.UTF-8)",
                found.lc_messages
            ),
        )));
    }
    let needed = i64::from(pool_size).saturating_add(BESIDE_THE_POOL);
    if found.connections_max < needed {
        findings.push(Finding::Broken(Problem::new(
            "TOO_FEW_CONNECTIONS",
            format!(
                "max_connections 为 {},至少需要 {needed}",
                found.connections_max
            ),
            format!(
                "max_connections is {}, at least {needed} are needed",
                found.connections_max
            ),
        )));
    }
    if found.login_leaves_wall {
        findings.push(Finding::Odd(
            LEAVES_WALL.0,
            LEAVES_WALL.1,
            found.login.clone(),
        ));
    }
    findings.extend(slow_settings(found));
    findings
}

/// Settings that cost speed, not credits.
fn slow_settings(found: &DatabaseSettings) -> impl Iterator<Item = Finding> {
    let slow = |slow: bool, zh, en, figure: String| slow.then_some(Finding::Odd(zh, en, figure));
    [
        slow(
            found.wal_compression != "lz4",
            "wal_compression 建议设为 lz4",
            "wal_compression had better be lz4",
            found.wal_compression.clone(),
        ),
        slow(
            found.max_wal_megabytes < 8_192,
            "max_wal_size 建议不小于 8GB",
            "max_wal_size had better be 8GB or more",
            format!("{} MB", found.max_wal_megabytes),
        ),
        slow(
            found.checkpoint_seconds < 900,
            "checkpoint_timeout 建议 15 至 30 分钟",
            "checkpoint_timeout had better be 15 to 30 minutes",
            format!("{} s", found.checkpoint_seconds),
        ),
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests;
