//! Servers that leave nothing behind.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use creditbank_localpg::{LocalPg, LocalPgError};

use crate::child::{hold, is_alive, postmaster_of, wait_until};

#[test]
fn it_answers_and_leaves_nothing() {
    let server = LocalPg::builder()
        .throwaway()
        .setting("work_mem", "5MB")
        .start()
        .unwrap();
    assert_eq!(server.psql("postgres", "select 1").unwrap(), "1\n");
    assert_eq!(server.psql("postgres", "show fsync").unwrap(), "off\n");
    assert_eq!(server.psql("postgres", "show work_mem").unwrap(), "5MB\n");
    assert_eq!(
        server.psql("postgres", "show listen_addresses").unwrap(),
        "\n"
    );
    assert_eq!(
        server.psql("postgres", "show server_encoding").unwrap(),
        "UTF8\n"
    );

    let root = server.data_dir().to_path_buf();
    let postmaster = postmaster_of(&root);
    drop(server);
    assert!(!root.exists() && !is_alive(postmaster));
}

#[test]
fn a_database_is_created_once_whatever_its_name() {
    let server = LocalPg::builder().start().unwrap();
    for name in ["bank", "bank", "学分 \"bank\"'s", "-d"] {
        server.create_database_if_missing(name).unwrap();
    }
    let count = "select count(*) from pg_database where not datistemplate";
    assert_eq!(server.psql("bank", count).unwrap(), "4\n");
    assert_eq!(
        psql_by_url(&server.url("学分 \"bank\"'s")),
        "creditbank_owner|\n"
    );
    server.stop().unwrap();
}

#[test]
fn by_tcp_a_password_is_needed() {
    let server = LocalPg::builder().tcp().start().unwrap();
    let url = server.url("postgres");
    assert_eq!(psql_by_url(&url), "creditbank_owner|127.0.0.1/32\n");
    let (before, after) = url.split_once('@').unwrap();
    let forged = format!("{}x@{after}", before);
    assert_eq!(psql_by_url(&forged), "");
}

#[test]
fn a_stop_handle_stops_it_from_another_thread() {
    let server = LocalPg::builder().start().unwrap();
    let handle = server.stop_handle();
    std::thread::spawn(move || handle.stop())
        .join()
        .unwrap()
        .unwrap();
    assert!(!server.data_dir().exists());
    assert!(matches!(
        server.psql("postgres", "select 1"),
        Err(LocalPgError::Stopped)
    ));
    server.stop().unwrap();
}

#[test]
fn root_runs_it_as_another_user_and_only_that_user_can_enter() {
    let server = LocalPg::builder().start().unwrap();
    let own = nix::unistd::geteuid().as_raw();
    let pid_file = server
        .data_dir()
        .join("cluster/postmaster.pid")
        .metadata()
        .unwrap();
    if own == 0 {
        assert_ne!(pid_file.uid(), 0);
    } else {
        assert_eq!(pid_file.uid(), own);
    }
    for directory in [server.data_dir(), server.socket_dir()] {
        let found = directory.metadata().unwrap();
        assert_eq!(
            (found.uid(), found.permissions().mode() & 0o777),
            (pid_file.uid(), 0o700)
        );
    }
}

#[test]
fn a_wrong_setting_is_refused_with_the_servers_words() {
    let refused = LocalPg::builder()
        .setting("work_mem", "plenty")
        .start()
        .unwrap_err();
    let LocalPgError::DidNotStart { log, last_lines } = refused else {
        panic!("{refused}")
    };
    assert!(last_lines.contains("work_mem"), "{last_lines}");
    assert!(!log.exists(), "the directory should have gone");
}

#[test]
fn binaries_that_are_not_there_are_named_by_package() {
    let refused = LocalPg::builder()
        .binaries_in("/nonexistent")
        .start()
        .unwrap_err();
    assert!(
        refused.to_string().contains("apt-get install postgresql"),
        "{refused}"
    );
}

#[test]
fn a_killed_parents_server_is_ended_by_its_watchdog() {
    let mut held = hold("throwaway");
    assert!(held.postmaster_is_alive());
    held.kill();
    wait_until("the server and its directory are gone", || {
        !held.postmaster_is_alive() && !held.root.exists()
    });
}

#[test]
fn a_killed_parents_server_is_swept_when_the_watchdog_died_too() {
    let mut held = hold("throwaway");
    held.kill_with_watchdog();
    assert!(held.postmaster_is_alive() && held.root.exists());
    let server = LocalPg::builder().start().unwrap();
    assert!(!held.postmaster_is_alive() && !held.root.exists());
    drop(server);
}

#[test]
fn the_sweep_spares_a_living_process() {
    let mut held = hold("throwaway");
    drop(LocalPg::builder().start().unwrap());
    assert!(held.postmaster_is_alive() && held.root.exists());
    held.kill();
}

/// Connects as a client does, with nothing but the URL.
fn psql_by_url(url: &str) -> String {
    let found = creditbank_localpg::Binaries::find().unwrap();
    let psql: &Path = &found.directory().join("psql");
    let query = "select current_user || '|' || coalesce(inet_server_addr()::text, '')";
    let output = std::process::Command::new(psql)
        .args(["-X", "-A", "-t", "-c", query, "-d", url])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}
