//! Rule sets as members see them, and what is sent about them.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::fault::Fault;
use creditbank_ledger::flows::{Vote, VotedRules};
use creditbank_ledger::reads;
use creditbank_rulebook::{Change, ChangeKind, DocumentFault, RuleDocument, export, parse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::governing::ResolutionView;
use crate::extract::cut;
use crate::problem::{Place, PlacedFault};

/// A rule document, as YAML or JSON in a text.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::rule_document()))]
pub(crate) struct RuleDocumentBody {
    /// The whole document. Faults name its lines and columns.
    #[validate(length(min = 1, max = 500_000))]
    #[schema(min_length = 1, max_length = 500_000)]
    pub(crate) content: String,
}

impl RuleDocumentBody {
    pub(crate) fn read(&self) -> Result<RuleDocument, Vec<PlacedFault>> {
        parse(self.content.as_bytes()).map_err(|faults| in_content(&faults))
    }
}

/// The faults of a document with their lines and columns.
pub(crate) fn in_content(faults: &[DocumentFault]) -> Vec<PlacedFault> {
    { faults.iter() }
        .map(|it| PlacedFault::in_text("content", (it.line, it.column), it.fault.clone()))
        .collect()
}

/// What a member says to a proposed rule set.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "vote": "approve" }))]
pub(crate) struct VoteBody {
    /// `approve`, `reject`, or `recuse` to stand back.
    #[schema(extensions(("x-words" = json!(Vote::WORDS))))]
    pub(crate) vote: String,
}

impl VoteBody {
    pub(crate) fn read(&self) -> Result<Vote, Vec<PlacedFault>> {
        self.vote.parse().map_err(|_| {
            let fault = Fault::new(
                "VOTE_UNKNOWN",
                "vote 应为 approve、reject 或 recuse",
                "a vote is approve, reject or recuse",
            );
            vec![PlacedFault::at(&Place::root().child("vote"), fault)]
        })
    }
}

/// A version of a rule set.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct RuleSetRowView {
    /// Its id.
    pub(crate) rule_set_id: Uuid,
    /// The code of the receiving institution.
    #[schema(example = "90002")]
    pub(crate) receiving: String,
    /// Its code, the same over all versions.
    #[schema(example = "R-DE")]
    pub(crate) code: String,
    /// Counts up from 1.
    pub(crate) version: i32,
    /// Where it stands.
    #[schema(
        example = "approved",
        extensions(("x-words" = json!(reads::RuleSetState::WORDS))),
    )]
    pub(crate) state: String,
    /// The codes of the programmes that it is for; every one where none is named.
    pub(crate) programmes: Vec<String>,
    /// The document that it rests on: `GET /v1/documents/{document_number}`.
    #[schema(example = "继教合作联盟〔2021〕12号")]
    pub(crate) document_number: String,
    /// First day.
    pub(crate) valid_from: NaiveDate,
    /// Last day, open where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) valid_to: Option<NaiveDate>,
    /// Who drafted it: the id of a person or client, or an account of the command line.
    pub(crate) proposed_by: String,
    /// How many approve it.
    pub(crate) approvals: i64,
    /// When it was approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) approved_at: Option<DateTime<Utc>>,
}

impl From<&reads::RuleSetView> for RuleSetRowView {
    fn from(row: &reads::RuleSetView) -> Self {
        Self {
            rule_set_id: row.rule_set_id.as_uuid(),
            receiving: row.receiving.clone(),
            code: row.code.clone(),
            version: row.version,
            state: row.state.as_str().to_owned(),
            programmes: row.programmes.clone(),
            document_number: row.document_number.clone(),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            proposed_by: row.proposed_by.clone(),
            approvals: row.approvals,
            approved_at: row.approved_at,
        }
    }
}

