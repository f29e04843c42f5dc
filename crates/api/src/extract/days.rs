//! A period of whole days.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::{Datelike as _, NaiveDate};
use creditbank_domain::calendar::parse_day;
use creditbank_domain::fault::Fault;
use serde::Deserialize;
use utoipa::IntoParams;

use super::query::{pairs, single};
use crate::problem::{ApiError, PlacedFault};

/// Longest period of one answer: a quarter.
const DAYS_MAX: i64 = 92;

/// The query parameters of a period, for the document.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters that DaysQuery reads")]
pub(crate) struct DaysParameters {
    /// The first day; the first of the last day's month where absent. At most 92 days are answered
    /// at once.
    from: Option<NaiveDate>,
    /// The last day; today in China where absent.
    to: Option<NaiveDate>,
}

/// Which days are asked for, as far as the query says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DaysQuery {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

impl FromRequest for DaysQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.query_string()).map_err(ApiError::query))
    }
}

impl DaysQuery {
    fn parse(query: &str) -> Result<Self, PlacedFault> {
        let pairs = pairs(query);
        let day = |name| {
            let text = single(&pairs, name)?;
            let day = text.map(parse_day).transpose();
            day.map_err(|wrong| PlacedFault::of_parameter(name, wrong.into()))
        };
        Ok(Self {
            from: day("from")?,
            to: day("to")?,
        })
    }

    /// First and last day.
    pub(crate) fn days(self, today: NaiveDate) -> Result<(NaiveDate, NaiveDate), ApiError> {
        let to = self.to.unwrap_or(today);
        let from = self.from.or_else(|| to.with_day(1)).unwrap_or(to);
        let days = to.signed_duration_since(from).num_days();
        if (0..DAYS_MAX).contains(&days) {
            return Ok((from, to));
        }
        let fault = Fault::new(
            "PERIOD_INVALID",
            format!("from 不晚于 to,且最多 {DAYS_MAX} 天"),
            format!("from is not after to, and a period has at most {DAYS_MAX} days"),
        );
        Err(ApiError::query(PlacedFault::of_parameter("from", fault)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_left_out_is_this_month_until_today() {
        let days = |query| {
            DaysQuery::parse(query)
                .unwrap()
                .days(day("2026-11-22"))
                .unwrap()
        };
        assert_eq!(days(""), (day("2026-11-01"), day("2026-11-22")));
        assert_eq!(
            days("to=2026-02-09"),
            (day("2026-02-01"), day("2026-02-09"))
        );
        assert_eq!(
            days("from=2026-11-20"),
            (day("2026-11-20"), day("2026-11-22"))
        );
        let quarter = days("from=2026-07-01&to=2026-09-30");
        assert_eq!(quarter, (day("2026-07-01"), day("2026-09-30")));
    }

    #[test]
    fn what_is_no_period_is_refused_with_its_code() {
        let code = |query| DaysQuery::parse(query).unwrap_err().fault.code;
        for query in [
            "from=2026-2-01",
            "to=2026-02-30",
            "to=",
            "from=+2026-02-1",
            "from=today",
        ] {
            assert_eq!(code(query), "DATE_INVALID", "{query}");
        }
        assert_eq!(
            code("from=2026-01-01&from=2026-01-01"),
            "PARAMETER_REPEATED"
        );
        for query in ["from=2026-11-23", "from=2026-07-01&to=2026-10-01"] {
            let refused = DaysQuery::parse(query)
                .unwrap()
                .days(day("2026-11-22"))
                .unwrap_err();
            assert_eq!(refused.problem().status, 422, "{query}");
        }
    }
}
