#![expect(
    clippy::disallowed_methods,
    reason = "attempts by the clock at somebody who is silent"
)]

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use creditbank_domain::ids::{WebhookDeliveryId, WebhookEndpointId};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::ResolvedSocketAddrs;
use ureq::unversioned::transport::NextTimeout;
use uuid::Uuid;

use super::*;

/// A name server of one answer.
#[derive(Debug)]
struct Says(Vec<IpAddr>, u16);

impl Resolver for Says {
    fn resolve(
        &self,
        _: &Uri,
        _: &Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut found = self.empty();
        for address in &self.0 {
            found.push(SocketAddr::new(*address, self.1));
        }
        Ok(found)
    }
}

fn ping(url: &str) -> TakenDelivery {
    TakenDelivery {
        delivery_id: WebhookDeliveryId::from_uuid(Uuid::from_u128(1)),
        endpoint_id: WebhookEndpointId::from_uuid(Uuid::from_u128(2)),
        attempt: 1,
        url: url.to_owned(),
        secrets: Vec::new(),
        event: None,
        created_at: DateTime::UNIX_EPOCH,
    }
}

/// Somebody who answers every connection with the same bytes, again and again where told so, and
/// tells what was asked.
fn answering(answer: &'static [u8], endless: bool) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = [0; 4096];
            let length = stream.read(&mut asked).unwrap_or(0);
            let _ = tell.send(String::from_utf8_lossy(&asked[..length]).into_owned());
            while stream.write_all(answer).is_ok() && endless {}
            if answer.is_empty() {
                std::thread::sleep(Duration::from_secs(5));
            }
        }
    });
    (port, told)
}

fn attempt(answer: &'static [u8], endless: bool) -> (Attempted, Receiver<String>) {
    let (port, told) = answering(answer, endless);
    let names = DefaultResolver::default();
    let courier = Courier::asking(names, Network::Any, Duration::from_millis(700));
    let began = Instant::now();
    let attempted = courier.carry(&ping(&format!("http://127.0.0.1:{port}/a")), Utc::now());
    assert!(began.elapsed() < Duration::from_secs(3), "{attempted:?}");
    (attempted, told)
}

fn failed(status: Option<u16>, error: &'static str) -> Attempted {
    Attempted::Failed { status, error }
}

#[test]
fn a_name_that_leads_inside_is_refused_before_any_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    for addresses in [
        vec!["127.0.0.1"],
        // One of several is enough: which is tried is not ours to say.
        vec!["223.5.5.5", "127.0.0.1"],
        vec!["::ffff:127.0.0.1"],
        vec!["fd00::1"],
        vec!["169.254.169.254"],
    ] {
        let addresses = addresses.iter().map(|text| text.parse().unwrap()).collect();
        let names = Says(addresses, port);
        let courier = Courier::asking(names, Network::Public, Duration::from_secs(1));
        let attempted = courier.carry(&ping("https://rebound.example/"), Utc::now());
        assert_eq!(attempted, failed(None, "ADDRESS_PRIVATE"));
        assert!(listener.accept().is_err(), "somebody connected");
    }
    // The nearest accepted case: the same address where the setting allows it.
    let (port, told) = answering(b"HTTP/1.1 204 No Content\r\n\r\n", false);
    let names = Says(vec!["127.0.0.1".parse().unwrap()], port);
    let courier = Courier::asking(names, Network::Any, Duration::from_secs(5));
    let attempted = courier.carry(&ping("http://rebound.example/"), Utc::now());
    assert_eq!(attempted, Attempted::Delivered { status: 204 });
    assert!(told.recv().unwrap().contains("host: rebound.example"));
}

#[test]
fn an_address_that_was_registered_under_another_setting_is_refused() {
    let courier = Courier::new(Network::Public);
    for url in [
        "http://example.edu.cn/",
        "https://127.0.0.1/",
        "https://a.example:22/",
    ] {
        let attempted = courier.carry(&ping(url), Utc::now());
        assert_eq!(attempted, failed(None, "ADDRESS_REFUSED"), "{url}");
    }
}

#[test]
fn only_2xx_is_delivered_and_nobody_is_followed() {
    let moved = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let (attempted, _) = attempt(moved, false);
    assert_eq!(attempted, failed(Some(302), "REDIRECTED"));
    let (attempted, _) = attempt(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n", false);
    assert_eq!(attempted, failed(Some(500), "STATUS"));
    let (attempted, _) = attempt(b"HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n", false);
    assert_eq!(attempted, failed(Some(410), "STATUS"));
    let (attempted, told) = attempt(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", false);
    assert_eq!(attempted, Attempted::Delivered { status: 200 });
    let asked = told.recv().unwrap().to_lowercase();
    let id = "webhook-id: 00000000-0000-0000-0000-000000000001";
    assert!(
        asked.starts_with("post /a http/1.1") && asked.contains(id),
        "{asked}"
    );
}

#[test]
fn silence_and_endless_answers_end_by_the_clock_or_the_head() {
    assert_eq!(attempt(b"", false).0, failed(None, "TIMEOUT"));
    let endless_head = b"x-a: 0123456789012345678901234567890123456789\r\n";
    assert!(matches!(
        attempt(endless_head, true).0,
        Attempted::Failed { status: None, .. }
    ));
    // An endless body is not read at all.
    let (attempted, _) = attempt(b"HTTP/1.1 200 OK\r\n\r\nmore and more and more", true);
    assert_eq!(attempted, Attempted::Delivered { status: 200 });
}

#[test]
fn nobody_there_is_said_so() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let courier = Courier::new(Network::Any);
    let attempted = courier.carry(&ping(&format!("http://127.0.0.1:{port}/")), Utc::now());
    assert_eq!(attempted, failed(None, "CONNECTION_FAILED"));
}

#[test]
fn an_https_address_is_never_spoken_to_in_clear() {
    let (port, told) = answering(b"HTTP/1.1 204 No Content\r\n\r\n", false);
    let courier = Courier::new(Network::Any);
    let attempted = courier.carry(&ping(&format!("https://127.0.0.1:{port}/")), Utc::now());
    assert_eq!(attempted, failed(None, "TLS"));
    let asked = told.recv().unwrap();
    // A handshake record, and nothing of ours in it.
    assert!(
        asked.starts_with('\u{16}') && !asked.contains("webhook"),
        "{asked:?}"
    );
}
