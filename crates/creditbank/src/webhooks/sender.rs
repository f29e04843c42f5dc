//! One attempt: a signed POST to an address that may be reached, and what it came to.

use std::io::ErrorKind;
use std::time::Duration;

use chrono::{DateTime, Utc};
use creditbank_api::cloud_event;
use creditbank_domain::webhook::{Network, WebhookUrl};
use creditbank_ledger::flows::{Attempted, TakenDelivery};
use ureq::Agent;
use ureq::unversioned::resolver::{DefaultResolver, Resolver};
use ureq::unversioned::transport::DefaultConnector;

use super::resolver::{Guarded, PrivateAddress};
use super::signature::signatures;

/// How long an attempt may take, from the name to the head of the answer.
const ATTEMPT_MAX: Duration = Duration::from_secs(10);

/// How much of an answer is read: its head, never its body.
const ANSWER_HEAD_BYTES_MAX: usize = 16 * 1024;

/// Carries deliveries to their endpoints.
#[derive(Debug)]
pub(super) struct Courier {
    agent: Agent,
    network: Network,
}

impl Courier {
    pub(super) fn new(network: Network) -> Self {
        Self::asking(DefaultResolver::default(), network, ATTEMPT_MAX)
    }

    fn asking(names: impl Resolver, network: Network, attempt_max: Duration) -> Self {
        let config = Agent::config_builder()
            .https_only(network == Network::Public)
            // A proxy would resolve names by itself.
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(attempt_max))
            .max_response_header_size(ANSWER_HEAD_BYTES_MAX)
            // A kept connection would go to an address that was judged long ago.
            .max_idle_connections(0)
            .user_agent(concat!("creditbank/", env!("CARGO_PKG_VERSION")))
            .build();
        let resolver = Guarded { names, network };
        Self {
            agent: Agent::with_parts(config, DefaultConnector::default(), resolver),
            network,
        }
    }

    /// Makes one attempt.
    pub(super) fn carry(&self, delivery: &TakenDelivery, now: DateTime<Utc>) -> Attempted {
        let refused = Attempted::Failed {
            status: None,
            error: "ADDRESS_REFUSED",
        };
        // The setting may have changed since it was registered.
        let Ok(url) = WebhookUrl::parse(&delivery.url, self.network) else {
            return refused;
        };
        let body = cloud_event(delivery).to_string();
        let (id, timestamp) = (delivery.delivery_id.to_string(), now.timestamp());
        let keys: Vec<Vec<u8>> = delivery.secrets.iter().map(|it| it.key()).collect();
        let keys = keys.iter().map(Vec::as_slice);
        let signed = signatures(keys, (&id, timestamp), body.as_bytes());
        let answer = self
            .agent
            .post(url.as_str())
            .header(
                "content-type",
                "application/cloudevents+json; charset=utf-8",
            )
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp.to_string())
            .header("webhook-signature", signed)
            .send(body.as_bytes());
        match answer {
            Ok(answer) => of_status(answer.status().as_u16()),
            Err(error) => Attempted::Failed {
                status: None,
                error: code(&error),
            },
        }
    }
}

const fn of_status(status: u16) -> Attempted {
    let error = match status {
        200..=299 => return Attempted::Delivered { status },
        300..=399 => "REDIRECTED",
        _ => "STATUS",
    };
    Attempted::Failed {
        status: Some(status),
        error,
    }
}

fn code(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::Timeout(_) => "TIMEOUT",
        ureq::Error::HostNotFound => "HOST_NOT_FOUND",
        ureq::Error::Other(cause) if cause.is::<PrivateAddress>() => "ADDRESS_PRIVATE",
        ureq::Error::RequireHttpsOnly(_) | ureq::Error::BadUri(_) => "ADDRESS_REFUSED",
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::TlsRequired => "TLS",
        ureq::Error::LargeResponseHeader(..) => "ANSWER_TOO_LARGE",
        // That is how rustls tells a stream that its peer is not trusted, or speaks no TLS.
        ureq::Error::Io(cause) if cause.kind() == ErrorKind::InvalidData => "TLS",
        ureq::Error::Io(_) | ureq::Error::ConnectionFailed => "CONNECTION_FAILED",
        _ => "PROTOCOL",
    }
}

#[cfg(test)]
mod tests;
