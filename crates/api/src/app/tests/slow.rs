//! Clients that send slowly, or without end, on real sockets.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::auth::fixture::{bearer, state};
use crate::state::ApiState;

const PATIENCE: Duration = Duration::from_secs(1);
/// The clock of actix, which counts timeouts, is slower than ours.
const MUCH_LATER: Duration = Duration::from_secs(10);

fn impatient() -> ApiState {
    let mut state = state();
    state.limits.head_arrival_max = PATIENCE;
    state.limits.json_arrival_max = PATIENCE;
    state.limits.idle_max = PATIENCE;
    state.limits.unread_max = PATIENCE;
    state
}

/// Serves while a client does on its own thread what it does.
async fn meet<T: Send + 'static>(client: impl FnOnce(SocketAddr) -> T + Send + 'static) -> T {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let shutdown = async move {
        let _ended = stopped.await;
    };
    let sockets = crate::Sockets {
        api: listener,
        metrics: None,
    };
    let served = crate::serve(sockets, impatient(), shutdown, Duration::ZERO);
    let server = actix_web::rt::spawn(served);
    let done = actix_web::rt::task::spawn_blocking(move || client(address));
    let done = done.await.unwrap();
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
    done
}

/// Everything until the server closes, and how long that took.
fn rest(mut stream: &TcpStream) -> (String, Duration) {
    let begun = Instant::now();
    stream.set_read_timeout(Some(MUCH_LATER)).unwrap();
    let mut bytes = Vec::new();
    // A connection that is reset is closed too.
    let _ended = stream.read_to_end(&mut bytes);
    (
        String::from_utf8_lossy(&bytes).into_owned(),
        begun.elapsed(),
    )
}

#[actix_web::test]
async fn a_head_that_trickles_in_is_cut_off_and_meanwhile_others_are_answered() {
    let (cut, other) = meet(|address| {
        let slow: Vec<TcpStream> = (0..50)
            .map(|_| {
                let mut stream = TcpStream::connect(address).unwrap();
                stream
                    .write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\nx-a: ")
                    .unwrap();
                stream
            })
            .collect();
        let mut quick = TcpStream::connect(address).unwrap();
        let request = b"GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        quick.write_all(request).unwrap();
        let other = rest(&quick).0;
        let cut: Vec<_> = slow.iter().map(rest).collect();
        (cut, other)
    })
    .await;
    assert!(other.starts_with("HTTP/1.1 200"), "{other}");
    for (answer, took) in cut {
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
            "{answer}"
        );
        assert!(took < MUCH_LATER, "{took:?}");
    }
}

#[actix_web::test]
async fn a_body_that_trickles_in_is_refused() {
    let (answer, took) = meet(|address| {
        let mut stream = TcpStream::connect(address).unwrap();
        let token = bearer(&["registrar"]);
        let head = format!(
            "POST /v1/outcomes HTTP/1.1\r\nhost: x\r\nauthorization: {token}\r\n\
             idempotency-key: k-1\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{{"
        );
        stream.write_all(head.as_bytes()).unwrap();
        rest(&stream)
    })
    .await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("BODY_TOO_SLOW"), "{answer}");
    assert!(took < MUCH_LATER, "{took:?}");
}

#[actix_web::test]
async fn a_connection_that_does_nothing_is_closed() {
    let (answer, took) = meet(|address| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n")
            .unwrap();
        rest(&stream)
    })
    .await;
    assert!(answer.ends_with(r#"{"status":"live"}"#), "{answer}");
    assert!(took < MUCH_LATER, "{took:?}");
}

/// Nearly a megabyte each, which no socket's buffers hold a hundred times.
#[cfg(target_os = "linux")]
#[actix_web::test]
async fn a_client_that_asks_much_and_reads_nothing_is_cut_off() {
    const ASKED: usize = 100;
    let (answers, at_once) = meet(|address| {
        let ask = |pause: Duration| {
            let mut stream = TcpStream::connect(address).unwrap();
            let request = "GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(ASKED);
            stream.write_all(request.as_bytes()).unwrap();
            #[expect(
                clippy::disallowed_methods,
                reason = "nothing tells a client that reads nothing that it was cut off"
            )]
            std::thread::sleep(pause);
            rest(&stream).0.matches("HTTP/1.1 200").count()
        };
        (ask(MUCH_LATER), ask(Duration::ZERO))
    })
    .await;
    // Whoever reads gets all of it.
    assert_eq!(at_once, ASKED);
    assert!(answers < ASKED, "{answers}");
}

#[actix_web::test]
async fn heads_without_end_are_refused_before_they_fill_the_memory() {
    let long = format!(
        "GET /health/live HTTP/1.1\r\nhost: x\r\nx-a: {}\r\n\r\n",
        "a".repeat(1 << 20)
    );
    let many: String = (0..1_000).map(|n| format!("x-{n}: a\r\n")).collect();
    let many = format!("GET /health/live HTTP/1.1\r\nhost: x\r\n{many}\r\n");
    for head in [long, many] {
        let answer = meet(move |address| {
            let mut stream = TcpStream::connect(address).unwrap();
            // The server may close before it has read everything.
            let _sent = stream.write_all(head.as_bytes());
            rest(&stream).0
        })
        .await;
        let refused = ["HTTP/1.1 400", "HTTP/1.1 413", "HTTP/1.1 431"];
        assert!(
            answer.is_empty() || refused.iter().any(|it| answer.starts_with(it)),
            "{answer}"
        );
    }
}
