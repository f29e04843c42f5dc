//! Which entries of the catalogue are asked for.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::NaiveDate;
use creditbank_domain::calendar::parse_day;
use creditbank_domain::catalogue::Category;
use creditbank_domain::text::{CourseCode, InstitutionCode};
use creditbank_ledger::reads::CatalogueFilter;
use serde::Deserialize;
use utoipa::IntoParams;

use super::query::{pairs, single};
use crate::problem::{ApiError, PlacedFault};

/// For the document: which entries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "describes the parameters that CatalogueQuery reads"
)]
pub(crate) struct CatalogueParameters {
    /// The code of the owner; all where absent.
    #[param(min_length = 1, max_length = 40, example = "90001")]
    owner: Option<String>,
    /// The owner's code of the entry; all where absent.
    #[param(min_length = 1, example = "MATH101")]
    code: Option<String>,
    /// `course`, `degree_foreign_language`, `self_study_exam`, `skill_certificate`, `training`,
    /// `activity` or `other`; all where absent.
    #[param(
        example = "course",
        pattern = "^(course|degree_foreign_language|self_study_exam|skill_certificate|training|activity|other)$"
    )]
    category: Option<String>,
    /// The day on which a version has to be in force; today where absent.
    on: Option<NaiveDate>,
}

/// What a query says of it.
#[derive(Debug, Clone)]
pub(crate) struct CatalogueQuery {
    owner: Option<InstitutionCode>,
    code: Option<CourseCode>,
    category: Option<Category>,
    on: Option<NaiveDate>,
}

impl CatalogueQuery {
    /// With today for whoever names no day.
    pub(crate) fn filter(self, today: NaiveDate) -> CatalogueFilter {
        CatalogueFilter {
            on: self.on.unwrap_or(today),
            owner: self.owner,
            code: self.code,
            category: self.category,
        }
    }

    fn parse(query: &str) -> Result<Self, PlacedFault> {
        let pairs = pairs(query);
        let owner = single(&pairs, "owner")?.map(InstitutionCode::new);
        let code = single(&pairs, "code")?.map(CourseCode::new);
        let category = single(&pairs, "category")?.map(str::parse::<Category>);
        let on = single(&pairs, "on")?.map(parse_day);
        Ok(Self {
            owner: { owner.transpose() }
                .map_err(|wrong| PlacedFault::of_parameter("owner", wrong.into()))?,
            code: { code.transpose() }
                .map_err(|wrong| PlacedFault::of_parameter("code", wrong.into()))?,
            category: { category.transpose() }
                .map_err(|wrong| PlacedFault::of_parameter("category", wrong.into()))?,
            on: { on.transpose() }
                .map_err(|wrong| PlacedFault::of_parameter("on", wrong.into()))?,
        })
    }
}

impl FromRequest for CatalogueQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.query_string()).map_err(ApiError::query))
    }
}
