//! Servers whose cluster outlives them.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use creditbank_localpg::{LocalPg, LocalPgError};
use tempfile::TempDir;

use crate::child::{hold, postmaster_of, wait_until};

/// A directory that every account can enter, as `/tmp` is.
fn home() -> TempDir {
    let home = tempfile::Builder::new()
        .prefix("kept")
        .tempdir_in("/tmp")
        .unwrap();
    fs::set_permissions(home.path(), Permissions::from_mode(0o755)).unwrap();
    home
}

fn start(directory: &Path) -> Result<LocalPg, LocalPgError> {
    LocalPg::builder().data_dir(directory).start()
}

fn make_table_in(directory: &Path) {
    let server = start(directory).unwrap();
    server.create_database_if_missing("bank").unwrap();
    server
        .psql("bank", "create table kept as select 42 as answer")
        .unwrap();
    server.stop().unwrap();
}

fn answer_in(server: &LocalPg) -> String {
    server.create_database_if_missing("bank").unwrap();
    server.psql("bank", "select answer from kept").unwrap()
}

#[test]
fn what_was_written_is_there_at_the_next_start() {
    let home = home();
    let directory = home.path().join("a/b");
    make_table_in(&directory);
    let server = start(&directory).unwrap();
    assert_eq!(answer_in(&server), "42\n");
    assert_eq!(server.psql("bank", "show fsync").unwrap(), "on\n");
    assert_eq!(server.psql("bank", "show max_wal_size").unwrap(), "8GB\n");
    assert_ne!(
        server.psql("bank", "show wal_compression").unwrap(),
        "off\n"
    );
}

#[test]
fn a_directory_in_use_is_refused() {
    let home = home();
    let server = start(home.path()).unwrap();
    assert!(matches!(
        start(home.path()),
        Err(LocalPgError::InUse { .. })
    ));
    assert_eq!(server.psql("postgres", "select 1").unwrap(), "1\n");
    server.stop().unwrap();
    start(home.path()).unwrap();
}

#[test]
fn a_directory_of_somebody_elses_files_is_refused_untouched() {
    let home = home();
    let letter = home.path().join("letter");
    fs::write(&letter, "dear").unwrap();
    assert!(matches!(
        start(home.path()),
        Err(LocalPgError::NotOurs { .. })
    ));
    assert_eq!(fs::read_to_string(&letter).unwrap(), "dear");
    assert_eq!(
        home.path().metadata().unwrap().permissions().mode() & 0o777,
        0o755
    );
}

#[test]
fn a_long_path_gets_its_socket_elsewhere_and_leaves_none() {
    let home = home();
    let server = start(&home.path().join("long".repeat(30))).unwrap();
    let socket = server.socket_dir().to_path_buf();
    assert!(!socket.starts_with(home.path()));
    assert_eq!(server.psql("postgres", "select 1").unwrap(), "1\n");
    server.stop().unwrap();
    assert!(!socket.exists());
}

#[test]
fn a_dead_processs_pid_file_does_not_hinder() {
    let home = home();
    make_table_in(home.path());
    leave_pid_file(home.path(), 2_147_483_646);
    assert_eq!(answer_in(&start(home.path()).unwrap()), "42\n");
}

#[test]
fn a_pid_file_with_a_strangers_number_does_not_hinder() {
    let home = home();
    make_table_in(home.path());
    leave_pid_file(home.path(), i32::try_from(std::process::id()).unwrap());
    assert_eq!(answer_in(&start(home.path()).unwrap()), "42\n");
}

fn leave_pid_file(directory: &Path, pid: i32) {
    let socket = directory.join("socket");
    let text = format!(
        "{pid}\n{}\n1700000000\n5432\n{}\n\n  1 1\nready\n",
        directory.join("cluster").display(),
        socket.display()
    );
    fs::write(directory.join("cluster/postmaster.pid"), text).unwrap();
}

#[test]
fn a_crashed_parents_server_is_stopped_and_its_work_kept() {
    let home = home();
    make_table_in(home.path());
    let mut held = hold(&format!("kept:{}", home.path().display()));
    held.kill_with_watchdog();
    assert!(held.postmaster_is_alive());
    let server = start(home.path()).unwrap();
    assert_ne!(postmaster_of(home.path()), held.postmaster);
    assert_eq!(answer_in(&server), "42\n");
}

#[test]
fn a_killed_parents_kept_server_stops_and_its_directory_stays() {
    let home = home();
    let mut held = hold(&format!("kept:{}", home.path().display()));
    held.kill();
    wait_until("the server is down", || !held.postmaster_is_alive());
    assert!(held.root.join("cluster/PG_VERSION").exists());
}

#[test]
fn a_start_right_after_a_kill_waits_for_the_watchdog() {
    let home = home();
    make_table_in(home.path());
    let mut held = hold(&format!("kept:{}", home.path().display()));
    held.kill();
    assert_eq!(answer_in(&start(home.path()).unwrap()), "42\n");
}

#[test]
fn a_cluster_of_a_version_that_is_not_installed_is_refused() {
    let home = home();
    make_table_in(home.path());
    fs::write(home.path().join("cluster/PG_VERSION"), "9\n").unwrap();
    let refused = start(home.path()).unwrap_err();
    assert!(
        matches!(refused, LocalPgError::ClusterVersion { .. }),
        "{refused}"
    );
}

#[test]
fn root_takes_the_other_directory_when_the_servers_user_cannot_enter() {
    let home = home();
    let hidden = home.path().join("hidden");
    fs::create_dir(&hidden).unwrap();
    fs::set_permissions(&hidden, Permissions::from_mode(0o700)).unwrap();
    let (wanted, otherwise) = (hidden.join("pg"), home.path().join("open"));
    let server = LocalPg::builder()
        .data_dir_or(&wanted, &otherwise)
        .start()
        .unwrap();
    let chosen: PathBuf = server.data_dir().to_path_buf();
    drop(server);
    if nix::unistd::geteuid().is_root() {
        assert_eq!(chosen, otherwise.canonicalize().unwrap());
        assert!(!wanted.exists());
        assert!(matches!(
            start(&wanted),
            Err(LocalPgError::Unreachable { .. })
        ));
    } else {
        assert_eq!(chosen, wanted.canonicalize().unwrap());
    }
}

#[test]
fn what_was_committed_before_a_crash_is_there_after_recovery() {
    let home = home();
    let server = start(home.path()).unwrap();
    server.create_database_if_missing("bank").unwrap();
    server
        .psql("bank", "create table kept as select 42 as answer")
        .unwrap();
    for _ in 0..3 {
        let before = postmaster_of(home.path());
        server.crash().unwrap();
        assert!(server.psql("bank", "select 1").is_err());
        server.recover().unwrap();
        assert_ne!(postmaster_of(home.path()), before);
        assert_eq!(answer_in(&server), "42\n");
    }
    server.stop().unwrap();
}

#[test]
fn a_server_that_crashed_for_good_leaves_its_directory_to_the_next() {
    let home = home();
    make_table_in(home.path());
    let server = start(home.path()).unwrap();
    server.crash().unwrap();
    drop(server);
    assert_eq!(answer_in(&start(home.path()).unwrap()), "42\n");
}
