//! `creditbank governance`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use creditbank_domain::authz::{KeepRegister, ReadRegister};
use creditbank_ledger::{flows, reads};

use super::{file_bytes, say_registered};
use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, load, operator};

/// A page of each list.
const PAGE: u32 = 200;

/// What can be done with the register of those who govern.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Load documents, meetings, areas and remits, for example packs/governance/*.json / 登记
    Load {
        /// A pack each
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// List the documents / 文件一览
    Documents,
    /// List the meetings and what they resolved / 会议与决议一览
    Meetings,
}

/// Does it and says what came of it; the same again changes nothing.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Load { files } => {
            let mut packs = Vec::with_capacity(files.len());
            for file in files {
                packs.push(load::read_governance(&file_bytes(file)?)?);
            }
            let grant = operator::for_bank::<KeepRegister>()?;
            let ledger = settings.ledger()?;
            for pack in &packs {
                let register = (pack.documents.as_slice(), pack.meetings.as_slice());
                let counts = flows::register_governance(&ledger, &grant, register, clock::now());
                let (documents, meetings) = counts.map_err(Problem::from)?;
                say_registered(documents);
                say_registered(meetings);
                let places = (pack.places.as_slice(), pack.remits.as_slice());
                let counts = flows::register_places(&ledger, &grant, places, clock::now());
                say_registered(counts.map_err(Problem::from)?);
            }
        }
        Command::Documents => documents(settings)?,
        Command::Meetings => meetings(settings)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn documents(settings: &Settings) -> anyhow::Result<()> {
    let grant = operator::for_bank::<ReadRegister>()?;
    let ledger = settings.ledger()?;
    let mut after: Option<String> = None;
    loop {
        let rows = reads::documents(&ledger, &grant, (after.as_deref(), PAGE));
        let rows = rows.map_err(Problem::from)?;
        for row in &rows {
            let by = row.superseded_by.as_deref();
            let by = by.map_or_else(String::new, |by| format!("  已被取代 superseded by {by}"));
            say!("{}  {}{by}", row.number, row.title);
        }
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = Some(last.number.clone());
    }
}

fn meetings(settings: &Settings) -> anyhow::Result<()> {
    let grant = operator::for_bank::<ReadRegister>()?;
    let ledger = settings.ledger()?;
    let mut before = None;
    loop {
        let rows = reads::meetings(&ledger, &grant, None, (before, PAGE));
        let rows = rows.map_err(Problem::from)?;
        for row in &rows {
            let place = row.place.as_deref().unwrap_or("–");
            say!("{}  {}  {place}  {}", row.held_on, row.code, row.title_zh);
            for resolution in &row.resolutions {
                let rule_set = resolution.rule_set.map(|id| format!("  {id}"));
                let rule_set = rule_set.unwrap_or_default();
                let (no, outcome) = (resolution.no, resolution.outcome);
                say!("  {no} {outcome}  {}{rule_set}", resolution.text_zh);
            }
        }
        let Some(last) = rows.last() else {
            return Ok(());
        };
        before = Some(last.meeting_id);
    }
}
