//! The API with everything it needs, until a signal ends it.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use creditbank_api::{
    ApiLimits, ApiState, ClientRegister, Clock, GateLimits, LedgerHandle, Posting, PostingLimits,
    TokenAlgorithm, TokenVerifier,
};
use creditbank_ledger::Ledger;
use tokio::signal::unix::{SignalKind, signal};

use crate::desk::Desk;
use crate::housekeeping::Housekeeper;
use crate::problem::Problem;
use crate::sequencing::Sequencer;
use crate::settings::Settings;
use crate::webhooks::Webhooks;

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

/// Serves until SIGINT or SIGTERM. Goes on first with imports that an earlier end cut short, and
/// keeps house and the change feed and sends webhooks meanwhile.
pub(crate) fn serve(
    ledger: Ledger,
    settings: &Settings,
    listener: TcpListener,
) -> Result<(), Problem> {
    let verifier = verifier(settings)?;
    let desk = Desk::open(ledger.clone(), &settings.storage_dir)?;
    desk.go_on()?;
    let _housekeeper = Housekeeper::start(ledger.clone())?;
    let _sequencer = Sequencer::start(&ledger)?;
    let webhook_network = settings.webhook_network();
    let _webhooks = (!settings.no_webhooks)
        .then(|| Webhooks::start(&ledger, webhook_network))
        .transpose()?;
    let limits = ApiLimits {
        upload_directory: Some(desk.uploads()),
        webhook_network,
        ..ApiLimits::default()
    };
    let clock = Clock::system();
    let state = ApiState {
        posting: posting(&ledger, &clock, settings)?,
        ledger: LedgerHandle::new(ledger, GateLimits::default()),
        verifier: Arc::new(verifier),
        clients: ClientRegister::checked(),
        imports: Arc::new(desk),
        clock,
        limits,
    };
    actix_web::rt::System::new()
        .block_on(creditbank_api::serve(listener, state, signalled()))
        .map_err(|error| Problem::internal(&error))
}

fn posting(ledger: &Ledger, clock: &Clock, settings: &Settings) -> Result<Posting, Problem> {
    if settings.post_one_by_one {
        return Ok(Posting::one_by_one(clock.clone()));
    }
    Posting::together(ledger.clone(), clock.clone(), PostingLimits::default())
        .map_err(|error| Problem::internal(&error))
}

fn verifier(settings: &Settings) -> Result<TokenVerifier, Problem> {
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
