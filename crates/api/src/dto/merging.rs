//! Duplicate accounts: candidates, merges, what collides, and what the secretariat says to them.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::identifier::IdentifierKind;
use creditbank_domain::ids::CandidateId;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::merging::{CollisionKind, CollisionState, MergeReason, UnmergeReason};
use creditbank_domain::text::bounded;
use creditbank_ledger::flows::{MergeOrder, UnmergeOrder};
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::extract::cut;
use crate::problem::{Place, Placed, PlacedFault};

const DOCUMENT_CHARACTERS_MAX: usize = 80;

/// Two accounts of one person that are to be one.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::merge()))]
pub(crate) struct MergeBody {
    /// The number under which both are shown from then on.
    #[schema(max_length = 40, example = "7KQ4-M2XW-9PDJ")]
    pub(crate) survivor: String,
    /// The number that leads to it from then on.
    #[schema(max_length = 40, example = "2222-2222-2223")]
    pub(crate) absorbed: String,
    /// Why.
    #[schema(example = "DIFFERENT_NUMBERS", extensions(("x-words" = json!(MergeReason::WORDS))))]
    pub(crate) reason: String,
    /// The document it rests on.
    #[schema(min_length = 1, max_length = 80, example = "〔2026〕1号")]
    pub(crate) document_number: String,
}

/// Why a merge is taken back.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::unmerge()))]
pub(crate) struct UnmergeBody {
    /// Why.
    #[schema(example = "DIFFERENT_PEOPLE", extensions(("x-words" = json!(UnmergeReason::WORDS))))]
    pub(crate) reason: String,
    /// The document it rests on.
    #[schema(min_length = 1, max_length = 80, example = "〔2026〕2号")]
    pub(crate) document_number: String,
}

/// The document on which somebody settles something.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::settlement()))]
pub(crate) struct SettlementBody {
    /// Its number.
    #[schema(min_length = 1, max_length = 80, example = "〔2026〕3号")]
    pub(crate) document_number: String,
}

impl MergeBody {
    /// What it means, or everything that is wrong with it.
    pub(crate) fn read(&self) -> Result<MergeOrder, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let survivor = placed.take("survivor", self.survivor.parse::<LearnerNo>());
        let absorbed = placed.take("absorbed", self.absorbed.parse::<LearnerNo>());
        let reason = placed.take("reason", self.reason.parse::<MergeReason>());
        let document_number = read_document(&mut placed, &self.document_number);
        match (survivor, absorbed, reason, document_number) {
            (Some(survivor), Some(absorbed), Some(reason), Some(document_number)) => {
                Ok(MergeOrder {
                    survivor,
                    absorbed,
                    reason,
                    document_number,
                })
            }
            _ => Err(placed.into_faults()),
        }
    }
}

impl UnmergeBody {
    /// What it means, or everything that is wrong with it.
    pub(crate) fn read(&self) -> Result<UnmergeOrder, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let reason = placed.take("reason", self.reason.parse::<UnmergeReason>());
        let document_number = read_document(&mut placed, &self.document_number);
        match (reason, document_number) {
            (Some(reason), Some(document_number)) => Ok(UnmergeOrder {
                reason,
                document_number,
            }),
            _ => Err(placed.into_faults()),
        }
    }
}

impl SettlementBody {
    /// The document's number.
    pub(crate) fn read(&self) -> Result<String, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let number = read_document(&mut placed, &self.document_number);
        number.ok_or_else(|| placed.into_faults())
    }
}

fn read_document(placed: &mut Placed<'_>, text: &str) -> Option<String> {
    let number = bounded("document_number", text, DOCUMENT_CHARACTERS_MAX);
    placed.take("document_number", number)
}

/// A merge, with what it left for a human.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::merge_view()))]
pub(crate) struct MergeView {
    /// Its id.
    pub(crate) merge_id: Uuid,
    /// The number under which both are shown.
    #[schema(example = "7KQ4M2XW9PDJ")]
    pub(crate) survivor: String,
    /// The number that leads to it.
    #[schema(example = "222222222223")]
    pub(crate) absorbed: String,
    /// Why.
    #[schema(extensions(("x-words" = json!(MergeReason::WORDS))))]
    pub(crate) reason: String,
    /// The document it rests on.
    pub(crate) document_number: String,
    /// When.
    pub(crate) merged_at: DateTime<Utc>,
    /// How it was taken back, where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reversal: Option<ReversalView>,
    /// What both have that one may have once, or came to share.
    pub(crate) collisions: Vec<CollisionView>,
}

/// How a merge was taken back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ReversalView {
    /// Why.
    #[schema(extensions(("x-words" = json!(UnmergeReason::WORDS))))]
    pub(crate) reason: String,
    /// The document it rests on.
    pub(crate) document_number: String,
    /// When.
    pub(crate) unmerged_at: DateTime<Utc>,
}

/// Something for a human to settle.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct CollisionView {
    /// Its id.
    pub(crate) collision_id: Uuid,
    /// `entry_credited_twice`, `same_course_credited_twice`, `outcome_used_twice` (lots),
    /// `course_granted_twice` (outcomes),
    /// `programme_cap_exceeded` (a programme), `identifier_differs` (accounts),
    /// `posted_while_merged` (an outcome) or `used_while_merged` (a request).
    #[schema(
        example = "entry_credited_twice",
        extensions(("x-words" = json!(CollisionKind::WORDS))),
    )]
    pub(crate) kind: String,
    /// What it is about.
    pub(crate) first_id: Uuid,
    /// The other one, where it takes two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) second_id: Option<Uuid>,
    /// Codes, counts and amounts as decimal texts.
    #[schema(value_type = Object)]
    pub(crate) figures: Value,
    /// Where it stands.
    #[schema(example = "open", extensions(("x-words" = json!(CollisionState::WORDS))))]
    pub(crate) state: String,
    /// When it was found.
    pub(crate) found_at: DateTime<Utc>,
    /// When it was settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) settled_at: Option<DateTime<Utc>>,
}

