//! HTTP over the ledger: routes, tokens, JSON bodies, refusals and the OpenAPI document.
//!
//! Knows no SQL, no rule and no file format: flows and reads are `creditbank-ledger`'s, rules
//! `creditbank-domain`'s, and transcript files come in through [`ImportDesk`], which the binary
//! injects. Every handler obtains its grant from the policy through `auth::Permit`.

mod abuse;
mod access_log;
mod answer;
mod app;
mod auth;
mod clock;
mod conditional;
mod desk;
mod draining;
mod dto;
mod endpoints;
mod evidence_desk;
mod extract;
mod file_body;
mod gatekeeper;
mod handle;
mod metrics;
mod notebook;
mod observe;
mod openapi;
mod posting;
mod problem;
mod read_log;
mod readiness;
mod routes;
mod selection;
mod serve;
mod state;
mod trace;
mod webhook_body;

pub use abuse::{Budget, BudgetError, RateLimits, Throttle, TrustedProxies};
pub use access_log::AccessLog;
pub use app::app;
pub use auth::{
    Authentication, ClientRegister, DEMO_ISSUER, NewClientSecret, ProviderError, ProviderLimits,
    ProviderSettings, ReadJwk, TokenAlgorithm, TokenClaims, TokenKeyError, TokenVerifier,
    new_signing_key, read_jwk,
};
pub use clock::Clock;
pub use desk::{DeskError, ImportDesk, Making, Part, ResultFile, Upload};
pub use draining::Draining;
pub use endpoints::{ENDPOINTS, Endpoint};
pub use evidence_desk::{
    EvidenceDesk, EvidenceError, missing_evidence, purge_evidence, sweep_evidence,
};
pub use handle::{FILES_AT_ONCE, GateLimits, LedgerHandle};
pub use metrics::{Metrics, MetricsPage};
pub use openapi::{openapi, openapi_json};
pub use posting::{Posting, PostingLimits};
pub use problem::{errors_page, is_listed};
pub use read_log::ReadLog;
pub use serve::{Sockets, serve};
pub use state::{ApiLimits, ApiState};
pub use webhook_body::cloud_event;
