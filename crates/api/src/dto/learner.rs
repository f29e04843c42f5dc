//! A learner's balance and movements as clients see them.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::extract::cursor_after;
use crate::problem::Words;

/// What a learner has.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::balance_view()))]
pub(crate) struct BalanceView {
    /// Whose it is.
    #[schema(example = "7KQ4M2XW9PDJ")]
    pub(crate) learner_no: String,
    /// The sums, one row a unit.
    pub(crate) by_unit: Vec<UnitBalanceView>,
    /// The same by category, level and year.
    pub(crate) rows: Vec<BalanceRowView>,
}

/// Decimal texts that together are what was issued.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct SumsView {
    /// Free to use.
    #[schema(example = "21.50")]
    pub(crate) available: String,
    /// Held for requests.
    #[schema(example = "3.00")]
    pub(crate) held: String,
    /// Used by conversions.
    #[schema(example = "6.00")]
    pub(crate) used: String,
    /// Lapsed.
    #[schema(example = "0.00")]
    pub(crate) expired: String,
    /// Taken back by corrections.
    #[schema(example = "0.00")]
    pub(crate) withdrawn: String,
}

/// The sums of one unit.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct UnitBalanceView {
    /// `credit`, `hour`, `point` or `ceu`.
    #[schema(example = "credit")]
    pub(crate) unit: String,
    /// Its sums.
    #[serde(flatten)]
    pub(crate) sums: SumsView,
}

/// The sums of one unit, category, level and year.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct BalanceRowView {
    /// `credit`, `hour`, `point` or `ceu`.
    #[schema(example = "credit")]
    pub(crate) unit: String,
    /// What the outcomes are.
    #[schema(example = "course")]
    pub(crate) category: String,
    /// On which level, where they have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) level: Option<String>,
    /// In which year they were achieved.
    #[schema(example = 2024)]
    pub(crate) year: i32,
    /// Their sums.
    #[serde(flatten)]
    pub(crate) sums: SumsView,
}

macro_rules! sums {
    ($row:expr) => {
        SumsView {
            available: $row.available.to_string(),
            held: $row.held.to_string(),
            used: $row.used.to_string(),
            expired: $row.expired.to_string(),
            withdrawn: $row.withdrawn.to_string(),
        }
    };
}

impl From<&reads::BalanceView> for BalanceView {
    fn from(balance: &reads::BalanceView) -> Self {
        let by_unit = balance.by_unit.iter().map(|row| UnitBalanceView {
            unit: row.unit.to_string(),
            sums: sums!(row),
        });
        let rows = balance.rows.iter().map(|row| BalanceRowView {
            unit: row.unit.to_string(),
            category: row.category.to_string(),
            level: row.level.clone(),
            year: row.year,
            sums: sums!(row),
        });
        Self {
            learner_no: balance.learner_no.to_string(),
            by_unit: by_unit.collect(),
            rows: rows.collect(),
        }
    }
}

/// A page of a learner's movements, oldest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::movements_view()))]
pub(crate) struct MovementsView {
    /// The movements.
    pub(crate) movements: Vec<MovementView>,
    /// Where the next page begins; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

/// One transfer and its reason.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct MovementView {
    /// Its id.
    pub(crate) transfer_id: Uuid,
    /// When the bank wrote it.
    pub(crate) recorded_at: DateTime<Utc>,
    /// The day it counts for.
    pub(crate) effective_on: NaiveDate,
    /// `issue`, `hold`, `release` or `settle`.
    #[schema(example = "issue")]
    pub(crate) kind: String,
    /// From which account of the lot.
    #[schema(example = "issuer")]
    pub(crate) from_account: String,
    /// To which account of the lot.
    #[schema(example = "available")]
    pub(crate) to_account: String,
    /// `credit`, `hour`, `point` or `ceu`.
    #[schema(example = "credit")]
    pub(crate) unit: String,
    /// How much, always above zero.
    #[schema(example = "3.50")]
    pub(crate) amount: String,
    /// Of which lot.
    pub(crate) lot_id: Uuid,
    /// Of which outcome.
    pub(crate) outcome_id: Uuid,
    /// Who reported the outcome.
    pub(crate) institution: InstitutionNameView,
    /// What was achieved.
    pub(crate) entry: EntryNameView,
    /// For which conversion request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<Uuid>,
    /// Why, with the arithmetic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) explanation: Option<Words>,
    /// The number of the document it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) document_number: Option<String>,
}

/// An institution by code and name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct InstitutionNameView {
    /// Its code.
    #[schema(example = "10357")]
    pub(crate) code: String,
    /// Its name.
    pub(crate) name: String,
}

/// A catalogue entry by code and title.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct EntryNameView {
    /// Its code.
    #[schema(example = "MATH101")]
    pub(crate) code: String,
    /// Its title.
    pub(crate) title: String,
}

impl MovementsView {
    /// A page of at most `limit` from rows of which one more was fetched, to know what follows.
    pub(crate) fn page(rows: &[reads::MovementView], limit: u32) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let page = rows.get(..limit).unwrap_or(rows);
        let more = rows.len() > page.len();
        let last = page
            .last()
            .filter(|_| more)
            .map(|row| cursor_after(row.transfer_id));
        Self {
            movements: page.iter().map(MovementView::from).collect(),
            next_cursor: last,
        }
    }
}

impl From<&reads::MovementView> for MovementView {
    fn from(row: &reads::MovementView) -> Self {
        let explanation = row.explanation_zh.as_ref().zip(row.explanation_en.as_ref());
        Self {
            transfer_id: row.transfer_id.as_uuid(),
            recorded_at: row.recorded_at,
            effective_on: row.effective_on,
            kind: row.kind.clone(),
            from_account: row.from_account.clone(),
            to_account: row.to_account.clone(),
            unit: row.unit.to_string(),
            amount: row.amount.to_string(),
            lot_id: row.lot_id.as_uuid(),
            outcome_id: row.outcome_id.as_uuid(),
            institution: InstitutionNameView {
                code: row.institution_code.clone(),
                name: row.institution_name.clone(),
            },
            entry: EntryNameView {
                code: row.entry_code.clone(),
                title: row.entry_title.clone(),
            },
            request_id: row.request_id.map(|id| id.as_uuid()),
            explanation: explanation.map(|(zh, en)| Words::new(zh.clone(), en.clone())),
            document_number: row.document_number.clone(),
        }
    }
}
