//! One file a command: arguments in, an answer for people out.

pub(crate) mod accounts;
pub(crate) mod audit;
pub(crate) mod balance;
pub(crate) mod catalogue;
pub(crate) mod client;
pub(crate) mod cohort;
pub(crate) mod config;
pub(crate) mod credentials;
pub(crate) mod demo;
pub(crate) mod events;
pub(crate) mod evidence;
pub(crate) mod export;
pub(crate) mod figures;
pub(crate) mod frameworks;
pub(crate) mod governance;
pub(crate) mod grading;
pub(crate) mod health;
pub(crate) mod hours;
pub(crate) mod import;
pub(crate) mod institutions;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod learner;
pub(crate) mod migrate;
pub(crate) mod openapi;
pub(crate) mod people;
pub(crate) mod programmes;
pub(crate) mod reviews;
pub(crate) mod rules;
pub(crate) mod same_courses;
pub(crate) mod serve;
pub(crate) mod statement;
pub(crate) mod token;
pub(crate) mod totals;
pub(crate) mod webhooks;

use std::fs;
use std::path::Path;

use creditbank_ledger::flows::RegisterCounts;

use crate::output::say;
use crate::problem::Problem;

/// The bytes of a file that somebody named.
fn file_bytes(path: &Path) -> Result<Vec<u8>, Problem> {
    fs::read(path).map_err(|error| {
        let shown = path.display();
        Problem::new(
            "FILE_UNREADABLE",
            format!("文件 {shown} 无法读取({error})"),
            format!("{shown} cannot be read ({error})"),
        )
        .todo("请核对路径和权限", "check the path and its permissions")
    })
}

fn say_registered(counts: RegisterCounts) {
    let RegisterCounts {
        added,
        already_there,
    } = counts;
    say!("新增 {added},已存在 {already_there} / {added} added, {already_there} already there");
}
