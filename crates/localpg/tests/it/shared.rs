//! One server for several processes.

use creditbank_localpg::{LocalPg, LocalPgError};

use crate::child::{hold, wait_until};

fn named(test: &str) -> String {
    format!("localpg-{test}-{}", std::process::id())
}

fn forget(name: &str) {
    for base in ["/dev/shm", "/tmp"] {
        let own = nix::unistd::geteuid();
        let _ = std::fs::remove_dir_all(format!("{base}/creditbank-shared-{own}-{name}"));
    }
}

#[test]
fn it_is_joined_and_ends_after_the_last_one() {
    let name = named("join");
    let mut first = hold(&format!("shared:{name}"));
    let second = LocalPg::builder().shared_throwaway(&name).start().unwrap();
    assert_eq!(second.data_dir(), first.root);
    first.kill();
    assert_eq!(second.psql("postgres", "select 1").unwrap(), "1\n");

    // The sweep of a third process spares it, though its maker is dead.
    drop(LocalPg::builder().throwaway().start().unwrap());
    assert_eq!(second.psql("postgres", "select 1").unwrap(), "1\n");

    drop(second);
    // Who comes within the grace still finds it.
    let third = LocalPg::builder().shared_throwaway(&name).start().unwrap();
    assert_eq!(third.data_dir(), first.root);
    drop(third);
    wait_until("the shared server has ended", || {
        !first.postmaster_is_alive() && !first.root.exists()
    });

    let fourth = LocalPg::builder().shared_throwaway(&name).start().unwrap();
    assert_ne!(fourth.data_dir(), first.root);
    forget(&name);
}

#[test]
fn processes_that_come_at_once_share_one() {
    let name = named("race");
    let starters: Vec<_> = (0..4)
        .map(|_| {
            let name = name.clone();
            std::thread::spawn(move || {
                let server = LocalPg::builder().shared_throwaway(name).start().unwrap();
                server.create_database_if_missing("template").unwrap();
                server
            })
        })
        .collect();
    let servers: Vec<LocalPg> = starters
        .into_iter()
        .map(|one| one.join().unwrap())
        .collect();
    assert!(
        servers
            .iter()
            .all(|one| one.data_dir() == servers[0].data_dir())
    );
    forget(&name);
}

#[test]
fn a_name_that_is_a_path_is_refused() {
    let refused = LocalPg::builder()
        .shared_throwaway("../x")
        .start()
        .unwrap_err();
    assert!(matches!(refused, LocalPgError::SharedName(_)));
}
