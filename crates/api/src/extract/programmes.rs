//! `institution` and `programme`: which programmes are asked about.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use creditbank_domain::fault::Fault;
use creditbank_domain::text::{InstitutionCode, bounded};
use creditbank_ledger::flows::WhatIfOrder;
use serde::Deserialize;
use utoipa::IntoParams;

use super::query::{pairs, single};
use crate::problem::{ApiError, PlacedFault};

const PROGRAMME_CHARACTERS_MAX: usize = 80;

/// The query parameters of outlooks, for the document.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "describes the parameters that ProgrammesQuery reads"
)]
pub(crate) struct ProgrammesParameters {
    /// The code of the institution whose programmes are meant. Absent for all.
    #[param(example = "90002")]
    institution: Option<String>,
    /// The code of the programme. Absent for all.
    #[param(example = "EE-2024")]
    programme: Option<String>,
}

/// Which programmes are asked about.
#[derive(Debug, Clone)]
pub(crate) struct ProgrammesQuery(pub(crate) WhatIfOrder);

impl FromRequest for ProgrammesQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.query_string()).map_err(ApiError::Query))
    }
}

impl ProgrammesQuery {
    fn parse(query: &str) -> Result<Self, PlacedFault> {
        let pairs = pairs(query);
        let refused = |parameter: &'static str| {
            move |wrong: String| {
                let zh = format!("查询参数 {parameter} 的写法有误");
                PlacedFault::of_parameter(parameter, Fault::new("CODE_MALFORMED", zh, wrong))
            }
        };
        let institution = single(&pairs, "institution")?
            .map(InstitutionCode::new)
            .transpose()
            .map_err(|wrong| refused("institution")(wrong.to_string()))?;
        let programme = single(&pairs, "programme")?
            .map(|code| bounded("programme", code, PROGRAMME_CHARACTERS_MAX))
            .transpose()
            .map_err(|wrong| refused("programme")(wrong.to_string()))?;
        Ok(Self(WhatIfOrder {
            institution,
            programme,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_may_be_left_out_and_neither_may_stand_twice() {
        let all = ProgrammesQuery::parse("").unwrap().0;
        assert!(all.institution.is_none() && all.programme.is_none());
        let one = ProgrammesQuery::parse("institution=90002&programme=P1")
            .unwrap()
            .0;
        assert_eq!(one.institution.unwrap().as_str(), "90002");
        assert_eq!(one.programme.as_deref(), Some("P1"));
        for twice in ["programme=P1&programme=P1", "institution=1&institution=2"] {
            ProgrammesQuery::parse(twice).unwrap_err();
        }
    }

    #[test]
    fn a_code_that_cannot_be_one_is_refused_with_its_place() {
        for (query, place) in [
            ("institution=", "institution"),
            ("programme=%07", "programme"),
        ] {
            let refused = ProgrammesQuery::parse(query).unwrap_err();
            assert_eq!(refused.parameter.as_deref(), Some(place), "{query}");
            assert_eq!(refused.fault.code, "CODE_MALFORMED");
        }
    }
}
