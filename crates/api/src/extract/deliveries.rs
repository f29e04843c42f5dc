//! Which deliveries of an endpoint are asked for.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use creditbank_domain::webhook::DeliveryState;
use serde::Deserialize;
use utoipa::IntoParams;

use super::page::PageQuery;
use super::query::{pairs, single};
use crate::problem::{ApiError, PlacedFault};

/// The query parameters, for the document.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "describes the parameters that DeliveriesQuery reads"
)]
pub(crate) struct DeliveriesParameters {
    /// Only those that are `pending`, `failed`, `delivered` or `given_up`.
    #[param(example = "pending", pattern = "^(pending|failed|delivered|given_up)$")]
    state: Option<String>,
    /// Where the page before ended: its `next_cursor`. Absent for the first page.
    #[param(
        pattern = "^[A-Za-z0-9_-]{21}[AQgw]$",
        example = "AZeiwGoAfD6dSy8eimtcAw"
    )]
    cursor: Option<String>,
    /// How many to answer at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
}

/// Which page, of which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeliveriesQuery {
    pub(crate) state: Option<DeliveryState>,
    pub(crate) page: PageQuery,
}

impl FromRequest for DeliveriesQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.query_string()).map_err(ApiError::Query))
    }
}

impl DeliveriesQuery {
    fn parse(query: &str) -> Result<Self, PlacedFault> {
        let pairs = pairs(query);
        let state = single(&pairs, "state")?.map(str::parse::<DeliveryState>);
        let state = state
            .transpose()
            .map_err(|unknown| PlacedFault::of_parameter("state", unknown.into()))?;
        let page = PageQuery::parse(query)?;
        Ok(Self { state, page })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_beside_the_page_and_an_unknown_one_refused() {
        let read = DeliveriesQuery::parse("state=given_up&limit=7").unwrap();
        assert_eq!(read.state, Some(DeliveryState::GivenUp));
        assert_eq!(read.page.limit, 7);
        assert_eq!(DeliveriesQuery::parse("").unwrap().state, None);
        for query in [
            "state=",
            "state=lost",
            "state=failed&state=failed",
            "limit=0",
        ] {
            assert!(DeliveriesQuery::parse(query).is_err(), "{query}");
        }
    }
}
