//! The API with everything it needs, until a signal ends it.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use creditbank_api::{
    AccessLog, ApiLimits, ApiState, Authentication, ClientRegister, Clock, Draining, EvidenceDesk,
    FILES_AT_ONCE, GateLimits, LedgerHandle, Metrics, MetricsPage, Posting, PostingLimits,
    ProviderLimits, ReadLog, Sockets, Throttle, TokenAlgorithm, TokenVerifier, new_signing_key,
};
use creditbank_domain::authz::KeepRegister;
use creditbank_ledger::{Ledger, flows};
use tokio::signal::unix::{SignalKind, signal};

use crate::desk::{Desk, ImportWorkers};
use crate::housekeeping::{Housekeeper, KeptFiles};
use crate::problem::Problem;
use crate::sequencing::Sequencer;
use crate::settings::Settings;
use crate::webhooks::Webhooks;
use crate::{clock, operator};

/// Takes the port.
pub(crate) fn bind(address: SocketAddr) -> Result<TcpListener, Problem> {
    TcpListener::bind(address).map_err(|error| {
        Problem::new(
            "LISTEN",
            format!("无法在 {address} 监听({error})"),
            format!("cannot listen at {address} ({error})"),
        )
        .todo(
            "请用 --listen 另选地址或端口",
            "choose another address or port with --listen",
        )
    })
}

/// Whether the demo's people may sign in without an identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DemoLogins {
    Allowed,
    Refused,
}

/// Serves until SIGINT or SIGTERM. Works at imports,
/// keeps house and the change feed and sends webhooks meanwhile.
pub(crate) fn serve(
    ledger: Ledger,
    settings: &Settings,
    listener: TcpListener,
    logins: DemoLogins,
) -> Result<(), Problem> {
    let verifier = verifier(settings)?;
    let authentication = authentication(settings, logins)?;
    let keys = [new_signing_key(), new_signing_key()];
    let keeper = operator::for_bank::<KeepRegister>()?;
    flows::ensure_signing_keys(&ledger, &keeper, &keys, clock::now())?;
    let shared = settings.evidence.bucket()?;
    let files = ledger.beside(FILES_AT_ONCE.try_into().unwrap_or(1))?;
    let desk = Desk::open(ledger.clone(), &settings.storage_dir, shared.as_ref())?
        .working_at_files_on(files);
    let (workers, store) = (settings.import_workers, desk.store());
    let measured = Metrics::default();
    let limits = settings.turn_limits();
    let _workers = ImportWorkers::start(&ledger, &store, workers, limits, &measured)?;
    let kept_files = KeptFiles {
        store,
        days: settings.import_file_days,
    };
    let vault = settings.evidence.vault(&settings.storage_dir)?;
    let _housekeeper = Housekeeper::start(ledger.clone(), kept_files, vault.clone())?;
    let _sequencer = Sequencer::start(&ledger)?;
    let webhook_network = settings.webhook_network();
    let _webhooks = (!settings.no_webhooks)
        .then(|| Webhooks::start(&ledger, webhook_network))
        .transpose()?;
    let limits = ApiLimits {
        upload_directory: Some(desk.uploads()),
        webhook_network,
        cors_origins: settings.abuse.cors_origins.clone(),
        ..ApiLimits::default()
    };
    let clock = Clock::system();
    let (readings, refusals) = (ReadLog::start(&ledger)?, AccessLog::start(&ledger)?);
    let metrics = settings.metrics_listen.map(bind).transpose()?;
    let measuring = metrics.is_some().then(|| ledger.beside(1)).transpose()?;
    let state = ApiState {
        readings: readings.clone(),
        refusals: refusals.clone(),
        throttle: Throttle::new(&settings.abuse.rate_limits()),
        posting: posting(&ledger, &clock, settings)?,
        ledger: LedgerHandle::new(ledger, GateLimits::default()),
        verifier: Arc::new(verifier),
        authentication: Arc::new(authentication),
        clients: ClientRegister::checked(),
        imports: Arc::new(desk),
        evidence: EvidenceDesk::new(vault),
        clock,
        limits,
        metrics: measured,
        draining: Draining::default(),
    };
    let sockets = Sockets {
        api: listener,
        metrics: metrics.zip(measuring.map(|ledger| MetricsPage::new(state.clone(), ledger))),
    };
    let drain = Duration::from_secs(settings.drain_seconds);
    actix_web::rt::System::new()
        .block_on(creditbank_api::serve(sockets, state, signalled(), drain))
        .map_err(|error| Problem::internal(&error))?;
    // The last to go: what was read or refused until now is written down before the process ends.
    readings.close();
    refusals.close();
    Ok(())
}

fn posting(ledger: &Ledger, clock: &Clock, settings: &Settings) -> Result<Posting, Problem> {
    if settings.post_one_by_one {
        return Ok(Posting::one_by_one(clock.clone()));
    }
    Posting::together(ledger.clone(), clock.clone(), PostingLimits::default())
        .map_err(|error| Problem::internal(&error))
}

pub(crate) fn verifier(settings: &Settings) -> Result<TokenVerifier, Problem> {
    let unusable = |error: &dyn std::error::Error| {
        Problem::new("TOKEN_PUBLIC_KEY", "令牌公钥或算法无效", error.to_string()).todo(
            "可用 creditbank keys generate 生成",
            "make a pair with creditbank keys generate",
        )
    };
    let algorithm: TokenAlgorithm = settings
        .token_algorithm
        .parse()
        .map_err(|error| unusable(&error))?;
    let pem = settings.token_public_key()?;
    TokenVerifier::from_pem(
        algorithm,
        &pem,
        &settings.token_issuer,
        &settings.token_audience,
    )
    .map_err(|error| unusable(&error))
}

pub(crate) fn authentication(
    settings: &Settings,
    logins: DemoLogins,
) -> Result<Authentication, Problem> {
    let limits = ProviderLimits {
        loopback: settings.oidc_loopback,
        ..ProviderLimits::default()
    };
    let authentication = Authentication::new(&settings.token_issuer, &settings.token_audience)
        .with_providers(&settings.oidc_providers()?, limits)
        .map_err(|error| Problem::new("OIDC_PROVIDERS", "身份提供方设置有误", error.to_string()))?;
    Ok(match logins {
        DemoLogins::Allowed => authentication.with_demo_logins(),
        DemoLogins::Refused => authentication,
    })
}

/// Done at the first signal to end.
async fn signalled() {
    let (interrupt, terminate) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    match (interrupt, terminate) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        // Without handlers a signal ends the process at once, which loses nothing either.
        _ => std::future::pending().await,
    }
}
