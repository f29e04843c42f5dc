//! A name is resolved once, and the connection goes to the addresses that were judged: whoever
//! answers differently the next time gains nothing.

use std::fmt;

use creditbank_domain::webhook::{Network, is_public};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// A name that leads into a network of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PrivateAddress;

impl fmt::Display for PrivateAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name resolves to an address that is not public")
    }
}

impl std::error::Error for PrivateAddress {}

/// Refuses names of which any address is not public.
#[derive(Debug)]
pub(super) struct Guarded<R> {
    pub(super) names: R,
    pub(super) network: Network,
}

impl<R: Resolver> Resolver for Guarded<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        let public = found.iter().all(|address| is_public(address.ip()));
        match self.network {
            Network::Public if !public => Err(ureq::Error::Other(Box::new(PrivateAddress))),
            Network::Public | Network::Any => Ok(found),
        }
    }
}
