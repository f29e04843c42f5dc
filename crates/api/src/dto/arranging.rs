//! Review chains and stand-ins, as they are arranged and shown.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::calendar::parse_day;
use creditbank_domain::conversion::Document;
use creditbank_domain::process::{Hand, Party, Stage};
use creditbank_domain::text::{InstitutionCode, bounded};
use creditbank_ledger::flows::{Delegation, NewChain};
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::extract::cut;
use crate::problem::{Place, Placed, PlacedFault};

/// The stages of an institution's requests, from a day on.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::chain()))]
pub(crate) struct ChainBody {
    /// The code of the receiving institution.
    #[schema(example = "90002")]
    pub(crate) institution: String,
    /// Requests sent from that day on walk it.
    #[schema(format = Date)]
    pub(crate) valid_from: String,
    /// The number of the document that it rests on.
    #[schema(max_length = 80)]
    pub(crate) document_number: String,
    /// Its title, as the register has it or is to have it.
    #[schema(max_length = 200)]
    pub(crate) document_title: String,
    /// Working days that an applicant has for an answer.
    #[validate(range(min = 1, max = 250))]
    #[schema(minimum = 1, maximum = 250)]
    pub(crate) answer_days: u32,
    /// The bank's first, the institution's last.
    #[validate(nested, length(min = 1, max = 9))]
    #[schema(min_items = 1, max_items = 9)]
    pub(crate) stages: Vec<StageBody>,
}

/// One stage.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StageBody {
    /// What people call it.
    #[schema(max_length = 80)]
    pub(crate) name_zh: String,
    /// The same in English.
    #[schema(max_length = 80)]
    pub(crate) name_en: String,
    /// Whose stage it is.
    #[schema(example = "receiving", extensions(("x-words" = json!(Party::WORDS))))]
    pub(crate) party: String,
    /// How many different people have to agree.
    #[validate(range(min = 1, max = 99))]
    #[schema(minimum = 1, maximum = 99)]
    pub(crate) approvals: u16,
    /// How many working days it may take.
    #[validate(range(min = 1, max = 250))]
    #[schema(minimum = 1, maximum = 250)]
    pub(crate) working_days: u32,
    /// The people or clients whose it is; everybody of the role where empty.
    #[serde(default)]
    #[validate(length(max = 99))]
    #[schema(max_items = 99)]
    pub(crate) reviewers: Vec<Uuid>,
}

impl StageBody {
    fn read(&self, at: &Place) -> Result<(Stage, Vec<Hand>), Vec<PlacedFault>> {
        let mut placed = Placed::at(at);
        let name_zh = placed.take("name_zh", bounded("name_zh", &self.name_zh, 80));
        let name_en = placed.take("name_en", bounded("name_en", &self.name_en, 80));
        let party = placed.take("party", self.party.parse::<Party>());
        let mut reviewers: Vec<Hand> = self.reviewers.iter().copied().map(Hand).collect();
        reviewers.sort_unstable();
        reviewers.dedup();
        match (name_zh, name_en, party) {
            (Some(name_zh), Some(name_en), Some(party)) => {
                let stage = Stage {
                    name_zh,
                    name_en,
                    party,
                    approvals: self.approvals,
                    working_days: self.working_days,
                };
                Ok((stage, reviewers))
            }
            _ => Err(placed.into_faults()),
        }
    }
}

impl ChainBody {
    pub(crate) fn read(&self) -> Result<NewChain, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let institution = placed.take("institution", InstitutionCode::new(&self.institution));
        let valid_from = placed.take("valid_from", parse_day(&self.valid_from));
        let number = bounded("document_number", &self.document_number, 80);
        let number = placed.take("document_number", number);
        let title = bounded("document_title", &self.document_title, 200);
        let title = placed.take("document_title", title);
        let mut stages = Vec::with_capacity(self.stages.len());
        let at = root.child("stages");
        for (index, stage) in self.stages.iter().enumerate() {
            stages.extend(placed.take_all(stage.read(&at.child(index))));
        }
        match (institution, valid_from, number, title) {
            (Some(institution), Some(valid_from), Some(number), Some(title))
                if placed.is_empty() =>
            {
                Ok(NewChain {
                    institution,
                    valid_from,
                    document: Document { number, title },
                    stages,
                    answer_days: self.answer_days,
                })
            }
            _ => Err(placed.into_faults()),
        }
    }
}