/// A page of rule sets.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::rule_sets_view()))]
pub(crate) struct RuleSetsView {
    /// In the order in which they were drafted.
    pub(crate) rule_sets: Vec<RuleSetRowView>,
    /// Where the next page begins, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

impl RuleSetsView {
    /// A page of at most `limit`, from rows of which one more was fetched.
    pub(crate) fn page(rows: &[reads::RuleSetView], limit: u32) -> Self {
        let (page, next_cursor) = cut(rows, limit, |row| row.rule_set_id.as_uuid());
        Self {
            rule_sets: page.iter().map(RuleSetRowView::from).collect(),
            next_cursor,
        }
    }
}

/// A vote on a rule set.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct VoteView {
    /// The person's id, or an account of the command line.
    pub(crate) voter: String,
    /// What was said.
    #[schema(extensions(("x-words" = json!(Vote::WORDS))))]
    pub(crate) vote: String,
    /// As a member of which committee.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) committee: Option<String>,
    /// When.
    pub(crate) recorded_at: DateTime<Utc>,
}

/// A rule set with what it says, who voted and what meetings resolved about it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::rule_set_view()))]
pub(crate) struct RuleSetDetailView {
    /// As in the list.
    pub(crate) rule_set: RuleSetRowView,
    /// The document as YAML; absent for a set from before there were documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content: Option<String>,
    /// Who voted, in order.
    pub(crate) votes: Vec<VoteView>,
    /// The resolutions of meetings about this version.
    pub(crate) resolutions: Vec<ResolutionView>,
}

impl From<&reads::RuleSetDetail> for RuleSetDetailView {
    fn from(detail: &reads::RuleSetDetail) -> Self {
        let votes = detail.votes.iter().map(|vote| VoteView {
            voter: vote.voter.clone(),
            vote: vote.vote.clone(),
            committee: vote.committee.clone(),
            recorded_at: vote.recorded_at,
        });
        Self {
            rule_set: RuleSetRowView::from(&detail.rule_set),
            content: detail.document.as_ref().map(export),
            votes: votes.collect(),
            resolutions: { detail.resolutions.iter() }
                .map(ResolutionView::from)
                .collect(),
        }
    }
}

/// How a vote stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::voted_view()))]
pub(crate) struct VotedView {
    /// Approvals by different people.
    pub(crate) approvals: u32,
    /// How many it takes.
    pub(crate) needed: u32,
    /// Whether the rule set is approved by now.
    pub(crate) approved: bool,
    /// The rule set after the vote.
    pub(crate) rule_set: RuleSetDetailView,
}

impl From<&VotedRules> for VotedView {
    fn from(voted: &VotedRules) -> Self {
        Self {
            approvals: voted.count.approvals,
            needed: voted.count.needed,
            approved: voted.count.approved,
            rule_set: RuleSetDetailView::from(&voted.rule_set),
        }
    }
}

/// What changed from one version to another.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::rule_changes_view()))]
pub(crate) struct RuleChangesView {
    /// One by one; none where both say the same.
    pub(crate) changes: Vec<RuleChangeView>,
}

/// One change.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct RuleChangeView {
    /// What was done.
    #[schema(extensions(("x-words" = json!(["added", "removed", "changed", "moved"]))))]
    pub(crate) kind: String,
    /// Where, things by their codes.
    #[schema(example = "rules/R-DE-01/when/minimum_grade")]
    pub(crate) path: String,
    /// What was written before, as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<String>,
    /// What is written now, as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<String>,
    /// For people.
    pub(crate) zh: String,
    /// The same in English.
    pub(crate) en: String,
}

impl From<&Vec<Change>> for RuleChangesView {
    fn from(changes: &Vec<Change>) -> Self {
        let changes = changes.iter().map(|change| RuleChangeView {
            kind: match change.kind {
                ChangeKind::Added => "added",
                ChangeKind::Removed => "removed",
                ChangeKind::Changed => "changed",
                ChangeKind::Moved => "moved",
            }
            .to_owned(),
            path: change.path.clone(),
            from: change.from.clone(),
            to: change.to.clone(),
            zh: change.text.zh.clone(),
            en: change.text.en.clone(),
        });
        Self {
            changes: changes.collect(),
        }
    }
}
