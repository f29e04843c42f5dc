//! A period of days: `from` and `to`.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::NaiveDate;
use creditbank_domain::calendar::parse_day;
use serde::Deserialize;
use utoipa::IntoParams;

use super::query::{pairs, required};
use crate::problem::{ApiError, PlacedFault};

/// The query parameters of a statement, for the document.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters that PeriodQuery reads")]
pub(crate) struct PeriodParameters {
    /// The first day, in China, of the years 1950 to 2100.
    #[param(example = "2026-01-01", format = Date)]
    from: String,
    /// The last day, not before the first.
    #[param(example = "2026-12-31", format = Date)]
    to: String,
}

/// Which days are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PeriodQuery {
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
}

impl FromRequest for PeriodQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.query_string()).map_err(ApiError::query))
    }
}

impl PeriodQuery {
    fn parse(query: &str) -> Result<Self, PlacedFault> {
        let pairs = pairs(query);
        let day = |name| {
            parse_day(required(&pairs, name)?)
                .map_err(|wrong| PlacedFault::of_parameter(name, wrong.into()))
        };
        Ok(Self {
            from: day("from")?,
            to: day("to")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_days_are_named_and_are_days() {
        let read = PeriodQuery::parse("to=2026-12-31&from=2026-01-01").unwrap();
        assert_eq!((read.from.to_string(), read.to.to_string()), {
            ("2026-01-01".to_owned(), "2026-12-31".to_owned())
        });
        let check = |query: &str, place: &str, code: &str| {
            let refused = PeriodQuery::parse(query).unwrap_err();
            let found = (refused.parameter.as_deref(), refused.fault.code.as_ref());
            assert_eq!(found, (Some(place), code), "{query}");
        };
        check("", "from", "PARAMETER_MISSING");
        check("from=2026-01-01", "to", "PARAMETER_MISSING");
        check("from=2026-13-01&to=2026-12-31", "from", "DATE_INVALID");
        check("from=2026-01-01&to=2101-01-01", "to", "DATE_OUT_OF_RANGE");
    }
}
