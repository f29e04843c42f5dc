//! Settings of what keeps one caller from taking what belongs to all.

use std::num::NonZeroU32;

use clap::Args;
use creditbank_api::{Budget, RateLimits, TrustedProxies};

/// Budgets are REQUESTS/SECONDS, for all servers together; `off` limits nothing.
#[derive(Debug, Clone, Args)]
pub(crate) struct AbuseSettings {
    /// Reads of one caller: REQUESTS/SECONDS or off
    #[arg(
        long,
        env = "CREDITBANK_RATE_READS",
        global = true,
        default_value = "6000/60"
    )]
    pub(crate) rate_reads: Limit,
    /// Writes of one caller
    #[arg(
        long,
        env = "CREDITBANK_RATE_WRITES",
        global = true,
        default_value = "6000/60"
    )]
    pub(crate) rate_writes: Limit,
    /// Requests of one address by whoever is not known yet
    #[arg(
        long,
        env = "CREDITBANK_RATE_STRANGERS",
        global = true,
        default_value = "3000/60"
    )]
    pub(crate) rate_strangers: Limit,
    /// Tokens that one client asks for from one address
    #[arg(
        long,
        env = "CREDITBANK_RATE_TOKENS",
        global = true,
        default_value = "30/60"
    )]
    pub(crate) rate_tokens: Limit,
    /// Secrets of one client from one address that prove nothing; five times as many from one
    /// address
    #[arg(
        long,
        env = "CREDITBANK_LOGIN_FAILURES",
        global = true,
        default_value = "20/900"
    )]
    pub(crate) login_failures: Limit,
    /// How many servers serve this bank: each takes its part of the budgets
    #[arg(long, env = "CREDITBANK_SERVERS", global = true, default_value = "1")]
    pub(crate) servers: NonZeroU32,
    /// Proxies whose X-Forwarded-For counts: addresses and networks with commas
    #[arg(
        long,
        env = "CREDITBANK_TRUSTED_PROXIES",
        global = true,
        default_value = ""
    )]
    pub(crate) trusted_proxies: TrustedProxies,
    /// Origins whose pages may call the API from a browser, with commas
    #[arg(long, env = "CREDITBANK_CORS_ORIGINS", global = true, value_delimiter = ',',
          value_parser = origin)]
    pub(crate) cors_origins: Vec<String>,
}

/// A budget, or none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit(Option<Budget>);

impl std::str::FromStr for Limit {
    type Err = creditbank_api::BudgetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self(None)),
            text => text.parse().map(|budget| Self(Some(budget))),
        }
    }
}

impl AbuseSettings {
    /// For the server.
    pub(crate) fn rate_limits(&self) -> RateLimits {
        RateLimits {
            reads: self.rate_reads.0,
            writes: self.rate_writes.0,
            strangers: self.rate_strangers.0,
            tokens: self.rate_tokens.0,
            failures: self.login_failures.0,
            servers: self.servers,
            trusted_proxies: self.trusted_proxies.clone(),
        }
    }
}

/// An origin as browsers write it: scheme, host and, where it is not the usual one, port.
fn origin(text: &str) -> Result<String, String> {
    let wrong = || format!("{text} is no origin: write it as https://portal.example.cn");
    let (scheme, host) = text.split_once("://").ok_or_else(wrong)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    let good = ["http", "https"].contains(&scheme) && !host.is_empty() && host.chars().all(plain);
    if good {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        abuse: AbuseSettings,
    }

    fn read(arguments: &[&str]) -> Result<AbuseSettings, clap::Error> {
        let line = [&["creditbank"], arguments].concat();
        Line::try_parse_from(line).map(|line| line.abuse)
    }

    #[test]
    fn limits_are_on_and_nobody_is_trusted_unless_the_settings_say_otherwise() {
        let limits = read(&[]).unwrap().rate_limits();
        let budgets = [
            limits.reads,
            limits.writes,
            limits.strangers,
            limits.tokens,
            limits.failures,
        ];
        assert!(budgets.iter().all(Option::is_some));
        assert_eq!(limits.trusted_proxies, TrustedProxies::default());
        assert!(read(&[]).unwrap().cors_origins.is_empty());
        let off = read(&["--rate-reads", "off", "--servers", "3"])
            .unwrap()
            .rate_limits();
        assert_eq!((off.reads, off.servers.get()), (None, 3));
    }

    #[test]
    fn settings_that_mean_nothing_are_refused() {
        for wrong in [
            ["--rate-reads", "many"],
            ["--servers", "0"],
            ["--trusted-proxies", "proxy"],
            ["--cors-origins", "*"],
            ["--cors-origins", "https://portal.example.cn/path"],
        ] {
            assert!(read(&wrong).is_err(), "{wrong:?}");
        }
        let origins = [
            "--cors-origins",
            "https://A.example.cn,http://localhost:3000",
        ];
        assert_eq!(
            read(&origins).unwrap().cors_origins,
            ["https://a.example.cn", "http://localhost:3000"]
        );
    }
}
