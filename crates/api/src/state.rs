//! What every handler can reach, made once by the binary.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use creditbank_domain::webhook::Network;

use crate::abuse::Throttle;
use crate::access_log::AccessLog;
use crate::auth::{Authentication, ClientRegister, TokenVerifier};
use crate::clock::Clock;
use crate::desk::ImportDesk;
use crate::draining::Draining;
use crate::evidence_desk::EvidenceDesk;
use crate::handle::LedgerHandle;
use crate::metrics::Metrics;
use crate::posting::Posting;
use crate::read_log::ReadLog;

/// Sizes and times that a request must keep to.
#[derive(Debug, Clone)]
pub struct ApiLimits {
    /// Largest JSON body, in bytes.
    pub json_bytes_max: usize,
    /// Largest uploaded file, in bytes.
    pub upload_bytes_max: usize,
    /// How long a JSON body may take to arrive.
    pub json_arrival_max: Duration,
    /// How long an upload may take to arrive.
    pub upload_arrival_max: Duration,
    /// Where uploads are kept until the desk takes them; best on the desk's own file system.
    pub upload_directory: Option<PathBuf>,
    /// Where webhooks may go.
    pub webhook_network: Network,
    /// How long the head of a request may take to arrive.
    pub head_arrival_max: Duration,
    /// How long a connection may do nothing between two requests.
    pub idle_max: Duration,
    /// How long what was answered may wait for a client that reads nothing of it.
    pub unread_max: Duration,
    /// Connections that each worker thread keeps open; more wait until one is closed.
    pub connections_max: usize,
    /// Origins whose pages may call the API from a browser.
    pub cors_origins: Vec<String>,
}

impl Default for ApiLimits {
    fn default() -> Self {
        Self {
            json_bytes_max: 2 * 1024 * 1024,
            upload_bytes_max: 2 * 1024 * 1024 * 1024,
            json_arrival_max: Duration::from_secs(30),
            upload_arrival_max: Duration::from_secs(3_600),
            upload_directory: None,
            webhook_network: Network::Public,
            head_arrival_max: Duration::from_secs(10),
            // Longer than the idle time of usual load balancers, so that it is they who close.
            idle_max: Duration::from_secs(75),
            unread_max: Duration::from_secs(60),
            connections_max: 4_096,
            cors_origins: Vec::new(),
        }
    }
}

/// The server's parts. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct ApiState {
    /// The ledger behind its gate.
    pub ledger: LedgerHandle,
    /// Who reads whose account.
    pub readings: ReadLog,
    /// Who was refused.
    pub refusals: AccessLog,
    /// How often callers may ask.
    pub throttle: Throttle,
    /// Takes single posts.
    pub posting: Posting,
    /// Whose tokens are believed.
    pub verifier: Arc<TokenVerifier>,
    /// The bank's own tokens, and identity providers.
    pub authentication: Arc<Authentication>,
    /// Whether a token's client is still honoured.
    pub clients: ClientRegister,
    /// Takes transcript files.
    pub imports: Arc<dyn ImportDesk>,
    /// Keeps evidence.
    pub evidence: EvidenceDesk,
    /// Tells the time.
    pub clock: Clock,
    /// Sizes and times.
    pub limits: ApiLimits,
    /// How requests went.
    pub metrics: Metrics,
    /// Whether new requests should go elsewhere.
    pub draining: Draining,
}

impl std::fmt::Debug for ApiState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiState")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl ApiState {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
