//! Which balance of the past is asked for: `as_of` and `by`.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, Utc};
use creditbank_domain::calendar::{self, DayError, bank_day, last_moment, parse_day};
use creditbank_domain::fault::Fault;
use creditbank_ledger::reads::AsOf;
use serde::Deserialize;
use utoipa::IntoParams;

use super::query::{pairs, single};
use crate::problem::{ApiError, PlacedFault};

/// The query parameters of a balance, for the document.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters that AsOfQuery reads")]
pub(crate) struct AsOfParameters {
    /// A day of the years 1950 to 2100, or, by the moment recorded, an RFC 3339 instant. A day
    /// means its end in China. Absent for the present.
    #[param(example = "2026-01-31")]
    as_of: Option<String>,
    /// `recorded`: what the books said then; `learned`: what counted then, whenever it was
    /// recorded.
    #[param(
        example = "recorded",
        default = "recorded",
        pattern = "^(recorded|learned)$"
    )]
    by: Option<String>,
}

/// Nothing where the present is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AsOfQuery(pub(crate) Option<AsOf>);

impl FromRequest for AsOfQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.query_string()).map_err(ApiError::query))
    }
}

impl AsOfQuery {
    fn parse(query: &str) -> Result<Self, PlacedFault> {
        let pairs = pairs(query);
        let by_learned = match single(&pairs, "by")? {
            None | Some("recorded") => false,
            Some("learned") => true,
            Some(_) => return Err(PlacedFault::of_parameter("by", by_unknown())),
        };
        let Some(text) = single(&pairs, "as_of")? else {
            return match single(&pairs, "by")? {
                None => Ok(Self(None)),
                Some(_) => Err(PlacedFault::of_parameter("by", by_without_day())),
            };
        };
        let read = if by_learned {
            parse_day(text).map(AsOf::Learned).map_err(Fault::from)
        } else {
            read_moment(text).map(AsOf::Recorded)
        };
        read.map(|as_of| Self(Some(as_of)))
            .map_err(|fault| PlacedFault::of_parameter("as_of", fault))
    }
}

/// A day, which means its last moment, or an instant.
fn read_moment(text: &str) -> Result<DateTime<Utc>, Fault> {
    let day = match parse_day(text) {
        Ok(day) => return Ok(last_moment(day)),
        Err(wrong) => wrong,
    };
    // In a query a plus that nobody escaped is a blank.
    let instant = DateTime::parse_from_rfc3339(&text.replace(' ', "+"));
    match (instant, day) {
        (Ok(instant), _) => {
            let moment = instant.with_timezone(&Utc);
            calendar::in_range(bank_day(moment))?;
            Ok(moment)
        }
        (Err(_), DayError::OutOfRange) => Err(day.into()),
        (Err(_), DayError::NotADay) => Err(Fault::new(
            "AS_OF_MALFORMED",
            "as_of 应为 YYYY-MM-DD 或 RFC 3339 时刻,例如 2026-01-31T18:00:00Z",
            "as_of is written YYYY-MM-DD or as an RFC 3339 instant, for example \
             2026-01-31T18:00:00Z",
        )),
    }
}

fn by_unknown() -> Fault {
    Fault::new(
        "AS_OF_BY_UNKNOWN",
        "by 应为 recorded 或 learned",
        "by is recorded or learned",
    )
}

fn by_without_day() -> Fault {
    Fault::new(
        "AS_OF_MISSING",
        "by 须与 as_of 一起使用",
        "by has a meaning only beside as_of",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Option<AsOf> {
        AsOfQuery::parse(query).unwrap().0
    }

    #[test]
    fn a_day_or_an_instant_is_read_by_what_it_is_meant_for() {
        assert_eq!(read(""), None);
        let day = parse_day("2026-01-31").unwrap();
        assert_eq!(
            read("as_of=2026-01-31&by=learned"),
            Some(AsOf::Learned(day))
        );
        let end = Some(AsOf::Recorded(last_moment(day)));
        assert_eq!(read("as_of=2026-01-31"), end);
        assert_eq!(read("by=recorded&as_of=2026-01-31"), end);
        let noon: DateTime<Utc> = "2026-01-31T04:00:00Z".parse().unwrap();
        for text in [
            "2026-01-31T04:00:00Z",
            "2026-01-31T12:00:00%2B08:00",
            "2026-01-31T12:00:00+08:00",
        ] {
            assert_eq!(read(&format!("as_of={text}")), Some(AsOf::Recorded(noon)));
        }
    }

    #[test]
    fn what_is_neither_is_refused_with_its_place_and_code() {
        let check = |query: &str, place: &str, code: &str| {
            let refused = AsOfQuery::parse(query).unwrap_err();
            let found = (refused.parameter.as_deref(), refused.fault.code.as_ref());
            assert_eq!(found, (Some(place), code), "{query}");
        };
        for text in ["", "yesterday", "2026-02-30", "2026-01-31T04:00:00", "0"] {
            check(&format!("as_of={text}"), "as_of", "AS_OF_MALFORMED");
            check(&format!("as_of={text}&by=learned"), "as_of", "DATE_INVALID");
        }
        let instant = "as_of=2026-01-31T04:00:00Z&by=learned";
        check(instant, "as_of", "DATE_INVALID");
        for day in ["1949-12-31", "2101-01-01"] {
            check(&format!("as_of={day}"), "as_of", "DATE_OUT_OF_RANGE");
            check(
                &format!("as_of={day}&by=learned"),
                "as_of",
                "DATE_OUT_OF_RANGE",
            );
        }
        // 2101 has begun in China by then.
        let late = "as_of=2100-12-31T16:00:00Z";
        check(late, "as_of", "DATE_OUT_OF_RANGE");
        check("as_of=2026-01-31&by=guess", "by", "AS_OF_BY_UNKNOWN");
        check("by=learned", "by", "AS_OF_MISSING");
        check(
            "as_of=2026-01-31&as_of=2026-01-31",
            "as_of",
            "PARAMETER_REPEATED",
        );
    }
}
