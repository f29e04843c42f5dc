//! Of what of the register is asked for.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::RuleSetId;
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::reads::RuleSetState;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::query::{pairs, single};
use crate::problem::{ApiError, PlacedFault};

/// For the document: which rule sets.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "describes the parameters that RegisterQuery reads"
)]
pub(crate) struct RuleSetParameters {
    /// The code of the receiving institution; all where absent.
    #[param(min_length = 1, max_length = 40, example = "90002")]
    institution: Option<String>,
    /// `draft`, `proposed`, `approved` or `retired`; all where absent.
    #[param(example = "approved", pattern = "^(draft|proposed|approved|retired)$")]
    state: Option<String>,
}

/// For the document: whose chains.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "describes the parameters that RegisterQuery reads"
)]
pub(crate) struct ChainParameters {
    /// The code of the receiving institution; all where absent.
    #[param(min_length = 1, max_length = 40, example = "90002")]
    institution: Option<String>,
}

/// For the document: of which year.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "describes the parameters that RegisterQuery reads"
)]
pub(crate) struct MeetingParameters {
    /// The year; all where absent.
    #[param(minimum = 1950, maximum = 2100)]
    year: Option<i32>,
}

/// For the document: since which version.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "describes the parameters that RegisterQuery reads"
)]
pub(crate) struct SinceParameters {
    /// The id of the rule set that came before.
    since: Uuid,
}

/// What a query says of all of these.
#[derive(Debug, Clone, Default)]
pub(crate) struct RegisterQuery {
    pub(crate) institution: Option<InstitutionCode>,
    pub(crate) state: Option<RuleSetState>,
    pub(crate) year: Option<i32>,
    pub(crate) since: Option<RuleSetId>,
}

impl FromRequest for RegisterQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.query_string()).map_err(ApiError::query))
    }
}

impl RegisterQuery {
    fn parse(query: &str) -> Result<Self, PlacedFault> {
        let pairs = pairs(query);
        let institution = single(&pairs, "institution")?.map(InstitutionCode::new);
        let institution = institution
            .transpose()
            .map_err(|wrong| PlacedFault::of_parameter("institution", wrong.into()))?;
        let state = single(&pairs, "state")?.map(str::parse).transpose();
        let year = single(&pairs, "year")?.map(|text| {
            let year: Option<i32> = text.parse().ok();
            year.filter(|year| (1950..=2100).contains(year)).ok_or(())
        });
        let since = single(&pairs, "since")?.map(Uuid::try_parse).transpose();
        let wrong = |name, zh: &str, en: &str| {
            PlacedFault::of_parameter(name, Fault::new("PARAMETER_MALFORMED", zh, en))
        };
        Ok(Self {
            institution,
            state: state.map_err(|_| {
                let en = "a state is draft, proposed, approved or retired";
                wrong(
                    "state",
                    "state 应为 draft、proposed、approved 或 retired",
                    en,
                )
            })?,
            year: year
                .transpose()
                .map_err(|()| wrong("year", "year 应为年份", "a year is 1950 to 2100"))?,
            since: since
                .map_err(|_| wrong("since", "since 应为规则集编号", "since is a rule set's id"))?
                .map(RuleSetId::from_uuid),
        })
    }
}
