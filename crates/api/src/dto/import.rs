//! Imports as clients see them.

use chrono::{DateTime, Utc};
use creditbank_ledger::flows::ImportMode;
use creditbank_ledger::reads;
use creditbank_ledger::reads::ImportState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::dto::import_mapping::SummaryView;
use crate::problem::FaultView;

/// A file that was handed in, and how far it has come.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::import_view()))]
pub(crate) struct ImportView {
    /// Its id.
    pub(crate) import_id: Uuid,
    /// What the client called it; empty once it was removed with the bytes.
    #[schema(example = "成绩2024.xlsx")]
    pub(crate) file_name: String,
    /// Whether it is only tried.
    pub(crate) dry_run: bool,
    /// Where it stands.
    pub(crate) state: ImportStateWord,
    /// How many lines ended how.
    pub(crate) counts: ImportCounts,
    /// What it came to, where one import is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) summary: Option<SummaryView>,
    /// Why the file as a whole could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<FaultView>,
    /// When it began.
    pub(crate) started_at: DateTime<Utc>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) finished_at: Option<DateTime<Utc>>,
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ImportStateWord {
    /// Lines are still to come.
    Running,
    /// Every line has its answer.
    Finished,
    /// The file could not be read; nothing more comes.
    Failed,
}

/// How many lines ended how: `posted + already_posted + rejected = read`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ImportCounts {
    /// Read so far.
    pub(crate) read: u64,
    /// Written now.
    pub(crate) posted: u64,
    /// Written before, with the same content.
    pub(crate) already_posted: u64,
    /// Not written.
    pub(crate) rejected: u64,
    /// Accounts that were opened on the way.
    pub(crate) accounts_opened: u64,
}

impl ImportView {
    /// With what it came to beside the counts.
    pub(crate) fn summed(import: &reads::ImportView, summary: &reads::ImportSummary) -> Self {
        Self {
            summary: Some(summary.into()),
            ..Self::from(import)
        }
    }
}

impl From<&reads::ImportView> for ImportView {
    fn from(import: &reads::ImportView) -> Self {
        Self {
            import_id: import.import_id.as_uuid(),
            file_name: import.file_name.clone(),
            dry_run: match import.mode {
                ImportMode::DryRun => true,
                ImportMode::Post => false,
            },
            state: match import.state {
                ImportState::Running => ImportStateWord::Running,
                ImportState::Finished => ImportStateWord::Finished,
                ImportState::Failed => ImportStateWord::Failed,
            },
            counts: ImportCounts {
                read: import.read,
                posted: import.posted,
                already_posted: import.already_posted,
                rejected: import.rejected,
                accounts_opened: import.accounts_opened,
            },
            summary: None,
            failure: import.failure.as_ref().map(|failure| FaultView {
                code: failure.code.clone().into(),
                zh: failure.zh.clone(),
                en: failure.en.clone(),
            }),
            started_at: import.started_at,
            finished_at: import.finished_at,
        }
    }
}
