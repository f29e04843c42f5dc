//! Makes a new cluster with `initdb`.

use std::fs;
use std::io;
use std::path::Path;

use crate::SUPERUSER;
use crate::directory::{Layout, write_private};
use crate::error::{LocalPgError, on_file};
use crate::server::StopMode;
use crate::tools::Tools;

/// Holds our settings; the cluster's own file includes it.
pub(crate) const SETTINGS_FILE: &str = "creditbank.conf";

/// The first one the system knows is taken. Both compare by bytes; `C` alone knows no letters
/// beyond ASCII when it folds case.
const LOCALES: [&str; 2] = ["C.UTF-8", "C"];

/// Makes the cluster unless it is there. It is made under another name and renamed, so that a kill
/// half-way leaves nothing that looks finished.
pub(crate) fn ensure(tools: &Tools, layout: &Layout, mode: StopMode) -> Result<(), LocalPgError> {
    let cluster = layout.cluster();
    if cluster.exists() {
        return Ok(());
    }
    let making = layout.root.join("cluster.making");
    let mut made = Ok(());
    for locale in LOCALES {
        remove_tree(&making)?;
        made = run_initdb(tools, &making, locale, mode);
        if made.is_ok() {
            break;
        }
    }
    made?;
    include_settings(tools, &making)?;
    fs::rename(&making, &cluster).map_err(on_file("rename", &making))
}

/// Removes a directory and all in it, if it is there.
pub(crate) fn remove_tree(path: &Path) -> Result<(), LocalPgError> {
    match fs::remove_dir_all(path) {
        Err(refusal) if refusal.kind() != io::ErrorKind::NotFound => {
            Err(on_file("remove", path)(refusal))
        }
        _ => Ok(()),
    }
}

fn run_initdb(
    tools: &Tools,
    making: &Path,
    locale: &str,
    mode: StopMode,
) -> Result<(), LocalPgError> {
    let mut command = tools.command("initdb");
    command
        .arg("-D")
        .arg(making)
        .args(["-U", SUPERUSER, "--encoding=UTF8"]);
    command.arg(format!("--locale={locale}"));
    // Only who can enter the socket's directory comes by socket; anybody can come by loopback.
    command.args([
        "--auth-local=trust",
        "--auth-host=scram-sha-256",
        "--no-instructions",
    ]);
    if mode == StopMode::Immediate {
        command.arg("--no-sync");
    }
    Tools::run("initdb", command).map(drop)
}

fn include_settings(tools: &Tools, cluster: &Path) -> Result<(), LocalPgError> {
    let path = cluster.join("postgresql.conf");
    let mut text = fs::read_to_string(&path).map_err(on_file("read", &path))?;
    text.push_str(&format!("\ninclude_if_exists '{SETTINGS_FILE}'\n"));
    write_private(&path, &text, tools.user())
}
