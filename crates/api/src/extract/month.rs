//! A month that is over.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::{Days, Months, NaiveDate};
use creditbank_domain::calendar::parse_day;
use creditbank_domain::fault::Fault;
use serde::Deserialize;
use utoipa::IntoParams;

use super::query::{pairs, required};
use crate::problem::{ApiError, PlacedFault};

/// The query parameter, for the document.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameter that MonthQuery reads")]
pub(crate) struct MonthParameters {
    /// A month that is over in China, `YYYY-MM`.
    #[param(max_length = 7, example = "2026-10")]
    month: String,
}

/// The first day of the month that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MonthQuery(NaiveDate);

impl FromRequest for MonthQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.query_string()).map_err(ApiError::query))
    }
}

impl MonthQuery {
    fn parse(query: &str) -> Result<Self, PlacedFault> {
        let pairs = pairs(query);
        let text = required(&pairs, "month")?;
        let first = parse_day(&format!("{text}-01")).ok();
        let first = first.filter(|_| text.len() == 7);
        first.map(Self).ok_or_else(not_over)
    }

    /// First and last day.
    pub(crate) fn days(self, today: NaiveDate) -> Result<(NaiveDate, NaiveDate), ApiError> {
        let next = self.0.checked_add_months(Months::new(1));
        let last = next.and_then(|next| next.checked_sub_days(Days::new(1)));
        let last = last.filter(|last| *last < today);
        last.map(|last| (self.0, last))
            .ok_or_else(|| ApiError::query(not_over()))
    }
}

fn not_over() -> PlacedFault {
    let fault = Fault::new(
        "MONTH_NOT_OVER",
        "month 应为已结束的月份,例如 2026-10",
        "a month is one that is over, such as 2026-10",
    );
    PlacedFault::of_parameter("month", fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_answered_from_the_day_after_it() {
        let day = |text: &str| parse_day(text).unwrap();
        let october = MonthQuery::parse("month=2026-10").unwrap();
        let whole = (day("2026-10-01"), day("2026-10-31"));
        assert_eq!(october.days(day("2026-11-01")).ok(), Some(whole));
        assert!(october.days(day("2026-10-31")).is_err());
        for wrong in [
            "",
            "month=2026",
            "month=2026-13",
            "month=2026-1",
            "month=2026-10-1",
        ] {
            assert!(MonthQuery::parse(wrong).is_err(), "{wrong}");
        }
    }
}
