//! Removes the throwaway servers of processes that died together with their watchdogs.
//!
//! That happens when a whole container is killed, or the power fails.

use std::fs;
use std::path::Path;

use crate::directory::{Layout, PREFIX, is_abandoned, temporary_places};
use crate::init::remove_tree;
use crate::pidfile::{is_alive, settle};
use crate::server::StopMode;
use crate::tools::Tools;

/// Best effort: what cannot be removed now hurts nobody and is tried again at the next start.
pub(crate) fn sweep(tools: &Tools) {
    for place in temporary_places() {
        let Ok(entries) = fs::read_dir(place) else {
            continue;
        };
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            // In a directory open to all, only what the server's own account made is touched.
            let ours =
                entry.file_type().is_ok_and(|kind| kind.is_dir()) && tools.user().owns(&path);
            if ours && is_left_over(&path) {
                remove(tools, &path);
            }
        }
    }
}

fn is_left_over(path: &Path) -> bool {
    let maker = path.file_name().and_then(|name| {
        name.to_str()?
            .strip_prefix(PREFIX)?
            .split('-')
            .next()?
            .parse()
            .ok()
    });
    // The lock alone would not do: a directory is made a moment before its lock is taken.
    maker.is_some_and(|pid: i32| pid > 0 && !is_alive(pid)) && is_abandoned(path)
}

fn remove(tools: &Tools, path: &Path) {
    let layout = Layout::thrown(path.to_path_buf());
    if settle(tools, &layout.cluster(), StopMode::Immediate).is_ok() {
        let _ = remove_tree(path);
    }
}
