//! The server: sockets, worker threads, timeouts, and an end without cutting anybody off.

use std::future::Future;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::{App, HttpServer};

use crate::app::app;
use crate::state::ApiState;

const DISCONNECT_MAX: Duration = Duration::from_secs(5);
const SHUTDOWN_SECONDS_MAX: u64 = 30;

/// Serves on a bound socket until `shutdown` is done, then lets what is running end.
///
/// # Errors
/// Where the socket cannot be used.
pub async fn serve(
    listener: TcpListener,
    state: ApiState,
    shutdown: impl Future<Output = ()> + 'static,
) -> std::io::Result<()> {
    let limits = state.limits.clone();
    let server = HttpServer::new(move || App::new().configure(app(state.clone())))
        .keep_alive(limits.idle_max)
        .client_request_timeout(limits.head_arrival_max)
        .max_connections(limits.connections_max)
        .client_disconnect_timeout(DISCONNECT_MAX)
        .shutdown_timeout(SHUTDOWN_SECONDS_MAX)
        .disable_signals()
        .listen(listener)?
        .run();
    let handle = server.handle();
    let stopper = actix_web::rt::spawn(async move {
        shutdown.await;
        handle.stop(true).await;
    });
    let served = server.await;
    stopper.abort();
    served
}