/// A chain of stages.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::chain_view()))]
pub(crate) struct ChainView {
    /// Its id.
    pub(crate) chain_id: Uuid,
    /// The code of the receiving institution.
    pub(crate) institution: String,
    /// Requests sent from that day on walk it, until the next chain's day.
    pub(crate) valid_from: NaiveDate,
    /// What it rests on.
    pub(crate) document_number: String,
    /// Working days that an applicant has for an answer.
    pub(crate) answer_days: u32,
    /// In order; the last one decides.
    pub(crate) stages: Vec<StageView>,
}

/// One stage.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct StageView {
    /// What people call it.
    pub(crate) name_zh: String,
    /// The same in English.
    pub(crate) name_en: String,
    /// Whose stage it is.
    #[schema(extensions(("x-words" = json!(Party::WORDS))))]
    pub(crate) party: String,
    /// How many different people have to agree.
    pub(crate) approvals: u16,
    /// How many working days it may take.
    pub(crate) working_days: u32,
    /// Whose it is; everybody of the role where empty.
    pub(crate) reviewers: Vec<Uuid>,
}

impl From<&reads::ChainView> for ChainView {
    fn from(row: &reads::ChainView) -> Self {
        let stages = row.stages.iter().map(|(stage, hands)| StageView {
            name_zh: stage.name_zh.clone(),
            name_en: stage.name_en.clone(),
            party: stage.party.to_string(),
            approvals: stage.approvals,
            working_days: stage.working_days,
            reviewers: hands.iter().map(|hand| hand.0).collect(),
        });
        Self {
            chain_id: row.chain_id,
            institution: row.institution.clone(),
            valid_from: row.valid_from,
            document_number: row.document_number.clone(),
            answer_days: row.answer_days,
            stages: stages.collect(),
        }
    }
}

/// The chains.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::chains_view()))]
pub(crate) struct ChainsView {
    /// By institution and day.
    pub(crate) chains: Vec<ChainView>,
}

/// Says who stands in for whom.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::delegation()))]
pub(crate) struct DelegationBody {
    /// The code of the institution whose reviewers they are; absent for the bank's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) institution: Option<String>,
    /// Who is away; yourself where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) absent: Option<Uuid>,
    /// Who stands in.
    pub(crate) delegate: Uuid,
    /// First day.
    #[schema(format = Date)]
    pub(crate) from: String,
    /// Last day.
    #[schema(format = Date)]
    pub(crate) to: String,
}

impl DelegationBody {
    pub(crate) fn read(&self, oneself: Hand) -> Result<Delegation, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let institution = self.institution.as_deref().map(InstitutionCode::new);
        let institution = placed.take("institution", institution.transpose());
        let from = placed.take("from", parse_day(&self.from));
        let to = placed.take("to", parse_day(&self.to));
        match (institution, from, to) {
            (Some(institution), Some(valid_from), Some(valid_to)) => Ok(Delegation {
                institution,
                absent: self.absent.map_or(oneself, Hand),
                delegate: Hand(self.delegate),
                valid_from,
                valid_to,
            }),
            _ => Err(placed.into_faults()),
        }
    }
}

/// Who stands in for whom.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::delegation_view()))]
pub(crate) struct DelegationView {
    /// Its id.
    pub(crate) delegation_id: Uuid,
    /// Whose reviewers they are; the bank's where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) institution: Option<String>,
    /// Who is away.
    pub(crate) absent: Uuid,
    /// Who stands in.
    pub(crate) delegate: Uuid,
    /// First day.
    pub(crate) from: NaiveDate,
    /// Last day.
    pub(crate) to: NaiveDate,
    /// When it was noted.
    pub(crate) recorded_at: DateTime<Utc>,
}

impl From<&reads::DelegationView> for DelegationView {
    fn from(row: &reads::DelegationView) -> Self {
        Self {
            delegation_id: row.delegation_id,
            institution: row.institution.clone(),
            absent: row.absent,
            delegate: row.delegate,
            from: row.valid_from,
            to: row.valid_to,
            recorded_at: row.recorded_at,
        }
    }
}

/// A page of delegations.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::delegations_view()))]
pub(crate) struct DelegationsView {
    /// In the order in which they were noted.
    pub(crate) delegations: Vec<DelegationView>,
    /// Where the next page begins, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

impl DelegationsView {
    /// A page of at most `limit`, from rows of which one more was fetched.
    pub(crate) fn page(rows: &[reads::DelegationView], limit: u32) -> Self {
        let (page, next_cursor) = cut(rows, limit, |row| row.delegation_id);
        Self {
            delegations: page.iter().map(DelegationView::from).collect(),
            next_cursor,
        }
    }
}
