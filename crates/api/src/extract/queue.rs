//! The filters of a work list.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use creditbank_domain::fault::Fault;
use creditbank_domain::process::Party;
use serde::Deserialize;
use utoipa::IntoParams;

use super::query::{pairs, single};
use crate::problem::{ApiError, PlacedFault};

/// The query parameters of a work list, for the document.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters that QueueQuery reads")]
pub(crate) struct QueueParameters {
    /// `bank` or `receiving`: whose stage the requests are at.
    #[param(example = "receiving", pattern = "^(bank|receiving)$")]
    party: Option<String>,
    /// Whether the applicant has to answer something first.
    awaiting_answer: Option<bool>,
    /// Whether a person has to look at something; the exceptions of the first check.
    marked: Option<bool>,
    /// Whether only those whose last day has passed are meant.
    overdue: Option<bool>,
}

/// Which open requests are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct QueueQuery {
    pub(crate) party: Option<Party>,
    pub(crate) awaiting_answer: Option<bool>,
    pub(crate) marked: Option<bool>,
    pub(crate) overdue: bool,
}

impl FromRequest for QueueQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.query_string()).map_err(ApiError::Query))
    }
}

impl QueueQuery {
    fn parse(query: &str) -> Result<Self, PlacedFault> {
        let pairs = pairs(query);
        let switch = |name: &'static str| match single(&pairs, name)? {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => {
                let fault = Fault::new("NOT_A_SWITCH", "应为 true 或 false", "it is true or false");
                Err(PlacedFault::of_parameter(name, fault))
            }
        };
        let party = single(&pairs, "party")?.map(str::parse).transpose();
        let party = party.map_err(|_| {
            let fault = Fault::new(
                "PARTY_UNKNOWN",
                "party 应为 bank 或 receiving",
                "a party is bank or receiving",
            );
            PlacedFault::of_parameter("party", fault)
        })?;
        Ok(Self {
            party,
            awaiting_answer: switch("awaiting_answer")?,
            marked: switch("marked")?,
            overdue: switch("overdue")?.unwrap_or(false),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_or_refused_with_their_place() {
        let all = QueueQuery::parse("").unwrap();
        assert!(all.party.is_none() && all.marked.is_none() && !all.overdue);
        let some = QueueQuery::parse("party=bank&marked=false&overdue=true").unwrap();
        assert_eq!(some.party, Some(Party::Bank));
        assert_eq!((some.marked, some.overdue), (Some(false), true));
        for (query, place) in [
            ("party=school", "party"),
            ("marked=yes", "marked"),
            ("overdue=", "overdue"),
            ("awaiting_answer=1", "awaiting_answer"),
            ("marked=true&marked=true", "marked"),
        ] {
            let refused = QueueQuery::parse(query).unwrap_err();
            assert_eq!(refused.parameter.as_deref(), Some(place), "{query}");
        }
    }
}
