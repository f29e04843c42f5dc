//! Totals as clients see them.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::Unit;
use creditbank_domain::catalogue::Category;
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Totals of a period, as far as the roll-up has come.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::totals_view()))]
pub(crate) struct TotalsView {
    /// The first day.
    pub(crate) from: NaiveDate,
    /// The last day.
    pub(crate) to: NaiveDate,
    /// The number of the newest event that they count: exactly the events up to it are counted.
    pub(crate) up_to_seq: u64,
    /// The latest moment among these events; absent where nothing is counted yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) up_to: Option<DateTime<Utc>>,
    /// By institution, unit and category.
    pub(crate) totals: Vec<TotalView>,
}

/// What the lots of an institution's outcomes come to, in one unit and category.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct TotalView {
    /// Who posted the outcomes.
    #[schema(example = "10358")]
    pub(crate) institution_code: String,
    /// What is counted.
    #[schema(example = "credit", extensions(("x-words" = json!(Unit::ALL.map(Unit::as_str)))))]
    pub(crate) unit: String,
    /// What was achieved.
    #[schema(example = "course", extensions(("x-words" = json!(Category::WORDS))))]
    pub(crate) category: String,
    /// The sums before the first day.
    pub(crate) opening: TotalFiguresView,
    /// What each day changed; days on which nothing happened are left out.
    pub(crate) days: Vec<TotalDayView>,
    /// The sums at the end of the last day: opening and days together.
    pub(crate) closing: TotalFiguresView,
}

/// What a day changed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct TotalDayView {
    /// The day in China on which it was recorded.
    pub(crate) day: NaiveDate,
    /// By how much each sum grew, or shrank where negative.
    #[serde(flatten)]
    pub(crate) figures: TotalFiguresView,
}

/// Decimal texts; the last five together are what was issued.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct TotalFiguresView {
    /// Lots issued.
    pub(crate) lots_issued: u64,
    /// Recognised.
    #[schema(example = "350.00")]
    pub(crate) issued: String,
    /// Can be used.
    #[schema(example = "340.00")]
    pub(crate) available: String,
    /// Reserved.
    #[schema(example = "-6.00")]
    pub(crate) held: String,
    /// Used.
    #[schema(example = "16.00")]
    pub(crate) used: String,
    /// Lapsed.
    #[schema(example = "0.00")]
    pub(crate) expired: String,
    /// Taken back by corrections.
    #[schema(example = "0.00")]
    pub(crate) withdrawn: String,
}

impl TotalsView {
    pub(crate) fn of(totals: &reads::TotalsView, from: NaiveDate, to: NaiveDate) -> Self {
        Self {
            from,
            to,
            up_to_seq: totals.up_to_seq,
            up_to: totals.up_to,
            totals: totals.totals.iter().map(TotalView::from).collect(),
        }
    }
}

impl From<&reads::TotalView> for TotalView {
    fn from(total: &reads::TotalView) -> Self {
        let days = total.days.iter().map(|(day, figures)| TotalDayView {
            day: *day,
            figures: figures.into(),
        });
        Self {
            institution_code: total.institution_code.clone(),
            unit: total.unit.to_string(),
            category: total.category.to_string(),
            opening: (&total.opening).into(),
            days: days.collect(),
            closing: (&total.closing).into(),
        }
    }
}

impl From<&reads::TotalFigures> for TotalFiguresView {
    fn from(figures: &reads::TotalFigures) -> Self {
        Self {
            lots_issued: figures.lots_issued,
            issued: figures.issued.to_string(),
            available: figures.available.to_string(),
            held: figures.held.to_string(),
            used: figures.used.to_string(),
            expired: figures.expired.to_string(),
            withdrawn: figures.withdrawn.to_string(),
        }
    }
}
