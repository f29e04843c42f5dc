//! Whom a learner authorises to act for them.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::Scope;
use creditbank_ledger::flows::{HELPER_SCOPES, HelperOrder};
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::appointing::{LoginBody, appointee};
use crate::extract::cut;
use crate::problem::{Place, Placed, PlacedFault};

/// Authorises somebody to act for a learner.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::helper()))]
pub(crate) struct HelperBody {
    /// Somebody who is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) person_id: Option<Uuid>,
    /// Or whoever signs in by this login.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(nested)]
    pub(crate) login: Option<LoginBody>,
    /// For what.
    #[validate(length(min = 1, max = 2))]
    #[schema(
        min_items = 1, max_items = 2,
        extensions(("x-words" = json!(HELPER_SCOPES.map(Scope::as_str)))),
    )]
    pub(crate) scopes: Vec<String>,
    /// Until when: 366 days at most.
    pub(crate) until: DateTime<Utc>,
}

impl HelperBody {
    pub(crate) fn read(&self) -> Result<HelperOrder, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let helper = appointee(&mut placed, self.person_id, self.login.as_ref());
        let scopes: Result<Vec<Scope>, _> = self.scopes.iter().map(|it| it.parse()).collect();
        let scopes = placed.take("scopes", scopes);
        match (helper, scopes) {
            (Some(helper), Some(scopes)) => Ok(HelperOrder {
                helper,
                scopes,
                until: self.until,
            }),
            _ => Err(placed.into_faults()),
        }
    }
}

/// That somebody may act for a learner.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::helper_view()))]
pub(crate) struct HelperView {
    /// Its id.
    pub(crate) consent_id: Uuid,
    /// Who may act. No name is told: a learner who knows a login learns nothing else by it.
    pub(crate) person_id: Uuid,
    /// For what.
    #[schema(extensions(("x-words" = json!(HELPER_SCOPES.map(Scope::as_str)))))]
    pub(crate) scopes: Vec<String>,
    /// From when.
    pub(crate) given_at: DateTime<Utc>,
    /// Until when.
    pub(crate) until: DateTime<Utc>,
    /// From when it counts no more, where it was ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended_at: Option<DateTime<Utc>>,
}

impl From<&reads::HelperView> for HelperView {
    fn from(row: &reads::HelperView) -> Self {
        Self {
            consent_id: row.consent.as_uuid(),
            person_id: row.helper.as_uuid(),
            scopes: row.scopes.iter().map(ToString::to_string).collect(),
            given_at: row.given_at,
            until: row.until,
            ended_at: row.ended_at,
        }
    }
}

/// A page of helpers.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::helpers_view()))]
pub(crate) struct HelpersView {
    /// In the order in which they were authorised, the ended ones too.
    pub(crate) helpers: Vec<HelperView>,
    /// Where the next page begins, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

impl HelpersView {
    /// A page of at most `limit`, from rows of which one more was fetched.
    pub(crate) fn page(rows: &[reads::HelperView], limit: u32) -> Self {
        let (page, next_cursor) = cut(rows, limit, |row| row.consent.as_uuid());
        Self {
            helpers: page.iter().map(HelperView::from).collect(),
            next_cursor,
        }
    }
}
