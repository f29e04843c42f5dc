//! A learner's balance and movements as clients see them.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::Unit;
use creditbank_domain::catalogue::Category;
use creditbank_domain::hold::HoldPurpose;
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::extract::cut;
use crate::problem::Words;

/// What a learner has, or had.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::balance_view()))]
pub(crate) struct BalanceView {
    /// Whose it is.
    #[schema(example = "7KQ4M2XW9PDJ")]
    pub(crate) learner_no: String,
    /// The day or moment of which it is; absent for the present.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) as_of: Option<AsOfView>,
    /// The sums, one row a unit.
    pub(crate) by_unit: Vec<UnitBalanceView>,
    /// The same by category, level, year and institution.
    pub(crate) rows: Vec<BalanceRowView>,
}

/// Which balance of the past it is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub(crate) enum AsOfView {
    /// What counted on a day, whenever it was recorded.
    Learned {
        /// The day.
        on: NaiveDate,
    },
    /// What the books said at a moment.
    Recorded {
        /// The moment.
        at: DateTime<Utc>,
    },
}

impl From<reads::AsOf> for AsOfView {
    fn from(as_of: reads::AsOf) -> Self {
        match as_of {
            reads::AsOf::Learned(on) => Self::Learned { on },
            reads::AsOf::Recorded(at) => Self::Recorded { at },
        }
    }
}

/// Decimal texts that together are what was issued.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct SumsView {
    /// Free to use.
    #[schema(example = "21.50")]
    pub(crate) available: String,
    /// Held for requests or for another use.
    #[schema(example = "3.00")]
    pub(crate) held: String,
    /// Used by conversions or otherwise.
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
    /// What is counted.
    #[schema(example = "credit", extensions(("x-words" = json!(Unit::ALL.map(Unit::as_str)))))]
    pub(crate) unit: String,
    /// Its sums.
    #[serde(flatten)]
    pub(crate) sums: SumsView,
}

/// The sums of one unit, category, level, year and institution.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct BalanceRowView {
    /// What is counted.
    #[schema(example = "credit", extensions(("x-words" = json!(Unit::ALL.map(Unit::as_str)))))]
    pub(crate) unit: String,
    /// What the outcomes are.
    #[schema(example = "course", extensions(("x-words" = json!(Category::WORDS))))]
    pub(crate) category: String,
    /// On which level, where they have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) level: Option<String>,
    /// In which year they were achieved.
    #[schema(example = 2024)]
    pub(crate) year: i32,
    /// Who posted the outcomes.
    pub(crate) institution: InstitutionNameView,
    /// Their sums.
    #[serde(flatten)]
    pub(crate) sums: SumsView,
}

/// The five sums of a row of the ledger's.
macro_rules! sums {
    ($row:expr) => {
        $crate::dto::learner::SumsView {
            available: $row.available.to_string(),
            held: $row.held.to_string(),
            used: $row.used.to_string(),
            expired: $row.expired.to_string(),
            withdrawn: $row.withdrawn.to_string(),
        }
    };
}

pub(super) use sums;

impl BalanceView {
    /// The balance of the present, or `as_of` when it is.
    pub(crate) fn new(balance: &reads::BalanceView, as_of: Option<reads::AsOf>) -> Self {
        let by_unit = balance.by_unit.iter().map(|row| UnitBalanceView {
            unit: row.unit.to_string(),
            sums: sums!(row),
        });
        let rows = balance.rows.iter().map(|row| BalanceRowView {
            unit: row.unit.to_string(),
            category: row.category.to_string(),
            level: row.level.clone(),
            year: row.year,
            institution: InstitutionNameView {
                code: row.institution_code.clone(),
                name: row.institution_name.clone(),
            },
            sums: sums!(row),
        });
        Self {
            learner_no: balance.learner_no.to_string(),
            as_of: as_of.map(AsOfView::from),
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
    /// What happened.
    #[schema(
        example = "issue",
        extensions(("x-words" = json!([
            "issue", "hold", "release", "settle", "expire", "withdraw", "reverse"
        ]))),
    )]
    pub(crate) kind: String,
    /// From which account of the lot.
    #[schema(example = "issuer")]
    pub(crate) from_account: String,
    /// To which account of the lot.
    #[schema(example = "available")]
    pub(crate) to_account: String,
    /// What is counted.
    #[schema(example = "credit", extensions(("x-words" = json!(Unit::ALL.map(Unit::as_str)))))]
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
    /// For which hold that no conversion asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hold_id: Option<Uuid>,
    /// What that hold is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "title_review", extensions(("x-words" = json!(HoldPurpose::WORDS))))]
    pub(crate) purpose: Option<String>,
    /// By which correction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) correction_id: Option<Uuid>,
    /// The code of the correction's reason, or of why a decision cut or refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "CAP_PROGRAMME")]
    pub(crate) reason: Option<String>,
    /// Why, with the arithmetic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) explanation: Option<Words>,
    /// The number of the document it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) document_number: Option<String>,
    /// What there is of the unit after it, of all that the caller may see: as the books say, so
    /// what is over its last day is available until it is moved.
    pub(crate) balance_after: SumsView,
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
        let (page, next_cursor) = cut(rows, limit, |row| row.transfer_id.as_uuid());
        Self {
            movements: page.iter().map(MovementView::from).collect(),
            next_cursor,
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
            hold_id: row.hold_id.map(|id| id.as_uuid()),
            purpose: row.purpose.clone(),
            correction_id: row.correction_id.map(|id| id.as_uuid()),
            reason: row.reason.clone(),
            explanation: explanation.map(|(zh, en)| Words::new(zh.clone(), en.clone())),
            document_number: row.document_number.clone(),
            balance_after: sums!(row.after),
        }
    }
}
