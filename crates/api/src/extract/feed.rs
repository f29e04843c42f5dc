//! Pages of the change feed: the same limit as of a list, and a cursor that stays good for ever.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use creditbank_domain::fault::Fault;
use serde::Deserialize;
use utoipa::IntoParams;

use super::page::{LIMIT_DEFAULT, read_limit};
use super::query::{pairs, single};
use crate::problem::{ApiError, PlacedFault};

/// The query parameters of the feed, for the document.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters that FeedQuery reads")]
pub(crate) struct FeedParameters {
    /// Where reading goes on: the `resume_cursor` of an earlier answer. Absent for the beginning.
    #[param(
        pattern = "^[A-Za-z0-9_-]{10}[AEIMQUYcgkosw048]$",
        example = "AAAAAAAAAAc"
    )]
    cursor: Option<String>,
    /// How many to answer at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
}

/// Which events are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FeedQuery {
    pub(crate) after: u64,
    pub(crate) limit: u32,
}

impl FromRequest for FeedQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.query_string()).map_err(ApiError::Query))
    }
}

impl FeedQuery {
    fn parse(query: &str) -> Result<Self, PlacedFault> {
        let pairs = pairs(query);
        let after = single(&pairs, "cursor")?
            .map(read_cursor)
            .transpose()?
            .unwrap_or(0);
        let limit = single(&pairs, "limit")?
            .map(read_limit)
            .transpose()?
            .unwrap_or(LIMIT_DEFAULT);
        Ok(Self { after, limit })
    }
}

fn read_cursor(text: &str) -> Result<u64, PlacedFault> {
    URL_SAFE_NO_PAD
        .decode(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .map(u64::from_be_bytes)
        .ok_or_else(|| {
            let fault = Fault::new(
                "CURSOR_UNKNOWN",
                "cursor 应为先前返回的 resume_cursor",
                "a cursor is the resume_cursor of an earlier answer",
            );
            PlacedFault::of_parameter("cursor", fault)
        })
}

/// The cursor of whatever follows this event.
pub(crate) fn feed_cursor_after(seq: u64) -> String {
    URL_SAFE_NO_PAD.encode(seq.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        for seq in [0, 1, 7_000_000_000, u64::MAX] {
            let query = format!("cursor={}&limit=200", feed_cursor_after(seq));
            let expected = FeedQuery {
                after: seq,
                limit: 200,
            };
            assert_eq!(FeedQuery::parse(&query).unwrap(), expected);
        }
        let beginning = FeedQuery {
            after: 0,
            limit: 50,
        };
        assert_eq!(FeedQuery::parse("").unwrap(), beginning);
    }

    #[test]
    fn what_is_no_place_in_the_feed_is_refused_with_its_code() {
        let code = |query: &str| FeedQuery::parse(query).unwrap_err().fault.code;
        // The last one is a cursor of movements.
        for cursor in ["", "7", "AAAA", "%00", "AZeiwGoAfD6dSy8eimtcAw"] {
            assert_eq!(code(&format!("cursor={cursor}")), "CURSOR_UNKNOWN");
        }
        assert_eq!(code("limit=201"), "LIMIT_OUT_OF_RANGE");
        assert_eq!(code("cursor=a&cursor=a"), "PARAMETER_REPEATED");
    }
}
