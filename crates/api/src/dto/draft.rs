//! Drafts of conversion requests.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::conversion::RequestResult;
use creditbank_ledger::flows::{self, ConversionOrder, ListedDraft};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::consent::BasisBody;
use super::conversion::{ConversionBody, ReadOrder};
use super::conversion_view::{RejectedLearnerView, RuleSetView};
use super::outlook::OutlookLineView;
use crate::extract::cut;
use crate::problem::{FaultView, PlacedFault};

/// Says nothing more than the address does.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub(crate) struct DraftStepBody {}

/// A draft, and what would come of it today. Nothing is held for it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::draft_view()))]
pub(crate) struct DraftView {
    /// The draft.
    pub(crate) draft_id: Uuid,
    /// Counts up from 1 with every change. Also its `ETag`.
    pub(crate) version: u32,
    /// Where it stands.
    #[schema(example = "open", extensions(("x-words" = json!(["open", "submitted", "discarded"]))))]
    pub(crate) state: String,
    /// The code of the institution that is to grant.
    pub(crate) receiving_institution: String,
    /// Its code of the programme.
    pub(crate) programme: String,
    /// The requests that it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cohort_id: Option<Uuid>,
    /// When it was last changed.
    pub(crate) changed_at: DateTime<Utc>,
    /// The day for which the proposals are.
    pub(crate) as_of: NaiveDate,
    /// By what right the receiving institution is to see the outcomes, as it was said; absent where
    /// nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) basis: Option<BasisBody>,
    /// The rules by which they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule_set: Option<RuleSetView>,
    /// Why there are no proposals, where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<FaultView>,
    /// For whom.
    pub(crate) learners: Vec<DraftedLearnerView>,
    /// Who could not be drafted for; only in the answer to what was sent.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) rejected: Vec<RejectedLearnerView>,
}

/// A learner of a draft.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct DraftedLearnerView {
    /// Who.
    #[schema(example = "7KQ4M2XW9PDJ")]
    pub(crate) learner_no: String,
    /// What a request sent today would propose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) proposal: Option<ProposalView>,
    /// Why no request could be sent today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<FaultView>,
}

/// What a request would propose.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ProposalView {
    /// What would come of it.
    #[schema(
        example = "granted",
        extensions(("x-words" = json!(["granted", "partly", "refused"]))),
    )]
    pub(crate) result: String,
    /// Credits that would be given.
    #[schema(example = "6.00")]
    pub(crate) granted: String,
    /// Line by line.
    pub(crate) lines: Vec<OutlookLineView>,
}

/// A page of open drafts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::drafts_view()))]
pub(crate) struct DraftsView {
    /// The drafts, in the order in which they were made.
    pub(crate) drafts: Vec<ListedDraftView>,
    /// Where the next page begins; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

/// A draft in a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ListedDraftView {
    /// The draft.
    pub(crate) draft_id: Uuid,
    /// Its version.
    pub(crate) version: u32,
    /// The code of the institution that is to grant.
    pub(crate) receiving_institution: String,
    /// Its code of the programme.
    pub(crate) programme: String,
    /// For how many learners.
    pub(crate) learners: usize,
    /// When it was last changed.
    pub(crate) changed_at: DateTime<Utc>,
}

/// What a draft is to say; it is written by somebody who can correct it, so that everything of it
/// has to be readable.
pub(crate) fn readable(
    body: &ConversionBody,
    today: NaiveDate,
) -> Result<ConversionOrder, Vec<PlacedFault>> {
    let ReadOrder { order, unreadable } = body.read(today)?;
    let faults: Vec<PlacedFault> = unreadable.into_iter().flatten().flatten().collect();
    if faults.is_empty() {
        Ok(order)
    } else {
        Err(faults)
    }
}

impl DraftsView {
    /// A page of rows of which one more was fetched.
    pub(crate) fn page(rows: &[ListedDraft], limit: u32) -> Self {
        let (page, next_cursor) = cut(rows, limit, |row| row.draft_id.as_uuid());
        let listed = page.iter().map(|row| ListedDraftView {
            draft_id: row.draft_id.as_uuid(),
            version: row.version,
            receiving_institution: row.receiving.clone(),
            programme: row.programme_code.clone(),
            learners: row.learners,
            changed_at: row.changed_at,
        });
        Self {
            drafts: listed.collect(),
            next_cursor,
        }
    }
}

impl From<&flows::DraftView> for DraftView {
    fn from(draft: &flows::DraftView) -> Self {
        let rules = draft.rules.as_ref();
        let rejected = draft.rejected.iter().map(RejectedLearnerView::from);
        Self {
            draft_id: draft.draft_id.as_uuid(),
            version: draft.version,
            state: draft.state.clone(),
            receiving_institution: draft.receiving.clone(),
            programme: draft.programme_code.clone(),
            cohort_id: draft.cohort_id.map(|id| id.as_uuid()),
            changed_at: draft.changed_at,
            as_of: draft.as_of,
            basis: draft.basis.as_ref().map(BasisBody::from),
            rule_set: rules.ok().map(|rules| RuleSetView {
                code: rules.code.clone(),
                version: rules.version,
                document_number: rules.document_number.clone(),
            }),
            fault: rules.err().map(FaultView::from),
            learners: draft
                .learners
                .iter()
                .map(DraftedLearnerView::from)
                .collect(),
            rejected: rejected.collect(),
        }
    }
}

impl From<&flows::DraftedLearner> for DraftedLearnerView {
    fn from(learner: &flows::DraftedLearner) -> Self {
        let proposal = learner.proposal.as_ref();
        let decision = proposal.and_then(|it| it.as_ref().ok());
        let fault = proposal.and_then(|it| it.as_ref().err());
        Self {
            learner_no: learner.learner_no.to_string(),
            proposal: decision.map(|decision| ProposalView {
                result: match decision.result {
                    RequestResult::Granted => "granted",
                    RequestResult::Partly => "partly",
                    RequestResult::Refused => "refused",
                }
                .to_owned(),
                granted: decision.total.to_string(),
                lines: decision.lines.iter().map(OutlookLineView::from).collect(),
            }),
            fault: fault.map(FaultView::from),
        }
    }
}
