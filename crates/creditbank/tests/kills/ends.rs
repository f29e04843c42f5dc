//! A server that is asked to end while clients work, and what it tells about itself until then.

use std::net::TcpListener;
use std::time::Duration;

use crate::AFTERWARDS;
use crate::bank::Bank;
use crate::clients::Work;
use crate::server::Server;

/// Long enough for a load balancer, and for this test to look.
const DRAIN_SECONDS: &str = "3";

/// Status and body of what anybody may ask.
fn asked(address: &str, path: &str) -> (u16, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(15)))
        .build()
        .into();
    let mut answer = agent.get(format!("http://{address}{path}")).call().unwrap();
    let body = answer.body_mut().read_to_string().unwrap();
    (answer.status().as_u16(), body)
}

/// An address that nobody listens at.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// The value of a series without labels.
fn figure(page: &str, name: &str) -> i64 {
    let line = page.lines().find_map(|line| line.strip_prefix(name));
    let line = line.unwrap_or_else(|| panic!("no {name} in {page}"));
    line.trim().parse().unwrap()
}

#[test]
fn a_server_asked_to_end_says_so_first_and_leaves_nothing_undone() {
    let bank = Bank::start();
    let metrics = free_address();
    let settings = [
        ("CREDITBANK_METRICS_LISTEN", metrics.as_str()),
        ("CREDITBANK_DRAIN_SECONDS", DRAIN_SECONDS),
    ];
    let mut server = Server::start_with(&bank, &settings);
    let work = Work::begin(&bank, server.address(), 1);
    std::thread::sleep(AFTERWARDS * 3);
    assert_eq!(asked(server.address(), "/health/ready").0, 200);

    server.ask_to_end();
    std::thread::sleep(AFTERWARDS);
    assert_eq!(asked(server.address(), "/health/ready").0, 503);
    assert_eq!(asked(server.address(), "/health/live").0, 200);

    let (status, page) = asked(&metrics, "/metrics");
    assert_eq!(status, 200);
    assert!(page.ends_with("# EOF\n"), "{page}");
    let posted =
        r#"http_request_duration_seconds_count{method="POST",route="/v1/outcomes",status="201"}"#;
    assert!(figure(&page, &format!("creditbank_{posted}")) > 0);
    assert_eq!(figure(&page, "creditbank_database_up"), 1);
    assert!(figure(&page, "creditbank_pool_connections_open") > 0);

    assert!(server.ended_well());
    let mut again = Server::start(&bank);
    work.go_on_at(again.address());
    std::thread::sleep(AFTERWARDS);
    let done = work.end();
    bank.check(&done, 1);
    again.kill();
}

#[test]
fn figures_are_told_while_the_database_is_away() {
    let bank = Bank::start();
    let metrics = free_address();
    let mut server = Server::start_with(&bank, &[("CREDITBANK_METRICS_LISTEN", metrics.as_str())]);
    // Waits in the socket's queue until the server has begun.
    assert_eq!(asked(server.address(), "/health/ready").0, 200);
    bank.postgres().crash().unwrap();
    let (status, page) = asked(&metrics, "/metrics");
    assert_eq!((status, figure(&page, "creditbank_database_up")), (200, 0));
    bank.postgres().recover().unwrap();
    server.kill();
}
