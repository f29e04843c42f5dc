//! The server: sockets, worker threads, timeouts, and an end without cutting anybody off.

use std::any::Any;
use std::future::Future;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::net::TcpStream;
use actix_web::rt::time::sleep;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};

use crate::app::app;
use crate::clock::Clock;
use crate::metrics::MetricsPage;
use crate::state::ApiState;

const DISCONNECT_MAX: Duration = Duration::from_secs(5);
const SHUTDOWN_SECONDS_MAX: u64 = 30;

/// Where is listened.
#[derive(Debug)]
pub struct Sockets {
    /// For the API.
    pub api: TcpListener,
    /// For whoever measures, with what they read: a port that the world should not reach.
    pub metrics: Option<(TcpListener, MetricsPage)>,
}

/// Serves on bound sockets until `shutdown` is done, then lets what is running end. For `drain`
/// after that moment everything is still answered, but `/health/ready` is 503.
///
/// # Errors
/// Where a socket cannot be used.
pub async fn serve(
    sockets: Sockets,
    state: ApiState,
    shutdown: impl Future<Output = ()> + 'static,
    drain: Duration,
) -> std::io::Result<()> {
    let limits = state.limits.clone();
    let draining = state.draining.clone();
    let clock = state.clock.clone();
    let metrics = sockets
        .metrics
        .map(|(listener, page)| serve_metrics(listener, page, clock))
        .transpose()?;
    let server = HttpServer::new(move || App::new().configure(app(state.clone())))
        .on_connect(move |socket, _| give_up_unread(socket, limits.unread_max))
        .keep_alive(limits.idle_max)
        .client_request_timeout(limits.head_arrival_max)
        .max_connections(limits.connections_max)
        .client_disconnect_timeout(DISCONNECT_MAX)
        .shutdown_timeout(SHUTDOWN_SECONDS_MAX)
        .disable_signals()
        .listen(sockets.api)?
        .run();
    let handle = server.handle();
    let stopper = actix_web::rt::spawn(async move {
        shutdown.await;
        draining.begin();
        sleep(drain).await;
        handle.stop(true).await;
    });
    let served = server.await;
    stopper.abort();
    if let Some(metrics) = metrics {
        metrics.stop(false).await;
    }
    served
}

/// Ends a connection whose client takes none of what was sent: the server itself would wait for
/// ever, with the answer in memory. Linux does it for us, also where the client's machine still
/// says that it is there and has no room; elsewhere there is no such setting.
fn give_up_unread(socket: &dyn Any, unread_max: Duration) {
    #[cfg(target_os = "linux")]
    if let Some(stream) = socket.downcast_ref::<TcpStream>() {
        let set = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(unread_max));
        if let Err(error) = set {
            tracing::warn!(%error, "a connection without a limit for what is not read");
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _unsupported = (socket, unread_max);
}

fn serve_metrics(
    listener: TcpListener,
    page: MetricsPage,
    clock: Clock,
) -> std::io::Result<ServerHandle> {
    let parts = (page, clock);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::new(parts.clone()))
            .route("/metrics", web::get().to(metrics))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    let _ends_by_its_handle = actix_web::rt::spawn(server);
    Ok(handle)
}

/// In OpenMetrics text.
async fn metrics(parts: Data<(MetricsPage, Clock)>) -> HttpResponse {
    let read = web::block(move || parts.0.text(parts.1.now())).await;
    match read {
        Ok(Ok(text)) => HttpResponse::Ok()
            .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
            .body(text),
        Ok(Err(_)) | Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
