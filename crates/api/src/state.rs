//! What every handler can reach, made once by the binary.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use creditbank_domain::webhook::Network;

use crate::auth::{Authentication, ClientRegister, TokenVerifier};
use crate::clock::Clock;
use crate::desk::ImportDesk;
use crate::draining::Draining;
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
