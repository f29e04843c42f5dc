//! How conversion goes, as clients see it.

use chrono::NaiveDate;
use creditbank_ledger::reads::{self, ConversionFigures};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Figures by receiving institution and month.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::figures_view()))]
pub(crate) struct FiguresView {
    /// An entry for each institution and month with requests.
    pub(crate) months: Vec<MonthView>,
}

/// One institution's requests of one month.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct MonthView {
    /// The code of the receiving institution.
    #[schema(example = "90002")]
    pub(crate) institution: String,
    /// The first day of the month in which the requests were sent.
    pub(crate) month: NaiveDate,
    /// Absent where another institution had fewer than five requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) figures: Option<MonthFiguresView>,
}

/// What became of them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct MonthFiguresView {
    /// How many, by state.
    pub(crate) requests: Vec<CountView>,
    /// Credits asked for: what was granted, cut and refused, and what is open.
    #[schema(example = "120.00")]
    pub(crate) requested: String,
    /// Credits given.
    #[schema(example = "80.00")]
    pub(crate) granted: String,
    /// Credits cut from lines that were granted in part.
    #[schema(example = "10.00")]
    pub(crate) cut: String,
    /// Credits of lines that were refused.
    #[schema(example = "20.00")]
    pub(crate) refused: String,
    /// Credits of lines that nobody has decided about.
    #[schema(example = "10.00")]
    pub(crate) open: String,
    /// Lines that were cut or refused, by reason; of another institution those of five and more.
    pub(crate) reasons: Vec<CountView>,
    /// Half of the decisions took at most so many working days, the applicant's not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) median_working_days: Option<u32>,
    /// Nine of ten took at most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) working_days_of_90_percent: Option<u32>,
    /// The share of `OTHER` among the reasons, in percent with two decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2.50")]
    pub(crate) other_percent: Option<String>,
}

/// How many of a kind.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct CountView {
    /// The state or reason.
    #[schema(example = "CAP_PROGRAMME")]
    pub(crate) code: String,
    /// How many.
    pub(crate) count: u64,
}

impl From<&Vec<reads::MonthFigures>> for FiguresView {
    fn from(months: &Vec<reads::MonthFigures>) -> Self {
        let months = months.iter().map(|month| MonthView {
            institution: month.institution.to_string(),
            month: month.month,
            figures: month.figures.as_ref().map(MonthFiguresView::from),
        });
        Self {
            months: months.collect(),
        }
    }
}

impl From<&ConversionFigures> for MonthFiguresView {
    fn from(figures: &ConversionFigures) -> Self {
        let counts = |code: &str, count: u64| CountView {
            code: code.to_owned(),
            count,
        };
        let requests = figures.requests.iter();
        let reasons = figures.reasons.iter();
        let other = figures.other_of_ten_thousand();
        Self {
            requests: requests
                .map(|(state, count)| counts(state, *count))
                .collect(),
            requested: figures.requested.to_string(),
            granted: figures.granted.to_string(),
            cut: figures.cut.to_string(),
            refused: figures.refused.to_string(),
            open: figures.open.to_string(),
            reasons: reasons
                .map(|(code, count)| counts(code.as_str(), *count))
                .collect(),
            median_working_days: figures.within(50),
            working_days_of_90_percent: figures.within(90),
            other_percent: other.map(|of| format!("{}.{:02}", of / 100, of % 100)),
        }
    }
}
