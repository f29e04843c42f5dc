//! The catalogue as members and learners see it.

use chrono::NaiveDate;
use creditbank_domain::amount::Unit;
use creditbank_domain::catalogue::{AmountRule, Category};
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::extract::cut;

/// What a version gives of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct GivenView {
    /// What is counted.
    #[schema(example = "credit", extensions(("x-words" = json!(Unit::ALL.map(Unit::as_str)))))]
    pub(crate) unit: String,
    /// The amount, with two decimals.
    #[schema(example = "4.00")]
    pub(crate) amount: String,
    /// Whether this is the most that the institution may state, and not what it always is.
    pub(crate) stated: bool,
}

/// A version of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct VersionView {
    /// Its id.
    pub(crate) version_id: Uuid,
    /// What people call it.
    #[schema(example = "高等数学(上)")]
    pub(crate) title: String,
    /// What the outcomes are.
    #[schema(example = "course", extensions(("x-words" = json!(Category::WORDS))))]
    pub(crate) category: String,
    /// What it is more exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subcategory: Option<String>,
    /// The framework of its level.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "CN10")]
    pub(crate) level_framework: Option<String>,
    /// Its level in that framework.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) level: Option<i16>,
    /// What a learner has to reach.
    #[schema(example = "60")]
    pub(crate) minimum_grade: String,
    /// First day.
    pub(crate) valid_from: NaiveDate,
    /// Last day, open where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) valid_to: Option<NaiveDate>,
    /// For how many months what it gives can be used; for ever where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub(crate) usable_months: Option<i32>,
    /// Whether a learner can be credited for it more than once.
    pub(crate) repeatable: bool,
    /// The codes of the institutions that may post it.
    pub(crate) posted_by: Vec<String>,
    /// What it gives, at most one amount a unit; nothing for what never earns anything.
    pub(crate) gives: Vec<GivenView>,
}

impl From<&reads::VersionView> for VersionView {
    fn from(view: &reads::VersionView) -> Self {
        let gives = view.gives.iter().map(|given| GivenView {
            unit: given.0.unit().as_str().to_owned(),
            amount: given.0.most().to_string(),
            stated: matches!(given.0, AmountRule::StatedUpTo(_)),
        });
        Self {
            version_id: view.version_id.as_uuid(),
            title: view.title.clone(),
            category: view.category.as_str().to_owned(),
            subcategory: view.subcategory.clone(),
            level_framework: view.level.as_ref().map(|(framework, _)| framework.clone()),
            level: view.level.as_ref().map(|(_, level)| *level),
            minimum_grade: view.minimum_grade.clone(),
            valid_from: view.valid_from,
            valid_to: view.valid_to,
            usable_months: view.usable_months,
            repeatable: view.repeatable,
            posted_by: view.posted_by.clone(),
            gives: gives.collect(),
        }
    }
}

/// An entry of the catalogue in the version in force on the day that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct EntryView {
    /// Its id: `GET /v1/catalogue-entries/{entry_id}`.
    pub(crate) entry_id: Uuid,
    /// The owner's code.
    #[schema(example = "90001")]
    pub(crate) owner: String,
    /// The owner's code of it.
    #[schema(example = "MATH101")]
    pub(crate) code: String,
    /// What it says.
    pub(crate) version: VersionView,
}

impl From<&reads::EntryView> for EntryView {
    fn from(view: &reads::EntryView) -> Self {
        Self {
            entry_id: view.entry_id.as_uuid(),
            owner: view.owner.clone(),
            code: view.code.clone(),
            version: VersionView::from(&view.version),
        }
    }
}

/// A page of the catalogue.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::catalogue_view()))]
pub(crate) struct CatalogueView {
    /// In the order in which they were registered.
    pub(crate) entries: Vec<EntryView>,
    /// For the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

impl CatalogueView {
    pub(crate) fn page(rows: &[reads::EntryView], limit: u32) -> Self {
        let (page, next_cursor) = cut(rows, limit, |row| row.entry_id.as_uuid());
        Self {
            entries: page.iter().map(EntryView::from).collect(),
            next_cursor,
        }
    }
}

/// An entry in all its versions.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::entry_view()))]
pub(crate) struct EntryDetailView {
    /// Its id.
    pub(crate) entry_id: Uuid,
    /// The owner's code.
    pub(crate) owner: String,
    /// The owner's code of it.
    pub(crate) code: String,
    /// The newest first.
    pub(crate) versions: Vec<VersionView>,
}

impl EntryDetailView {
    /// Nothing of no version.
    pub(crate) fn of(versions: &[reads::EntryView]) -> Option<Self> {
        let newest = versions.first()?;
        Some(Self {
            entry_id: newest.entry_id.as_uuid(),
            owner: newest.owner.clone(),
            code: newest.code.clone(),
            versions: versions
                .iter()
                .map(|it| VersionView::from(&it.version))
                .collect(),
        })
    }
}
