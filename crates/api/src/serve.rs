//! The server: sockets, worker threads, timeouts, and an end without cutting anybody off.

use std::future::Future;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::{App, HttpServer};

use crate::app::app;
use crate::state::ApiState;

/// Longer than the idle time of usual load balancers, so that it is they who close.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
const HEADERS_ARRIVAL_MAX: Duration = Duration::from_secs(10);
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
    let server = HttpServer::new(move || App::new().configure(app(state.clone())))
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEADERS_ARRIVAL_MAX)
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
