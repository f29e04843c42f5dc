//! The budgets of a server and who draws on which.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use actix_web::http::Method;
use chrono::TimeDelta;
use creditbank_ledger::flows::LoginLimits;

use super::keyed::once_in;
use super::{Budget, Keyed, Standing, TrustedProxies, address_key};

/// How often one address' refusals for want of budget are written down.
const NOTED_EVERY_SECONDS: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// How many other refusals of one caller at one address are written down in a minute. More of them
/// say nothing new, and would fill the log that nobody may delete from.
const REFUSALS_A_MINUTE: Budget =
    Budget::new(NonZeroU32::new(120).unwrap(), NonZeroU32::new(60).unwrap());

/// What callers may ask of all servers together. A budget that is absent limits nothing.
#[derive(Debug, Clone)]
pub struct RateLimits {
    /// Reads of one caller.
    pub reads: Option<Budget>,
    /// Writes of one caller.
    pub writes: Option<Budget>,
    /// Requests of one address by whoever is not known yet: without a token, or with one that was
    /// not verified before.
    pub strangers: Option<Budget>,
    /// Tokens that one client asks for from one address.
    pub tokens: Option<Budget>,
    /// Proofs at the token endpoint that prove nothing, of one client from one address, counted for
    /// all servers together; five times as many from one address.
    pub failures: Option<Budget>,
    /// How many servers share them.
    pub servers: NonZeroU32,
    /// Whose word about the client's address counts.
    pub trusted_proxies: TrustedProxies,
}

impl RateLimits {
    /// No limit, and nobody is trusted: for tests of something else, and for benchmarks.
    #[must_use]
    pub fn none() -> Self {
        Self {
            reads: None,
            writes: None,
            strangers: None,
            tokens: None,
            failures: None,
            servers: NonZeroU32::MIN,
            trusted_proxies: TrustedProxies::default(),
        }
    }
}

/// The budgets at work. Clones share them.
#[derive(Clone)]
pub struct Throttle {
    budgets: Arc<Budgets>,
}

struct Budgets {
    reads: Option<Keyed>,
    writes: Option<Keyed>,
    strangers: Option<Keyed>,
    tokens: Option<Keyed>,
    noted: Keyed,
    refusals: Keyed,
    logins: Option<LoginLimits>,
    trusted_proxies: TrustedProxies,
}

impl std::fmt::Debug for Throttle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Throttle")
    }
}

impl Throttle {
    /// With every budget whole.
    #[must_use]
    pub fn new(limits: &RateLimits) -> Self {
        let keyed = |name, budget: Option<Budget>| {
            budget.map(|budget| Keyed::new(name, budget.part_of(limits.servers)))
        };
        Self {
            budgets: Arc::new(Budgets {
                reads: keyed("reads", limits.reads),
                writes: keyed("writes", limits.writes),
                strangers: keyed("strangers", limits.strangers),
                tokens: keyed("tokens", limits.tokens),
                noted: Keyed::new("noted", once_in(NOTED_EVERY_SECONDS)),
                refusals: Keyed::new("refusals", REFUSALS_A_MINUTE),
                logins: limits.failures.map(|budget| LoginLimits {
                    failures_max: budget.requests(),
                    within: TimeDelta::seconds(i64::from(budget.seconds())),
                }),
                trusted_proxies: limits.trusted_proxies.clone(),
            }),
        }
    }

    pub(crate) fn trusted_proxies(&self) -> &TrustedProxies {
        &self.budgets.trusted_proxies
    }

    /// A request of somebody who is known, by the method as it is routed.
    ///
    /// # Errors
    /// Where the budget is spent.
    pub(crate) fn caller(
        &self,
        method: &Method,
        who: impl Hash,
    ) -> Result<Option<Standing>, Standing> {
        let budget = if *method == Method::GET {
            &self.budgets.reads
        } else {
            &self.budgets.writes
        };
        take(budget.as_ref(), who)
    }

    /// A request of somebody who is not known yet.
    ///
    /// # Errors
    /// As [`Self::caller`].
    pub(crate) fn stranger(&self, address: Option<IpAddr>) -> Result<(), Standing> {
        take(self.budgets.strangers.as_ref(), address.map(address_key)).map(|_| ())
    }

    /// A client that asks for a token.
    ///
    /// # Errors
    /// As [`Self::caller`].
    pub(crate) fn token(&self, client: impl Hash, address: Option<IpAddr>) -> Result<(), Standing> {
        let who = (client, address.map(address_key));
        take(self.budgets.tokens.as_ref(), who).map(|_| ())
    }

    /// How many proofs may prove nothing.
    pub(crate) fn logins(&self) -> Option<LoginLimits> {
        self.budgets.logins
    }

    /// Whether another refusal is to be written down: of a flood, the first ones.
    pub(crate) fn is_noted(&self, caller: impl Hash, address: Option<IpAddr>) -> bool {
        let refusals = &self.budgets.refusals;
        let who = (caller, address.map(address_key));
        refusals.take(refusals.key_of(who)).is_ok()
    }

    /// Whether a refusal for want of budget is to be written down: a flood is noted once a minute.
    pub(crate) fn is_news(&self, address: Option<IpAddr>) -> bool {
        let noted = &self.budgets.noted;
        noted.take(noted.key_of(address.map(address_key))).is_ok()
    }
}

fn take(budget: Option<&Keyed>, who: impl Hash) -> Result<Option<Standing>, Standing> {
    match budget {
        Some(keyed) => keyed.take(keyed.key_of(who)).map(Some),
        None => Ok(None),
    }
}