impl From<&reads::MergeView> for MergeView {
    fn from(merge: &reads::MergeView) -> Self {
        Self {
            merge_id: merge.merge_id.as_uuid(),
            survivor: merge.survivor_no.to_string(),
            absorbed: merge.absorbed_no.to_string(),
            reason: merge.reason.to_string(),
            document_number: merge.document_number.clone(),
            merged_at: merge.merged_at,
            reversal: merge.unmerged.as_ref().map(|unmerged| ReversalView {
                reason: unmerged.reason.to_string(),
                document_number: unmerged.document_number.clone(),
                unmerged_at: unmerged.unmerged_at,
            }),
            collisions: merge.collisions.iter().map(CollisionView::from).collect(),
        }
    }
}

impl From<&reads::CollisionView> for CollisionView {
    fn from(collision: &reads::CollisionView) -> Self {
        Self {
            collision_id: collision.collision_id.as_uuid(),
            kind: collision.kind.to_string(),
            first_id: collision.first_id,
            second_id: collision.second_id,
            figures: told(&collision.figures),
            state: collision.state.to_string(),
            found_at: collision.found_at,
            settled_at: collision.settled_at,
        }
    }
}

/// Figures as they are kept, their hundredths as decimal texts; a count of lots stays a count.
fn told(figures: &Value) -> Value {
    match figures {
        Value::Object(members) => {
            let members = members.iter().map(|(name, member)| {
                let member = if name == "lots" {
                    member.clone()
                } else {
                    told(member)
                };
                (name.clone(), member)
            });
            Value::Object(members.collect())
        }
        Value::Array(elements) => Value::Array(elements.iter().map(told).collect()),
        Value::Number(number) => number.as_u64().map_or(figures.clone(), |hundredths| {
            Value::from(format!("{}.{:02}", hundredths / 100, hundredths % 100))
        }),
        Value::Null | Value::Bool(_) | Value::String(_) => figures.clone(),
    }
}

/// A page of pairs of accounts that may be one person's, oldest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::candidates_view()))]
pub(crate) struct CandidatesView {
    /// The pairs that nobody has settled.
    pub(crate) candidates: Vec<CandidateView>,
    /// Where the next page begins; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

/// Two accounts whose name and birth date are the same.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct CandidateView {
    /// The pair.
    pub(crate) candidate_id: Uuid,
    /// When it was found.
    pub(crate) found_at: DateTime<Utc>,
    /// The two, the older account first.
    pub(crate) accounts: Vec<CandidateAccountView>,
}

/// One of the two, as much as it takes to tell.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct CandidateAccountView {
    /// Its number.
    #[schema(example = "7KQ4M2XW9PDJ")]
    pub(crate) learner_no: String,
    /// The name's first character.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "王*")]
    pub(crate) masked_name: Option<String>,
    /// Its identifiers, by kind and ends.
    pub(crate) identifiers: Vec<MaskedIdentifierView>,
    /// The code of the institution that opened it.
    pub(crate) opened_by: String,
    /// The day, in China.
    pub(crate) opened_on: NaiveDate,
    /// How many outcomes it has.
    pub(crate) outcomes: u64,
}

/// An identifier that cannot be read off.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct MaskedIdentifierView {
    /// Of which kind.
    #[schema(
        example = "resident_id",
        extensions(("x-words" = json!(IdentifierKind::ALL.map(IdentifierKind::as_str)))),
    )]
    pub(crate) kind: String,
    /// Its ends.
    #[schema(example = "110*************2X")]
    pub(crate) masked: String,
}

impl CandidatesView {
    /// A page of at most `limit` from rows of which one more was fetched, to know what follows.
    pub(crate) fn page(rows: &[reads::CandidateView], limit: u32) -> Self {
        let (page, next_cursor) = cut(rows, limit, |row| row.candidate_id.as_uuid());
        Self {
            candidates: page.iter().map(CandidateView::from).collect(),
            next_cursor,
        }
    }
}

impl From<&reads::CandidateView> for CandidateView {
    fn from(pair: &reads::CandidateView) -> Self {
        Self {
            candidate_id: pair.candidate_id.as_uuid(),
            found_at: pair.found_at,
            accounts: pair
                .accounts
                .iter()
                .map(CandidateAccountView::from)
                .collect(),
        }
    }
}

impl From<&reads::CandidateAccount> for CandidateAccountView {
    fn from(account: &reads::CandidateAccount) -> Self {
        let identifiers = account
            .identifiers
            .iter()
            .map(|(kind, masked)| MaskedIdentifierView {
                kind: kind.to_string(),
                masked: masked.clone(),
            });
        Self {
            learner_no: account.learner_no.to_string(),
            masked_name: account.masked_name.clone(),
            identifiers: identifiers.collect(),
            opened_by: account.opened_by.clone(),
            opened_on: account.opened_on,
            outcomes: account.outcomes,
        }
    }
}

/// A pair that somebody has settled.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::dismissal_view()))]
pub(crate) struct DismissalView {
    /// The pair.
    pub(crate) candidate_id: Uuid,
    /// What became of it.
    #[schema(example = "dismissed", extensions(("x-words" = json!(["dismissed"]))))]
    pub(crate) state: String,
}

impl From<&CandidateId> for DismissalView {
    fn from(pair: &CandidateId) -> Self {
        Self {
            candidate_id: pair.as_uuid(),
            state: "dismissed".to_owned(),
        }
    }
}
