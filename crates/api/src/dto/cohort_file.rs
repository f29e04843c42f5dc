//! Files of requests, as clients send and see them.

use chrono::{DateTime, Utc};
use creditbank_domain::text::{InstitutionCode, bounded};
use creditbank_ledger::flows::CohortOrder;
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::consent::BasisBody;
use super::import::{ImportStateWord, ImportView};
use crate::problem::{FaultView, Place, Placed, PlacedFault};

const CODE_CHARACTERS_MAX: usize = 80;

/// What the lines of a file of requests have in common.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CohortOrderBody {
    /// The code of the institution that should grant the credits.
    #[schema(min_length = 1, max_length = 40, example = "10357")]
    pub(crate) receiving_institution: String,
    /// That institution's code of the programme.
    #[schema(min_length = 1, max_length = 80, example = "EE-2024")]
    pub(crate) programme: String,
    /// The code of the rule set that is to decide, where several are for the programme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 80, example = "R-EE")]
    pub(crate) rule_set: Option<String>,
    /// What you call the cohort: under it each learner is asked for once, in however many files.
    #[schema(min_length = 1, max_length = 80, example = "2026夏-电气")]
    pub(crate) reference: String,
    /// By what right the receiving institution is to see the outcomes, where no line says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) basis: Option<BasisBody>,
}

impl CohortOrderBody {
    /// What it means, or everything that is wrong with it.
    pub(crate) fn read(&self) -> Result<CohortOrder, Vec<PlacedFault>> {
        let root = Place::root().child("order");
        let mut placed = Placed::at(&root);
        let code = |name, text: &str| bounded(name, text, CODE_CHARACTERS_MAX);
        let receiving = InstitutionCode::new(&self.receiving_institution);
        let receiving = placed.take("receiving_institution", receiving);
        let programme = placed.take("programme", code("programme", &self.programme));
        let reference = placed.take("reference", code("reference", &self.reference));
        let rule_set = self.rule_set.as_ref();
        let rule_set = rule_set.and_then(|it| placed.take("rule_set", code("rule set", it)));
        let basis = self.basis.as_ref();
        let basis = basis.and_then(|basis| placed.take("basis", basis.read()));
        match (receiving, programme, reference) {
            (Some(receiving), Some(programme), Some(reference)) if placed.is_empty() => {
                Ok(CohortOrder {
                    receiving,
                    programme,
                    rule_set,
                    reference,
                    basis,
                })
            }
            _ => Err(placed.into_faults()),
        }
    }
}

impl From<&CohortOrder> for CohortOrderBody {
    fn from(order: &CohortOrder) -> Self {
        Self {
            receiving_institution: order.receiving.as_str().to_owned(),
            programme: order.programme.clone(),
            rule_set: order.rule_set.clone(),
            reference: order.reference.clone(),
            basis: order.basis.as_ref().map(BasisBody::from),
        }
    }
}

/// A file of requests, and how far it has come.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::cohort_file_view()))]
pub(crate) struct CohortFileView {
    /// The cohort of its requests: see `GET /v1/conversion-cohorts/{cohort_id}`.
    pub(crate) cohort_id: Uuid,
    /// What the client called it; empty once it was removed with the bytes.
    #[schema(example = "电气2026.xlsx")]
    pub(crate) file_name: String,
    /// What its lines have in common.
    pub(crate) order: CohortOrderBody,
    /// Whether it only says what each line would come to.
    pub(crate) dry_run: bool,
    /// Where it stands.
    pub(crate) state: ImportStateWord,
    /// How many lines ended how.
    pub(crate) counts: CohortFileCounts,
    /// Why the file as a whole could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<FaultView>,
    /// When it began.
    pub(crate) started_at: DateTime<Utc>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) finished_at: Option<DateTime<Utc>>,
}

/// How many lines ended how: `requested + already_requested + rejected = read`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CohortFileCounts {
    /// Read so far.
    pub(crate) read: u64,
    /// Became requests.
    pub(crate) requested: u64,
    /// Were asked for before, with the same content.
    pub(crate) already_requested: u64,
    /// Came back with a reason.
    pub(crate) rejected: u64,
}

impl From<&reads::CohortFileView> for CohortFileView {
    fn from(file: &reads::CohortFileView) -> Self {
        let import = ImportView::from(&file.import);
        Self {
            cohort_id: file.cohort_id.as_uuid(),
            file_name: import.file_name,
            order: CohortOrderBody::from(&file.order),
            dry_run: import.dry_run,
            state: import.state,
            counts: CohortFileCounts {
                read: import.counts.read,
                requested: import.counts.posted,
                already_requested: import.counts.already_posted,
                rejected: import.counts.rejected,
            },
            failure: import.failure,
            started_at: import.started_at,
            finished_at: import.finished_at,
        }
    }
}
