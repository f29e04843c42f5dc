//! A small driver of ours: keep-alive connections that ask, wait for the answer, and ask again.
//!
//! It shares the machine with the server it drives, so it does as little as it can: one thread,
//! requests made beforehand, of an answer only its status and length are read.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What was reached.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Answers a second.
    pub rate: f64,
    /// Microseconds of one answer, on the average of all connections.
    pub latency: f64,
}

/// A GET request as it goes over the wire.
pub fn get(path: &str, token: Option<&str>) -> Vec<u8> {
    let authorization = token.map_or(String::new(), |it| {
        format!("authorization: Bearer {it}\r\n")
    });
    format!("GET {path} HTTP/1.1\r\nhost: bank\r\n{authorization}\r\n").into_bytes()
}

/// A POST request as it goes over the wire.
pub fn post(path: &str, token: &str, key: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: bank\r\nauthorization: Bearer {token}\r\n\
         idempotency-key: {key}\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// What each connection sends next; nothing at the end.
type Next = Arc<dyn Fn() -> Option<Request> + Send + Sync>;

/// A request among many: where it is.
struct Request {
    all: Arc<Vec<Vec<u8>>>,
    at: usize,
}

/// Sends the requests over and over for so long.
pub fn drive_for(
    address: SocketAddr,
    connections: usize,
    requests: &Arc<Vec<Vec<u8>>>,
    time: Duration,
) -> Result<Load> {
    let (all, sent) = (Arc::clone(requests), AtomicUsize::new(0));
    let end = Instant::now() + time;
    drive(
        address,
        connections,
        Arc::new(move || {
            let at = sent.fetch_add(1, Ordering::Relaxed) % all.len();
            (Instant::now() < end).then(|| Request {
                all: Arc::clone(&all),
                at,
            })
        }),
    )
}

/// Sends each request once, by whichever connection is free.
pub fn drive_through(
    address: SocketAddr,
    connections: usize,
    requests: Vec<Vec<u8>>,
) -> Result<Load> {
    let (all, sent) = (Arc::new(requests), AtomicUsize::new(0));
    drive(
        address,
        connections,
        Arc::new(move || {
            let at = sent.fetch_add(1, Ordering::Relaxed);
            (at < all.len()).then(|| Request {
                all: Arc::clone(&all),
                at,
            })
        }),
    )
}

/// Sends the requests over and over, one every so often whatever became of the one before, until it
/// is done; the microseconds from the moment at which each was due to its answer.
pub fn paced_until(
    address: SocketAddr,
    connections: usize,
    requests: &[Vec<u8>],
    every: Duration,
    done: &dyn Fn() -> bool,
) -> Result<Vec<f64>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let started = Instant::now();
        let asking = (0..connections).map(|first| async move {
            let mut connection = Connection::open(address).await?;
            let mut times = Vec::new();
            for at in (first..).step_by(connections) {
                let due = started + every * u32::try_from(at)?;
                tokio::time::sleep_until(due.into()).await;
                if done() {
                    break;
                }
                connection.ask(&requests[at % requests.len()]).await?;
                times.push(due.elapsed().as_secs_f64() * 1e6);
            }
            anyhow::Ok(times)
        });
        let times = futures_util::future::try_join_all(asking).await?;
        Ok(times.concat())
    })
}

fn drive(address: SocketAddr, connections: usize, next: Next) -> Result<Load> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let started = Instant::now();
    let answered = runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..connections {
            tasks.spawn(ask_on(address, Arc::clone(&next)));
        }
        let mut answered = 0;
        while let Some(done) = tasks.join_next().await {
            answered += done??;
        }
        anyhow::Ok(answered)
    })?;
    let seconds = started.elapsed().as_secs_f64();
    ensure!(answered > 0, "nothing was answered");
    Ok(Load {
        rate: answered as f64 / seconds,
        latency: seconds * 1e6 * connections as f64 / answered as f64,
    })
}

/// One connection, to the end of its requests; how many were answered.
async fn ask_on(address: SocketAddr, next: Next) -> Result<usize> {
    let mut connection = Connection::open(address).await?;
    let mut answered = 0;
    while let Some(request) = next() {
        connection.ask(&request.all[request.at]).await?;
        answered += 1;
    }
    Ok(answered)
}

struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let answer = vec![0; 16 * 1024];
        Ok(Self { stream, answer })
    }

    /// Sends a request and waits for the whole answer, which must be a success.
    async fn ask(&mut self, request: &[u8]) -> Result<()> {
        self.stream.write_all(request).await?;
        let mut length = 0;
        while !whole(&self.answer[..length])? {
            if length == self.answer.len() {
                self.answer.resize(length * 2, 0);
            }
            let read = self.stream.read(&mut self.answer[length..]).await?;
            ensure!(read > 0, "the server hung up");
            length += read;
        }
        Ok(())
    }
}

/// Whether an answer has arrived; one that is no success ends the run.
fn whole(answer: &[u8]) -> Result<bool> {
    let Some(end) = answer.windows(4).position(|it| it == b"\r\n\r\n") else {
        return Ok(false);
    };
    let head = std::str::from_utf8(&answer[..end])?;
    if !head.starts_with("HTTP/1.1 2") {
        bail!("{}", String::from_utf8_lossy(answer));
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .context("an answer without a length")?;
    Ok(answer.len() >= end + 4 + length.trim().parse::<usize>()?)
}
