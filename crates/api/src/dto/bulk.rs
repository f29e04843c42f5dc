//! Decisions about many requests at once.

use creditbank_domain::fault::Fault;
use creditbank_domain::ids::RequestId;
use creditbank_ledger::flows::{self, Chosen, DecisionOrder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::conversion::{DecisionBody, DecisionWord};
use crate::problem::{FaultView, Place, Placed, PlacedFault};

/// How many requests are decided at once where nothing else is said.
const LIMIT_DEFAULT: u32 = 500;

/// A decision about many requests: those that are listed, or all that the rules are certain of.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::bulk_decision()))]
pub(crate) struct BulkDecisionBody {
    /// What is decided of each.
    pub(crate) decision: DecisionWord,
    /// Why it is refused, or what is missing, for the applicants to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub(crate) text: Option<String>,
    /// Which requests, of whatever cohorts; absent for all that wait for this institution's
    /// reviewers and that the rules are certain of, with `as_the_rules_say` only.
    #[validate(length(min = 1, max = 1000), nested)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 1000)]
    pub(crate) requests: Option<Vec<ListedRequestBody>>,
    /// How many at most, where none are listed; those due first come first.
    #[validate(range(min = 1, max = 1000))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000, default = 500)]
    pub(crate) limit: Option<u32>,
}

/// A request of a list.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListedRequestBody {
    /// The request.
    pub(crate) request_id: Uuid,
    /// The version that was seen; where it has moved on since, this one is not decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<u32>,
}

/// What became of many requests; what was not decided stands first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::bulk_decision_view()))]
pub(crate) struct BulkDecisionView {
    /// What was not decided, and why.
    pub(crate) exceptions: Vec<ExceptionView>,
    /// What was: refused ones first, then those granted in part, in full, and those that others
    /// have to speak about too.
    pub(crate) requests: Vec<DecidedRequestView>,
}

/// A request that was not decided.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ExceptionView {
    /// The request.
    pub(crate) request_id: Uuid,
    /// Why: somebody has to look at it, it has moved on, or it is not this caller's to decide.
    pub(crate) fault: FaultView,
}

/// A request that the decision was taken about.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct DecidedRequestView {
    /// The request.
    pub(crate) request_id: Uuid,
    /// Whose outcomes.
    #[schema(example = "7KQ4M2XW9PDJ")]
    pub(crate) learner_no: String,
    /// `requested` where others have to speak too, `granted`, `partly` or `refused`.
    #[schema(
        example = "granted",
        extensions(("x-words" = json!(["requested", "granted", "partly", "refused"]))),
    )]
    pub(crate) state: String,
    /// Its version now.
    pub(crate) version: u32,
    /// Credits asked for.
    #[schema(example = "6.00")]
    pub(crate) requested: String,
    /// Credits given; where others have to speak too, those proposed.
    #[schema(example = "6.00")]
    pub(crate) granted: String,
}

impl BulkDecisionBody {
    /// What it means.
    pub(crate) fn read(&self) -> Result<(Chosen, DecisionOrder), Vec<PlacedFault>> {
        let one = DecisionBody {
            decision: self.decision,
            text: self.text.clone(),
            not_accepted: Vec::new(),
        };
        let order = one.read()?;
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let chosen = match (&self.requests, self.limit) {
            (Some(listed), None) => {
                let listed = listed.iter();
                let seen = listed.map(|it| (RequestId::from_uuid(it.request_id), it.version));
                Chosen::These(seen.collect())
            }
            (Some(_), Some(_)) => {
                placed.refuse("limit", limit_of_a_list());
                return Err(placed.into_faults());
            }
            (None, _) if order != DecisionOrder::AsTheRulesSay => {
                placed.refuse("requests", certain_by_the_rules());
                return Err(placed.into_faults());
            }
            (None, limit) => Chosen::Certain(limit.unwrap_or(LIMIT_DEFAULT)),
        };
        Ok((chosen, order))
    }
}

fn limit_of_a_list() -> Fault {
    Fault::new(
        "LIMIT_WITH_LIST",
        "列出申请时不写 limit",
        "a list has no limit besides itself",
    )
}

fn certain_by_the_rules() -> Fault {
    Fault::new(
        "LIST_REQUIRED",
        "拒绝或要求补充须列出申请",
        "what is refused or asked about has to be listed",
    )
}

impl From<&flows::DecidedMany> for BulkDecisionView {
    fn from(done: &flows::DecidedMany) -> Self {
        let exceptions = done.exceptions.iter().map(|it| ExceptionView {
            request_id: it.request_id.as_uuid(),
            fault: FaultView::from(&it.fault),
        });
        let requests = done.decided.iter().map(|it| DecidedRequestView {
            request_id: it.request_id.as_uuid(),
            learner_no: it.learner_no.to_string(),
            state: it.state.as_str().to_owned(),
            version: it.version,
            requested: it.requested.to_string(),
            granted: it.granted.to_string(),
        });
        Self {
            exceptions: exceptions.collect(),
            requests: requests.collect(),
        }
    }
}
